# SPDX-License-Identifier: EUPL-1.2
"""Facts and tables as a tagged, archivable PDF: equal content gives equal bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from django.conf import settings
from django.utils.translation import gettext as _

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
STANDARDS = ["a-3a", "ua-1"]


@dataclass(frozen=True)
class PaperTable:
    """A table on paper: its title, columns with their relative widths, which of them are numbers, rows of texts."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()
    numeric: Sequence[int] = ()


def paper(
    *,
    title: str,
    kicker: str,
    facts: Sequence[tuple[str, str]],
    tables: Sequence[PaperTable],
    foot: str,
    at: datetime,
    wide: bool = False,
) -> bytes:
    """Return the PDF, in the language of the moment. `at` is its only date."""
    data = {
        "language": settings.LANGUAGE_CODE,
        "title": title,
        "kicker": kicker,
        "facts": [[str(term), str(value)] for term, value in facts],
        "wide": wide,
        "foot": foot,
        "tables": [
            {
                "title": table.title,
                "columns": [str(name) for name in table.columns],
                "rows": [[str(cell) for cell in row] for row in table.rows],
                "widths": list(table.widths) or [1] * len(table.columns),
                "numeric": list(table.numeric),
            }
            for table in tables
        ],
        "words": {"page": _("page"), "of": _("of"), "nothing": _("Nothing.")},
    }
    return typst.compile(
        TEMPLATES / "tables.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )


@cache
def fonts() -> Path:
    """Return the folder of the fonts of the design system, which its package carries as TrueType too."""
    package = find_spec("bootstrap_italia_template")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package design-django-theme is not installed")
    return Path(package.submodule_search_locations[0]) / "static" / "fonts" / "Titillium_Web"
