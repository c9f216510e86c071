# SPDX-License-Identifier: EUPL-1.2
"""Reads over what was recorded in an activity and may have been recorded by mistake."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from actions.models import Activity, Campaign, Decision, Deliverable, ServiceChange

Record = Deliverable | Campaign | ServiceChange | Decision


def records_of(activity: Activity, kind: str, uuid: UUID) -> QuerySet[Any]:
    """Return the product, content, service or decision of an activity, by the word of its address; unknown ones are none."""
    match kind:
        case "product":
            found: QuerySet[Any] = Deliverable.objects.filter(activity=activity)
        case "content":
            found = Campaign.objects.filter(activity=activity)
        case "service":
            found = ServiceChange.objects.filter(activity=activity).select_related("service")
        case "decision":
            found = Decision.objects.filter(meeting__activity=activity).select_related("meeting")
        case _:
            found = Deliverable.objects.none()
    return found.filter(uuid=uuid).order_by("pk")


def name_of(record: Record) -> str:
    """Return how people call it."""
    match record:
        case ServiceChange():
            return record.service.title
        case Decision():
            return record.text
    return record.title
