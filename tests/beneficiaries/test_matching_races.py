# SPDX-License-Identifier: EUPL-1.2
"""One child registered by two bodies at the same moment, and merges that cross: over real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.dispatch import Signal

from beneficiaries.models import Beneficiary, Merge, Pair
from beneficiaries.services import comparing, matching, merging, newcomers
from beneficiaries.services.grouping import regroup
from fami_portal.core.services import acting
from tests.actions.scene import Scene, build
from tests.beneficiaries.class_of import enrolled
from tests.beneficiaries.people import AT, CODE, known, name, recipient

pytestmark = pytest.mark.django_db(transaction=True)


def _together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts at once, each on a connection of its own; return what each gave or raised."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def _survivors() -> int:
    return Beneficiary.objects.unmerged().count()


def _twice(scene: Scene, monkeypatch: pytest.MonkeyPatch, *, turns: bool) -> list[Any]:
    """Register one child in two bodies; both have written before either compares, which is where they may miss."""
    first, second = recipient(scene), recipient(scene, scene.school)
    if not turns:
        monkeypatch.setattr(comparing, "turn_of", lambda *args: ("SELECT 1", {}))
    # The one that holds the turn cannot wait for the other: only who takes no turns meets in the middle.
    found, meeting, compared = matching.found_by, threading.Barrier(2), threading.Barrier(2)

    def compare(*args: Any) -> Any:
        meeting.wait(timeout=20)
        rows = found(*args)
        if not turns:
            compared.wait(timeout=20)
        return rows

    monkeypatch.setattr(matching, "found_by", compare)
    return _together(lambda: name(first, "Mara", "Rossi", CODE), lambda: name(second, "Mara", "Rossi", CODE))


def test_one_child_registered_twice_at_once_is_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(_twice(build(), monkeypatch, turns=True)) == [False, True]
    assert _survivors() == 1
    assert Merge.objects.count() == 1


def test_without_turns_the_child_would_be_two(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _twice(build(), monkeypatch, turns=False) == [False, False]
    assert _survivors() == 2


def _cross(monkeypatch: pytest.MonkeyPatch, *, turns: bool) -> list[Any]:
    """Merge a with b, and b with a third that a is merged with, at the same moment."""
    scene = build()
    people = [recipient(scene) for _ in range(3)]
    with acting(None):
        pairs = [
            Pair.objects.create(
                programme=scene.programme, first=people[a], second=people[b], similarity="low", found_at=AT
            )
            for a, b in ((0, 2), (1, 2))
        ]
    if not turns:
        # Both turns: the one of merges, and the head of the ledger, which a decision takes first.
        monkeypatch.setattr(merging, "take_merging", lambda programme_id: None)
        monkeypatch.setattr(merging, "persons_changing", Signal())
        roots_of, read = merging.roots_of, threading.Barrier(2)

        def roots(ids: Any) -> dict[int, int]:
            found = roots_of(ids)
            read.wait(timeout=20)
            return found

        monkeypatch.setattr(merging, "roots_of", roots)
    return _together(
        *(
            lambda pair=pair: merging.merge(pair=pair, version=1, reason="Sì", by=None, at=AT).pk  # type: ignore[misc]
            for pair in pairs
        )
    )


def test_merges_that_cross_leave_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    results = _cross(monkeypatch, turns=True)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert _survivors() == 1


def test_without_turns_one_of_the_crossing_merges_would_break(monkeypatch: pytest.MonkeyPatch) -> None:
    results = _cross(monkeypatch, turns=False)
    assert not [result for result in results if isinstance(result, threading.BrokenBarrierError)]
    assert [result for result in results if isinstance(result, Exception)] or _survivors() != 1


@pytest.mark.parametrize("turns", [True, False])
def test_a_new_record_counts_as_what_was_decided_while_it_waited(monkeypatch: pytest.MonkeyPatch, turns: bool) -> None:
    """It looks like a record that counts with another; while it is registered the two are kept apart."""
    scene = build()
    other, alike = known(scene, "Teresa", "Verdi"), known(scene, "Mara", "Rossi")
    with acting(None):
        pair = Pair.objects.create(
            programme=scene.programme, first=other, second=alike, similarity="low", found_at=AT, state="open"
        )
        regroup(ids=[alike.pk])
    new = recipient(scene, scene.school)
    if not turns:
        lock = "SELECT pg_advisory_xact_lock(%(merging)s, %(programme)s);"
        assert lock in newcomers._QUEUE_NEW
        monkeypatch.setattr(newcomers, "_QUEUE_NEW", newcomers._QUEUE_NEW.replace(lock, ""))
    held, registered = threading.Event(), threading.Event()

    def decide() -> None:
        with acting(None):
            merging.keep_apart(pair=pair, version=1, reason="Cugine", by=None, at=AT)
            held.set()
            with connections["default"].cursor() as cursor:
                for _turn in range(200):
                    cursor.execute(
                        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
                        " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
                    )
                    if cursor.fetchone()[0] or registered.wait(timeout=0.02):
                        break

    def register() -> None:
        held.wait(timeout=20)
        name(new, "Mara", "Rossi", fresh=True)
        registered.set()

    assert _together(decide, register) == [None, None]
    new.refresh_from_db()
    assert new.counted_as == (alike if turns else other)


@pytest.mark.parametrize("waits", [True, False])
def test_a_merge_while_one_of_the_two_is_being_enrolled_waits_and_both_happen(
    monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    """The enrolment reads how the person stands under the lock of its row: a merge cannot change that meanwhile."""
    scene = build()
    older, newer, activity = recipient(scene), recipient(scene, scene.school), scene.activity()
    with acting(None):
        pair = Pair.objects.create(
            programme=scene.programme, first=older, second=newer, similarity="high", found_at=AT, state="open"
        )
    if not waits:
        monkeypatch.setattr(type(Beneficiary.objects.all()), "select_for_update", lambda self, **_how: self)
    held, merged, seen = threading.Event(), threading.Event(), []

    def enrol() -> None:
        with acting(None):
            enrolled(scene, activity, newer, by=None)
            held.set()
            with connections["default"].cursor() as cursor:
                for _turn in range(400):
                    cursor.execute(
                        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                        " WHERE datname = current_database() AND NOT granted"
                    )
                    if cursor.fetchone()[0] or merged.wait(timeout=0.02):
                        break
            seen.append(merged.is_set())

    def merge() -> None:
        held.wait(timeout=20)
        merging.merge(pair=pair, version=1, reason="Stessa classe", by=None, at=AT)
        merged.set()

    assert _together(enrol, merge) == [None, None]
    assert seen == [not waits]
    newer.refresh_from_db()
    assert (newer.merged_into, newer.enrolments.get().activity) == (older, activity)
    assert Beneficiary.objects.unmerged().count() == 1
