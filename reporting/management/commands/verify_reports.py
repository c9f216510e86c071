# SPDX-License-Identifier: EUPL-1.2
"""Check that the frozen copies of validated and accepted reports are those that were frozen."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.models import Programme
from reporting.selectors.report_proofs import frozen_copies


class Command(BaseCommand):
    """Reads the copies of one programme or of all again; fails, and names them, when any is not intact."""

    help = "Verify the frozen copies of validated activity reports and of accepted reports of networks and region."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("programme", nargs="?", help="short name of the programme; all without it")

    def handle(self, *args: Any, **options: Any) -> None:
        programmes = Programme.objects.order_by("slug")
        if options["programme"]:
            programmes = programmes.filter(slug=options["programme"])
            if not programmes.exists():
                raise CommandError(f"there is no programme “{options['programme']}”")
        wrong = 0
        for programme in programmes:
            number = 0
            for copy in frozen_copies(programme):
                number += 1
                if copy.wrong:
                    wrong += 1
                    self.stdout.write(f"{programme.slug} {copy.report}: {copy.wrong} (sha256 {copy.sha256})")
            self.stdout.write(f"{programme.slug}: {number} frozen copies read")
        if wrong:
            raise CommandError(f"{wrong} copies are not intact", returncode=1)
