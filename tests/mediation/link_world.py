# SPDX-License-Identifier: EUPL-1.2
"""A school without accounts but with mailboxes, and its links (names of `tests.personas`)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import LinkPurpose
from mediation.models import AccessLink, MediationRequest
from mediation.services import links, requests
from partners.models import Membership, Organisation
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.personas import World, build_world

MAILBOX = "segreteria@scuola-uno.example"
PEC = "scuola-uno@pec.example"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Nobody has asked for a link yet."""
    cache.clear()


def prepare() -> World:
    """A school whose mailboxes are known, in a programme that offers A.1, with hours; its head has no account."""
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"])
    HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])
    school = world.bodies["school_1"]
    with acting(None):
        school.email, school.pec = MAILBOX, PEC
        school.save()
        Membership.objects.filter(user=world.personas["school_head"]).update(
            withdrawn_at=timezone.now() - 2 * DAY, valid_until="2019-01-01"
        )
    return world


@pytest.fixture
def school(world: World) -> Organisation:
    """The school."""
    return world.bodies["school_1"]


def link_of(school: Organisation, world: World, **fields: Any) -> tuple[AccessLink, str]:
    """Send the school a link, for filing once unless told; return it with its token."""
    values: dict[str, Any] = {
        "purpose": LinkPurpose.FILE,
        "organisation": school,
        "address": MAILBOX,
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "kind": "school",
        "by": None,
        "at": timezone.now(),
        "valid_for": DAY,
        "maximum_uses": 1,
    }
    return links.issue_link(**(values | fields))


def submitted(school: Organisation, world: World, **fields: Any) -> MediationRequest:
    """Submit a request of the school, without an account."""
    request = MediationRequestFactory(
        programme=world.programmes["a"], network=world.networks["n1"], organisation=school, **fields
    )
    requests.submit(request=request, by=None, at=clock.now())
    return request


def head_token(request: MediationRequest) -> str:
    """Read the token of the head's link where it stands: in the mail."""
    message = Message.objects.filter(kind="access_link", url__contains="/authorise/").latest("pk")
    return message.url.split("/")[3]
