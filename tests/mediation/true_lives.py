# SPDX-License-Identifier: EUPL-1.2
"""What must be true of every request at any time: its log, its hours, its sessions and what the ledger holds of it."""

from typing import Any

from django.db.models import Count, Q, Sum

from fami_portal.core.models import TransitionLog
from mediation.enums import ENDED_STATES, RESERVING_STATES, ProposalState, RequestState, SessionState
from mediation.models import HourMovement, MediationRequest, MediationSession, Proposal
from mediation.workflow import REQUEST
from reporting.enums import UnitKind
from reporting.models import ValidatedFact


def _summed(rows: Any, key: str, **sums: Any) -> dict[int, dict[str, int]]:
    """Return sums of the rows of each request."""
    return {row.pop(key): row for row in rows.order_by(key).values(key).annotate(**sums)}


class Rows:
    """What the tables hold of all requests."""

    def __init__(self) -> None:
        self.logs: dict[int, list[TransitionLog]] = {}
        for row in TransitionLog.objects.filter(entity=REQUEST.entity).order_by("pk"):
            self.logs.setdefault(row.entity_id, []).append(row)
        self.hours = _summed(
            HourMovement.objects.filter(source_type="request"),
            "source_id",
            reserved=Sum("reserved_change"),
            consumed=Sum("consumed_change"),
        )
        held = Q(state=SessionState.HELD)
        self.sessions = _summed(
            MediationSession.objects.all(),
            "request_id",
            charged=Sum("charged_minutes", default=0),
            held=Sum("minutes", filter=held, default=0),
        )
        self.accepted = _summed(Proposal.objects.filter(state=ProposalState.ACCEPTED), "request_id", number=Count("pk"))
        facts = ValidatedFact.objects.filter(superseded_in=None, unit_kind=UnitKind.SESSION).order_by("pk")
        minutes: dict[int, int] = {}
        for unit, number in facts.values_list("unit_id", "minutes"):
            minutes[unit] = minutes.get(unit, 0) + number
        self.facts: dict[int, int] = {}
        for session, request in MediationSession.objects.order_by("pk").values_list("pk", "request_id"):
            self.facts[request] = self.facts.get(request, 0) + minutes.get(session, 0)


def check_request(request: MediationRequest, found: Rows) -> None:
    """The life of a request is a walk through the table, and its hours and facts are what its state says."""
    state = RequestState(request.state)
    log = found.logs.get(request.pk, [])
    before = str(REQUEST.initial)
    for row in log:
        assert row.source == before
        assert row.source in REQUEST.transitions[row.transition].sources
        assert row.target == REQUEST.transitions[row.transition].target
        before = row.target
    assert before == state

    sums = found.hours.get(request.pk, {})
    reserved, consumed = sums.get("reserved") or 0, sums.get("consumed") or 0
    sessions_of = found.sessions.get(request.pk, {})
    charged, held = sessions_of.get("charged", 0), sessions_of.get("held", 0)
    if state in RESERVING_STATES:
        assert reserved == max(0, request.minutes_asked - charged)
        assert consumed == charged
    else:
        assert reserved == 0
        assert consumed == charged + (held if state == RequestState.VALIDATED else 0)
    assert (request.closed_at is not None) == (state in ENDED_STATES)

    assert found.accepted.get(request.pk, {}).get("number", 0) <= 1
    minutes = found.facts.get(request.pk, 0)
    if state == RequestState.VALIDATED:
        assert minutes == held
    elif state == RequestState.REOPENED or any(row.transition == "reopen" for row in log):
        assert minutes >= 0  # what was validated stands until the new validation
    else:
        assert minutes == 0
