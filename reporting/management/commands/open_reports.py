# SPDX-License-Identifier: EUPL-1.2
"""Open the activity reports of a period."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from actions.models import Period
from reporting.services.activity_reports import open_activity_reports


class Command(BaseCommand):
    """Opens what is missing; running it again opens nothing."""

    help = "Open one activity report for each body that carries out a programme in a period."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("programme", help="short name of the programme")
        parser.add_argument("period", help="code of the period, as 2019-Q3")

    def handle(self, *args: Any, **options: Any) -> None:
        period = Period.objects.filter(programme__slug=options["programme"], code=options["period"]).first()
        if period is None:
            raise CommandError(f"there is no period {options['period']} in “{options['programme']}”")
        count = open_activity_reports(period=period, by=None, at=timezone.now())
        self.stdout.write(f"{count} reports opened")
