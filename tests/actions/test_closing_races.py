# SPDX-License-Identifier: EUPL-1.2
"""A write and the closing of its period at the same moment, over real connections."""

import threading
import time
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from actions.models import ClosedPeriod
from actions.workflow import ClosedPeriodError, closed_period_refusals
from fami_portal.core.services import acting
from tests.actions.scene import build

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_write_waits_for_the_closing_that_came_first_and_is_refused() -> None:
    scene = build()
    lab = scene.activity()
    meeting = scene.meeting(lab, date(2019, 2, 5))
    closing, may_commit = threading.Event(), threading.Event()
    outcome: list[str] = []

    def close() -> None:
        with acting(None):
            ClosedPeriod.objects.create(
                network=scene.network,
                organisation=scene.cooperative,
                period=scene.quarters[0],
                closed_at=timezone.now(),
            )
            closing.set()
            may_commit.wait(10)
        connection.close()

    def write() -> None:
        closing.wait(10)
        try:
            # The check of the service sees no closure yet: only the lock of the trigger can know.
            with closed_period_refusals(), acting(None):
                type(meeting).objects.filter(pk=meeting.pk).update(topic="Troppo tardi")
            outcome.append("written")
        except ClosedPeriodError:
            outcome.append("refused")
        connection.close()

    threads = [threading.Thread(target=close), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    closing.wait(10)
    time.sleep(0.5)
    assert outcome == []  # the write is waiting
    may_commit.set()
    for thread in threads:
        thread.join(20)

    assert outcome == ["refused"]
    meeting.refresh_from_db()
    assert meeting.topic == ""
