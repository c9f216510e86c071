# SPDX-License-Identifier: EUPL-1.2
"""Who is in a network, on which day, and what stands against an exit."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from fami_portal.core.components import Entry
from partners.enums import NetworkRole
from partners.models import Network, NetworkMember, Organisation


def is_member_on(network: Network, organisation: Organisation, day: date) -> bool:
    """Whether a body is in a network on a day, with whatever part."""
    return NetworkMember.objects.on(day).filter(network=network, organisation=organisation).exists()


def holds_on(stay: NetworkMember, day: date) -> bool:
    """Whether a stay, read before, holds on a day."""
    return stay.entered_on <= day and (stay.left_on is None or stay.left_on >= day)


def lead_of(network: Network, day: date) -> NetworkMember | None:
    """Return the stay of the body that leads a network on a day."""
    leads = network.members.on(day).filter(role=NetworkRole.LEAD).select_related("organisation")
    return leads.order_by("-entered_on", "-pk").first()


ExitCheck = Callable[[NetworkMember, date], Any]
_exit_checks: list[ExitCheck] = []


def register_exit_check(check: ExitCheck) -> None:
    """Let an app above say why a body cannot leave on a day: a sentence, or None; called once, when it is ready."""
    if check not in _exit_checks:
        _exit_checks.append(check)


def problem_of_exit(stay: NetworkMember, left_on: date) -> Any:
    """Return the first reason against an exit on a day, or None. Asked with the stay locked."""
    return next((problem for check in _exit_checks if (problem := check(stay, left_on))), None)


EntryCheck = Callable[[NetworkMember, date], Any]
_entry_checks: list[EntryCheck] = []


def register_entry_check(check: EntryCheck) -> None:
    """Let an app above say why a stay cannot begin on another day: a sentence, or None; called once, when it is ready."""
    if check not in _entry_checks:
        _entry_checks.append(check)


def problem_of_entry(stay: NetworkMember, entered_on: date) -> Any:
    """Return the first reason against another first day of a stay, or None. Asked with the stay locked."""
    return next((problem for check in _entry_checks if (problem := check(stay, entered_on))), None)


def story_of(stays: Iterable[NetworkMember]) -> list[Entry]:
    """Return who entered a network, left it or took another part, newest first, from stays read before."""
    kept = list(stays)
    goes_on = {(stay.organisation_id, stay.entered_on - timedelta(days=1)) for stay in kept}
    entries: list[tuple[date, int, Entry]] = []
    for stay in kept:
        name, part = stay.organisation.name, stay.get_role_display()
        went_on = any(stay.organisation_id == other.organisation_id and _follows(stay, other) for other in kept)
        title = _("%(body)s goes on as: %(part)s") if went_on else _("%(body)s enters as: %(part)s")
        deed = stay.entry_deed.title if stay.entry_deed else ""
        entries.append((stay.entered_on, 1, Entry(stay.entered_on, title % {"body": name, "part": part}, text=deed)))
        if stay.left_on is not None and (stay.organisation_id, stay.left_on) not in goes_on:
            words = [stay.get_exit_reason_display(), stay.exit_deed.title if stay.exit_deed else ""]
            text = " – ".join(word for word in words if word)
            entries.append((stay.left_on, 0, Entry(stay.left_on, _("%(body)s leaves") % {"body": name}, text=text)))
    entries.sort(key=lambda row: row[:2], reverse=True)
    return [entry for _day, _order, entry in entries]


def _follows(stay: NetworkMember, other: NetworkMember) -> bool:
    return other.left_on is not None and other.left_on + timedelta(days=1) == stay.entered_on
