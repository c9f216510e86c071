# SPDX-License-Identifier: EUPL-1.2
"""The figures that the registers of an activity report show, beside those of the period before and the targets."""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from actions.enums import Unit
from actions.models import Indicator
from reporting.enums import ActivityReportState
from reporting.ledger import own_figures
from reporting.models import ActivityReport
from reporting.selectors import frozen


@dataclass(frozen=True)
class FigureLine:
    """A figure of a report as a page shows it: hours as hours, though the ledger keeps minutes."""

    code: str
    title: str
    unit: str
    value: Decimal | int


@dataclass(frozen=True)
class ComparedLine(FigureLine):
    """A figure beside that of the same body and network in the period before, if there was a report.

    `gross` is the sum over the activities, of persons alone.
    """

    previous: Decimal | int | None
    gross: int | None = None
    # Against the period before: the change, and its share in thousandths of what was there (None from nothing).
    difference: Decimal | int | None = None
    change_permille: int | None = None
    # What was promised, by the network where it has a target of its own and by the programme elsewhere.
    target: Decimal | int | None = None
    target_of_network: bool = False
    share_permille: int | None = None


def _source(report: ActivityReport) -> str:
    if report.state == ActivityReportState.VALIDATED or report.is_text_only:
        return "validated"
    return "submitted" if report.state == ActivityReportState.SUBMITTED else "live"


def source_words(report: ActivityReport) -> str:
    """Say where the figures of the report are read now."""
    return {
        "validated": _("in the validated facts"),
        "submitted": _("in the registers as they were when the report was submitted"),
        "live": _("in the registers as they are now"),
    }[_source(report)]


def units_of_figure(report: ActivityReport, indicator: Indicator, *, offset: int, limit: int) -> own_figures.Units:
    """Return a page of what a figure of the report counts."""
    return own_figures.units_of_figure(
        report.pk, report.programme_id, indicator.pk, source=_source(report), offset=offset, limit=limit
    )


# --- figures -------------------------------------------------------------------------------------------------------


def figures(report: ActivityReport, *, submitted: bool = False) -> dict[str, Any]:
    """Return the figures of the report from its live registers: by indicator code, and plain counts.

    The same registers always give the same value, whoever asks and when. With `submitted` they are read from the
    drafts, which a submission has just copied from the registers.
    """
    codes = dict(Indicator.objects.filter(programme=report.programme_id).order_by("pk").values_list("pk", "code"))
    found = own_figures.figures_of_report(report.pk, report.programme_id, submitted=submitted)
    return {
        "indicators": {codes[indicator]: quantity for indicator, quantity in sorted(found.indicators.items())},
        # Of persons: the sum over the activities, which counts twice who is in two of them.
        "gross": {codes[indicator]: quantity for indicator, quantity in sorted(found.gross.items())},
        "counts": asdict(found.counts),
    }


def shown_figures(report: ActivityReport) -> dict[str, Any]:
    """Return the figures as submitted, or from the live registers while the body is still at work."""
    stand = report.state in (ActivityReportState.SUBMITTED, ActivityReportState.VALIDATED) or report.is_text_only
    return report.figures if stand and report.figures else figures(report)


def shown_quantity(quantity: int, unit: str) -> Decimal | int:
    """Return a quantity of the ledger as a page shows it: hours with a decimal where they are not whole."""
    if unit != Unit.HOURS:
        return quantity
    hours, minutes = divmod(quantity, 60)
    return (Decimal(quantity) / 60).quantize(Decimal("0.1")) if minutes else hours


def figure_lines(report: ActivityReport) -> list[FigureLine]:
    """Return the figures of the report that are not zero, in the order of the programme's definition."""
    values = shown_figures(report).get("indicators", {})
    return [
        FigureLine(row.code, row.title, row.get_unit_display(), shown_quantity(values[row.code], row.unit))
        for row in Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk")
        if values.get(row.code)
    ]


def previous_report(report: ActivityReport) -> ActivityReport | None:
    """Return the report of the same body and network in the period before, if there is one."""
    return (
        ActivityReport.objects.filter(
            programme=report.programme_id,
            network=report.network_id,
            organisation=report.organisation_id,
            period__ends_on__lt=report.period.starts_on,
        )
        .select_related("period")
        .order_by("-period__starts_on")
        .first()
    )


def compare_with_previous(report: ActivityReport, before: ActivityReport | None = None) -> list[ComparedLine]:
    """Return each figure beside that of the report before it and beside the target.

    `before` is what `previous_report` gave, where the caller has it; `previous` is None when there was none.
    """
    shown = shown_figures(report)
    values, gross = shown.get("indicators", {}), shown.get("gross", {})
    before = before or previous_report(report)
    earlier = shown_figures(before).get("indicators", {}) if before else {}
    targets = frozen.targets_on(report.programme, report.period.ends_on)
    network = frozen.network_key(report.network)
    return [
        _against(
            _compared(row, values.get(row.code, 0), earlier.get(row.code, 0) if before else None, gross.get(row.code)),
            row,
            values.get(row.code, 0),
            targets.get(row.pk, {}),
            network,
        )
        for row in Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk")
        if values.get(row.code) or earlier.get(row.code)
    ]


def _compared(row: Indicator, value: int, earlier: int | None, gross: int | None) -> ComparedLine:
    return ComparedLine(
        row.code,
        row.title,
        row.get_unit_display(),
        shown_quantity(value, row.unit),
        None if earlier is None else shown_quantity(earlier, row.unit),
        gross,
        None if earlier is None else _shown_difference(value - earlier, row.unit),
        round((value - earlier) * 1000 / earlier) if earlier else None,
    )


def _shown_difference(quantity: int, unit: str) -> Decimal | int:
    return -shown_quantity(-quantity, unit) if quantity < 0 else shown_quantity(quantity, unit)


def _against(line: ComparedLine, row: Indicator, value: int, targets: dict[str, int], network: str) -> ComparedLine:
    """Put the target beside a figure: that of the network, or else that of the whole programme."""
    own = network in targets
    target = targets.get(network) or targets.get("programme")
    if not target:
        return line
    return replace(
        line,
        target=shown_quantity(target, row.unit),
        target_of_network=own,
        share_permille=round(value * 1000 / target),
    )


def figure_rows(report: ActivityReport) -> list[dict[str, Any]]:
    """Return the figures kept in the report as plain rows with their titles, in the order of the definition."""
    values, gross = report.figures.get("indicators", {}), report.figures.get("gross", {})
    return [
        {
            "code": row.code,
            "title": row.title,
            "unit": row.unit,
            "quantity": values[row.code],
            **({"gross": gross[row.code]} if row.code in gross else {}),
        }
        for row in Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk")
        if values.get(row.code)
    ]
