# SPDX-License-Identifier: EUPL-1.2
"""The ledger follows who is one person: a decided merge counts once, its undoing counts as before."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from beneficiaries.models import Beneficiary, Pair
from beneficiaries.services.merging import merge, roots_of, undo_merge
from fami_portal.core.services import acting
from reporting.ledger.reconcile import check
from reporting.models import Posting, ResultTotal
from tests.reporting.ledger_world import NOW, World, build

FEBRUARY, MARCH, APRIL = date(2019, 2, 5), date(2019, 3, 5), date(2019, 4, 9)


def _pair(world: World, first: Beneficiary, second: Beneficiary) -> Pair:
    low, high = sorted((first, second), key=lambda one: one.pk)
    with acting(None):
        return Pair.objects.create(programme=world.programme, first=low, second=high, similarity="high", found_at=NOW)


def _cells(world: World) -> dict[tuple, int]:
    found: dict[tuple, int] = {}
    for row in ResultTotal.objects.filter(scope__programme=world.programme).order_by("pk"):
        key = (row.scope_id, row.indicator_id, row.sex, row.age_band)
        found[key] = found.get(key, 0) + row.quantity
    return {key: quantity for key, quantity in found.items() if quantity}


@pytest.mark.django_db
def test_two_records_at_the_same_meetings_are_one_and_then_two_again() -> None:
    world = build()
    first, second, other = (world.person() for _ in range(3))
    world.meet(0, FEBRUARY, [first, second, other])
    world.meet(1, MARCH, [second])
    world.validate(0, 0)
    world.submit(1, 0)

    made = merge(pair=_pair(world, first, second), version=1, reason="Sì", by=world.region, at=NOW)
    assert world.total("pupils") == 2
    world.validate(1, 0)  # validated while they were one
    assert (world.total("pupils"), world.total("pupils", "network")) == (2, 3)

    undo_merge(made=made, reason="No", by=world.region, at=NOW)
    assert (world.total("pupils"), world.total("pupils", "network")) == (3, 4)
    assert check(world.programme.pk) == []
    assert Posting.objects.filter(programme=world.programme, reason="merge").count() == 2


@pytest.mark.django_db
def test_an_undone_merge_reads_submitted_reports_anew() -> None:
    world = build()
    first, second = world.person(), world.person()
    world.meet(0, FEBRUARY, [first, second])
    made = merge(pair=_pair(world, first, second), version=1, reason="Sì", by=world.region, at=NOW)
    world.submit(0, 0)
    undo_merge(made=made, reason="No", by=world.region, at=NOW)
    world.validate(0, 0)
    assert world.total("pupils") == 2
    assert check(world.programme.pk) == []


class MergesAndUndoing(TestCase):
    """Whoever is merged with whomever, and whenever the reports are validated, undoing conserves the counts."""

    @settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
    @given(
        merges=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3),
        present=st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=2, max_size=2),
        late=st.booleans(),
        forwards=st.booleans(),
    )
    def test_counts_are_conserved(
        self, merges: list[tuple[int, int]], present: list[set[int]], late: bool, forwards: bool
    ) -> None:
        world = build()
        people = [world.person(sex="female" if place % 2 else "male") for place in range(4)]
        for place, there in enumerate(present):
            world.meet(place, (FEBRUARY, MARCH)[place], [people[one] for one in sorted(there)])
        world.validate(0, 0)
        if not late:
            world.validate(1, 0)
        before = _cells(world)
        made = []
        for one, other in merges:
            if one == other or Pair.objects.filter(first=people[min(one, other)], second=people[max(one, other)]):
                continue
            roots = roots_of([people[one].pk, people[other].pk])
            # A pair that stays undecided counts once: that is proved elsewhere.
            if roots[people[one].pk] != roots[people[other].pk]:
                pair = _pair(world, people[one], people[other])
                made.append(merge(pair=pair, version=1, reason="Sì", by=None, at=NOW))
        if late:
            world.validate(1, 0)
        assert world.total("pupils") == len(set.union(*present)) - self._joined(people, set.union(*present))
        for one_made in made if forwards else reversed(made):
            undo_merge(made=one_made, reason="No", by=None, at=NOW)
        assert world.total("pupils") == len(set.union(*present))
        assert world.total("pupils", "network") == sum(len(there) for there in present)
        assert check(world.programme.pk) == []
        assert late or _cells(world) == before

    def _joined(self, people: list[Beneficiary], present: set[int]) -> int:
        roots = dict(
            Beneficiary.objects.filter(pk__in=[one.pk for one in people]).order_by().values_list("pk", "merged_into")
        )

        def root(one: int) -> int:
            return one if roots[one] is None else root(roots[one])

        return len(present) - len({root(people[one].pk) for one in present})
