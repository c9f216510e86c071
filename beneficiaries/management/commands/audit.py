# SPDX-License-Identifier: EUPL-1.2
"""`manage.py audit verify`: whether every reading of recipients is where it was written, as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from beneficiaries.models import ReadChain
from beneficiaries.services.reading import verify_chain


class Command(BaseCommand):
    """Check the chains of readings."""

    help = "Check the chains of readings, of one body or of all; ends with an error when a link is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do, and for which body."""
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--organisation", help="uuid of the body (without it: all bodies)")

    def handle(self, *args: Any, what: str, organisation: str | None = None, **options: Any) -> None:
        """Print one line for each chain, with its length and its head, and one for each broken link."""
        chains = ReadChain.objects.select_related("organisation").order_by("pk")
        if organisation:
            chains = chains.filter(organisation__uuid=organisation)
            if not chains:
                self.stdout.write("No reading of recipients of this body.")
                return
        wrong = 0
        for chain in chains:
            broken = verify_chain(chain.organisation)
            self.stdout.write(
                f"{'BROKEN' if broken else 'whole'}  {chain.organisation.uuid}  {chain.entries}  {chain.head or '-'}"
            )
            for sentence in broken:
                self.stderr.write(f"  {chain.organisation.uuid}: {sentence}")
            wrong += len(broken)
        if wrong:
            raise CommandError(f"{wrong} broken links in the chains of readings.")
