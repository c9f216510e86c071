# SPDX-License-Identifier: EUPL-1.2
"""Seal every identity and file with the newest key, so that the older ones may be thrown away (docs/operations.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from beneficiaries.services.rotation import OTHERS, does_not_open, seal_again, waiting
from fami_portal.core import filecare, vault


class Command(BaseCommand):
    """Works in small transactions while the portal runs; a run that was ended goes on where it was. Prints counts."""

    help = "Seal identities and files again with the first key of FAMI_VAULT_KEYS; run it again after it was ended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="open every identity and file, write nothing, count")
        parser.add_argument("--batch", type=int, default=500, metavar="N", help="rows of one transaction (500)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= 5000:
            raise CommandError("--batch: from 1 to 5000")
        key_id = vault.current_key_id()
        total, files = waiting(), filecare.files_waiting()
        if options["dry_run"]:
            failed, shut = does_not_open(), filecare.files_that_do_not_open()
            self.stdout.write(f"newest key {key_id}: {total} to seal again, {failed} do not open")
            self.stdout.write(f"files: {files} to seal again, {shut} do not open")
        else:
            failed = self._rotate(key_id, total, options["batch"])
            shut = self._rotate_files(files)
            shut += self._rotate_others()
        problems = [f"{failed} identities"] * bool(failed) + [f"{shut} files"] * bool(shut)
        if problems:
            raise CommandError(f"{' and '.join(problems)} do not open: keep every key and see the log", returncode=1)

    def _rotate(self, key_id: str, total: int, size: int) -> int:
        after = sealed = failed = 0
        while (batch := seal_again(after=after, size=size)) is not None:
            after, sealed, failed = batch.last, sealed + batch.sealed, failed + batch.failed
            self.stdout.write(f"{sealed} of {total} sealed again")
            self.stdout.flush()
        # Rows that somebody wrote while this ran have the newest key, unless an old process still runs.
        left = waiting()
        self.stdout.write(f"newest key {key_id}: {sealed} sealed again, {left} left")
        if left > failed:
            raise CommandError(
                f"{left - failed} were sealed with an older key meanwhile: restart every process of the portal, "
                "then run this again"
            )
        return failed

    def _rotate_others(self) -> int:
        failed = 0
        for word, rotate in OTHERS.items():
            sealed, left = rotate()
            failed += left
            if sealed or left:
                self.stdout.write(f"{word}: {sealed} sealed again, {left} left")
        return failed

    def _rotate_files(self, total: int) -> int:
        after = sealed = failed = 0
        while (batch := filecare.seal_files_again(after=after, size=50)) is not None:
            after, sealed, failed = batch.last, sealed + batch.sealed, failed + batch.failed
            self.stdout.write(f"{sealed} of {total} files sealed again")
            self.stdout.flush()
        left = filecare.files_waiting()
        self.stdout.write(f"files: {sealed} sealed again, {left} left")
        if left > failed:
            raise CommandError(
                f"{left - failed} files were sealed with an older key meanwhile: restart every process of the portal, "
                "then run this again"
            )
        return failed
