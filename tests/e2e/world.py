# SPDX-License-Identifier: EUPL-1.2
"""A part of the demonstration, small enough for one journey: three networks in their school year, no report yet."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from fami_portal.embedded import DEMO_WEEK
from reporting.demo.build import load_demo
from reporting.demo.world import DOMAIN

PEOPLE = {
    "reference lists",
    "programme definitions",
    "bodies and networks",
    "people with an account",
    "privacy notices",
}
STAGES = PEOPLE | {
    "school year of ATS-1-TO",
    "school year of ATS-4-OC",
    "school year of IRES-3",
}


def _load(stages: set[str], settings: Any) -> None:
    today = timezone.localdate()
    settings.CLOCK_SHIFT = today - timedelta(days=today.weekday()) - DEMO_WEEK
    load_demo(say=lambda line: None, wanted=stages.__contains__)


@pytest.fixture
def demo(transactional_db: Any, settings: Any) -> None:
    """Load the part of the demonstration; its clock is in its own week, as `make demo` sets it."""
    _load(STAGES, settings)


@pytest.fixture
def people(transactional_db: Any, settings: Any) -> None:
    """Load the programmes, bodies, networks and people of the demonstration, without what they have done."""
    _load(PEOPLE, settings)


def demo_user(name: str) -> Any:
    """Return a demo user by the first part of the address (`partner`, `rete`, `regione`…)."""
    return get_user_model().objects.get(email=f"{name}{DOMAIN}")
