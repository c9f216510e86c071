# SPDX-License-Identifier: EUPL-1.2
"""The first invitation of a new portal, from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from partners.models import Invitation
from tests.personas import World

pytestmark = pytest.mark.django_db


def test_invite_command_prints_the_address_of_a_usable_invitation(world: World, client: object) -> None:
    out = StringIO()

    call_command("invite", "ada@example.org", body="Regione Alfa", stdout=out)

    invitation = Invitation.objects.get(email="ada@example.org")
    assert invitation.role == "administrator"
    path = "/" + out.getvalue().strip().split("/", 3)[3]
    assert client.get(path).status_code == 200  # type: ignore[attr-defined]


def test_invite_command_refuses_an_unknown_body(world: World) -> None:
    with pytest.raises(CommandError, match="Regione Omega"):
        call_command("invite", "ada@example.org", body="Regione Omega", stdout=StringIO())

    assert not Invitation.objects.filter(email="ada@example.org").exists()
