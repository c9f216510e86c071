# SPDX-License-Identifier: EUPL-1.2
"""Reading reports: what one begins with, what it still lacks, what its signatures stand under, what it will consume."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from mediation.enums import SessionState, SignerRole
from mediation.models import InterventionReport, MediationRequest, MediationSession, Signature
from mediation.selectors.elapsed import moment
from mediation.selectors.hours import reserved_for
from mediation.selectors.settings import RequestSettings

SOURCE = "request"
# What the mediator writes. What the requester adds with the countersignature (the rating) is not signed by both.
WRITABLE = (
    "interventions",
    "operator_name",
    "operator_role",
    "summary",
    "topics",
    "communication",
    "needs",
    "need_codes",
    "cultural_elements",
    "follow_up",
    "follow_up_note",
)
# A.4 only.
SERVICE_FIELDS = ("need_codes", "cultural_elements")
# Where people may write freely, without names, phones or tax codes of the family.
FREE_TEXT = ("summary", "topics", "needs", "cultural_elements", "follow_up_note")


@dataclass(frozen=True)
class Missing:
    """One thing that a report lacks, at its field."""

    field: str
    sentence: str


def is_service(request: MediationRequest) -> bool:
    """Whether the report is an A.4."""
    return request.kind == MediationRequestKind.SERVICE


def prefilled(request: MediationRequest) -> dict[str, Any]:
    """Return what the report of a request begins with."""
    return {
        "interventions": list(request.interventions),
        "operator_name": request.field_contact_name or request.contact_name,
        "operator_role": request.field_contact_role if request.field_contact_name else request.contact_role,
    }


def report_of(request: MediationRequest) -> InterventionReport | None:
    """Return the report of a request, if one was begun. One query."""
    return InterventionReport.objects.filter(request=request.pk).first()


def missing(request: MediationRequest, report: InterventionReport, settings: RequestSettings) -> list[Missing]:
    """Return everything that a report lacks before it can be filed."""
    found = []
    if not report.interventions:
        found.append(Missing("interventions", _("Choose what was done, at least one type of intervention.")))
    if not report.operator_name.strip():
        found.append(
            Missing("operator_name", _("Write who of the school or service was there: a mediator never works alone."))
        )
    if not report.summary.strip():
        found.append(Missing("summary", _("Write in a few lines what was done.")))
    if report.communication is None:
        found.append(Missing("communication", _("Say how well people understood one another.")))
    if is_service(request) and settings.needs and not report.need_codes:
        found.append(Missing("need_codes", _("Choose at least one need from the list.")))
    return found


def content(request: MediationRequest, report: InterventionReport) -> dict[str, Any]:
    """Return all that the signatures stand under: the report and its sessions, without what may change afterwards."""
    sessions = (
        MediationSession.objects.filter(request=request.pk)
        .exclude(state=SessionState.CANCELLED)
        .select_related("language")
        .order_by("position", "pk")
    )
    return {
        "request": request.number,
        "kind": request.kind,
        "organisation": request.organisation_id,
        "mediator": request.mediator_id,
        "attempt": report.attempt,
        **{name: getattr(report, name) for name in WRITABLE},
        "sessions": [_session(row) for row in sessions],
    }


def _session(row: MediationSession) -> dict[str, Any]:
    return {
        "position": row.position,
        "state": row.state,
        "planned": [_moment(row.planned_from), _moment(row.planned_until)],
        "actual": [_moment(row.actual_from), _moment(row.actual_until)],
        "break": row.break_minutes,
        "minutes": row.minutes,
        "travel": row.travel_minutes,
        "charged": row.charged_minutes,
        "outcome": row.outcome,
        "absent": row.absent,
        "present": [row.parents, row.pupils, row.operators],
        "language": row.language.code if row.language is not None else "",
        "note": row.note,
    }


def _moment(value: datetime | None) -> str:
    return "" if value is None else moment(value).isoformat()


def fingerprint(request: MediationRequest, report: InterventionReport) -> str:
    """Return the sha256 of the canonical JSON of what is signed (sorted keys, UTC)."""
    text = json.dumps(content(request, report), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def signatures_of(report: InterventionReport, *, attempt: int | None = None) -> list[Signature]:
    """Return the signatures of one filing (the present one unless told), the mediator's first. One query."""
    rows = Signature.objects.filter(report=report.pk, attempt=attempt or report.attempt)
    order = {SignerRole.MEDIATOR: 0, SignerRole.REQUESTER: 1}
    return sorted(rows.select_related("signer", "document").order_by("pk"), key=lambda row: order[SignerRole(row.role)])


# --- hours -----------------------------------------------------------------------------------------------------------


def worked_minutes(request: MediationRequest) -> int:
    """Return the minutes that a validation consumes: those held, less what was charged already for a session that was
    recorded as not held by mistake. What was charged for the others stays charged."""
    rows = MediationSession.objects.filter(request=request.pk, state=SessionState.HELD).order_by("pk")
    return sum(max((row.minutes or 0) - row.charged_minutes, 0) for row in rows)


@dataclass(frozen=True)
class Movement:
    """What the validation will do to the account, in minutes."""

    held: int
    charged: int
    reserved: int
    consumed: int
    released: int
    # Drawn on the free balance, because the sessions lasted longer than was asked.
    beyond: int
    available: int

    @property
    def possible(self) -> bool:
        """Whether the account holds what goes beyond the reserve."""
        return self.beyond <= self.available


def movement_of(request: MediationRequest) -> Movement:
    """Return what the validation of a request will move in its account of hours. Three queries."""
    rows = list(MediationSession.objects.filter(request=request.pk).order_by("pk"))
    consumed = worked_minutes(request)
    reserved = reserved_for(SOURCE, request.pk)
    return Movement(
        held=sum(row.minutes or 0 for row in rows),
        charged=sum(row.charged_minutes for row in rows),
        reserved=reserved,
        consumed=consumed,
        released=max(reserved - consumed, 0),
        beyond=max(consumed - reserved, 0),
        available=request.account.available if request.account is not None else 0,
    )
