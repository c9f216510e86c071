# SPDX-License-Identifier: EUPL-1.2
"""From the activity to the fact for the kinds of work that are not labs: families, guidance, training of operators."""

from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from actions.enums import ActivityKind, TargetGroupKind
from actions.models import Activity, TargetGroup
from actions.services.meetings import hold_meeting
from beneficiaries.models import Certificate
from beneficiaries.rendering import certificates as rendering
from beneficiaries.services.certificates import certificate_for
from beneficiaries.services.identities import NewIdentity, write_identities
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting
from partners.enums import NetworkRole
from partners.models import NetworkMember
from reporting.ledger import facts
from reporting.models import ActivityReport, DraftFact
from reporting.services.activity_reports import open_activity_reports
from tests.actions.scene import START, Scene, build
from tests.beneficiaries.class_of import enrolled, pupil
from tests.beneficiaries.followed import adult, done, followed_by, taken

AT = datetime(2019, 4, 2, 9, tzinfo=UTC)
DAY = date(2019, 2, 12)


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()


def proved(scene: Scene, *activities: Activity) -> list[list[tuple[Any, ...]]]:
    """Return the kind, the meetings, the minutes and the first day of each fact of some activities."""
    open_activity_reports(period=scene.quarters[0], by=None, at=AT)
    report = ActivityReport.objects.get(organisation=scene.cooperative, period=scene.quarters[0])
    facts.draft(report.pk)
    rows = DraftFact.objects.filter(report=report).order_by("kind", "first_on", "unit_id")
    return [
        list(rows.filter(activity=one).values_list("kind", "meetings", "minutes", "first_on")) for one in activities
    ]


def test_families_meet_without_a_register_and_guidance_counts_who_received_it(scene: Scene) -> None:
    families = scene.activity(ActivityKind.FAMILY_MEETING, title="Famiglie al nido")
    hold_meeting(meeting=scene.meeting(families, DAY), by=scene.operator)
    scene.meeting(families, date(2019, 3, 12))  # not held
    with pytest.raises(DomainError):
        enrolled(scene, families, pupil(scene))
    guidance = followed_by(scene, title="Orientamento")
    support = taken(scene, guidance, adult(scene, "A-1"))
    done(scene, support, minutes=45)
    done(scene, support, minutes=60, held_on=date(2019, 3, 11))

    days = [(1, 45, date(2019, 2, 11)), (1, 60, date(2019, 3, 11))]
    assert proved(scene, families, guidance) == [
        [("meeting", 1, 90, DAY)],
        [(kind, *day) for kind in ("attendance", "intervention") for day in days],
    ]


def test_who_assists_or_evaluates_a_network_is_shown_there_owes_no_report_and_reads_no_work(
    client: Client, scene: Scene
) -> None:
    lab = scene.activity()
    with acting(None):
        stay = NetworkMember.objects.create(
            network=scene.network, organisation=scene.stranger, role=NetworkRole.EVALUATOR, entered_on=START
        )
    client.force_login(scene.outsider)
    for role in (NetworkRole.EVALUATOR, NetworkRole.TECHNICAL_ASSISTANCE):
        with acting(None):
            NetworkMember.objects.filter(pk=stay.pk).update(role=role)
        assert str(role.label) in client.get(scene.network.get_absolute_url()).content.decode()
        assert client.get(lab.get_absolute_url()).status_code == 404
        register = f"{lab.get_absolute_url()}register/"
        assert client.get(register).status_code == 404
    open_activity_reports(period=scene.quarters[0], by=None, at=AT)
    owed = ActivityReport.objects.filter(network=scene.network).order_by("pk")
    assert {row.organisation for row in owed} == {scene.cooperative, scene.school}


def test_operators_in_training_have_their_register_certificate_and_fact(scene: Scene) -> None:
    with acting(None):
        operators = TargetGroup.objects.create(
            programme=scene.programme, code="operators", title="Operatori", kind=TargetGroupKind.OPERATORS,
            citizenship="any", position=9,
        )  # fmt: skip
        operators.earned_by.add(scene.types[ActivityKind.TRAINING])
    course = scene.activity(ActivityKind.TRAINING, title="Aggiornamento", venue=None)
    met = scene.meeting(course, DAY)
    person = pupil(scene, "OP-1", target_group=operators, birth_date=date(1980, 5, 1), citizenship=scene.italy)
    row = enrolled(scene, course, person)
    with acting(None):
        write_identities(
            entries=[NewIdentity(person, "Anna", "Prova", tax_code_missing="not_asked")],
            organisation=scene.cooperative,
            by=None,
        )
        Activity.objects.filter(pk=course.pk).update(state="running")
    record_attendance(activity=course, cells=[Cell(met.pk, row.pk, "present")], by=scene.operator)

    with patch.object(rendering, "_compiled", wraps=rendering._compiled) as compiled:
        assert certificate_for(enrolment=row, birth_date=False, by=scene.operator, at=AT)[:5] == b"%PDF-"
    data = compiled.call_args.args[0]
    assert (data["papers"][0]["name"], data["visibility"]) == ("Anna Prova", scene.programme.visibility_text)
    assert Certificate.objects.get().minutes == 90
    assert proved(scene, course) == [[("attendance", 1, 90, DAY), ("meeting", 1, 90, DAY)]]
