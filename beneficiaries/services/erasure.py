# SPDX-License-Identifier: EUPL-1.2
"""Destroying who a recipient is, and making its record anonymous: what was counted stays (art. 17 GDPR, design 6).

Validated facts, ledger, registers and reports stand on the record, not on the person: they do not change. A sentence of
a body, a date of birth, a folder with a paper lead back to somebody: they go, from the two records of history too. The
pseudonym stays, as evidence of the figures; the bodies are asked to destroy the lists that would explain it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from beneficiaries.models import (
    Beneficiary,
    BreakGlass,
    EligibilityCheck,
    Enrolment,
    Fingerprint,
    Identity,
    Intervention,
    Merge,
    OperatorSheet,
    Outcome,
    Pair,
    Restriction,
    Support,
    ThirdCountrySheet,
)
from beneficiaries.selectors import age_band, age_on
from beneficiaries.services.merging import take_merging
from beneficiaries.signals import persons_changing
from fami_portal.core.errors import DomainError
from fami_portal.core.redaction import redact_history, redact_reasons
from fami_portal.core.services import acting, record_events

# Asked with ids of records, returns those that may not be erased now (a legal hold, kept by an app above).
HoldProvider = Callable[[Collection[int]], Collection[int]]
# Asked with ids of records, destroys the files that carry their names; `by` and `at` as in the services.
FileDestroyer = Callable[[Collection[int], Any, datetime], None]
_holds: list[HoldProvider] = []
_files: list[FileDestroyer] = []


def register_hold(provider: HoldProvider) -> None:
    """Let an app say which records may not be erased; called when it is ready."""
    if provider not in _holds:
        _holds.append(provider)


def register_identity_files(destroyer: FileDestroyer) -> None:
    """Let a room destroy the files that carry the names of recipients; called when the app is ready."""
    if destroyer not in _files:
        _files.append(destroyer)


@dataclass(frozen=True)
class Cleared:
    """What of a model describes a person: where the record is (lookups), and the neutral values that take its place.

    `history` are the columns that row history keeps all the same, and that go from there too.
    """

    model: type[models.Model]
    paths: tuple[str, ...]
    values: Mapping[str, Any]
    history: tuple[str, ...] = field(default=())


# Who adds a model that describes a person adds its row here (a test compares).
CLEARED: list[Cleared] = [
    Cleared(Enrolment, ("beneficiary",), {"withdrawal_reason": "", "certificate_number": ""}),
    Cleared(
        EligibilityCheck,
        ("beneficiary",),
        {"kept_at": "", "reason": "", "expires_on": None, "permit": None},
        history=("kept_at", "expires_on"),
    ),
    Cleared(Restriction, ("beneficiary",), {"reason": ""}),
    Cleared(
        ThirdCountrySheet,
        ("beneficiary",),
        {
            "first_specific": None,
            "second_specific": None,
            "third_specific": None,
            "education": None,
            "origin_work": None,
            "permit_note": "",
        },
    ),
    Cleared(OperatorSheet, ("beneficiary",), {"employer": "", "public_body": "", "trainings": []}),
    # A better level stands on a paper, wherever it is kept: the place alone goes.
    Cleared(Outcome, ("enrolment__beneficiary",), {"kept_at": "–"}),
    # The words about a household are about each of its members: they go with the first of them.
    Cleared(Support, ("members__enrolment__beneficiary",), {"code": "", "end_note": ""}),
    Cleared(
        Intervention,
        ("support__members__enrolment__beneficiary",),
        {"note": "", "next_step": "", "next_step_on": None},
        history=("next_step_on",),
    ),
    Cleared(BreakGlass, ("beneficiary",), {"details": "", "note": ""}),
    Cleared(Merge, ("survivor", "merged"), {"reason": "", "undo_reason": ""}),
    Cleared(Pair, ("first", "second"), {"reason": ""}),
]


class ErasureRefusedError(DomainError):
    """Something forbids the erasure now; the sentence says what to do first."""


def records_of_person(ids: Iterable[int]) -> list[int]:
    """Return the ids of all records that are the same persons as some records: merged into one another. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE same AS (
                SELECT unnest(%s::bigint[]) AS id
                 UNION
                SELECT CASE WHEN one.id = same.id THEN one.merged_into_id ELSE one.id END
                  FROM same JOIN beneficiaries_beneficiary AS one
                    ON (one.id = same.id AND one.merged_into_id IS NOT NULL) OR one.merged_into_id = same.id
            )
            SELECT id FROM same ORDER BY id
            """,
            [list(ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def kept_birth_date(born: date, *, starts: Collection[date], minimum: int | None, maximum: int | None) -> date:
    """Return the day that stays in the place of a birth date: 1 January of its year, if no figure changes with it.

    `starts` are the days on which the person's supports began, `minimum` and `maximum` the ages of its group in years.
    Where another age band or another answer to "inside the group?" would come out, the day on which a support began
    takes its place: it says of the birthday only what the figures say already.
    """

    def counted(day: date) -> list[tuple[str, bool]]:
        ages = [age_on(day, start) for start in starts]
        return [(age_band(age), (minimum or 0) <= age <= (999 if maximum is None else maximum)) for age in ages]

    def in_year(day: date) -> date:
        return date(born.year, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)

    wanted = counted(born)
    days = [date(born.year, 1, 1), *sorted({in_year(start) for start in starts}), date(born.year, 12, 31)]
    return next((day for day in days if counted(day) == wanted), born)


def destroy_identities(*, beneficiaries: Iterable[Beneficiary], by: Any, at: datetime, reason: str) -> int:
    """Destroy for good the names and codes that bodies wrote of these records, and the files that carry them.

    Of these records alone: whoever is destroyed as a person passes all its records (`records_of_person`). `reason` is
    kept in the record of acts and names nobody. What was destroyed before stays as it is. Returns how many identities
    went. Raises `ErasureRefusedError` under a legal hold or a restriction: then nothing is.
    """
    ids = sorted({one.pk for one in beneficiaries})
    with acting(by):
        people = _locked(ids)
        _check_free(people)
        return _destroy(people, by, at, reason)


def anonymise(*, beneficiaries: Iterable[Beneficiary], by: Any, at: datetime, reason: str) -> list[int]:
    """Make persons anonymous, with every record that is the same person; return the ids of the records that changed.

    Names, codes, fingerprints and files are destroyed; the own code becomes a neutral one, the birth date the least
    precise one that keeps every figure (`kept_birth_date`), free texts go. Enrolments, presences, facts and totals
    stay. A constant number of queries; records of one programme or of several. Doing it again changes nothing.
    Raises `ErasureRefusedError` under a legal hold or a restriction of one of the records: then none is touched.
    """
    given = list(beneficiaries)
    with acting(by):
        # As every act that moves figures: heads, then merges, then rows. A report that is being frozen is waited for,
        # and so is a merge: after it the person has one record more.
        programmes = sorted({one.programme_id for one in given})
        for programme_id in programmes:
            persons_changing.send(sender=Beneficiary, programme_id=programme_id)
        for programme_id in programmes:
            take_merging(programme_id)
        people = _locked(records_of_person(one.pk for one in given))
        _check_free(people)
        waiting = [one for one in people if one.anonymised_at is None]
        if not waiting:
            return []
        _destroy(waiting, by, at, reason)
        _reduce(waiting, at)
        _clear([one.pk for one in waiting])
        record_events(by=by, verb="anonymised", targets=waiting, reason=reason, at=at)
    return [one.pk for one in waiting]


def _locked(ids: Sequence[int]) -> list[Beneficiary]:
    # The strong lock: whoever enrols the person or writes its name is waited for.
    return list(
        Beneficiary.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("target_group")
        .order_by("pk")
    )


def _check_free(people: Sequence[Beneficiary]) -> None:
    restricted = [one.pseudonym for one in people if one.restricted_at is not None and one.anonymised_at is None]
    if restricted:
        raise ErasureRefusedError(
            _("The processing of %(record)s is restricted: lift the restriction first, then erase.")
            % {"record": ", ".join(restricted[:3])}
        )
    ids = [one.pk for one in people]
    held = {pk for provider in _holds for pk in provider(ids)}
    names = [one.pseudonym for one in people if one.pk in held]
    if names:
        raise ErasureRefusedError(
            _("%(record)s is under a legal hold: nothing of it can be erased until the hold ends.")
            % {"record": ", ".join(names[:3])}
        )


def _destroy(people: Sequence[Beneficiary], by: Any, at: datetime, reason: str) -> int:
    ids = [one.pk for one in people]
    identities = Identity.objects.filter(beneficiary__in=ids, destroyed_at__isnull=True)
    written = set(identities.order_by("pk").values_list("beneficiary_id", flat=True))
    for destroyer in _files:
        destroyer(ids, by, at)
    Fingerprint.objects.filter(beneficiary__in=ids).delete()
    number = identities.update(given_name=b"", family_name=b"", tax_code=b"", destroyed_at=at, version=F("version") + 1)
    record_events(
        by=by,
        verb="identities_destroyed",
        targets=[one for one in people if one.pk in written],
        reason=reason,
        at=at,
    )
    return number


def _reduce(people: Sequence[Beneficiary], at: datetime) -> None:
    """Replace own code and birth date; what the supports of one person say of its age counts for all its records."""
    ids = [one.pk for one in people]
    starts: dict[int, set[date]] = {}
    above = {one.pk: one.merged_into_id for one in people}

    def root(pk: int) -> int:
        parent = above.get(pk)
        return pk if parent is None else root(parent)

    # With those that count as one of these until a pair is decided: figures read this birth date for them too.
    enrolled = Enrolment.objects.filter(
        Q(beneficiary__in=ids) | Q(beneficiary__counted_as__in=ids) | Q(beneficiary__merged_into__counted_as__in=ids)
    ).order_by("pk")
    for own, counted, above_counted, day in enrolled.values_list(
        "beneficiary_id", "beneficiary__counted_as", "beneficiary__merged_into__counted_as", "enrolled_on"
    ):
        starts.setdefault(root(own if own in above else counted or above_counted or own), set()).add(day)
    for one in people:
        group = one.target_group
        one.local_code = f"ANON-{one.pk}"
        one.birth_date = kept_birth_date(
            one.birth_date,
            starts=starts.get(root(one.pk), set()),
            minimum=group.minimum_age,
            maximum=group.maximum_age,
        )
        one.anonymised_at = at
        one.version += 1
    Beneficiary.objects.bulk_update(people, ["local_code", "birth_date", "anonymised_at", "version"], 500)


def _clear(ids: Sequence[int]) -> None:
    for row in CLEARED:
        for path in row.paths:
            found = row.model._default_manager.filter(**{f"{path}__in": ids})
            keys = list(found.order_by("pk").values_list("pk", flat=True))
            if not keys:
                continue
            if row.values:
                row.model._default_manager.filter(pk__in=keys).update(**row.values)
            if row.history:
                redact_history(row.model, keys, row.history)
            redact_reasons(row.model, keys)
    redact_reasons(Beneficiary, ids)
