# SPDX-License-Identifier: EUPL-1.2
"""Pictures drawn on the server: bars as plain SVG (attributes only, no style), a trend with axes by Vega-Lite.

The same bytes go in the page and in the PDF. Each picture stands beside the table of its figures.
"""

import textwrap
from typing import Any
from xml.etree import ElementTree

import vl_convert
from django.utils.translation import gettext as _

from actions.enums import Unit
from reporting.rendering.reading import Bar, Chart, percent, quantity

WIDTH = 760
_TRACK = 520
_ROW, _BAR = 58, 20
_INK, _BLUE, _PALE, _LINE, _GREY = "#17324d", "#0066cc", "#e6ecf2", "#5b6f82", "#455b71"
_FONT = "Titillium Web, Arial, Helvetica, sans-serif"
VEGA_LITE = "5.20"


def bars_svg(chart: Chart, *, identifier: str = "") -> str:
    """Draw one bar for each row: validated is solid, provisional is hatched beside it, never under it.

    With targets the whole track is the target and the mark is the time elapsed; without them the track is the
    highest value.
    """
    name = identifier or chart.key
    height = 12 + _ROW * len(chart.bars) + 30
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {height}",
            "role": "img",
            "class": "bars",
            "aria-labelledby": f"{name}-alt",
        },
    )
    _add(root, "title", {"id": f"{name}-alt"}, f"{chart.title}. {chart.alt}")
    _hatch(root, f"{name}-hatch")
    highest = max((bar.value + bar.provisional for bar in chart.bars if not bar.target), default=0)
    for index, bar in enumerate(chart.bars):
        _bar(root, bar, 12 + index * _ROW, bar.target or highest, chart.marker_permille, f"{name}-hatch")
    _legend(root, chart, height - 10, f"{name}-hatch")
    return ElementTree.tostring(root, encoding="unicode")


def _bar(root: Any, bar: Bar, top: int, full: int, marker: int | None, hatch: str) -> None:
    solid = _length(bar.value, full)
    striped = max(0, min(_TRACK - solid, _length(bar.value + bar.provisional, full) - solid))
    _text(root, 0, top + 14, textwrap.shorten(bar.label, 95, placeholder="…"), weight="600")
    _rect(root, 0, top + 22, _TRACK, _PALE)
    _rect(root, 0, top + 22, solid, _BLUE)
    if striped:
        _rect(root, solid, top + 22, striped, f"url(#{hatch})")
        _add(
            root,
            "rect",
            {
                "x": str(solid),
                "y": str(top + 22),
                "width": str(striped),
                "height": str(_BAR),
                "fill": "none",
                "stroke": _BLUE,
            },
        )
    if marker is not None and bar.target:
        x = str(_length(marker, 1000))
        _add(
            root,
            "line",
            {"x1": x, "x2": x, "y1": str(top + 18), "y2": str(top + 46), "stroke": _INK, "stroke-width": "2.5"},
        )
    _text(root, _TRACK + 14, top + (28 if bar.provisional else 37), value_text(bar))
    if bar.provisional:
        words = _("to be validated: %(value)s") % {"value": quantity(bar.provisional, bar.unit)}
        _text(root, _TRACK + 14, top + 46, words, size=13, colour=_GREY)


def value_text(bar: Bar) -> str:
    """Say beside the bar what it is long."""
    if not bar.target:
        return quantity(bar.value, bar.unit)
    return _("%(value)s of %(target)s (%(share)s)") % {
        "value": quantity(bar.value, bar.unit),
        "target": quantity(bar.target, bar.unit),
        "share": percent(bar.value * 1000 // bar.target),
    }


def _legend(root: Any, chart: Chart, baseline: int, hatch: str) -> None:
    entries = [(_BLUE, _("validated"))]
    if any(bar.provisional for bar in chart.bars):
        entries.append((f"url(#{hatch})", _("submitted, not validated yet")))
    x = 0
    for fill, words in entries:
        attributes = {"x": str(x), "y": str(baseline - 11), "width": "22", "height": "12", "fill": fill}
        _add(root, "rect", {**attributes, "stroke": _BLUE})
        _text(root, x + 30, baseline, words, size=13, colour=_GREY)
        x += 46 + 7 * len(words)
    if chart.marker_permille is not None and any(bar.target for bar in chart.bars):
        place = {"x1": str(x + 3), "x2": str(x + 3), "y1": str(baseline - 14), "y2": str(baseline + 3)}
        _add(root, "line", {**place, "stroke": _INK, "stroke-width": "2.5"})
        words = _("time elapsed (%(share)s)") % {"share": percent(chart.marker_permille)}
        _text(root, x + 12, baseline, words, size=13, colour=_GREY)


def _hatch(root: Any, name: str) -> None:
    pattern = _add(
        _add(root, "defs", {}),
        "pattern",
        {"id": name, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"},
    )
    _add(pattern, "rect", {"width": "8", "height": "8", "fill": "#ffffff"})
    _add(pattern, "rect", {"width": "3", "height": "8", "fill": _BLUE})


def _length(value: int, full: int) -> int:
    return max(0, min(_TRACK, value * _TRACK // full)) if full > 0 else 0


def _rect(root: Any, x: int, y: int, width: int, fill: str) -> None:
    _add(root, "rect", {"x": str(x), "y": str(y), "width": str(width), "height": str(_BAR), "fill": fill})


def _text(root: Any, x: int, y: int, words: str, *, weight: str = "400", size: int = 15, colour: str = _INK) -> None:
    attributes = {"x": str(x), "y": str(y), "font-family": _FONT, "font-size": str(size), "font-weight": weight}
    _add(root, "text", {**attributes, "fill": colour}, words)


def _add(parent: Any, tag: str, attributes: dict[str, str], text: str = "") -> Any:
    element = ElementTree.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def trend_svg(chart: Chart) -> str:
    """Draw what was new in each period as columns and the sum to date as a line, with axes."""
    return vl_convert.vegalite_to_svg(trend_spec(chart), vl_version=VEGA_LITE)


def trend_spec(chart: Chart) -> dict[str, Any]:
    """Return the Vega-Lite specification of a trend; hours are drawn as hours."""
    scale = 60 if chart.unit == Unit.HOURS else 1
    values = [{"period": period, "new": new / scale, "total": total / scale} for period, new, total in chart.trend]
    x = {"field": "period", "type": "ordinal", "sort": None, "title": None, "axis": {"labelAngle": 0}}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "color": _BLUE, "width": {"band": 0.5}},
            "encoding": {
                "x": x,
                "y": {"field": "new", "type": "quantitative", "title": _unit_title(chart), "axis": {"format": ",.0f"}},
            },
        },
        {
            "mark": {"type": "line", "color": _INK, "strokeWidth": 2.5, "point": {"color": _INK, "size": 60}},
            "encoding": {"x": x, "y": {"field": "total", "type": "quantitative"}},
        },
        {
            "mark": {"type": "text", "dy": -12, "color": _INK, "fontWeight": 600},
            "encoding": {
                "x": x,
                "y": {"field": "total", "type": "quantitative"},
                "text": {"field": "total", "type": "quantitative", "format": ",.0f"},
            },
        },
    ]
    if chart.target:
        layers.append(
            {
                "data": {"values": [{"target": chart.target / scale}]},
                "mark": {"type": "rule", "color": _GREY, "strokeDash": [6, 4], "strokeWidth": 1.5},
                "encoding": {"y": {"field": "target", "type": "quantitative"}},
            }
        )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 640,
        "height": 220,
        "background": "white",
        "data": {"values": values},
        "layer": layers,
        "config": {
            "font": _FONT,
            "axis": {
                "labelFontSize": 13,
                "titleFontSize": 13,
                "labelColor": _INK,
                "titleColor": _INK,
                "gridColor": _PALE,
            },
            "locale": {"number": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " €"]}},
            "text": {"fontSize": 13},
            "view": {"stroke": None},
        },
    }


def _unit_title(chart: Chart) -> str:
    return str(Unit(chart.unit).label)


def legend_of_trend(chart: Chart) -> str:
    """Say in words what the marks of a trend are."""
    parts = [_("columns: new in the period"), _("line: to date")]
    if chart.target:
        parts.append(_("dashed: target"))
    return ", ".join(parts)


def picture(chart: Chart) -> str:
    """Draw a chart of either kind."""
    return trend_svg(chart) if chart.trend else bars_svg(chart)
