# SPDX-License-Identifier: EUPL-1.2
"""The sheet of a register: what is typed in its cells, read and shown again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.models import Meeting
from beneficiaries.enums import AttendanceState
from beneficiaries.selectors import Register, RegisterCell, RegisterRow

# What is typed in a cell: P present for the whole meeting, P45 or 45 for so many minutes, A absent, G justified.
LETTERS = {"P": AttendanceState.PRESENT, "A": AttendanceState.ABSENT, "G": AttendanceState.JUSTIFIED}
_CELL = re.compile(r"(?P<letter>[PAG])?\s*(?P<minutes>\d{1,4})?", re.IGNORECASE)
_NAME = re.compile(r"cell-(?P<meeting>\d{1,18})-(?P<enrolment>\d{1,18})")
_SHOWN = {state: letter for letter, state in LETTERS.items()}


def read_cell(text: str) -> tuple[str, int | None]:
    """Return the state and the minutes that a text means; raises `ValidationError`."""
    text = text.strip()
    if not text:
        return "", None
    found = _CELL.fullmatch(text)
    letter = (found["letter"] or "P").upper() if found else ""
    minutes = int(found["minutes"]) if found and found["minutes"] else None
    if not letter or (minutes is not None and letter != "P"):
        raise ValidationError(_("Write P (present), A (absent), G (justified), or P45 for 45 minutes of presence."))
    return LETTERS[letter], minutes


def write_cell(state: str, minutes: int | None, whole: int) -> str:
    """Return what a cell shows: the letter, with the minutes when they are not those of the whole meeting."""
    if not state:
        return ""
    own = state == AttendanceState.PRESENT and minutes not in (None, whole)
    return f"{_SHOWN[AttendanceState(state)]}{minutes if own else ''}"


@dataclass(frozen=True)
class SheetCell:
    """One cell as the page shows it: what was typed or is kept, what was there, what is wrong."""

    meeting: Meeting
    enrolment_id: int
    label: str
    text: str
    state: str
    minutes: str
    was: str
    # Why it cannot be written here; empty where it can.
    lock: str = ""
    error: str = ""
    # Somebody else wrote meanwhile: what is kept now, as a text of the grid.
    stale: bool = False
    theirs: str = ""

    @property
    def locked(self) -> bool:
        """Whether it is only shown."""
        return bool(self.lock)

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        """The radio buttons of the cell: value, label, chosen."""
        return [
            (value, label, value == self.state) for value, label in [*AttendanceState.choices, ("", _("not recorded"))]
        ]

    @property
    def name(self) -> str:
        return f"cell-{self.meeting.pk}-{self.enrolment_id}"

    @property
    def spoken(self) -> str:
        """What the cell is called where its row and column are not seen."""
        return f"{self.label}, {self.meeting.held_on:%d/%m/%Y}"


@dataclass(frozen=True)
class SheetRow:
    """One recipient of the sheet."""

    row: RegisterRow
    label: str
    second: str
    not_counted: str
    cells: Sequence[SheetCell]
    # Given name and initial, where the person reads them; filled by the page, which has recorded it.
    name: str = ""

    @property
    def called(self) -> str:
        """What the recipient is called in one line."""
        return f"{self.name} {self.label}" if self.name else self.label


def shown_name(row: RegisterRow, own_bodies: set[int]) -> tuple[str, str]:
    """Return how a recipient is called: by its own code where the body gave it, always with the pseudonym."""
    beneficiary = row.enrolment.beneficiary
    if beneficiary.restricted_at is not None:
        return beneficiary.pseudonym, _("processing restricted")
    code = beneficiary.code_for(own_bodies)
    return (code, beneficiary.pseudonym) if code else (beneficiary.pseudonym, beneficiary.registered_by.name)


def sheet_cell(cell: RegisterCell, *, label: str, lock: str) -> SheetCell:
    """Return a cell as it is kept."""
    minutes = cell.minutes if cell.minutes not in (None, cell.meeting.minutes) else ""
    return SheetCell(
        meeting=cell.meeting,
        enrolment_id=cell.enrolment.pk,
        label=label,
        text=write_cell(cell.state, cell.minutes, cell.meeting.minutes),
        state=cell.state,
        minutes=str(minutes),
        was=cell.mark,
        lock=lock,
    )


def sheet_of(register: Register, *, own_bodies: set[int], writes: bool) -> list[SheetRow]:
    """Return the rows of the sheet as they are kept; cells that cannot be written are locked, and say why."""
    columns = column_locks(register, writes=writes)
    rows = []
    for row in register.rows:
        label, second = shown_name(row, own_bodies)
        cells = [sheet_cell(cell, label=label, lock=columns[cell.meeting.pk] or _outside(cell)) for cell in row.cells]
        rows.append(SheetRow(row, label, second, "; ".join(str(reason) for reason in row.not_counted), cells))
    return rows


def column_locks(register: Register, *, writes: bool) -> dict[int, str]:
    """Return why the whole column of a meeting cannot be written, by its id; empty where it can."""
    today = timezone.localdate()
    locks = {}
    for meeting in register.meetings:
        closed = register.closed_on(meeting)
        if closed:
            locks[meeting.pk] = _("Period %(period)s is closed: what happened in it has been validated.") % {
                "period": closed
            }
        elif meeting.held_on > today:
            locks[meeting.pk] = _("This meeting has not taken place yet.")
        else:
            locks[meeting.pk] = "" if writes else _("You read this register and do not write in it.")
    return locks


def _outside(cell: RegisterCell) -> str:
    """Return why a recipient has no cell at a meeting: not enrolled yet, or gone."""
    if not cell.outside:
        return ""
    left = cell.enrolment.withdrawn_on
    if left is not None and cell.meeting.held_on > left:
        return _("Withdrawn on %(day)s.") % {"day": f"{left:%d/%m/%Y}"}
    return _("Enrolled on %(day)s.") % {"day": f"{cell.enrolment.enrolled_on:%d/%m/%Y}"}


@dataclass(frozen=True)
class TypedCell:
    """One cell as it came back: its place, what was typed, what it had shown."""

    meeting_id: int
    enrolment_id: int
    text: str
    state: str
    minutes: int | None
    was: str | None
    error: str = ""

    @property
    def place(self) -> tuple[int, int]:
        return self.meeting_id, self.enrolment_id


def typed_grid(data: Mapping[str, str], rows: Sequence[SheetRow]) -> list[TypedCell]:
    """Read the wide grid: one text for each cell of the page that is not locked."""
    return [
        typed_text((cell.meeting.pk, cell.enrolment_id), data[cell.name], data.get(f"was-{cell.name}"))
        for row in rows
        for cell in row.cells
        if not cell.locked and cell.name in data
    ]


def typed_text(place: tuple[int, int], text: str, was: str | None) -> TypedCell:
    """Read the text of one cell, by the ids of its meeting and its enrolment."""
    try:
        state, minutes = read_cell(text)
    except ValidationError as error:
        return TypedCell(*place, text, "", None, was, error.messages[0])
    return TypedCell(*place, text, state, minutes, was)


def typed_cells(data: Mapping[str, str]) -> list[TypedCell]:
    """Read some cells of the grid, wherever they are: what leaves a row while it is typed."""
    found = ((name, _NAME.fullmatch(name)) for name in data)
    return [
        typed_text((int(place["meeting"]), int(place["enrolment"])), data[name], data.get(f"was-{name}"))
        for name, place in found
        if place
    ]


def typed_meeting(data: Mapping[str, str], rows: Sequence[SheetRow], *, everybody: str = "") -> list[TypedCell]:
    """Read the form of one meeting: a choice and the minutes for each recipient; `everybody` chooses for the empty."""
    typed = []
    for row in rows:
        for cell in row.cells:
            if cell.locked:
                continue
            state = data.get(f"state-{cell.name}", "") or everybody
            minutes = data.get(f"minutes-{cell.name}", "").strip() if state == AttendanceState.PRESENT else ""
            error = "" if not minutes or minutes.isdigit() else _("Write the minutes as a number.")
            if state and state not in AttendanceState.values:
                state, error = "", _("Choose present, absent or justified.")
            typed.append(
                TypedCell(
                    cell.meeting.pk,
                    cell.enrolment_id,
                    minutes,
                    state,
                    int(minutes) if minutes and not error else None,
                    data.get(f"was-{cell.name}"),
                    error,
                )
            )
    return typed


def with_typed(
    rows: Sequence[SheetRow],
    typed: Sequence[TypedCell],
    problems: Mapping[tuple[int, int], Any],
    stale: frozenset[tuple[int, int]] = frozenset(),
    *,
    grid: bool,
) -> list[SheetRow]:
    """Return the rows with what was typed kept and the problems at their cells.

    A stale cell takes the value that is kept now as what it showed: saving again overwrites it knowingly.
    """
    by_place = {cell.place: cell for cell in typed}

    def shown(cell: SheetCell) -> SheetCell:
        came = by_place.get((cell.meeting.pk, cell.enrolment_id))
        if came is None:
            return cell
        problem = came.error or problems.get(came.place, "")
        return replace(
            cell,
            text=came.text if grid else cell.text,
            state=came.state,
            minutes=came.text if not grid else cell.minutes,
            was=cell.was if came.place in stale or came.was is None else came.was,
            error=str(problem) if problem else "",
            stale=came.place in stale,
            theirs=cell.text if came.place in stale else "",
        )

    return [replace(row, cells=[shown(cell) for cell in row.cells]) for row in rows]
