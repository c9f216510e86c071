# SPDX-License-Identifier: EUPL-1.2
"""Acts on the ledger of a whole programme: rebuild, and the records of one person joined."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from actions.models import Programme
from beneficiaries.services.grouping import Moved
from fami_portal.core.services import acting, record_event
from reporting.enums import PostingReason
from reporting.ledger import counted_as, facts, postings, provisional
from reporting.ledger.open_pairs import refresh_open_pairs
from reporting.ledger.reconcile import Outcome, check, reconcile
from reporting.ledger.scopes import replace_scopes
from reporting.ledger.units import touched_by_posting
from reporting.models import ActivityReport, Posting
from reporting.selectors.activity_reports import figures


def post_merges(
    *, programme: Programme, by: Any, at: datetime, parted: Sequence[int] = (), moved: Sequence[Moved] | None = None
) -> Posting | None:
    """Count the records of one person that were joined as one: both are reconciled in one posting.

    `parted` are the ids of the records that an undone merge leaves: they are counted as two again, by what the
    validated registers say of each. `moved` are the records that count as another than before, because a pair was
    found or decided; None looks for all that were joined. Submitted reports that name a joined or parted record are
    read anew. Returns the posting, or None when no fact had to move.
    """
    with acting(by):
        postings.take_head(programme)
        if moved is not None and not parted and not any(one.root for one in moved):
            return _post_moved(programme, by, at, moved)
        posting, moved = None, moved or ()
        if parted:  # an undecided pair may give the record that was taken out to a third person
            parted = [*parted, *(one.after for one in moved)]
        if facts.merges_to_post(programme.pk) or facts.parted_to_post(parted) or counted_as.relabels_to_post(moved):
            posting = postings.open_posting(programme=programme, reason=PostingReason.MERGE, by=by, at=at)
            number = facts.part(posting, parted) + counted_as.relabel(posting, moved) + facts.move_to_survivors(posting)
            _reconcile(posting, programme, number, by, at)
        waiting = facts.drafts_with_merged(programme.pk, [*parted, *counted_as.units_of(moved)])
        for report in ActivityReport.objects.filter(pk__in=waiting).order_by("pk"):
            facts.drop_drafts(report.pk)
            facts.draft(report.pk)
            ActivityReport.objects.filter(pk=report.pk).update(
                figures=figures(report), figures_sha256=facts.fingerprint(report.pk)
            )
        if posting or waiting:
            provisional.refresh_provisional(programme.pk)
        refresh_open_pairs(programme.pk)
        return posting


def _post_moved(programme: Programme, by: Any, at: datetime, moved: Sequence[Moved]) -> Posting | None:
    """Post what a pair that was found, or kept apart, has moved: facts and drafts change as whom they count, no more."""
    touched = counted_as.touched_by_persons(programme.pk, counted_as.units_of(moved)) if moved else None
    posting = None
    if touched:
        provisional.shift_units(programme.pk, touched, -1)
        if counted_as.relabels_to_post(moved):
            posting = postings.open_posting(programme=programme, reason=PostingReason.MERGE, by=by, at=at)
            _reconcile(posting, programme, counted_as.relabel(posting, moved), by, at)
        for report in ActivityReport.objects.filter(pk__in=counted_as.relabel_drafts(moved)).order_by("pk"):
            ActivityReport.objects.filter(pk=report.pk).update(
                figures=figures(report, submitted=True), figures_sha256=facts.fingerprint(report.pk, submitted=True)
            )
        provisional.shift_units(programme.pk, touched, 1)
    refresh_open_pairs(programme.pk)
    return posting


def _reconcile(posting: Posting, programme: Programme, number: int, by: Any, at: datetime) -> None:
    reconcile(posting, touched=touched_by_posting(posting.pk))
    record_event(
        by=by, verb="merges posted", target=programme, data={"facts": number, "posting": posting.number}, at=at
    )


def rebuild(*, programme: Programme, by: Any, at: datetime) -> Outcome:
    """Bring the whole ledger of a programme in line with its facts and rules, and facts with their records, in one posting.

    A ledger that is right gets no posting: an empty one would only make reports look out of date. Returns how many
    entries were closed and written.
    """
    post_merges(programme=programme, by=by, at=at)
    with acting(by):
        postings.take_head(programme)
        replace_scopes(programme.pk)
        outcome = Outcome(0, 0)
        if check(programme.pk, limit=1):
            posting = postings.open_posting(programme=programme, reason=PostingReason.REBUILD, by=by, at=at)
            counted_as.bring_back(posting)
            outcome = reconcile(posting)
            record_event(
                by=by,
                verb="ledger rebuilt",
                target=programme,
                data={"posting": posting.number, "closed": outcome.closed, "written": outcome.written},
                at=at,
            )
        provisional.refresh_provisional(programme.pk)
        return outcome
