# SPDX-License-Identifier: EUPL-1.2
"""Signed pages of the register: sealed, on the meetings that stand on them, opened by who keeps the register."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from beneficiaries.models import ReadEntry, SignedPage
from beneficiaries.selectors.signed_pages import KIND, activities_with_pages
from beneficiaries.services.registers import Cell, record_attendance
from beneficiaries.services.signed_pages import attach_page, destroy_pages
from fami_portal.core.documents import check_document
from fami_portal.core.errors import DomainError, NotPermitted
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of

AT = datetime(2019, 6, 1, 9, tzinfo=UTC)
PDF = b"%PDF-1.7\nAmina Benmoussa firma qui\n%%EOF\n"


def test_a_page_is_sealed_opened_by_a_reason_and_destroyed(
    client: Client, scene: Scene, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    lab = scene.activity()
    [one] = class_of(scene, lab, 1)
    meetings = [scene.meeting(lab, date(2019, 2, day)) for day in (5, 12)]
    scheduled = scene.meeting(lab, date(2019, 2, 19))
    record_attendance(activity=lab, cells=[Cell(row.pk, one.pk, "present") for row in meetings], by=scene.operator)
    scene.close(0)  # a page proves what was reported: it may come later
    address = reverse("beneficiaries:signed-pages", args=[meetings[0].uuid])
    client.force_login(scene.operator)

    def upload(content: bytes, name: str = "Amina Benmoussa.pdf", *chosen: Any) -> Any:
        rows = chosen or meetings
        return client.post(address, {"file": SimpleUploadedFile(name, content), "meetings": [row.pk for row in rows]})

    assert upload(b"not a pdf").context["form"].errors["file"]
    assert upload(PDF, "x.pdf", scheduled).context["form"].errors["meetings"]
    assert not SignedPage.objects.exists()
    for _click in range(2):
        assert upload(PDF).status_code == 302
    first, second = SignedPage.objects.select_related("document").order_by("pk")
    document = first.document
    assert (second.document, document.name, document.is_sealed) == (document, "pagina-firmata.pdf", True)
    with document.file.open("rb") as sealed:
        assert b"Amina" not in sealed.read()
    assert "pagina-firmata.pdf" in client.get(address).content.decode()

    file = reverse("core:document", args=[document.uuid])
    for person, status in (("contact", 200), ("coordinator", 403), ("outsider", 404)):
        client.force_login(getattr(scene, person))
        assert client.get(file).status_code == status, person
        assert client.post(address, {}).status_code == status, person
    client.force_login(scene.operator)
    answer = client.post(file, {"purpose": "other", "details": "controllo delle firme"})
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    entry = ReadEntry.objects.get(document=document.uuid)
    assert (entry.chain.organisation, entry.programme) == (scene.cooperative, scene.programme)

    client.post(address, {"destroy": first.pk})
    document.refresh_from_db()
    assert document.destroyed_at is not None
    assert client.get(address).status_code == 200
    with pytest.raises(NotPermitted):
        attach_page(
            activity=lab,
            meetings=meetings,
            file=check_document(kind=KIND, name="a.pdf", content=PDF),
            by=scene.coordinator,
            at=AT,
        )
    with pytest.raises(DomainError):
        attach_page(
            activity=lab, meetings=[], file=check_document(kind=KIND, name="a.pdf", content=PDF), by=None, at=AT
        )
    # The retention finds what is still there, and destroys it.
    assert not activities_with_pages(scene.programme.pk).exists()
    upload(PDF + b"%%")
    assert list(activities_with_pages(scene.programme.pk)) == [lab]
    assert destroy_pages(ids=[lab.pk], by=None, at=AT) == 1
    assert not activities_with_pages(scene.programme.pk).exists()
