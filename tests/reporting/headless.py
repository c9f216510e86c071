# SPDX-License-Identifier: EUPL-1.2
"""The negative control of the head of the ledger: postings that take no lock, made to meet where it hurts."""

import contextlib
import threading
from typing import Any

import pytest

from reporting.ledger import postings
from reporting.ledger.reconcile import reconcile
from reporting.models import Posting
from reporting.services import activity_reports, mediation

# How long the first of two keeps its transaction open, in seconds: the other counts meanwhile, sees nothing of it and
# waits for its entries, so that the two never meet a second time.
_KEPT_OPEN = 1.5


def without_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock of the head away from two validations, and let neither commit before both have counted.

    Without the second meeting the two may happen to follow one another, and the ledger to come out right.
    """
    inside, counted = threading.Barrier(2), threading.Barrier(2)
    numbers = iter(range(1, 1000))

    def open_without_lock(*, programme: int, reason: str, by: Any, at: Any, report: Any = None) -> Posting:
        posting = Posting.objects.create(
            programme_id=programme, number=next(numbers), reason=reason, report=report, by=by, recorded_at=at
        )
        inside.wait(timeout=20)
        return posting

    def reconcile_and_linger(*arguments: Any, **options: Any) -> Any:
        outcome = reconcile(*arguments, **options)
        with contextlib.suppress(threading.BrokenBarrierError):
            counted.wait(timeout=_KEPT_OPEN)
        return outcome

    monkeypatch.setattr(postings, "take_head", lambda programme: None)
    monkeypatch.setattr(postings, "open_posting", open_without_lock)
    for service in (activity_reports, mediation):
        monkeypatch.setattr(service, "reconcile", reconcile_and_linger)
