# SPDX-License-Identifier: EUPL-1.2
"""Reads over recipients: who may see whom, and how one is found by its codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts.permissions import Permission
from beneficiaries.models import Beneficiary, EligibilityCheck
from beneficiaries.selectors.counting import MEANT_ENROLMENTS
from partners.models import Country
from partners.permissions import organisations_with


def beneficiaries_for(user: Any) -> QuerySet[Beneficiary]:
    """Return the recipients that the person may see, the newest first, with `activities` (in how many enrolled).

    A record that became part of another stays in the list of the body that registered it, which knows no other.
    """
    own = [body.pk for body in organisations_with(user, Permission.VIEW_BENEFICIARIES)]
    return (
        Beneficiary.objects.visible_to(user)
        .filter(Q(merged_into__isnull=True) | Q(registered_by__in=own))
        .select_related("target_group", "citizenship", "registered_by", "programme")
        .annotate(activities=Count("enrolments", filter=MEANT_ENROLMENTS, distinct=True))
        .order_by("-created_at", "-pk")
    )


@dataclass(frozen=True)
class Counted:
    """How many records a list is about (gross), how many persons those are (unique)."""

    records: int
    persons: int


# Whoever became part of another counts as the one that remains, which the reader may not see; an undecided pair is one.
_COUNTED = """
WITH RECURSIVE seen AS MATERIALIZED (
    SELECT id, merged_into_id, counted_as_id FROM ({records}) AS record
), above AS (
    SELECT merged_into_id AS id FROM seen WHERE merged_into_id IS NOT NULL
     UNION
    SELECT record.merged_into_id FROM above JOIN beneficiaries_beneficiary AS record ON record.id = above.id
     WHERE record.merged_into_id IS NOT NULL
)
SELECT (SELECT count(*) FROM seen), count(DISTINCT person) FROM (
    SELECT coalesce(counted_as_id, id) AS person FROM seen WHERE merged_into_id IS NULL
     UNION ALL
    SELECT coalesce(record.counted_as_id, record.id)
      FROM above JOIN beneficiaries_beneficiary AS record ON record.id = above.id WHERE record.merged_into_id IS NULL
) AS persons
"""


def counted(records: QuerySet[Beneficiary]) -> Counted:
    """Return how many records a selection holds, those that became part of others too, and how many persons. One query."""
    rows = records.order_by().values("id", "merged_into_id", "counted_as_id")
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:  # whoever sees no record at all
        return Counted(0, 0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.replace("{records}", sql), parameters)
        return Counted(*cursor.fetchone())


def find_beneficiary(*, programme_id: int, code: str, bodies: Iterable[Any]) -> Beneficiary | None:
    """Return the recipient with this pseudonym in the programme, or with this own code in one of the bodies.

    The pseudonym cannot be guessed: whoever holds it received it from the body that registered the person.
    """
    code = " ".join(code.split())
    found = (
        Beneficiary.objects.filter(programme=programme_id)
        .filter(
            Q(pseudonym=normal_pseudonym(code))
            | Q(local_code__iexact=code, registered_by__in=[body.pk for body in bodies])
        )
        .select_related("target_group", "citizenship", "registered_by")
        .order_by("pk")
    )
    return found.first()


def normal_pseudonym(text: str) -> str:
    """Return a typed pseudonym as it is kept: capitals, one dash, however it was typed."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    return f"{plain[:4]}-{plain[4:]}"


def checks_of(beneficiary: Beneficiary) -> QuerySet[EligibilityCheck]:
    """Return the decisions on the eligibility of a recipient, the newest first."""
    return beneficiary.eligibility_checks.select_related("by", "on_behalf_of").order_by("-at", "-pk")[:50]


def countries() -> QuerySet[Country]:
    """Return the countries of the official list, by name."""
    return Country.objects.order_by("name", "pk")


def with_own_code(recipients: QuerySet[Any], own: Iterable[int]) -> QuerySet[Beneficiary]:
    """Return those of a selection of ids whose own code the reader sees, with nothing but who registered them."""
    found = Beneficiary.objects.filter(pk__in=recipients, registered_by__in=list(own), restricted_at__isnull=True)
    return found.only("pk", "registered_by_id", "restricted_at", "local_code").order_by("pk")
