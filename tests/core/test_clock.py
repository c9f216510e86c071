# SPDX-License-Identifier: EUPL-1.2
"""The clock of the work: the world's, but for the demonstration."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from fami_portal import embedded
from fami_portal.core import clock


def test_the_clock_is_that_of_the_world() -> None:
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=5)


def test_a_shift_keeps_hour_and_weekday(settings: Any) -> None:
    settings.CLOCK_SHIFT = timedelta(weeks=300)

    assert clock.now().weekday() == (timezone.now() - timedelta(weeks=300)).weekday()
    assert clock.today() < timezone.localdate()


def test_the_demonstration_begins_in_its_week_and_days_go_by(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, time_machine: Any
) -> None:
    monkeypatch.setenv("FAMI_VAR", str(tmp_path))
    time_machine.move_to("2026-11-25T10:00:00+00:00", tick=False)
    shift = embedded.demo_shift()
    assert (timezone.localdate() - shift) == embedded.DEMO_WEEK + timedelta(days=2)

    time_machine.move_to("2026-12-03T10:00:00+00:00", tick=False)
    assert embedded.demo_shift() == shift
    assert (timezone.localdate() - shift) == embedded.DEMO_WEEK + timedelta(days=10)
