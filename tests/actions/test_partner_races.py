# SPDX-License-Identifier: EUPL-1.2
"""Two at once: a budget, a copy, a request from the catalogue; without what holds them, the race is lost for certain."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from actions.models import Activity, Budget, Offer, OfferRequest, Programme
from actions.services import activities, budgets, offers
from actions.services.budgets import save_budget
from actions.services.copies import copy_activity
from actions.services.offers import ask_offer
from fami_portal.core.errors import StaleError
from fami_portal.core.models import AuditEvent
from fami_portal.core.services import acting
from tests.actions.scene import START, Scene, build
from tests.actions.test_budgets import cells
from tests.mediation.test_hours_races import _together

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2019, 3, 1, 9, tzinfo=UTC)


def meeting_at(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Let both wait for one another where this is called, before it does anything: neither is ahead."""
    both, does = threading.Barrier(2), getattr(module, name)

    def waits(*args: Any, **kwargs: Any) -> Any:
        both.wait(timeout=20)
        return does(*args, **kwargs)

    monkeypatch.setattr(module, name, waits)


def unlocked(monkeypatch: pytest.MonkeyPatch, module: Any, model: Any) -> None:
    """Take away the lock with which a service begins."""
    manager = SimpleNamespace(select_for_update=lambda **_how: model.objects.order_by("pk"))
    stand_in = SimpleNamespace(objects=manager)
    monkeypatch.setattr(module, model.__name__, stand_in)


def race(act: Callable[[], Any]) -> list[str]:
    """Do the same twice at once and name how each ended."""
    return sorted(type(end).__name__ if isinstance(end, Exception) else "done" for end in _together(act, act))


def two_tables(scene: Scene) -> Callable[[], Any]:
    by = scene.region

    def saves() -> None:
        save_budget(
            programme=scene.programme,
            cells=cells(scene),
            total_cents=100_000,
            valid_from=START,
            reason="first",
            number=0,
            by=by,
            at=AT,
        )

    return saves


def test_one_of_two_wins_and_the_other_learns_it(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build()
    saves = two_tables(scene)
    with monkeypatch.context() as patched:
        meeting_at(patched, budgets, "check_can_budget")
        assert race(saves) == [StaleError.__name__, "done"]
    assert Budget.objects.count() == 1
    with acting(None):
        Budget.objects.all().delete()
    with monkeypatch.context() as patched:  # the negative control: both have looked before either writes
        unlocked(patched, budgets, Programme)
        meeting_at(patched, budgets, "_problems_of_head")
        assert race(saves) == [IntegrityError.__name__, "done"]

    lab = scene.activity(title="Laboratorio")
    scene.meeting(lab, date(2019, 2, 5))
    operator = scene.operator

    def copies(key: UUID | None) -> Callable[[], Any]:
        return lambda: copy_activity(
            activity=lab, title="Copia", starts_on=date(2020, 1, 10), by=operator, key=key or uuid4()
        )

    def both_have_looked(patched: pytest.MonkeyPatch) -> None:
        both, begins = threading.Barrier(2), activities.acting

        @contextmanager
        def waits(by: Any) -> Any:
            both.wait(timeout=20)
            with begins(by):
                yield

        patched.setattr(activities, "acting", waits)

    with monkeypatch.context() as patched:
        both_have_looked(patched)
        assert race(copies(uuid4())) == ["done"] * 2
    copy = Activity.objects.get(title="Copia")
    assert (copy.copied_from, copy.meetings.count()) == (lab, 1)
    assert AuditEvent.objects.filter(verb="activity_copied").count() == 1
    with acting(None):
        copy.meetings.all().delete()
        copy.delete()
    with monkeypatch.context() as patched:  # two forms instead of one sent twice: nothing holds them apart
        both_have_looked(patched)
        assert race(copies(None)) == ["done"] * 2
    assert Activity.objects.filter(title="Copia").count() == 2

    with acting(None):
        words = dict.fromkeys(("title", "audience", "place", "period", "how_to_ask", "office"), "Offerta")
        offer = Offer.objects.create(
            programme=scene.programme,
            network=scene.network,
            activity_type=lab.activity_type,
            opens_on=START,
            closes_on=date(2019, 12, 31),
            **words,
        )
    contact = scene.contact

    def asks() -> None:
        ask_offer(offer=offer, organisation=scene.school, by=contact, at=AT)

    with monkeypatch.context() as patched:
        meeting_at(patched, offers, "schools_of")
        assert race(asks) == ["done"] * 2
    assert OfferRequest.objects.count() == AuditEvent.objects.filter(verb="offer_asked").count() == 1
    with acting(None):
        OfferRequest.objects.all().delete()
    with monkeypatch.context() as patched:
        unlocked(patched, offers, Offer)
        meeting_at(patched, offers, "is_mediation")
        assert race(asks) == [IntegrityError.__name__, "done"]
