# SPDX-License-Identifier: EUPL-1.2
"""Records of one person become one, and apart again; the ledger follows in the same transaction (design 6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import PairState, Similarity
from beneficiaries.models import Attendance, Beneficiary, Merge, Pair
from beneficiaries.permissions import check_can_decide_pair
from beneficiaries.signals import persons_changed, persons_changing
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.services import acting, record_event

# The first number of our advisory locks of two numbers; the second is the programme.
MERGING = 4_101


def take_merging(programme_id: int) -> None:
    """Let one transaction at a time merge records of a programme: chains and circles cannot arise between two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [MERGING, programme_id])


def roots_of(ids: Iterable[int]) -> dict[int, int]:
    """Return the record that remains for each record, however many merges it takes."""
    parent: dict[int, int | None] = {}
    wanted = set(ids)
    while wanted:
        rows = dict(Beneficiary.objects.filter(pk__in=wanted).order_by().values_list("pk", "merged_into_id"))
        parent |= rows
        wanted = {one for one in rows.values() if one is not None and one not in parent}

    def root(one: int) -> int:
        above = parent.get(one)
        return one if above is None else root(above)

    return {one: root(one) for one in parent}


def join(
    *,
    programme_id: int,
    edges: Sequence[tuple[int, int, Pair | None]],
    automatic: bool,
    by: Any,
    at: datetime,
    reason: str = "",
) -> dict[int, int]:
    """Join what each edge names (two ids of records): the newer one that remains becomes part of the older.

    Call it inside `acting`, in a constant number of queries. Returns the joined records with what they became part of.
    Edges whose records are one already are left out.
    """
    take_merging(programme_id)
    roots = roots_of(one for edge in edges for one in edge[:2])
    joined: dict[int, int] = {}

    def last(one: int) -> int:
        found = roots[one]
        while found in joined:
            found = joined[found]
        return found

    merges = []
    for first, second, pair in edges:
        survivor, newer = sorted((last(first), last(second)))
        if survivor == newer:
            continue
        joined[newer] = survivor
        merges.append(
            Merge(
                survivor_id=survivor,
                merged_id=newer,
                pair=pair,
                automatic=automatic,
                reason=reason,
                at=at,
                by_id=_pk(by),
            )
        )
    if merges:
        rows = [
            Beneficiary(pk=newer, merged_into_id=survivor, version=F("version") + 1)
            for newer, survivor in joined.items()
        ]
        Beneficiary.objects.bulk_update(rows, ["merged_into", "version"])
        Merge.objects.bulk_create(merges)
    return joined


def _pk(by: Any) -> int | None:
    return getattr(by, "pk", None)


def have_figures(ids: Iterable[int]) -> bool:
    """Whether joining one of these records can move a figure: it was present somewhere."""
    return Attendance.objects.filter(enrolment__beneficiary__in=list(ids)).exists()


def _decide(pair: Pair, version: int, by: Any) -> Pair:
    # Before the row: a registration that finds the same pair takes them in this order too.
    take_merging(pair.programme_id)
    locked = Pair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if by is not None:
        check_can_decide_pair(by, locked.programme_id, [locked.first_id, locked.second_id])
    if locked.version != version:
        raise StaleError
    return locked


def _write(pair: Pair, state: str, reason: str, by: Any, at: datetime) -> None:
    Pair.objects.filter(pk=pair.pk).update(
        state=state, reason=reason, decided_at=at, decided_by_id=_pk(by), version=F("version") + 1
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(
            _("Write the reason, without names: whoever reads it later must understand it."), field="reason"
        )
    return reason.strip()


def merge(*, pair: Pair, version: int, reason: str, by: Any, at: datetime) -> Merge:
    """Say that the two records of a pair are one person: the newer becomes part of the older, and figures follow.

    Raises `NotPermitted`, `StaleError`, `DomainError` without a reason or when the two are one already.
    """
    text = _reason(reason)
    with acting(by):
        persons_changing.send(sender=Pair, programme_id=pair.programme_id)
        locked = _decide(pair, version, by)
        joined = join(
            programme_id=locked.programme_id,
            edges=[(locked.first_id, locked.second_id, locked)],
            automatic=False,
            reason=text,
            by=by,
            at=at,
        )
        if not joined:
            raise TransitionNotAllowed(_("These two records are one person already."))
        _write(locked, PairState.MERGED, text, by, at)
        made = Merge.objects.get(merged_id=next(iter(joined)), undone_at=None)
        record_event(by=by, verb="pair_merged", target=locked, at=at, data={"merge": made.pk})
        persons_changed.send(sender=Pair, programme_id=locked.programme_id, by=by, at=at, parted=())
    pair.refresh_from_db()
    return made


def keep_apart(*, pair: Pair, version: int, reason: str, by: Any, at: datetime) -> None:
    """Say that the two records of a pair are two persons; they are not proposed again.

    Raises `NotPermitted`, `StaleError`, `DomainError` without a reason or when they are merged (undo that first).
    """
    text = _reason(reason)
    with acting(by):
        locked = _decide(pair, version, by)
        roots = roots_of([locked.first_id, locked.second_id])
        if roots[locked.first_id] == roots[locked.second_id]:
            raise TransitionNotAllowed(_("These two records are one person already: undo the merge first."))
        _write(locked, PairState.APART, text, by, at)
        record_event(by=by, verb="pair_kept_apart", target=locked, at=at)
    pair.refresh_from_db()


def undo_merge(*, made: Merge, reason: str, by: Any, at: datetime) -> None:
    """Take a merge back: the record is a person of its own again, with what was joined to it before, and figures follow.

    The two are written as two persons, so that the same code does not join them again.
    Raises `NotPermitted`, `DomainError` without a reason or when it was undone already.
    """
    text = _reason(reason)
    with acting(by):
        programme_id = Beneficiary.objects.values_list("programme_id", flat=True).get(pk=made.merged_id)
        persons_changing.send(sender=Merge, programme_id=programme_id)
        take_merging(programme_id)
        locked = Merge.objects.select_for_update(of=("self",)).get(pk=made.pk)
        if by is not None:
            check_can_decide_pair(by, programme_id, [locked.survivor_id, locked.merged_id])
        if locked.undone_at is not None:
            raise TransitionNotAllowed(_("This merge was undone already."))
        survivor = roots_of([locked.survivor_id])[locked.survivor_id]
        Beneficiary.objects.filter(pk=locked.merged_id).update(merged_into=None, version=F("version") + 1)
        Merge.objects.filter(pk=locked.pk).update(undone_at=at, undone_by_id=_pk(by), undo_reason=text)
        first, second = sorted((locked.survivor_id, locked.merged_id))
        pair, _new = Pair.objects.get_or_create(
            first_id=first,
            second_id=second,
            defaults={"programme_id": programme_id, "similarity": Similarity.HIGH, "found_at": at},
        )
        for known in {pair.pk: pair, **({locked.pair.pk: locked.pair} if locked.pair else {})}.values():
            _write(known, PairState.APART, text, by, at)
        record_event(by=by, verb="merge_undone", target=locked, at=at, data={"record": locked.merged_id})
        persons_changed.send(sender=Merge, programme_id=programme_id, by=by, at=at, parted=(locked.merged_id, survivor))
    made.refresh_from_db()
