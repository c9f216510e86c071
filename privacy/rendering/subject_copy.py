# SPDX-License-Identifier: EUPL-1.2
"""The copy of a person's data, for machines (JSON) and to be read (tagged, archivable PDF). Both are made in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
STANDARDS = ["a-3a", "ua-1"]


@dataclass(frozen=True, repr=False)
class Copy:
    """What goes into the copy: the case, the programme, and each section with its rows. Its `repr` says nothing."""

    number: str
    programme: str
    controller: str
    made_at: datetime
    sections: Sequence[tuple[str, str, list[dict[str, str]]]]


def as_json(copy: Copy) -> bytes:
    """Return the copy in a structured, commonly used, machine-readable form (art. 20(1))."""
    content = {
        "case": copy.number,
        "programme": copy.programme,
        "controller": copy.controller,
        "made_at": copy.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "sections": [{"code": code, "title": title, "rows": rows} for code, title, rows in copy.sections],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def as_pdf(copy: Copy) -> bytes:
    """Return the copy to be read, in the language of the portal."""
    data: dict[str, Any] = {
        "language": settings.LANGUAGE_CODE,
        "title": _("Copy of your personal data"),
        "kicker": copy.number,
        "facts": [
            [_("Programme"), copy.programme],
            [_("Controller"), copy.controller],
            [_("Made on"), f"{timezone.localtime(copy.made_at):%d/%m/%Y %H:%M}"],
        ],
        "sections": [
            {"title": title, "rows": [[list(pair) for pair in row.items()] for row in rows]}
            for _code, title, rows in copy.sections
        ],
        "words": {
            "page": _("page"),
            "of": _("of"),
            "none": _("Nothing here."),
            "rights": _(
                "You may ask to correct or erase these data, to restrict their use or object to it, and complain to the "
                "data protection authority (www.garanteprivacy.it)."
            ),
        },
    }
    return typst.compile(
        TEMPLATES / "subject_copy.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=copy.made_at.astimezone(UTC).replace(microsecond=0),
    )


@cache
def fonts() -> Path:
    """Return the folder of the fonts of the design system, which its package carries as TrueType too."""
    package = find_spec("bootstrap_italia_template")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package design-django-theme is not installed")
    return Path(package.submodule_search_locations[0]) / "static" / "fonts" / "Titillium_Web"
