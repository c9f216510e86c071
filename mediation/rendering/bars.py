# SPDX-License-Identifier: EUPL-1.2
"""Bars as plain SVG: one row for each value, by attributes alone. The table of the figures stands beside the picture."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

WIDTH = 760
_LABELS, _TRACK = 310, 345
_ROW, _BAR = 34, 18
_INK, _BLUE, _PALE = "#17324d", "#0066cc", "#e6ecf2"
_FONT = "Titillium Web, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Bar:
    """One row: label, value, the value in words."""

    label: str
    value: float
    words: str


def bars_svg(bars: Sequence[Bar], *, title: str, identifier: str) -> str:
    """Draw the bars, the longest as long as the track; `title` is what a screen reader says of the picture."""
    height = 10 + _ROW * len(bars)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "role": "img",
            "class": "bars",
            "aria-labelledby": f"{identifier}-alt",
        },
    )
    ElementTree.SubElement(root, "title", {"id": f"{identifier}-alt"}).text = title
    highest = max((bar.value for bar in bars), default=0) or 1
    for index, bar in enumerate(bars):
        top = 5 + index * _ROW
        _text(root, _LABELS - 12, top + 19, textwrap.shorten(bar.label, 42, placeholder="…"), anchor="end")
        _rect(root, top + 5, _TRACK, _PALE)
        if bar.value > 0:
            _rect(root, top + 5, max(2, round(_TRACK * bar.value / highest)), _BLUE)
        _text(root, _LABELS + _TRACK + 12, top + 19, bar.words)
    return ElementTree.tostring(root, encoding="unicode")


def _rect(root: ElementTree.Element, top: int, width: int, colour: str) -> None:
    ElementTree.SubElement(
        root,
        "rect",
        {"x": str(_LABELS), "y": str(top), "width": str(width), "height": str(_BAR), "rx": "2", "fill": colour},
    )


def _text(root: ElementTree.Element, x: int, y: int, words: str, *, anchor: str = "start") -> None:
    ElementTree.SubElement(
        root,
        "text",
        {"x": str(x), "y": str(y), "font-family": _FONT, "font-size": "15", "fill": _INK, "text-anchor": anchor},
    ).text = words
