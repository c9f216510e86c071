# SPDX-License-Identifier: EUPL-1.2
"""Two people at once on the words of a report, reopened or not, and on the days that a body is granted.

Both have looked at the same state before either writes: a barrier holds each until the other has looked too, or waits
for a lock. Without the lock, or the look behind it, both acts would go through: that is the control of each race.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections

from fami_portal.core.errors import DomainError, TransitionNotAllowed
from reporting.enums import ReopenScope
from reporting.models import ActivityReport, DueExtension, Posting, ReportVersion
from reporting.models.activity_reports import ActivityReportQuerySet
from reporting.services import activity_reports as services
from reporting.services import report_rounds as rounds
from tests.reporting.headless import without_the_head
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db(transaction=True)
# How long one waits for the other to look. In a control nothing holds the other: they do meet. Elsewhere who does not
# come is held by a lock, and what must be true is true whether it came or not.
THEY_MEET, HELD_UP = 30, 0.4


def _both(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, acts: Sequence[Callable[[], Any]], *, wait: float = HELD_UP
) -> list[Any]:
    """Run two acts on connections of their own; each goes on from `module.name` when both are there, or one is held."""
    there, given = threading.Barrier(2), getattr(module, name)
    results: list[Any] = [None, None]

    def meet(*args: Any, **kwargs: Any) -> Any:
        found = given(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            there.wait(timeout=wait)
        return found

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    with monkeypatch.context() as patch:
        patch.setattr(module, name, meet)
        threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    return results


def _again(user: Any) -> Any:
    return type(user).objects.get(pk=user.pk)


def _due(world: World, quarter: int) -> list[Callable[[], Any]]:
    """Two coordinators grant a body more days, one 5 and the other 10."""
    return [
        partial(
            rounds.extend_due,
            report=(report := world.report(0, quarter)),
            due_on=report.due_on + timedelta(days=days),
            reason="Malattia",
            by=_again(world.region),
            at=NOW,
        )
        for days in (5, 10)
    ]


def test_days_granted_by_two_at_once_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    world = build()
    due = world.report(0, 0).due_on
    for quarter in (0, 1):
        world.report(0, quarter)

    def unlocked(report: ActivityReport) -> ActivityReport:
        return ActivityReport.objects.with_parts().get(pk=report.pk)

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "_locked", unlocked)
        control = _both(monkeypatch, rounds, "_locked", _due(world, 1), wait=THEY_MEET)
    # Without the lock both grant days after the same day: the database stops the second, which is told nothing useful.
    assert sorted(type(result).__name__ for result in control) == ["IntegrityError", "NoneType"]

    results = _both(monkeypatch, rounds, "_locked", _due(world, 0))
    rows = list(DueExtension.objects.filter(report=world.report(0, 0)).order_by("pk"))
    refused = [result for result in results if isinstance(result, DomainError)]
    # 10 and then 5 is refused, 5 and then 10 is two steps: either way each row begins where the one before ended.
    assert len(rows) + len(refused) == 2
    assert [row.due_before for row in rows] == [due, *(row.due_on for row in rows[:-1])]
    assert world.report(0, 0).due_on == due + timedelta(days=10)


def test_words_alone_are_submitted_once_and_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = build()
    for quarter, day in ((0, date(2019, 2, 5)), (1, date(2019, 5, 7))):
        world.meet(0, day, [world.person()])
        world.validate(0, quarter)
        report = world.report(0, quarter)
        services.reopen(report=report, reason="Un refuso", by=world.region, at=NOW, scope=ReopenScope.TEXT)
    posted = Posting.objects.count()

    def submit(quarter: int) -> list[Callable[[], Any]]:
        return [
            partial(services.submit, report=world.report(0, quarter), by=_again(world.operators[0]), at=NOW)
            for _one in range(2)
        ]

    def versions(quarter: int) -> int:
        return ReportVersion.objects.filter(report=world.report(0, quarter)).count()

    # Without the head of the ledger, and with a change of state that does not look behind a lock, nobody is refused.
    with monkeypatch.context() as patch:
        without_the_head(patch)
        patch.setattr(services, "change_state", lambda **_given: None)
        control = _both(monkeypatch, services, "_now", submit(1), wait=THEY_MEET)
    assert not any(isinstance(result, TransitionNotAllowed) for result in control), control

    results = _both(monkeypatch, services, "_now", submit(0))
    assert sum(isinstance(result, TransitionNotAllowed) for result in results) == 1, results
    assert versions(0) == 2

    validations = [
        partial(services.validate, report=world.report(0, 0), by=_again(world.region), at=NOW) for _one in range(2)
    ]
    results = _both(monkeypatch, services.versions, "being_validated", validations)
    assert sum(isinstance(result, DomainError) for result in results) == 1, results
    assert world.report(0, 0).state == "validated"
    assert Posting.objects.count() == posted  # words move nothing
    assert ReportVersion.objects.filter(report=world.report(0, 0), frozen_at__isnull=False).count() == 2


def test_two_drafts_of_one_version_never_overwrite_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read version 1. With the lock one is refused; without it both write and the first is lost."""
    world = build()

    def save(quarter: int) -> list[Callable[[], Any]]:
        return [
            partial(
                services.save_narrative,
                report=world.report(0, quarter),
                values={"done": text},
                version=1,
                by=_again(world.operators[0]),
            )
            for text in ("Prima", "Seconda")
        ]

    def check_saved(quarter: int) -> None:
        report = world.report(0, quarter)
        assert report.version == 2
        assert report.done in ("Prima", "Seconda")

    guarded, without_lock = save(0), save(1)
    results = _both(monkeypatch, ActivityReportQuerySet, "get", guarded)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleError"]
    check_saved(0)

    with monkeypatch.context() as patch:
        patch.setattr(ActivityReportQuerySet, "select_for_update", lambda rows, **options: rows)
        control = _both(monkeypatch, ActivityReportQuerySet, "get", without_lock, wait=THEY_MEET)
    assert control == [None, None]
    check_saved(1)  # two writes, one version: one text is gone
