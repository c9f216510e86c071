# SPDX-License-Identifier: EUPL-1.2
"""Workflows as data: one table per entity, no library.

Each app's `workflow.py` builds a `Workflow` and registers it; the state diagrams of `docs/states/` come from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import TransitionNotAllowed


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states, to which state, and whether a comment must say why."""

    name: str
    sources: frozenset[str]
    target: str
    label: object
    comment_required: bool = False


@dataclass(frozen=True)
class Workflow:
    """The life of one entity.

    `owners` says who has the turn in each state (a translated noun); `colours` the Bootstrap colour of its pill.
    """

    entity: str
    states: type[models.TextChoices]
    initial: str
    owners: Mapping[str, object]
    colours: Mapping[str, str]
    transitions: Mapping[str, Transition] = field(default_factory=dict)

    def check(self, state: str, name: str, comment: str = "") -> Transition:
        """Return the transition `name` from `state`; raises `TransitionNotAllowed` with the reason."""
        transition = self.transitions[name]
        if state not in transition.sources:
            raise TransitionNotAllowed(
                _("This is now “%(state)s”: the act is no longer possible. Reload the page to see what can be done.")
                % {"state": self.states(state).label}
            )
        if transition.comment_required and not comment.strip():
            raise TransitionNotAllowed(_("Write the reason: whoever receives it must know what to do."))
        return transition

    def possible(self, state: str) -> list[Transition]:
        """Return the transitions that the state allows, in the order of the table."""
        return [row for row in self.transitions.values() if state in row.sources]


def transitions(*rows: tuple[str, Iterable[str], str, object, bool]) -> dict[str, Transition]:
    """Build the table from rows of (name, sources, target, label, comment required)."""
    return {
        name: Transition(name, frozenset(sources), target, label, comment_required)
        for name, sources, target, label, comment_required in rows
    }


REGISTRY: dict[str, Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Make a workflow known to the diagrams and to the architecture tests."""
    REGISTRY[workflow.entity] = workflow
    return workflow
