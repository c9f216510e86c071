# SPDX-License-Identifier: EUPL-1.2
"""Messages about meetings: who is called, and in which words. They name bodies and days, not people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import ROLES, Permission, Scope
from actions.models import Meeting, MeetingCall
from fami_portal.core.outbox import Draft
from partners.models import Membership


def _roles(permission: Permission, scope: Scope) -> list[str]:
    return [role.code for role in ROLES.values() if role.scope == scope and permission in role.permissions]


def people_called(organisation_ids: Iterable[int], network_ids: Iterable[int], at: datetime) -> list[Any]:
    """Return who hears of a call: of each body those who keep its registers, of each network its coordinators."""
    found = (
        Membership.objects.filter(
            Q(role__in=_roles(Permission.KEEP_REGISTERS, Scope.BODY), organisation__in=list(organisation_ids))
            | Q(role__in=_roles(Permission.VIEW_ACTIVITIES, Scope.NETWORK), networks__in=list(network_ids)),
            user__is_active=True,
        )
        .valid_on(timezone.localdate(at))
        .select_related("user")
        .order_by("user_id", "pk")
    )
    return list({row.user_id: row.user for row in found}.values())


def called(meeting: Meeting, call: MeetingCall, people: Iterable[Any]) -> list[Draft]:
    """Tell the people called of the meeting; one message for each version of the call, however often it is sent."""
    words = {
        "title": meeting.activity.title,
        "day": f"{meeting.held_on:%d/%m/%Y}",
        "time": f"{meeting.starts_at:%H:%M}",
        "body": meeting.activity.organisation.name,
    }
    return [
        Draft(
            key=f"meeting_called:{meeting.pk}:{call.version}:{person.pk}",
            kind="meeting_called",
            recipient=person,
            subject=_("Call: %(title)s, %(day)s") % words,
            body=_(
                "%(body)s calls your body to the meeting of %(day)s at %(time)s (%(title)s). Agenda and link are in the "
                "portal."
            )
            % words,
            url=meeting.get_absolute_url(),
        )
        for person in people
    ]
