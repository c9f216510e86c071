# SPDX-License-Identifier: EUPL-1.2
"""A small programme with one indicator per measure, two networks that share people, and reports to validate."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from actions.enums import ActivityKind, BodyRole, Citizenship, Measure, ReachMode, TargetGroupKind, Unit
from actions.models import (
    Action,
    Activity,
    ActivityType,
    Indicator,
    Meeting,
    Period,
    Programme,
    ReachChannel,
    TargetGroup,
)
from beneficiaries.enums import AttendanceState
from beneficiaries.models import Attendance, Beneficiary, Enrolment
from partners.enums import OrganisationKind
from partners.models import Network, Organisation
from reporting.models import ActivityReport, ResultEntry, ResultTotal
from reporting.services import activity_reports as services
from tests.factories.actions import (
    ActionFactory,
    ActionNetworkFactory,
    ActivityFactory,
    ActivityTypeFactory,
    IndicatorFactory,
    MeetingFactory,
    PeriodFactory,
    ProgrammeBodyFactory,
    ProgrammeFactory,
    ReachChannelFactory,
    TargetGroupFactory,
)
from tests.factories.beneficiaries import AttendanceFactory, BeneficiaryFactory, EnrolmentFactory
from tests.factories.partners import MembershipFactory, NetworkFactory, NetworkMemberFactory, OrganisationFactory
from tests.factories.reporting import ActivityReportFactory

NOW = datetime(2020, 1, 20, 9, tzinfo=UTC)
QUARTERS = (
    ("2019-Q1", date(2019, 1, 1), date(2019, 3, 31)),
    ("2019-Q2", date(2019, 4, 1), date(2019, 6, 30)),
    ("2019-Q3", date(2019, 7, 1), date(2019, 9, 30)),
)


@dataclass
class World:
    """What the builder made, and short ways to let things happen in it."""

    programme: Programme
    actions: dict[str, Action]
    types: dict[str, ActivityType]
    groups: dict[str, TargetGroup]
    channels: dict[str, ReachChannel]
    indicators: dict[str, Indicator]
    periods: list[Period]
    networks: list[Network]
    bodies: list[Organisation]
    operators: list[Any]
    region: Any
    activities: dict[tuple[int, str], Activity] = field(default_factory=dict)
    reports: dict[tuple[int, int], ActivityReport] = field(default_factory=dict)

    def activity(self, place: int, kind: str = "lab") -> Activity:
        """Return the activity of a type in a network, made on first use."""
        if (place, kind) not in self.activities:
            self.activities[place, kind] = ActivityFactory(
                activity_type=self.types[kind], network=self.networks[place], organisation=self.bodies[place]
            )
        return self.activities[place, kind]

    def person(self, **fields: Any) -> Beneficiary:
        """Return a new recipient, a pupil unless told."""
        fields.setdefault("target_group", self.groups["pupils"])
        return BeneficiaryFactory(programme=self.programme, registered_by=self.bodies[0], **fields)

    def meet(
        self,
        place: int,
        day: date,
        people: Iterable[Beneficiary] = (),
        *,
        kind: str = "lab",
        hour: int = 14,
        minutes: int = 90,
    ) -> Meeting:
        """Hold a meeting with these people present."""
        activity = self.activity(place, kind)
        meeting = MeetingFactory(
            activity=activity, held_on=day, starts_at=time(hour), ends_at=time(hour + 2), minutes=minutes
        )
        for person in people:
            self.attend(meeting, person, minutes=minutes)
        return meeting

    def attend(self, meeting: Meeting, person: Beneficiary, *, minutes: int = 90) -> Attendance:
        """Record a presence, enrolling first where needed."""
        enrolment = Enrolment.objects.filter(activity=meeting.activity, beneficiary=person).first()
        enrolment = enrolment or EnrolmentFactory(activity=meeting.activity, beneficiary=person)
        return AttendanceFactory(meeting=meeting, enrolment=enrolment, state=AttendanceState.PRESENT, minutes=minutes)

    def report(self, place: int, quarter: int) -> ActivityReport:
        """Return the report of a network's body in a quarter, as it is now."""
        if (place, quarter) not in self.reports:
            self.reports[place, quarter] = ActivityReportFactory(
                period=self.periods[quarter], network=self.networks[place], organisation=self.bodies[place]
            )
        return ActivityReport.objects.with_parts().get(pk=self.reports[place, quarter].pk)

    def submit(self, place: int, quarter: int) -> ActivityReport:
        """Submit a report as its body does."""
        report = self.report(place, quarter)
        services.submit(report=report, by=self.operators[place], at=NOW)
        return report

    def validate(self, place: int, quarter: int) -> Any:
        """Submit where needed and validate; returns the posting."""
        report = self.report(place, quarter)
        if report.state != "submitted":
            report = self.submit(place, quarter)
        return services.validate(report=report, by=self.region, at=NOW)

    def reopen(self, place: int, quarter: int) -> None:
        """Reopen a validated report."""
        services.reopen(report=self.report(place, quarter), reason="Presenze da correggere", by=self.region, at=NOW)

    def total(self, indicator: str, scope: str = "programme", **where: Any) -> int:
        """Return the sum of the totals of an indicator in a scope, which the entries must confirm."""
        scopes = {"scope__kind": scope, **{f"scope__{name}": value for name, value in where.items()}}
        totals = ResultTotal.objects.filter(indicator=self.indicators[indicator], **scopes)
        entries = ResultEntry.objects.filter(indicator=self.indicators[indicator], reversed_in=None, **scopes)
        found = sum(totals.order_by("pk").values_list("quantity", flat=True))
        assert found == sum(entries.order_by("pk").values_list("quantity", flat=True))
        return found


def build() -> World:
    """Return a new world: two networks with one body each, three quarters, no activity yet."""
    region = OrganisationFactory(name="Regione di prova", kind=OrganisationKind.REGION, nature="public")
    programme = ProgrammeFactory(lead=region)
    ProgrammeBodyFactory(programme=programme, organisation=region, role=BodyRole.LEAD)
    coordinator = MembershipFactory(organisation=region, role="regional_coordinator").user
    actions = {code: ActionFactory(programme=programme, code=code) for code in ("01", "02", "03", "04")}
    types = {
        code: ActivityTypeFactory(action=actions[action], code=code, kind=kind)
        for code, action, kind in (
            ("lab", "01", ActivityKind.LAB),
            ("course", "02", ActivityKind.LAB),
            ("table", "02", ActivityKind.WORKING_GROUP),
            ("products", "02", ActivityKind.DELIVERABLE),
            ("news", "03", ActivityKind.CAMPAIGN),
            ("info", "04", ActivityKind.INFORMATION_MEETING),
        )
    }
    groups = {
        "pupils": TargetGroupFactory(
            programme=programme,
            code="pupils",
            minimum_age=3,
            maximum_age=16,
            citizenship=Citizenship.THIRD_COUNTRY,
            earned_by=[types["lab"]],
        ),
        "adults": TargetGroupFactory(programme=programme, code="adults", minimum_age=18, earned_by=[types["course"]]),
        "associations": TargetGroupFactory(
            programme=programme,
            code="associations",
            kind=TargetGroupKind.ORGANISATIONS,
            organisation_kinds=[OrganisationKind.MIGRANT_ASSOCIATION],
            earned_by=[types["info"]],
        ),
    }
    channels = {
        "newsletter": ReachChannelFactory(programme=programme, code="newsletter", mode=ReachMode.STOCK),
        "social": ReachChannelFactory(programme=programme, code="social", mode=ReachMode.FLOW),
    }
    indicators = {
        code: IndicatorFactory(programme=programme, code=code, measure=measure, unit=unit, rule=rule)
        for code, measure, unit, rule in (
            ("pupils", Measure.PERSONS, Unit.PERSONS, {"target_groups": ["pupils"]}),
            ("people", Measure.PERSONS, Unit.PERSONS, {}),
            (
                "steady",
                Measure.PERSONS,
                Unit.PERSONS,
                {"activity_types": ["lab"], "minimum_meetings": 2, "minimum_minutes": 150},
            ),
            ("associations", Measure.ORGANISATIONS, Unit.ORGANISATIONS, {"target_groups": ["associations"]}),
            ("bodies", Measure.ORGANISATIONS, Unit.ORGANISATIONS, {}),
            ("labs", Measure.ACTIVITIES, Unit.ACTIVITIES, {"activity_types": ["lab"]}),
            ("long_labs", Measure.ACTIVITIES, Unit.ACTIVITIES, {"activity_types": ["lab"], "minimum_meetings": 2}),
            ("meetings", Measure.MEETINGS, Unit.MEETINGS, {"actions": ["01", "02"]}),
            ("hours", Measure.HOURS, Unit.HOURS, {"activity_types": ["lab", "course"]}),
            ("networks", Measure.NETWORKS, Unit.NETWORKS, {}),
            ("products", Measure.DELIVERABLES, Unit.PRODUCTS, {}),
            ("contents", Measure.CAMPAIGNS, Unit.CONTENTS, {}),
            ("contacts", Measure.REACH, Unit.CONTACTS, {}),
            ("social", Measure.REACH, Unit.CONTACTS, {"channels": ["social"]}),
        )
    }
    periods = [
        PeriodFactory(programme=programme, code=code, starts_on=start, ends_on=end) for code, start, end in QUARTERS
    ]
    networks, bodies, operators = [], [], []
    for _place in range(2):
        network, body = NetworkFactory(), OrganisationFactory()
        NetworkMemberFactory(network=network, organisation=body, role="lead")
        for action in actions.values():
            ActionNetworkFactory(action=action, network=network)
        networks.append(network)
        bodies.append(body)
        operators.append(MembershipFactory(organisation=body).user)
    return World(
        programme, actions, types, groups, channels, indicators, periods, networks, bodies, operators, coordinator
    )
