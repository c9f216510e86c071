# SPDX-License-Identifier: EUPL-1.2
"""What the apps show in the shell: menu entries and what waits for a person.

Each app registers its own from `AppConfig.ready()`, so that the shell knows no app:

    nav.register(NavItem(_("Programmes"), "actions:programme-list", order=20, predicate=can_see_programmes))
    nav.register_group(NavGroup("activities", _("Activities and recipients"), order=30))
    nav.register_panel(reports_to_file, order=10)
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from django.urls import NoReverseMatch, Resolver404, resolve, reverse

Predicate = Callable[[Any], bool]

# As many entries as fit in one row: whoever has no more sees them all at once, without groups.
PLAIN_ENTRIES = 5


def everybody(user: Any) -> bool:
    """The predicate of entries that every signed-in person sees."""
    return True


@dataclass(frozen=True)
class NavItem:
    """One entry of the menu. `current` is filled when the open page belongs to it.

    Pages under its address do; `pages` names the others, and those that lie under the address of another entry
    (names as in `reverse`, a star stands for any ending). `group` is the code of the group that holds the entry;
    where it is alone there, the first group of `otherwise` that has entries takes it.
    """

    label: Any
    url_name: str
    order: int = 100
    predicate: Predicate = everybody
    pages: tuple[str, ...] = ()
    group: str = ""
    otherwise: tuple[str, ...] = ()
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class NavGroup:
    """Entries that a long menu folds under one word; `entries` and `current` are filled for a person."""

    code: str
    label: Any
    order: int = 100
    entries: tuple[NavItem, ...] = ()
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
_groups: dict[str, NavGroup] = {}
_panels: dict[str, tuple[int, Panel]] = {}


def register(item: NavItem) -> None:
    """Add an entry to the menu; a second registration under the same name replaces the first."""
    _items[item.url_name] = item


def register_group(group: NavGroup) -> None:
    """Add a group to the menu; its entries name its code."""
    _groups[group.code] = group


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
    nearest = _entry_of(path, shown)
    return [replace(item, current=item is nearest) for item in shown]


def _entry_of(path: str, shown: list[NavItem]) -> NavItem | None:
    """Return the entry that a page belongs to: the one that names it, else the nearest address above it."""
    try:
        page = resolve(path).view_name
    except Resolver404:
        page = ""
    naming = next((item for item in shown if any(fnmatchcase(page, name) for name in item.pages)), None)
    if naming is not None:
        return naming
    under = [item for item in shown if path == item.url or (item.url != "/" and path.startswith(item.url))]
    return max(under, key=lambda item: len(item.url), default=None)


def menu_for(user: Any, path: str) -> list[NavItem | NavGroup]:
    """Return the menu of a person as it is drawn: a short one plain, a long one with its groups folded."""
    items = items_for(user, path)
    if len(items) <= PLAIN_ENTRIES:
        return list(items)
    held: dict[str, list[NavItem]] = {}
    items = _placed(items)
    for item in items:
        if item.group in _groups:
            held.setdefault(item.group, []).append(item)
    drawn: list[NavItem | NavGroup] = [item for item in items if len(held.get(item.group, ())) < 2]
    drawn += [
        replace(_groups[code], entries=tuple(entries), current=any(entry.current for entry in entries))
        for code, entries in held.items()
        if len(entries) > 1
    ]
    return sorted(drawn, key=lambda entry: entry.order)


def _placed(items: list[NavItem]) -> list[NavItem]:
    """Return the entries with the group that holds them for this person."""
    sizes = Counter(item.group for item in items)
    return [
        replace(item, group=next((code for code in item.otherwise if sizes[code]), item.group))
        if sizes[item.group] == 1
        else item
        for item in items
    ]


def waiting_for(user: Any) -> list[Waiting]:
    """Return what waits for a person: what has a deadline first, the nearest at the top."""
    found = [thing for _order, panel in sorted(_panels.values(), key=lambda entry: entry[0]) for thing in panel(user)]
    return sorted(found, key=lambda thing: (thing.due is None, thing.due or date.max))
