# SPDX-License-Identifier: EUPL-1.2
"""The budget by action, a plan of a network and the catalogue for schools of the demonstration.

The documents of the programme state no amounts: these are invented, and their acts say so.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from actions.enums import ActivityKind, ChangeReason
from actions.models import ActionNetwork, ActivityType, Indicator, Programme
from actions.selectors.budgets import WHOLE, Line, cells_of
from actions.services.budgets import save_budget
from actions.services.offers import ask_offer, publish_offer
from actions.services.plans import create_plan
from actions.services.targets import new_target_version
from partners.enums import SCHOOL_KINDS, WORKING_ROLES, NetworkRole
from partners.models import Network, NetworkMember
from reporting.demo import world
from reporting.demo.bodies import programme

ROME = ZoneInfo("Europe/Rome")
FIRST, CHANGED = datetime(2018, 9, 3, 10, tzinfo=ROME), datetime(2019, 2, 4, 10, tzinfo=ROME)
ACT = "Atto dimostrativo 12 del 4/2/2019"
SHARE, MOVED = 90_000_00, 5_000_00


def plans_and_catalogue() -> None:
    """Divide the budget and move a part of it, write a plan with its targets, publish two entries for schools."""
    found = programme()
    region = User.objects.get(email=f"regione{world.DOMAIN}")
    coordinator = User.objects.get(email=f"rete{world.DOMAIN}")
    network = Network.objects.filter(coordinations__user=coordinator).order_by("pk")[0]
    _budget(found, network, region)
    _plan(found, network, region, coordinator)
    _catalogue(network, coordinator)


def _members(network: Network) -> list[NetworkMember]:
    stays = network.members.filter(role__in=WORKING_ROLES, left_on=None)
    return list(stays.select_related("organisation").order_by("pk"))


def _budget(found: Programme, network: Network, region: User) -> None:
    carried = list(ActionNetwork.objects.filter(action__programme=found).order_by("pk"))
    cells: dict[tuple[Line, int | None], int] = {}
    for row in carried:
        line = Line(row.network_id)
        cells[line, row.action_id] = SHARE
        cells[WHOLE, row.action_id] = cells.get((WHOLE, row.action_id), 0) + SHARE
        if row.network_id == network.pk:
            bodies = _members(network)
            for stay in bodies:
                cells[Line(network.pk, 0, stay.organisation_id), row.action_id] = SHARE // len(bodies) // 100 * 100
            rest = SHARE - SHARE // len(bodies) // 100 * 100 * len(bodies)
            if rest:
                cells[Line(network.pk, remainder=True), row.action_id] = rest
    total = sum(cents for (line, _action), cents in cells.items() if line == WHOLE)
    values: dict[str, Any] = {"programme": found, "total_cents": total, "by": region}
    first = save_budget(
        cells=cells, valid_from=found.starts_on, reason=ChangeReason.FIRST, number=0, at=FIRST, **values
    )
    # A part of the share of another network of the same action comes back, and nobody has it yet.
    other = next(row for row in carried if row.network_id != network.pk)
    moved = cells_of(first)
    moved[Line(other.network_id), other.action_id] -= MOVED
    moved[Line(remainder=True), other.action_id] = MOVED
    save_budget(
        cells=moved,
        valid_from=date(2019, 2, 1),
        reason=ChangeReason.REMODULATION,
        act=ACT,
        number=1,
        at=CHANGED,
        **values,
    )


def _plan(found: Programme, network: Network, region: User, coordinator: User) -> None:
    lead = next(stay for stay in _members(network) if stay.role == NetworkRole.LEAD)
    plan = create_plan(
        programme=found,
        title=f"Piano locale 2019-2020 – {network.name}",
        network=network,
        organisation=lead.organisation,
        starts_on=date(2019, 9, 1),
        ends_on=date(2020, 8, 31),
        by=coordinator,
    )
    indicator = Indicator.objects.get(programme=found, code="ALUNNI-CPT")
    first = new_target_version(
        indicator=indicator,
        plan=plan,
        value=110,
        valid_from=date(2019, 9, 1),
        reason=ChangeReason.FIRST,
        last=None,
        by=coordinator,
        at=CHANGED,
    )
    new_target_version(
        indicator=indicator,
        plan=plan,
        value=125,
        valid_from=date(2020, 2, 1),
        reason=ChangeReason.REMODULATION,
        act=ACT,
        last=first.pk,
        by=region,
        at=CHANGED,
    )


def _catalogue(network: Network, coordinator: User) -> None:
    kinds = ActivityType.objects.filter(action__action_networks__network=network).order_by("position", "pk")
    texts = (
        (
            ActivityKind.LAB,
            "Laboratorio di italiano L2",
            "Alunni da 6 a 14 anni arrivati da poco",
            "Nella vostra scuola",
        ),
        (ActivityKind.MEDIATION, "Mediazione con le famiglie", "Docenti e famiglie", "A scuola o a distanza"),
    )
    offers = [
        publish_offer(
            network=network,
            activity_type=kind,
            activity=None,
            title=title,
            description="",
            audience=audience,
            place=place,
            period="Da ottobre a maggio, in orario scolastico o al pomeriggio",
            how_to_ask="Con il modulo di questa pagina",
            office="Segreteria della rete",
            office_email="segreteria@rete.example",
            opens_on=date(2019, 3, 1),
            closes_on=date(2019, 10, 31),
            by=coordinator,
        )
        for kind_, title, audience, place in texts
        if (kind := kinds.filter(kind=kind_).first()) is not None
    ]
    school = next((stay for stay in _members(network) if stay.organisation.kind in SCHOOL_KINDS), None)
    if offers and school is not None:
        ask_offer(
            offer=offers[0],
            organisation=school.organisation,
            classes="1A e 2C",
            pupils=14,
            note="Due gruppi, uno di livello iniziale",
            by=None,
            at=datetime(2019, 5, 6, 9, 30, tzinfo=ROME),
        )
