# SPDX-License-Identifier: EUPL-1.2
"""Two people with the same link at once: its last use is given once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections
from django.db.models import F
from django.utils import timezone

from fami_portal.core.services import acting
from mediation.models import AccessLink, AccessLinkUse
from mediation.services import links
from tests.personas import build_world

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


def _link() -> tuple[AccessLink, str]:
    world = build_world()
    school = world.bodies["school_1"]
    with acting(None):
        school.email = "segreteria@scuola-uno.example"
        school.save()
    return links.issue_link(
        purpose="file",
        organisation=school,
        address=school.email,
        programme=world.programmes["a"],
        network=world.networks["n1"],
        kind="school",
        by=None,
        at=timezone.now(),
        valid_for=timedelta(days=1),
        maximum_uses=1,
    )


def test_the_last_use_of_a_link_is_given_once() -> None:
    link, token = _link()

    def act() -> None:
        with acting(None):
            held = links.hold(token=token, purpose="file")
            links.use(link=held, act="filed")

    results = _together(act, act)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "UsedLinkError"], results
    link.refresh_from_db()
    assert link.uses == 1
    assert AccessLinkUse.objects.count() == 1


def test_without_the_lock_only_the_database_stops_the_second() -> None:
    """The negative control: both read the use as free, then both take it."""
    link, token = _link()
    inside = threading.Barrier(2)

    def act() -> None:
        with acting(None):
            links.resolve(token=token, purpose="file", at=timezone.now())
            inside.wait(timeout=20)
            AccessLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1)

    results = _together(act, act)
    assert sum(isinstance(result, IntegrityError) for result in results) == 1, results
    link.refresh_from_db()
    assert link.uses == 1
