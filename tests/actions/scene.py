# SPDX-License-Identifier: EUPL-1.2
"""One small programme with its people, built row by row: what the tests of activities and registers share."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from actions.enums import ActivityKind, BodyRole, PeriodCalendar, ReachMetric, ReachMode, TargetGroupKind
from actions.models import (
    Action,
    ActionNetwork,
    Activity,
    ActivityType,
    ClosedPeriod,
    Meeting,
    Notice,
    NoticeText,
    Period,
    Programme,
    ProgrammeBody,
    ReachChannel,
    TargetGroup,
)
from actions.services.activities import create_activity
from actions.services.meetings import add_meeting
from fami_portal.core.services import acting
from partners.enums import NetworkKind, NetworkRole, OrganisationKind
from partners.models import Country, Language, Membership, Network, NetworkMember, Organisation

START = date(2019, 1, 1)
END = date(2020, 12, 31)


@dataclass
class Scene:
    """A programme with one action of each need, one network with a cooperative and a school, and a stranger body."""

    programme: Programme
    action: Action
    network: Network
    lead: Organisation
    cooperative: Organisation
    school: Organisation
    stranger: Organisation
    types: dict[str, ActivityType]
    channel: ReachChannel
    pupils: TargetGroup
    background: TargetGroup
    adults: TargetGroup
    morocco: Country
    italy: Country
    quarters: list[Period]
    users: dict[str, User] = field(default_factory=dict)

    def user(self, role: str, organisation: Organisation, *, networks: Any = ()) -> User:
        """Return a person with a role in a body, made at the first asking."""
        name = f"{role}-{organisation.pk}"
        if name not in self.users:
            with acting(None):
                user = User.objects.create(
                    email=f"{name}@example.org", given_name=role.title(), family_name="Prova", password="!"
                )
                membership = Membership.objects.create(
                    user=user, organisation=organisation, role=role, valid_from=date(2018, 1, 1)
                )
                membership.networks.set(networks)
            self.users[name] = user
        return User.objects.get(pk=self.users[name].pk)  # a new object: nothing kept on it from before

    @property
    def operator(self) -> User:
        return self.user("partner_operator", self.cooperative)

    @property
    def contact(self) -> User:
        return self.user("school_contact", self.school)

    @property
    def teacher(self) -> User:
        return self.user("teacher", self.school)

    @property
    def coordinator(self) -> User:
        return self.user("network_coordinator", self.cooperative, networks=[self.network])

    @property
    def region(self) -> User:
        return self.user("regional_coordinator", self.lead)

    @property
    def outsider(self) -> User:
        return self.user("partner_operator", self.stranger)

    def activity(self, kind: str = ActivityKind.LAB, **values: Any) -> Activity:
        """Return a new activity of the cooperative, at the school."""
        given = {
            "activity_type": self.types[kind],
            "network": self.network,
            "organisation": self.cooperative,
            "title": f"Laboratorio {Activity.objects.count() + 1}",
            "starts_on": date(2019, 1, 10),
            "ends_on": date(2019, 12, 20),
            "venue": self.school,
            "by": self.operator,
        }
        return create_activity(**(given | values))

    def meeting(self, activity: Activity, day: date = date(2019, 2, 5), hour: int = 14, **values: Any) -> Meeting:
        """Return a new meeting of ninety minutes."""
        start = datetime.combine(day, time(hour))
        end = start + timedelta(minutes=90)
        return add_meeting(
            activity=activity, held_on=day, starts_at=start.time(), ends_at=end.time(), by=self.operator, **values
        )

    def close(self, number: int) -> ClosedPeriod:
        """Close a quarter for the cooperative."""
        with acting(None):
            return ClosedPeriod.objects.create(
                network=self.network,
                organisation=self.cooperative,
                period=self.quarters[number],
                closed_at=timezone.now(),
            )


def _body(name: str, kind: str, code: str = "") -> Organisation:
    return Organisation.objects.create(
        name=name,
        kind=kind,
        nature="private",
        fiscal_code=code,
        informal_reason="" if code else "informal_group",
    )


def publish(programme: Programme, code: str = "1", valid_from: date = START, **values: Any) -> Notice:
    """Publish a version of the privacy notice of a programme, in Italian."""
    italian, _made = Language.objects.get_or_create(code="it", defaults={"name": "Italiano"})
    with acting(None):
        notice = Notice.objects.create(
            programme=programme, code=code, valid_from=valid_from, published_at=timezone.now(), **values
        )
        NoticeText.objects.create(notice=notice, language=italian, body="# Informativa\n\nI dati servono al programma.")
    return notice


def build() -> Scene:
    """Build the scene."""
    with acting(None):
        lead = _body("Regione Prova", OrganisationKind.REGION)
        cooperative = _body("Cooperativa Prova", OrganisationKind.COOPERATIVE)
        school = _body("Istituto comprensivo Prova", OrganisationKind.SCHOOL)
        stranger = _body("Cooperativa di un’altra rete", OrganisationKind.COOPERATIVE)
        programme = Programme.objects.create(
            slug="prova",
            title="Programma di prova",
            fund="FAMI",
            lead=lead,
            starts_on=START,
            ends_on=END,
            calendar=PeriodCalendar.SOLAR_QUARTERS,
            visibility_text="Progetto cofinanziato dall’Unione europea.",
        )
        ProgrammeBody.objects.create(programme=programme, organisation=lead, role=BodyRole.LEAD)
        action = Action.objects.create(programme=programme, code="01", title="Scuola")
        network = Network.objects.create(code="RETE-1", name="Rete 1", kind=NetworkKind.TEMPORARY_ASSOCIATION)
        other = Network.objects.create(code="RETE-2", name="Rete 2", kind=NetworkKind.TEMPORARY_ASSOCIATION)
        ActionNetwork.objects.create(action=action, network=network)
        for body, role, where in (
            (cooperative, NetworkRole.LEAD, network),
            (school, NetworkRole.MEMBER, network),
            (stranger, NetworkRole.LEAD, other),
        ):
            NetworkMember.objects.create(network=where, organisation=body, role=role, entered_on=START)
        types = {
            kind: ActivityType.objects.create(
                programme=programme, action=action, code=kind, title=str(ActivityKind(kind).label), kind=kind
            )
            for kind in ActivityKind.values
        }
        pupils, background, adults = (
            TargetGroup.objects.create(
                programme=programme,
                code=code,
                title=title,
                kind=TargetGroupKind.PERSONS,
                minimum_age=low,
                maximum_age=high,
                citizenship=citizenship,
                position=position,
            )
            for position, (code, title, low, high, citizenship) in enumerate(
                (
                    ("pupils", "Alunni di Paesi terzi", 3, 16, "third_country"),
                    ("background", "Alunni con background migratorio", 3, 18, "any"),
                    ("adults", "Adulti", 18, None, "third_country"),
                )
            )
        )
        pupils.earned_by.add(types[ActivityKind.LAB])
        morocco, _made = Country.objects.get_or_create(
            code="MA", defaults={"name": "Marocco", "official_label": "Marocco", "is_third_country": True}
        )
        italy, _made = Country.objects.get_or_create(
            code="IT", defaults={"name": "Italia", "official_label": "Italia", "is_third_country": False}
        )
        quarters = [
            Period.objects.create(
                programme=programme,
                code=f"2019-Q{number + 1}",
                starts_on=date(2019, 3 * number + 1, 1),
                ends_on=date(2019 + (number == 3), (3 * number + 3) % 12 + 1, 1) - timedelta(days=1),
                due_on=date(2020, 3, 1) + timedelta(days=number),
            )
            for number in range(4)
        ]
        publish(programme)
        channel = ReachChannel.objects.create(
            programme=programme,
            code="newsletter",
            title="Newsletter",
            metric=ReachMetric.SUBSCRIBERS,
            mode=ReachMode.STOCK,
        )
    return Scene(
        programme=programme,
        action=action,
        network=network,
        lead=lead,
        cooperative=cooperative,
        school=school,
        stranger=stranger,
        types=types,
        channel=channel,
        pupils=pupils,
        background=background,
        adults=adults,
        morocco=morocco,
        italy=italy,
        quarters=quarters,
    )
