# SPDX-License-Identifier: EUPL-1.2
"""Load an invented programme of a given size, to measure the portal on it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fami_portal import embedded
from reporting.demo.scale import SIZES, ScaleLoader


class Command(BaseCommand):
    """Loads one size; loading it again replaces it."""

    help = "Load about 50 thousand, 1 million or 5 million invented attendances, with their ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=sorted(SIZES), default="region")
        parser.add_argument(
            "--yes", action="store_true", help="load into a database that the portal did not start itself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["yes"] or settings.DEMO or embedded.in_use()):
            raise CommandError("this is not the embedded or demo database: add --yes if it holds nothing real")
        ScaleLoader(options["size"], self.stdout.write).load()
