# SPDX-License-Identifier: EUPL-1.2
"""A signed sheet that comes as a scan in a PDF: its QR code is found on its pages, or the refusal says what to do."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.models import Document
from mediation.enums import RequestState
from mediation.models import MediationSession, PaperSheet
from mediation.rendering import annexes
from mediation.selectors import sheets
from mediation.selectors.sheets import MOST_PAGES, SIGNED_SHEET, TooManyPagesError, codes_in
from mediation.services import paper
from tests.mediation.paper_photos import photo_of_sheet
from tests.mediation.session_world import AFTER, SessionWorld
from tests.opened import open_file

pytestmark = pytest.mark.django_db
prepare = SessionWorld

CODE = "7K3M9PQR"


def scan(*codes: str, size: float = 100.0) -> bytes:
    """Return a PDF with one scanned page for each code; an empty code is an empty page."""
    pages = [
        Image.open(BytesIO(photo_of_sheet(code))).convert("RGB") if code else Image.new("RGB", (600, 800), "white")
        for code in codes
    ]
    out = BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=size)
    return out.getvalue()


def test_codes_on_the_pages() -> None:
    one = scan(CODE)
    for pdf, codes in (
        (one, [CODE]),
        (scan("", CODE, ""), [CODE]),
        (scan(CODE, CODE), [CODE]),
        (scan(CODE, "ACDE2345"), [CODE, "ACDE2345"]),
        (scan("", ""), []),
        # A page of many metres, and one of a few points: drawn as large as a photograph.
        (scan(CODE, size=2), [CODE]),
        (scan(CODE, size=3000), [CODE]),
        (b"%PDF-1.7 torn", []),
        (one[:3000], []),
    ):
        assert codes_in(pdf) == codes
        assert codes_in(BytesIO(pdf)) == codes


def test_many_pages_are_no_sheet() -> None:
    assert codes_in(scan(*([""] * (MOST_PAGES - 1)), CODE)) == [CODE]
    with pytest.raises(TooManyPagesError):
        codes_in(scan(CODE, *([""] * MOST_PAGES)))


def test_a_picture_that_would_fill_the_memory_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_PIXELS", 1000)
    assert codes_in(scan(CODE)) == []


def _printed(scene: SessionWorld) -> tuple[MediationSession, PaperSheet]:
    session = scene.confirmed()
    return session, paper.print_sheet(session=session, by=scene.user, at=AFTER)


def test_the_sheet_as_it_is_printed_can_be_read(scene: SessionWorld) -> None:
    session, sheet = _printed(scene)
    assert codes_in(annexes.paper_sheet(session, sheet)) == [sheet.code]


def test_a_scan_attaches_itself_to_its_session(scene: SessionWorld) -> None:
    request = scene.filed()
    session = request.sessions.get()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    content = scan("", sheet.code)
    client = Client()
    client.force_login(scene.who(scene.user))

    answer = client.post(
        reverse("mediation:sheet-attach"),
        {"file": SimpleUploadedFile("scansione.pdf", content), "signer_name": "Anna Prova"},
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == session.get_absolute_url()
    sheet.refresh_from_db()
    request.refresh_from_db()
    assert request.state == RequestState.COUNTERSIGNED
    assert sheet.photograph is not None
    assert (sheet.photograph.kind, sheet.photograph.subject_id) == (SIGNED_SHEET, session.pk)
    # Kept as it came, where the session shows it.
    assert open_file(client, sheet.photograph) == content
    with pytest.raises(TransitionNotAllowed):
        paper.attach_sheet(name="f.pdf", content=content, by=scene.user, at=AFTER + timedelta(hours=1))


NOWHERE: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("",), "code", "scrivi il codice"),
    (("{own}", *[""] * MOST_PAGES), "file", "5 pagine"),
    (("{own}", "ACDE2345"), "code", "uno per volta"),
    (("ACDE2345",), "code", "Nessun tuo foglio"),
)


def test_what_cannot_be_placed_is_refused_in_words_and_not_kept(scene: SessionWorld) -> None:
    _session, sheet = _printed(scene)
    client = Client()
    client.force_login(scene.who(scene.user))
    for pages, field, words in NOWHERE:
        file = SimpleUploadedFile("f.pdf", scan(*(page.format(own=sheet.code) for page in pages)))
        answer = client.post(reverse("mediation:sheet-attach"), {"file": file, "signer_name": "Anna Prova"})
        assert answer.status_code == 422, pages
        assert list(answer.context["form"].errors) == [field], pages
        assert words in str(answer.context["form"].errors[field])
        assert not Document.objects.filter(kind=SIGNED_SHEET).exists()
        sheet.refresh_from_db()
        assert sheet.photograph is None


def test_the_scan_of_somebody_elses_sheet_finds_nothing(scene: SessionWorld) -> None:
    _session, sheet = _printed(scene)
    other = scene.board.mediator()
    with pytest.raises(paper.UnknownSheetError):
        paper.attach_sheet(name="f.pdf", content=scan(sheet.code), by=scene.who(other.user), at=AFTER)
    assert not Document.objects.filter(kind=SIGNED_SHEET).exists()
