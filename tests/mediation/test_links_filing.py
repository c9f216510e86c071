# SPDX-License-Identifier: EUPL-1.2
"""Filing and completing by the link of a mailbox, and the pages of who looks after links."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.models import AuditEvent, Document, Message
from fami_portal.core.services import acting
from mediation.enums import RequestState
from mediation.models import AccessLink, AccessLinkUse, MediationRequest
from mediation.selectors.requests import ATTACHMENT
from mediation.services import links, requests
from partners.enums import NetworkRole
from partners.models import Organisation
from partners.services.networks import add_member
from tests.factories.partners import OrganisationFactory
from tests.mediation.filing import filing_data
from tests.mediation.link_world import MAILBOX, fresh_limits, link_of, prepare, school, submitted
from tests.personas import World

__all__ = ["fresh_limits", "prepare", "school"]

pytestmark = pytest.mark.django_db


# --- filing ---------------------------------------------------------------------------------------------------------


def _file(client: Client, token: str, **changes: Any) -> Any:
    return client.post(reverse("mediation:link-file", args=[token]), filing_data(**changes))


def test_what_comes_from_the_mailbox_is_filed_by_the_body(client: Client, school: Organisation, world: World) -> None:
    link, token = link_of(school, world, maximum_uses=2)
    key = str(uuid4())

    response = _file(client, token, submission_key=key)
    assert response.status_code == 302
    request = MediationRequest.objects.get()
    assert (request.organisation, request.state, request.channel) == (school, "submitted", "link")
    assert request.created_by is None
    assert request.case_code
    assert AuditEvent.objects.get(verb="submit").on_behalf_of == MAILBOX
    page = client.get(response["Location"])
    assert page.status_code == 200
    assert request.number in page.content.decode()
    # The mailbox gets the link to follow it, the head the one to authorise it.
    purposes = AccessLink.objects.exclude(pk=link.pk).order_by("pk").values_list("purpose", "address", "request")
    assert list(purposes) == [("authorise", MAILBOX, request.pk), ("follow", MAILBOX, request.pk)]

    # The other half of a double click is the same request, and costs nothing.
    assert _file(client, token, submission_key=key)["Location"] == response["Location"]
    assert MediationRequest.objects.count() == 1
    link.refresh_from_db()
    assert link.uses == 1


def test_the_page_asks_for_every_field(client: Client, school: Organisation, world: World) -> None:
    _unused, token = link_of(school, world)

    response = client.get(reverse("mediation:link-file", args=[token]))
    html = response.content.decode()
    names = list(response.context["form"].fields)
    assert {"language_0", "slot_2_ends_at", "case_code", "notice_version"} <= set(names)
    assert not [name for name in names if f'name="{name}"' not in html]


def test_a_link_files_as_often_as_it_may(client: Client, school: Organisation, world: World) -> None:
    _unused, token = link_of(school, world, maximum_uses=1)

    assert _file(client, token).status_code == 302
    assert _file(client, token).status_code == 410
    assert client.get(reverse("mediation:link-file", args=[token])).status_code == 410
    assert MediationRequest.objects.count() == 1


ERRORS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"contact_name": ""}, "contact_name"),
    ({"slot_0_ends_at": "09:00"}, "slot_0_ends_at"),
    ({"reason": "Il ragazzo RSSMRA85T10A562S arriva domani"}, "reason"),
    ({"slot_0_day": "01/01/2019"}, "slot_0_day"),
    ({"family_informed_on": ""}, "family_informed_on"),
    ({"session_minutes": "240", "sessions_asked": "3"}, "session_minutes"),
    ({"operator_present": ""}, "operator_present"),
    ({"field_contact_phone": "da chiedere"}, "field_contact_phone"),
)


def test_an_error_keeps_everything_typed(client: Client, school: Organisation, world: World) -> None:
    link, token = link_of(school, world)
    for changes, field in ERRORS:
        response = _file(client, token, **changes)
        assert response.status_code == 422, changes
        form = response.context["form"]
        assert field in form.errors, changes
        html = response.content.decode()
        assert "Anna Prova" in html, changes
        assert "Sede centrale" in html, changes
        assert not MediationRequest.objects.exists()
        link.refresh_from_db()
        assert link.uses == 0
        assert not AccessLinkUse.objects.exists()


def _pdf(name: str = "invito.pdf", content: bytes = b"%PDF-1.4\n%%EOF") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_files_come_with_the_request_and_when_it_is_completed(
    client: Client, school: Organisation, world: World
) -> None:
    _unused, token = link_of(school, world)

    assert 'enctype="multipart/form-data"' in client.get(reverse("mediation:link-file", args=[token])).content.decode()
    _file(client, token, attachments=[_pdf(), _pdf("orario.pdf")])
    request = MediationRequest.objects.get()
    kept = Document.objects.filter(kind=ATTACHMENT, subject_id=request.pk).order_by("pk")
    assert [(row.name, row.created_by) for row in kept] == [("allegato.pdf", None), ("allegato-2.pdf", None)]
    assert set(AuditEvent.objects.filter(verb="attached").values_list("on_behalf_of", flat=True)) == {MAILBOX}

    requests.authorise(request=request, by=None, at=clock.now(), method="link", name="Anna Prova")
    requests.ask_to_complete(
        request=request, comment="Manca un foglio.", by=world.personas["network_coordinator"], at=clock.now()
    )
    request.refresh_from_db()
    complete = Message.objects.filter(url__contains="/follow/").latest("pk").url.replace("/follow/", "/complete/")
    typed = filing_data(version=str(request.version), case_code=request.case_code)
    # Six in all are one too many: nothing is changed, and no file is left without its row.
    files = set(_stored())
    refused = client.post(complete, typed | {"attachments": [_pdf(f"foglio{number}.pdf") for number in range(4)]})
    assert refused.status_code == 422
    assert "attachments" in refused.context["form"].errors
    assert (kept.all().count(), set(_stored())) == (2, files)
    typed["version"] = str(MediationRequest.objects.get().version)
    assert client.post(complete, typed | {"attachments": [_pdf("foglio.pdf")]}).status_code == 302
    assert kept.all().count() == 3


def _stored() -> list[str]:
    return [str(path) for path in Path(default_storage.location).rglob("*") if path.is_file()]


def test_files_are_refused_by_name_and_asked_for_again(client: Client, school: Organisation, world: World) -> None:
    _unused, token = link_of(school, world)

    wrong = _file(client, token, attachments=[_pdf(), _pdf("elenco.xls", b"x")]).context["form"].errors["attachments"]
    assert [text.split(":")[0] for text in wrong] == ["elenco.xls"]
    assert (
        "attachments"
        in _file(client, token, attachments=[_pdf(f"foglio{n}.pdf") for n in range(6)]).context["form"].errors
    )
    again = _file(client, token, contact_name="", attachments=[_pdf()]).context["form"].errors
    assert set(again) == {"contact_name", "attachments"}
    assert set(_file(client, token, contact_name="").context["form"].errors) == {"contact_name"}
    assert not Document.objects.exists()


def test_what_looks_like_a_name_is_pointed_out_before_it_is_filed(
    client: Client, school: Organisation, world: World
) -> None:
    _unused, token = link_of(school, world)
    typed = {"reason": "Colloquio con la mamma di Amina.", "case_code": "Fatima Benali"}

    form = _file(client, token, **typed).context["form"]
    assert "Amina" in form.errors["nobody_named"][0]
    assert "Fatima Benali" in form.errors["nobody_named"][0]
    assert not MediationRequest.objects.exists()
    assert _file(client, token, **typed, nobody_named="on").status_code == 302


def test_a_body_completes_and_cancels_what_it_follows(client: Client, school: Organisation, world: World) -> None:
    _unused, token = link_of(school, world)
    _file(client, token)
    request = MediationRequest.objects.with_parts().get()
    requests.authorise(request=request, by=None, at=clock.now(), method="link", name="Anna Prova")
    requests.ask_to_complete(
        request=request, comment="Manca la sede.", by=world.personas["network_coordinator"], at=clock.now()
    )
    follow = Message.objects.filter(url__contains="/follow/").latest("pk").url
    assert "Manca la sede." in client.get(follow).content.decode()

    complete = follow.replace("/follow/", "/complete/")
    page = client.get(complete)
    assert page.context["form"]["place"].value() == "Sede centrale"
    stale = client.post(complete, filing_data(place="Succursale", version="1", case_code=request.case_code))
    assert stale.status_code == 422
    version = re.search(r'name="version" value="(\d+)"', stale.content.decode()).group(1)  # type: ignore[union-attr]
    response = client.post(complete, filing_data(place="Succursale", version=version, case_code=request.case_code))
    assert response["Location"] == follow
    request.refresh_from_db()
    assert (request.state, request.place) == ("submitted", "Succursale")
    assert client.get(complete).status_code == 302

    cancel = follow.replace("/follow/", "/cancel/")
    assert client.post(cancel, {"reason": ""}).status_code == 422
    assert client.post(cancel, {"reason": "La famiglia si è trasferita."})["Location"] == follow
    request.refresh_from_db()
    assert request.state == RequestState.CANCELLED
    acts = AccessLinkUse.objects.order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["filed", "completed", "cancelled"]
    assert client.get(follow).status_code == 200


# --- who looks after them -------------------------------------------------------------------------------------------


def test_the_list_of_bodies_costs_the_same_for_many(client: Client, school: Organisation, world: World) -> None:
    client.force_login(world.personas["network_coordinator"])
    address = reverse("mediation:access-list")

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    before = queries()
    with acting(None):
        for number in range(30):
            body = OrganisationFactory(kind="school", email=f"scuola{number}@mailbox.example")
            add_member(
                network=world.networks["n1"],
                organisation=body,
                role=NetworkRole.MEMBER,
                entered_on=timezone.localdate(),
                by=None,
            )
            link_of(school, world)
    assert queries() == before
    assert before <= 15


def test_the_page_of_a_body_costs_the_same_for_many_links(client: Client, school: Organisation, world: World) -> None:
    client.force_login(world.personas["network_coordinator"])
    address = reverse("mediation:access", args=[school.uuid])

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    def add(number: int) -> None:
        for _number in range(number):
            request = submitted(school, world)
            link, _token = link_of(school, world)
            links.use(link=link, act="filed", request=request)

    add(2)
    before = queries()
    add(6)
    assert queries() == before
    assert before <= 20
