# SPDX-License-Identifier: EUPL-1.2
"""Invites the first person of a new portal, who then invites the others in the browser."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import ROLES
from fami_portal.core.errors import DomainError
from partners.models import Organisation
from partners.services.invitations import invite


class Command(BaseCommand):
    """Sends the invitation through the outbox and prints its address, which exists nowhere else."""

    help = "Invite a person to work in a body with a role, and print the address of the invitation (valid 72 hours)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, where and as what."""
        parser.add_argument("email", help="e-mail address of the person")
        parser.add_argument(
            "--body", required=True, help="exact name of the body, as the programme definition gives it"
        )
        parser.add_argument("--role", default="administrator", choices=sorted(ROLES), help="role in the body")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse an unknown body and whatever the service refuses, in one sentence."""
        body = Organisation.objects.filter(name=options["body"]).first()
        if body is None:
            raise CommandError(_("There is no body named “%(name)s”.") % {"name": options["body"]})
        try:
            sent = invite(email=options["email"], organisation=body, role=options["role"], by=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(settings.SITE_URL + reverse("partners:invitation", args=[sent.token]))
