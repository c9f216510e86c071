# SPDX-License-Identifier: EUPL-1.2
"""A body whose exit is dated in the future is in the network until that day, wherever it is asked."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings as project
from django.utils import timezone

from actions.enums import BodyRole
from actions.models import ProgrammeBody
from actions.selectors.plans import bodies_to_plan
from actions.selectors.programmes import networks_by_action
from fami_portal.core import clock
from mediation.models import Mediator
from mediation.selectors.consulting import consultants_for
from mediation.selectors.mediators import neighbours_of, providers_for
from mediation.selectors.requests import is_member, places_for
from partners.models import Network, NetworkMember
from partners.services.networks import end_member
from tests.factories.mediation import MediatorFactory
from tests.mediation.consulting import offer
from tests.personas import World

APPS = ("partners", "actions", "beneficiaries", "mediation", "privacy", "reporting")
# How a stay without an end is asked for; the body leaves on the day after the last one, not when the end is written.
WITHOUT_END = re.compile(r"(left_on__isnull=True|left_on=None)(?!\) \| Q\(left_on__gte)|left_on IS NULL(?! OR)")
OUTSIDE = re.compile("/migrations/|/demo/")
# Rows of the model itself, and whom a page offers to let in: who is in without an end.
MAY_ASK = {"partners/models/networks.py", "partners/selectors/__init__.py", "partners/services/networks.py"}


def answers(world: World) -> dict[str, bool]:
    """Say for each read whether the cooperative, the lead of the first network, is in it today."""
    network, body = world.networks["n1"], world.bodies["coop_1"]
    school, at = world.bodies["school_1"], clock.now()
    followed = world.personas["regional_coordinator"]
    shares = networks_by_action(world.programmes["a"], clock.today())
    return {
        "mediators": Mediator.objects.serving(network.pk).exists(),
        "providers": providers_for(followed).filter(pk=body.pk).exists(),
        "neighbours": body.pk in neighbours_of(school),
        "member": is_member(network, body),
        "places": bool(places_for([body], ["service"], at=at)),
        "consultants": consultants_for(programme_id=world.programmes["a"].pk, network_id=network.pk).exists(),
        "plans": bodies_to_plan([network]).filter(pk=body.pk).exists(),
        "programme": any(share.network == network and share.bodies == 4 for share in shares),
    }


def test_it_is_in_until_its_last_day_and_no_longer(world: World, settings: Any) -> None:
    offer(world, kinds=["service"])
    network, body = world.networks["n1"], world.bodies["coop_1"]
    MediatorFactory(organisation=body)
    assert not ProgrammeBody.objects.filter(organisation=body).exclude(role=BodyRole.LEAD).exists()
    last = date(2019, 6, 14)
    end_member(member=NetworkMember.objects.get(network=network, organisation=body), left_on=last, by=None)

    def on(day: date) -> dict[str, bool]:
        noon = timezone.make_aware(datetime.combine(day, datetime.min.time()) + timedelta(hours=12))
        settings.CLOCK_SHIFT = timezone.now() - noon
        return answers(world)

    before = on(date(2019, 5, 2))
    assert before == dict.fromkeys(before, True)
    assert on(last) == before
    assert on(last + timedelta(days=1)) == dict.fromkeys(before, False)
    assert Network.objects.filter(members__organisation=body).exists()


def test_nobody_asks_for_stays_without_an_end_by_hand() -> None:
    found = []
    for app in APPS:
        for path in sorted(Path(project.BASE_DIR, app).rglob("*.py")):
            name = path.relative_to(project.BASE_DIR).as_posix()
            asks = "NetworkMember" in (text := path.read_text()) or "networkmember" in text
            if asks and name not in MAY_ASK and not OUTSIDE.search(name) and WITHOUT_END.search(text):
                found.append(name)
    assert not found, "ask NetworkMember.objects.on(day)"
