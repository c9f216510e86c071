# SPDX-License-Identifier: EUPL-1.2
"""The sheet of the outcomes: what is typed in its cells, read and shown again."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from actions.enums import OutcomeKind
from beneficiaries.enums import AttestationKind, LanguageLevel, OutcomeState, UsefulArea
from beneficiaries.models import Outcome

# A dash says that nobody can know it: the person cannot be reached, or it does not apply.
DASH = "-"
PLAIN = (OutcomeKind.RECOGNITION, OutcomeKind.LONG_STAY, OutcomeKind.TRAINING, OutcomeKind.SKILLS)
_YES_OR_NO: list[tuple[str, Any]] = [
    ("", "—"),
    (OutcomeState.POSITIVE.value, pgettext_lazy("outcome", "yes")),
    (OutcomeState.NEGATIVE.value, pgettext_lazy("outcome", "no")),
    (OutcomeState.PENDING.value, gettext_lazy("cannot be known")),
]
_AREAS: list[str] = list(UsefulArea.values)
_NUMBERS = re.compile(r"\d{1,2}")


@dataclass(frozen=True)
class Typed:
    """One cell as it came back: its place, what the service takes of it, what is wrong."""

    enrolment_id: int
    kind: str
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    was: str | None
    error: str = ""

    @property
    def place(self) -> tuple[int, str]:
        return self.enrolment_id, self.kind


@dataclass(frozen=True)
class OutcomeCell:
    """One cell as the page shows it: what was typed or is kept, what was there, what is wrong."""

    enrolment_id: int
    kind: str
    label: str
    texts: Mapping[str, str]
    was: str
    locked: Any = ""
    error: str = ""
    # Empty where the level at entry is known already.
    asks_entry: bool = False

    @property
    def name(self) -> str:
        return f"o-{self.enrolment_id}-{self.kind}"

    @property
    def title(self) -> Any:
        return OutcomeKind(self.kind).label

    @property
    def plain(self) -> bool:
        return self.kind in PLAIN

    @property
    def value(self) -> str:
        return self.texts.get("value", "")

    @property
    def attested_on(self) -> str:
        return self.texts.get("on", "")

    @property
    def kept_at(self) -> str:
        return self.texts.get("kept", "")

    @property
    def state_choices(self) -> list[tuple[str, Any, bool]]:
        return [(value, label, value == self.value) for value, label in _YES_OR_NO]

    @property
    def level_choices(self) -> list[tuple[str, Any, bool]]:
        return _chosen(
            [("", "—"), *LanguageLevel.choices, (OutcomeState.PENDING.value, gettext_lazy("cannot be known"))],
            self.texts.get("value", ""),
        )

    @property
    def entry_choices(self) -> list[tuple[str, Any, bool]]:
        return _chosen([("", "—"), *LanguageLevel.choices], self.texts.get("entry", ""))

    @property
    def attestation_choices(self) -> list[tuple[str, Any, bool]]:
        return _chosen([("", "—"), *AttestationKind.choices], self.texts.get("attestation", ""))


def _chosen(choices: Sequence[tuple[str, Any]], value: str) -> list[tuple[str, Any, bool]]:
    return [(code, label, code == value) for code, label in choices]


def texts_of(outcome: Outcome | None) -> dict[str, str]:
    """Return what the fields of a cell show of an outcome."""
    if outcome is None:
        return {}
    if outcome.state == OutcomeState.PENDING:
        short = outcome.kind in (*PLAIN, OutcomeKind.LANGUAGE)
        return {"value": OutcomeState.PENDING.value if short else DASH}
    match OutcomeKind(outcome.kind):
        case OutcomeKind.LANGUAGE:
            return {
                "value": outcome.level,
                "attestation": outcome.attestation,
                "on": outcome.attested_on.isoformat() if outcome.attested_on else "",
                "kept": outcome.kept_at,
            }
        case OutcomeKind.USEFULNESS:
            return {"value": " ".join(str(_AREAS.index(code) + 1) for code in outcome.areas) or "0"}
        case OutcomeKind.SATISFACTION:
            return {"value": " ".join(str(score) for score in outcome.scores)}
    return {"value": outcome.state}


FIELDS = {OutcomeKind.LANGUAGE.value: ("value", "entry", "attestation", "on", "kept")}


def typed_cells(data: Mapping[str, str], cells: Sequence[OutcomeCell]) -> list[Typed]:
    """Read the cells of the page that are not locked and came back."""
    found = []
    for cell in cells:
        if cell.locked or f"{cell.name}-value" not in data:
            continue
        texts = {name: data.get(f"{cell.name}-{name}", "").strip() for name in FIELDS.get(cell.kind, ("value",))}
        error, values = "", {}
        try:
            values = _READ.get(cell.kind, _read_plain)(texts)
        except ValidationError as problem:
            error = problem.messages[0]
        found.append(Typed(cell.enrolment_id, cell.kind, texts, values, data.get(f"was-{cell.name}"), error))
    return found


def _read_plain(texts: Mapping[str, str]) -> dict[str, Any]:
    return {"state": texts["value"]}


def _read_language(texts: Mapping[str, str]) -> dict[str, Any]:
    if texts["value"] == OutcomeState.PENDING:
        return {"state": OutcomeState.PENDING}
    return {
        "level": texts["value"],
        "entry_level": texts["entry"] if texts["value"] else "",
        "attestation": texts["attestation"],
        "attested_on": read_day(texts["on"]),
        "kept_at": texts["kept"],
    }


def read_day(text: str) -> date | None:
    """Read a day as the other forms do. Raises `ValidationError`."""
    day: date | None = forms.DateField(required=False).clean(text)
    return day


def _numbers(text: str, problem: str) -> list[int]:
    if re.sub(r"[\d\s,;.]", "", text):
        raise ValidationError(problem)
    return [int(number) for number in _NUMBERS.findall(text)]


def _read_areas(texts: Mapping[str, str]) -> dict[str, Any]:
    text = texts["value"]
    if text == DASH:
        return {"state": OutcomeState.PENDING}
    if not text:
        return {}
    problem = _("Write the numbers of the areas, from 1 to 5; 0 for none.")
    numbers = _numbers(text, problem)
    if numbers == [0]:
        return {"areas": ()}
    if not numbers or not all(1 <= number <= len(_AREAS) for number in numbers):
        raise ValidationError(problem)
    return {"areas": tuple(dict.fromkeys(_AREAS[number - 1] for number in sorted(numbers)))}


def _read_scores(texts: Mapping[str, str]) -> dict[str, Any]:
    text = texts["value"]
    if text == DASH:
        return {"state": OutcomeState.PENDING}
    problem = _("Write the answers from 1 to 10, with a space between them, as 8 7 9.")
    scores = _numbers(text, problem)
    if not all(1 <= score <= 10 for score in scores):
        raise ValidationError(problem)
    return {"scores": tuple(scores)}


_READ: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    OutcomeKind.LANGUAGE.value: _read_language,
    OutcomeKind.USEFULNESS.value: _read_areas,
    OutcomeKind.SATISFACTION.value: _read_scores,
}


def with_typed(
    cells: Sequence[OutcomeCell],
    typed: Sequence[Typed],
    problems: Mapping[tuple[int, str], Any],
    stale: frozenset[tuple[int, str]] = frozenset(),
) -> list[OutcomeCell]:
    """Return the cells with what was typed kept and the problems at their place.

    A stale cell takes what is kept now as what it showed: saving again overwrites it knowingly.
    """
    came = {cell.place: cell for cell in typed}

    def shown(cell: OutcomeCell) -> OutcomeCell:
        back = came.get((cell.enrolment_id, cell.kind))
        if back is None:
            return cell
        problem = back.error or problems.get(back.place, "")
        return replace(
            cell,
            texts=back.texts,
            was=cell.was if back.place in stale or back.was is None else back.was,
            error=str(problem) if problem else "",
        )

    return [shown(cell) for cell in cells]
