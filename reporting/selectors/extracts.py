# SPDX-License-Identifier: EUPL-1.2
"""What an evaluator's extract is made of: supports from the frozen facts, pseudonyms, tables (ADR 20)."""

import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope
from actions.models import Period, Programme
from actions.permissions import reaches_programme
from fami_portal.core.models import Document, Job
from fami_portal.core.nav import Waiting
from fami_portal.core.vault import fingerprint_key
from partners.models import Network, Organisation
from partners.permissions import holds, memberships_of
from reporting.enums import ExtractState, FactKind
from reporting.models import ActivityReport, Extract
from reporting.selectors import suppression
from reporting.selectors.anonymity import OTHER_COUNTRY, THIRD_COUNTRY, Support
from reporting.selectors.as_of import AsOf

JOB_KIND = "extract"
DOCUMENT_KIND = "extract"
# How often the content of the files was defined anew; the codebook says it.
FORMAT = "fami-extract/1"

# --- who and which -------------------------------------------------------------------------------------------------


def can_see_extracts(user: Any) -> bool:
    """Whether the menu shows the extracts: to evaluators, to those who approve them, to the officer."""
    return (
        holds(user, Permission.EXTRACT_DATA)
        or holds(user, Permission.MANAGE_PROGRAMME)
        or any(
            Permission.SEE_READINGS in membership.role_definition.permissions
            and membership.role_definition.scope == Scope.PROGRAMME
            for membership in memberships_of(user)
        )
    )


def evaluator_of(user: Any, programme: Programme) -> Organisation | None:
    """Return the body for which the person evaluates a programme, or None."""
    if not reaches_programme(user, Permission.EXTRACT_DATA, programme.pk):
        return None
    return next(
        (
            membership.organisation
            for membership in memberships_of(user)
            if Permission.EXTRACT_DATA in membership.role_definition.permissions
            and programme.bodies.filter(organisation=membership.organisation_id).exists()
        ),
        None,
    )


def extracts_for(user: Any) -> QuerySet[Extract]:
    """Return the extracts that the person may see, newest first."""
    return Extract.objects.visible_to(user).with_parts().order_by("-requested_at", "-pk")


def programmes_to_ask(user: Any) -> QuerySet[Programme]:
    """Return the programmes of which the person may ask an extract."""
    return Programme.objects.reached_by(user, Permission.EXTRACT_DATA).order_by("title", "pk")


def ended_periods(programme: Programme, day: date) -> list[Period]:
    """Return the whole periods of a programme that are over, in order."""
    return list(Period.objects.filter(programme=programme, ends_on__lt=day).order_by("starts_on"))


def in_the_way(*, programme: Programme, organisation: Organisation, first: Period, last: Period) -> Extract | None:
    """Return an extract of the same evaluator whose days overlap with these; none may be asked beside it."""
    return (
        Extract.objects.with_parts()
        .filter(programme=programme, organisation=organisation)
        .exclude(state=ExtractState.REFUSED)
        .filter(first_period__starts_on__lte=last.ends_on, last_period__ends_on__gte=first.starts_on)
        .order_by("pk")
        .first()
    )


def extracts_panel(user: Any) -> Iterator[Waiting]:
    """The requests that wait for the regional coordinator (one query)."""
    if not holds(user, Permission.MANAGE_PROGRAMME):
        return
    waiting = (
        Extract.objects.with_parts()
        .filter(
            state=ExtractState.REQUESTED,
            programme__in=Programme.objects.reached_by(user, Permission.MANAGE_PROGRAMME).values("pk"),
        )
        .exclude(requested_by=user)
        .order_by("requested_at", "pk")[:10]
    )
    for extract in waiting:
        yield Waiting(
            _("Decide on the extract asked for by %(body)s") % {"body": extract.organisation.name},
            extract.get_absolute_url(),
            status=_("To be decided"),
            colour="info",
            context=extract.programme.title,
        )


def missing_reports(extract: Extract) -> int:
    """Return how many activity reports of the periods are not validated: what they say would be missing for ever."""
    return (
        ActivityReport.objects.filter(
            programme=extract.programme_id,
            period__starts_on__gte=extract.first_period.starts_on,
            period__ends_on__lte=extract.last_period.ends_on,
        )
        .without_figures()
        .count()
    )


def may_see_job(user: Any, job: Job) -> bool:
    """Whether the person may follow the production of an extract."""
    return Extract.objects.visible_to(user).filter(pk=job.subject_id).exists()


def may_open_document(user: Any, document: Document) -> bool:
    """Never by its address alone: the file is opened from the page of the extract, and the opening is recorded."""
    return False


def code_lists(programme: Programme) -> dict[str, list[tuple[str, str]]]:
    """Return the programme's own codes with their titles, by name of the variable (four queries)."""
    networks = Network.objects.filter(activities__programme=programme).distinct()
    return {
        "action": list(programme.actions.order_by("position", "code").values_list("code", "title")),
        "group": list(programme.target_groups.order_by("code").values_list("code", "title")),
        "network": list(networks.order_by("code").values_list("code", "name")),
        "activity_type": list(programme.activity_types.order_by("code").values_list("code", "title")),
    }


# --- pseudonyms ----------------------------------------------------------------------------------------------------


def pseudonym_key(*, programme: Programme, organisation: Organisation) -> bytes:
    """Return the key of the pseudonyms that one evaluator gets in one programme; another's cannot be worked out of it."""
    words = f"extract\0{programme.uuid}\0{organisation.uuid}".encode()
    return hmac.new(fingerprint_key(), words, hashlib.sha256).digest()


def pseudonym(key: bytes, person: int) -> str:
    """Return how one evaluator knows a person, the same in all its extracts: 80 bits, nothing of the portal's pseudonym."""
    digest = hmac.new(key, f"person\0{person}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode()


# --- supports ------------------------------------------------------------------------------------------------------

_SUPPORTS = """
WITH served AS (
    SELECT fact.unit_id AS person_id, fact.activity_id, min(fact.first_on) AS first_on,
           sum(fact.meetings)::int AS meetings, sum(fact.minutes)::int AS minutes,
           (array_agg(fact.sex ORDER BY fact.first_on, fact.id))[1] AS sex,
           (array_agg(fact.age_band ORDER BY fact.first_on, fact.id))[1] AS age_band,
           (array_agg(fact.target_group_id ORDER BY fact.first_on, fact.id))[1] AS target_group_id,
           bool_or(fact.eligible) AS eligible, min(fact.action_id) AS action_id,
           min(fact.activity_type_id) AS activity_type_id, min(fact.network_id) AS network_id,
           min(fact.organisation_id) AS organisation_id, min(fact.source_id) AS enrolment_id
      FROM reporting_validatedfact AS fact
     WHERE fact.programme_id = %(programme)s AND fact.kind = %(kind)s
       AND fact.posted_in_id <= %(posting)s
       AND (fact.superseded_in_id IS NULL OR fact.superseded_in_id > %(posting)s)
       AND fact.month BETWEEN date_trunc('month', %(starts_on)s::date) AND %(ends_on)s
       AND fact.first_on BETWEEN %(starts_on)s AND %(ends_on)s
     GROUP BY 1, 2
)
SELECT served.person_id, served.sex, served.age_band, country.name, country.is_third_country,
       coalesce(target_group.code, ''), action.code, network.code, organisation.name, activity_type.code,
       served.first_on, served.eligible, served.meetings, served.minutes,
       coalesce(enrolment.entry_level, ''), coalesce(enrolment.exit_level, ''), served.enrolment_id,
       person.restricted_at IS NOT NULL
  FROM served
  JOIN beneficiaries_beneficiary AS person ON person.id = served.person_id
  JOIN partners_country AS country ON country.id = person.citizenship_id
  JOIN actions_action AS action ON action.id = served.action_id
  JOIN partners_network AS network ON network.id = served.network_id
  JOIN partners_organisation AS organisation ON organisation.id = served.organisation_id
  JOIN actions_activitytype AS activity_type ON activity_type.id = served.activity_type_id
  LEFT JOIN actions_targetgroup AS target_group ON target_group.id = served.target_group_id
  LEFT JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = served.enrolment_id
 ORDER BY served.person_id, served.first_on, served.activity_id
"""
_OUTCOMES = """
SELECT outcome.enrolment_id, outcome.kind, outcome.state
  FROM beneficiaries_outcome AS outcome
 WHERE outcome.superseded_at IS NULL AND outcome.enrolment_id = ANY(%(enrolments)s)
 ORDER BY outcome.enrolment_id, outcome.kind
"""


@dataclass(frozen=True)
class Served:
    """The supports of the persons of a window, in the order of their first presence, and who is restricted."""

    supports: dict[int, list[Support]]
    restricted: frozenset[int]


def served(*, programme: Programme, posting: AsOf, first: Period, last: Period) -> Served:
    """Return the supports with presences inside whole periods, from the facts live as of a posting (three queries).

    Nothing is read of who they are beside the citizenship: no own code, birth date or name.
    """
    periods = list(
        Period.objects.filter(programme=programme, starts_on__gte=first.starts_on, ends_on__lte=last.ends_on).order_by(
            "starts_on"
        )
    )
    parameters: dict[str, Any] = {
        "programme": programme.pk,
        "kind": FactKind.ATTENDANCE.value,
        "posting": posting.id,
        "starts_on": first.starts_on,
        "ends_on": last.ends_on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUPPORTS, parameters)
        rows = cursor.fetchall()
        cursor.execute(_OUTCOMES, {"enrolments": [row[16] for row in rows]})
        outcomes: dict[int, dict[str, str]] = {}
        for enrolment, kind, state in cursor.fetchall():
            outcomes.setdefault(enrolment, {})[kind] = state
    found: dict[int, list[Support]] = {}
    restricted = set()
    for row in rows:
        if row[17]:
            restricted.add(row[0])
        found.setdefault(row[0], []).append(
            Support(
                sex=row[1],
                age_band=row[2],
                citizenship=row[3],
                third_country=row[4],
                group=row[5],
                action=row[6],
                network=row[7],
                body=row[8],
                activity_type=row[9],
                period=_period_of(periods, row[10]),
                eligible=row[11],
                meetings=row[12],
                minutes=row[13],
                entry_level=row[14],
                exit_level=row[15],
                outcomes=outcomes.get(row[16], {}),
            )
        )
    return Served(found, frozenset(restricted))


def _period_of(periods: Sequence[Period], day: date) -> str:
    return next((period.code for period in periods if period.starts_on <= day <= period.ends_on), "")


# --- tables --------------------------------------------------------------------------------------------------------

# What each person is counted by; where several supports say different things, the first one speaks.
DIMENSIONS = ("action", "network", "group", "sex", "age_band", "citizenship")
TABLES = (
    ("action", "group"),
    ("action", "sex"),
    ("action", "age_band"),
    ("action", "citizenship"),
    ("network", "sex"),
    ("network", "age_band"),
    ("group", "sex"),
    ("sex", "age_band"),
)


@dataclass(frozen=True)
class CrossTable:
    """One table ready to be written: rows and columns with their totals; None is a hidden cell."""

    first: str
    second: str
    rows: list[suppression.Category]
    columns: list[suppression.Category]
    cells: dict[tuple[Any, Any], int | None]
    row_totals: dict[Any, int]
    column_totals: dict[Any, int]
    total: int


def cross_tables(supports: Mapping[int, Sequence[Support]]) -> list[CrossTable]:
    """Return the tables of an extract over the same persons, protected together; none when they are fewer than five."""
    records: Counter[suppression.Record] = Counter()
    for rows in supports.values():
        support = rows[0]
        area = THIRD_COUNTRY if support.third_country else OTHER_COUNTRY
        records[support.action, support.network, support.group, support.sex, support.age_band, area] += 1
    places = [(DIMENSIONS.index(first), DIMENSIONS.index(second)) for first, second in TABLES]
    found = suppression.protected(suppression.recoded(records), places)
    if not found.cells:
        return []
    return [
        CrossTable(
            first=DIMENSIONS[i],
            second=DIMENSIONS[j],
            rows=list(found.totals[i]),  # type: ignore[arg-type]
            columns=list(found.totals[j]),  # type: ignore[arg-type]
            cells=found.table(i, j),
            row_totals=found.totals[i],
            column_totals=found.totals[j],
            total=found.total,
        )
        for i, j in places
    ]
