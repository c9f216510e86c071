# SPDX-License-Identifier: EUPL-1.2
"""Members of networks, many at a time: entries, and exits of who is in. History is added to, never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, plain, sound, where_read
from fami_portal.core.services import acting, gathering_events, record_event
from partners.enums import NetworkRole
from partners.models import Network, NetworkMember, Organisation
from partners.permissions import managed_networks
from partners.selectors.stays import problem_of_exit

Stay = tuple[int, int, date]


@dataclass
class Stays:
    """The networks of the person with all their stays, read once; and what the file adds and ends."""

    networks: dict[str, Network]
    kept: dict[int, list[NetworkMember]] = field(default_factory=dict)
    # The exits that the file writes, whatever the order of its rows; bodies as they are written.
    exits: dict[tuple[str, str, date], date] = field(default_factory=dict)


def read_stays(by: Any) -> Stays:
    """Return the networks that the person manages, by code and by name, with their stays. Two queries."""
    rows = managed_networks(by, Permission.MANAGE_ORGANISATIONS) if by is not None else Network.objects.all()
    networks = list(rows.order_by("pk"))
    found = Stays({})
    for network in networks:
        for word in (network.name, network.code):
            found.networks[plain(word)] = network
        found.kept[network.pk] = []
    members = NetworkMember.objects.filter(network__in=networks).select_related("network", "organisation")
    for stay in members.order_by("entered_on", "pk"):
        found.kept[stay.network_id].append(stay)
    return found


def note_exit(stays: Stays, line: Line) -> None:
    """Note an exit that the file writes, before any row is planned."""
    values = line.values
    if values.get("left_on") and values.get("entered_on"):
        stays.exits[plain(values["network"]), plain(values["body"]), values["entered_on"]] = values["left_on"]


def plan_members(*, stays: Stays, lines: Sequence[Line], by: Any) -> None:
    """Say of each row what it does. `values` are those of `partners.resources.MemberResource`. Two queries."""
    bodies = _bodies(lines)
    for line in lines:
        network = where_read(_network, stays, line)
        body = where_read(_body, bodies, line)
        if network is not None and body is not None:
            where_read(_plan, stays, line, network, body)


def _network(stays: Stays, line: Line) -> Network | None:
    network = stays.networks.get(plain(line.values["network"]))
    if network is None:
        line.refuse("network", _("You manage no network with this code: check it in the list of the networks."))
    return network


def _body(bodies: dict[str, list[Organisation]], line: Line) -> Organisation | None:
    found = bodies.get(plain(line.values["body"]), [])
    if len(found) == 1:
        return found[0]
    line.refuse(
        "body",
        _("Several bodies have this name: write the tax code or the school code.")
        if found
        else _("The portal has no body with this code or name: register it, or import the bodies first."),
    )
    return None


def _bodies(lines: Sequence[Line]) -> dict[str, list[Organisation]]:
    """Return the bodies that the rows name, by code and by name. One query."""
    words = {line.values["body"] for line in lines if line.read("body")}
    codes = {"".join(word.split()).upper() for word in words}
    rows = Organisation.objects.annotate(lower=Lower("name")).filter(
        Q(fiscal_code__in=codes) | Q(school_code__in=codes) | Q(lower__in={word.lower() for word in words})
    )
    found: dict[str, list[Organisation]] = {}
    for body in rows.order_by("pk"):
        # A tax code may be that of an institute and of its sites: then it names the one without a school code.
        for word in {plain(body.name), plain(body.school_code), plain(body.fiscal_code)} - {""}:
            found.setdefault(word, []).append(body)
    return found


def _plan(stays: Stays, line: Line, network: Network, body: Organisation) -> None:
    values = line.values
    entered, left, role = values["entered_on"], values["left_on"], values["role"]
    if left is not None and left < entered:
        line.refuse("left_on", _("The exit comes before the entry."))
        return
    if (network.starts_on and entered < network.starts_on) or (network.ends_on and entered > network.ends_on):
        line.refuse("entered_on", _("The network did not exist on this day."))
    same = next(
        (one for one in stays.kept[network.pk] if one.organisation_id == body.pk and one.entered_on == entered), None
    )
    if same is not None and same.pk is not None:
        _compare(line, same)
        return
    if same is not None:
        line.refuse("", _("This is in another row already: leave it once."))
        return
    new = NetworkMember(network=network, organisation=body, role=role, entered_on=entered, left_on=left)
    for other in stays.kept[network.pk]:
        if not _together(stays, new, other, values["network"]):
            continue
        if other.organisation_id == body.pk:
            line.refuse("entered_on", _("This body is in the network on this day already."))
        elif role == NetworkRole.LEAD and other.role == NetworkRole.LEAD:
            line.refuse(
                "role", _("The network has a lead on this day already: end that stay first, then add the new lead.")
            )
    if not line.problems:
        line.kept, line.effect = new, RowEffect.NEW
        stays.kept[network.pk].append(new)


def _together(stays: Stays, new: NetworkMember, other: NetworkMember, network: str) -> bool:
    """Whether two stays have a day in common, the file's own exits counted."""
    left = other.left_on or next(
        (
            day
            for word in (other.organisation.name, other.organisation.school_code, other.organisation.fiscal_code)
            if word and (day := stays.exits.get((plain(network), plain(word), other.entered_on)))
        ),
        None,
    )
    return (left is None or left >= new.entered_on) and (new.left_on is None or other.entered_on <= new.left_on)


def _compare(line: Line, stay: NetworkMember) -> None:
    values = line.values
    if stay.role != values["role"]:
        line.refuse(
            "role",
            _("This stay has another part, “%(part)s”: end it, then write a new row with the day of the new part.")
            % {"part": stay.get_role_display()},
        )
        return
    left = values["left_on"]
    if left is None or left == stay.left_on:
        line.effect = RowEffect.SAME
    elif stay.left_on is not None:
        line.refuse("left_on", _("This stay has ended already, on %(day)s.") % {"day": f"{stay.left_on:%d/%m/%Y}"})
    elif problem := problem_of_exit(stay, left):
        line.refuse("left_on", problem)
    else:
        line.compare([("left_on", None, left)])
        line.kept = stay


def write_members(*, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows: entries in one statement, exits in one. Inside the transaction of the import.

    The rows of the networks are locked first, in order, so that two leads cannot enter at once.
    """
    with acting(by), gathering_events():
        touched = {line.kept.network_id for line in sound(lines) if line.effect != RowEffect.SAME}
        list(Network.objects.select_for_update(of=("self",)).filter(pk__in=touched).order_by("pk"))
        ended = [line for line in sound(lines) if line.effect == RowEffect.CHANGED]
        for line in ended:
            line.kept.left_on = line.values["left_on"]
        NetworkMember.objects.bulk_update([line.kept for line in ended], ["left_on"], batch_size=500)
        new = [line.kept for line in sound(lines) if line.effect == RowEffect.NEW]
        NetworkMember.objects.bulk_create(new, batch_size=500)
        for stay in new:
            _record(by, "network_member_added", stay, {"role": stay.role, "entered_on": stay.entered_on.isoformat()})
        for line in ended:
            _record(by, "network_member_ended", line.kept, {"left_on": line.kept.left_on.isoformat()})


def _record(by: Any, verb: str, stay: NetworkMember, data: dict[str, Any]) -> None:
    record_event(
        by=by,
        verb=verb,
        target=stay.network,
        reason=stay.organisation.name,
        data={"organisation": stay.organisation_id, **data},
    )
