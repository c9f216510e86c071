# SPDX-License-Identifier: EUPL-1.2
"""Cross-checks: what the shape of a file cannot say. They tolerate parts of a wrong shape, so that all problems of a
file are listed together."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from actions.definition.checker import UNITS, Checker, Known, Rows, many, word
from actions.definition.mediation import check_forms, check_indicators
from actions.definition.parsing import Place, Problem, Source
from actions.enums import Admission, Measure, ReachMetric, Sheet, TargetGroupKind, Unit
from partners.services.official_lists import NEVER_EXCLUDED, PERMIT_KINDS
from partners.validators import validate_cup

# Who fills which sheet.
SHEETS = {
    Sheet.PUPILS: TargetGroupKind.PERSONS,
    Sheet.THIRD_COUNTRY: TargetGroupKind.PERSONS,
    Sheet.OPERATORS: TargetGroupKind.OPERATORS,
}
# Which groups a measure can be filtered by: contacts are never persons.
GROUPS = {
    Measure.PERSONS: {TargetGroupKind.PERSONS, TargetGroupKind.OPERATORS},
    Measure.ORGANISATIONS: {TargetGroupKind.ORGANISATIONS},
    Measure.REACH: {TargetGroupKind.CONTACTS},
    Measure.POSITIVE_OUTCOMES: {TargetGroupKind.PERSONS, TargetGroupKind.OPERATORS},
}


def problems_of_programme(source: Source, known: Known) -> Iterator[Problem]:
    """Yield what is inconsistent in a programme's file; `known` holds the codes that its plans use for their own."""
    check = Checker(source)
    head, bodies = check.part("programme"), check.bodies()
    check.refer(("programme",), head, "lead", bodies, _("body in “bodies”"))
    check.dates(("programme",), head, "starts_on", "ends_on")
    check.dates(("programme",), head, "ends_on", "extended_to")
    check.cents(("programme", "budget"), head.get("budget"))
    if isinstance(head.get("cup"), str) and head["cup"]:
        try:
            validate_cup(head["cup"])
        except ValidationError as error:
            check.say(("programme", "cup"), error.messages[0])
    if not any(
        "lead" in many(row, "roles") and row.get("name") == head.get("lead") for _place, row in check.rows("bodies")
    ):
        check.say(("programme", "lead"), _("The lead must be in “bodies” with the role “lead”."))

    actions = check.codes_of(check.rows("actions"))
    types = check.codes_of(check.rows("activity_types"))
    packages = check.codes_of(check.rows("work_packages"))
    channels = check.codes_of(check.rows("channels"))
    for place, row in check.rows("activity_types"):
        check.refer(place, row, "action", actions, _("action"))
        if word(row, "code") in known.activity_types:
            check.say((*place, "code"), _("A plan of this programme uses this code already."))
    for place, row in check.rows("work_packages"):
        check.refer(place, row, "action", actions, _("action"))
        check.codes_of(check.rows(*place, "tasks"))
        check.codes_of(check.rows(*place, "products"))
    groups = _target_groups(check, types)
    _permits(check)
    _indicators(check, head, actions=actions, types=types, packages=packages, channels=channels, groups=groups)
    check.cadence_targets(types)
    for place, row in check.rows("cadence_targets"):
        if word(row, "code") in known.cadence_targets:
            check.say((*place, "code"), _("A plan of this programme uses this code already."))
    check.codes_of(check.rows("service_levels"))
    check_forms(check, types)
    check_indicators(check, types)
    yield from check.found


def _target_groups(check: Checker, types: set[str]) -> dict[str, dict[str, Any]]:
    rows = check.rows("target_groups")
    codes = check.codes_of(rows)
    by_code = {row["code"]: row for _place, row in rows if isinstance(row.get("code"), str)}
    for place, row in rows:
        check.refer(place, row, "earned_by", types, _("activity type"))
        check.refer(place, row, "may_overlap", codes, _("target group"))
        youngest, oldest = row.get("minimum_age"), row.get("maximum_age")
        if isinstance(youngest, int) and isinstance(oldest, int) and oldest < youngest:
            check.say((*place, "maximum_age"), _("The maximum age is below the minimum age."))
        if row.get("organisation_kinds") and row.get("kind") != TargetGroupKind.ORGANISATIONS:
            check.say((*place, "organisation_kinds"), _("Only a group of kind “organisations” has kinds of bodies."))
        fits = SHEETS.get(word(row, "sheet"))  # type: ignore[call-overload]
        if fits and row.get("kind") in TargetGroupKind.values and row["kind"] != fits:
            check.say(
                (*place, "sheet"),
                _("The sheet “%(sheet)s” is filled by a group of kind “%(kind)s”.")
                % {"sheet": row["sheet"], "kind": fits.value},
            )
        for index, other in enumerate(many(row, "may_overlap")):
            if other == row.get("code"):
                check.say((*place, "may_overlap", index), _("A group does not overlap with itself."))
            elif (
                isinstance(other, str)
                and other in by_code
                and row.get("code") not in many(by_code[other], "may_overlap")
            ):
                check.say(
                    (*place, "may_overlap", index),
                    _("“%(other)s” must list “%(code)s” too: overlaps hold both ways.")
                    % {"other": other, "code": row.get("code")},
                )
    return by_code


def _permits(check: Checker) -> None:
    for kind, admission in check.part("permits").items():
        if kind in NEVER_EXCLUDED and admission == Admission.EXCLUDED:
            check.say(
                ("permits", kind),
                _("“%(label)s” cannot be excluded: write “admitted” or “to_verify”.") % {"label": PERMIT_KINDS[kind]},
            )


def _indicators(
    check: Checker,
    head: dict[str, Any],
    *,
    actions: set[str],
    types: set[str],
    packages: set[str],
    channels: set[str],
    groups: dict[str, dict[str, Any]],
) -> None:
    rows = check.rows("indicators")
    codes = check.codes_of([*rows, *check.rows("indicators_not_measured")])
    measured = {row["code"] for _place, row in rows if isinstance(row.get("code"), str)}
    start, end = head.get("starts_on"), head.get("extended_to") or head.get("ends_on")
    for place, row in rows:
        check.refer(place, row, "action", actions, _("action"))
        check.refer(place, row, "work_package", packages, _("work package"))
        check.refer(place, row, "bounds", codes, _("indicator"))
        if row.get("code") in many(row, "bounds"):
            check.say((*place, "bounds"), _("An indicator cannot be bounded by itself."))
        unit = UNITS.get(word(row, "measure"))  # type: ignore[call-overload]
        if unit and word(row, "unit") in Unit.values and row["unit"] != unit:
            check.say(
                (*place, "unit"),
                _("The measure “%(measure)s” is read in “%(unit)s”.") % {"measure": row["measure"], "unit": unit.value},
            )
        rule = row.get("rule", {})
        if isinstance(rule, dict):
            inside = (*place, "rule")
            check.refer(inside, rule, "actions", actions, _("action"))
            check.refer(inside, rule, "activity_types", types, _("activity type"))
            check.refer(inside, rule, "target_groups", groups, _("target group"))
            check.refer(inside, rule, "channels", channels, _("channel"))
            _rule(check, inside, row, rule, groups)
        if "target" in row and "targets" in row:
            check.say((*place, "targets"), _("Write “target” or “targets”, not both."))
        check.value(place, row, "target", row)
        days = set()
        for at, target in check.rows(*place, "targets"):
            check.value(at, target, "value", row)
            day = target.get("valid_from", start)
            check.within((*at, "valid_from"), day, start, end)
            if day in days:
                check.say((*at, "valid_from"), _("There are two targets from the same day."))
            days.add(day)
    _bounded_targets(check, rows, measured)


def _rule(check: Checker, place: Place, row: dict[str, Any], rule: dict[str, Any], groups: dict[str, Any]) -> None:
    """A rule may only use filters that its measure can answer."""
    measure = word(row, "measure")
    if rule.get("channels") and measure not in (Measure.REACH, Measure.CAMPAIGNS):
        check.say((*place, "channels"), _("Channels filter only the measures “reach” and “campaigns”."))
    for key in ("minimum_minutes", "minimum_meetings"):
        if key in rule and measure != Measure.PERSONS:
            check.say((*place, key), _("A minimum of attendance filters only the measure “persons”."))
    if rule.get("metrics") and measure != Measure.REACH:
        check.say((*place, "metrics"), _("Metrics filter only the measure “reach”."))
    if ReachMetric.VIEWS in many(rule, "metrics"):
        check.say((*place, "metrics"), _("Views are not people reached: take them out of the metrics."))
    if "service" in rule and measure != Measure.SERVICES:
        check.say((*place, "service"), _("“service” filters only the measure “services”."))
    if "counter" in rule and measure != Measure.DESK_CONTACTS:
        check.say((*place, "counter"), _("“counter” filters only the measure “desk_contacts”."))
    if (measure == Measure.POSITIVE_OUTCOMES) != ("outcome" in rule):
        check.say(
            (*place, "outcome"),
            _("The measure “positive_outcomes” needs “outcome”, and no other measure has it."),
        )
    allowed = GROUPS.get(measure, set())  # type: ignore[call-overload]
    for index, code in enumerate(many(rule, "target_groups")):
        kind = groups.get(code, {}).get("kind") if isinstance(code, str) else None
        if kind in TargetGroupKind.values and kind not in allowed and measure in Measure.values:
            check.say(
                (*place, "target_groups", index),
                _("The measure “%(measure)s” cannot count the group “%(code)s” (%(kind)s).")
                % {"measure": measure, "code": code, "kind": kind},
            )


def _bounded_targets(check: Checker, rows: Rows, measured: set[str]) -> None:
    """A target may not exceed the target of an indicator that bounds it."""
    highest = {code: _last_target(row) for _place, row in rows if (code := word(row, "code")) in measured}
    for place, row in rows:
        for bound in many(row, "bounds"):
            mine, other = highest.get(word(row, "code")), highest.get(bound) if isinstance(bound, str) else None
            if mine and other and mine > other:
                check.say(
                    (*place, "target" if "target" in row else "targets"),
                    _("The target %(mine)s exceeds that of %(bound)s (%(other)s), which bounds it.")
                    % {"mine": mine, "bound": bound, "other": other},
                )


def _last_target(row: dict[str, Any]) -> float | None:
    values = [row.get("target"), *(target.get("value") for target in many(row, "targets") if isinstance(target, dict))]
    numbers = [value for value in values if isinstance(value, int | float)]
    return numbers[-1] if numbers else None


def problems_of_plan(source: Source, known: Known | None) -> Iterator[Problem]:
    """Yield what is inconsistent in a plan's file; `known` is the programme above it, None when it is not loaded."""
    check = Checker(source)
    head, bodies = check.part("plan"), check.bodies()
    check.refer(("plan",), head, "carried_out_by", bodies, _("body in “bodies”"))
    check.dates(("plan",), head, "starts_on", "ends_on")
    check.cents(("plan", "budget"), head.get("budget"))
    if known is None:
        check.say(
            ("plan", "under"),
            _("The programme “%(slug)s” is not loaded: load its definition first.") % {"slug": head.get("under")},
        )
        yield from check.found
        return
    check.within(("plan", "starts_on"), head.get("starts_on"), known.starts_on, known.last_day)
    check.within(("plan", "ends_on"), head.get("ends_on"), known.starts_on, known.last_day)
    check.refer(("plan",), head, "network", known.networks, _("network"))
    types = check.codes_of(check.rows("activity_types"))
    for place, row in check.rows("activity_types"):
        check.refer(place, row, "action", known.actions, _("action"))
        check.refer(place, row, "earns", known.target_groups, _("target group"))
        if word(row, "code") in known.activity_types:
            check.say((*place, "code"), _("The programme has an activity type with this code already."))
    cadences = check.cadence_targets(types | known.activity_types)
    for place, row in check.rows("cadence_targets"):
        if word(row, "code") in known.cadence_targets & cadences:
            check.say((*place, "code"), _("The programme has a target with this code already."))
    seen = set()
    for place, row in check.rows("targets"):
        check.refer(place, row, "indicator", known.indicators, _("indicator"))
        day = row.get("valid_from", head.get("starts_on"))
        check.within((*place, "valid_from"), day, known.starts_on, known.last_day)
        if (word(row, "indicator"), day) in seen:
            check.say((*place, "valid_from"), _("There are two targets from the same day."))
        seen.add((word(row, "indicator"), day))
    yield from check.found
