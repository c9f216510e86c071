# SPDX-License-Identifier: EUPL-1.2
"""`manage.py catalogue`: the Italian texts of the portal."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fami_portal.core import catalogue

SHOWN = 30


class Command(BaseCommand):
    """Extract, list, fill, compile and check the message catalogue."""

    help = "Extract, list, fill, compile and check the Italian message catalogue (docs/operations.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the five subcommands."""
        acts = parser.add_subparsers(dest="act", required=True)
        extract = acts.add_parser("extract", help="bring the catalogue up to date with the sources")
        extract.add_argument("--prune", action="store_true", help="drop translations whose message is gone")
        missing = acts.add_parser("missing", help="print the untranslated messages as JSON, ready to be filled")
        missing.add_argument("--path", default="", help="only of files under this path, as actions/ or templates/core")
        fill = acts.add_parser(
            "fill", help="write translations from a JSON object {msgid: text, or list of plural forms}"
        )
        fill.add_argument("file", type=Path)
        acts.add_parser("compile", help="write the .mo files that are older than their .po")
        acts.add_parser("check", help="fail on missing, fuzzy, obsolete or mismatching translations")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        """Run one subcommand; a `CatalogueError` becomes one line."""
        try:
            getattr(self, f"_{act}")(options)
        except catalogue.CatalogueError as error:
            raise CommandError(str(error)) from None

    def _extract(self, options: dict[str, Any]) -> None:
        merged, _complaints = catalogue.update(prune=options["prune"])
        self.stdout.write(
            f"{len(merged)} messages, {len(catalogue.missing())} to translate, {len(merged.obsolete)} obsolete"
        )

    def _missing(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(catalogue.missing(options["path"]), ensure_ascii=False, indent=1))

    def _fill(self, options: dict[str, Any]) -> None:
        try:
            translations = json.loads(options["file"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from None
        translations = {key: text for key, text in translations.items() if text and text != ["", ""]}
        _merged, complaints = catalogue.update(translations)
        self.stdout.write(
            f"{len(translations) - len(complaints)} filled, {len(catalogue.missing())} still to translate"
        )
        if complaints:
            raise CommandError("not filled:\n" + "\n".join(complaints))

    def _compile(self, options: dict[str, Any]) -> None:
        for path in catalogue.compile_stale():
            self.stdout.write(str(path.relative_to(catalogue.ROOT)))

    def _check(self, options: dict[str, Any]) -> None:
        found = catalogue.problems()
        if found:
            shown = [*found[:SHOWN], *(["…"] if len(found) > SHOWN else [])]
            raise CommandError("\n".join(shown) + f"\n{len(found)} problems in the Italian catalogue")
        self.stdout.write("The Italian catalogue is complete.")
