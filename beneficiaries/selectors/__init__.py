# SPDX-License-Identifier: EUPL-1.2
"""Reads over recipients and registers, by room."""

from beneficiaries.selectors.counting import (
    age_band,
    age_on,
    earning_types,
    group_conditions,
    groups_of_persons,
    may_be_in_both,
    why_not_counted,
)
from beneficiaries.selectors.recipients import (
    beneficiaries_for,
    checks_of,
    countries,
    find_beneficiary,
    normal_pseudonym,
)
from beneficiaries.selectors.registers import (
    Register,
    RegisterCell,
    RegisterRow,
    RegisterSummary,
    cell_of,
    enrolments_for,
    enrolments_of,
    is_enrolled_on,
    mark_of,
    register_meetings,
    register_of,
    register_panel,
    register_summary,
    with_attendance,
)

__all__ = [
    "Register",
    "RegisterCell",
    "RegisterRow",
    "RegisterSummary",
    "age_band",
    "age_on",
    "beneficiaries_for",
    "cell_of",
    "checks_of",
    "countries",
    "earning_types",
    "enrolments_for",
    "enrolments_of",
    "find_beneficiary",
    "group_conditions",
    "groups_of_persons",
    "is_enrolled_on",
    "mark_of",
    "may_be_in_both",
    "normal_pseudonym",
    "register_meetings",
    "register_of",
    "register_panel",
    "register_summary",
    "why_not_counted",
    "with_attendance",
]
