# SPDX-License-Identifier: EUPL-1.2
"""Every state has a label, an owner and a colour; every choice on screen is translated."""

from importlib import import_module, util
from itertools import chain

import pytest
from babel.messages.pofile import read_po
from django.db import models
from django.utils import translation
from django.utils.functional import Promise

from accounts.permissions import PERMISSION_LABELS, ROLES, SCOPE_LABELS, Permission, Scope
from fami_portal.core.catalogue import PO
from fami_portal.core.components import COLOURS
from fami_portal.core.workflow import REGISTRY
from tests.architecture.test_privacy import our_models

APPS = ["accounts", "partners", "actions", "beneficiaries", "mediation", "privacy", "reporting", "fami_portal.core"]

for app in APPS:
    for module in (f"{app}.workflow", f"{app}.enums"):
        if util.find_spec(module):
            import_module(module)


def _choices() -> list[type[models.TextChoices]]:
    ours = [
        kind
        for kind in models.TextChoices.__subclasses__()
        if kind.__module__.split(".")[0] in {a.split(".")[0] for a in APPS}
    ]
    return sorted(ours, key=lambda kind: (kind.__module__, kind.__qualname__))


def test_there_are_workflows() -> None:
    assert REGISTRY


@pytest.mark.parametrize("entity", sorted(REGISTRY))
def test_every_state_has_label_owner_and_colour(entity: str) -> None:
    workflow = REGISTRY[entity]
    states = set(workflow.states.values)

    assert set(workflow.owners) == states
    assert set(workflow.colours) == states
    assert set(workflow.colours.values()) <= set(COLOURS)
    assert workflow.initial in states
    assert all(str(state.label).strip() for state in workflow.states)


@pytest.mark.parametrize("entity", sorted(REGISTRY))
def test_every_transition_is_between_states_and_has_a_label(entity: str) -> None:
    workflow = REGISTRY[entity]
    states = set(workflow.states.values)
    reached = {workflow.initial} | {row.target for row in workflow.transitions.values()}

    for name, row in workflow.transitions.items():
        assert row.name == name
        assert row.sources <= states
        assert row.target in states
        assert str(row.label).strip()
    assert reached == states, "states that nothing leads to"


@pytest.fixture(scope="module")
def italian() -> dict[str, str]:
    """The catalogue: English message to Italian text."""
    with PO.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


@pytest.mark.parametrize("kind", _choices(), ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_choice_is_translated(kind: type[models.TextChoices], italian: dict[str, str]) -> None:
    labels = [member._label_ for member in kind]
    assert all(isinstance(label, Promise) for label in labels), "labels go through gettext_lazy"
    with translation.override(None):
        english = [str(label) for label in labels]

    assert not [label for label in english if not italian.get(label)]


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: role.code)
def test_every_role_is_described(role) -> None:
    assert str(role.name).strip()
    assert str(role.description).strip()
    assert len(role.abilities) == len(role.permissions)
    assert str(role.reach).strip()


def test_every_permission_and_reach_has_words() -> None:
    assert set(PERMISSION_LABELS) == set(Permission)
    assert set(SCOPE_LABELS) == set(Scope)


def test_every_field_with_choices_uses_an_enumeration_or_the_roles() -> None:
    roles = set(ROLES)
    known = {frozenset(kind.values) for kind in chain(_choices())} | {frozenset(roles)}
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.choices and frozenset(key for key, _label in field.flatchoices) not in known
    ]

    assert not loose
