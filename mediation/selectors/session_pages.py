# SPDX-License-Identifier: EUPL-1.2
"""What pages show of sessions and reports: buttons and sections of a request, what waits for whom."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope
from actions.models import Programme
from fami_portal.core.components import Button, Link, Pill
from fami_portal.core.nav import Waiting
from mediation.enums import RequestState, SessionState, SignatureMethod, SignerRole
from mediation.models import MediationRequest, MediationSession, Signature
from mediation.permissions import can_coordinate, can_file, can_mediate, can_view_case
from mediation.selectors.charges import LATE, charge_for
from mediation.selectors.reports import is_service, report_of, signatures_of
from mediation.selectors.request_page import Section
from mediation.selectors.request_rules import hours
from mediation.selectors.requests import settings_for
from mediation.workflow import SESSION
from partners.models import Membership
from partners.permissions import holds

S = RequestState
PANEL_SIZE = 10
SIGNED_STATES = (S.REPORTED, S.COUNTERSIGNED, S.VALIDATED, S.REOPENED)


def when_of(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """Write a time as people say it, in Italy; the second day is told where it is another one."""
    if starts_at is None or ends_at is None:
        return ""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%d/%m/%Y %H:%M}"
    return f"{start:%d/%m/%Y} {start:%H:%M}–{last}"


def pill_of(session: MediationSession) -> Pill:
    """Return the state of a session in words with its colour."""
    return Pill(session.get_state_display(), SESSION.colours[session.state])


def sessions_of(request: MediationRequest) -> list[MediationSession]:
    """Return the sessions of a request in their order. One query."""
    return list(
        MediationSession.objects.filter(request=request.pk)
        .select_related("mediator", "language")
        .order_by("position", "pk")
    )


def _address(name: str, thing: Any) -> str:
    return reverse(f"mediation:{name}", args=[thing.uuid])


def cancelling_in_words(session: MediationSession, *, at: datetime) -> str:
    """Say what cancelling one of several sessions costs at a moment of the work. One query."""
    minutes = charge_for(settings_for(session.request), session, LATE, at)
    if not minutes:
        return _("Nothing is charged: there is still time.")
    return _("It is late: if the school or service cancels, %(hours)s are charged to its hours; otherwise nothing.") % {
        "hours": hours(minutes)
    }


# --- buttons of the request ------------------------------------------------------------------------------------------


def buttons(user: Any, request: MediationRequest, now: datetime) -> Iterator[Button]:
    """What the mediator, the school or service and the coordinator can do from the confirmation on."""
    if request.state not in (S.CONFIRMED, S.RESCHEDULED, S.HELD, *SIGNED_STATES):
        return
    mediates, files = can_mediate(user, request), can_file(user, request.organisation_id)
    coordinates = can_coordinate(user, request)
    if not (mediates or files or coordinates):
        return
    if request.state in (S.CONFIRMED, S.RESCHEDULED):
        yield from _session_buttons(request, now, mediates=mediates, files=files, coordinates=coordinates)
        return
    yield from _report_buttons(request, mediates=mediates, files=files, coordinates=coordinates)


def _session_buttons(
    request: MediationRequest, now: datetime, *, mediates: bool, files: bool, coordinates: bool
) -> Iterator[Button]:
    planned = [row for row in sessions_of(request) if row.state == SessionState.PLANNED]
    discussed = next((row for row in planned if row.proposed_from is not None), None)
    if discussed is not None:
        asked = mediates if discussed.proposed_side == SignerRole.REQUESTER else files
        style = "primary" if asked else "outline-primary"
        yield Button(_("Answer the new time"), _address("session-new-time-answer", discussed), style=style)
        return
    begun = next((row for row in planned if row.planned_from <= now), None)
    to_come = next((row for row in planned if row.planned_from > now), None)
    if begun is not None and (mediates or coordinates):
        style = "primary" if mediates else "outline-primary"
        yield Button(_("Record the session"), _address("session-record", begun), style=style)
    if begun is not None:
        yield Button(_("It was not held"), _address("session-not-held", begun), style="outline-danger")
    if to_come is not None:
        yield Button(_("Propose a new time"), _address("session-new-time", to_come), style="outline-primary")
    if not planned and (mediates or coordinates):
        yield Button(_("No other session follows"), _address("session-finish", request), method="post")
    if request.sessions_asked > 1 and (mediates or coordinates):
        yield Button(_("Plan another session"), _address("session-add", request), style="outline-primary")


def _report_buttons(request: MediationRequest, *, mediates: bool, files: bool, coordinates: bool) -> Iterator[Button]:
    if request.state in (S.HELD, S.REOPENED) and (mediates or coordinates):
        style = "primary" if mediates else "outline-primary"
        yield Button(_("Write the report"), _address("report-edit", request), style=style)
    if request.state == S.REPORTED:
        if files and not mediates:
            yield Button(_("Read and countersign"), _address("report-countersign", request))
        if mediates:
            yield Button(_("Have it signed on this phone"), _address("report-code", request))
    if request.state == S.COUNTERSIGNED and coordinates:
        yield Button(_("Check and validate"), _address("report-validate", request))
    if request.state in (S.REPORTED, S.COUNTERSIGNED, S.VALIDATED) and (
        coordinates or (request.state == S.REPORTED and (files or mediates))
    ):
        label = _("Open the report again") if request.state == S.VALIDATED else _("Send back for correction")
        yield Button(label, _address("report-reopen", request), style="outline-danger")


# --- sections of the request -----------------------------------------------------------------------------------------


def sessions_section(user: Any, request: MediationRequest, now: datetime) -> Section | None:
    """The sessions, for all who see the request."""
    rows = sessions_of(request) if request.state != S.DRAFT else []
    if not rows:
        return None
    found = [
        {
            "url": row.get_absolute_url(),
            "when": when_of(row.actual_from or row.planned_from, row.actual_until or row.planned_until),
            "mediator": row.mediator.name,
            "minutes": hours(row.minutes) if row.minutes else "",
            "new_time": when_of(row.proposed_from, row.proposed_until),
            "charged": hours(row.charged_minutes) if row.charged_minutes else "",
            "absent": row.get_absent_display(),
            "pill": pill_of(row),
        }
        for row in rows
    ]
    return Section(_("Sessions"), "mediation/_sessions_section.html", {"sessions": found}, anchor="sessions")


def report_section(user: Any, request: MediationRequest, now: datetime) -> Section | None:
    """The report and its signatures for those who read the case, and the sheets as files."""
    if request.state == S.DRAFT:
        return None
    case = can_view_case(user, request)
    report = report_of(request) if case and request.state in (S.HELD, *SIGNED_STATES) else None
    context = {
        "url": _address("report", request) if report is not None else "",
        "signatures": [signature_line(row) for row in signatures_of(report)] if report is not None else [],
        "attempt": report.attempt if report is not None else 1,
        "files": annex_links(request, with_report=report is not None and bool(report.filed_at)),
    }
    return Section(_("Report and sheets"), "mediation/_report_section.html", context, anchor="report")


def signature_line(row: Signature) -> dict[str, Any]:
    """Return one signature in words."""
    methods = {
        SignatureMethod.ACCOUNT: _("with the own account"),
        SignatureMethod.CODE: _("by one-time code on the mediator’s phone"),
        SignatureMethod.LINK: _("by a link sent to the mailbox of the body"),
        SignatureMethod.PAPER: _("on paper"),
    }
    return {
        "role": row.get_role_display(),
        "name": row.signer_name,
        "method": methods[SignatureMethod(row.method)],
        "at": row.signed_at,
        "document": row.document,
        "attempt": row.attempt,
    }


def annex_links(request: MediationRequest, *, with_report: bool) -> list[Link]:
    """Return the sheets of a request as files: what was asked (A.1, A.3) and, once filed, the report (A.2, A.4)."""
    asked, told = ("A.3", "A.4") if is_service(request) else ("A.1", "A.2")
    found = [Link(_("Request sheet %(form)s (PDF)") % {"form": asked}, _address("annex-request", request))]
    if with_report:
        found.append(Link(_("Report sheet %(form)s (PDF)") % {"form": told}, _address("annex-report", request)))
    return found


# --- what waits ------------------------------------------------------------------------------------------------------


def _waiting(rows: QuerySet[MediationRequest], title: str, page: str) -> list[Waiting]:
    found = rows.select_related("organisation", "network").order_by("state_since", "pk")[:PANEL_SIZE]
    return [
        Waiting(
            title=title % {"number": row.number},
            url=_address(page, row),
            status=row.get_state_display(),
            colour="warning",
            context=f"{row.organisation.name}, {row.network.name}",
        )
        for row in found
    ]


def contact_panel(user: Any) -> list[Waiting]:
    """Reports to countersign and new times to answer, for the contact of a school or service. Two queries at most."""
    if not holds(user, Permission.FILE_MEDIATION_REQUESTS):
        return []
    bodies = Membership.objects.granting(user, Permission.FILE_MEDIATION_REQUESTS, Scope.BODY).values("organisation")
    own = MediationRequest.objects.filter(organisation__in=bodies)
    reports = _waiting(
        own.filter(state=S.REPORTED).exclude(mediator__user=user.pk),
        _("Countersign the report %(number)s"),
        "report-countersign",
    )
    return reports + _new_times(own, SignerRole.MEDIATOR)


def mediator_panel(user: Any) -> list[Waiting]:
    """New times that the school or service proposes to the mediator. One query."""
    if not holds(user, Permission.MEDIATE):
        return []
    return _new_times(MediationRequest.objects.filter(mediator__user=user.pk), SignerRole.REQUESTER)


def _new_times(requests: QuerySet[MediationRequest], side: str) -> list[Waiting]:
    rows = (
        MediationSession.objects.filter(
            request__in=requests.filter(state=S.RESCHEDULED).values("pk"),
            proposed_side=side,
            state=SessionState.PLANNED,
        )
        .select_related("request", "request__organisation")
        .order_by("proposed_from", "pk")[:PANEL_SIZE]
    )
    return [
        Waiting(
            title=_("Answer the new time of %(number)s") % {"number": row.request.number},
            url=_address("session-new-time-answer", row),
            due=timezone.localdate(row.planned_from),
            status=row.request.get_state_display(),
            colour="warning",
            context=when_of(row.proposed_from, row.proposed_until),
        )
        for row in rows
    ]


def coordinator_panel(user: Any) -> list[Waiting]:
    """Reports to validate, for the coordinators. One query."""
    if not holds(user, Permission.COORDINATE_MEDIATION):
        return []
    near = Membership.objects.granting(user, Permission.COORDINATE_MEDIATION, Scope.NETWORK)
    rows = MediationRequest.objects.filter(state=S.COUNTERSIGNED).filter(
        Q(network__coordinations__in=near)
        | Q(programme__in=Programme.objects.reached_by(user, Permission.COORDINATE_MEDIATION).values("pk"))
    )
    return _waiting(rows.distinct(), _("Validate the report %(number)s"), "report-validate")
