# SPDX-License-Identifier: EUPL-1.2
"""What the database refuses, what the totals follow, and what stays true across transmissions, merges and rebuilds."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from beneficiaries.models import Beneficiary
from fami_portal.core.services import acting
from reporting.ledger import postings, totals
from reporting.ledger.provisional import refresh_provisional
from reporting.ledger.reconcile import check
from reporting.models import (
    CountingScope,
    LedgerHead,
    Posting,
    ProvisionalTotal,
    ResultEntry,
    ResultMovement,
    ResultTotal,
    ValidatedFact,
)
from reporting.services.ledger import post_merges, rebuild
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL = date(2019, 2, 5), date(2019, 3, 5), date(2019, 4, 9)


def prepare() -> World:
    made = build()
    people = [made.person() for _ in range(3)]
    made.meet(0, FEBRUARY, people)
    made.meet(1, MARCH, people[:2])
    return made


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def _refused(act: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        act()  # type: ignore[operator]


@pytest.mark.parametrize("model", [Posting, ValidatedFact, ResultEntry])
def test_nothing_is_deleted(world: World, model: type) -> None:
    world.validate(0, 0)
    _refused(lambda: model.objects.all()._raw_delete(using="default"))


@pytest.mark.parametrize("model", [Posting, ValidatedFact, ResultEntry])
def test_nothing_is_emptied_outside_tests(world: World, model: type) -> None:
    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL portal.allow_truncate = 'off'")
            cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")

    _refused(empty)


def test_an_entry_is_closed_once_and_nothing_else_of_it_changes(world: World) -> None:
    first, second = world.validate(0, 0), world.validate(1, 0)
    entry = ResultEntry.objects.filter(reversed_in=None).order_by("pk")[0]
    same = ResultEntry.objects.filter(pk=entry.pk)
    _refused(lambda: same.update(quantity=5))
    _refused(lambda: same.update(reversed_in=second, reversal_booked_on=MARCH, quantity=5))
    _refused(lambda: same.update(reversed_in=second))  # without its day
    same.update(reversed_in=second, reversal_booked_on=MARCH)
    _refused(lambda: same.update(reversed_in=None, reversal_booked_on=None))
    _refused(lambda: same.update(reversed_in=first))


def test_a_fact_is_superseded_once_and_a_posting_never_changes(world: World) -> None:
    posting = world.validate(0, 0)
    fact = ValidatedFact.objects.order_by("pk")[0]
    same = ValidatedFact.objects.filter(pk=fact.pk)
    _refused(lambda: same.update(minutes=1))
    same.update(superseded_in=posting)
    _refused(lambda: same.update(superseded_in=None))
    _refused(lambda: Posting.objects.filter(pk=posting.pk).update(number=9))


def test_the_database_refuses_the_second_live_entry(world: World) -> None:
    world.validate(0, 0)
    entry = ResultEntry.objects.order_by("pk")[0]
    entry.pk = None
    with pytest.raises(IntegrityError, match="counts_once"), transaction.atomic():
        entry.save(force_insert=True)


def test_an_empty_entry_is_refused(world: World) -> None:
    world.validate(0, 0)
    entry = ResultEntry.objects.order_by("pk")[0]
    entry.pk, entry.unit_id, entry.quantity = None, 999999, 0
    with pytest.raises(IntegrityError, match="not_zero"), transaction.atomic():
        entry.save(force_insert=True)


def test_totals_follow_closings_in_their_month(world: World) -> None:
    world.validate(0, 0)
    posting = world.validate(1, 0)
    cell = {"indicator": world.indicators["pupils"], "scope__kind": "programme"}
    assert [(row.month, row.quantity) for row in ResultTotal.objects.filter(**cell)] == [(date(2019, 2, 1), 3)]
    ResultEntry.objects.filter(**cell, reversed_in=None).update(reversed_in=posting, reversal_booked_on=APRIL)
    assert {row.month: row.quantity for row in ResultTotal.objects.filter(**cell)} == {
        date(2019, 2, 1): 3,
        date(2019, 4, 1): -3,
    }
    assert sum(ResultMovement.objects.filter(**cell).values_list("quantity", flat=True)) == 0
    assert any(row.what == "entry missing" for row in check(world.programme.pk))


def test_postings_are_numbered_without_holes_in_each_programme(world: World) -> None:
    numbers = [world.validate(place, 0).number for place in (0, 1)]
    assert numbers == [1, 2]
    assert LedgerHead.objects.get(programme=world.programme).last_number == 2
    assert build().validate(0, 0).number == 1


def test_figures_read_new_and_to_date_from_totals_and_as_of_a_posting(world: World) -> None:
    first = world.validate(0, 0)
    world.meet(0, APRIL, [world.person()])
    second = world.validate(0, 1)
    scope = CountingScope.objects.get(programme=world.programme, kind="programme").pk
    asked = {
        "scope_ids": [scope],
        "indicator_ids": [world.indicators["pupils"].pk],
        "first_day": date(2019, 4, 1),
        "last_day": date(2019, 6, 30),
    }
    [figure] = totals.figures(**asked)
    assert (figure.new, figure.to_date) == (1, 4)
    assert totals.figures_by_day(**asked) == [figure]
    assert totals.figures_by_day(**asked, posting_id=second.pk) == [figure]
    [before] = totals.figures_by_day(**asked, posting_id=first.pk)
    assert (before.new, before.to_date) == (0, 3)
    [part] = totals.figures_by_sex_and_age(**asked)
    assert (part.sex, part.age_band, part.to_date) == ("female", "under_18", 4)
    networks = CountingScope.objects.filter(programme=world.programme, kind="network").values_list("pk", flat=True)
    gross = totals.figures(**{**asked, "scope_ids": list(networks)})
    assert totals.gross(gross, world.indicators["pupils"].pk) == (1, 4)


def test_after_a_transmission_corrections_show_in_the_open_period(world: World) -> None:
    world.validate(0, 0)
    with acting(None):
        postings.mark_transmitted(programme=world.programme, until=date(2019, 3, 31))
    frozen = _cells(world, until=date(2019, 3, 31))
    world.validate(1, 0)  # late: its network is new in April
    assert _cells(world, until=date(2019, 3, 31)) == frozen
    assert world.total("pupils", "network", network=world.networks[1]) == 2
    late = ResultEntry.objects.filter(scope__network=world.networks[1], scope__kind="network", indicator__code="pupils")
    assert {(row.achieved_on, row.booked_on) for row in late} == {(MARCH, date(2019, 4, 1))}
    world.reopen(0, 0)
    with acting(None):
        world.activity(0).meetings.get().attendances.all()[:1].get().delete()
    world.validate(0, 0)
    assert _cells(world, until=date(2019, 3, 31)) == frozen
    assert not check(world.programme.pk)


def _cells(world: World, until: date) -> set[tuple]:
    return set(
        ResultTotal.objects.filter(scope__programme=world.programme, month__lte=until).values_list(
            "scope_id", "indicator_id", "month", "sex", "age_band", "quantity"
        )
    )


def test_transmission_never_goes_back(world: World) -> None:
    with acting(None):
        postings.mark_transmitted(programme=world.programme, until=date(2019, 6, 30))
        postings.mark_transmitted(programme=world.programme, until=date(2019, 3, 31))
    assert LedgerHead.objects.get(programme=world.programme).transmitted_until == date(2019, 6, 30)


def test_joined_records_become_one_in_one_posting(world: World) -> None:
    first, second = Beneficiary.objects.filter(programme=world.programme).order_by("pk")[:2]
    world.validate(0, 0)
    world.submit(1, 0)
    assert world.total("pupils") == 3
    with acting(None):
        Beneficiary.objects.filter(pk=first.pk).update(merged_into=second, sex="male")
    posting = post_merges(programme=world.programme, by=world.region, at=NOW)
    assert world.total("pupils") == 2
    assert posting is not None
    assert posting.reason == "merge"
    assert not ResultEntry.objects.filter(reversed_in=None, unit_kind="person", unit_id=first.pk).exists()
    assert not check(world.programme.pk)
    world.validate(1, 0)  # the drafts were read anew: the merge does not send the report back
    assert world.total("pupils", "network") == 3
    assert post_merges(programme=world.programme, by=world.region, at=NOW) is None
    assert LedgerHead.objects.get(programme=world.programme).last_number == 3


def test_a_rebuild_of_a_right_ledger_writes_nothing(world: World) -> None:
    world.validate(0, 0)
    outcome = rebuild(programme=world.programme, by=None, at=NOW)
    assert (outcome.closed, outcome.written) == (0, 0)
    assert Posting.objects.filter(programme=world.programme).count() == 1


def test_a_changed_rule_is_posted_by_a_rebuild(world: World) -> None:
    world.validate(0, 0)
    with acting(None):
        indicator = world.indicators["pupils"]
        indicator.rule = {"target_groups": ["pupils"], "minimum_meetings": 2}
        indicator.save()
    assert {row.what for row in check(world.programme.pk)} == {"entry too many"}
    with pytest.raises(CommandError, match="differences"):
        call_command("rebuild_ledger", world.programme.slug, check=True, verbosity=0)
    call_command("rebuild_ledger", world.programme.slug)
    assert world.total("pupils") == 0
    call_command("rebuild_ledger", all=True, check=True)


def test_check_finds_a_wrong_total(world: World) -> None:
    world.validate(0, 0)
    total = ResultTotal.objects.filter(scope__programme=world.programme).order_by("pk")[0]
    ResultTotal.objects.filter(pk=total.pk).update(quantity=total.quantity + 1)
    [difference] = check(world.programme.pk)
    assert (difference.what, difference.recorded, difference.expected) == (
        "total differs",
        str(total.quantity + 1),
        str(total.quantity),
    )


def _provisional(world: World) -> dict[tuple[int, int], int]:
    rows = ProvisionalTotal.objects.filter(scope__programme=world.programme)
    return {(row.scope_id, row.indicator_id): row.quantity for row in rows if row.quantity}


def test_provisional_figures_step_by_step_equal_those_from_nothing(world: World) -> None:
    def same() -> dict[tuple[int, int], int]:
        stepped = _provisional(world)
        refresh_provisional(world.programme.pk)
        assert _provisional(world) == stepped
        return stepped

    scope = lambda: CountingScope.objects.get(programme=world.programme, kind="programme").pk  # noqa: E731
    pupils = world.indicators["pupils"].pk
    world.submit(0, 0)
    assert same()[scope(), pupils] == 3
    world.submit(1, 0)
    assert same()[scope(), pupils] == 3  # the same people
    world.validate(0, 0)
    assert (scope(), pupils) not in same()
    world.validate(1, 0)
    assert same() == {}
    world.reopen(0, 0)
    with acting(None):
        world.activity(0).meetings.get().attendances.all().delete()
    world.attend(world.activity(0).meetings.get(), world.person())
    world.submit(0, 0)
    network = CountingScope.objects.get(programme=world.programme, kind="network", network=world.networks[0]).pk
    last = same()
    assert last[network, pupils] == -2  # three were there, one is now
    assert (scope(), pupils) not in last  # two remain by the other network, and one is new
