# SPDX-License-Identifier: EUPL-1.2
"""Reads over pairs of records that may be one person."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Case, Count, IntegerField, Max, OuterRef, QuerySet, Subquery, Value, When

from beneficiaries.enums import FingerprintKind, PairState, Similarity
from beneficiaries.models import Beneficiary, Enrolment, Merge, Pair


def pairs_for(user: Any) -> QuerySet[Pair]:
    """Return the pairs on which the person decides: those to be looked at first, the most alike first."""
    waiting = Case(When(state=PairState.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    likeness = Case(
        *(When(similarity=band, then=Value(rank)) for rank, band in enumerate(Similarity.values)),
        output_field=IntegerField(),
    )
    return (
        Pair.objects.visible_to(user)
        .select_related("programme", "first__registered_by", "second__registered_by", "decided_by")
        .order_by(waiting, likeness, "-found_at", "-pk")
    )


def known_records(user: Any, pairs: Iterable[Pair]) -> set[int]:
    """Return the ids of the records of the pairs that the person may see: of the others not even the body is shown."""
    ends = [end for pair in pairs for end in (pair.first_id, pair.second_id)]
    return set(Beneficiary.objects.visible_to(user).filter(pk__in=ends).order_by().values_list("pk", flat=True))


def records_of(pair: Pair) -> list[Beneficiary]:
    """Return the two records of a pair, the older first, with `activities` (in how many enrolled)."""
    enrolled = (
        Enrolment.objects.filter(beneficiary=OuterRef("pk")).order_by().values("beneficiary").annotate(n=Count("pk"))
    )
    return list(
        Beneficiary.objects.filter(pk__in=[pair.first_id, pair.second_id])
        .select_related("registered_by", "target_group", "citizenship")
        .annotate(activities=Subquery(enrolled.values("n")))
        .order_by("pk")
    )


def merge_of(pair: Pair) -> Merge | None:
    """Return the merge that stands because of this pair."""
    return pair.merges.filter(undone_at=None).order_by("-pk").first()


def explanation(pair: Pair) -> list[Any]:
    """Return in words what agrees in the two records, never what it is."""
    return [kind.label for kind in FingerprintKind if kind.value in pair.kinds]


def asked_until(pair: Pair) -> date | None:
    """Return until when the two bodies answer; None when they are not being asked."""
    return pair.questions.filter(closed_at=None).aggregate(day=Max("due_on"))["day"]
