# SPDX-License-Identifier: EUPL-1.2
"""Loads the demonstration data."""

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
        if load_demo(say=lambda line: self.stdout.write(f"  {line}")):
            self.stdout.write(_("Demonstration data loaded."))
        else:
            self.stdout.write(_("Demonstration data are there already: nothing changed."))
