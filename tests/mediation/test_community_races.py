# SPDX-License-Identifier: EUPL-1.2
"""A presence and a session of one mediator, planned at once over two connections: one of them is refused."""

import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from fami_portal.core.errors import DomainError
from mediation.models import CommunityPresence
from tests.mediation.test_community import DAY, begin, plan, session
from tests.personas import build_world


@pytest.mark.django_db(transaction=True)
def test_a_presence_and_a_session_at_once_do_not_both_win() -> None:
    world = begin(build_world())
    start = timezone.make_aware(datetime.combine(DAY, time(15)))
    barrier = threading.Barrier(2)
    results: list[Any] = [None, None]

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    acts = [lambda: plan(world), lambda: session(world, start, start + timedelta(hours=1))]
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    refused = [result for result in results if isinstance(result, DomainError)]
    assert len(refused) == 1, results
    assert CommunityPresence.objects.count() == (0 if isinstance(results[0], DomainError) else 1)
