# SPDX-License-Identifier: EUPL-1.2
"""Import a file from the command line: the same checks, problems and counts as the pages."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from fami_portal.core import jobs
from fami_portal.core.documents import check_document
from fami_portal.core.enums import ImportState, RowEffect
from fami_portal.core.errors import DomainError
from fami_portal.core.imports import ImportKind, Place, confirm_import, kind_of, kinds_for, runs, start_import
from fami_portal.core.models import ImportRun

# What the command ends with: done, something to correct, not possible.
DONE, TO_CORRECT, NOT_POSSIBLE = 0, 1, 2


class Command(BaseCommand):
    """Checks a file and, unless it is a dry run, writes it in the name of a person of the portal."""

    help = "Import a file in the name of a person. Exit codes: 0 done, 1 rows to correct, 2 not possible."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", help="what the file holds; without a known one the kinds of the person are listed")
        parser.add_argument("file", type=Path, help="an XLSX or CSV file")
        parser.add_argument("--as", dest="email", required=True, help="the e-mail address of the person")
        parser.add_argument("--place", default="", help="on whose behalf, where the person has several choices")
        parser.add_argument("--dry-run", action="store_true", help="check only; nothing is kept")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            try:
                code = self._import(options)
            except DomainError as error:
                raise CommandError(str(error), returncode=NOT_POSSIBLE) from None
        if code:
            raise SystemExit(code)

    def _import(self, options: dict[str, Any]) -> int:
        user = get_user_model().objects.filter(email__iexact=options["email"], is_active=True).first()
        if user is None:
            raise CommandError("nobody has this address", returncode=NOT_POSSIBLE)
        kind = kind_of(options["kind"])
        if kind is None:
            known = ", ".join(one.code for one in kinds_for(user)) or "none"
            raise CommandError(f"unknown kind; those of this person: {known}", returncode=NOT_POSSIBLE)
        runs.check_may_import(kind, user)
        place = self._place(kind, user, options["place"])
        try:
            file = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}", returncode=NOT_POSSIBLE) from None
        with file:
            if options["dry_run"]:
                return self._check(kind, place, user, file)
            run = start_import(kind=kind, place=place, name=file.name, content=file, by=user, at=timezone.now())
        return self._write(run, user)

    def _place(self, kind: ImportKind, user: Any, code: str) -> Place | None:
        if kind.places is None:
            return None
        places = kind.places(user)
        found = [place for place in places if code in ("", place.code)]
        if len(found) != 1:
            known = "\n".join(f"  {place.code}  {place.label}" for place in places)
            raise CommandError(f"say on whose behalf with --place:\n{known}", returncode=NOT_POSSIBLE)
        return found[0]

    def _check(self, kind: ImportKind, place: Place | None, user: Any, file: Any) -> int:
        content = runs.readable(file.name, file, kind)
        checked = check_document(kind=kind.upload_kind, name=file.name, content=content)
        table = runs.table_of(kind, checked.file, checked.name)
        found = runs.assess(runs.resource_of(kind, place, user, timezone.now()), table)
        return self._tell(found.counts, found.problems, found.found)

    def _write(self, run: ImportRun, user: Any) -> int:
        run = self._work(run)
        counts = {name: getattr(run, name) for name in ("new", "changed", "same", "refused")}
        report = run.report
        if run.state == ImportState.READY:
            confirm_import(run=run, version=run.version, by=user, at=timezone.now())
            run = self._work(run)
        code = self._tell(counts, report.get("problems", []), report.get("found", 0))
        if run.state not in (ImportState.DONE, ImportState.REFUSED):
            reason = run.report.get("reason", "") or ImportState(run.state).label
            raise CommandError(f"nothing was written: {reason}", returncode=NOT_POSSIBLE)
        return code

    def _work(self, run: ImportRun) -> ImportRun:
        """Do here what a worker would do; when one has taken it already, it is waited for on the page."""
        job = runs.job_of(run)
        if job is not None and not job.is_finished:
            jobs.run_job(job.pk)
        return ImportRun.objects.select_related("requested_by").get(pk=run.pk)

    def _tell(self, counts: Any, problems: Any, found: int) -> int:
        for number, column, message in problems:
            self.stdout.write(f"{number}\t{column}\t{message}")
        if found > len(problems):
            self.stdout.write(f"… {found - len(problems)}")
        self.stdout.write(", ".join(f"{RowEffect(name).label}: {number}" for name, number in counts.items()))
        return TO_CORRECT if counts["refused"] else DONE
