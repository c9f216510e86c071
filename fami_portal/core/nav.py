# SPDX-License-Identifier: EUPL-1.2
"""What the apps show in the shell: menu entries and what waits for a person.

Each app registers its own from `AppConfig.ready()`, so that the shell knows no app:

    nav.register(NavItem(_("Programmes"), "actions:programme-list", order=20, predicate=can_see_programmes))
    nav.register_panel(reports_to_file, order=10)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

Predicate = Callable[[Any], bool]


def everybody(user: Any) -> bool:
    """The predicate of entries that every signed-in person sees."""
    return True


@dataclass(frozen=True)
class NavItem:
    """One entry of the menu. `current` is filled when the open page lies under its address."""

    label: Any
    url_name: str
    order: int = 100
    predicate: Predicate = everybody
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person: what to do (begins with a verb), where, until when, in what state.

    `status` is a word, `colour` the colour of its pill (`secondary`, `info`, `warning`, `danger`, `success`);
    `context` is a second line, such as the programme and the network.
    """

    title: Any
    url: str
    due: date | None = None
    status: Any = ""
    colour: str = "info"
    context: Any = ""


Panel = Callable[[Any], Iterable[Waiting]]

_items: dict[str, NavItem] = {}
_panels: dict[str, tuple[int, Panel]] = {}


def register(item: NavItem) -> None:
    """Add an entry to the menu; a second registration under the same name replaces the first."""
    _items[item.url_name] = item


def register_panel(panel: Panel, *, order: int = 100) -> None:
    """Add a provider of waiting things; it receives the user and costs a constant number of queries."""
    _panels[f"{panel.__module__}.{panel.__qualname__}"] = (order, panel)


def items_for(user: Any, path: str) -> list[NavItem]:
    """Return the menu of a person, in order, with the entry of the open page marked."""
    if not user.is_authenticated:
        return []
    shown = []
    for item in sorted(_items.values(), key=lambda item: (item.order, item.url_name)):
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:  # an app that is not installed in this portal
            continue
        if item.predicate(user):
            shown.append(replace(item, url=url))
    under = [item for item in shown if path == item.url or (item.url != "/" and path.startswith(item.url))]
    nearest = max(under, key=lambda item: len(item.url), default=None)
    return [replace(item, current=item is nearest) for item in shown]


def waiting_for(user: Any) -> list[Waiting]:
    """Return what waits for a person: what has a deadline first, the nearest at the top."""
    found = [thing for _order, panel in sorted(_panels.values(), key=lambda entry: entry[0]) for thing in panel(user)]
    return sorted(found, key=lambda thing: (thing.due is None, thing.due or date.max))
