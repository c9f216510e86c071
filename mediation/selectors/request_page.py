# SPDX-License-Identifier: EUPL-1.2
"""What the page of a request shows: the rooms of the app add their buttons and sections here.

    register_buttons(provider, order=20)   provider(user, request, now) -> Iterable[Button]
    register_section(provider, order=20)   provider(user, request, now) -> Section | None

Providers are called for everybody who may see the request, also for those who see no case: they check permissions
themselves, and cost a constant number of queries. They are registered by `mediation.apps`, each by its own room.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fami_portal.core.components import Button
from mediation.models import MediationRequest


@dataclass(frozen=True)
class Section:
    """A part of the page: its heading, the template that draws what is below it, and what that template needs."""

    title: Any
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    # The id of the heading, for links from other pages.
    anchor: str = ""


ButtonProvider = Callable[[Any, MediationRequest, datetime], Iterable[Button]]
SectionProvider = Callable[[Any, MediationRequest, datetime], Section | None]

_buttons: dict[str, tuple[int, ButtonProvider]] = {}
_sections: dict[str, tuple[int, SectionProvider]] = {}


def _name(provider: Callable[..., Any]) -> str:
    return f"{provider.__module__}.{provider.__qualname__}"


def register_buttons(provider: ButtonProvider, *, order: int = 100) -> None:
    """Add buttons to the action bar of the page; registered again, it replaces itself."""
    _buttons[_name(provider)] = (order, provider)


def register_section(provider: SectionProvider, *, order: int = 100) -> None:
    """Add a section to the page; registered again, it replaces itself."""
    _sections[_name(provider)] = (order, provider)


def buttons_for(user: Any, request: MediationRequest, now: datetime) -> list[Button]:
    """Return all that the person can do with the request now; what ends or undoes something stands last."""
    providers = sorted(_buttons.values(), key=lambda entry: entry[0])
    found = [button for _order, provider in providers for button in provider(user, request, now)]
    return sorted(found, key=lambda button: button.style.endswith("danger"))


def sections_for(user: Any, request: MediationRequest, now: datetime) -> list[Section]:
    """Return the sections of the page for the person."""
    providers = sorted(_sections.values(), key=lambda entry: entry[0])
    found = (provider(user, request, now) for _order, provider in providers)
    return [section for section in found if section is not None]
