# SPDX-License-Identifier: EUPL-1.2
"""`manage.py load_programme FILE`: a programme, or a plan under one, from its definition."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.definition.loading import read_definition
from actions.models import Plan
from actions.services.definitions import load_definition
from fami_portal.core.errors import DomainError


class Command(BaseCommand):
    """Load programme definitions."""

    help = "Load programme definitions from YAML files (docs/programme-format.md); repeating it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files and the dry run."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="show the difference and write nothing")

    def handle(self, *args: Any, files: list[Path], dry_run: bool, **options: Any) -> None:
        """Load the files in the order given; the first refusal ends the command."""
        for path in files:
            try:
                definition = read_definition(path)
                outcome = load_definition(definition=definition, by=None, dry_run=dry_run)
            except DomainError as error:
                raise CommandError(str(error)) from None
            name = f"{path}: {outcome.owner.slug}"
            if not outcome.changes:
                self.stdout.write(_("%(name)s: nothing to change.") % {"name": name})
                continue
            if dry_run or int(options["verbosity"]) > 1:
                for change in outcome.changes:
                    self.stdout.write(f"  {change}")
            count = len(outcome.changes)
            sentence = (
                ngettext(
                    "%(name)s: %(count)s difference, nothing written.",
                    "%(name)s: %(count)s differences, nothing written.",
                    count,
                )
                if dry_run
                else ngettext(
                    "%(name)s: loaded, %(count)s difference.", "%(name)s: loaded, %(count)s differences.", count
                )
            )
            self.stdout.write(sentence % {"name": name, "count": count})
            if outcome.rules:
                owner = outcome.owner.programme if isinstance(outcome.owner, Plan) else outcome.owner
                self.stdout.write(
                    _("The rules of counting changed (%(codes)s). Run: manage.py rebuild_ledger %(slug)s")
                    % {"codes": ", ".join(outcome.rules), "slug": owner.slug}
                )
