# SPDX-License-Identifier: EUPL-1.2
"""What rests on the stays of bodies in networks: who leads, and that work has its day inside a stay."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError, required_text
from fami_portal.core.services import acting, record_event
from partners.enums import ExitReason, NetworkRole
from partners.models import Network, NetworkDeed, NetworkMember, Organisation
from partners.selectors.stays import holds_on, problem_of_entry, problem_of_exit
from partners.services.networks import check_deed, check_life, lock_network

# Shared: those who add work of one body do not wait for one another, only for who ends its stay, and the other way round.
_STAYS_HELD = """
    SELECT id, network_id, organisation_id, role, entered_on, left_on
      FROM partners_networkmember WHERE network_id = %s AND organisation_id = %s
     ORDER BY entered_on, id FOR SHARE
"""


def check_in_network(*, network_id: int, organisation_id: int, days: Iterable[date], field: str | None = None) -> None:
    """Raise `DomainError` when a body is not in a network on one of some days, and hold its stays as they are.

    Inside a service transaction; one query. Without days nothing is asked.
    """
    wanted = sorted(set(days))
    if not wanted:
        return
    stays = list(NetworkMember.objects.raw(_STAYS_HELD, [network_id, organisation_id]))
    for day in wanted:
        if any(holds_on(stay, day) for stay in stays):
            continue
        ended = [stay.left_on for stay in stays if stay.left_on is not None and stay.left_on < day]
        ahead = [stay.entered_on for stay in stays if stay.entered_on > day]
        if ended:
            problem = _("On %(day)s the body is no longer in the network: its last day was %(last)s.")
            values = {"last": f"{max(ended):%d/%m/%Y}"}
        elif ahead:
            problem = _("On %(day)s the body is not in the network yet: it enters on %(first)s.")
            values = {"first": f"{min(ahead):%d/%m/%Y}"}
        else:
            problem, values, field = _("On %(day)s the body is not in this network."), {}, "network"
        raise DomainError(problem % {"day": f"{day:%d/%m/%Y}", **values}, field=field)


def correct_entry(*, member: NetworkMember, entered_on: date, reason: str, by: Any) -> NetworkMember:
    """Correct the first day of a stay, written wrong, with the reason (kept in the history of the network).

    The same day again changes nothing. Raises `NotPermitted`; `DomainError` at the field without a reason, for a day
    after the exit, outside the life of the network, inside another stay of the body or of another lead, and when work
    of the body or a closed period lies on the days that would enter or leave the stay.
    """
    reason = required_text(reason, _("Write why the day is corrected, without names of people."))
    with acting(by):
        network = lock_network(member.network, by)
        stays = _held(network)
        stay = next(one for one in stays if one.pk == member.pk)
        if stay.entered_on == entered_on:
            return stay
        if stay.left_on is not None and entered_on > stay.left_on:
            raise DomainError(_("The exit comes before the entry."), field="entered_on")
        check_life(network, entered_on, field="entered_on")
        for other in stays:
            same = other.organisation_id == stay.organisation_id
            both_lead = stay.role == other.role == NetworkRole.LEAD
            before = other.left_on is not None and other.entered_on <= stay.entered_on and other.left_on >= entered_on
            if other.pk != stay.pk and (same or both_lead) and before:
                raise DomainError(
                    _("%(body)s is there until %(day)s: choose a later day.")
                    % {"body": other.organisation.name, "day": f"{other.left_on:%d/%m/%Y}"},
                    field="entered_on",
                )
        if problem := problem_of_entry(stay, entered_on):
            raise DomainError(problem, field="entered_on")
        old, stay.entered_on = stay.entered_on, entered_on
        stay.save(update_fields=["entered_on"])
        record_event(
            by=by,
            verb="network_entry_corrected",
            target=network,
            reason=f"{stay.organisation.name}: {reason}"[:500],
            data={"organisation": stay.organisation_id, "before": old.isoformat(), "now": entered_on.isoformat()},
        )
    return stay


def correct_exit(*, member: NetworkMember, left_on: date | None, reason: str, by: Any) -> NetworkMember:
    """Correct the last day of a stay that has ended, or undo the exit: None lets the body be in the network still.

    The same day again changes nothing. Raises `NotPermitted`; `DomainError` at the field without a reason, for a day
    before the entry or outside the life of the network, when the stay would run into another one of the body or of
    another lead, and when the body has worked after the day.
    """
    reason = required_text(reason, _("Write why the day is corrected, without names of people."))
    with acting(by):
        network = lock_network(member.network, by)
        stays = _held(network)
        stay = next(one for one in stays if one.pk == member.pk)
        old = stay.left_on
        if old is None:
            raise DomainError(_("This body has not left the network: end its stay."), field="left_on")
        if old == left_on:
            return stay
        if left_on is not None and left_on < stay.entered_on:
            raise DomainError(_("The exit comes before the entry."), field="left_on")
        if left_on is not None:
            check_life(network, left_on, field="left_on")
        for other in stays:
            clash = other.organisation_id == stay.organisation_id or stay.role == other.role == NetworkRole.LEAD
            ahead = other.entered_on > old and (left_on is None or other.entered_on <= left_on)
            if other.pk != stay.pk and clash and ahead:
                raise DomainError(
                    _("%(body)s enters on %(day)s: choose an earlier day.")
                    % {"body": other.organisation.name, "day": f"{other.entered_on:%d/%m/%Y}"},
                    field="left_on",
                )
        if left_on is not None and left_on < old and (problem := problem_of_exit(stay, left_on)):
            raise DomainError(problem, field="left_on")
        stay.left_on = left_on
        if left_on is None:
            stay.exit_reason, stay.exit_deed = "", None
        stay.save(update_fields=["left_on", "exit_reason", "exit_deed"])
        record_event(
            by=by,
            verb="network_exit_corrected",
            target=network,
            reason=f"{stay.organisation.name}: {reason}"[:500],
            data={
                "organisation": stay.organisation_id,
                "before": old.isoformat(),
                "now": left_on.isoformat() if left_on else "",
            },
        )
    return stay


def correct_days(
    *, member: NetworkMember, entered_on: date, left_on: date | None, reason: str, by: Any
) -> NetworkMember:
    """Correct both days of a stay that has ended, in one act; raises as `correct_entry` and `correct_exit`."""
    with acting(by):
        given = {"member": member, "reason": reason, "by": by}
        if member.left_on is not None and entered_on > member.left_on:  # the exit makes room for the entry
            correct_exit(left_on=left_on, **given)
            return correct_entry(entered_on=entered_on, **given)
        correct_entry(entered_on=entered_on, **given)
        return correct_exit(left_on=left_on, **given)


def remove_stay(*, member: NetworkMember, reason: str, by: Any) -> None:
    """Take away the stay of a body that was never in the network; the history of the network says that it was written.

    Raises `NotPermitted`; `DomainError` without a reason, or when the body has worked in the network in those days.
    """
    reason = required_text(reason, _("Write why it is taken away, without names of people."))
    with acting(by):
        network = lock_network(member.network, by)
        stay = next((one for one in _held(network) if one.pk == member.pk), None)
        if stay is None:
            return
        last = stay.left_on or date.max
        if problem_of_entry(stay, last) or problem_of_exit(stay, stay.entered_on - timedelta(days=1)):
            raise DomainError(_("The body has worked in this network: its stay is ended, not taken away."))
        record_event(
            by=by,
            verb="network_member_removed",
            target=network,
            reason=f"{stay.organisation.name}: {reason}"[:500],
            data={"organisation": stay.organisation_id, "entered_on": stay.entered_on.isoformat()},
        )
        stay.delete()


def _held(network: Network) -> list[NetworkMember]:
    return list(
        NetworkMember.objects.select_for_update(of=("self",))
        .filter(network=network)
        .select_related("organisation")
        .order_by("pk")
    )


def change_lead(
    *,
    network: Network,
    organisation: Organisation,
    first_day: date,
    by: Any,
    old_goes_on_as: str = "",
    reason: str = "",
    deed: NetworkDeed | None = None,
) -> NetworkMember:
    """Let another body lead a network from a day on: the stay of the old lead ends the day before, in one act.

    Args:
        organisation: the new lead; if it is in the network already, that stay ends the day before too.
        old_goes_on_as: the part (`NetworkRole`) that the old lead has from then on; empty where it leaves the network.
        reason: words for the history.
        deed: the deed by which the lead changes, of this network.

    Returns the stay of the new lead; asked again it changes nothing. Raises `NotPermitted`; `DomainError` at the
    field when nobody leads on that day, when a stay that must end began on that day or later, or when the old lead
    leaves and has done something in the network after its last day.
    """
    with acting(by):
        locked = lock_network(network, by)
        stays = list(NetworkMember.objects.select_for_update(of=("self",)).filter(network=locked).order_by("pk"))
        old = next((s for s in stays if s.role == NetworkRole.LEAD and holds_on(s, first_day)), None)
        if old is None:
            raise DomainError(_("Nobody leads the network on this day: add the body as its lead."), field="first_day")
        if old.organisation_id == organisation.pk:
            if old.entered_on == first_day:
                return old
            raise DomainError(_("This body leads the network on this day already."), field="organisation")
        if old_goes_on_as and old_goes_on_as not in set(NetworkRole) - {NetworkRole.LEAD}:
            raise DomainError(_("Choose the part that the old lead goes on with."), field="old_goes_on_as")
        if any(s.role == NetworkRole.LEAD and s.entered_on > first_day for s in stays):
            raise DomainError(_("Another lead begins after this day: choose a later day."), field="first_day")
        check_deed(deed, locked)
        check_life(locked, first_day, field="first_day")
        last_day = first_day - timedelta(days=1)
        both = {old.organisation_id, organisation.pk}
        touched = [s for s in stays if s.organisation_id in both and (s.left_on is None or s.left_on >= first_day)]
        for stay in touched:
            if stay.entered_on > last_day:
                raise DomainError(
                    _("%(body)s entered on %(day)s: choose a later day.")
                    % {"body": stay.organisation.name, "day": f"{stay.entered_on:%d/%m/%Y}"},
                    field="first_day",
                )
        if not old_goes_on_as and (problem := problem_of_exit(old, last_day)):
            raise DomainError(problem, field="first_day")
        for stay in touched:
            leaves = stay.organisation_id == old.organisation_id and not old_goes_on_as
            stay.left_on, stay.exit_deed = last_day, deed
            stay.exit_reason = ExitReason.WORK_DONE if leaves else ExitReason.CHANGED_PART
            stay.save(update_fields=["left_on", "exit_deed", "exit_reason"])
        begins = {"network": locked, "entered_on": first_day, "entry_deed": deed}
        new = NetworkMember.objects.create(organisation=organisation, role=NetworkRole.LEAD, **begins)
        if old_goes_on_as:
            NetworkMember.objects.create(organisation_id=old.organisation_id, role=old_goes_on_as, **begins)
        record_event(
            by=by,
            verb="network_lead_changed",
            target=locked,
            reason=": ".join(part for part in (organisation.name, reason.strip()) if part),
            data={"old": old.organisation_id, "new": organisation.pk, "first_day": first_day.isoformat()},
        )
    return new
