# SPDX-License-Identifier: EUPL-1.2
"""What a copy of an activity would hold: its days moved by whole weeks, those without lessons left out."""

from dataclasses import dataclass
from datetime import date, timedelta

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.selectors.calendar import Lessons, holiday_name, in_school, lessons_of, school_year_of

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class CopiedMeeting:
    """A meeting of the copy: the one it comes from, its new day, and why it is left out (empty when it is not)."""

    meeting: Meeting
    day: date
    left_out: str = ""


@dataclass(frozen=True)
class Proposal:
    """The dates of a copy and of its meetings."""

    starts_on: date
    ends_on: date
    meetings: list[CopiedMeeting]

    @property
    def kept(self) -> list[CopiedMeeting]:
        """The meetings that the copy will have."""
        return [row for row in self.meetings if not row.left_out]


def next_start(activity: Activity, today: date) -> date:
    """Return the same weekday in the school year of today, or in the next one when the activity is of this one."""
    years = max(1, school_year_of(today) - school_year_of(activity.starts_on))
    # Fifty-two weeks a year, and one more where those of several years have fallen behind.
    wanted = date(activity.starts_on.year + years, activity.starts_on.month, min(activity.starts_on.day, 28))
    return activity.starts_on + WEEK * round((wanted - activity.starts_on) / WEEK)


def proposal_of(activity: Activity, starts_on: date) -> Proposal:
    """Return the days of a copy that begins near a day: moved by whole weeks, so that each keeps its weekday."""
    move = WEEK * round((starts_on - activity.starts_on) / WEEK)
    place = (activity.venue or activity.organisation).municipality
    lessons = lessons_of(place.region) if place and in_school(activity) else Lessons("")
    rows = activity.meetings.exclude(state=MeetingState.CANCELLED).order_by("held_on", "starts_at", "pk")
    meetings = []
    for meeting in rows:
        day = meeting.held_on + move
        meetings.append(CopiedMeeting(meeting, day, holiday_name(day) or lessons.note(day)))
    # The day that was asked for stays, as long as no meeting comes before it.
    kept = [row.day for row in meetings if not row.left_out]
    first = min([starts_on, *kept])
    return Proposal(first, max([activity.ends_on + move, first, *kept]), meetings)
