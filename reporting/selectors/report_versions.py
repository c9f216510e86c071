# SPDX-License-Identifier: EUPL-1.2
"""The versions of a report (of a body, a network, the region) and what differs between two of them."""

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from reporting.enums import ProblemOrigin
from reporting.models import ActivityReport, MergedReport
from reporting.models.kept_versions import KeptVersion
from reporting.selectors.activity_reports import shown_quantity

_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Piece:
    """A run of words of a compared text: the same in both, only in the later, or only in the earlier."""

    kind: str  # same, added, removed
    text: str


@dataclass(frozen=True)
class BoxDifference:
    """One box in two versions."""

    label: str
    changed: bool
    pieces: list[Piece]


@dataclass(frozen=True)
class FigureDifference:
    """One figure in two versions, as a page shows it."""

    code: str
    title: str
    before: Any
    after: Any
    difference: Any


def versions_of(report: ActivityReport | MergedReport) -> list[KeptVersion]:
    """Return the submissions of a report, the last one first (one query)."""
    return list(report.versions.select_related("submitted_by").order_by("-number"))


def text_pieces(before: str, after: str) -> list[Piece]:
    """Compare two texts word by word; the pieces that are not `removed` make the later text, word for word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Piece] = []
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[a1:a2])))
            continue
        if a2 > a1:
            found.append(Piece("removed", "".join(old[a1:a2])))
        if b2 > b1:
            found.append(Piece("added", "".join(new[b1:b2])))
    return found


def box_differences(before: KeptVersion, after: KeptVersion) -> list[BoxDifference]:
    """Compare the boxes of two versions, and the origins of the problems in words."""
    found = []
    for name in ActivityReport.NARRATIVE:
        label = capfirst(str(ActivityReport._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        found.append(_box(label, before.boxes.get(name, ""), after.boxes.get(name, "")))
    label = capfirst(str(ActivityReport._meta.get_field("problem_origins").verbose_name))  # type: ignore[union-attr]
    found.append(_box(label, _origins(before.problem_origins), _origins(after.problem_origins)))
    return found


def _box(label: str, before: str, after: str) -> BoxDifference:
    return BoxDifference(label, before != after, text_pieces(before, after))


def _origins(codes: Sequence[str]) -> str:
    return ", ".join(str(origin.label) for origin in ProblemOrigin if origin in codes)


def figure_differences(before: KeptVersion, after: KeptVersion) -> list[FigureDifference]:
    """Compare the figures of two versions, each as it was kept; only what one of them has."""
    old, new = _lines(before), _lines(after)
    found = []
    for code in dict.fromkeys([*new, *old]):
        row: Mapping[str, Any] = new.get(code) or old[code]
        was, now = (lines.get(code, {}).get("quantity", 0) for lines in (old, new))
        change = now - was
        shown = shown_quantity(abs(change), row["unit"])
        found.append(
            FigureDifference(
                code,
                row["title"],
                shown_quantity(was, row["unit"]),
                shown_quantity(now, row["unit"]),
                -shown if change < 0 else shown,
            )
        )
    return found


def _lines(version: KeptVersion) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in version.figures.get("lines", ())}


def copy_is_intact(version: KeptVersion) -> bool:
    """Whether the frozen copy is, byte for byte, the one whose sha256 was written down when it was made."""
    return hashlib.sha256(version.frozen.encode()).hexdigest() == version.frozen_sha256
