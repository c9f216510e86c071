# SPDX-License-Identifier: EUPL-1.2
"""The work of one body in one programme, read once for all the rows of a file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Period, Programme
from actions.selectors.activities import closed_period_on, closed_periods_of
from actions.workflow import OPEN_STATES, ClosedPeriodError, check_day_inside
from fami_portal.core.errors import DomainError
from fami_portal.core.imports import Firsts, Line, plain, where_read
from partners.models import Organisation


@dataclass
class Works:
    """The activities that a body carries out or hosts, by title; and the periods that are closed, by activity."""

    programme: Programme
    body: Organisation
    activities: dict[str, list[Activity]]
    closed: dict[int, list[Period]] = field(default_factory=dict)
    # The first row of each thing: a file says it once.
    rows: Firsts = field(default_factory=Firsts)

    def closed_on(self, activity: Activity, day: Any) -> Period | None:
        """Return the closed period of the activity that holds a day. One query for each activity."""
        if activity.pk not in self.closed:
            self.closed[activity.pk] = closed_periods_of(activity)
        return closed_period_on(self.closed[activity.pk], day)

    def once(self, line: Line, key: Any) -> None:
        """Refuse a row that says again what an earlier one says."""
        first = self.rows.first(key, line.number)
        if first != line.number:
            line.refuse("", _("This is in row %(row)s already: leave it once.") % {"row": first})


def read_works(*, programme: Programme, body: Organisation) -> Works:
    """Return the work of a body in a programme. One query."""
    found: dict[str, list[Activity]] = {}
    rows = Activity.objects.filter(Q(organisation=body) | Q(venue=body), programme=programme).with_type()
    for activity in rows.order_by("starts_on", "pk"):
        found.setdefault(plain(activity.title), []).append(activity)
    return Works(programme, body, found)


def find_activity(found: dict[str, list[Activity]], line: Line) -> Activity | None:
    """Return the activity that a row names by title, and by its first day where two have one title; else refuse it."""
    same = found.get(plain(line.values["activity"]), [])
    day = line.values.get("activity_start")
    chosen = [one for one in same if day is None or one.starts_on == day]
    if len(chosen) == 1:
        return chosen[0]
    if not same:
        line.refuse("activity", _("Your body keeps no activity with this title: check how it is written."))
    elif not chosen:
        line.refuse("activity_start", _("No activity with this title begins on this day."))
    else:
        line.refuse(
            "activity_start", _("Several activities have this title: write the first day of the one that you mean.")
        )
    return None


def check(line: Line, act: Callable[[], Any]) -> None:
    """Run a check of a single act, if the cells that it looks at were read; its refusal becomes a problem of the row."""
    try:
        where_read(act)
    except DomainError as error:
        line.refuse_as(error)


def check_open(line: Line, activity: Activity) -> None:
    """Refuse a row of an activity to which nothing can be added any more."""
    if activity.state not in OPEN_STATES:
        line.refuse("activity", _("This activity is over: nothing can be added or changed."))


def check_day(works: Works, line: Line, activity: Activity, column: str) -> None:
    """Refuse a day outside the activity, and one in a closed period."""
    day = line.values[column]
    check(line, lambda: check_day_inside(day, activity.starts_on, activity.ends_on, field=column))
    period = works.closed_on(activity, day)
    if period is not None:
        line.refuse(column, ClosedPeriodError(period).message)
