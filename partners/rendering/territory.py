# SPDX-License-Identifier: EUPL-1.2
"""The map of a territory: one drawing without tiles, colours from the style sheet, hatching for who sees no colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from partners.rendering.boundaries import box_around, box_of, neighbours_of, paths_of

# Beyond this many, names would cover the land.
MAX_NAMES = 45
# Drawn for a picture 24 wide; `scale` fits them to the land that is shown.
_PATTERNS = (
    '<defs><pattern id="map-hatch" width="8" height="8" patternUnits="userSpaceOnUse" '
    'patternTransform="scale({scale}) rotate(45)">'
    '<rect width="8" height="8" class="map-ground"/><line x1="0" y1="0" x2="0" y2="8" class="map-line"/></pattern>'
    '<pattern id="map-dots" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="scale({scale})">'
    '<rect width="7" height="7" class="map-pale"/><circle cx="3.5" cy="3.5" r="1.5" class="map-dot"/></pattern></defs>'
)


@dataclass(frozen=True)
class Shape:
    """A municipality on the map: ISTAT code, how it is covered (the class of its path), name, and words for it."""

    code: str
    coverage: str
    name: str
    title: Any


@dataclass(frozen=True)
class Drawing:
    """The picture, and the names of those whose boundaries are not known."""

    svg: SafeString
    missing: Sequence[str]
    # The box of a key of the legend, in which the patterns are as big as on the map.
    key: str


def draw(shapes: Sequence[Shape], *, label: Any) -> Drawing | None:
    """Draw some municipalities in the middle of their provinces; None where no boundary is known."""
    paths = paths_of(shape.code for shape in shapes)
    missing = [shape.name for shape in shapes if shape.code not in paths]
    if not paths:
        return None
    left, top, right, bottom = box_around(paths.values())
    margin = max(12, (right - left) // 12, (bottom - top) // 12)
    left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
    inside = {shape.code for shape in shapes}
    land = "".join(path for code, path in neighbours_of(inside).items() if code not in inside)
    places = format_html_join(
        "",
        '<path class="map-{}" d="{}"><title>{}</title></path>',
        ((shape.coverage, paths[shape.code], shape.title) for shape in shapes if shape.code in paths),
    )
    size = max(right - left, bottom - top) / 55
    scale = size / 12
    names = _names(shapes, paths, size) if len(paths) <= MAX_NAMES else ""
    svg = format_html(
        '<svg class="territory-map" viewBox="{} {} {} {}" role="img" aria-label="{}">{}'
        '<path class="map-around" d="{}"/>{}{}</svg>',
        left,
        top,
        right - left,
        bottom - top,
        label,
        format_html(_PATTERNS, scale=f"{scale:.3f}"),
        land,
        places,
        names,
    )
    return Drawing(svg, missing, f"0 0 {24 * scale:.2f} {16 * scale:.2f}")


def _names(shapes: Sequence[Shape], paths: Mapping[str, str], size: float) -> SafeString:
    def middles() -> Any:
        for shape in shapes:
            if shape.code in paths:
                left, top, right, bottom = box_of(paths[shape.code])
                yield (left + right) / 2, (top + bottom) / 2 + size / 3, f"{size:.1f}", shape.name

    return format_html_join("", '<text x="{}" y="{}" font-size="{}" aria-hidden="true">{}</text>', middles())
