# SPDX-License-Identifier: EUPL-1.2
"""Requests that a mediator accepted, and what follows: recorded, reported, signed (built on `board_world`)."""

from datetime import datetime, timedelta
from typing import Any

from actions.enums import MediationRequestKind
from actions.models import RequestKind
from fami_portal.core.services import acting
from mediation.models import InterventionReport, MediationRequest, MediationSession, Mediator
from mediation.selectors.hours import reserved_for
from mediation.services import assignment, hours, reports, sessions
from tests.factories.mediation import MediatorFactory, MediatorLanguageFactory
from tests.mediation.board_world import END, NOW, START, BoardWorld, build, fresh, rome

__all__ = ["AFTER", "END", "NOW", "REPORT", "START", "SessionWorld", "rome"]

AFTER = END + timedelta(hours=1)
REPORT = {
    "interventions": ["family_talk"],
    "operator_name": "Anna Prova",
    "operator_role": "Docente",
    "summary": "Colloquio con la famiglia sul passaggio alla scuola secondaria.",
    "communication": 4,
    "follow_up": "none",
}


class SessionWorld:
    """One network with its people; requests are brought to the state that a test begins from."""

    def __init__(self, board: BoardWorld | None = None) -> None:
        self.board: BoardWorld = board or build()
        self.world = self.board.world
        people = self.world.personas
        self.contact, self.head = people["school_contact"], people["school_head"]
        self.coordinator, self.region = people["network_coordinator"], people["regional_coordinator"]
        self.user = people["mediator"]
        self.mediator: Mediator = MediatorFactory(user=self.user, organisation=self.world.bodies["coop_1"])
        MediatorLanguageFactory(mediator=self.mediator, language=self.board.language)

    def who(self, user: Any) -> Any:
        """The person as another page would load it."""
        return fresh(user)

    def settings(self, kind: str = MediationRequestKind.SCHOOL, **values: Any) -> None:
        """Let the programme say something about a kind of request."""
        with acting(None):
            RequestKind.objects.filter(programme=self.world.programmes["a"], kind=kind).update(settings=values)

    def confirmed(self, *, start: datetime = START, minutes: int = 60, **fields: Any) -> MediationSession:
        """The first session of a request that the mediator accepted; the hours asked are reserved."""
        mediator = fields.pop("mediator", self.mediator)
        asked = fields.pop("minutes_asked", minutes)
        request = self.board.taken(start=start, minutes_asked=asked, **fields)
        hours.reserve(
            account=request.account,
            source_type="request",
            source_id=request.pk,
            minutes=asked,
            by=None,
            at=NOW,
        )
        session = assignment.confirm_arranged(
            request=request,
            mediator=mediator,
            starts_at=start,
            ends_at=start + timedelta(minutes=minutes),
            reason="Concordato per telefono",
            by=self.coordinator,
            at=NOW,
        )
        return MediationSession.objects.select_related("request", "mediator").get(pk=session.pk)

    def record(self, session: MediationSession, **changes: Any) -> MediationRequest:
        """Record a session as it was planned, unless told."""
        session.refresh_from_db()
        values: dict[str, Any] = {
            "actual_from": session.planned_from,
            "actual_until": session.planned_until,
            "by": self.user,
            "at": session.planned_until + timedelta(hours=1),
            "version": session.version,
            "parents": 1,
            "operators": 1,
        }
        sessions.record_session(session=session, **(values | changes))
        return MediationRequest.objects.with_parts().get(pk=session.request_id)

    def held(self, **fields: Any) -> MediationRequest:
        """A request whose session was held."""
        return self.record(self.confirmed(**fields))

    def filed(self, *, values: dict[str, Any] | None = None, **fields: Any) -> MediationRequest:
        """A request whose report bears the signature of the mediator."""
        request = self.held(**fields)
        reports.file_report(request=request, values=values or REPORT, version=1, by=self.user, at=AFTER)
        return request

    def countersigned(self, **fields: Any) -> MediationRequest:
        """A request whose report bears both signatures."""
        request = self.filed(**fields)
        reports.countersign(request=request, rating=9, by=self.contact, at=AFTER)
        return request

    def validated(self, **fields: Any) -> MediationRequest:
        """A request that is complete."""
        request = self.countersigned(**fields)
        reports.validate(request=request, by=self.coordinator, at=AFTER)
        return request

    def figures(self, request: MediationRequest) -> tuple[int, int, int]:
        """Minutes reserved for the request, and reserved and consumed in its account."""
        account = type(request.account).objects.get(pk=request.account_id)
        return reserved_for("request", request.pk), account.reserved, account.consumed

    def report(self, request: MediationRequest) -> InterventionReport:
        """The report as it is now."""
        return InterventionReport.objects.get(request=request.pk)
