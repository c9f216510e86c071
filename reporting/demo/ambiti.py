# SPDX-License-Identifier: EUPL-1.2
"""The networks of LAB'IMPACT: 35 Ambiti, each with its lead, members, deed and towns, and the money of the programme.

Written in bulk: services, one act for each body and stay, would take as long as the rest of the demonstration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import dist
from typing import Any
from zoneinfo import ZoneInfo

from stdnum import luhn

from accounts.models import User
from actions.enums import ChangeReason
from actions.models import Action, ActionNetwork, Plan, Programme
from actions.selectors.budgets import WHOLE, Line
from actions.services.budgets import save_budget
from fami_portal.core.services import record_events
from partners.enums import (
    PRIVATE_KINDS,
    DeedKind,
    ExitReason,
    InformalReason,
    NetworkKind,
    NetworkRole,
    OrganisationKind,
)
from partners.models import Municipality, Network, NetworkDeed, NetworkMember, Organisation
from partners.rendering.boundaries import box_of, paths_of
from reporting.demo import bodies, lombardia, world
from reporting.demo.lombardia import AMBITI, AmbitoPlan

PROGRAMME, REGION = "labimpact", "Lombardia"
ACTIONS = ("01", "02", "04")
# The plan of Offertasociale has no activity of action 4.
ACTIONS_OF_THE_PLAN = ("01", "02")
PLAN = "lab-impact-offertasociale"
FIRST_DAY = date(2018, 10, 15)
BUDGET_FROM, WRITTEN = date(2019, 1, 1), datetime(2018, 12, 17, 10, tzinfo=ZoneInfo("Europe/Rome"))
ACT = "Atto dimostrativo 41 del 14/12/2018"
NOTE = "Dimostrazione: composizione, date e importi sono inventati."
# The association that has left, by its Ambito.
LEFT = {"AMB-TRE": date(2019, 4, 30)}
# Beyond the numbers of the bodies of Piemonte; no real body has a code with these.
FIRST_CODE = 7001
LEAD, MEMBER, ADHERENT = NetworkRole.LEAD, NetworkRole.MEMBER, NetworkRole.ADHERENT
# Of the share of an action, out of ten: the municipality, the second body, the others.
PARTS = {1: (10,), 2: (6, 4), 3: (5, 3, 2)}


@dataclass
class Ambito:
    """One Ambito being built: its plan, its towns (the chief one first), its network, and its bodies with their parts."""

    plan: AmbitoPlan
    towns: list[Municipality]
    network: Network
    bodies: list[tuple[Organisation, NetworkRole]]

    @property
    def working(self) -> list[Organisation]:
        """Those with a share of the money, the lead first."""
        return [body for body, part in self.bodies if part != ADHERENT]


def ambiti_of_the_programme() -> None:
    """Register the Ambiti with all that belongs to them, who coordinates two of them, and divide the budget."""
    programme = Programme.objects.get(slug=PROGRAMME)
    found = list(_ambiti())
    _write_networks(found)
    _write_bodies(found)
    _write_stays(found)
    for ambito in found:
        codes = ACTIONS_OF_THE_PLAN if ambito.plan.code == lombardia.OFFERTASOCIALE else ACTIONS
        _carries_out(programme, codes, ambito.network)
    bodies.open_demo_account(world.SECOND_LEVEL, since=FIRST_DAY)


def _carries_out(programme: Programme, codes: Sequence[str], network: Network) -> None:
    ActionNetwork.objects.bulk_create(
        ActionNetwork(action=action, network=network)
        for action in Action.objects.filter(programme=programme, code__in=codes).order_by("code")
    )


# --- networks -------------------------------------------------------------------------------------------------------


def _ambiti() -> Iterator[Ambito]:
    """Draw the Ambiti: the towns nearest to each chief town, and the bodies that work there."""
    places = {place.name: place for place in Municipality.objects.filter(region=REGION).order_by("name", "code")}
    land = _land(places)
    for number, plan in enumerate(AMBITI):
        network = Network(
            code=plan.code,
            name=plan.title,
            kind=NetworkKind.TERRITORIAL_AREA,
            starts_on=FIRST_DAY + timedelta(days=number * 11 % 60),
        )
        towns = land[plan.code]
        yield Ambito(plan, towns, network, list(_bodies_of(number, plan, towns)))


def _land(places: dict[str, Municipality]) -> dict[str, list[Municipality]]:
    """Give each Ambito the towns of its province that are nearer to its chief town than to another one."""
    paths = paths_of(place.code for place in places.values())
    middles = {}
    for name, place in places.items():
        if place.code in paths:
            left, top, right, bottom = box_of(paths[place.code])
            middles[name] = ((left + right) / 2, (top + bottom) / 2)
    fixed = lombardia.VIMERCATESE_AND_TREZZESE
    found: dict[str, list[tuple[float, str]]] = {plan.code: [] for plan in AMBITI}
    drawn = [plan for plan in AMBITI if plan.code != lombardia.OFFERTASOCIALE]
    for name in middles.keys() - set(fixed):
        near = [
            (dist(middles[name], middles[plan.town]), plan.code)
            for plan in drawn
            if places[plan.town].province == places[name].province
        ]
        if near:
            away, code = min(near)
            found[code].append((away, name))
    land = {plan.code: [places[name] for _away, name in sorted(found[plan.code])[: plan.towns]] for plan in drawn}
    land[lombardia.OFFERTASOCIALE] = [places["Vimercate"], *(places[name] for name in fixed if name != "Vimercate")]
    return land


def _bodies_of(
    number: int, plan: AmbitoPlan, towns: Sequence[Municipality]
) -> Iterator[tuple[Organisation, NetworkRole]]:
    """The lead, a cooperative, a school, and in some Ambiti a second municipality or an association."""
    second, third = towns[1 % len(towns)], towns[2 % len(towns)]
    # The Ambito of Lodi works for a second programme, in which its members have no part.
    own = ADHERENT if plan.code == lombardia.LODI else MEMBER
    known = Organisation.objects.filter(name=plan.lead).first() if plan.lead else None
    yield known or _body(f"Comune di {plan.town}", OrganisationKind.MUNICIPALITY, towns[0]), LEAD
    place, manner = lombardia.PLACES[number % 9], lombardia.MANNERS[number // 9]
    code = FIRST_CODE + 4 * number
    yield _body(f"Cooperativa sociale {place} {manner}", OrganisationKind.COOPERATIVE, towns[0], code), own
    name = f"Istituto comprensivo {lombardia.SCHOOLS[number % 8]} - {second.name}"
    school = _body(name, OrganisationKind.SCHOOL, second, code + 1)
    school.school_code = f"{second.province}IC97{number:02d}0X"
    yield school, own if number % 3 == 0 else ADHERENT
    if number % 2 and third != towns[0]:
        yield _body(f"Comune di {third.name}", OrganisationKind.MUNICIPALITY, third), ADHERENT
    if number % 4 == 2:
        name = f"Associazione di promozione sociale Porte accanto - {plan.town}"
        yield _body(name, OrganisationKind.THIRD_SECTOR, towns[0], code + 2), ADHERENT


def _body(name: str, kind: OrganisationKind, town: Municipality, code: int = 0) -> Organisation:
    """A body with an invented code; a real municipality has none, rather than one that is not its own."""
    stem = f"999{code}999"
    return Organisation(
        name=name,
        kind=kind,
        nature="private" if kind in PRIVATE_KINDS else "public",
        fiscal_code=stem + luhn.calc_check_digit(stem) if code else "",
        informal_reason="" if code else InformalReason.NOT_COLLECTED,
        municipality=town,
    )


def _write_networks(found: Sequence[Ambito]) -> None:
    Network.objects.bulk_create(ambito.network for ambito in found)
    above = next(ambito.network for ambito in found if ambito.plan.code == lombardia.OFFERTASOCIALE)
    Network.objects.filter(code__in=lombardia.COORDINATED).update(parent=above)
    through = Network.municipalities.through
    through.objects.bulk_create(
        through(network_id=ambito.network.pk, municipality_id=town.pk) for ambito in found for town in ambito.towns
    )
    record_events(by=None, verb="network_registered", targets=[ambito.network for ambito in found])


def _write_bodies(found: Sequence[Ambito]) -> None:
    new = [body for ambito in found for body, _part in ambito.bodies if body.pk is None]
    Organisation.objects.bulk_create(new)
    record_events(by=None, verb="organisation_registered", targets=new)


def _write_stays(found: Sequence[Ambito]) -> None:
    """The deed of each Ambito, who signed it and entered by it; associations came later, and one has left again."""
    deeds = {
        ambito.plan.code: NetworkDeed(
            network=ambito.network,
            kind=DeedKind.PARTNERSHIP_AGREEMENT,
            repertory_number=f"{310 + number}/{ambito.network.starts_on:%Y}",
            signed_on=ambito.network.starts_on,
            notes=NOTE,
        )
        for number, ambito in enumerate(found, start=1)
    }
    NetworkDeed.objects.bulk_create(deeds.values())
    through = NetworkDeed.signatories.through
    through.objects.bulk_create(
        through(networkdeed_id=deeds[ambito.plan.code].pk, organisation_id=body.pk)
        for ambito in found
        for body, _part in ambito.bodies
        if body.kind != OrganisationKind.THIRD_SECTOR
    )
    NetworkMember.objects.bulk_create(
        _stay(ambito, body, part, deeds[ambito.plan.code]) for ambito in found for body, part in ambito.bodies
    )


def _stay(ambito: Ambito, body: Organisation, part: NetworkRole, deed: NetworkDeed) -> NetworkMember:
    entered: Any = ambito.network.starts_on
    if body.kind == OrganisationKind.THIRD_SECTOR:
        left = LEFT.get(ambito.plan.code)
        return NetworkMember(
            network=ambito.network,
            organisation=body,
            role=part,
            entered_on=entered + timedelta(days=75),
            left_on=left,
            exit_reason=ExitReason.WITHDRAWN if left else "",
        )
    return NetworkMember(network=ambito.network, organisation=body, role=part, entered_on=entered, entry_deed=deed)


# --- money ----------------------------------------------------------------------------------------------------------


def budget_of_the_ambiti() -> None:
    """Divide the programme's budget by action among the Ambiti, their bodies, the plan of Offertasociale and the Region."""
    programme = Programme.objects.get(slug=PROGRAMME)
    actions = dict(Action.objects.filter(programme=programme).values_list("code", "pk"))
    cells: dict[tuple[Line, int | None], int] = {}
    for name, code, euro in lombardia.CENTRAL:
        cells[Line(organisation=Organisation.objects.get(name=name).pk), actions[code]] = euro * 100
    plan = Plan.objects.get(slug=PLAN)
    for code, euro in lombardia.PLAN_EURO:
        cells[Line(plan=plan.pk), actions[code]] = euro * 100
    _shares_of_networks(programme, actions, cells)
    total = programme.budget_cents or 0
    assigned = sum(cents for (line, _action), cents in cells.items() if line.parent == WHOLE)
    cells[Line(remainder=True), actions["01"]] = total - assigned
    for (line, action), cents in list(cells.items()):
        if line.parent == WHOLE:
            cells[WHOLE, action] = cells.get((WHOLE, action), 0) + cents
    save_budget(
        programme=programme,
        cells=cells,
        total_cents=total,
        valid_from=BUDGET_FROM,
        reason=ChangeReason.REMODULATION,
        act=ACT,
        number=programme.budgets.count(),
        by=User.objects.get(email=f"lombardia{world.DOMAIN}"),
        at=WRITTEN,
    )


def _shares_of_networks(
    programme: Programme, actions: dict[str, int], cells: dict[tuple[Line, int | None], int]
) -> None:
    """Each Ambito has its share of the actions that it carries out, and divides it among its bodies."""
    thousands = {plan.code: plan.thousands for plan in AMBITI}
    working: dict[int, list[int]] = {}
    stays = NetworkMember.objects.filter(network__action_networks__action__programme=programme).exclude(role=ADHERENT)
    # The lead first: it has the greatest part.
    for network, body in stays.order_by("role", "pk").values_list("network", "organisation"):
        if body not in working.setdefault(network, []):
            working[network].append(body)
    for row in ActionNetwork.objects.filter(action__programme=programme).select_related("action", "network"):
        weight = {"01": 45, "02": 40, "04": 15}[row.action.code]
        share = thousands.get(row.network.code, lombardia.MARTESANA_THOUSANDS) * weight * 1000
        if not share:
            continue
        cells[Line(row.network_id), row.action_id] = share
        held = working[row.network_id][:3]
        for body, tenths in zip(held, PARTS[len(held)], strict=True):
            cells[Line(row.network_id, 0, body), actions[row.action.code]] = share * tenths // 10
