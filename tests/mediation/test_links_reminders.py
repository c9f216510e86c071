# SPDX-License-Identifier: EUPL-1.2
"""Who has no account is reminded at the mailbox of the body: one mail a day, with links that act, nothing twice."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import ReminderAudience, ReminderEvent, RequestState
from mediation.models import AccessLink, MediationRequest, ReminderRule, ReminderSent
from mediation.notifications.reminders import BODY_KIND
from mediation.services import links, reminders, requests
from partners.models import Membership, Organisation
from tests.mediation.link_world import MAILBOX, fresh_limits, head_token, prepare, school, submitted
from tests.personas import World

pytestmark = pytest.mark.django_db
__all__ = ["fresh_limits", "prepare", "school"]  # fixtures

DAY = timedelta(days=1)


def _rule(world: World, event: str, days: int = 2) -> ReminderRule:
    with acting(None):
        return ReminderRule.objects.create(
            programme=world.programmes["a"], event=event, days=days, audience=ReminderAudience.ACTOR
        )


def _mails() -> list[Message]:
    return list(Message.objects.filter(kind=BODY_KIND).order_by("pk"))


def _addresses(message: Message) -> list[str]:
    return re.findall(rf"{re.escape(settings.SITE_URL.rstrip('/'))}(/\S+)", message.body)


def _now() -> datetime:
    return clock.now()


def _aged(request: MediationRequest, state: str, days: int = 3) -> MediationRequest:
    """Bring a request to a state that began some days ago."""
    with acting(None):
        MediationRequest.objects.filter(pk=request.pk).update(state=state, state_since=_now() - days * DAY)
    request.refresh_from_db()
    return request


def _without_accounts(body: Organisation) -> None:
    with acting(None):
        Membership.objects.filter(organisation=body.pk).update(
            withdrawn_at=timezone.now() - 2 * DAY, valid_until="2019-01-01"
        )


def test_the_head_is_reminded_once_with_a_link_that_authorises(
    client: Client, world: World, school: Organisation
) -> None:
    _rule(world, ReminderEvent.AUTHORISATION)
    waiting = [_aged(submitted(school, world), RequestState.SUBMITTED) for _number in range(2)]
    old = head_token(waiting[1])

    assert reminders.send_reminders(at=_now()) == 1
    (mail,) = _mails()
    assert (mail.address, mail.recipient, mail.url) == (MAILBOX, None, "")
    assert [request.number in mail.body for request in waiting] == [True, True]
    first, second = _addresses(mail)
    assert client.get(first).status_code == 200
    assert client.get(f"/mediation/link/{old}/authorise/").status_code == 410
    assert {request.state for request in MediationRequest.objects.order_by("pk")} == {RequestState.SUBMITTED}

    # The same day again, and the day after: nothing new was due.
    assert reminders.send_reminders(at=_now()) == 0
    assert reminders.send_reminders(at=_now() + DAY) == 0
    assert ReminderSent.objects.filter(organisation=school.pk, recipient=None).count() == 2

    assert client.post(second, {"name": "Anna Prova", "declaration": "on"}).status_code == 302
    waiting[1].refresh_from_db()
    assert waiting[1].state == RequestState.AUTHORISED


def test_who_is_told_in_the_portal_gets_no_mail_of_links(world: World, school: Organisation) -> None:
    """The contact of the school has an account: what is to be completed is said there."""
    _rule(world, ReminderEvent.COMPLETION)
    _aged(submitted(school, world), RequestState.TO_COMPLETE)

    assert reminders.send_reminders(at=_now()) == 1
    assert not _mails()
    assert Message.objects.get(kind="mediation.reminders").recipient == world.personas["school_contact"]


def test_what_is_to_complete_is_reached_from_the_reminder(client: Client, world: World, school: Organisation) -> None:
    _without_accounts(school)
    _rule(world, ReminderEvent.COMPLETION)
    request = _aged(submitted(school, world), RequestState.TO_COMPLETE)

    assert reminders.send_reminders(at=_now()) == 1
    (address,) = _addresses(_mails()[0])
    assert f"{address.rsplit('/', 2)[0]}/complete/" in client.get(address).content.decode()
    request.refresh_from_db()
    assert request.state == RequestState.TO_COMPLETE


@pytest.mark.parametrize("why", ["no mailbox", "forbidden", "rests", "done"])
def test_nothing_leaves_where_nothing_can_be_done(world: World, school: Organisation, why: str) -> None:
    rule = _rule(world, ReminderEvent.AUTHORISATION)
    request = _aged(submitted(school, world), RequestState.SUBMITTED)
    with acting(None):
        if why == "no mailbox":
            Organisation.objects.filter(pk=school.pk).update(email="", pec="")
        elif why == "forbidden":
            kind = world.programmes["a"].request_kinds.get(kind="school")
            kind.settings = {"head_by_link": False}
            kind.save()
        elif why == "rests":
            ReminderRule.objects.filter(pk=rule.pk).update(is_active=False)
    if why == "done":
        requests.authorise(request=request, by=None, at=_now(), method="link", name="Anna Prova")
    before = AccessLink.objects.count()

    assert reminders.send_reminders(at=_now()) == 0
    assert not _mails()
    assert AccessLink.objects.count() == before


def test_a_run_that_dies_leaves_the_old_link_and_the_next_one_sends(
    monkeypatch: pytest.MonkeyPatch, client: Client, world: World, school: Organisation
) -> None:
    """Links, mail and record are one transaction: killed in between, nothing has happened and nothing is lost."""
    _rule(world, ReminderEvent.AUTHORISATION)
    request = _aged(submitted(school, world), RequestState.SUBMITTED)
    old = head_token(request)

    class Killed(BaseException):
        """The process ends here."""

    def killed(*_rows: Any, **_options: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ReminderSent.objects.__class__, "bulk_create", killed)
        with pytest.raises(Killed):
            reminders.send_reminders(at=_now())
    assert not _mails()
    assert links.resolve(token=old, purpose="authorise", at=timezone.now()).request_id == request.pk

    assert reminders.send_reminders(at=_now()) == 1
    assert len(_mails()) == 1
    assert client.get(_addresses(_mails()[0])[0]).status_code == 200
