# SPDX-License-Identifier: EUPL-1.2
"""Workflow tables and the pages generated from them."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.management.commands import state_diagrams
from fami_portal.core.workflow import Workflow, transitions


class Light(models.TextChoices):
    """States of an invented entity."""

    RED = "red", "Red: stop"
    GREEN = "green", "Green | go"
    BROKEN = "broken", "Broken"


LIGHT = Workflow(
    entity="test.light",
    states=Light,
    initial=Light.RED,
    owners={Light.RED: "driver", Light.GREEN: "driver", Light.BROKEN: "mechanic"},
    colours={Light.RED: "danger", Light.GREEN: "success", Light.BROKEN: "secondary"},
    transitions=transitions(
        ("go", {Light.RED}, Light.GREEN, "Goes green", False),
        ("stop", {Light.GREEN}, Light.RED, "Goes red", False),
        ("break", {Light.RED, Light.GREEN}, Light.BROKEN, "Breaks", True),
    ),
)


@pytest.fixture
def _only_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_diagrams, "REGISTRY", {"test.light": LIGHT})


@pytest.mark.parametrize("state", Light.values)
@pytest.mark.parametrize("name", LIGHT.transitions)
def test_exactly_the_rows_of_the_table_are_allowed(state: str, name: str) -> None:
    row = LIGHT.transitions[name]

    if state in row.sources:
        assert LIGHT.check(state, name, "why") is row
        assert row in LIGHT.possible(state)
    else:
        with pytest.raises(TransitionNotAllowed) as refusal:
            LIGHT.check(state, name, "why")
        assert str(Light(state).label) in str(refusal.value)
        assert row not in LIGHT.possible(state)


@pytest.mark.parametrize("comment", ["", "  \n"])
def test_a_comment_that_is_required_must_say_something(comment: str) -> None:
    with pytest.raises(TransitionNotAllowed):
        LIGHT.check(Light.RED, "break", comment)


def test_the_page_shows_states_owners_and_transitions() -> None:
    page = state_diagrams.diagram(LIGHT)

    assert "[*] --> red" in page
    assert 'state "Red  stop" as red' in page
    assert "green --> broken: Breaks" in page
    assert "broken --> [*]" in page
    assert "| `green` | Green \\| go | driver |" in page
    assert "| `break` | Breaks | `red`, `green` | `broken` | required |" in page


@pytest.mark.usefixtures("_only_light")
def test_the_check_fails_on_drift_and_on_pages_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"test-light\.md"):
        call_command("state_diagrams", "--check", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []

    call_command("state_diagrams", folder=tmp_path)
    call_command("state_diagrams", "--check", folder=tmp_path)

    (tmp_path / "gone.md").write_text("old")
    with pytest.raises(CommandError, match=r"gone\.md"):
        call_command("state_diagrams", "--check", folder=tmp_path)
    call_command("state_diagrams", folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["test-light.md"]


def test_the_pages_in_the_repository_are_fresh() -> None:
    call_command("state_diagrams", "--check")
