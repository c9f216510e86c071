# SPDX-License-Identifier: EUPL-1.2
"""The frozen content of an output report (design 5): a plain dict that any later day can recompute.

It has two parts. `frozen` is what may change afterwards (titles, targets, names, missing reports), copied when the
report is made. `figures` is a function of `frozen` and of the ledger up to the posting named there: the same numbers
come back whenever they are asked for. There is no clock, user or path in it; minutes stay minutes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.models import Period, Programme
from fami_portal.core.errors import DomainError
from reporting.enums import ScopeKind
from reporting.models import CountingScope, Posting
from reporting.selectors import as_of, frozen

FORMAT = "fami-output-report/1"
PROGRAMME = "programme"


class NotReproducible(DomainError):
    """The file does not say what the ledger says, or is not one of ours; the message says where."""


def build_context(programme: Programme, period: Period, posting: as_of.AsOf) -> dict[str, Any]:
    """Return the content of the report of a period as of a posting."""
    facts = frozen.freeze(programme, period, posting)
    return {"format": FORMAT, "frozen": facts, "figures": compute_figures(facts)}


def canonical_json(context: dict[str, Any]) -> bytes:
    """Return the one way in which a content is written: sorted keys, no blanks, UTF-8, a line end."""
    return json.dumps(context, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def verify(content: bytes) -> dict[str, Any]:
    """Recompute the figures of a report file from the ledger and return its content.

    Raises `NotReproducible` with the first difference.
    """
    try:
        told = json.loads(content)
        known = isinstance(told, dict) and told.get("format") == FORMAT and set(told) == {"format", "frozen", "figures"}
    except ValueError:
        known = False
    if not known:
        raise NotReproducible(_("This is not the JSON file of an output report of this portal."))
    try:
        computed = {**told, "figures": compute_figures(told["frozen"])}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotReproducible(
            _("The frozen part of the file is damaged: nothing can be recomputed from it.")
        ) from error
    place = first_difference(told["figures"], computed["figures"])
    if place is not None:
        raise NotReproducible(
            _("Different at %(place)s: the file says %(told)s, the ledger says %(found)s.")
            % {"place": f"figures{place.path}", "told": place.told, "found": place.found}
        )
    if canonical_json(computed) != content:
        raise NotReproducible(_("The figures are right, but the file is not written as the portal writes it."))
    return told


@dataclass(frozen=True)
class Difference:
    """Where two contents part, and what each says there."""

    path: str
    told: str
    found: str


def first_difference(told: Any, found: Any, path: str = "") -> Difference | None:
    """Return the first place, in reading order, where two plain values differ."""
    if isinstance(told, dict) and isinstance(found, dict):
        for key in sorted(told.keys() | found.keys()):
            if key not in told or key not in found:
                return Difference(f"{path}.{key}", _said(told.get(key)), _said(found.get(key)))
            place = first_difference(told[key], found[key], f"{path}.{key}")
            if place:
                return place
        return None
    if isinstance(told, list) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(told, found, strict=False)):
            place = first_difference(one, other, f"{path}[{index}]")
            if place:
                return place
        if len(told) != len(found):
            return Difference(f"{path}[{min(len(told), len(found))}]", f"{len(told)} rows", f"{len(found)} rows")
        return None
    if type(told) is type(found) and told == found:
        return None
    return Difference(path, _said(told), _said(found))


def _said(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else text[:79] + "…"


# --- the figures ---------------------------------------------------------------------------------------------------


def compute_figures(facts: dict[str, Any]) -> dict[str, Any]:
    """Return every figure of the report from its frozen part and the ledger up to the posting it names."""
    ledger = _Ledger(facts)
    indicators = [ledger.indicator(indicator) for indicator in facts["indicators"]]
    return {
        "time_elapsed_permille": _elapsed(facts),
        "indicators": indicators,
        "served": ledger.served(),
        "late": ledger.late(),
        "warnings": _warnings(facts, indicators),
    }


def permille(value: int, of: int | None) -> int | None:
    """Return value/of in thousandths, rounded down; None without a target."""
    return value * 1000 // of if of else None


def _elapsed(facts: dict[str, Any]) -> int:
    begin, end = (date.fromisoformat(facts["programme"][name]) for name in ("starts_on", "last_day"))
    day = date.fromisoformat(facts["period"]["ends_on"])
    return max(0, min(1000, ((day - begin).days + 1) * 1000 // ((end - begin).days + 1)))


def _warnings(facts: dict[str, Any], indicators: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bounds between indicators that the figures break: shown, never corrected."""
    reached = {row["code"]: row["scopes"][PROGRAMME]["to_date"] for row in indicators}
    return [
        {"indicator": row["code"], "value": reached[row["code"]], "bound": bound, "limit": reached[bound]}
        for row in facts["indicators"]
        for bound in row["bounds"]
        if bound in reached and reached[row["code"]] > reached[bound]
    ]


class _Ledger:
    """The sums of the ledger as of the posting of one frozen part, ready to be looked up."""

    def __init__(self, facts: dict[str, Any]) -> None:
        programme = Programme.objects.get(slug=facts["programme"]["slug"])
        self.facts = facts
        try:
            self.at = as_of.as_of(programme, facts["posting"])
        except Posting.DoesNotExist:
            raise NotReproducible(
                _("The ledger has no posting %(number)s: the file comes from another portal.")
                % {"number": facts["posting"]}
            ) from None
        self.starts = [date.fromisoformat(row["starts_on"]) for row in facts["periods"]]
        self.period = tuple(date.fromisoformat(facts["period"][name]) for name in ("starts_on", "ends_on"))
        self.groups = list(programme.target_groups.order_by("pk").values_list("code", "pk"))
        self.ids = dict(programme.indicators.order_by("pk").values_list("code", "pk"))
        uuids = {row["scope"]: row["key"] for row in facts["scopes"] if row["scope"]}
        self.scopes = {
            uuids[str(scope.uuid)]: scope
            for scope in CountingScope.objects.filter(programme=programme, uuid__in=uuids).order_by("pk")
        }
        self.cells = self._cells()

    def _cells(self) -> dict[tuple[int, str], list[as_of.Cell]]:
        keys = {scope.pk: key for key, scope in self.scopes.items()}
        whole = self.scopes.get(PROGRAMME)
        cells: dict[tuple[int, str], list[as_of.Cell]] = {}
        for cell in as_of.movements(
            self.at,
            scopes=sorted(keys),
            detailed=[whole.pk] if whole else [],
            starts=self.starts,
            until=self.period[1],
        ):
            cells.setdefault((cell.indicator_id, keys[cell.scope_id]), []).append(cell)
        return cells

    def indicator(self, row: dict[str, Any]) -> dict[str, Any]:
        """The figures of one indicator in every scope where it moved, and in the whole programme always."""
        here = len(self.starts)
        identifier = self.ids[row["code"]]
        scopes: dict[str, Any] = {}
        for scope in self.facts["scopes"]:
            cells = self.cells.get((identifier, scope["key"]), [])
            if cells or scope["key"] == PROGRAMME:
                scopes[scope["key"]] = {
                    "new": sum(cell.quantity for cell in cells if cell.bucket == here),
                    "to_date": sum(cell.quantity for cell in cells),
                }
        whole = self.cells.get((identifier, PROGRAMME), [])
        networks = [value for key, value in scopes.items() if key.startswith("network/")]
        return {
            "code": row["code"],
            "scopes": scopes,
            "share_permille": permille(scopes[PROGRAMME]["to_date"], row["targets"].get(PROGRAMME)),
            # The sum over networks counts a person once in each: it stands beside the whole, never inside it.
            "gross_networks": {name: sum(value[name] for value in networks) for name in ("new", "to_date")},
            "trend": [
                {
                    "period": period["code"],
                    "new": sum(cell.quantity for cell in whole if cell.bucket == number),
                    "to_date": sum(cell.quantity for cell in whole if cell.bucket <= number),
                }
                for number, period in enumerate(self.facts["periods"], start=1)
            ],
            "by_sex_age": _crossed(whole, here) if row["persons"] else [],
        }

    def served(self) -> dict[str, Any]:
        """Distinct persons present in the period. The rows of a grouping do not add up to the whole."""
        starts_on, ends_on = self.period
        rows = as_of.served(self.at, starts_on=starts_on, ends_on=ends_on)
        places = {("target_group", identifier): code for code, identifier in self.groups}
        for key, scope in self.scopes.items():
            places["action", scope.action_id] = places["network", scope.network_id] = key
        answer: dict[str, Any] = {"whole": {"persons": 0, "eligible": 0}, "scopes": {}, "target_groups": {}}
        for row in rows:
            value = {"persons": row.persons, "eligible": row.eligible}
            place = places.get((row.by, row.identifier))
            if row.by == PROGRAMME:
                answer["whole"] = value
            elif place and row.identifier:
                answer["target_groups" if row.by == "target_group" else "scopes"][place] = value
        answer["gross_networks"] = {
            name: sum(value[name] for key, value in answer["scopes"].items() if key.startswith("network/"))
            for name in ("persons", "eligible")
        }
        answer["by_sex_age"] = [
            {"sex": part.sex, "age_band": part.age_band, "persons": part.persons}
            for part in as_of.served_by_sex_and_age(self.at, starts_on=starts_on, ends_on=ends_on)
        ]
        return answer

    def late(self) -> list[dict[str, Any]]:
        """What belongs to earlier periods and was booked in this one, by period, network and indicator."""
        starts_on, ends_on = self.period
        whole = self.scopes.get(PROGRAMME)
        codes = {identifier: code for code, identifier in self.ids.items()}
        networks = {scope.network_id: key for key, scope in self.scopes.items() if scope.kind == ScopeKind.NETWORK}
        rows = as_of.late(
            self.at, scope=whole.pk if whole else None, starts=self.starts, starts_on=starts_on, ends_on=ends_on
        )
        answer = [
            {
                "period": self.facts["periods"][row.bucket - 1]["code"] if row.bucket else "",
                "network": networks.get(row.network_id, ""),
                "indicator": codes[row.indicator_id],
                "added": row.added,
                "withdrawn": row.withdrawn,
            }
            for row in rows
        ]
        order = {row["code"]: number for number, row in enumerate(self.facts["indicators"])}
        return sorted(answer, key=lambda row: (row["period"], row["network"], order.get(row["indicator"], -1)))


def _crossed(cells: Iterable[as_of.Cell], here: int) -> list[dict[str, Any]]:
    """Sex by age band, to date and new in the period."""
    table: dict[tuple[str, str], dict[str, int]] = {}
    for cell in cells:
        row = table.setdefault((cell.sex, cell.age_band), {"new": 0, "to_date": 0})
        row["to_date"] += cell.quantity
        row["new"] += cell.quantity if cell.bucket == here else 0
    return [
        {"sex": sex, "age_band": band, **values}
        for (sex, band), values in sorted(table.items())
        if any(values.values())
    ]
