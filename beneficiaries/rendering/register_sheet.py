# SPDX-License-Identifier: EUPL-1.2
"""The register on paper, as tagged and archivable PDF: with what was recorded, or to be signed by hand.

It carries full names, so it is made in memory and handed out: no copy is kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from actions.models import Activity, Meeting

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
STANDARDS = ["a-3a", "ua-1"]
# Columns of meetings on one sheet: a signature needs three centimetres.
MEETINGS_ON_SHEET = 5
# Lines without name on a sheet to be signed: for whoever comes without being enrolled yet.
EMPTY_LINES = 3


@dataclass(frozen=True, repr=False)
class SheetLine:
    """One recipient on paper: full name (empty where nobody shares it), code, one text for each meeting."""

    name: str
    code: str
    cells: Sequence[str]


def register_sheet(
    activity: Activity,
    meetings: Sequence[Meeting],
    lines: Sequence[SheetLine],
    *,
    blank: bool,
    note: str,
    at: datetime,
    teachers: Mapping[int, str] | None = None,
) -> bytes:
    """Return the register of an activity over some meetings, by surname; `blank` leaves the cells to be signed.

    `teachers` are the names of who teaches, by id of the meeting.
    """
    with translation.override(settings.LANGUAGE_CODE):
        data = _data(activity, meetings, lines, blank=blank, note=note, at=at, teachers=teachers or {})
    try:
        return _compiled(data, at, STANDARDS)
    except typst.TypstError:
        # A name in letters that no font here has cannot be archived; the sheet is still needed, with empty boxes there.
        pass
    try:
        return _compiled(data, at, [])
    except typst.TypstError:
        # Its message says the text on which it failed: a name.
        raise RuntimeError("the register cannot be laid out") from None


def _compiled(data: dict[str, Any], at: datetime, standards: list[Any]) -> bytes:
    return typst.compile(
        TEMPLATES / "register.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=standards,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


def _data(
    activity: Activity,
    meetings: Sequence[Meeting],
    lines: Sequence[SheetLine],
    *,
    blank: bool,
    note: str,
    at: datetime,
    teachers: Mapping[int, str],
) -> dict[str, Any]:
    programme = activity.programme
    chunks = [
        (begin, list(meetings[begin : begin + MEETINGS_ON_SHEET]))
        for begin in range(0, max(1, len(meetings)), MEETINGS_ON_SHEET)
    ]
    facts = [
        (_("Body"), activity.organisation.name),
        *([(_("Held at"), activity.venue.name)] if activity.venue else []),
        (_("Action"), str(activity.activity_type.action)),
        (_("From – to"), f"{activity.starts_on:%d/%m/%Y} – {activity.ends_on:%d/%m/%Y}"),
    ]
    codes = [
        _("Project %(code)s") % {"code": programme.project_code} if programme.project_code else "",
        f"CUP {programme.cup}" if programme.cup else "",
    ]
    return {
        "language": settings.LANGUAGE_CODE,
        "title": activity.title,
        "kicker": _("Register to be signed") if blank else _("Register of the presences"),
        "programme": programme.title,
        "facts": facts,
        "visibility": programme.visibility_text,
        "codes": [code for code in codes if code],
        "note": note,
        "blank": blank,
        "sheets": [
            {
                "meetings": [
                    {
                        "day": f"{meeting.held_on:%d/%m/%Y}",
                        "hours": f"{meeting.starts_at:%H:%M} – {meeting.ends_at:%H:%M}",
                        "teacher": teachers.get(meeting.pk, ""),
                    }
                    for meeting in chunk
                ],
                "rows": [
                    [line.name, line.code, *("" if blank else cell for cell in line.cells[begin : begin + len(chunk)])]
                    for line in lines
                ],
            }
            for begin, chunk in chunks
        ],
        "empty-lines": EMPTY_LINES if blank else 0,
        "words": {
            "number": _("No."),
            "name": _("Surname and given name"),
            "code": _("Code"),
            "keeper": _("Signature of who keeps the register"),
            "legend": ""
            if blank
            else _("P present, A absent, G absence justified; the number is the minutes of presence."),
            "printed": _("Printed on %(day)s. It carries names: keep it locked, destroy it when it is not needed.")
            % {"day": f"{timezone.localtime(at):%d/%m/%Y %H:%M}"},
            "emblem": _("Space for the emblem of the European Union"),
            "ministry": _("Space for the logo of the Ministry"),
            "region": _("Space for the logo of the Region"),
            "page": _("page"),
            "of": _("of"),
        },
    }


@cache
def fonts() -> Path:
    """Return the folder of the fonts of the design system, which its package carries as TrueType too."""
    package = find_spec("bootstrap_italia_template")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package design-django-theme is not installed")
    return Path(package.submodule_search_locations[0]) / "static" / "fonts" / "Titillium_Web"
