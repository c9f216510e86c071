# SPDX-License-Identifier: EUPL-1.2
"""`manage.py output_report PROGRAMME PERIOD --output DIR`, and `manage.py output_report --verify FILE.json`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actions.models import Period, Programme
from fami_portal.core.errors import DomainError
from reporting import context
from reporting.services import output_reports


class Command(BaseCommand):
    """Write the four files of an output report, or check one of its JSON files against the ledger."""

    help = gettext_lazy(
        "Writes the output report of a period as PDF, XLSX, CSV and JSON, or verifies a JSON file of one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the two ways of use."""
        parser.add_argument("programme", nargs="?", help="short name of the programme, as in its address")
        parser.add_argument("period", nargs="?", help="for instance 2019-Q3")
        parser.add_argument("--output", metavar="DIR", default=".", help="folder of the files (made if missing)")
        parser.add_argument("--verify", metavar="FILE", help="recompute the figures of a JSON file from the ledger")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, in the language of the portal."""
        with translation.override(settings.LANGUAGE_CODE):
            try:
                if options["verify"]:
                    self._verify(Path(options["verify"]))
                else:
                    self._write(options["programme"], options["period"], Path(options["output"]))
            except DomainError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(f"{error.filename or ''}: {error.strerror or error}") from error

    def _verify(self, path: Path) -> None:
        content = context.verify(path.read_bytes())
        frozen = content["frozen"]
        # One word that a script can look for, in every language.
        self.stdout.write(f"reproduced: {frozen['programme']['slug']} {frozen['period']['code']} ({frozen['posting']})")

    def _write(self, slug: str | None, code: str | None, folder: Path) -> None:
        if not slug or not code:
            raise CommandError(_("Say which programme and which period: output_report PROGRAMME PERIOD --output DIR"))
        programme = Programme.objects.select_related("lead").filter(slug=slug).first()
        if programme is None:
            known = ", ".join(Programme.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(
                _("There is no programme “%(slug)s”. Known ones: %(known)s.") % {"slug": slug, "known": known or "–"}
            )
        period = Period.objects.filter(programme=programme, code=code).first()
        if period is None:
            known = ", ".join(
                Period.objects.filter(programme=programme).order_by("starts_on").values_list("code", flat=True)
            )
            raise CommandError(
                _("The programme has no period “%(code)s”. Known ones: %(known)s.")
                % {"code": code, "known": known or "–"}
            )
        files = output_reports.files_of(programme=programme, period=period)
        folder.mkdir(parents=True, exist_ok=True)
        for extension, content in files.items():
            path = folder / output_reports.file_name(programme, period, extension)
            path.write_bytes(content)
            self.stdout.write(str(path))
