# SPDX-License-Identifier: EUPL-1.2
"""`manage.py apply_retention`: announce and destroy what the rules let go, or count it (docs/operations.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.errors import DomainError
from privacy.selectors.retention import outlook, situation
from privacy.services.retention_notices import send_due_notices
from privacy.services.retention_runs import anything, start_run


class Command(BaseCommand):
    """Does what the job of the night does. Prints counts and dates, never a person."""

    help = "Announce and destroy what the rules of retention let go today; with --dry-run only count it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, announce and destroy nothing")
        parser.add_argument("--programme", metavar="SLUG", help="one programme alone, or “portal”")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["programme"]
        subjects: list[Programme | None] = [None] if wanted in (None, "portal") else []
        if wanted != "portal":
            found = Programme.objects.order_by("slug")
            subjects = [*(found.filter(slug=wanted) if wanted else found), *subjects]
        if not subjects:
            raise CommandError(f"no programme is called {wanted}")
        with translation.override("en"):
            for programme in subjects:
                self._one(programme, dry=options["dry_run"])

    def _one(self, programme: Programme | None, *, dry: bool) -> None:
        name = programme.slug if programme else "portal"
        now = situation(programme, clock.today())
        ripe = {one.data_class: one for one in outlook(now, ripe=True)}
        for one in outlook(now):
            if not one.due:
                continue
            free = ripe[one.data_class].free
            self.stdout.write(f"{name}  {one.data_class}: {one.due} due, {one.held} held, {free} may go now")
            for row in one.rows:
                self.stdout.write(f"    {row.part.code}  body {row.body or '-'}: {row.due} due, {row.held} held")
        if dry:
            return
        at = clock.now()
        if programme is not None:
            for notice in send_due_notices(programme=programme, at=at):
                number = sum(notice.counts.values())
                self.stdout.write(f"{name}  {notice.data_class}: {number} announced for {notice.due_on}")
        if not anything(programme, at):
            self.stdout.write(f"{name}  nothing to destroy")
            return
        try:
            run = start_run(programme=programme, by=None, at=at)
        except DomainError as refusal:
            raise CommandError(f"{name}: {refusal}") from refusal
        self.stdout.write(f"{name}  destruction {run.uuid} begun: the worker goes on, the report is in the portal")
