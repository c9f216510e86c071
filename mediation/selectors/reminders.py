# SPDX-License-Identifier: EUPL-1.2
"""What is due by whom on a day, as the rules of a programme count it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.permissions import Permission
from actions.models import ActionNetwork, Programme, RequestKind
from actions.permissions import reaches_programme
from fami_portal.core import clock
from mediation.enums import ProposalState, ReminderAudience, ReminderEvent, RequestState, SessionState
from mediation.models import (
    MediationRequest,
    MediationSession,
    MediatorQualification,
    Proposal,
    ReminderRule,
)
from mediation.models.mediators import networks_followed
from mediation.selectors.consulting_due import consulting_due
from mediation.selectors.my_work import day_bounds
from partners.models import NetworkMember

E, A = ReminderEvent, ReminderAudience
# A reminder that could not leave on its day leaves within these days; later it would speak of old things.
CATCH_UP = timedelta(days=7)

# What waits in a state of the request is counted from the day on which the state began.
STATES = {
    E.AUTHORISATION: (RequestState.SUBMITTED,),
    E.TRIAGE: (RequestState.AUTHORISED,),
    E.COMPLETION: (RequestState.TO_COMPLETE,),
    E.REPORT: (RequestState.HELD, RequestState.REOPENED),
    E.COUNTERSIGNATURE: (RequestState.REPORTED,),
    E.VALIDATION: (RequestState.COUNTERSIGNED,),
}
# Who must act: somebody of the body with this permission, the coordinators, or the mediator.
BODY_ACTS = {
    E.AUTHORISATION: Permission.AUTHORISE_MEDIATION_REQUESTS,
    E.COMPLETION: Permission.FILE_MEDIATION_REQUESTS,
    E.COUNTERSIGNATURE: Permission.FILE_MEDIATION_REQUESTS,
}
COORDINATOR_ACTS = frozenset({E.TRIAGE, E.VALIDATION})
# Events that have a day of their own, before which one can be reminded; what waits has only an after.
WITH_BEFORE = frozenset({E.PROPOSAL, E.SESSION, E.QUALIFICATION, E.TRANSLATION_RETURN, E.PRESENCE})

# The usual rules, for a programme that has none: first whoever must act, later the coordinator.
USUAL: tuple[tuple[ReminderEvent, int, ReminderAudience], ...] = (
    (E.AUTHORISATION, 2, A.ACTOR),
    (E.AUTHORISATION, 5, A.COORDINATOR),
    (E.TRIAGE, 2, A.ACTOR),
    (E.COMPLETION, 3, A.ACTOR),
    (E.COMPLETION, 7, A.COORDINATOR),
    (E.PROPOSAL, 0, A.ACTOR),
    (E.SESSION, -1, A.ACTOR),
    (E.SESSION, 1, A.ACTOR),
    (E.SESSION, 4, A.COORDINATOR),
    (E.REPORT, 2, A.ACTOR),
    (E.REPORT, 7, A.COORDINATOR),
    (E.COUNTERSIGNATURE, 3, A.ACTOR),
    (E.COUNTERSIGNATURE, 10, A.COORDINATOR),
    (E.VALIDATION, 3, A.ACTOR),
    (E.CASE_ANSWER, 3, A.ACTOR),
    (E.CASE_ANSWER, 7, A.COORDINATOR),
    (E.CASE_SESSION, 14, A.ACTOR),
    (E.CASE_RESTITUTION, 30, A.ACTOR),
    (E.CASE_CLOSE, 7, A.ACTOR),
    (E.LEGAL_ANSWER, 3, A.ACTOR),
    (E.LEGAL_ANSWER, 7, A.COORDINATOR),
    (E.TRANSLATION_RETURN, -2, A.ACTOR),
    (E.TRANSLATION_RETURN, 1, A.ACTOR),
    (E.TRANSLATION_RETURN, 3, A.COORDINATOR),
    (E.PRESENCE, 1, A.ACTOR),
    (E.PRESENCE, 4, A.COORDINATOR),
    (E.QUALIFICATION, -60, A.ACTOR),
    (E.QUALIFICATION, -30, A.COORDINATOR),
)


@dataclass(frozen=True)
class Due:
    """One thing that a rule reminds of: what, since or until when, of which body and network, who must act."""

    rule: ReminderRule
    subject_type: str
    subject_id: int
    due_on: date
    # Number of what was asked; of a qualification and of a presence nothing.
    number: str
    body: str
    organisation_id: int
    network_id: int | None
    # The account of the mediator or consultant who must act, where there is one.
    person: Any
    url: str


def programmes_with_mediation() -> QuerySet[Programme]:
    """Return the programmes that offer a kind of request."""
    return Programme.objects.filter(pk__in=RequestKind.objects.values("programme")).order_by("title", "pk")


def programmes_for(user: Any) -> list[Programme]:
    """Return the programmes whose rules the person may read: those coordinated, as a whole or in a network."""
    networks = networks_followed(user, Permission.COORDINATE_MEDIATION).values("pk")
    carried = ActionNetwork.objects.filter(network__in=networks).values("action__programme")
    return list(programmes_with_mediation().filter(pk__in=carried))


def can_edit(user: Any, programme_id: int) -> bool:
    """Whether the person writes the rules: who coordinates the mediation of the whole programme."""
    return reaches_programme(user, Permission.COORDINATE_MEDIATION, programme_id)


def rules_of(programmes: Iterable[Programme]) -> list[ReminderRule]:
    """Return the rules of some programmes, by event and day (one query)."""
    order = list(ReminderEvent.values)
    rows = ReminderRule.objects.filter(programme__in=[programme.pk for programme in programmes]).order_by("days", "pk")
    return sorted(rows, key=lambda rule: order.index(rule.event))


def due(rules: Iterable[ReminderRule], *, at: datetime) -> Iterator[Due]:
    """Yield what each active rule reminds of today, at most one query for each."""
    today = timezone.localdate(at)
    for rule in rules:
        if not rule.is_active:
            continue
        last = today - timedelta(days=rule.days)
        first = last - CATCH_UP
        if rule.days < 0:
            first = max(first, today)
        if first <= last:
            yield from _of(rule, first, last, at)


def _of(rule: ReminderRule, first: date, last: date, at: datetime) -> Iterator[Due]:
    since, until = day_bounds(first, last)
    if rule.event in STATES:
        rows = MediationRequest.objects.filter(
            programme=rule.programme_id,
            state__in=STATES[ReminderEvent(rule.event)],
            state_since__gte=since,
            state_since__lt=until,
        ).select_related("organisation", "mediator__user")
        for request in rows.order_by("state_since", "pk"):
            yield _due(rule, "request", request.pk, request.state_since, request, request.mediator, request)
    elif rule.event == E.PROPOSAL:
        proposals = Proposal.objects.filter(
            request__programme=rule.programme_id,
            state=ProposalState.PROPOSED,
            expires_at__gt=at,
            expires_at__gte=since,
            expires_at__lt=until,
        ).select_related("request__organisation", "mediator__user")
        for proposal in proposals.order_by("expires_at", "pk"):
            yield _due(rule, "proposal", proposal.pk, proposal.expires_at, proposal.request, proposal.mediator)
    elif rule.event == E.SESSION:
        sessions = MediationSession.objects.filter(
            request__programme=rule.programme_id,
            state=SessionState.PLANNED,
            planned_from__gte=since,
            planned_from__lt=until,
        ).select_related("request__organisation", "mediator__user")
        for session in sessions.order_by("planned_from", "pk"):
            yield _due(rule, "session", session.pk, session.planned_from, session.request, session.mediator, session)
    elif rule.event == E.QUALIFICATION:
        yield from _qualifications(rule, first, last)
    else:
        yield from (Due(rule=rule, **values) for values in consulting_due(rule.event, rule.programme_id, first, last))


def _due(
    rule: ReminderRule,
    subject_type: str,
    subject_id: int,
    moment: Any,
    request: MediationRequest,
    mediator: Any,
    page: Any = None,
) -> Due:
    return Due(
        rule=rule,
        subject_type=subject_type,
        subject_id=subject_id,
        due_on=timezone.localdate(moment),
        number=request.number,
        body=request.organisation.name,
        organisation_id=request.organisation_id,
        network_id=request.network_id,
        person=mediator.user if mediator is not None else None,
        url=page.get_absolute_url() if page is not None else "/",
    )


def _qualifications(rule: ReminderRule, first: date, last: date) -> Iterator[Due]:
    carried = ActionNetwork.objects.filter(action__programme=rule.programme_id).values("network")
    stays = NetworkMember.objects.on(clock.today()).filter(network__in=carried)
    rows = list(
        MediatorQualification.objects.filter(
            expires_on__gte=first,
            expires_on__lte=last,
            mediator__is_active=True,
            mediator__organisation__in=stays.values("organisation"),
        )
        .select_related("mediator__organisation", "mediator__user")
        .order_by("expires_on", "pk")
    )
    # Who coordinates: of each network of the provider. One query for all the rows.
    networks: dict[int, list[int]] = {}
    for organisation, network in (
        stays.filter(organisation__in={row.mediator.organisation_id for row in rows})
        .order_by("network", "pk")
        .values_list("organisation", "network")
        if rows
        else ()
    ):
        networks.setdefault(organisation, []).append(network)
    for row in rows:
        mediator = row.mediator
        for network in networks.get(mediator.organisation_id, [])[: None if rule.audience == A.COORDINATOR else 1]:
            yield Due(
                rule=rule,
                subject_type="qualification",
                subject_id=row.pk,
                due_on=row.expires_on or last,
                number="",
                body=mediator.organisation.name,
                organisation_id=mediator.organisation_id,
                network_id=network,
                person=mediator.user,
                url=mediator.get_absolute_url(),
            )
