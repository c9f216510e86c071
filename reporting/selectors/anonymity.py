# SPDX-License-Identifier: EUPL-1.2
"""Rows of persons that nobody can be picked out of: what makes a person rare is covered, step by step (ADR 20).

Pure functions, no database. The rows of one person are looked at together, because their pseudonym holds them together:
two supports that are common each by itself may be a rare pair. A person is safe when at least `THRESHOLD` persons have
the same visible rows. The others lose one detail after the other, in the order of `STEPS`, and where they are too few a few
others lose it with them; who is still rare at the end is left out.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from reporting.selectors.suppression import THRESHOLD

# What stands where a detail is covered.
COVERED = "*"
THIRD_COUNTRY, OTHER_COUNTRY = "third", "other"


@dataclass(frozen=True)
class Support:
    """One person in one activity: what may single a person out, and what it received."""

    sex: str
    age_band: str
    citizenship: str
    third_country: bool
    group: str
    action: str
    network: str
    body: str
    activity_type: str
    period: str
    eligible: bool = True
    meetings: int = 0
    minutes: int = 0
    entry_level: str = ""
    exit_level: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)


# The details by which somebody who knows the person could find the row.
IDENTIFYING = (
    "action",
    "group",
    "network",
    "body",
    "activity_type",
    "period",
    "sex",
    "age_band",
    "citizenship",
    "eligible",
)
_details = attrgetter(*IDENTIFYING)


def _cover(name: str) -> Callable[[Support], Support]:
    return lambda support: _with(support, name, COVERED)


def _to_area(support: Support) -> Support:
    return _with(support, "citizenship", THIRD_COUNTRY if support.third_country else OTHER_COUNTRY)


def _with(support: Support, name: str, value: str) -> Support:
    """Return the support with another detail: `replace` looks at every field, and here are millions of copies."""
    made = object.__new__(Support)
    object.__setattr__(made, "__dict__", {**vars(support), name: value})
    return made


# The order: first what says least to an evaluation, last what the programme is measured by.
STEPS: tuple[tuple[str, Callable[[Support], Support]], ...] = (
    ("body", _cover("body")),
    ("period", _cover("period")),
    ("citizenship_area", _to_area),
    ("activity_type", _cover("activity_type")),
    ("citizenship", _cover("citizenship")),
    ("network", _cover("network")),
    ("age_band", _cover("age_band")),
    ("sex", _cover("sex")),
    ("eligible", _cover("eligible")),
    ("group", _cover("group")),
    ("action", _cover("action")),
)


@dataclass(frozen=True)
class Covered:
    """The rows that may leave, how many persons each step touched, and how many were left out."""

    supports: dict[int, list[Support]]
    touched: dict[str, int]
    left_out: int


def generalised(supports: Mapping[int, Sequence[Support]], *, threshold: int = THRESHOLD) -> Covered:
    """Cover details until every person has the visible rows of at least `threshold` persons.

    `supports` are the rows of each person, by any number that stands for it.
    """
    kept = {person: list(rows) for person, rows in supports.items() if rows}
    covered = {person: list(rows) for person, rows in kept.items()}  # everybody with all the steps so far
    seen = {person: signature(rows) for person, rows in kept.items()}
    touched: dict[str, int] = dict.fromkeys((name for name, _step in STEPS), 0)
    # What everybody has in common singles nobody out: covering it would only take it from the reader.
    common = {name for name in IDENTIFYING if len({getattr(row, name) for rows in kept.values() for row in rows}) <= 1}
    for name, step in STEPS:
        if name in common:
            continue
        covered = {person: [step(row) for row in rows] for person, rows in covered.items()}
        rare = _rare(seen, threshold)
        seen |= {person: signature(covered[person]) for person in rare}
        company = _company(seen, covered, rare, threshold)
        seen |= {person: signature(covered[person]) for person in company}
        kept |= {person: covered[person] for person in rare | company}
        touched[name] = len(rare) + len(company)
    rare = _rare(seen, threshold)
    return Covered({person: rows for person, rows in kept.items() if person not in rare}, touched, len(rare))


Signature = tuple[Hashable, ...]


def _company(
    seen: Mapping[int, Signature], covered: Mapping[int, Sequence[Support]], rare: set[int], threshold: int
) -> set[int]:
    """Return who keeps company to those who are still rare: others who, covered as they are, look the same.

    As few as are missing, from the largest class that stays common without them; else a whole class, the smallest.
    """
    sizes = Counter(seen.values())
    wanted = {seen[person]: threshold - sizes[seen[person]] for person in rare if sizes[seen[person]] < threshold}
    if not wanted:
        return set()
    classes: dict[Signature, dict[Signature, list[int]]] = {}
    for person in sorted(seen.keys() - rare):
        looks = signature(covered[person])
        if looks in wanted:
            classes.setdefault(looks, {}).setdefault(seen[person], []).append(person)
    found: set[int] = set()
    for looks, missing in wanted.items():
        ordered = sorted(classes.get(looks, {}).values(), key=lambda people: (len(people), people))
        if ordered and len(ordered[-1]) - missing >= threshold:
            found.update(ordered[-1][:missing])
        elif ordered:
            found.update(ordered[0])
    return found


def signature(rows: Sequence[Support]) -> Signature:
    """Return what is seen of a person: all its rows, in an order that does not depend on theirs."""
    if len(rows) == 1:
        return (_details(rows[0]),)
    return tuple(sorted((_details(row) for row in rows), key=str))


def _rare(seen: Mapping[int, Signature], threshold: int) -> set[int]:
    sizes = Counter(seen.values())
    return {person for person, looks in seen.items() if sizes[looks] < threshold}
