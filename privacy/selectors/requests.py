# SPDX-License-Identifier: EUPL-1.2
"""Reads over requests of persons: terms, lists, records that may be of the person, bodies to ask, timeliness."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from beneficiaries.enums import EXACT_FINGERPRINTS, FingerprintKind, Similarity
from beneficiaries.models import Beneficiary, Enrolment, Fingerprint, Identity
from beneficiaries.selectors.matching import fingerprints_of, is_common, similarity_of
from fami_portal.core.nav import Waiting
from partners.models import NetworkMember, Organisation
from partners.permissions import holds, organisations_with
from privacy.enums.requests import TaskPurpose
from privacy.models import RightsMatch, RightsRequest, RightsTask
from privacy.workflow import RIGHTS

# Reg. (UE) 2016/679, art. 12(3).
MONTHS = 1
MONTHS_MORE = 2


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month (Reg. 1182/71, art. 3(2)(c))."""
    place = day.month - 1 + months
    year, month = day.year + place // 12, place % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def requests_for(user: Any) -> QuerySet[Any]:
    """Return the requests that the person handles: open ones first, the nearest term at the top."""
    return (
        RightsRequest.objects.visible_to(user)
        .select_related("programme")
        .annotate(
            tasks_open=Count("tasks", filter=Q(tasks__answer=""), distinct=True),
            tasks_all=Count("tasks", distinct=True),
        )
        .order_by(F("answered_at").asc(nulls_first=True), "due_on", "-pk")
    )


def tasks_for(user: Any) -> QuerySet[RightsTask]:
    """Return the tasks of the own bodies, those to be answered first."""
    bodies = [one.pk for one in organisations_with(user, Permission.ANSWER_RIGHTS_TASKS)]
    return (
        RightsTask.objects.filter(organisation__in=bodies)
        .select_related("request__programme", "organisation")
        .order_by(F("answered_at").asc(nulls_first=True), "due_on", "-pk")
    )


@dataclass(frozen=True)
class Timeliness:
    """How many requests were answered within their term, and how many were not, or are late now."""

    answered: int
    in_time: int
    open: int
    late: int


def timeliness(found: QuerySet[RightsRequest], day: date) -> Timeliness:
    """Return the figure of a selection. One query."""
    done = Q(answered_at__isnull=False)
    return Timeliness(
        **found.order_by()
        .annotate(answered_on=TruncDate("answered_at"))
        .aggregate(
            answered=Count("pk", filter=done, distinct=True),
            in_time=Count("pk", filter=done & Q(answered_on__lte=F("due_on")), distinct=True),
            open=Count("pk", filter=~done, distinct=True),
            late=Count("pk", filter=~done & Q(due_on__lt=day), distinct=True),
        )
    )


# --- the records of the person ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A record that may be of the person: what agrees, never who it is."""

    beneficiary_id: int
    token: str
    similarity: Similarity
    kinds: Sequence[str]


def same_code(programme: Any, tax_code: str) -> list[int]:
    """Return the records of a programme with this tax code. Raises `TaxCodeError` for a code that cannot be one."""
    found = [
        digest
        for kind, digest in fingerprints_of(
            programme_uuid=programme.uuid, given_name="", family_name="", birth_date=date(1, 1, 1), tax_code=tax_code
        )
        if kind in EXACT_FINGERPRINTS
    ]
    rows = Fingerprint.objects.filter(
        digest__in=found, kind__in=EXACT_FINGERPRINTS, beneficiary__programme=programme.pk
    )
    return sorted(set(rows.order_by("pk").values_list("beneficiary_id", flat=True)))


def alike(
    programme: Any, *, given_name: str, family_name: str, birth_date: date, without: Iterable[int] = ()
) -> list[Candidate]:
    """Return the records whose names and birth date agree or nearly do, the most alike first. Two queries."""
    wanted = fingerprints_of(
        programme_uuid=programme.uuid, given_name=given_name, family_name=family_name, birth_date=birth_date
    )
    known = set(without)
    kinds: dict[int, set[str]] = {}
    rows = Fingerprint.objects.filter(
        digest__in=[digest for _kind, digest in wanted], beneficiary__programme=programme.pk
    ).order_by("pk")
    for beneficiary_id, kind in rows.values_list("beneficiary_id", "kind"):
        if beneficiary_id not in known:
            kinds.setdefault(beneficiary_id, set()).add(kind)
    first = (birth_date.month, birth_date.day) == (1, 1)
    common = is_common(given_name, family_name)
    tokens = dict(Beneficiary.objects.filter(pk__in=kinds).order_by("pk").values_list("pk", "uuid"))
    order = [Similarity.HIGH, Similarity.MEDIUM, Similarity.LOW]
    found = [
        Candidate(pk, str(tokens[pk]), band, [kind.value for kind in FingerprintKind if kind.value in agreeing])
        for pk, agreeing in kinds.items()
        if (band := similarity_of(sorted(agreeing), first_of_january=first, common=common))
    ]
    return sorted(found, key=lambda one: (order.index(one.similarity), one.beneficiary_id))[:20]


def matches_of(request: RightsRequest) -> list[RightsMatch]:
    """Return the records found, with the body that registered each."""
    found = request.matches.select_related("beneficiary__registered_by", "beneficiary__target_group")
    return list(found.order_by("beneficiary__registered_by__name", "pk"))


def matched_records(request: RightsRequest) -> list[Beneficiary]:
    """Return the records found to be of the person."""
    return list(Beneficiary.objects.filter(pk__in=request.matches.values("beneficiary")).order_by("pk"))


def bodies_involved(beneficiaries: Iterable[int]) -> QuerySet[Organisation]:
    """Return who may hold something of these records: who registered, wrote the name, kept a register, hosted it."""
    ids = list(beneficiaries)
    enrolled = Enrolment.objects.filter(beneficiary__in=ids)
    return Organisation.objects.filter(
        Q(pk__in=Beneficiary.objects.filter(pk__in=ids).values("registered_by"))
        | Q(pk__in=Identity.objects.filter(beneficiary__in=ids).values("organisation"))
        | Q(pk__in=enrolled.values("activity__organisation"))
        | Q(pk__in=enrolled.filter(activity__venue__isnull=False).values("activity__venue"))
    ).order_by("name", "pk")


def bodies_of_programme(programme_id: int) -> QuerySet[Organisation]:
    """Return the bodies of the networks that carry out a programme."""
    members = NetworkMember.objects.filter(network__action_networks__action__programme=programme_id)
    return Organisation.objects.filter(pk__in=members.values("organisation")).order_by("name", "pk")


def tasks_of(request: RightsRequest) -> list[RightsTask]:
    """Return the tasks of a case, by body."""
    found = request.tasks.select_related("organisation", "answered_by")
    return list(found.order_by("organisation__name", "pk"))


def case_codes(request: RightsRequest) -> dict[int, list[str]]:
    """Return, for each body that holds something under its own codes, those codes."""
    found: dict[int, list[str]] = {}
    for task in request.tasks.filter(purpose=TaskPurpose.SEARCH).exclude(codes=[]).order_by("pk"):
        found.setdefault(task.organisation_id, []).extend(task.codes)
    return found


# --- what waits -------------------------------------------------------------------------------------------------------


def rights_waiting(user: Any) -> Iterable[Waiting]:
    """Return the tasks that the own bodies must answer, and the cases whose term is near. Two queries at most."""
    found = []
    if holds(user, Permission.ANSWER_RIGHTS_TASKS):
        found += [
            Waiting(
                task.get_purpose_display(),
                task.get_absolute_url(),
                due=task.due_on,
                status=task.request.get_kind_display(),
                context=f"{task.organisation} · {task.request.number}",
            )
            for task in tasks_for(user).filter(answer="")[:20]
        ]
    if holds(user, Permission.HANDLE_RIGHTS):
        rows = RightsRequest.objects.visible_to(user).open().select_related("programme").order_by("due_on", "pk")
        found += [
            Waiting(
                f"{row.number}: {row.get_kind_display()}",
                row.get_absolute_url(),
                due=row.due_on,
                status=_("Erasure to be confirmed") if row.awaits_another(user) else row.get_state_display(),
                colour=RIGHTS.colours[row.state],
                context=row.programme.title,
            )
            for row in rows[:20]
        ]
    return found
