# SPDX-License-Identifier: EUPL-1.2
"""Thirty days before names, records or files are destroyed, the bodies are told: how many, never who."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Permission, roles_with
from actions.models import Programme
from fami_portal.core.outbox import Draft, queue_messages
from fami_portal.core.services import acting, record_event
from partners.models import Membership
from privacy.enums.retention import DataClass
from privacy.models import RetentionNotice
from privacy.selectors.retention import Outlook, situation, to_announce
from privacy.selectors.retention_rules import NOTICE_DAYS
from privacy.services.retention import take_turn

KIND = "privacy.retention_notice"


def send_due_notices(*, programme: Programme, at: datetime) -> list[RetentionNotice]:
    """Announce what comes due within thirty days and was not announced yet; return the new notices.

    Told are the people of each body who open identities or see who read them, in the portal and by mail, with a number
    and a day and nothing else. Twice at once, or again the same day, announces nothing twice.
    """
    day = timezone.localdate(at)
    with acting(None):
        take_turn(programme)
        found = to_announce(situation(programme, day))
        notices = []
        for one in found:
            counts = {str(row.body): 0 for row in one.rows if row.body}
            for row in one.rows:
                if row.body:
                    counts[str(row.body)] += row.free
            notice = RetentionNotice.objects.create(
                programme=programme,
                data_class=one.data_class,
                due_on=day + timedelta(days=NOTICE_DAYS),
                sent_on=day,
                counts={body: number for body, number in counts.items() if number},
            )
            notices.append(notice)
            record_event(
                by=None,
                verb="destruction_announced",
                target=programme,
                data={"class": one.data_class, "due_on": str(notice.due_on), "number": one.free},
                at=at,
            )
        queue_messages(_drafts(notices, found))
    return notices


def _drafts(notices: Iterable[RetentionNotice], found: Iterable[Outlook]) -> list[Draft]:
    people = _people({int(body) for notice in notices for body in notice.counts})
    drafts = []
    for notice in notices:
        for body, number in notice.counts.items():
            for user in people.get(int(body), []):
                drafts.append(_draft(notice, body, number, user))
    return drafts


def _people(bodies: set[int]) -> dict[int, list[Any]]:
    """Return the people of bodies who are told: those who open names, and the heads."""
    roles = {*roles_with(Permission.OPEN_IDENTITIES)} | {
        role for role in roles_with(Permission.SEE_READINGS) if role != "data_protection_officer"
    }
    found: dict[int, list[Any]] = {}
    rows = (
        Membership.objects.filter(organisation__in=bodies, role__in=roles, user__is_active=True)
        .valid_on(timezone.localdate())
        .select_related("user")
        .order_by("organisation", "pk")
    )
    for row in rows:
        told = found.setdefault(row.organisation_id, [])
        if row.user not in told:
            told.append(row.user)
    return found


def _draft(notice: RetentionNotice, body: str, number: int, user: Any) -> Draft:
    day = date_format(notice.due_on, "j F Y")
    return Draft(
        key=f"{KIND}:{notice.pk}:{body}:{user.pk}",
        kind=KIND,
        recipient=user,
        subject=_("On %(day)s data of your body will be destroyed") % {"day": day},
        body=sentence(notice.data_class, number, day)
        + " "
        + _(
            "Programme: %(programme)s. What was counted stays. If you still need something by law, tell the "
            "coordinator or the data protection officer before that day."
        )
        % {"programme": notice.programme.title},
        url=reverse("beneficiaries:beneficiary-list"),
    )


def sentence(data_class: str, number: int, day: str) -> str:
    """Return what will be destroyed and when, in one sentence."""
    values = {"day": day, "number": number}
    if data_class == DataClass.IDENTITIES:
        return (
            ngettext(
                "On %(day)s the name of %(number)s recipient will be destroyed.",
                "On %(day)s the names of %(number)s recipients will be destroyed.",
                number,
            )
            % values
        )
    if data_class == DataClass.RECIPIENTS:
        return (
            ngettext(
                "On %(day)s the record of %(number)s recipient will be made anonymous.",
                "On %(day)s the records of %(number)s recipients will be made anonymous.",
                number,
            )
            % values
        )
    return (
        ngettext(
            "On %(day)s the files of %(number)s record will be destroyed.",
            "On %(day)s the files of %(number)s records will be destroyed.",
            number,
        )
        % values
    )
