# SPDX-License-Identifier: EUPL-1.2
"""Records of one person become one, and apart again; the ledger follows in the same transaction (design 6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import PairState, Similarity
from beneficiaries.models import Attendance, Beneficiary, InterventionPerson, Merge, Pair, PairQuestion
from beneficiaries.permissions import check_can_decide_pair
from beneficiaries.services.grouping import regroup
from beneficiaries.signals import persons_changed, persons_changing
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.services import acting, record_event

# The first number of our advisory locks of two numbers; the second is the programme.
MERGING = 4_101


def take_merging(programme_id: int) -> None:
    """Let one transaction at a time merge records of a programme: chains and circles cannot arise between two."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [MERGING, programme_id])


@dataclass(frozen=True)
class Standing:
    """What a record is: part of another or not, counted with another or not, and whose it is."""

    merged_into: int | None
    counted_as: int | None
    body: int


def standings_of(ids: Iterable[int]) -> dict[int, Standing]:
    """Return how records stand, and those of which they are part. One query, and one more for each step of a chain."""
    found: dict[int, Standing] = {}
    wanted = set(ids)
    while wanted:
        rows = Beneficiary.objects.filter(pk__in=wanted).order_by()
        for pk, *values in rows.values_list("pk", "merged_into_id", "counted_as_id", "registered_by_id"):
            found[pk] = Standing(*values)
        above = {found[one].merged_into for one in wanted if one in found}
        wanted = {one for one in above if one is not None and one not in found}
    return found


def root_in(standings: Mapping[int, Standing], one: int) -> int:
    """Return the record that remains for a record."""
    while (above := standings[one].merged_into) is not None:
        one = above
    return one


def roots_of(ids: Iterable[int]) -> dict[int, int]:
    """Return the record that remains for each record, however many merges it takes."""
    found = standings_of(ids)
    return {one: root_in(found, one) for one in found}


@dataclass(frozen=True)
class Joined:
    """The records that became part of others, and as what those counted before."""

    into: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)


def join(
    *,
    programme_id: int,
    edges: Sequence[tuple[int, int, Pair | None]],
    automatic: bool,
    by: Any,
    at: datetime,
    reason: str = "",
) -> Joined:
    """Join what each edge names (two ids of records): the newer one that remains becomes part of the older.

    Call it inside `acting` and under `take_merging`, in a constant number of queries, and `regroup` after it. Edges
    whose records are one already are left out.
    """
    standings = standings_of(one for edge in edges for one in edge[:2])
    joined: dict[int, int] = {}

    def last(one: int) -> int:
        found = root_in(standings, one)
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
        with connection.cursor() as cursor:
            # By arrays: an import joins thousands at once.
            cursor.execute(
                "UPDATE beneficiaries_beneficiary AS record"
                "   SET merged_into_id = joined.into_id, counted_as_id = NULL, version = version + 1"
                "  FROM unnest(%s::bigint[], %s::bigint[]) AS joined (id, into_id) WHERE record.id = joined.id",
                [list(joined), list(joined.values())],
            )
        Merge.objects.bulk_create(merges, batch_size=5000)
    return Joined(joined, {newer: standings[newer].counted_as or newer for newer in joined})


def _pk(by: Any) -> int | None:
    return getattr(by, "pk", None)


def have_figures(ids: Iterable[int]) -> bool:
    """Whether joining one of these records can move a figure: it was present somewhere."""
    records = list(ids)
    return (
        Attendance.objects.filter(enrolment__beneficiary__in=records).exists()
        or InterventionPerson.objects.filter(enrolment__beneficiary__in=records).exists()
    )


def _decide(pair: Pair, version: int, by: Any) -> Pair:
    # Before the row: a registration that finds the same pair takes them in this order too.
    take_merging(pair.programme_id)
    locked = Pair.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if by is not None:
        check_can_decide_pair(by, locked.programme_id, [locked.first_id, locked.second_id])
    if locked.version != version:
        raise StaleError
    return locked


def _write(pair: Pair, state: str, reason: str, by: Any, at: datetime, end: str = "") -> None:
    decision = {"questions_end": end} if end else {}
    Pair.objects.filter(pk=pair.pk).update(
        state=state, reason=reason, decided_at=at, decided_by_id=_pk(by), version=F("version") + 1, **decision
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(
            _("Write the reason, without names: whoever reads it later must understand it."), field="reason"
        )
    return reason.strip()


def close_questions(*, pairs: Iterable[Pair], at: datetime) -> None:
    """Destroy what bodies answered of pairs that are decided, and ask no more. Call it under `take_merging`."""
    PairQuestion.objects.filter(pair__in=[pair.pk for pair in pairs], closed_at__isnull=True).update(
        site=None, group="", enrolled_month=None, sibling="", closed_at=at, version=F("version") + 1
    )


def check_open(pair: Pair) -> None:
    """Raise `TransitionNotAllowed` while the two bodies are being asked: nobody decides before they have answered."""
    if pair.state == PairState.ASKED:
        raise TransitionNotAllowed(
            _("The two bodies are being asked: the pair comes back here when their answers do not decide.")
        )


def join_pair(*, pair: Pair, reason: str, by: Any, at: datetime, end: str = "") -> Merge | None:
    """Make the records of a locked pair one person; returns None when they are one already. The ledger follows.

    For the acts that decide on a pair, inside `acting`, after `persons_changing` and under `take_merging`.
    """
    joined = join(
        programme_id=pair.programme_id,
        edges=[(pair.first_id, pair.second_id, pair)],
        automatic=False,
        reason=reason,
        by=by,
        at=at,
    )
    _write(pair, PairState.MERGED, reason, by, at, end)
    moved = regroup(ids=[pair.first_id, pair.second_id], before=joined.before)
    made = Merge.objects.get(merged_id=next(iter(joined.into)), undone_at=None) if joined.into else None
    record_event(by=by, verb="pair_merged", target=pair, at=at, data={"merge": made.pk} if made else {})
    persons_changed.send(sender=Pair, programme_id=pair.programme_id, by=by, at=at, parted=(), moved=moved)
    return made


def part_pair(*, pair: Pair, reason: str, by: Any, at: datetime, end: str = "") -> None:
    """Keep the records of a locked pair apart. As `join_pair`."""
    _write(pair, PairState.APART, reason, by, at, end)
    moved = regroup(ids=[pair.first_id, pair.second_id])
    record_event(by=by, verb="pair_kept_apart", target=pair, at=at)
    persons_changed.send(sender=Pair, programme_id=pair.programme_id, by=by, at=at, parted=(), moved=moved)


def merge(*, pair: Pair, version: int, reason: str, by: Any, at: datetime) -> Merge:
    """Say that the two records of a pair are one person: the newer becomes part of the older, and figures follow.

    Raises `NotPermitted`, `StaleError`, `DomainError` without a reason, `TransitionNotAllowed` when the two are one
    already or while the two bodies are being asked.
    """
    text = _reason(reason)
    with acting(by):
        persons_changing.send(sender=Pair, programme_id=pair.programme_id)
        locked = _decide(pair, version, by)
        check_open(locked)
        made = join_pair(pair=locked, reason=text, by=by, at=at)
        if made is None:
            raise TransitionNotAllowed(_("These two records are one person already."))
    pair.refresh_from_db()
    return made


def keep_apart(*, pair: Pair, version: int, reason: str, by: Any, at: datetime) -> None:
    """Say that the two records of a pair are two persons; they are not proposed again, and count as two.

    Raises `NotPermitted`, `StaleError`, `DomainError` without a reason, `TransitionNotAllowed` when they are merged
    (undo that first) or while the two bodies are being asked.
    """
    text = _reason(reason)
    with acting(by):
        persons_changing.send(sender=Pair, programme_id=pair.programme_id)
        locked = _decide(pair, version, by)
        check_open(locked)
        roots = roots_of([locked.first_id, locked.second_id])
        if roots[locked.first_id] == roots[locked.second_id]:
            raise TransitionNotAllowed(_("These two records are one person already: undo the merge first."))
        part_pair(pair=locked, reason=text, by=by, at=at)
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
        standings = standings_of([locked.survivor_id])
        survivor = root_in(standings, locked.survivor_id)
        counted = standings[survivor].counted_as or survivor
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
        moved = regroup(ids=[locked.survivor_id], before={locked.merged_id: counted})
        record_event(by=by, verb="merge_undone", target=locked, at=at, data={"record": locked.merged_id})
        persons_changed.send(
            sender=Merge,
            programme_id=programme_id,
            by=by,
            at=at,
            parted=tuple(dict.fromkeys([locked.merged_id, survivor, counted])),
            moved=moved,
        )
    made.refresh_from_db()
