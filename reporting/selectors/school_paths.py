# SPDX-License-Identifier: EUPL-1.2
"""Paths advised and paths chosen after the first cycle: how many pupils, never which (ADR 29).

One publication of a school year for the whole programme, the same for everybody who reads it: two that differ by one
body would say what was advised to its two pupils. It begins when the year is over, and its records stay.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.functions import Coalesce

from actions.models import Programme
from actions.selectors.calendar import school_year_of
from beneficiaries.enums import SupportKind
from beneficiaries.models import SupportMember
from beneficiaries.selectors.supports import paths_until
from reporting.selectors import suppression

# The three answers that everybody counted has; a path that nobody recorded is an answer too.
DIMENSIONS = ("network", "advised", "chosen")
TABLES = ((1, 2), (0, 1), (0, 2))


@dataclass(frozen=True)
class Paths:
    """The tables of one school year: by place of the two dimensions; None where they would be of fewer than five."""

    year: int
    years: list[int]
    total: int
    totals: list[dict[Any, int]]
    tables: dict[tuple[int, int], dict[tuple[Any, Any], int | None]]


def school_paths(programme: Programme, *, year: int | None, today: date) -> Paths:
    """Return what may be shown of the paths of a school year that is over: the last one, unless `year` names another.

    A pupil who was guided twice in a year counts once, by the last guidance. One query.
    """
    rows = (
        SupportMember.objects.filter(support__kind=SupportKind.SCHOOL_PATH, support__activity__programme=programme)
        .annotate(person=Coalesce("enrolment__beneficiary__merged_into", "enrolment__beneficiary"))
        .order_by("support__opened_on", "support_id", "pk")
        .values_list(
            "support__opened_on",
            "person",
            "support__activity__network__name",
            "support__path_advised",
            "support__path_chosen",
        )
    )
    by_year: dict[int, dict[int, suppression.Record]] = {}
    for opened_on, person, network, advised, chosen in rows:
        if today > paths_until(opened_on):
            by_year.setdefault(school_year_of(opened_on), {})[person] = (network, advised, chosen)
    years = sorted(by_year, reverse=True)
    shown = year if year in by_year else (years[0] if years else school_year_of(today))
    records: Counter[suppression.Record] = Counter(by_year.get(shown, {}).values())
    found = suppression.protected(suppression.recoded(records), TABLES)
    return Paths(
        year=shown,
        years=years,
        total=found.total,
        totals=found.totals,
        tables={place: found.table(*place) for place in TABLES} if found.cells else {},
    )
