# SPDX-License-Identifier: EUPL-1.2
"""Writes on networks and on who belongs to them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.enums import ExitReason, NetworkRole
from partners.models import Municipality, Network, NetworkDeed, NetworkMember, Organisation
from partners.permissions import check_can_manage_network, check_holds
from partners.selectors.stays import problem_of_exit
from partners.services.territory import set_municipalities

# Coordination has few levels; the walk up the tree stops here whatever the data say.
MAX_LEVELS = 10


def register_network(
    *,
    by: Any,
    code: str,
    name: str,
    kind: str,
    parent: Network | None = None,
    municipalities: Iterable[Municipality] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Network:
    """Register a network; its members enter with `add_member`.

    Raises `NotPermitted`; `DomainError` at the field for a code in use, dates in the wrong order, or a municipality
    that another Ambito has.
    """
    if by is not None:
        check_holds(by, Permission.MANAGE_ORGANISATIONS)
        if parent is not None:
            check_can_manage_network(by, parent)
    network = Network(
        code=code.strip(), name=" ".join(name.split()), kind=kind, parent=parent, starts_on=starts_on, ends_on=ends_on
    )
    with acting(by):
        _check(network)
        network.save(force_insert=True)
        set_municipalities(network, municipalities)
        record_event(by=by, verb="network_registered", target=network)
    return network


def update_network(
    *,
    network: Network,
    by: Any,
    version: int,
    name: str,
    kind: str,
    municipalities: Iterable[Municipality],
    starts_on: date | None,
    ends_on: date | None,
) -> Network:
    """Correct the facts of a network, if nobody changed it since `version`. The code never changes.

    Raises `NotPermitted`, `StaleError`, `DomainError` at the field.
    """
    with acting(by):
        locked = lock_network(network, by)
        if locked.version != version:
            raise StaleError
        locked.name, locked.kind = " ".join(name.split()), kind
        locked.starts_on, locked.ends_on = starts_on, ends_on
        _check(locked)
        locked.version += 1
        locked.save()
        set_municipalities(locked, municipalities)
        record_event(by=by, verb="network_changed", target=locked)
    return locked


def set_parent(*, network: Network, parent: Network | None, by: Any) -> Network:
    """Put a network under the coordination of another (second level), or under nobody's.

    Raises `NotPermitted`; `DomainError` when the network would coordinate itself.
    """
    with acting(by):
        # One change of the tree at a time: two halves of a circle would each look harmless.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('coordination of networks'))")
        locked = lock_network(network, by)
        if by is not None and parent is not None:
            check_can_manage_network(by, parent)
        above, level = Network.objects.filter(pk=parent.pk if parent else None).first(), 0
        while above is not None and level < MAX_LEVELS:
            if above.pk == locked.pk:
                raise DomainError(
                    _("A network cannot be coordinated by itself or by a network that it coordinates."), field="parent"
                )
            above, level = Network.objects.filter(pk=above.parent_id).first(), level + 1
        Network.objects.filter(pk=locked.pk).update(parent=parent, version=F("version") + 1)
        record_event(
            by=by, verb="network_parent_set", target=locked, data={"parent": parent.pk if parent is not None else None}
        )
    locked.refresh_from_db()
    return locked


def save_network(*, network: Network, by: Any, version: int, parent: Network | None, **facts: Any) -> Network:
    """Correct the facts of a network and who coordinates it, together; raises what the two services raise."""
    with acting(by):
        changed = update_network(network=network, by=by, version=version, **facts)
        if changed.parent_id != (parent.pk if parent is not None else None):
            changed = set_parent(network=changed, parent=parent, by=by)
    return changed


def add_member(
    *,
    network: Network,
    organisation: Organisation,
    role: str,
    entered_on: date,
    by: Any,
    deed: NetworkDeed | None = None,
) -> NetworkMember:
    """Let a body enter a network on a day, with a part (`NetworkRole`) and the deed by which it enters.

    Raises `NotPermitted`; `DomainError` at the field when the body is in already, or came out after that day, when
    the network has a lead already, or when the day lies outside the life of the network.
    """
    with acting(by):
        # The network's row is the lock: two leads cannot enter at once.
        locked = lock_network(network, by)
        check_life(locked, entered_on, field="entered_on")
        stays = NetworkMember.objects.filter(network=locked)
        overlapping = Q(left_on__isnull=True) | Q(left_on__gte=entered_on)
        if stays.filter(overlapping, organisation=organisation).exists():
            raise DomainError(_("This body is in the network on this day already."), field="organisation")
        if role == NetworkRole.LEAD and stays.filter(overlapping, role=NetworkRole.LEAD).exists():
            raise DomainError(
                _("The network has a lead on this day already: on its page use “Change the lead”."),
                field="role",
            )
        check_deed(deed, locked, organisation)
        member = NetworkMember(
            network=locked, organisation=organisation, role=role, entered_on=entered_on, entry_deed=deed
        )
        try:
            member.clean_fields(exclude=["network", "organisation", "entry_deed"])
        except ValidationError as error:
            field, problems = next(iter(error.message_dict.items()))
            raise DomainError(problems[0], field=field) from None
        member.save(force_insert=True)
        record_event(
            by=by,
            verb="network_member_added",
            target=locked,
            reason=organisation.name,
            data={"organisation": organisation.pk, "role": role, "entered_on": entered_on.isoformat()},
        )
    return member


def end_member(
    *,
    member: NetworkMember,
    left_on: date,
    by: Any,
    reason: str = "",
    exit_reason: str = "",
    deed: NetworkDeed | None = None,
) -> NetworkMember:
    """End the stay of a body in a network; the stay remains in its history, and so do the figures of its work.

    Args:
        left_on: the last day in the network; what the body did until then is still reported.
        reason: words for the history of the network.
        exit_reason: a value of `ExitReason`.
        deed: the deed by which it leaves, of this network.

    Raises `NotPermitted`; `DomainError` at the field when the stay has ended already, the day comes before the entry,
    or the body has done something in the network after it.
    """
    with acting(by):
        network = lock_network(member.network, by)
        locked = NetworkMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if locked.left_on is not None:
            raise DomainError(_("This stay has ended already. Reload the page to see it."))
        if left_on < locked.entered_on:
            raise DomainError(_("The exit comes before the entry."), field="left_on")
        if exit_reason and exit_reason not in set(ExitReason):
            raise DomainError(_("Choose a reason from the list."), field="exit_reason")
        check_deed(deed, network, locked.organisation)
        if problem := problem_of_exit(locked, left_on):
            raise DomainError(problem, field="left_on")
        locked.left_on, locked.exit_reason, locked.exit_deed = left_on, exit_reason, deed
        locked.save(update_fields=["left_on", "exit_reason", "exit_deed"])
        record_event(
            by=by,
            verb="network_member_ended",
            target=network,
            reason=": ".join(part for part in (locked.organisation.name, reason.strip()) if part),
            data={"organisation": locked.organisation_id, "left_on": left_on.isoformat()},
        )
    return locked


def check_life(network: Network, day: date, *, field: str) -> None:
    """Raise `DomainError` at the field for a day on which the network does not exist yet, or any more."""
    if network.starts_on and day < network.starts_on:
        raise DomainError(
            _("The network begins on %(day)s: choose that day or a later one.")
            % {"day": f"{network.starts_on:%d/%m/%Y}"},
            field=field,
        )
    if network.ends_on and day > network.ends_on:
        raise DomainError(
            _("The network ends on %(day)s: choose that day or an earlier one.")
            % {"day": f"{network.ends_on:%d/%m/%Y}"},
            field=field,
        )


def check_deed(deed: NetworkDeed | None, network: Network, organisation: Organisation | None = None) -> None:
    """Raise `DomainError` when a deed is not of the network, or is about another body."""
    if deed is None:
        return
    if deed.network_id != network.pk:
        raise DomainError(_("This deed belongs to another network."), field="deed")
    if organisation is not None and deed.organisation_id not in (None, organisation.pk):
        raise DomainError(_("This deed is about another body: choose another one."), field="deed")


def lock_network(network: Network, by: Any) -> Network:
    """Take the row lock of the network, after asking whether the person may change it."""
    locked = Network.objects.select_for_update(of=("self",)).get(pk=network.pk)
    if by is not None:
        check_can_manage_network(by, locked)
    return locked


def _check(network: Network) -> None:
    try:
        network.full_clean(exclude=["parent"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        if field == "__all__":
            field = "ends_on"
        elif field == "code" and Network.objects.exclude(pk=network.pk).filter(code=network.code).exists():
            problems = [str(_("A network with this code exists already."))]
        raise DomainError(problems[0], field=field) from None
