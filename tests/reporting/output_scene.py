# SPDX-License-Identifier: EUPL-1.2
"""A programme with two networks that share people, reports that can be validated, and the ledger that follows."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils import timezone

from actions.enums import ActivityKind, IndicatorKind, Measure, MeetingState, Unit
from actions.models import (
    Action,
    ActionNetwork,
    Activity,
    Campaign,
    CampaignMeasure,
    Indicator,
    IndicatorTarget,
    Meeting,
    MeetingBody,
)
from beneficiaries.models import Attendance, Beneficiary, Enrolment
from fami_portal.core.services import acting
from partners.enums import NetworkRole, OrganisationKind
from partners.models import Network, NetworkMember, Organisation
from reporting.enums import ActivityReportState, PostingReason
from reporting.ledger import facts, postings, provisional, scopes, units
from reporting.ledger.reconcile import reconcile
from reporting.models import ActivityReport, Posting
from tests.actions.scene import Scene, build

# Pupils of the lab of each network; P3 and P4 go to both.
PUPILS = {"RETE-1": range(5), "RETE-2": range(3, 7)}


@dataclass
class OutputScene:
    """The scene of activities with indicators, a second network and registers of two quarters."""

    base: Scene
    labs: dict[str, Activity]
    people: list[Beneficiary]
    reports: dict[tuple[str, int], ActivityReport]
    associations: list[Organisation]

    @property
    def programme(self) -> Any:
        return self.base.programme

    @property
    def quarters(self) -> list[Any]:
        return self.base.quarters

    def person(self, name: str) -> Any:
        """Return a person of the scene: a coordinator, an operator of either network, a stranger to the programme."""
        if name != "stranger":
            return getattr(self.base, name)
        with acting(None):
            body, _made = Organisation.objects.get_or_create(
                name="Altrove",
                kind=OrganisationKind.REGION,
                defaults={"nature": "public", "informal_reason": "informal_group"},
            )
        return self.base.user("regional_coordinator", body)

    def submit(self, network: str, quarter: int) -> ActivityReport:
        """Submit a report: its figures become provisional."""
        report = self.reports[network, quarter]
        with acting(None):
            postings.take_head(self.programme)
            scopes.ensure_scopes(self.programme.pk)
            facts.draft(report.pk)
            provisional.submitted(self.programme.pk, report.pk)
            self._state(report, ActivityReportState.SUBMITTED)
        return report

    def validate(self, network: str, quarter: int) -> Posting:
        """Validate a report: its facts are frozen and posted."""
        report = self.reports[network, quarter]
        with acting(None):
            posting = postings.open_posting(
                programme=self.programme,
                reason=PostingReason.VALIDATION,
                report=report,
                by=self.base.region,
                at=timezone.now(),
            )
            scopes.ensure_scopes(self.programme.pk)
            facts.freeze([report.pk], posting)
            reconcile(posting, touched=units.touched_by_posting(posting.pk))
            self._state(report, ActivityReportState.VALIDATED)
        return posting

    def _state(self, report: ActivityReport, state: str) -> None:
        done = state == ActivityReportState.VALIDATED
        ActivityReport.objects.filter(pk=report.pk).update(
            state=state,
            submitted_at=timezone.now(),
            submitted_by=self.base.operator,
            validated_at=timezone.now() if done else None,
            validated_by=self.base.region if done else None,
        )
        report.refresh_from_db()

    def attend(self, network: str, day: date, present: Any) -> Meeting:
        """Hold a meeting of the lab of a network with these people."""
        lab = self.labs[network]
        with acting(None):
            meeting = _meeting(lab, day)
            for number in present:
                enrolment, _made = Enrolment.objects.get_or_create(
                    activity=lab,
                    beneficiary=self.people[number],
                    defaults={
                        "enrolled_on": date(2019, 1, 10),
                        "notice_version": "1",
                        "notice_given_on": date(2019, 1, 9),
                    },
                )
                Attendance.objects.create(meeting=meeting, enrolment=enrolment, state="present", minutes=90)
        return meeting


def _meeting(activity: Activity, day: date) -> Meeting:
    return Meeting.objects.create(
        activity=activity,
        held_on=day,
        starts_at=time(14),
        ends_at=time(15, 30),
        minutes=90,
        state=MeetingState.HELD,
    )


def _indicators(base: Scene, other_action: Action) -> None:
    rows = [
        (
            "D.1",
            "Alunni di Paesi terzi",
            IndicatorKind.TARGET,
            Measure.PERSONS,
            Unit.PERSONS,
            base.action,
            {"target_groups": ["pupils"]},
            [],
            20,
        ),
        (
            "D.2",
            "Alunni in laboratorio",
            IndicatorKind.TARGET,
            Measure.PERSONS,
            Unit.PERSONS,
            base.action,
            {},
            ["D.1"],
            None,
        ),
        (
            "D.3",
            "Associazioni",
            IndicatorKind.TARGET,
            Measure.ORGANISATIONS,
            Unit.ORGANISATIONS,
            other_action,
            {"organisation_kinds": ["migrant_association"]},
            [],
            5,
        ),
        (
            "D.4",
            "Persone informate",
            IndicatorKind.TARGET,
            Measure.REACH,
            Unit.CONTACTS,
            other_action,
            {"channels": ["newsletter"]},
            [],
            5000,
        ),
        (
            "O.1",
            "Ore di laboratorio",
            IndicatorKind.OUTPUT,
            Measure.HOURS,
            Unit.HOURS,
            base.action,
            {"activity_types": ["lab"]},
            [],
            6000,
        ),
        (
            "O.2",
            "Incontri informativi",
            IndicatorKind.OUTPUT,
            Measure.MEETINGS,
            Unit.MEETINGS,
            other_action,
            {"activity_types": ["information_meeting"]},
            [],
            None,
        ),
    ]
    for position, (code, title, kind, measure, unit, action, rule, bounds, target) in enumerate(rows):
        indicator = Indicator.objects.create(
            programme=base.programme,
            code=code,
            title=title,
            kind=kind,
            measure=measure,
            unit=unit,
            action=action,
            rule=rule,
            bounds=bounds,
            position=position,
        )
        if target:
            IndicatorTarget.objects.create(indicator=indicator, value=target, valid_from=base.programme.starts_on)


def build_output() -> OutputScene:
    """Build the scene: registers of the first two quarters of 2019, nothing submitted yet."""
    base = build()
    with acting(None):
        network = Network.objects.get(code="RETE-2")
        ActionNetwork.objects.create(action=base.action, network=network)
        action = Action.objects.create(programme=base.programme, code="04", title="Partecipazione", position=1)
        ActionNetwork.objects.create(action=action, network=network)
        for kind in (ActivityKind.INFORMATION_MEETING, ActivityKind.CAMPAIGN):
            base.types[kind].action = action
            base.types[kind].save()
        _indicators(base, action)
        bodies = {"RETE-1": base.cooperative, "RETE-2": base.stranger}
        labs = {}
        for code, body in bodies.items():
            labs[code] = Activity.objects.create(
                programme=base.programme,
                action=base.action,
                activity_type=base.types[ActivityKind.LAB],
                network=Network.objects.get(code=code),
                organisation=body,
                title=f"Laboratorio di {code}",
                starts_on=date(2019, 1, 10),
                ends_on=date(2019, 12, 20),
            )
        people = [
            Beneficiary.objects.create(
                programme=base.programme,
                pseudonym=f"PS{number:04d}",
                local_code=f"c{number}",
                registered_by=base.cooperative,
                target_group=base.pupils if number not in (6, 7) else base.background,
                sex="female" if number % 2 else "male",
                birth_date=date(2008, 5, 4),
                citizenship=base.morocco,
                eligibility="declared",
            )
            for number in range(9)
        ]
        associations = [
            Organisation.objects.create(
                name=f"Associazione {number}",
                kind=OrganisationKind.MIGRANT_ASSOCIATION,
                nature="private",
                informal_reason="informal_group",
            )
            for number in range(3)
        ]
        NetworkMember.objects.create(
            network=network, organisation=associations[0], role=NetworkRole.MEMBER, entered_on=date(2019, 1, 1)
        )
        reports = {
            (code, quarter): ActivityReport.objects.create(
                programme=base.programme,
                network=labs[code].network,
                organisation=body,
                period=base.quarters[quarter],
                due_on=base.quarters[quarter].due_on,
            )
            for code, body in bodies.items()
            for quarter in (0, 1)
        }
        _informed(base, labs["RETE-2"], associations)
    scene = OutputScene(base, labs, people, reports, associations)
    for code, numbers in PUPILS.items():
        scene.attend(code, date(2019, 2, 5), numbers)
        scene.attend(code, date(2019, 3, 12), list(numbers)[:2])
        scene.attend(code, date(2019, 5, 7), list(numbers)[1:3])
    scene.attend("RETE-1", date(2019, 5, 14), [8])
    return scene


def _informed(base: Scene, lab: Activity, associations: list[Organisation]) -> None:
    """An information meeting in each quarter, and a newsletter measured twice."""
    common = {
        "programme": base.programme,
        "network": lab.network,
        "organisation": lab.organisation,
        "starts_on": date(2019, 1, 10),
        "ends_on": date(2019, 12, 20),
    }
    kind = base.types[ActivityKind.INFORMATION_MEETING]
    paths = Activity.objects.create(action=kind.action, activity_type=kind, title="Percorsi informativi", **common)
    for day, present in ((date(2019, 2, 20), associations[:2]), (date(2019, 6, 20), associations[1:])):
        meeting = _meeting(paths, day)
        for body in present:
            MeetingBody.objects.create(meeting=meeting, organisation=body, people=3)
    kind = base.types[ActivityKind.CAMPAIGN]
    news = Activity.objects.create(action=kind.action, activity_type=kind, title="Newsletter", **common)
    campaign = Campaign.objects.create(
        activity=news, channel=base.channel, title="Numero 1", audience="iscritti", published_on=date(2019, 3, 1)
    )
    CampaignMeasure.objects.create(campaign=campaign, measured_on=date(2019, 3, 10), value=1500)
    CampaignMeasure.objects.create(campaign=campaign, measured_on=date(2019, 6, 10), value=2100)
