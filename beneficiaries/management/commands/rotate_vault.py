# SPDX-License-Identifier: EUPL-1.2
"""Seal every identity with the newest key, so that the older ones may be thrown away (docs/operations.md)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from beneficiaries.services.rotation import does_not_open, seal_again, waiting
from fami_portal.core import vault


class Command(BaseCommand):
    """Works in small transactions while the portal runs; a run that was ended goes on where it was. Prints counts."""

    help = "Seal identities again with the first key of FAMI_VAULT_KEYS; run it again after it was ended."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="open every identity, write nothing, count")
        parser.add_argument("--batch", type=int, default=500, metavar="N", help="rows of one transaction (500)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["batch"] <= 5000:
            raise CommandError("--batch: from 1 to 5000")
        key_id = vault.current_key_id()
        total = waiting()
        if options["dry_run"]:
            failed = does_not_open()
            self.stdout.write(f"newest key {key_id}: {total} to seal again, {failed} do not open")
        else:
            failed = self._rotate(key_id, total, options["batch"])
        if failed:
            raise CommandError(f"{failed} identities do not open: keep every key and see the log", returncode=1)

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
