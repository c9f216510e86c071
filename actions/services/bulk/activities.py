# SPDX-License-Identifier: EUPL-1.2
"""Activities, many at a time: new ones and corrected ones in one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState
from actions.models import ActionNetwork, Activity
from actions.services.activities import check_can_write, check_dates, check_shorter
from actions.services.bulk.works import Works, check, check_open
from actions.workflow import closed_period_refusals
from fami_portal.core.bulk import insert_rows
from fami_portal.core.enums import RowEffect
from fami_portal.core.errors import StaleError
from fami_portal.core.imports import Line, plain, sound, where_read
from fami_portal.core.services import acting, gathering_events, record_events
from partners.models import Network, NetworkMember, Organisation
from partners.services.stays import check_in_network

FACTS = ("description", "venue", "municipality", "ends_on", "planned_minutes", "places")


@dataclass
class Membership:
    """The networks of the body in the programme, with its stays; and which actions each carries out."""

    networks: dict[str, Network]
    stays: dict[int, list[NetworkMember]]
    carried_out: set[tuple[int, int]]


def read_membership(works: Works) -> Membership:
    """Return where the body works in the programme. Two queries."""
    pairs = ActionNetwork.objects.filter(action__programme=works.programme).order_by()
    carried_out = set(pairs.values_list("action_id", "network_id"))
    stays: dict[int, list[NetworkMember]] = {}
    networks: dict[str, Network] = {}
    rows = NetworkMember.objects.filter(organisation=works.body, network__in={one for _action, one in carried_out})
    for stay in rows.select_related("network").order_by("pk"):
        stays.setdefault(stay.network_id, []).append(stay)
        networks[plain(stay.network.code)] = networks[plain(stay.network.name)] = stay.network
    return Membership(networks, stays, carried_out)


def plan_activities(*, works: Works, membership: Membership, lines: Sequence[Line]) -> None:
    """Say of each row what it does. `values` are those of `actions.resources.ActivityResource`. One query."""
    venues = _venues(lines)
    for line in lines:
        values = line.values
        network = where_read(_network, membership, line)
        if line.read("venue"):
            values["place"] = _venue(venues, line)
        check(line, lambda: check_dates(works.programme, values["starts_on"], values["ends_on"]))  # noqa: B023  run at once
        if network is not None:
            where_read(_plan, works, membership, line, network)


def _plan(works: Works, membership: Membership, line: Line, network: Network) -> None:
    values = line.values
    kind = values["activity_type"]
    if (kind.action_id, network.pk) not in membership.carried_out:
        line.refuse("activity_type", _("This network does not carry out the action of this activity type."))
    works.once(line, (kind.pk, network.pk, plain(values["title"]), values["starts_on"]))
    kept = _known(works, line, network)
    if kept is not None:
        _compare(line, kept)
        if kept.ends_on < values["ends_on"] and not _is_in(membership, network, values["ends_on"]):
            line.refuse("ends_on", _("The body is not in this network on this day."))
        return
    for column in ("starts_on", "ends_on"):
        if line.read(column) and not _is_in(membership, network, values[column]):
            line.refuse(column, _("The body is not in this network on this day."))
    if not line.problems:
        line.kept, line.effect = _new(works, line, network), RowEffect.NEW


def _network(membership: Membership, line: Line) -> Network | None:
    text = plain(line.values["network"])
    found = {network.pk: network for network in membership.networks.values()}
    network = membership.networks.get(text) if text else next(iter(found.values())) if len(found) == 1 else None
    if network is None:
        line.refuse("network", _("Write the code of a network of the programme to which your body belongs."))
    return network


def _is_in(membership: Membership, network: Network, day: date) -> bool:
    return any(
        stay.entered_on <= day and (stay.left_on is None or stay.left_on >= day)
        for stay in membership.stays.get(network.pk, ())
    )


def _venues(lines: Sequence[Line]) -> dict[str, list[Organisation]]:
    """Return the bodies that the rows name as the place, by code and by name. One query."""
    words = {line.values["venue"] for line in lines if line.values.get("venue")}
    found: dict[str, list[Organisation]] = {}
    if words:
        codes = {"".join(word.split()).upper() for word in words}
        rows = Organisation.objects.filter(Q(school_code__in=codes) | Q(fiscal_code__in=codes) | Q(name__in=words))
        for body in rows.select_related("municipality").order_by("pk"):
            for word in {plain(body.name), plain(body.school_code), plain(body.fiscal_code)} - {""}:
                found.setdefault(word, []).append(body)
    return found


def _venue(venues: dict[str, list[Organisation]], line: Line) -> Organisation | None:
    text = plain(line.values["venue"])
    found = venues.get(text, [])
    if text and len(found) != 1:
        line.refuse(
            "venue",
            _("Several bodies have this name: write the school code or the tax code.")
            if found
            else _("The portal has no body with this code or name."),
        )
    return found[0] if len(found) == 1 else None


def _known(works: Works, line: Line, network: Network) -> Activity | None:
    values = line.values
    return next(
        (
            one
            for one in works.activities.get(plain(values["title"]), ())
            if (one.activity_type_id, one.network_id, one.organisation_id, one.starts_on)
            == (values["activity_type"].pk, network.pk, works.body.pk, values["starts_on"])
            and one.state != ActivityState.CANCELLED
        ),
        None,
    )


def _wanted(line: Line, body: Organisation) -> dict[str, Any]:
    values = line.values
    venue = values["place"] if values["place"] != body else None
    return {
        "description": values["description"],
        "venue": venue,
        "municipality": values["municipality"] or (venue or body).municipality,
        "ends_on": values["ends_on"],
        "planned_minutes": None if values["hours"] is None else values["hours"] * 60,
        "places": values["places"],
    }


def _new(works: Works, line: Line, network: Network) -> Activity:
    kind = line.values["activity_type"]
    return Activity(
        programme=works.programme,
        plan_id=kind.plan_id,
        action_id=kind.action_id,
        activity_type=kind,
        network=network,
        organisation=works.body,
        title=line.values["title"],
        starts_on=line.values["starts_on"],
        **_wanted(line, works.body),
    )


_COLUMNS = {"planned_minutes": "hours"}


def _compare(line: Line, kept: Activity) -> None:
    wanted = _wanted(line, kept.organisation)
    pairs = []
    for name in FACTS:
        before, after = getattr(kept, name), wanted[name]
        # An empty cell leaves what is there.
        pairs.append((_COLUMNS.get(name, name), before, before if after in (None, "") else after))
    line.compare(pairs)
    line.kept = kept
    if line.effect == RowEffect.CHANGED:
        check_open(line, kept)
        if line.values["ends_on"] < kept.ends_on:
            check(line, lambda: check_shorter(kept, line.values["ends_on"]))


def write_activities(*, works: Works, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows; inside the transaction of the import."""
    with closed_period_refusals(), acting(by), gathering_events():
        new = [line.kept for line in sound(lines) if line.effect == RowEffect.NEW]
        insert_rows(new)
        record_events(by=by, verb="activity_created", targets=new)
        _correct(works, [line for line in sound(lines) if line.effect == RowEffect.CHANGED], by)


def _correct(works: Works, lines: Sequence[Line], by: Any) -> None:
    """Write corrections, with the checks of the single one. Three queries, one for each network, and those of who is shorter."""
    kept: dict[int, Activity] = {line.kept.pk: line.kept for line in lines}
    if not kept:
        return
    locked = Activity.objects.select_for_update(of=("self",), no_key=True).with_type().filter(pk__in=kept)
    for activity in locked.order_by("pk"):
        check_can_write(by, activity)
        if activity.version != kept[activity.pk].version:
            raise StaleError
    ends: dict[int, set[date]] = {}
    for line in lines:
        activity, wanted = line.kept, _wanted(line, works.body)
        if wanted["ends_on"] < activity.ends_on:
            check_shorter(activity, wanted["ends_on"])
        elif wanted["ends_on"] > activity.ends_on:
            ends.setdefault(activity.network_id, set()).add(wanted["ends_on"])
        for name in FACTS:
            if wanted[name] not in (None, ""):
                setattr(activity, name, wanted[name])
        activity.version += 1
    for network, days in sorted(ends.items()):
        check_in_network(network_id=network, organisation_id=works.body.pk, days=days, field="ends_on")
    Activity.objects.bulk_update(kept.values(), [*FACTS, "version"], batch_size=500)
    record_events(by=by, verb="activity_updated", targets=list(kept.values()))
