# SPDX-License-Identifier: EUPL-1.2
"""Bring the ledger of a programme in line with its facts, or only say where it is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from actions.models import Programme
from reporting.ledger.reconcile import Difference, check
from reporting.services.ledger import rebuild


class Command(BaseCommand):
    """Rebuilds one programme or all; with --check it writes nothing and fails when anything differs."""

    help = "Rebuild the results ledger from its facts and rules."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("programme", nargs="?", help="short name of the programme")
        parser.add_argument("--all", action="store_true", help="every programme")
        parser.add_argument("--check", action="store_true", help="write nothing; fail when anything differs")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["programme"]) == options["all"]:
            raise CommandError("name one programme, or say --all")
        programmes = Programme.objects.order_by("slug")
        if options["programme"]:
            programmes = programmes.filter(slug=options["programme"])
            if not programmes.exists():
                raise CommandError(f"there is no programme “{options['programme']}”")
        wrong = 0
        for programme in programmes:
            if options["check"]:
                wrong += self._check(programme)
            else:
                outcome = rebuild(programme=programme, by=None, at=timezone.now())
                self.stdout.write(f"{programme.slug}: {outcome.closed} entries closed, {outcome.written} written")
        if wrong:
            raise CommandError(f"{wrong} differences", returncode=1)

    def _check(self, programme: Programme) -> int:
        found = check(programme.pk)
        self.stdout.write(f"{programme.slug}: {len(found) or 'no'} differences")
        if found:
            self._table(found)
        return len(found)

    def _table(self, found: list[Difference]) -> None:
        rows = [("what", "indicator", "scope", "unit", "recorded", "expected")]
        rows += [(d.what, d.indicator, str(d.scope_id), d.unit, d.recorded, d.expected) for d in found]
        widths = [max(len(row[n]) for row in rows) for n in range(6)]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
