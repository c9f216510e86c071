# SPDX-License-Identifier: EUPL-1.2
"""`manage.py incident_report`: who opened what between two moments, and whether the record of it is whole."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import User
from beneficiaries.models import ReadEntry
from fami_portal.core import clock
from fami_portal.core.exports import csv_chunks
from partners.models import Organisation
from privacy.selectors.breach import breach_report, reader_columns


class Command(BaseCommand):
    """Prints what a notification of a breach must say: numbers, people who read, chains. No recipient is named."""

    help = (
        "Say who read recipients between two moments (CSV of the readers), how many of which body; verify the chains."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", required=True, help="2026-03-14 or 2026-03-14T10:30, local time")
        parser.add_argument("--until", help="the same; without it: now")
        parser.add_argument("--user", help="number of one account")
        parser.add_argument("--organisation", help="uuid of one body")

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"])
        until = _moment(options["until"]) if options["until"] else clock.now()
        user = organisation = None
        if options["user"]:
            user = User.objects.filter(pk=options["user"]).first()
            if user is None:
                raise CommandError("--user: no such account")
        if options["organisation"]:
            organisation = Organisation.objects.filter(uuid=options["organisation"]).first()
            if organisation is None:
                raise CommandError("--organisation: no such body")
        report = breach_report(
            ReadEntry.objects.all(), since=since, until=until, user=user, organisation=organisation, verify=True
        )
        with translation.override("en"):
            self.stdout.write(f"from {since:%Y-%m-%d %H:%M} until {until:%Y-%m-%d %H:%M}")
            self.stdout.write(
                f"{report.readings} readings of {report.persons} recipients by {len(report.readers)} people"
            )
            for body in report.bodies:
                state = "BROKEN" if body.broken else "whole"
                self.stdout.write(
                    f"body {body.organisation.uuid}: {body.persons} recipients, {body.readings} readings, chain {state}"
                )
            self.stdout.write(b"".join(csv_chunks(reader_columns(), report.readers)).decode("utf-8-sig"))
        if any(body.broken for body in report.bodies):
            raise CommandError("a chain of readings is broken: manage.py audit verify says where")


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
        if found is None:
            day = parse_date(text)
            found = datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001  made aware below
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"{text}: write a day or a moment, as 2026-03-14T10:30")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
