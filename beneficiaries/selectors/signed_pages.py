# SPDX-License-Identifier: EUPL-1.2
"""Reads over the signed pages of registers: which stand there, whose they are, who may open them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from actions.models import Activity, Meeting
from actions.permissions import can_keep_register, can_view_activity
from beneficiaries.models import SignedPage
from fami_portal.core.models import Document

KIND = "register_page"


def pages_of(meeting: Meeting) -> QuerySet[SignedPage]:
    """Return the scanned pages on which a meeting stands, those that were destroyed too."""
    return (
        SignedPage.objects.filter(meeting=meeting)
        .select_related("document", "attached_by")
        .annotate(meetings_on_page=Count("document__signed_pages"))
        .order_by("attached_at", "pk")
    )


def with_pages(meetings: Iterable[Meeting]) -> set[int]:
    """Return the meetings that stand on a page whose content is still there. One query."""
    return set(
        SignedPage.objects.filter(meeting__in=list(meetings), document__destroyed_at__isnull=True)
        .order_by()
        .values_list("meeting", flat=True)
    )


def activity_of(document: Document) -> Activity | None:
    """Return the activity of whose register a document is a page."""
    return Activity.objects.select_related("organisation").filter(pk=document.subject_id).first()


def may_open(user: Any, document: Document) -> bool:
    """Whether the person may open a page: who keeps that register reads the names there; insiders are told."""
    activity = activity_of(document)
    if activity is None or not can_view_activity(user, activity):
        return False
    if not can_keep_register(user, activity):
        raise PermissionDenied(_("Only who keeps this register opens its signed pages."))
    return True


def page_of(document: Document) -> str:
    """Return the address of the page of the portal that a document belongs to."""
    row = SignedPage.objects.filter(document=document).select_related("meeting").order_by("pk").first()
    return reverse("beneficiaries:signed-pages", args=[row.meeting.uuid]) if row is not None else ""


def activities_with_pages(programme_id: int) -> QuerySet[Activity]:
    """Return the activities of a programme that have pages whose content is still there."""
    kept = Document.objects.filter(Q(kind=KIND), subject_id=OuterRef("pk"), destroyed_at__isnull=True)
    return Activity.objects.filter(Exists(kept), programme=programme_id)
