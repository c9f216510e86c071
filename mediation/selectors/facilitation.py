# SPDX-License-Identifier: EUPL-1.2
"""Language facilitation as a weekly series: its days, and which of its sessions wait for the signature of the school."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from actions.enums import MediationRequestKind
from fami_portal.core.components import Button
from mediation.enums import SessionState, SignerRole
from mediation.models import MediationRequest, MediationSession, PaperSheet, Signature
from mediation.permissions import can_file
from mediation.selectors.working_days import holiday_name

# A school year of weeks, and some more.
MOST_MEETINGS = 60


def is_series(request: MediationRequest) -> bool:
    """Whether the request is for one meeting a week until a day."""
    return request.kind == MediationRequestKind.FACILITATION and request.series_until is not None


def series_days(first: date, until: date) -> list[date]:
    """Return the same weekday of every week until a day, public holidays left out."""
    weeks = (until - first).days // 7 + 1
    days = (first + timedelta(weeks=week) for week in range(max(weeks, 0)))
    return [day for day in days if not holiday_name(day)]


def session_fingerprint(session: MediationSession) -> str:
    """Return the sha256 of what the school signs: who, when, how long, how many pupils."""
    told = {
        "session": str(session.uuid),
        "mediator": session.mediator_id,
        "from": session.actual_from.isoformat() if session.actual_from else "",
        "until": session.actual_until.isoformat() if session.actual_until else "",
        "minutes": session.minutes,
        "pupils": session.pupils,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def to_sign(request: MediationRequest) -> list[MediationSession]:
    """Return the held sessions of a series that the school has not signed as they are now. Three queries."""
    held = list(
        MediationSession.objects.filter(request=request.pk, state=SessionState.HELD).order_by("planned_from", "pk")
    )
    signed = set(
        Signature.objects.filter(session__in=[row.pk for row in held], role=SignerRole.REQUESTER)
        .order_by("pk")
        .values_list("session", "content_sha256")
    )
    # A photograph of the sheet that the school signed is its signature too.
    on_paper = set(
        PaperSheet.objects.filter(session__in=[row.pk for row in held], photograph__isnull=False)
        .order_by("pk")
        .values_list("session", flat=True)
    )
    return [row for row in held if row.pk not in on_paper and (row.pk, session_fingerprint(row)) not in signed]


def buttons(user: Any, request: MediationRequest, now: datetime) -> Iterable[Button]:
    """Offer the school to sign the sessions of its series that were held."""
    if not is_series(request) or not can_file(user, request.organisation_id):
        return []
    number = len(to_sign(request))
    if not number:
        return []
    label = ngettext("Sign the session held", "Sign the %(number)s sessions held", number) % {"number": number}
    return [Button(label, reverse("mediation:facilitation-sign", args=[request.uuid]))]
