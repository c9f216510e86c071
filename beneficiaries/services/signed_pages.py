# SPDX-License-Identifier: EUPL-1.2
"""The signed pages of the register on paper: attached to the meetings that stand on them, opened by a reason, destroyed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.permissions import check_can_keep_register
from actions.services.activities import lock_activity
from beneficiaries.models import SignedPage
from beneficiaries.selectors.signed_pages import KIND, activity_of
from beneficiaries.services.reading import record_file_opening
from fami_portal.core.documents import CheckedFile, destroy_document, store_document
from fami_portal.core.errors import DomainError
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event

# What one printed sheet holds, twice over: front and back.
MOST_MEETINGS = 10


def attach_page(
    *, activity: Activity, meetings: Iterable[Meeting], file: CheckedFile, by: Any, at: datetime
) -> list[SignedPage]:
    """Attach a scanned page to the meetings that stand on it; the file is sealed.

    A page is evidence: it may come after the period is closed. The same file again for the same meetings changes
    nothing. Raises `NotPermitted`; `DomainError` without a meeting that was held, or with more than a sheet holds.
    """
    wanted = sorted({meeting.pk for meeting in meetings})
    if not wanted or len(wanted) > MOST_MEETINGS:
        raise DomainError(
            _("Choose the meetings that stand on the page, at most %(most)s.") % {"most": MOST_MEETINGS},
            field="meetings",
        )
    with acting(by):
        locked = lock_activity(activity.pk)
        if by is not None:
            check_can_keep_register(by, locked)
        rows = list(
            Meeting.objects.filter(activity=locked, pk__in=wanted, state=MeetingState.HELD).order_by("held_on", "pk")
        )
        if len(rows) != len(wanted):
            raise DomainError(_("A signed page belongs to meetings that took place."), field="meetings")
        there = Document.objects.filter(
            kind=KIND, subject_id=locked.pk, sha256=file.sha256, destroyed_at__isnull=True
        ).first()
        document = there or store_document(kind=KIND, name=file.name, content=file, by=by, subject_id=locked.pk)
        SignedPage.objects.bulk_create(
            [SignedPage(meeting=row, document=document, attached_at=at, attached_by=by) for row in rows],
            ignore_conflicts=True,
        )
        if there is None:
            record_event(by=by, verb="page_attached", target=locked, data={"meetings": wanted}, at=at)
        return list(SignedPage.objects.filter(document=document, meeting__in=rows).order_by("pk"))


def destroy_page(*, document: Document, by: Any, at: datetime) -> None:
    """Destroy a page that was attached by mistake: what it proved is gone, that it was there stays written.

    Raises `NotPermitted`. Twice changes nothing.
    """
    with acting(by):
        activity = activity_of(document)
        if activity is None:
            return
        if by is not None:
            check_can_keep_register(by, activity)
        destroy_document(document=document, by=by, at=at, reason=str(_("Attached by mistake")))


def destroy_pages(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Destroy the content of the pages of the registers of activities, when their time is over. Returns how many activities.

    Hash and date stay as evidence.
    """
    with acting(by):
        for document in Document.objects.filter(
            kind=KIND, subject_id__in=list(ids), destroyed_at__isnull=True
        ).order_by("pk"):
            destroy_document(document=document, by=by, at=at)
    return len(ids)


def record_page_opening(*, by: Any, document: Document, purpose: str, at: datetime) -> None:
    """Write that somebody opens a page, and why, in the chain of the body that carries out the activity."""
    activity = activity_of(document)
    if activity is None:
        raise ValueError("a page of no register")
    record_file_opening(
        by=by,
        document=document,
        organisation=activity.organisation_id,
        programme=activity.programme_id,
        purpose=purpose,
        at=at,
    )
