# SPDX-License-Identifier: EUPL-1.2
"""An undecided pair counts once, says so beside the figure, and comes apart exactly as it was."""

from collections import defaultdict
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from beneficiaries.enums import PairState
from beneficiaries.models import Beneficiary, Merge, Pair
from beneficiaries.services.grouping import regroup
from beneficiaries.services.merging import keep_apart, merge, take_merging, undo_merge
from beneficiaries.signals import persons_changed, persons_changing
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting
from reporting.context import build_context, canonical_json, verify
from reporting.enums import ScopeKind
from reporting.ledger.provisional import refresh_provisional
from reporting.ledger.reconcile import check
from reporting.models import CountingScope, OpenPairTotal, Posting, ProvisionalTotal, ResultTotal, ValidatedFact
from reporting.rendering.reading import Reading
from reporting.rendering.sections import sections
from reporting.selectors import as_of
from tests.reporting.ledger_world import NOW, World, build
from tests.reporting.output_scene import build_output

FEBRUARY, MARCH = date(2019, 2, 5), date(2019, 3, 5)


def find_pair(world: World, one: Beneficiary, other: Beneficiary) -> Pair:
    """Queue a pair as the comparison of two records does."""
    first, second = sorted((one, other), key=lambda record: record.pk)
    with acting(None):
        persons_changing.send(sender=Pair, programme_id=world.programme.pk)
        take_merging(world.programme.pk)
        pair = Pair.objects.create(
            programme=world.programme, first=first, second=second, similarity="high", found_at=NOW
        )
        moved = regroup(ids=[first.pk, second.pk])
        persons_changed.send(sender=Pair, programme_id=world.programme.pk, by=None, at=NOW, parted=(), moved=moved)
    return pair


def undecided(world: World, indicator: str, scope: str = "programme") -> int:
    """Return how many undecided pairs the figure holds."""
    rows = OpenPairTotal.objects.filter(indicator=world.indicators[indicator], scope__kind=scope)
    return sum(rows.order_by("pk").values_list("quantity", flat=True))


def cells(world: World) -> dict[Any, int]:
    """Return the totals by scope, indicator, sex and age band."""
    found: dict[Any, int] = defaultdict(int)
    for row in ResultTotal.objects.filter(scope__programme=world.programme).order_by("pk"):
        found[row.scope_id, row.indicator_id, row.sex, row.age_band] += row.quantity
    return {key: quantity for key, quantity in found.items() if quantity}


@pytest.mark.django_db
def test_a_pair_across_networks_counts_once_in_the_whole_and_says_so() -> None:
    world = build()
    first, second, other = (world.person() for _ in range(3))
    world.meet(0, FEBRUARY, [first, other])
    world.meet(1, MARCH, [second])
    world.validate(0, 0)
    world.validate(1, 0)
    before, facts = cells(world), ValidatedFact.objects.filter(superseded_in=None).count()

    pair = find_pair(world, first, second)
    assert (world.total("pupils"), world.total("pupils", "network")) == (2, 3)
    assert (undecided(world, "pupils"), undecided(world, "people")) == (1, 1)
    # As one person they pass a threshold together, and the figure says on whom it stands.
    assert (world.total("steady"), undecided(world, "steady")) == (1, 1)
    assert (undecided(world, "pupils", "network"), undecided(world, "bodies")) == (0, 0)
    assert check(world.programme.pk) == []

    # Validated while it was undecided: what is frozen then comes apart like the rest.
    world.reopen(0, 0)
    world.meet(0, MARCH, [first])
    world.validate(0, 0)
    assert (world.total("pupils"), undecided(world, "pupils")) == (2, 1)
    with acting(None):
        Beneficiary.objects.filter(pk=second.pk).update(eligibility="not_eligible")

    keep_apart(pair=pair, version=1, reason="Cugine", by=world.region, at=NOW)
    # A decision on who is who does not take back what was validated of her.
    assert (world.total("pupils"), undecided(world, "pupils")) == (3, 0)
    assert check(world.programme.pk) == []
    assert ValidatedFact.objects.filter(superseded_in=None).count() == facts + 2  # the new meeting and its presence
    assert cells(world).keys() >= before.keys()
    assert Posting.objects.filter(programme=world.programme, reason="merge").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("joined", [True, False])
def test_a_fact_under_another_record_is_found_and_brought_back(joined: bool) -> None:
    """As after a merge, or a pair, of which the ledger was not told."""
    world = build()
    first, second = world.person(), world.person(sex="male")
    world.meet(0, FEBRUARY, [first])
    world.meet(1, MARCH, [second])
    world.validate(0, 0)
    world.validate(1, 0)
    assert check(world.programme.pk) == []
    with acting(None):
        Beneficiary.objects.filter(pk=second.pk).update(**{"merged_into" if joined else "counted_as": first})

    found = [row for row in check(world.programme.pk) if row.what == "fact of another record"]
    assert [(row.recorded, row.expected) for row in found] == [(f"person {second.pk}", f"person {first.pk}")]
    with pytest.raises(CommandError, match="1 differences"):
        call_command("rebuild_ledger", world.programme.slug, check=True, stdout=StringIO())

    call_command("rebuild_ledger", world.programme.slug, stdout=StringIO())
    assert check(world.programme.pk) == []
    assert (world.total("pupils"), world.total("pupils", "network")) == (1, 2)
    if not joined:
        with acting(None):
            Beneficiary.objects.filter(pk=second.pk).update(counted_as=None)
        call_command("rebuild_ledger", world.programme.slug, stdout=StringIO())
        assert (world.total("pupils"), check(world.programme.pk)) == (2, [])


@pytest.mark.django_db
def test_a_submitted_report_stays_valid_when_a_pair_opens_and_closes() -> None:
    world = build()
    first, second = world.person(), world.person()
    world.meet(0, FEBRUARY, [first, second])
    world.submit(0, 0)

    def provisional() -> int:
        rows = ProvisionalTotal.objects.filter(indicator=world.indicators["pupils"], scope__kind="programme")
        return sum(rows.order_by("pk").values_list("quantity", flat=True))

    assert provisional() == 2
    pair = find_pair(world, first, second)
    assert (provisional(), world.report(0, 0).figures["indicators"]["pupils"]) == (1, 1)
    world.validate(0, 0)
    assert (world.total("pupils"), undecided(world, "pupils"), provisional()) == (1, 1, 0)

    merge(pair=pair, version=1, reason="Sì", by=world.region, at=NOW)
    assert (world.total("pupils"), undecided(world, "pupils")) == (1, 0)
    undo_merge(made=Merge.objects.get(), reason="No", by=world.region, at=NOW)
    assert world.total("pupils") == 2
    assert check(world.programme.pk) == []


@pytest.mark.django_db
def test_pages_and_reports_say_how_many_pairs_a_figure_holds(client: Client) -> None:
    scene = build_output()
    scene.validate("RETE-1", 0)
    scene.validate("RETE-2", 0)
    first, second = scene.people[0], scene.people[1]
    with acting(None):
        persons_changing.send(sender=Pair, programme_id=scene.programme.pk)
        pair = Pair.objects.create(
            programme=scene.programme, first=first, second=second, similarity="high", found_at=NOW
        )
        moved = regroup(ids=[first.pk, second.pk])
        persons_changed.send(sender=Pair, programme_id=scene.programme.pk, by=None, at=NOW, parted=(), moved=moved)
    client.force_login(scene.base.region)
    board = client.get(reverse("reporting:dashboard", args=[scene.programme.slug])).content.decode()
    assert "1 coppia da chiarire" in board
    assert f"{reverse('beneficiaries:pair-list')}?programme={scene.programme.pk}" in board
    scope = CountingScope.objects.get(programme=scene.programme, kind=ScopeKind.PROGRAMME)
    evidence = client.get(
        reverse("reporting:evidence", args=[scene.programme.slug]), {"indicator": "D.1", "scope": str(scope.uuid)}
    ).content.decode()
    assert evidence.count("una coppia da chiarire") == 1

    content = build_context(scene.programme, scene.quarters[0], as_of.latest(scene.programme))
    assert content["frozen"]["undecided"]["D.1"] == 1
    assert "1 coppia" in "".join(note for section in sections(Reading(content)) for note in section.notes)
    verify(canonical_json(content))
    keep_apart(pair=pair, version=1, reason="Cugini", by=None, at=NOW)
    assert "da chiarire" not in client.get(reverse("reporting:dashboard", args=[scene.programme.slug])).content.decode()
    # What was made before still says what was true then.
    verify(canonical_json(content))


# Without a fact, entry or rule: who counts as whom, from pairs and merges alone, and who was at a meeting.
_COUNTED = """
SELECT record.id, record.merged_into_id, count(attendance.id) > 0
  FROM beneficiaries_beneficiary AS record
  LEFT JOIN beneficiaries_enrolment AS enrolment ON enrolment.beneficiary_id = record.id
  LEFT JOIN beneficiaries_attendance AS attendance ON attendance.enrolment_id = enrolment.id
 WHERE record.programme_id = %s GROUP BY record.id
"""


def counted_by_hand(world: World) -> int:
    """Return how many count: records that remain, less one for each undecided pair that brings together nobody apart."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [world.programme.pk])
        rows = {pk: (into, there) for pk, into, there in cursor.fetchall()}

    def root(one: int) -> int:
        return one if rows[one][0] is None else root(rows[one][0])

    groups = [{one for one in rows if root(one) == kept} for kept in sorted(rows) if rows[kept][0] is None]
    pairs = Pair.objects.filter(programme=world.programme).order_by("pk")
    foes = [{root(pair.first_id), root(pair.second_id)} for pair in pairs if pair.state == PairState.APART]
    for pair in pairs:
        if pair.state not in (PairState.OPEN, PairState.ASKED):
            continue
        one = next(group for group in groups if pair.first_id in group)
        other = next(group for group in groups if pair.second_id in group)
        joined = one | other
        if one is not other and not any(len(foe) == 2 and foe <= joined for foe in foes):
            groups = [group for group in groups if group not in (one, other)] + [joined]
    return sum(any(rows[one][1] for one in group) for group in groups)


class AnyOrder(TestCase):
    """Pairs found, joined, kept apart and undone in any order: the ledger agrees with a count made by hand."""

    # A record taken out of one person counts at once as another, with whom it is still in a pair.
    @example(present=[{0, 1, 2, 3}, {1, 3}], late=False, acts=[("find", 2, 3), ("find", 3, 1), ("merge", 1, 0)])
    @settings(max_examples=4, phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
    @given(
        present=st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=2, max_size=2),
        late=st.booleans(),
        acts=st.lists(
            st.one_of(
                st.tuples(st.just("find"), st.integers(0, 3), st.integers(0, 3)),
                st.tuples(st.sampled_from(["merge", "apart", "undo"]), st.integers(0, 5), st.just(0)),
            ),
            min_size=2,
            max_size=6,
        ),
    )
    def test_counts_are_conserved(self, present: list[set[int]], late: bool, acts: list[tuple[str, int, int]]) -> None:
        world = build()
        people = [world.person(sex="female" if place % 2 else "male") for place in range(4)]
        for place, there in enumerate(present):
            world.meet(place, (FEBRUARY, MARCH)[place], [people[one] for one in sorted(there)])
        world.validate(0, 0)
        world.submit(1, 0)
        if not late:
            world.validate(1, 0)
        before = cells(world)
        for act, one, other in acts:
            self._act(world, people, act, one, other)
            assert late or world.total("pupils") == counted_by_hand(world)
        if late:
            world.validate(1, 0)
            assert world.total("pupils") == counted_by_hand(world)
        assert world.total("pupils", "network") <= sum(len(there) for there in present)
        assert check(world.programme.pk) == []
        stepped = self._provisional(world)
        refresh_provisional(world.programme.pk)
        assert stepped == self._provisional(world)

        for made in Merge.objects.filter(undone_at=None).order_by("-pk"):
            undo_merge(made=made, reason="No", by=None, at=NOW)
        for pair in Pair.objects.filter(state=PairState.OPEN).order_by("pk"):
            keep_apart(pair=pair, version=pair.version, reason="No", by=None, at=NOW)
        assert world.total("pupils") == len(set.union(*present))
        assert late or cells(world) == before
        assert not OpenPairTotal.objects.filter(quantity__gt=0).exists()
        assert check(world.programme.pk) == []

    def _provisional(self, world: World) -> dict[Any, int]:
        rows = ProvisionalTotal.objects.filter(scope__programme=world.programme)
        return {(row.scope_id, row.indicator_id): row.quantity for row in rows if row.quantity}

    def _act(self, world: World, people: list[Beneficiary], act: str, one: int, other: int) -> None:
        pairs = list(Pair.objects.filter(programme=world.programme).order_by("pk"))
        if act == "find":
            ends = {people[one].pk, people[other].pk}
            if len(ends) == 2 and not any({pair.first_id, pair.second_id} == ends for pair in pairs):
                find_pair(world, people[one], people[other])
            return
        try:
            if act == "undo":
                made = list(Merge.objects.filter(undone_at=None).order_by("pk"))
                if made:
                    undo_merge(made=made[one % len(made)], reason="No", by=None, at=NOW)
            elif pairs:
                pair = pairs[one % len(pairs)]
                deciding = merge if act == "merge" else keep_apart
                deciding(pair=pair, version=pair.version, reason="Sì", by=None, at=NOW)
        except DomainError:
            pass
