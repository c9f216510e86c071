# SPDX-License-Identifier: EUPL-1.2
"""What the cross-checks are made of: one walker of a file that collects its problems."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from actions.definition.parsing import Place, Problem, Source
from actions.definition.shape import suggestion
from actions.enums import Measure, Unit
from partners.validators import validate_fiscal_code

# The unit in which each measure is read.
UNITS = {
    Measure.PERSONS: Unit.PERSONS,
    Measure.ORGANISATIONS: Unit.ORGANISATIONS,
    Measure.ACTIVITIES: Unit.ACTIVITIES,
    Measure.MEETINGS: Unit.MEETINGS,
    Measure.HOURS: Unit.HOURS,
    Measure.NETWORKS: Unit.NETWORKS,
    Measure.DELIVERABLES: Unit.PRODUCTS,
    Measure.PROTOCOLS: Unit.PRODUCTS,
    Measure.SERVICES: Unit.SERVICES,
    Measure.CAMPAIGNS: Unit.CONTENTS,
    Measure.REACH: Unit.CONTACTS,
    Measure.MEDIATION_HOURS: Unit.HOURS,
    Measure.MEDIATION_SESSIONS: Unit.SESSIONS,
    Measure.MEDIATORS: Unit.MEDIATORS,
    Measure.DESK_CONTACTS: Unit.CONTACTS,
    Measure.POSITIVE_OUTCOMES: Unit.PERSONS,
}


@dataclass
class Known:
    """What exists already: for a plan, the programme that it lies under; for a programme, what its plans refer to."""

    slug: str = ""
    starts_on: date | None = None
    last_day: date | None = None
    actions: set[str] = field(default_factory=set)
    activity_types: set[str] = field(default_factory=set)
    target_groups: set[str] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)
    cadence_targets: set[str] = field(default_factory=set)
    networks: set[str] = field(default_factory=set)


Rows = list[tuple[Place, dict[str, Any]]]


def many(row: dict[str, Any], key: str) -> list[Any]:
    """The list under a key; empty when it is absent or of a wrong shape (the schema reports that)."""
    value = row.get(key)
    return value if isinstance(value, list) else []


def word(row: dict[str, Any], key: str) -> str:
    """The text under a key; empty when it is absent or of a wrong shape."""
    value = row.get(key)
    return value if isinstance(value, str) else ""


class Checker:
    """Walks one file and collects problems."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Problem] = []

    def say(self, place: Place, sentence: object) -> None:
        self.found.append(self.source.problem(place, sentence))

    def rows(self, *place: str | int) -> Rows:
        """The mappings of a list, each with its place; what is not a mapping was reported by the schema."""
        value: Any = self.source.data
        for step in place:
            value = (
                value.get(step)
                if isinstance(value, dict)
                else value[step]
                if isinstance(value, list) and isinstance(step, int)
                else None
            )
        if not isinstance(value, list):
            return []
        return [((*place, index), row) for index, row in enumerate(value) if isinstance(row, dict)]

    def part(self, name: str) -> dict[str, Any]:
        value = self.source.data.get(name)
        return value if isinstance(value, dict) else {}

    def codes_of(self, rows: Rows, key: str = "code") -> set[str]:
        """The codes of some rows; a repeated one is a problem."""
        seen: set[str] = set()
        for place, row in rows:
            code = row.get(key)
            if not isinstance(code, str):
                continue
            if code in seen:
                self.say((*place, key), _("“%(code)s” is used twice: codes are unique.") % {"code": code})
            seen.add(code)
        return seen

    def refer(self, place: Place, row: dict[str, Any], key: str, known: Iterable[str], what: str) -> None:
        """Check that a code, or each of a list of codes, exists."""
        value = row.get(key)
        values = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, code in values:
            if isinstance(code, str) and code not in known:
                at = (*place, key) if index is None else (*place, key, index)
                sentence = _("There is no %(what)s “%(code)s”.") % {"what": what, "code": code}
                self.say(at, sentence + " " + suggestion(code, sorted(known)))

    def dates(self, place: Place, row: dict[str, Any], first: str, last: str) -> None:
        start, end = row.get(first), row.get(last)
        if isinstance(start, date) and isinstance(end, date) and end <= start:
            self.say(
                (*place, last), _("This date must come after %(first)s (%(day)s).") % {"first": first, "day": start}
            )

    def within(self, place: Place, day: Any, start: Any, end: Any) -> None:
        if isinstance(day, date) and isinstance(start, date) and isinstance(end, date) and not start <= day <= end:
            self.say(
                place, _("This date lies outside the programme (%(start)s – %(end)s).") % {"start": start, "end": end}
            )

    def cents(self, place: Place, value: Any) -> None:
        if isinstance(value, int | float) and abs(value * 100 - round(value * 100)) > 1e-6:
            self.say(place, _("An amount in euro has at most two decimals."))

    def value(self, place: Place, holder: dict[str, Any], key: str, indicator: dict[str, Any]) -> None:
        """A target counts whole things; hours may have halves."""
        value = holder.get(key)
        if isinstance(value, float) and value != int(value) and UNITS.get(word(indicator, "measure")) != Unit.HOURS:  # type: ignore[call-overload]
            self.say((*place, key), _("A whole number is expected."))

    # Parts that programmes and plans share.

    def bodies(self) -> set[str]:
        rows = self.rows("bodies")
        for place, row in rows:
            given, reason = row.get("fiscal_code"), row.get("no_fiscal_code")
            if bool(given) == bool(reason):
                self.say(
                    place, _("Give the tax code (fiscal_code) or why there is none (no_fiscal_code), one of the two.")
                )
            if isinstance(given, str) and given:
                try:
                    validate_fiscal_code(given)
                except ValidationError as error:
                    self.say((*place, "fiscal_code"), error.messages[0])
        return self.codes_of(rows, "name")

    def cadence_targets(self, activity_types: set[str]) -> set[str]:
        rows = self.rows("cadence_targets")
        for place, row in rows:
            self.refer(place, row, "activity_type", activity_types, _("activity type"))
        return self.codes_of(rows)
