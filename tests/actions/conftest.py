# SPDX-License-Identifier: EUPL-1.2
"""Fixtures of the tests of activities."""

from typing import Any

import pytest

from tests.actions.scene import Scene, build


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()
