# SPDX-License-Identifier: EUPL-1.2
"""Loads the demonstration data."""

import gc
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from reporting.demo.build import load_demo


class Command(BaseCommand):
    """Builds the demonstration through the services; a second run changes nothing and says so."""

    help = "Load the demonstration data (invented bodies and people)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse outside demonstration and development, where invented people must never appear."""
        if not (settings.DEMO or settings.DEBUG or settings.TESTING):
            raise CommandError(_("Demonstration data are loaded only where FAMI_DEMO=1 says so."))
        # What the stages make is soon forgotten again: to look for cycles as often as in a server costs a tenth of the time.
        kept = gc.get_threshold()
        gc.set_threshold(100_000, 20, 100)
        try:
            loaded = load_demo(say=lambda line: self.stdout.write(f"  {line}"))
        finally:
            gc.set_threshold(*kept)
        if loaded:
            self.stdout.write(_("Demonstration data loaded."))
        else:
            self.stdout.write(_("Demonstration data are there already: nothing changed."))
