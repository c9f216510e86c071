# SPDX-License-Identifier: EUPL-1.2
"""Prints the demo users by role."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from accounts.permissions import ROLES
from reporting.demo.world import PASSWORD, USERS


class Command(BaseCommand):
    """One line for each demo user: role, address, body."""

    help = "Print the demo users by role and their password."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list in Italian, the language of the portal."""
        with translation.override("it"):
            width = max(len(str(ROLES[user.role].name)) for user in USERS)
            for user in USERS:
                self.stdout.write(f"  {ROLES[user.role].name!s:<{width}}  {user.email}  ({user.body})")
            self.stdout.write(f"  password: {PASSWORD}")
