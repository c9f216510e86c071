# SPDX-License-Identifier: EUPL-1.2
"""A legal hold placed while a batch destroys, over real connections: whoever comes second waits for the first."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from beneficiaries.services import erasure
from fami_portal.core.services import acting
from privacy.enums.retention import DataClass, HoldScope
from privacy.models import LegalHold, RetentionRun
from privacy.selectors.retention_parts import parts_of
from privacy.selectors.retention_rules import NOTICE_DAYS
from privacy.services import retention, retention_runs
from privacy.services.retention_notices import send_due_notices
from tests.actions.scene import Scene, build
from tests.beneficiaries.people import known
from tests.mediation.test_hours_races import _together
from tests.privacy.test_retention import FIRST, at, dates, named

pytestmark = pytest.mark.django_db(transaction=True)

WAIT = 20  # seconds; over them the test fails, it never goes on as if the others had come


def _until(reached: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND classid = %s AND NOT granted",
            [retention.RETAINING],
        )
        return bool(cursor.fetchone()[0])


def _race(
    monkeypatch: pytest.MonkeyPatch,
    first: Callable[[], Any],
    second: Callable[[], Any],
    *,
    at_point: tuple[Any, str],
    look: Callable[[], Any],
    turns: bool,
) -> tuple[list[Any], Any]:
    """Stop `first` at a point inside its transaction until `second` waits for its turn; then `look` and go on.

    Without turns it stops until `second` is done. Return what each gave or raised, and what `look` saw.
    """
    module, name = at_point
    going_on = getattr(module, name)
    reached, done = threading.Event(), threading.Event()
    seen = []

    def stops(*args: Any, **kwargs: Any) -> Any:
        reached.set()
        _until(_somebody_waits if turns else done.is_set, "the second act did not come")
        seen.append(look())
        return going_on(*args, **kwargs)

    def follows() -> Any:
        if not reached.wait(WAIT):
            raise TimeoutError("the first act did not come to its point")
        try:
            return second()
        finally:
            done.set()

    with monkeypatch.context() as patch:
        patch.setattr(module, name, stops)
        if not turns:
            for place in (retention, retention_runs):
                patch.setattr(place, "take_turn", lambda programme: None)
        results = _together(first, follows)
    failed = [result for result in results if isinstance(result, Exception)]
    assert not failed, failed
    [one] = seen
    return results, one


class Race:
    """A destruction of names that has begun, and a hold of the whole programme that an authority asks for."""

    def __init__(self) -> None:
        self.scene: Scene = build()
        self.region = self.scene.region
        dates(self.scene)
        self.ada = known(self.scene, "Ada", "Prima")
        send_due_notices(programme=self.scene.programme, at=at(FIRST - timedelta(days=NOTICE_DAYS)))
        # Without its job: the batches are done here.
        with acting(self.region):
            self.run = RetentionRun.objects.create(programme=self.scene.programme, at=at(FIRST), asked_by=self.region)

    def destroy(self) -> int | None:
        """Destroy the names of one batch."""
        return retention_runs.destroy_batch(run=self.run, part=parts_of(DataClass.IDENTITIES)[0])

    def hold(self) -> LegalHold:
        """Place the hold."""
        return retention.place_hold(
            programme=self.scene.programme, scope=HoldScope.PROGRAMME, reason="Contenzioso", act="Tribunale, n. 1",
            starts_on=FIRST, by=self.region, at=at(FIRST),
        )  # fmt: skip

    def lift(self, hold: LegalHold) -> None:
        """End the hold."""
        retention.lift_hold(hold=hold, reason="Sentenza", version=1, by=self.region, at=at(FIRST))

    def is_held(self) -> bool:
        """Whether the hold is there for everybody."""
        return LegalHold.objects.filter(lifted_at__isnull=True).exists()


def test_a_hold_waits_for_the_batch_that_destroys(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race()
    point = (erasure, "_destroy")  # all is chosen and looked at again, nothing is destroyed yet

    (last, hold), held = _race(monkeypatch, race.destroy, race.hold, at_point=point, look=race.is_held, turns=True)
    assert (last, held, named(race.ada)) == (race.ada.pk, False, set())
    assert race.is_held()

    race.lift(hold)
    bea = known(race.scene, "Bea", "Seconda")
    (last, _hold), held = _race(monkeypatch, race.destroy, race.hold, at_point=point, look=race.is_held, turns=False)
    assert (last, held, named(bea)) == (bea.pk, True, set()), "without turns a held name is destroyed"


def test_a_batch_waits_for_the_hold_that_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race()
    point = (retention, "record_event")  # the hold is written, nobody else sees it yet

    def names() -> set[int]:
        return named(race.ada)

    (hold, last), before = _race(monkeypatch, race.hold, race.destroy, at_point=point, look=names, turns=True)
    assert (last, before, names()) == (None, {race.ada.pk}, {race.ada.pk})

    race.lift(hold)
    (_hold, last), before = _race(monkeypatch, race.hold, race.destroy, at_point=point, look=names, turns=False)
    assert (last, before, names()) == (race.ada.pk, set(), set()), "without turns a held name is destroyed"
    assert race.is_held()
