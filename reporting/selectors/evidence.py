# SPDX-License-Identifier: EUPL-1.2
"""What stands under a figure: the ledger entries that make it, each with the fact that earned it. Pseudonyms only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When

from accounts.permissions import Permission
from actions.enums import Unit
from actions.models import Activity, Campaign, CampaignMeasure, Deliverable, Indicator, Meeting, Service
from actions.permissions import reaches_programme
from beneficiaries.models import Beneficiary, DeskContact, Intervention
from mediation.models import (
    CommunityPresence,
    Consultation,
    ConsultationSession,
    MediationRequest,
    MediationSession,
    Mediator,
    Translation,
)
from partners.models import Network, Organisation
from partners.permissions import network_ids_with
from reporting.enums import UnitKind
from reporting.models import CountingScope, ResultEntry
from reporting.selectors.parts import parts_of


@dataclass(frozen=True)
class Window:
    """The days of booking of a figure: everything until a day, or one period."""

    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Sums:
    """How many entries make a figure, and the figure."""

    entries: int
    quantity: int


def can_open(user: Any, scope: CountingScope) -> bool:
    """Whether the person may open the figures of a scope (memberships are read once per request)."""
    return reaches_programme(user, Permission.VIEW_EVIDENCE, scope.programme_id) or (
        scope.network_id is not None and scope.network_id in network_ids_with(user, Permission.VIEW_EVIDENCE)
    )


def entries(
    *, indicator: Indicator, scope: CountingScope | Sequence[CountingScope], posting_id: int, window: Window
) -> QuerySet[ResultEntry]:
    """Return the entries that make a figure as of a posting, or the figures of several places, in the order of booking.

    Each has a `sign`: an entry that the window reverses though it was booked before counts minus one. An entry written
    and reversed inside the window makes nothing and is left out, so the signed quantities sum to the figure.
    """
    booked, reversed_inside = Q(), Q(reversed_in__lte=posting_id)
    outside = Q(reversed_in__isnull=True) | Q(reversed_in__gt=posting_id)
    if window.starts_on is not None:
        booked &= Q(booked_on__gte=window.starts_on)
        reversed_inside &= Q(reversal_booked_on__gte=window.starts_on)
    if window.ends_on is not None:
        booked &= Q(booked_on__lte=window.ends_on)
        reversed_inside &= Q(reversal_booked_on__lte=window.ends_on)
        outside |= Q(reversal_booked_on__gt=window.ends_on)
    counts = Q(posted_in__lte=posting_id) & booked & outside
    if window.starts_on is not None:
        counts |= Q(booked_on__lt=window.starts_on) & reversed_inside
    minus = Q(booked_on__lt=window.starts_on) if window.starts_on is not None else Q(pk__in=[])
    return (
        ResultEntry.objects.filter(
            indicator=indicator, scope__in=[scope] if isinstance(scope, CountingScope) else scope
        )
        .filter(counts)
        .annotate(sign=Case(When(minus, then=Value(-1)), default=Value(1), output_field=IntegerField()))
        .order_by("booked_on", "pk")
    )


def gross(*, indicator: Indicator, scope: CountingScope, posting_id: int, window: Window) -> int | None:
    """Return the sum of the parts of a place for a figure of persons; None where it has none, or counts other things."""
    if indicator.unit != Unit.PERSONS or (parts := parts_of(scope, indicator)) is None:
        return None
    found = entries(indicator=indicator, scope=parts, posting_id=posting_id, window=window)
    return sums(found).quantity


def sums(found: QuerySet[ResultEntry]) -> Sums:
    """Return how many entries there are and what they sum to."""
    row = found.order_by().aggregate(entries=Count("pk"), quantity=Sum(F("quantity") * F("sign")))
    return Sums(row["entries"], row["quantity"] or 0)


def with_facts(found: QuerySet[ResultEntry]) -> QuerySet[ResultEntry]:
    """Read the facts of the entries with them, and the reports that proved them."""
    return found.select_related(
        "posted_in",
        "fact",
        "fact__activity",
        "fact__activity_type",
        "fact__network",
        "fact__organisation",
        "fact__report",
        "fact__report__period",
    )


def units_of(rows: Iterable[ResultEntry]) -> dict[tuple[str, int], Any]:
    """Return the things counted by the entries of a page, one query for each kind of unit.

    People come as recipients, whose text is the pseudonym: nothing else of them is shown.
    """
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.unit_kind, set()).add(row.unit_id)
    return {
        (kind, unit.pk): unit
        for kind, ids in sorted(wanted.items())
        for unit in _UNITS[UnitKind(kind)].filter(pk__in=ids).order_by("pk")
    }


def undecided(rows: Iterable[ResultEntry]) -> set[int]:
    """Return the persons of a page who count together with another record, until somebody decides. One query."""
    persons = {row.unit_id for row in rows if row.unit_kind == UnitKind.PERSON}
    together = Beneficiary.objects.filter(counted_as__in=persons).order_by()
    return set(together.values_list("counted_as_id", flat=True)) if persons else set()


def mediation_seen(user: Any, rows: Iterable[ResultEntry]) -> dict[tuple[str, int], Any]:
    """Return the requests of mediation that prove the entries of a page, of those that the person may see.

    One query for each kind of request; whoever may not see one learns that there is one, never its number.
    """
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.fact.report_id is None:
            wanted.setdefault(row.fact.source_type, set()).add(row.fact.source_id)
    return {
        (kind, source.pk): source
        for kind, ids in sorted(wanted.items())
        for source in _MEDIATION[kind].objects.visible_to(user).filter(pk__in=ids).order_by("pk")
    }


_MEDIATION: dict[str, Any] = {
    "request": MediationRequest,
    "presence": CommunityPresence,
    "consultation": Consultation,
    "translation": Translation,
}
_UNITS: dict[UnitKind, QuerySet[Any]] = {
    UnitKind.PERSON: Beneficiary.objects.only("pk", "uuid", "pseudonym"),
    UnitKind.ORGANISATION: Organisation.objects.only("pk", "uuid", "name"),
    UnitKind.ACTIVITY: Activity.objects.only("pk", "uuid", "title"),
    UnitKind.MEETING: Meeting.objects.only("pk", "uuid", "held_on", "starts_at"),
    UnitKind.INTERVENTION: Intervention.objects.only("pk", "held_on"),
    UnitKind.CONTACT: DeskContact.objects.only("pk", "held_on"),
    UnitKind.NETWORK: Network.objects.only("pk", "uuid", "name"),
    UnitKind.DELIVERABLE: Deliverable.objects.only("pk", "uuid", "title"),
    UnitKind.SERVICE: Service.objects.only("pk", "uuid", "title"),
    UnitKind.CAMPAIGN: Campaign.objects.only("pk", "uuid", "title"),
    UnitKind.MEASURE: CampaignMeasure.objects.select_related("campaign"),
    UnitKind.SESSION: MediationSession.objects.only("pk", "uuid"),
    UnitKind.PRESENCE: CommunityPresence.objects.only("pk", "uuid"),
    UnitKind.CONSULTATION: ConsultationSession.objects.only("pk"),
    UnitKind.TRANSLATION: Translation.objects.only("pk", "uuid"),
    UnitKind.MEDIATOR: Mediator.objects.only("pk", "uuid"),
}
