# SPDX-License-Identifier: EUPL-1.2
"""Writes on memberships: the roles that people have in bodies, between two dates."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLES, Scope
from fami_portal.core.errors import DomainError
from fami_portal.core.kept import forget
from fami_portal.core.services import acting, record_event
from partners.models import Membership, Network, Organisation
from partners.permissions import check_can_give_role


def grant_membership(
    *,
    user: Any,
    organisation: Organisation,
    role: str,
    by: Any,
    networks: Iterable[Network] = (),
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Membership:
    """Give a person a role in a body, from today or from a day.

    Raises `NotPermitted`; `DomainError` at the field when the role is unknown, when it needs networks and has none,
    or when the person has it already.
    """
    networks = list(networks)
    valid_from = valid_from or timezone.localdate()
    check_role(role=role, networks=networks)
    if by is not None:
        check_can_give_role(by, organisation=organisation, role=ROLES[role], networks=networks)
    if valid_until is not None and valid_until < valid_from:
        raise DomainError(_("The end comes before the start."), field="valid_until")
    with acting(by):
        # The body's row is the lock: the same role is not given twice at once.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        same = Membership.objects.filter(user=user, organisation=organisation, role=role, withdrawn_at__isnull=True)
        if same.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=valid_from)).exists():
            raise DomainError(_("This person has this role in the body already."), field="role")
        membership = Membership.objects.create(
            user=user, organisation=organisation, role=role, valid_from=valid_from, valid_until=valid_until
        )
        membership.networks.set(networks)
        record_event(
            by=by,
            verb="membership_granted",
            target=membership,
            data={
                "user": user.pk,
                "organisation": organisation.pk,
                "role": role,
                "networks": sorted(network.pk for network in networks),
            },
        )
    forget(user, "_portal_memberships")
    return membership


def check_role(*, role: str, networks: Sequence[Network]) -> None:
    """Raise `DomainError` when the role is unknown, or when its networks do not fit its reach."""
    if role not in ROLES:
        raise DomainError(_("This role does not exist."), field="role")
    by_network = ROLES[role].scope == Scope.NETWORK
    if by_network and not networks:
        raise DomainError(_("Say which networks the person coordinates."), field="networks")
    if networks and not by_network:
        raise DomainError(_("This role is not tied to networks: leave them empty."), field="networks")


def end_membership(
    *, membership: Membership, by: Any, last_day: date | None = None, reason: str = "", at_once: bool = False
) -> Membership:
    """End a role: after its last day, or at once. Open sessions lose the rights at their next request.

    Raises `NotPermitted`; `DomainError` when it has ended already, when the day comes before its start, or when a
    person would end the own role of administrator (nobody could give it back).
    """
    today = timezone.localdate()
    with acting(by):
        locked = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
        if by is not None:
            check_can_give_role(
                by, organisation=locked.organisation, role=ROLES[locked.role], networks=locked.networks.order_by("pk")
            )
            if locked.user_id == by.pk and ROLES[locked.role].scope == Scope.PORTAL:
                raise DomainError(_("You cannot end your own role of administrator: ask another administrator."))
        if locked.withdrawn_at is not None or (locked.valid_until is not None and locked.valid_until < today):
            raise DomainError(_("This role has ended already. Reload the page to see it."))
        last_day = today if at_once or last_day is None else last_day
        if last_day < locked.valid_from and not at_once:
            raise DomainError(_("The end comes before the start."), field="last_day")
        locked.valid_until = max(last_day, locked.valid_from)
        locked.withdrawn_at = timezone.now() if at_once else None
        locked.save(update_fields=["valid_until", "withdrawn_at"])
        record_event(
            by=by,
            verb="membership_ended",
            target=locked,
            reason=reason,
            data={
                "user": locked.user_id,
                "organisation": locked.organisation_id,
                "role": locked.role,
                "last_day": last_day.isoformat(),
            },
        )
    return locked
