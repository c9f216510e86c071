# SPDX-License-Identifier: EUPL-1.2
"""Delegations of the head over real connections: the last hour is taken once and given back once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from mediation.models import DelegationUse, HeadDelegation, MediationRequest
from mediation.services import delegations
from tests.mediation.test_delegations import AT, _given, _log, _request, _use
from tests.mediation.test_hours_races import _together
from tests.personas import build_world

pytestmark = pytest.mark.django_db(transaction=True)


def _race() -> tuple[HeadDelegation, list[Any]]:
    world = build_world()
    delegation = _given(world, 60)
    requests = [_request(world, 60) for _ in range(2)]
    return delegation, _together(*(lambda request=request: _use(request) for request in requests))


def test_of_two_submissions_for_the_last_hour_one_passes() -> None:
    delegation, results = _race()

    assert sorted(result is None for result in results) == [False, True], results
    delegation.refresh_from_db()
    assert delegation.used_minutes == 60
    assert DelegationUse.objects.count() == 1


def test_without_the_lock_both_would_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the lock both find the hour free, and only the database stops the second."""
    inside = threading.Barrier(2)

    def without_lock(rows: Any) -> list[Any]:
        found = list(rows)
        inside.wait(timeout=20)  # both have read before either writes
        return found

    monkeypatch.setattr(delegations, "_locked", without_lock)
    delegation, results = _race()

    assert sum(isinstance(result, IntegrityError) for result in results) == 1, results
    delegation.refresh_from_db()
    assert delegation.used_minutes == 60


def _race_of_returns(before: Callable[[], None] = lambda: None) -> tuple[HeadDelegation, MediationRequest, list[Any]]:
    world = build_world()
    delegation, request = _given(world, 120), _request(world, 60)
    _use(_request(world, 60))
    _use(request)
    before()
    again = MediationRequest.objects.get(pk=request.pk)
    back = (lambda row=row: delegations.give_back(request=row, by=None, at=AT) for row in (request, again))
    return delegation, request, _together(*back)


def test_two_who_end_a_request_at_once_give_back_once() -> None:
    delegation, request, results = _race_of_returns()

    assert sorted(results) == [0, 60], results
    delegation.refresh_from_db()
    assert delegation.used_minutes == 60
    assert _log(request) == [("passed", 60), ("returned", -60)]


def test_without_the_lock_only_the_database_stops_the_second_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both find the minutes still taken, and the second row breaks the constraint."""
    inside = threading.Barrier(2)
    taken = delegations._taken

    def both_have_read(request: MediationRequest) -> int:
        found = taken(request)
        inside.wait(timeout=20)
        return found

    monkeypatch.setattr(delegations, "_locked", lambda rows: rows)
    delegation, _request, results = _race_of_returns(lambda: monkeypatch.setattr(delegations, "_taken", both_have_read))

    assert sum(isinstance(result, IntegrityError) for result in results) == 1, results
    delegation.refresh_from_db()
    assert delegation.used_minutes == 60
