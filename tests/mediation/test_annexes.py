# SPDX-License-Identifier: EUPL-1.2
"""The sheets as files, and the signed sheet that finds its session again."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from fami_portal.core.documents import DocumentRefused
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.services import acting
from mediation.enums import RequestState
from mediation.models import MediationRequest, PaperSheet, Signature
from mediation.rendering import annexes
from mediation.selectors.sheets import clean_code, codes_in
from mediation.services import paper, reports
from tests.mediation.paper_photos import photo_of_sheet
from tests.mediation.session_world import AFTER, REPORT, SessionWorld
from tests.opened import open_file

pytestmark = pytest.mark.django_db
prepare = SessionWorld


@pytest.fixture(autouse=True)
def _after_the_session(time_machine: Any) -> None:
    time_machine.move_to(AFTER)


def _client(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _at(name: str, thing: Any) -> str:
    return reverse(f"mediation:{name}", args=[thing.uuid])


def _read(content: bytes) -> tuple[pypdf.PdfReader, str]:
    pdf = pypdf.PdfReader(BytesIO(content))
    text = " ".join("\n".join(page.extract_text() for page in pdf.pages).split())
    return pdf, text


def test_report_sheet_is_tagged_and_says_what_was_filed(scene: SessionWorld) -> None:
    with acting(None):
        programme = scene.world.programmes["a"]
        type(programme).objects.filter(pk=programme.pk).update(project_code="PROG-2479", cup="H69F18000310007")
    request = scene.countersigned()
    page = _client(scene.contact).get(_at("annex-report", request))
    assert page["Content-Type"] == "application/pdf"
    assert request.number in page["Content-Disposition"]
    pdf, text = _read(page.content)
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "it"
    assert request.number in pdf.metadata.title
    for words in (
        request.number,
        "Istituto comprensivo Uno",
        REPORT["summary"],
        "Anna Prova, Docente",
        "13/03/2019 10:00–11:00",
        "PROG-2479",
        "CUP H69F18000310007",
        "Progetto cofinanziato dall’Unione europea",
        "Persona School",
        scene.mediator.name,
        "13/03/2019 12:00",
    ):
        assert words in text, words
    for signature in Signature.objects.filter(report__request=request.pk):
        assert signature.content_sha256 in text.replace(" ", "")


def test_request_sheet_shows_the_case_to_whom_may_read_it(scene: SessionWorld) -> None:
    request = scene.confirmed().request
    _pdf, own = _read(_client(scene.contact).get(_at("annex-request", request)).content)
    assert "AL-7F3K" in own
    assert "Colloquio di metà anno" in own
    _pdf, auditor = _read(_client(scene.world.personas["auditor"]).get(_at("annex-request", request)).content)
    assert request.number in auditor
    assert "AL-7F3K" not in auditor
    assert "Colloquio di metà anno" not in auditor
    assert _client(scene.world.stranger).get(_at("annex-request", request)).status_code == 404


def test_service_report_sheet_keeps_the_cultural_elements_for_the_service(scene: SessionWorld) -> None:
    words = "Parla per proverbi."
    values = {"interventions": ["service_talk"], "need_codes": ["lingua"], "cultural_elements": words}
    request = scene.filed(kind="service", interventions=["service_talk"], values=REPORT | values)
    for person, reads in ((scene.world.personas["service_operator"], True), (scene.coordinator, False)):
        _pdf, text = _read(_client(person).get(_at("annex-report", request)).content)
        assert "A.4" in text
        assert "Comprensione linguistica" in text
        assert (words in text) is reads


def test_report_that_is_not_filed_has_no_sheet(scene: SessionWorld) -> None:
    request = scene.held()
    page = _client(scene.user).get(_at("annex-report", request))
    assert page.status_code == 302
    assert _client(scene.world.personas["auditor"]).get(_at("annex-report", request)).status_code == 403


def test_same_report_same_bytes(scene: SessionWorld) -> None:
    request = scene.filed()
    report = scene.report(request)
    assert annexes.report_sheet(scene.user, request, report) == annexes.report_sheet(scene.user, request, report)


# --- on paper --------------------------------------------------------------------------------------------------------


def test_printed_sheet_bears_its_code(scene: SessionWorld) -> None:
    session = scene.confirmed()
    client = _client(scene.user)
    page = client.post(_at("session-sheet", session))
    sheet = PaperSheet.objects.get(session=session)
    pdf, text = _read(page.content)
    assert annexes.printed_code(sheet.code) in text
    assert session.request.number in text
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    client.post(_at("session-sheet", session))
    assert PaperSheet.objects.filter(session=session).count() == 1
    assert _client(scene.contact).post(_at("session-sheet", session)).status_code == 403


def test_photograph_finds_its_session_and_signs_for_both(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    request = scene.record(session)
    page = _client(scene.user).post(
        reverse("mediation:sheet-attach"),
        {
            "file": SimpleUploadedFile("foglio.jpg", photo_of_sheet(sheet.code), content_type="image/jpeg"),
            "signer_name": "Anna Prova",
        },
    )
    assert (page.status_code, page.get("Location")) == (302, session.get_absolute_url())
    sheet.refresh_from_db()
    assert sheet.attached_at is not None
    assert sheet.signer_name == "Anna Prova"
    reports.file_report(request=request, values=REPORT, version=1, by=scene.user, at=AFTER)
    assert request.state == RequestState.COUNTERSIGNED
    mediator, requester = Signature.objects.filter(report__request=request.pk).order_by("pk")
    assert (mediator.method, mediator.role, mediator.document) == ("paper", "mediator", sheet.photograph)
    assert (requester.method, requester.signer_name, requester.document) == ("paper", "Anna Prova", sheet.photograph)
    document = reverse("core:document", args=[sheet.photograph.uuid])
    for person, status in ((scene.contact, 200), (scene.coordinator, 200), (scene.world.stranger, 404)):
        assert _client(person).get(document).status_code == status
        if status == 200:
            assert open_file(_client(person), sheet.photograph).startswith(b"\xff\xd8")


def test_photograph_after_the_filing_is_the_second_signature(scene: SessionWorld) -> None:
    request = scene.filed()
    session = request.sessions.get()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    paper.attach_sheet(
        name="foglio.png",
        content=photo_of_sheet(sheet.code, kind="png"),
        signer_name="Anna Prova",
        by=scene.user,
        at=AFTER,
    )
    request.refresh_from_db()
    assert request.state == RequestState.COUNTERSIGNED
    methods = dict(Signature.objects.filter(report__request=request.pk).values_list("role", "method"))
    assert methods == {"mediator": "account", "requester": "paper"}


def test_coordinator_who_hands_in_the_sheet_does_not_validate(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sheet = paper.print_sheet(session=session, by=scene.coordinator, at=AFTER)
    request = scene.record(session)
    paper.attach_sheet(name="f.png", content=photo_of_sheet(sheet.code, kind="png"), by=scene.coordinator, at=AFTER)
    reports.file_report(
        request=request,
        values=REPORT,
        version=1,
        by=scene.coordinator,
        on_behalf_of=scene.mediator.name,
        at=AFTER,
    )
    assert request.state == RequestState.COUNTERSIGNED
    with pytest.raises(NotPermitted):
        reports.validate(request=request, by=scene.coordinator, at=AFTER)
    reports.validate(request=request, by=scene.region, at=AFTER)


def test_typed_code_where_the_picture_is_bad(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    blank = BytesIO()
    Image.new("L", (400, 400), 200).save(blank, "png")
    with pytest.raises(paper.UnknownSheetError) as refusal:
        paper.attach_sheet(name="f.png", content=blank.getvalue(), by=scene.user, at=AFTER)
    assert refusal.value.field == "code"
    for wrong in ("AAAA-AAAA", "xyz", "O0O0-1I1I"):
        with pytest.raises(paper.UnknownSheetError):
            paper.attach_sheet(name="f.png", content=blank.getvalue(), code=wrong, by=scene.user, at=AFTER)
    typed = annexes.printed_code(sheet.code).lower()
    found = paper.attach_sheet(name="f.png", content=blank.getvalue(), code=typed, by=scene.user, at=AFTER)
    assert found.pk == session.pk
    with pytest.raises(TransitionNotAllowed):
        paper.attach_sheet(name="f.png", content=blank.getvalue(), code=typed, by=scene.user, at=AFTER)


def test_sheet_of_somebody_else(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    for person in (scene.contact, scene.world.stranger):
        with pytest.raises(paper.UnknownSheetError):
            paper.attach_sheet(name="f.jpg", content=photo_of_sheet(sheet.code), by=person, at=AFTER)
    assert _client(scene.contact).get(reverse("mediation:sheet-attach")).status_code == 403
    assert PaperSheet.objects.get(pk=sheet.pk).photograph is None


def test_file_that_is_no_picture(scene: SessionWorld) -> None:
    with pytest.raises(DocumentRefused):
        paper.attach_sheet(name="f.jpg", content=b"MZ not a picture", by=scene.user, at=AFTER)
    # Begins like a picture and is none: there is no code in it.
    with pytest.raises(DomainError):
        paper.attach_sheet(name="f.jpg", content=b"\xff\xd8\xff\xe0 torn", by=scene.user, at=AFTER)


def test_codes() -> None:
    assert clean_code(" fami:7k3m-9pqr ".strip()) == "7K3M9PQR"
    assert clean_code("7K3M9PQ") == ""
    assert clean_code("7K3M9PQO") == ""
    assert codes_in(photo_of_sheet("7K3M9PQR", angle=-9)) == ["7K3M9PQR"]
    assert codes_in(photo_of_sheet("7K3M9PQR", prefix="https://example.org/")) == []
    assert codes_in(b"nothing") == []


def test_sheet_handed_in_before_a_correction_does_not_sign_it(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sheet = paper.print_sheet(session=session, by=scene.user, at=AFTER)
    request = scene.record(session)
    paper.attach_sheet(name="f.png", content=photo_of_sheet(sheet.code, kind="png"), by=scene.user, at=AFTER)
    reports.file_report(request=request, values=REPORT, version=1, by=scene.user, at=AFTER)
    reports.reopen(request=request, reason="Orario sbagliato", by=scene.coordinator, at=AFTER)
    scene.record(session, actual_until=session.planned_until - timedelta(minutes=10))
    report = scene.report(request)
    reports.file_report(request=request, values={}, version=report.version, by=scene.user, at=AFTER)
    assert MediationRequest.objects.get(pk=request.pk).state == RequestState.REPORTED
