# SPDX-License-Identifier: EUPL-1.2
"""What the pages of the accounts of hours show: the accounts, and each balance movement by movement."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Sum, Window
from django.utils.translation import gettext as _

from actions.models import ActionNetwork, RequestKind
from mediation.models import (
    CommunityPresence,
    Consultation,
    HourAccount,
    HourAccountQuerySet,
    HourMovement,
    MediationRequest,
    Translation,
)
from mediation.selectors.settings import settings_from
from partners.models import Network

DEFAULT_WARNING = 80
_SOURCES: dict[str, Any] = {
    "request": MediationRequest,
    "presence": CommunityPresence,
    "consultation": Consultation,
    "translation": Translation,
}


@dataclass(frozen=True)
class Source:
    """What hours were asked for: its number, or what it is, and its address."""

    label: str
    url: str


def listed_accounts(user: Any) -> HourAccountQuerySet:
    """Return the accounts that the person may read: newest school year first, by network, the common pool on top."""
    return (
        HourAccount.objects.visible_to(user)
        .with_parts()
        .order_by("-starts_on", "network__name", F("organisation__name").asc(nulls_first=True), "kind", "use", "pk")
    )


def school_years(accounts: HourAccountQuerySet) -> list[tuple[str, str]]:
    """Return the school years of the accounts, newest first: value of the address (its first day), words. One query."""
    found: dict[str, str] = {}
    days = accounts.order_by("-starts_on", "-ends_on").values_list("starts_on", "ends_on").distinct()
    for starts_on, ends_on in days:
        year = HourAccount(starts_on=starts_on, ends_on=ends_on).school_year
        found.setdefault(year.replace("/", "-"), year)
    return list(found.items())


def warning_percents(accounts: Iterable[HourAccount]) -> dict[tuple[int, str], int]:
    """Return at which hundredth each (programme, kind) warns. One query."""
    rows = RequestKind.objects.filter(programme__in={account.programme_id for account in accounts})
    return {(row.programme_id, row.kind): settings_from(row.kind, row.settings).warning_percent for row in rows}


def warning_percent(account: HourAccount) -> int:
    """Return at which hundredth an account warns. One query."""
    return warning_percents([account]).get((account.programme_id, account.kind), DEFAULT_WARNING)


def movements_of(account: HourAccount) -> QuerySet[HourMovement]:
    """Return the movements of an account, newest first, each with what it did to the free minutes and what was left.

    `change` and `balance` are minutes. The newest balance is the account's own: nothing is reckoned by another route.
    """
    change = F("granted_change") - F("reserved_change") - F("consumed_change")
    return (
        HourMovement.objects.filter(account=account.pk)
        .annotate(change=change, balance=Window(Sum(change), order_by=F("pk").asc()))
        .order_by("-pk")
    )


def _own_sources(user: Any) -> Q:
    own = Q(pk__in=[])
    for source_type, model in _SOURCES.items():
        own |= Q(source_type=source_type, source_id__in=model.objects.visible_to(user).values("pk"))
    return own


def movements_that_concern(account: HourAccount, user: Any) -> QuerySet[HourMovement]:
    """Return what somebody of a body that draws on a common pool reads: its grants, and what the own requests did.

    Newest first, `change` in minutes; what others asked for and why is left out, so no balance runs along.
    """
    change = F("granted_change") - F("reserved_change") - F("consumed_change")
    return (
        HourMovement.objects.filter(Q(source_type="") | _own_sources(user), account=account.pk)
        .annotate(change=change)
        .order_by("-pk")
    )


def shares_of(account: HourAccount, user: Any) -> tuple[int, int]:
    """Return the minutes held or consumed in a pool for what the person may read, and for all the rest. One query."""
    used = Sum(F("reserved_change") + F("consumed_change"))
    rows = HourMovement.objects.filter(account=account.pk).exclude(source_type="")
    found = rows.aggregate(all=used, own=Sum(F("reserved_change") + F("consumed_change"), filter=_own_sources(user)))
    own = found["own"] or 0
    return own, (found["all"] or 0) - own


def source_names() -> dict[str, str]:
    """Return the words for what hours were asked for, where the reader may not know which one."""
    return {
        "request": _("A request"),
        "presence": _("A presence in the community"),
        "consultation": _("A consultation"),
        "translation": _("A translation"),
    }


def sources_of(movements: Iterable[HourMovement], user: Any) -> dict[tuple[str, int], Source]:
    """Return what the movements were for, as far as the reader may open it. One query for each kind of source."""
    rows, found = list(movements), {}
    for source_type, model in _SOURCES.items():
        ids = {row.source_id for row in rows if row.source_type == source_type}
        if not ids:
            continue
        numbered = source_type != "presence"
        readable = model.objects.visible_to(user).filter(pk__in=ids).only("uuid", *(["number"] if numbered else []))
        for row in readable:
            label = row.number if numbered else source_names()[source_type]
            found[source_type, row.pk] = Source(label, row.get_absolute_url())
    return found


def carriers(networks: Iterable[int], programmes: Iterable[int]) -> list[ActionNetwork]:
    """Return the networks of the programmes for which accounts can be opened, each programme and network once.

    Those of `networks` in any programme, and all those of `programmes`. One query.
    """
    rows = (
        ActionNetwork.objects.filter(network__in=networks)
        | ActionNetwork.objects.filter(action__programme__in=programmes)
    ).select_related("network", "action__programme")
    found = {(row.action.programme_id, row.network_id): row for row in rows.order_by("network__name", "pk")}
    return list(found.values())


def networks_with_members(networks: Iterable[int]) -> QuerySet[Network]:
    """Return the networks with the bodies in them. Two queries."""
    return Network.objects.filter(pk__in=set(networks)).prefetch_related("members__organisation").order_by("name")


def offered_kinds(programmes: Iterable[int]) -> set[str]:
    """Return the kinds of request that the programmes offer. One query."""
    rows = RequestKind.objects.filter(programme__in=set(programmes)).order_by()
    return set(rows.values_list("kind", flat=True).distinct())
