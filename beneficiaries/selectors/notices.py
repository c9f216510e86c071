# SPDX-License-Identifier: EUPL-1.2
"""Who is enrolled with a version of the privacy notice that has been replaced, and is to be informed again."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.permissions import Permission
from actions.models import Activity, Notice
from actions.selectors.notices import Version, in_force, versions
from actions.workflow import OPEN_STATES
from beneficiaries.models import Enrolment, NoticeRenewal


def versions_by_programme() -> dict[int, list[Version]]:
    """Return the versions of each programme. One query."""
    found: dict[int, list[Version]] = defaultdict(list)
    for version in versions(Notice.objects.select_related("organisation").order_by("pk")):
        found[version.notice.programme_id].append(version)
    return found


def to_inform_again(
    user: Any, on: date, *, permission: Permission = Permission.VIEW_BENEFICIARIES
) -> QuerySet[Enrolment]:
    """Return the enrolments that go on, whose family has not received the version in force on a day; oldest first.

    A body's own notice holds where the body carries out the activity or hosts it, that of the programme elsewhere.
    """
    return (
        Enrolment.objects.filter(
            _outdated(on),
            activity__in=Activity.objects.visible_to(user, permission).values("pk"),
            activity__state__in=OPEN_STATES,
            activity__ends_on__gte=on,
            activity__programme__notice_required=True,
            withdrawn_on__isnull=True,
            beneficiary__merged_into__isnull=True,
        )
        .select_related(
            "activity",
            "activity__organisation",
            "activity__programme",
            "beneficiary",
            "beneficiary__registered_by",
        )
        .order_by("activity__title", "activity", "beneficiary__local_code", "pk")
    )


def _outdated(on: date) -> Q:
    wanted = Q(pk__in=[])
    for programme, found in versions_by_programme().items():
        holding = [version.notice for version in found if version.holds_on(on)]
        own = {notice.organisation_id: notice for notice in holding if notice.organisation_id is not None}
        has_own = Q(activity__organisation__in=list(own)) | Q(activity__venue__in=list(own))
        here = Q(activity__programme=programme)
        if own:
            wanted |= here & has_own & ~_given([notice.pk for notice in own.values()])
        general = [notice.pk for notice in holding if notice.organisation_id is None]
        if general:
            wanted |= here & ~has_own & ~_given(general)
    return wanted


def _given(notices: list[int]) -> Q:
    renewed = NoticeRenewal.objects.filter(enrolment=OuterRef("pk"), notice__in=notices)
    return Q(notice__in=notices) | Q(Exists(renewed))


def notice_in_force(found: list[Version], activity: Activity, on: date) -> Notice | None:
    """Return the version that the family of an enrolled recipient should have on a day."""
    bodies = {activity.organisation_id, activity.venue_id, None}
    holding = in_force([version for version in found if version.notice.organisation_id in bodies], on)
    return holding[0] if holding else None
