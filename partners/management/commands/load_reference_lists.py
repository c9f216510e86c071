# SPDX-License-Identifier: EUPL-1.2
"""`manage.py load_reference_lists`: countries, languages and municipalities."""

from typing import Any

from django.core.management.base import BaseCommand

from partners.services.reference_lists import load_reference_lists


class Command(BaseCommand):
    """Bring the reference lists up to date; safe to repeat."""

    help = "Load countries, languages and municipalities; run again, it writes only what changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many rows each list has."""
        for name, loaded in load_reference_lists().items():
            self.stdout.write(f"{name}: {loaded.rows} ({loaded.changed} new or changed)")
