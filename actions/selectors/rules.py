# SPDX-License-Identifier: EUPL-1.2
"""The rules of indicators, target groups and request forms in plain words, as pages show them."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import Citizenship, Measure, OutcomeKind, TargetGroupKind, Unit
from actions.models import Indicator, RequestKind, TargetGroup
from actions.selectors.programmes import Contents
from partners.enums import OrganisationKind


def amount(value: int, unit: str) -> str:
    """Write a value of the ledger in the unit in which people read it (hours are kept in minutes)."""
    if unit == Unit.HOURS:
        hours, minutes = divmod(value, 60)
        text = formats.number_format(hours, force_grouping=True)
        return f"{text} h {minutes:02d}" if minutes else f"{text} h"
    return formats.number_format(value, force_grouping=True)


def current_target(indicator: Indicator, day: date) -> int | None:
    """Return the target of the whole programme in force on a day; before the first one, the first (reads `targets`)."""
    versions = [target for target in indicator.targets.all() if target.plan_id is None and target.network_id is None]
    versions.sort(key=lambda target: (target.valid_from, target.number, target.pk))
    in_force = [target for target in versions if target.valid_from <= day] or versions[:1]
    return in_force[-1].value if in_force else None


def rule_in_words(indicator: Indicator, contents: Contents) -> list[str]:
    """Say what an indicator counts and on which conditions, a sentence for each."""
    rule, said = indicator.rule, [capfirst(str(Measure(indicator.measure).label))]
    for key, section, label in (
        ("target_groups", "target_groups", _("Of the group: %(names)s")),
        ("activity_types", "activity_types", _("In: %(names)s")),
        ("channels", "channels", _("On the channels: %(names)s")),
    ):
        if rule.get(key):
            titles = contents.titles(section)
            said.append(label % {"names": "; ".join(titles.get(code, code) for code in rule[key])})
    if rule.get("actions"):
        said.append(_("In the actions: %(names)s") % {"names": ", ".join(rule["actions"])})
    elif indicator.action and not rule.get("activity_types"):
        said.append(_("In the actions: %(names)s") % {"names": indicator.action.code})
    if rule.get("outcome"):
        said.append(_("With the positive outcome: %(outcome)s") % {"outcome": OutcomeKind(rule["outcome"]).label})
    if rule.get("minimum_minutes"):
        said.append(_("After at least %(duration)s") % {"duration": amount(rule["minimum_minutes"], Unit.HOURS)})
    if rule.get("minimum_meetings"):
        count = rule["minimum_meetings"]
        said.append(
            ngettext("After at least %(count)s meeting", "After at least %(count)s meetings", count) % {"count": count}
        )
    if indicator.bounds:
        said.append(_("Never more than: %(codes)s") % {"codes": ", ".join(indicator.bounds)})
    return said


def conditions_of(group: TargetGroup) -> list[str]:
    """Say who belongs to a target group."""
    said = [str(TargetGroupKind(group.kind).label)]
    if group.minimum_age is not None and group.maximum_age is not None:
        said.append(_("from %(first)s to %(last)s years") % {"first": group.minimum_age, "last": group.maximum_age})
    elif group.minimum_age is not None:
        said.append(_("from %(first)s years") % {"first": group.minimum_age})
    elif group.maximum_age is not None:
        said.append(_("up to %(last)s years") % {"last": group.maximum_age})
    if group.citizenship == Citizenship.THIRD_COUNTRY:
        said.append(_("citizenship of a third country"))
    said += [str(OrganisationKind(kind).label) for kind in group.organisation_kinds if kind in OrganisationKind.values]
    return said


def settings_of(form: RequestKind) -> list[str]:
    """Say the settings of a request form; what the definition leaves out is not decided yet."""
    settings: dict[str, Any] = form.settings
    said = []
    if "needs_authorisation" in settings:
        said.append(
            _("Each request waits for the head of the body")
            if settings["needs_authorisation"]
            else _("No request waits for the head of the body")
        )
    if "minimum_notice_hours" in settings:
        said.append(_("Notice: at least %(hours)s hours") % {"hours": settings["minimum_notice_hours"]})
    if "urgent_notice_hours" in settings:
        said.append(_("Urgent requests: at least %(hours)s hours") % {"hours": settings["urgent_notice_hours"]})
    if length := settings.get("session_minutes"):
        said.append(_("Session: from %(minimum)s to %(maximum)s minutes") % length)
    if "maximum_request_minutes" in settings:
        said.append(
            _("One request: up to %(duration)s") % {"duration": amount(settings["maximum_request_minutes"], Unit.HOURS)}
        )
    for allowance in settings.get("hour_allowances", ()):
        per = {
            "school_year": _("in a school year"),
            "calendar_year": _("in a year"),
            "programme": _("in the whole programme"),
        }[allowance["per"]]
        said.append(_("Hours for each body: %(hours)s %(per)s") % {"hours": allowance["hours"], "per": per})
    cancellation = settings.get("cancellation", {})
    if "free_until_hours" in cancellation:
        said.append(_("Cancelling is free until %(hours)s hours before") % {"hours": cancellation["free_until_hours"]})
    if "late_charge_minutes" in cancellation:
        said.append(
            _("Late cancellation: %(minutes)s minutes are charged") % {"minutes": cancellation["late_charge_minutes"]}
        )
    if "absence_charge_minutes" in cancellation:
        said.append(_("Absence: %(minutes)s minutes are charged") % {"minutes": cancellation["absence_charge_minutes"]})
    said += [label % {"value": settings[key]} for key, label in _more_settings().items() if key in settings]
    if settings.get("needs"):
        said.append(_("Needs: %(names)s") % {"names": "; ".join(row["title"] for row in settings["needs"])})
    return said


def _more_settings() -> dict[str, str]:
    """The settings of one number each."""
    return {
        "answer_within_hours": _("A mediator answers within %(value)s hours"),
        "activation_hours": _("A mediator is found within %(value)s working hours"),
        "urgent_activation_hours": _("Urgent requests: a mediator is found within %(value)s working hours"),
        "warning_percent": _("The account of hours warns at %(value)s%% of its hours"),
        "new_arrival_months": _("A pupil is newly arrived for %(value)s months"),
        "minimum_assessments": _("Sessions of assessment before the restitution: at least %(value)s"),
        "minutes_per_page": _("Translation: %(value)s minutes for a page"),
    }
