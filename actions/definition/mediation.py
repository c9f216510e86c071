# SPDX-License-Identifier: EUPL-1.2
"""Cross-checks of what a programme says about its mediation service: request forms, and the indicators that it earns."""

from django.utils.translation import gettext as _

from actions.definition.checker import Checker, many, word
from actions.enums import ActivityKind, Measure

# What is proved by the mediation service happens in activity types of kind mediation alone.
MEASURES = (Measure.MEDIATION_HOURS, Measure.MEDIATION_SESSIONS, Measure.MEDIATORS)


def _other_types(check: Checker, types: set[str]) -> set[str]:
    """The activity types that are of another kind."""
    return types - {
        word(row, "code") for _place, row in check.rows("activity_types") if row.get("kind") == ActivityKind.MEDIATION
    }


def _not_mediation(code: str) -> str:
    return _("“%(code)s” is not an activity type of kind “mediation”.") % {"code": code}


def check_forms(check: Checker, types: set[str]) -> None:
    """Check the settings of the request forms; `types` are the codes of the activity types."""
    other = _other_types(check, types)
    check.codes_of(check.rows("request_forms"), "kind")
    for place, row in check.rows("request_forms"):
        settings = row.get("settings")
        if not isinstance(settings, dict):
            continue
        inside = (*place, "settings")
        length = settings.get("session_minutes")
        if isinstance(length, dict):
            shortest, longest = length.get("minimum"), length.get("maximum")
            if isinstance(shortest, int) and isinstance(longest, int) and longest < shortest:
                check.say((*inside, "session_minutes", "maximum"), _("The maximum is below the minimum."))
        check.refer(inside, settings, "activity_type", types, _("activity type"))
        if word(settings, "activity_type") in other:
            check.say((*inside, "activity_type"), _not_mediation(settings["activity_type"]))
        check.codes_of(check.rows(*inside, "needs"))


def check_indicators(check: Checker, types: set[str]) -> None:
    """Check that an indicator of mediation counts no other kind of activity."""
    other = _other_types(check, types)
    for place, row in check.rows("indicators"):
        rule = row.get("rule")
        if row.get("measure") not in MEASURES or not isinstance(rule, dict):
            continue
        for index, code in enumerate(many(rule, "activity_types")):
            if isinstance(code, str) and code in other:
                check.say((*place, "rule", "activity_types", index), _not_mediation(code))
