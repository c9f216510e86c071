# SPDX-License-Identifier: EUPL-1.2
"""Messages about meetings and the catalogue: who hears of what. They name bodies, days and entries, not people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import ROLES, Permission, Scope
from actions.models import Meeting, MeetingCall, OfferRequest
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


# --- the catalogue: a school asked, the network answered; bodies and entries, never people ---


def _with(*permissions: Permission, scope: Scope) -> list[str]:
    return [
        role.code
        for role in ROLES.values()
        if role.scope == scope and any(one in role.permissions for one in permissions)
    ]


def _people(where: Q) -> list[Any]:
    rows = Membership.objects.filter(where, user__is_active=True).valid_on(timezone.localdate())
    return list({row.user_id: row.user for row in rows.select_related("user").order_by("user_id", "pk")}.values())


def _drafts(request: OfferRequest, people: list[Any], kind: str, subject: str, body: str) -> list[Draft]:
    names = {"school": request.organisation.name, "offer": request.offer.title}
    return [
        Draft(
            key=f"{kind}:{request.pk}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject % names,
            body=body % names,
            url=request.offer.get_absolute_url(),
        )
        for person in people
    ]


def asked(request: OfferRequest) -> list[Draft]:
    """Tell the coordinators of the network that a school is interested."""
    roles = _with(Permission.VALIDATE_ACTIVITY_REPORTS, scope=Scope.NETWORK)
    return _drafts(
        request,
        _people(Q(role__in=roles, networks=request.offer.network_id)),
        "offer_asked",
        _("%(school)s asks for “%(offer)s”"),
        _("%(school)s is interested in “%(offer)s” of your catalogue. Read what it needs and answer."),
    )


def answered(request: OfferRequest) -> list[Draft]:
    """Tell the school that the network answered; the answer is read in the portal."""
    roles = _with(Permission.FILE_MEDIATION_REQUESTS, Permission.AUTHORISE_MEDIATION_REQUESTS, scope=Scope.BODY)
    return _drafts(
        request,
        _people(Q(role__in=roles, organisation=request.organisation_id)),
        "offer_answered",
        _("The network answered about “%(offer)s”"),
        _("The network answered your request for “%(offer)s”. Read the answer in the portal."),
    )
