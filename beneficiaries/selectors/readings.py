# SPDX-License-Identifier: EUPL-1.2
"""Reads over the record of readings: whose data were read, by whom, and who reads unusually much."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import ActionNetwork, Programme
from beneficiaries.models import Beneficiary, ReadEntry
from fami_portal.core.documents import kinds
from partners.models import Membership, Organisation

WINDOW = timedelta(hours=1)

# What the entry of an opened file calls its page: this, then the kind of the document.
FILE_PAGE = "document:"

# The pages as people call them; one that is not here is told by its kind alone.
PAGES: dict[str, Promise] = {
    "beneficiaries:beneficiary": _("Page of the recipient"),
    "beneficiaries:beneficiary-edit": _("Correction of the recipient"),
    "beneficiaries:beneficiary-list": _("List of the recipients"),
    "beneficiaries:beneficiary-export": _("File of the recipients"),
    "beneficiaries:not-counted-list": _("List of those not counted"),
    "beneficiaries:not-counted-export": _("File of those not counted"),
    "beneficiaries:register": _("Register of an activity"),
    "beneficiaries:enrolment": _("Enrolment in an activity"),
    "beneficiaries:supports": _("Persons followed"),
    "beneficiaries:support": _("Support to a person or household"),
    "beneficiaries:support-due": _("Follow-ups"),
    "beneficiaries:sheet": _("Official sheet of the recipient"),
    "beneficiaries:sheet-export": _("File of an official sheet, with names"),
    "beneficiaries:register-print": _("Printed register"),
    "beneficiaries:certificates": _("Certificates of attendance"),
    "beneficiaries:register-block": _("Register as a spreadsheet"),
    "beneficiaries:identity": _("Name of the recipient"),
    "beneficiaries:break-glass-open": _("Exceptional opening"),
    "beneficiaries:pair": _("Possible duplicate"),
    "beneficiaries:question-list": _("Data to confirm"),
    "beneficiaries:question": _("Data to confirm"),
    "beneficiaries:outcomes": _("Outcomes of an activity"),
    "beneficiaries:notice-renewals": _("List of those to be informed again"),
    "privacy:request": _("Request of a person"),
    "privacy:task": _("Search for a request of a person"),
    "privacy:copy": _("Copy of the data of a person"),
}


def readings_for(user: Any) -> QuerySet[ReadEntry]:
    """Return the readings that the person may see, newest first.

    The head of a body: of the recipients that the body registered, and of its files. The officer: of recipients and
    files of the own programmes, and of files that bodies of these programmes keep for themselves.
    """
    bodies = Membership.objects.granting(user, Permission.SEE_READINGS, Scope.BODY).values("organisation")
    programmes = Programme.objects.reached_by(user, Permission.SEE_READINGS).values("pk")
    in_list = Func(
        F("pk"), OuterRef("subjects"), template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField()
    )
    read = Beneficiary.objects.filter(in_list, programme__in=programmes)
    files = Q(document__isnull=False) & (
        Q(programme__in=programmes)
        | Q(programme__isnull=True, chain__organisation__in=Subquery(_bodies_of(programmes)))
    )
    return (
        ReadEntry.objects.filter(Q(chain__organisation__in=bodies) | Exists(read) | files)
        .select_related("chain__organisation", "actor", "activity")
        .annotate(persons=Func(F("subjects"), function="cardinality"))
        .order_by("-pk")
    )


def _bodies_of(programmes: QuerySet[Any]) -> QuerySet[Any]:
    """Return the ids of the bodies that have a part in programmes, by themselves or through a network."""
    networks = ActionNetwork.objects.filter(action__programme__in=programmes).values("network")
    return (
        Organisation.objects.filter(
            Q(programme_parts__programme__in=programmes) | Q(network_stays__network__in=networks)
        )
        .order_by()
        .values("pk")
    )


def recipients_with_readings(user: Any) -> QuerySet[Beneficiary]:
    """Return the recipients of whom the person may see who read them."""
    bodies = Membership.objects.granting(user, Permission.SEE_READINGS, Scope.BODY).values("organisation")
    programmes = Programme.objects.reached_by(user, Permission.SEE_READINGS).values("pk")
    return Beneficiary.objects.filter(Q(registered_by__in=bodies) | Q(programme__in=programmes))


def single_recipients(user: Any, entries: Iterable[ReadEntry]) -> dict[int, UUID]:
    """Return, for the readings of a single recipient, its public id, where the person may see who read it. One query."""
    single = {entry.pk: entry.subjects[0] for entry in entries if len(entry.subjects) == 1}
    found = dict(
        recipients_with_readings(user).filter(pk__in=set(single.values())).order_by("pk").values_list("pk", "uuid")
    )
    return {entry: found[subject] for entry, subject in single.items() if subject in found}


def readings_of(beneficiary: Beneficiary) -> QuerySet[ReadEntry]:
    """Return the readings of one recipient, newest first."""
    return (
        ReadEntry.objects.filter(subjects__contains=[beneficiary.pk])
        .select_related("chain__organisation", "actor", "activity")
        .order_by("-pk")
    )


def page_label(entry: ReadEntry) -> Any:
    """Return how people call the page or file of a reading."""
    if entry.page.startswith(FILE_PAGE):
        kind = kinds().get(entry.page.removeprefix(FILE_PAGE))
        return kind.label if kind is not None else ""
    return PAGES.get(entry.page, "")


def unusual_readers(at: datetime, limit: int) -> list[tuple[int, set[int]]]:
    """Return who read more than `limit` distinct recipients and files in the hour before a moment, with the programmes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH recent AS (
                SELECT actor_id, subjects, document, programme_id
                  FROM beneficiaries_readentry WHERE at > %s AND at <= %s),
            -- A file of unknown persons is as much as one.
            read (actor_id, programme_id, what) AS (
                SELECT actor_id, person.programme_id, 'person ' || person.id
                  FROM recent
                  CROSS JOIN LATERAL unnest(subjects) AS one (subject)
                  JOIN beneficiaries_beneficiary person ON person.id = one.subject
                 UNION ALL
                SELECT actor_id, programme_id, 'file ' || document
                  FROM recent WHERE document IS NOT NULL AND subjects = '{}' AND programme_id IS NOT NULL)
            SELECT actor_id, array_agg(DISTINCT programme_id)
              FROM read
             GROUP BY actor_id
            HAVING count(DISTINCT what) > %s
             ORDER BY actor_id
            """,
            [at - WINDOW, at, limit],
        )
        return [(actor, set(programmes)) for actor, programmes in cursor.fetchall()]
