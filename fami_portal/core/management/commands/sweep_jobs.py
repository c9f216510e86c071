# SPDX-License-Identifier: EUPL-1.2
"""Send again the jobs that no worker holds: the tick by hand, for installations whose beat is down."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fami_portal.core import jobs


class Command(BaseCommand):
    """Runs the sweep once, or the whole tick."""

    help = "Send to the workers every job that none of them holds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tick", action="store_true", help="also plan periodic work and mail, as beat does")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tick"]:
            jobs.tick()
            self.stdout.write("tick done")
        else:
            self.stdout.write(f"{jobs.sweep()} jobs sent")
