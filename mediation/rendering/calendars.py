# SPDX-License-Identifier: EUPL-1.2
"""Sessions as iCalendar (RFC 5545): the private feed of a mediator, and one session to put in any calendar.

Times are written in UTC: the reader's calendar shows them in its own zone, summer time included, and no description of
the zone has to travel with them.
"""

from collections.abc import Iterable
from datetime import UTC, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

from mediation.selectors.calendars import CalendarEntry

CONTENT_TYPE = "text/calendar; charset=utf-8"
# How often a calendar should ask again.
REFRESH = timedelta(hours=1)


def calendar(entries: Iterable[CalendarEntry], *, name: str) -> bytes:
    """Return a calendar with these entries; the same entries give the same bytes."""
    made = Calendar()
    made.add("prodid", "-//FAMI portal//Mediation//IT")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    for entry in entries:
        made.add_component(_event(entry, host))
    return made.to_ical()


def _event(entry: CalendarEntry, host: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.uuid}@{host}")
    event.add("dtstamp", entry.revised_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.summary)
    if entry.place:
        event.add("location", entry.place)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    if entry.url:
        event.add("url", settings.SITE_URL.rstrip("/") + entry.url)
    return event
