# SPDX-License-Identifier: EUPL-1.2
"""One person or one household followed: taken in charge, interventions, the household, the path, the end."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import ActivityState
from actions.enums import Support as Given
from actions.models import Activity
from actions.services.activities import cancel_activity, update_activity
from actions.workflow import ClosedPeriodError
from beneficiaries.enums import InterventionKind, SupportKind
from beneficiaries.models import Enrolment, Intervention, InterventionPerson, Support, SupportMember
from beneficiaries.selectors import supports as found_by
from beneficiaries.services import interventions, supports
from beneficiaries.services.enrolments import withdraw
from beneficiaries.services.erasure import anonymise
from beneficiaries.services.restrictions import restrict
from beneficiaries.services.support_reminders import remind_of_supports
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import Message, RowHistory
from fami_portal.core.services import acting
from partners.models import NetworkMember
from partners.services.networks import end_member
from tests.actions.scene import Scene, build
from tests.beneficiaries.followed import OPENED, TODAY, adult, done, entry, followed_by, taken, work

AT = datetime(2019, 3, 20, 9, tzinfo=UTC)


def refused(field: str | None, act: Any, *args: Any, **values: Any) -> None:
    with pytest.raises(DomainError) as error:
        act(*args, **values)
    assert error.value.field == field, str(error.value)


@pytest.mark.django_db
def test_taking_in_charge_enrols_who_is_new_and_refuses_what_cannot_be(scene: Scene) -> None:
    activity = followed_by(scene, supports=[Given.WORK_GUIDANCE])
    one, two = adult(scene, "A-1"), adult(scene, "A-2")
    key = uuid4()
    first = taken(scene, activity, one, key=key)
    assert taken(scene, activity, one, key=key) == first
    assert Enrolment.objects.get(activity=activity).enrolled_on == OPENED
    foreign = adult(scene, "Z-1", registered_by=scene.stranger, by=None)

    refused("codes", taken, scene, activity, one)  # followed already
    refused("codes", taken, scene, activity, two, two)
    refused("codes", taken, scene, activity, foreign)
    refused("codes", taken, scene, activity)
    refused("code", taken, scene, activity, two, adult(scene, "A-3"), code="")
    refused("code", taken, scene, activity, two, code="N-9")
    refused("kind", taken, scene, activity, two, kind=SupportKind.HOUSING)
    refused("opened_on", taken, scene, activity, two, opened_on=TODAY + timedelta(days=1))
    refused("opened_on", taken, scene, activity, two, opened_on=date(2019, 1, 2))
    refused(
        "notice_given_on", taken, scene, activity, two, entries=[entry(two, OPENED).__class__(two, OPENED, "1", None)]
    )
    with pytest.raises(NotPermitted):
        taken(scene, activity, two, by=scene.contact)
    with pytest.raises(NotPermitted):
        taken(scene, activity, two, by=scene.coordinator)
    lab = scene.activity()
    refused(None, taken, scene, lab, two)
    assert Support.objects.count() == 1
    assert Enrolment.objects.count() == 1


@pytest.mark.django_db
def test_an_intervention_refuses_what_cannot_be_and_keeps_the_rest(scene: Scene) -> None:
    activity = followed_by(scene)
    support = taken(scene, activity, adult(scene, "A-1"))
    key = uuid4()
    row = done(scene, support, key=key, next_step="Iscriversi al centro per l’impiego", next_step_on=date(2019, 3, 1))
    assert done(scene, support, key=key) == row
    assert Intervention.objects.count() == InterventionPerson.objects.count() == 1

    for field, values in (
        ("held_on", {"held_on": TODAY + timedelta(days=1)}),
        ("held_on", {"held_on": date(2019, 1, 5)}),  # before the activity
        ("held_on", {"held_on": OPENED - timedelta(days=1)}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 601}),
        ("kind", {"kind": InterventionKind.HOUSE_ENTRY}),
        ("outcome", {"outcome": "boh"}),
        ("operator", {"operator": scene.outsider}),
        ("next_step_on", {"next_step": "Poi"}),
        ("next_step", {"next_step_on": TODAY}),
        ("next_step_on", {"next_step": "Poi", "next_step_on": date(2019, 2, 1)}),
        ("persons", {"persons": []}),
        ("persons", {"persons": [999_999]}),
    ):
        refused(field, done, scene, support, **values)
    with pytest.raises(NotPermitted):
        done(scene, support, by=scene.contact)

    with pytest.raises(StaleError):
        interventions.update_intervention(intervention=row, version=9, work=work(scene), by=scene.operator, today=TODAY)
    interventions.update_intervention(
        intervention=row, version=1, work=work(scene, minutes=60), by=scene.operator, today=TODAY
    )
    assert (row.minutes, row.next_step, row.next_step_on, row.version) == (60, "", None, 2)

    refused(
        "ended_on",
        supports.end_support,
        support=support,
        version=1,
        ended_on=date(2019, 2, 10),
        outcome="reached",
        by=scene.operator,
        today=TODAY,
    )
    refused(
        "outcome",
        supports.end_support,
        support=support,
        version=1,
        ended_on=TODAY,
        outcome="",
        by=scene.operator,
        today=TODAY,
    )
    supports.end_support(
        support=support, version=1, ended_on=TODAY, outcome="reached", note="Assunta", by=scene.operator, today=TODAY
    )
    refused(None, done, scene, support)
    refused(None, interventions.remove_intervention, intervention=row, version=2, by=scene.operator)
    supports.reopen_support(support=support, by=scene.operator)
    assert (support.ended_on, support.outcome, support.end_note) == (None, "", "")
    interventions.remove_intervention(intervention=row, version=2, by=scene.operator)
    interventions.remove_intervention(intervention=row, version=2, by=scene.operator)
    assert not Intervention.objects.exists()


@pytest.mark.django_db
def test_a_household_has_dated_members_and_each_intervention_its_persons(scene: Scene) -> None:
    activity = followed_by(scene)
    mother, son, guest = adult(scene, "A-1"), adult(scene, "A-2"), adult(scene, "A-3")
    support = taken(scene, activity, mother, son)
    refused("code", taken, scene, activity, guest, adult(scene, "A-4"))  # another household of this code
    people = {m.enrolment.beneficiary.local_code: m for m in support.members.select_related("enrolment__beneficiary")}
    done(scene, support)
    done(scene, support, held_on=date(2019, 2, 18), persons=[people["A-1"].enrolment_id])
    assert InterventionPerson.objects.count() == 3
    # The body cannot have left the network before its last intervention.
    stay = NetworkMember.objects.get(network=scene.network, organisation=scene.cooperative)
    with pytest.raises(DomainError, match="18/02/2019"):
        end_member(member=stay, left_on=date(2019, 2, 17), by=None)

    leave = {"member": people["A-2"], "by": scene.operator, "today": TODAY}
    refused("until", supports.end_membership, until=date(2019, 2, 10), **leave)  # served on the 11th
    supports.end_membership(until=date(2019, 2, 20), **leave)
    done(scene, support, held_on=date(2019, 2, 25))
    assert not InterventionPerson.objects.filter(
        enrolment=people["A-2"].enrolment, intervention__held_on=date(2019, 2, 25)
    ).exists()
    refused("persons", done, scene, support, held_on=date(2019, 2, 26), persons=[people["A-2"].enrolment_id])
    refused("until", supports.end_membership, member=people["A-1"], until=TODAY, by=scene.operator, today=TODAY)

    alone = taken(scene, activity, guest, kind=SupportKind.EDUCATION)
    enrolment = Enrolment.objects.get(beneficiary=guest)
    join = {"enrolment": enrolment, "since": date(2019, 3, 1), "by": scene.operator, "today": TODAY}
    refused("enrolment", supports.add_member, support=alone, **join)
    joined = supports.add_member(support=support, **join)
    assert supports.add_member(support=support, **join) == joined
    assert found_by.followed_in(activity) == found_by.Followed(3, 2, 3, 135)
    # Whoever is followed does not leave the activity, nor does what was done fall out of it.
    refused("withdrawn_on", withdraw, enrolment=enrolment, withdrawn_on=TODAY, code="moved", by=scene.operator)
    with pytest.raises(DomainError):
        cancel_activity(activity=activity, reason="Per sbaglio", by=scene.operator)
    values = {"title": activity.title, "starts_on": activity.starts_on, "ends_on": date(2019, 2, 12)}
    with pytest.raises(DomainError):
        update_activity(activity=activity, version=activity.version, by=scene.operator, **values)


@pytest.mark.django_db
def test_a_home_is_looked_at_again_and_bodies_are_told_once_a_week(scene: Scene) -> None:
    activity = followed_by(scene, supports=[Given.HOUSING], ends_on=date(2020, 6, 30))
    support = taken(scene, activity, adult(scene, "A-1"), adult(scene, "A-2"), kind=SupportKind.HOUSING)
    entered = date(2019, 2, 28)

    def due() -> list[tuple[str, date]]:
        return [(str(one.what), one.due_on) for one in found_by.dues_for(scene.operator)]

    done(
        scene,
        support,
        kind=InterventionKind.HOUSE_SEARCH,
        next_step="Visita all’alloggio",
        next_step_on=date(2019, 2, 20),
    )
    assert [day for _what, day in due()] == [date(2019, 2, 20)]
    done(scene, support, kind=InterventionKind.HOUSE_ENTRY, held_on=entered)
    assert [day for _what, day in due()] == [date(2019, 5, 28), date(2019, 8, 28)]
    assert found_by.months_after(date(2019, 8, 31), 6) == date(2020, 2, 29)

    assert remind_of_supports(at=datetime(2019, 5, 1, 8, tzinfo=UTC)) == 0
    at = datetime(2019, 5, 22, 8, tzinfo=UTC)
    assert remind_of_supports(at=at) == 1
    assert remind_of_supports(at=at + timedelta(days=1)) == 0
    message = Message.objects.get(kind="beneficiaries.supports_due")
    assert "A-1" not in message.body + message.subject
    assert remind_of_supports(at=at + timedelta(days=7)) == 1

    done(scene, support, kind=InterventionKind.AFTER_3_MONTHS, held_on=date(2019, 5, 27), today=date(2019, 6, 1))
    assert [day for _what, day in due()] == [date(2019, 8, 28)]
    waiting = found_by.supports_waiting(scene.operator)
    assert [line.url for line in waiting] == [found_by.dues_for(scene.operator)[0].url]
    second = taken(scene, activity, adult(scene, "A-3"), kind=SupportKind.HOUSING)
    done(scene, second, kind=InterventionKind.HOUSE_ENTRY, held_on=entered)
    (line,) = found_by.supports_waiting(scene.operator)
    assert "2" in line.title, "one line for an activity, however many are due in it"
    for unable in ({"state": ActivityState.CONCLUDED}, {"ends_on": date(2019, 5, 27)}):
        with acting(None):
            before = Activity.objects.filter(pk=activity.pk).values(*unable).get()
            Activity.objects.filter(pk=activity.pk).update(**unable)
            assert not due(), f"nobody could record it: {unable}"
            Activity.objects.filter(pk=activity.pk).update(**before)
    supports.end_support(
        support=support,
        version=1,
        ended_on=date(2019, 6, 1),
        outcome="reached",
        by=scene.operator,
        today=date(2019, 6, 1),
    )
    assert {one.support.pk for one in found_by.dues_for(scene.operator)} == {second.pk}
    assert not found_by.dues_for(scene.outsider)


@pytest.mark.django_db
def test_the_path_is_of_one_pupil_and_stays_when_the_school_year_is_over(scene: Scene) -> None:
    activity = followed_by(scene, supports=[Given.SCHOOL_INCLUSION])
    one, two = adult(scene, "A-1"), adult(scene, "A-2")
    refused("codes", taken, scene, activity, one, two, kind=SupportKind.SCHOOL_PATH)
    support = taken(scene, activity, one, kind=SupportKind.SCHOOL_PATH)
    path = {"support": support, "by": scene.operator}
    refused("path_advised", supports.record_path, version=1, advised="", chosen="", today=TODAY, **path)
    refused("path_chosen", supports.record_path, version=1, advised="", chosen="boh", today=TODAY, **path)
    supports.record_path(version=1, advised="technical", chosen="", today=TODAY, **path)
    supports.record_path(version=2, advised="", chosen="liceo", today=TODAY, **path)
    assert (support.path_advised, support.path_chosen) == ("technical", "liceo")
    refused(None, supports.record_path, version=3, advised="liceo", chosen="", today=date(2019, 9, 1), **path)
    kept = RowHistory.objects.filter(table_name=Support._meta.db_table)
    assert not any("path" in key for row in kept for key in row.changes)


@pytest.mark.django_db
def test_a_closed_period_stands_against_the_services_and_against_sql(scene: Scene) -> None:
    activity = followed_by(scene)
    support = taken(scene, activity, adult(scene, "A-1"))
    row = done(scene, support, note="Parole")
    scene.close(0)
    with pytest.raises(ClosedPeriodError):
        done(scene, support, held_on=date(2019, 2, 12))
    with pytest.raises(ClosedPeriodError):
        interventions.update_intervention(
            intervention=row,
            version=1,
            work=work(scene, held_on=date(2019, 4, 2)),
            by=scene.operator,
            today=date(2019, 4, 3),
        )
    with pytest.raises(ClosedPeriodError):
        interventions.remove_intervention(intervention=row, version=1, by=scene.operator)
    for statement in (
        lambda: Intervention.objects.filter(pk=row.pk).update(minutes=1),
        lambda: Intervention.objects.filter(pk=row.pk).update(held_on=date(2019, 4, 2)),
        lambda: InterventionPerson.objects.filter(intervention=row).delete(),
        lambda: Intervention.objects.create(
            support=support,
            held_on=date(2019, 3, 1),
            minutes=9,
            operator=scene.operator,
            kind="interview",
            outcome="done",
        ),
    ):
        with pytest.raises(DatabaseError, match="closed"), acting(None):
            statement()
    # What describes the person may still go.
    with acting(None):
        Intervention.objects.filter(pk=row.pk).update(note="")
    done(scene, support, held_on=date(2019, 4, 2), today=date(2019, 4, 3))


@pytest.mark.django_db
def test_erasing_one_member_takes_the_words_about_the_household_and_keeps_what_counts(scene: Scene) -> None:
    activity = followed_by(scene)
    mother, son = adult(scene, "A-1"), adult(scene, "A-2")
    support = taken(scene, activity, mother, son)
    words = {"note": "Parole sulla famiglia", "next_step": "Chiamare la scuola", "next_step_on": date(2019, 3, 1)}
    row = done(scene, support, persons=[support.members.get(enrolment__beneficiary=mother).enrolment_id], **words)
    supports.end_support(
        support=support, version=1, ended_on=TODAY, outcome="moved", note="A Lodi", by=scene.operator, today=TODAY
    )
    restrict(beneficiaries=[mother], reason="Contestata", by=None, at=AT)
    supports.reopen_support(support=support, by=scene.operator)
    refused("persons", done, scene, support, held_on=date(2019, 2, 12))
    supports.end_support(
        support=support, version=3, ended_on=TODAY, outcome="moved", note="A Lodi", by=scene.operator, today=TODAY
    )

    anonymise(beneficiaries=[son], by=None, at=AT, reason="Richiesta")

    for kept in (row, support):
        kept.refresh_from_db()
    assert (row.note, row.next_step, row.next_step_on, row.minutes) == ("", "", None, 45)
    assert (support.code, support.end_note, support.outcome) == ("", "", "moved")
    assert SupportMember.objects.count() == 2
    texts = " ".join(str(one.changes) for one in RowHistory.objects.all())
    assert "Parole" not in texts
    assert "2019-03-01" not in texts
    assert "A Lodi" not in texts


@pytest.fixture
def household(scene: Scene) -> Support:
    activity = followed_by(scene)
    return taken(scene, activity, *(adult(scene, f"A-{number}") for number in range(3)))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(
        st.tuples(st.integers(0, 40), st.integers(-2, 605), st.sets(st.integers(0, 2), max_size=3)),
        min_size=1,
        max_size=4,
    )
)
@pytest.mark.django_db
def test_whatever_is_recorded_only_what_can_be_is_kept(
    scene: Scene, household: Support, plan: list[tuple[int, int, set[int]]]
) -> None:
    with transaction.atomic():
        members = list(household.members.order_by("pk"))
        expected: list[tuple[int, int]] = []
        for day, minutes, chosen in plan:
            held_on = OPENED + timedelta(days=day * 2)
            persons = [members[number].enrolment_id for number in chosen]
            try:
                done(scene, household, held_on=held_on, minutes=minutes, persons=persons)
            except DomainError:
                assert held_on > TODAY or not 1 <= minutes <= 600 or not chosen
            else:
                assert held_on <= TODAY
                expected.append((minutes, len(chosen)))
        figures = found_by.followed_in(household.activity)
        assert (figures.interventions, figures.minutes) == (len(expected), sum(minutes for minutes, _n in expected))
        assert InterventionPerson.objects.count() == sum(number for _minutes, number in expected)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_halves_of_a_double_click_record_one_intervention(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build()
    support = taken(scene, followed_by(scene), adult(scene, "A-1"))
    by = scene.operator

    def both(*, locks: bool) -> list[Any]:
        key, met = uuid4(), threading.Barrier(2)
        start = threading.Barrier(2)
        lock = interventions.lock_support

        def locked(found: Support, who: Any) -> Any:
            start.wait(timeout=20)
            if locks:
                return lock(found, who)
            # Without the locks both look before either has written.
            activity = scene.programme.activities.select_related("activity_type", "programme").get(pk=found.activity_id)
            return activity, Support.objects.get(pk=found.pk)

        check = interventions.check_work_days

        def checked(*args: Any, **values: Any) -> None:
            check(*args, **values)
            if not locks:
                met.wait(timeout=20)

        monkeypatch.setattr(interventions, "lock_support", locked)
        monkeypatch.setattr(interventions, "check_work_days", checked)
        found: list[Any] = [None, None]

        def run(number: int) -> None:
            try:
                found[number] = interventions.record_intervention(
                    support=support, work=work(scene), by=by, today=TODAY, key=key
                ).pk
            except Exception as error:
                found[number] = type(error).__name__
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        monkeypatch.undo()
        return found

    scene.operator  # noqa: B018  made before the threads
    first, second = both(locks=True)
    assert first == second
    assert Intervention.objects.count() == 1
    assert "IntegrityError" in both(locks=False)  # the uuid alone keeps it from being two, and breaks
