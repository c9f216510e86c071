# SPDX-License-Identifier: EUPL-1.2
"""The frozen copy of a report (of a body, a network, the region) as a tagged and archivable PDF, drawn from its canonical JSON alone.

It declares PDF/UA-1 and PDF/A-3a. Its only date is the last day of the period, so the same copy gives the same bytes.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from actions.enums import Unit
from reporting.enums import ProblemOrigin
from reporting.models import ActivityReport
from reporting.rendering.pdf import STANDARDS, TEMPLATES, fonts
from reporting.rendering.reading import quantity


def render_copy(content: dict[str, Any], *, sha256: str) -> bytes:
    """Return the PDF of a frozen copy; `sha256` is that of its JSON, and stands on every page."""
    with translation.override(settings.LANGUAGE_CODE):
        data = _data(content, sha256)
    day = date.fromisoformat(content["period"]["ends_on"])
    return typst.compile(
        TEMPLATES / "activity_report.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def _data(content: dict[str, Any], sha256: str) -> dict[str, Any]:
    programme, period = content["programme"], content["period"]
    boxes = [
        (capfirst(str(ActivityReport._meta.get_field(name).verbose_name)), content["narrative"].get(name, "").strip())  # type: ignore[union-attr]
        for name in ActivityReport.NARRATIVE
    ]
    origins = [str(origin.label) for origin in ProblemOrigin if origin in content["problem_origins"]]
    return {
        "language": settings.LANGUAGE_CODE,
        "title": _title(content) % {"period": period["code"]},
        "programme": programme["title"],
        "visibility": programme["visibility_text"],
        "codes": [
            text
            for text in (
                _("Project %(code)s") % {"code": programme["project_code"]} if programme["project_code"] else "",
                f"CUP {programme['cup']}" if programme["cup"] else "",
            )
            if text
        ],
        "facts": [
            *_whose(content),
            [
                _("Period"),
                _("from %(start)s to %(end)s") % {"start": _day(period["starts_on"]), "end": _day(period["ends_on"])},
            ],
            [_("Version"), str(content["version"])],
            [_("Submitted on"), _day(content["submitted_on"])],
            *_proofs(content),
            [_("Origin of the problems"), ", ".join(origins) or "—"],
        ],
        "boxes": [[label, text or _("Not written")] for label, text in boxes],
        "columns": [_("Figure"), _("Unit"), *_columns(content)],
        "rows": [
            [
                f"{row['code']} {row['title']}",
                str(Unit(row["unit"]).label),
                *(quantity(row[name], row["unit"]) for name in _numbers(content)),
            ]
            for row in content["figures"].get("lines", ())
        ],
        "words": {
            "emblem": _("Space for the emblem of the European Union"),
            "ministry": _("Space for the logo of the Ministry"),
            "region": _("Space for the logo of the Region"),
            "page": _("page"),
            "of": _("of"),
            "narrative": _("The quarter in words"),
            "figures": _("Figures of the report"),
            "none": _("Nothing to count in the registers of this period."),
            "hash": _("Frozen copy, sha256 of its JSON: %(sha256)s") % {"sha256": sha256},
        },
    }


def _is_merged(content: dict[str, Any]) -> bool:
    return "body" not in content


def _title(content: dict[str, Any]) -> str:
    if not _is_merged(content):
        return _("Activity report %(period)s")
    return _("Report of the network %(period)s") if content["network"] else _("Report of the region %(period)s")


def _whose(content: dict[str, Any]) -> list[list[str]]:
    network = content["network"]
    found = [[_("Network"), f"{network['name']} ({network['code']})"]] if network else []
    return found if _is_merged(content) else [[_("Body"), content["body"]], *found]


def _proofs(content: dict[str, Any]) -> list[list[str]]:
    """What the copy rests on: the posting of its figures, or the reports that it puts together."""
    if not _is_merged(content):
        return [[_("Posting of the results ledger"), str(content["posting"] or "—")]]
    settled = [part for part in content["parts"] if part["sha256"]]
    words = _("%(settled)s of %(all)s, each with its frozen copy") % {
        "settled": len(settled),
        "all": len(content["parts"]),
    }
    return [[_("Accepted on"), _day(content["accepted_on"])], [_("Reports that it collects"), words]]


def _numbers(content: dict[str, Any]) -> tuple[str, ...]:
    return ("summed", "quantity", "to_date") if _is_merged(content) else ("quantity",)


def _columns(content: dict[str, Any]) -> list[str]:
    if not _is_merged(content):
        return [_("In this report")]
    return [_("Sum of the reports (gross)"), _("New in the period, counted once"), _("To date, counted once")]
