# SPDX-License-Identifier: EUPL-1.2
"""Names and tax codes typed into the portal stand in plain text in no table, cache, file, log or mail.

The same of the files that carry names is in `tests/mediation/test_files.py`, where they are.
"""

import logging
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from actions.enums import ActivityKind
from beneficiaries.models import Identity
from beneficiaries.services import registration
from fami_portal.core.services import record_event
from tests.actions.scene import Scene
from tests.beneficiaries import dump
from tests.beneficiaries.class_of import enrolled, pupil
from tests.beneficiaries.people import AT, known
from tests.beneficiaries.test_register_pages import new_pupil

GIVEN, FAMILY = "Zahratulqamar", "Ólafsdóttirsson"
CODE, WRONG_CODE = "RSSMRA80A01H501U", "VRDLGU79C12F205A"
SECRETS = (GIVEN, FAMILY, CODE, WRONG_CODE)


@pytest.fixture
def _log_of_statements(db: Any) -> Iterator[None]:
    """Let every statement go to the log with its parameters, as on a database that logs all of them."""
    connection.force_debug_cursor = True
    yield
    connection.force_debug_cursor = False


@pytest.mark.usefixtures("_log_of_statements")
def test_typed_names_are_nowhere_in_plain_text(
    scene: Scene, client: Client, caplog: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    time_machine: Any,
) -> None:  # fmt: skip
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    support = scene.activity(ActivityKind.SUPPORT, venue=None)
    address = reverse("beneficiaries:enrol-new", args=[support.uuid])
    typed = {"given_name": GIVEN, "family_name": FAMILY, "tax_code": CODE}
    client.force_login(scene.operator)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django.db.backends")

    pages = [
        client.post(address, new_pupil(scene, **typed | {"tax_code": WRONG_CODE})),
        client.post(address, new_pupil(scene, **typed | {"notice_version": ""})),
        client.post(address, new_pupil(scene, **typed)),
        # The same person once more, by another code of the body, then with the names turned round.
        client.post(address, new_pupil(scene, **typed | {"local_code": "Z-2", "submission_key": ""})),
        client.post(
            address,
            new_pupil(
                scene, local_code="Z-3", submission_key="", given_name=FAMILY, family_name=GIVEN,
                tax_code_missing="not_shown",
            ),
        ),
    ]  # fmt: skip
    assert [page.status_code for page in pages] == [200, 200, 302, 302, 302]
    assert Identity.objects.count() == 3
    one = Identity.objects.select_related("beneficiary").order_by("pk")[0].beneficiary
    opened = client.post(reverse("beneficiaries:identity", args=[one.uuid]), {"purpose": "check"})
    assert FAMILY in opened.content.decode()
    client.get(one.get_absolute_url())
    client.get(reverse("beneficiaries:register", args=[support.uuid]))
    for fmt in ("csv", "xlsx"):
        exported = client.get(reverse("beneficiaries:beneficiary-export", args=[fmt]))
        content = b"".join(exported.streaming_content)  # type: ignore[attr-defined]
        assert dump.in_text(content.decode(errors="replace"), SECRETS) == []
    time_machine.move_to(AT)
    _share_print_and_break_glass(scene, client)
    client.force_login(scene.operator)
    call_command("rotate_vault")
    _fail(client, address, new_pupil(scene, **typed | {"local_code": "Z-4", "submission_key": ""}), monkeypatch)
    _after_the_session(client, address, new_pupil(scene, **typed), settings)

    assert 'INSERT INTO "beneficiaries_identity"' in caplog.text
    assert dump.in_text(caplog.text, SECRETS) == []
    assert dump.in_database(SECRETS) == {}
    assert dump.in_cache(SECRETS) == {}
    assert dump.in_files(tmp_path, SECRETS) == {}
    assert dump.in_files(Path(default_storage.location), SECRETS) == {}
    assert dump.in_text("\n".join(f"{sent.subject}\n{sent.body}" for sent in mail.outbox), SECRETS) == []
    assert dump.in_text("\n".join(page.headers.get("Location", "") for page in pages), SECRETS) == []


def _share_print_and_break_glass(scene: Scene, client: Client) -> None:
    """Let another body read the name on a register and on paper, and the Region open it exceptionally."""
    lab = scene.activity()
    scene.meeting(lab)
    one = known(scene, GIVEN, FAMILY, body=scene.school)
    enrolled(scene, lab, one)
    client.force_login(scene.contact)
    terms = {"notice_version": "1", "notice_given_on": "2019-01-10", "purpose": "safety", "starts_on": "2019-01-20"}
    assert client.post(reverse("beneficiaries:sharing-new", args=[lab.uuid]), terms).status_code == 302
    client.force_login(scene.operator)
    assert GIVEN in client.get(reverse("beneficiaries:register", args=[lab.uuid])).content.decode()
    paper = client.post(reverse("beneficiaries:register-print", args=[lab.uuid]), {"content": "blank", "meeting": ""})
    assert FAMILY in "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
    assert dump.in_text(str(paper.headers), SECRETS) == []
    client.force_login(scene.region)
    asked = {"reason": "safety", "details": "Il tribunale chiede di lei", "submission_key": str(uuid4())}
    opened = client.post(reverse("beneficiaries:break-glass-open", args=[one.uuid]), asked)
    assert FAMILY in opened.content.decode()


def _fail(client: Client, address: str, data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the registration after the names were sealed: an error page, an error in the log, nothing of the names."""

    def broken(**values: Any) -> None:
        raise RuntimeError("broken")

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(registration, "count_once", broken)
        answer = client.post(address, data)
    assert answer.status_code == 500
    assert dump.in_text(answer.content.decode(), SECRETS) == []


def _after_the_session(client: Client, address: str, data: dict[str, Any], settings: Any) -> None:
    """Send the form after the session ended: it is kept for the person, and not in plain text."""
    settings.SESSION_IDLE_SECONDS = -10
    assert "unsent" in client.post(address, data)["Location"]


@pytest.mark.parametrize("spelt", [GIVEN, GIVEN.upper(), f"{{'name': '{GIVEN}'}}"])
def test_a_name_in_plain_text_would_be_found(scene: Scene, spelt: str) -> None:
    one = pupil(scene)
    assert dump.in_database([GIVEN]) == {}

    record_event(by=scene.operator, verb="tested", target=one, data={"said": spelt})

    assert dump.in_database([GIVEN]) == {GIVEN: ["core_auditevent"]}


@pytest.mark.parametrize("secret", [GIVEN, FAMILY])
def test_a_name_only_encoded_would_be_found(scene: Scene, secret: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scan_me (kept bytea, said text)")
        cursor.execute("INSERT INTO scan_me VALUES (%s, '')", [b"x" + secret.encode()])
        assert dump.in_database([secret]) == {secret: ["scan_me"]}
        cursor.execute("UPDATE scan_me SET kept = '', said = encode(%s, 'base64')", [b"no" + secret.encode() + b"more"])
    assert dump.in_database([secret]) == {secret: ["scan_me"]}


def test_a_name_in_a_file_or_its_name_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"… {GIVEN} …")
    (tmp_path / f"{CODE}.pdf").write_bytes(b"")

    assert dump.in_files(tmp_path, SECRETS) == {GIVEN: ["a.txt"], CODE: [f"{CODE}.pdf"]}
