# SPDX-License-Identifier: EUPL-1.2
"""Enrolments: the notice comes first, the dates hold, once each."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind
from actions.models import Activity
from actions.services.activities import update_activity
from beneficiaries.models import Beneficiary
from beneficiaries.selectors import register_summary
from beneficiaries.services.enrolments import Levels, cancel_withdrawal, enrol_many, record_levels, withdraw
from beneficiaries.services.entries import correct_enrolment_day
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.components import Link
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent, RowHistory
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import FIRST, NewEnrolment, class_of, enrolled, pupil


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


def test_enrolling_again_with_the_same_data_changes_nothing(scene: Scene, lab: Activity) -> None:
    one = pupil(scene)

    assert enrolled(scene, lab, one) == enrolled(scene, lab, one)
    assert AuditEvent.objects.filter(verb="enrolled").count() == 1
    with pytest.raises(DomainError):
        enrolled(scene, lab, one, enrolled_on=date(2019, 2, 1))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"notice_version": " "}, "notice_version"),
        ({"notice_given_on": date(2019, 1, 16)}, "notice_given_on"),
        ({"enrolled_on": date(2019, 1, 9), "notice_given_on": date(2019, 1, 1)}, "enrolled_on"),
        ({"enrolled_on": date(2019, 12, 21)}, "enrolled_on"),
    ],
)
def test_enrol_refuses_at_the_field(scene: Scene, lab: Activity, values: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        enrolled(scene, lab, pupil(scene), **values)
    assert refusal.value.field == field


def test_outside_the_ages_is_enrolled_all_the_same(scene: Scene, lab: Activity) -> None:
    assert enrolled(scene, lab, pupil(scene, birth_date=date(1999, 1, 1))).pk


def test_only_activities_with_a_register_enrol(scene: Scene) -> None:
    with pytest.raises(DomainError):
        enrolled(scene, scene.activity(ActivityKind.INFORMATION_MEETING), pupil(scene))


@pytest.mark.parametrize("person", ["teacher", "coordinator", "region", "outsider"])
def test_nobody_else_enrols(scene: Scene, lab: Activity, person: str) -> None:
    with pytest.raises(NotPermitted):
        enrolled(scene, lab, pupil(scene), by=getattr(scene, person))


def test_the_school_contact_enrols_in_the_lab_at_the_school(scene: Scene, lab: Activity) -> None:
    own = pupil(scene, registered_by=scene.school, by=scene.contact)

    assert enrolled(scene, lab, own, by=scene.contact).pk


@pytest.mark.parametrize("number", [3, 30])
def test_enrolling_many_costs_the_same(
    scene: Scene, lab: Activity, number: int, django_assert_max_num_queries: Any
) -> None:
    class_of(scene, scene.activity(), number)
    entries = [NewEnrolment(one, FIRST, "1", FIRST) for one in Beneficiary.objects.order_by("pk")]
    by = scene.operator

    with django_assert_max_num_queries(14):
        assert len(enrol_many(activity=lab, entries=entries, by=by)) == number


def test_a_withdrawal_comes_after_the_last_presence(scene: Scene, lab: Activity) -> None:
    enrolment = enrolled(scene, lab, pupil(scene))
    meeting = scene.meeting(lab, date(2019, 2, 5))
    record_attendance(activity=lab, cells=[Cell(meeting.pk, enrolment.pk, "present")], by=scene.operator)

    for day, reason, field in (
        (date(2019, 2, 4), "Trasferimento", "withdrawn_on"),
        (date(2019, 1, 14), "Trasferimento", "withdrawn_on"),
        (date(2019, 2, 5), " ", "reason"),
    ):
        with pytest.raises(DomainError) as refusal:
            withdraw(enrolment=enrolment, withdrawn_on=day, reason=reason, by=scene.operator)
        assert refusal.value.field == field
    withdraw(enrolment=enrolment, withdrawn_on=date(2019, 2, 5), reason="Trasferimento", by=scene.operator)

    with pytest.raises(DomainError):
        enrolled(scene, lab, enrolment.beneficiary)
    assert (enrolment.withdrawal_code, enrolment.withdrawal_reason) == ("other", "Trasferimento")
    cancel_withdrawal(enrolment=enrolment, by=scene.operator)
    assert (enrolment.withdrawn_on, enrolment.withdrawal_code) == (None, "")
    withdraw(enrolment=enrolment, withdrawn_on=date(2019, 2, 5), code="moved", by=scene.operator)
    with pytest.raises(DomainError) as refusal:
        withdraw(enrolment=enrolment, withdrawn_on=date(2019, 2, 5), code="tired", by=scene.operator)
    assert refusal.value.field == "code"
    assert (enrolment.withdrawal_code, enrolment.withdrawal_reason) == ("moved", "")


def test_who_was_enrolled_by_mistake_leaves_the_register_and_can_come_back(
    scene: Scene, lab: Activity, client: Client
) -> None:
    right, wrong = (enrolled(scene, lab, pupil(scene, code)) for code in ("3B-01", "3B-02"))
    meeting = scene.meeting(lab, date(2019, 2, 5))
    cell = Cell(meeting.pk, wrong.pk, "absent")
    record_attendance(activity=lab, cells=[cell], by=scene.operator)
    client.force_login(scene.operator)
    address = reverse("beneficiaries:withdraw", args=[wrong.pk])
    refused = client.post(address, {"code": "mistake"})
    assert "05/02/2019" in refused.context["form"].errors["code"][0]
    assert client.post(address, {"code": "moved"}).context["form"].errors["withdrawn_on"]
    record_attendance(activity=lab, cells=[replace(cell, state="")], by=scene.operator)
    page = client.post(address, {"code": "mistake"}, follow=True)
    # Neither in the grid nor in its figures; below it, for who wants it back.
    assert [row.row.enrolment for row in page.context["opened"].rows] == [right]
    assert page.context["mistaken"] == [
        Link(wrong.beneficiary.pseudonym, reverse("beneficiaries:enrolment", args=[wrong.pk]))
    ]
    assert (register_summary(lab).enrolled, register_summary(lab).withdrawn) == (1, 0)
    with pytest.raises(DomainError):
        enrolled(scene, lab, wrong.beneficiary)
    client.post(reverse("beneficiaries:withdrawal-cancel", args=[wrong.pk]))
    assert register_summary(lab).enrolled == 2


def test_the_day_of_an_enrolment_is_corrected_while_nothing_rests_on_it(
    scene: Scene, lab: Activity, client: Client
) -> None:
    enrolment = enrolled(scene, lab, pupil(scene))
    meeting = scene.meeting(lab, date(2019, 4, 9))
    record_attendance(activity=lab, cells=[Cell(meeting.pk, enrolment.pk, "present")], by=scene.operator)
    address = reverse("beneficiaries:enrolment-day", args=[enrolment.pk])
    client.force_login(scene.operator)

    def send(day: str, reason: str = "Data scritta male") -> Any:
        return client.post(address, {"enrolled_on": day, "reason": reason})

    for day, said in (
        ("2019-04-10", "09/04/2019"),  # after a presence
        ("2019-01-05", "10/01/2019"),  # before the activity begins
        ("2019-12-30", "20/12/2019"),
    ):
        assert said in str(send(day).context["form"].errors["enrolled_on"]), day
    assert send("2019-03-02", " ").context["form"].errors["reason"]
    assert send("2019-03-02").status_code == 302
    assert send("2019-03-02").status_code == 302, "a double click corrects once"
    event = AuditEvent.objects.get(verb="enrolment_day_corrected")
    assert (event.reason, event.data["before"]) == ("Data scritta male", "2019-01-15")
    scene.close(0)
    assert "2019-Q1" in str(send("2019-04-02").context["form"].errors["enrolled_on"])
    enrolment.refresh_from_db()
    assert enrolment.enrolled_on == date(2019, 3, 2)
    withdraw(enrolment=enrolment, withdrawn_on=date(2019, 4, 20), code="moved", by=scene.operator)
    with pytest.raises(NotPermitted):
        correct_enrolment_day(enrolment=enrolment, enrolled_on=FIRST, reason="x", by=scene.coordinator)


def test_levels_are_recorded(scene: Scene, lab: Activity) -> None:
    enrolment = enrolled(scene, lab, pupil(scene), entry_level="a1")

    def record(**values: Any) -> None:
        levels = Levels(**{"entry_level": "alfa_low", "exit_level": "a2"} | values)
        record_levels(enrolment=enrolment, levels=levels, by=scene.operator, today=date(2019, 6, 1))

    day = date(2019, 5, 30)
    for values, field in (
        ({"test_kind": "interview"}, "test_on"),
        ({"test_on": day}, "test_kind"),
        ({"entry_level": "", "test_kind": "both", "test_on": day}, "entry_level"),
        ({"entry_level": "c2"}, "entry_level"),
        ({"certificate_number": "12/2019"}, "certificate_on"),
        ({"certificate_on": day}, "certificate_body"),
        ({"certificate_on": date(2019, 6, 2), "certificate_body": "CPIA 2"}, "certificate_on"),
    ):
        with pytest.raises(DomainError) as refusal:
            record(**values)
        assert refusal.value.field == field, values
    assert enrolment.exit_level == ""
    record(
        test_kind="both", test_on=date(2019, 1, 12), certificate_number=" 12/2019 ", certificate_on=day,
        certificate_body="CPIA  2 Torino",
    )  # fmt: skip
    assert (enrolment.entry_level, enrolment.exit_level) == ("alfa_low", "a2")
    assert (enrolment.certificate_number, enrolment.certificate_body) == ("12/2019", "CPIA 2 Torino")
    assert "12/2019" not in str(list(RowHistory.objects.values_list("changes")))


def test_the_activity_keeps_its_enrolments_inside(scene: Scene, lab: Activity) -> None:
    enrolled(scene, lab, pupil(scene))

    with pytest.raises(DomainError) as refusal:
        update_activity(
            activity=lab, version=1, title="x", starts_on=date(2019, 1, 20), ends_on=lab.ends_on, by=scene.operator
        )

    assert refusal.value.field == "starts_on"
