# SPDX-License-Identifier: EUPL-1.2
"""Links without an account: for one purpose, for a while, for some uses; no link acts on GET."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent, Message, RowHistory
from fami_portal.core.services import acting
from mediation.enums import LinkPurpose, RequestState
from mediation.models import AccessLink, AccessLinkUse, MediationRequest
from mediation.services import link_acts, links, requests
from mediation.services.link_requests import PER_MAILBOX, PER_ORIGIN, ask_for_link
from partners.models import Membership, Organisation
from tests.mediation.link_world import DAY, MAILBOX, PEC, fresh_limits, head_token, link_of, prepare, school, submitted
from tests.personas import World

__all__ = ["fresh_limits", "prepare", "school"]

pytestmark = pytest.mark.django_db


# --- the link itself ------------------------------------------------------------------------------------------------


def test_only_the_hash_of_a_token_is_kept(school: Organisation, world: World) -> None:
    link, token = link_of(school, world)

    assert len(token) == 43
    assert link.token_sha256 == links.token_hash(token)
    kept = [
        *(str(row.changes) for row in RowHistory.objects.order_by("pk")),
        *(json.dumps(event.data) + event.reason + event.on_behalf_of for event in AuditEvent.objects.order_by("pk")),
        *(str(row) for row in AccessLink.objects.values().order_by("pk")),
    ]
    assert not any(token in text for text in kept)
    history = " ".join(str(row.changes) for row in RowHistory.objects.filter(table_name="mediation_accesslink"))
    assert MAILBOX not in history
    assert link.token_sha256 not in history


def test_a_link_resolves_for_its_own_purpose_alone(school: Organisation, world: World) -> None:
    link, token = link_of(school, world)
    now = timezone.now()

    assert links.resolve(token=token, purpose=LinkPurpose.FILE, at=now) == link
    for purpose, wrong in ((LinkPurpose.FOLLOW, token), (LinkPurpose.FILE, token[:-1] + "~"), (LinkPurpose.FILE, "")):
        with pytest.raises(links.UnknownLinkError):
            links.resolve(token=wrong, purpose=purpose, at=now)


def test_an_expired_a_revoked_and_a_used_link_say_which(school: Organisation, world: World) -> None:
    link, token = link_of(school, world)
    find = {"token": token, "purpose": LinkPurpose.FILE}
    with pytest.raises(links.ExpiredLinkError):
        links.resolve(**find, at=link.expires_at)
    links.use(link=link, act="filed")
    with pytest.raises(links.UsedLinkError):
        links.resolve(**find, at=timezone.now())
    with pytest.raises(links.UsedLinkError):
        links.use(link=link, act="filed")
    links.revoke(link=link, by=None)
    with pytest.raises(links.RevokedLinkError):
        links.resolve(**find, at=timezone.now())
    with pytest.raises(DomainError):
        links.revoke(link=link, by=None)
    assert AccessLinkUse.objects.filter(link=link).count() == 1


def test_links_live_in_real_time(school: Organisation, world: World, settings: Any) -> None:
    settings.CLOCK_SHIFT = timedelta(days=2800)
    _unused, token = link_of(school, world)

    assert links.resolve(token=token, purpose=LinkPurpose.FILE, at=timezone.now())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address": "qualcuno@altrove.example"}, "address"),
        ({"valid_for": timedelta(0)}, "days"),
        ({"valid_for": timedelta(days=400)}, "days"),
        ({"maximum_uses": 0}, "maximum_uses"),
        ({"maximum_uses": 201}, "maximum_uses"),
    ],
)
def test_a_link_goes_to_the_bodys_mailbox_for_a_while(
    school: Organisation, world: World, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        link_of(school, world, **fields)
    assert refusal.value.field == field
    assert not AccessLink.objects.exists()
    assert not Message.objects.filter(kind="access_link").exists()


def test_the_mail_names_no_person_and_its_text_is_wiped(school: Organisation, world: World) -> None:
    from fami_portal.core.outbox import send_pending_mail

    _unused, token = link_of(school, world, address=PEC)
    message = Message.objects.get(kind="access_link")
    assert message.address == PEC
    assert token in message.url
    send_pending_mail()
    message.refresh_from_db()
    assert message.mail_state == "sent"
    assert message.body == ""
    assert message.url == ""


def test_a_coordinator_sends_what_the_programme_offers(school: Organisation, world: World) -> None:
    values: dict[str, Any] = {
        "organisation": school,
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "kind": "school",
        "address": MAILBOX,
        "days": 30,
        "maximum_uses": 10,
    }
    link = links.send_filing_link(by=world.personas["network_coordinator"], **values)
    assert link.created_by == world.personas["network_coordinator"]
    for role in ("school_contact", "mediator", "service_operator", "technical_assistance"):
        with pytest.raises(NotPermitted):
            links.send_filing_link(by=world.personas[role], **values)
    for wrong in ({"kind": "service"}, {"network": world.networks["n2"]}, {"programme": world.programmes["b"]}):
        with pytest.raises(DomainError):
            links.send_filing_link(by=world.personas["network_coordinator"], **(values | wrong))


def test_who_may_revoke(school: Organisation, world: World) -> None:
    link, _token = link_of(school, world)
    for role in ("service_operator", "mediator", "teacher", "technical_assistance"):
        with pytest.raises(NotPermitted):
            links.revoke(link=link, by=world.personas[role])
    links.revoke(link=link, by=world.personas["school_contact"])
    assert link.revoked_by == world.personas["school_contact"]


# --- asking ---------------------------------------------------------------------------------------------------------


def test_asking_sends_a_link_to_known_mailboxes_alone(school: Organisation, world: World) -> None:
    assert ask_for_link(address=MAILBOX.upper(), origin="1") == 1
    assert ask_for_link(address=PEC, origin="1") == 1
    assert ask_for_link(address="qualcuno@altrove.example", origin="1") == 0
    cooperative = world.bodies["coop_1"]
    with acting(None):
        cooperative.email = "coop@uno.example"
        cooperative.save()
    assert ask_for_link(address="coop@uno.example", origin="1") == 0
    assert {row.address for row in AccessLink.objects.all()} == {MAILBOX, PEC}


def test_asking_too_often_floods_nobody(school: Organisation) -> None:
    sent = [ask_for_link(address=MAILBOX, origin=str(number)) for number in range(5)]
    assert sum(sent) == PER_MAILBOX
    for _number in range(PER_ORIGIN):
        ask_for_link(address="altri@altrove.example", origin="here")
    with pytest.raises(DomainError):
        ask_for_link(address="altri@altrove.example", origin="here")


def test_the_page_answers_alike_whatever_the_address(client: Client, school: Organisation) -> None:
    answers = []
    for address in (MAILBOX, "qualcuno@altrove.example"):
        response = client.post(reverse("mediation:link-ask"), {"address": address}, follow=True)
        assert response.status_code == 200
        answers.append(re.sub(r"[a-zA-Z0-9]{12,}", "", response.content.decode()))
    assert answers[0] == answers[1]
    assert client.post(reverse("mediation:link-ask"), {"address": "no"}).status_code == 422


# --- the head -------------------------------------------------------------------------------------------------------


def test_a_submission_sends_the_head_without_account_a_link(school: Organisation, world: World) -> None:
    request = submitted(school, world)

    link = AccessLink.objects.get(purpose=LinkPurpose.AUTHORISE)
    assert (link.request, link.address, link.maximum_uses) == (request, MAILBOX, 1)


def test_a_head_with_an_account_gets_no_link(school: Organisation, world: World) -> None:
    with acting(None):
        Membership.objects.filter(user=world.personas["school_head"]).update(withdrawn_at=None, valid_until=None)
    submitted(school, world)

    assert not AccessLink.objects.exists()


def test_the_programme_may_exclude_links_for_the_head(school: Organisation, world: World) -> None:
    with acting(None):
        world.programmes["a"].request_kinds.update(settings={"head_by_link": False})
    submitted(school, world)

    assert not AccessLink.objects.exists()


def test_a_new_link_of_the_head_replaces_the_old(school: Organisation, world: World) -> None:
    request = submitted(school, world)
    first = AccessLink.objects.get()
    links.invite_head(request=request, by=None)
    first.refresh_from_db()
    assert first.revoked_at is not None
    assert AccessLink.objects.filter(revoked_at=None).count() == 1


def test_opening_links_like_a_mail_scanner_changes_nothing(
    client: Client, school: Organisation, world: World, caplog: Any
) -> None:
    request = submitted(school, world)
    token = head_token(request)
    follow = links.send_follow_link(request=request, address=MAILBOX, by=None)
    follow_token = Message.objects.filter(url__contains="/follow/").get().url.split("/")[3]
    _file, file_token = link_of(school, world)
    before = _everything()
    pages = [("link-authorise", token), ("link-decline", token), ("link-follow", follow_token)]
    pages += [("link-cancel", follow_token), ("link-file", file_token)]
    with caplog.at_level(logging.DEBUG):
        for name, secret in pages:
            for method in ("get", "get", "head"):
                with connection.cursor() as cursor:
                    cursor.execute("SAVEPOINT looking; SET TRANSACTION READ ONLY")
                    response = getattr(client, method)(reverse(f"mediation:{name}", args=[secret]))
                    cursor.execute("ROLLBACK TO SAVEPOINT looking")
                assert response.status_code == 200, name
                assert response["X-Robots-Tag"].startswith("noindex")
                assert "no-store" in response["Cache-Control"]
                # The path never travels; with `no-referrer` browsers would send `Origin: null` and no form would pass.
                assert response["Referrer-Policy"] == "strict-origin"
    assert _everything() == before
    assert follow is not None
    assert follow.uses == 0


def _everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (AccessLink, AccessLinkUse, MediationRequest, AuditEvent, Message, RowHistory)
    ]


def test_the_head_authorises_by_link_once(client: Client, school: Organisation, world: World) -> None:
    request = submitted(school, world)
    address = reverse("mediation:link-authorise", args=[head_token(request)])

    assert client.post(address, {"name": "", "declaration": "on"}).status_code == 422
    assert client.post(address, {"name": "Anna Prova"}).status_code == 422
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED
    assert AccessLink.objects.get().uses == 0

    response = client.post(address, {"name": "Anna Prova", "declaration": "on"})
    assert response.status_code == 302
    request.refresh_from_db()
    assert (request.state, request.authorisation, request.authorised_name) == ("authorised", "link", "Anna Prova")
    assert request.authorised_by is None
    # A double click, and the link opened again: nothing more happens, and the page says how it stands.
    assert client.post(address, {"name": "Anna Prova", "declaration": "on"}).status_code == 302
    again = client.get(address)
    assert again.status_code == 200
    assert request.number in again.content.decode()
    assert list(AccessLinkUse.objects.values_list("act", "request")) == [("authorised", request.pk)]
    event = AuditEvent.objects.get(verb="authorise")
    assert "Anna Prova" in event.on_behalf_of
    assert event.actor_id is None


def test_the_head_declines_by_link(client: Client, school: Organisation, world: World) -> None:
    request = submitted(school, world)
    address = reverse("mediation:link-decline", args=[head_token(request)])

    assert client.post(address, {"name": "Anna Prova", "comment": ""}).status_code == 422
    assert client.post(address, {"name": "Anna Prova", "comment": "Non serve più."}).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.REJECTED
    assert AccessLinkUse.objects.get().act == "declined"


def test_a_refused_act_costs_no_use(school: Organisation, world: World) -> None:
    request = submitted(school, world)
    token = head_token(request)
    requests.cancel(request=request, reason="Non serve più", by=None, at=clock.now())

    with pytest.raises(DomainError):
        link_acts.authorise(token=token, name="Anna Prova", at=clock.now())
    assert AccessLink.objects.get().uses == 0
    assert not AccessLinkUse.objects.exists()


@pytest.mark.parametrize(("end", "status"), [("expired", 410), ("revoked", 410), ("unknown", 404)])
def test_a_closed_link_says_why_and_what_to_do(
    client: Client, school: Organisation, world: World, end: str, status: int, caplog: Any
) -> None:
    request = submitted(school, world)
    token, link = head_token(request), AccessLink.objects.get()
    with acting(None):
        if end == "expired":
            AccessLink.objects.update(created_at=link.created_at - 9 * DAY, expires_at=timezone.now() - DAY)
        elif end == "revoked":
            links.revoke(link=link, by=None)
    token = "x" * 43 if end == "unknown" else token
    address = reverse("mediation:link-authorise", args=[token])
    with caplog.at_level(logging.DEBUG):
        for response in (client.get(address), client.post(address, {"name": "Anna", "declaration": "on"})):
            assert response.status_code == status
            assert reverse("mediation:link-ask") in response.content.decode()
            # The link “report a problem” carries the page, not its secret.
            assert f"page=/mediation/link/{token}" not in response.content.decode()
            assert f"page=%2Fmediation%2Flink%2F{token}" not in response.content.decode()
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_log_lines_carry_no_token() -> None:
    from fami_portal.core.logs import RequestIdFilter

    token = links.secrets.token_urlsafe(32)
    for words, values in (("Not Found: %s", (f"/mediation/link/{token}/follow/",)), (f"GET /invitations/{token}", ())):
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, words, values, None)
        RequestIdFilter().filter(record)
        assert token not in record.getMessage()
        assert "***" in record.getMessage()


def test_the_link_of_one_body_does_nothing_for_another(school: Organisation, world: World) -> None:
    """A link knows its body: nothing in the form says whose request it is."""
    service = world.bodies["service_1"]
    with acting(None):
        service.email = "sociale@uno.example"
        service.save()
    with pytest.raises(DomainError):
        link_of(school, world, address="sociale@uno.example")
    request = submitted(school, world)
    assert Message.objects.filter(kind="access_link").exclude(address=MAILBOX).count() == 0
    assert AccessLink.objects.get(request=request).organisation == school
