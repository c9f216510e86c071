# SPDX-License-Identifier: EUPL-1.2
"""The officer of data protection hears of whoever reads unusually many recipients within an hour."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import ROLES, Permission, Scope
from actions.models.programmes import REACHING_PARTS, ProgrammeBody
from beneficiaries.selectors.readings import unusual_readers
from fami_portal.core.outbox import Draft, queue_messages
from fami_portal.core.services import acting
from partners.models import Membership

KIND = "beneficiaries.unusual_reading"


def warn_of_unusual_reading(*, at: datetime) -> int:
    """Tell the officers of the programmes concerned; returns how many messages are new.

    Each officer hears of each reader once a day, however often this runs. The message names nobody: it leads to the
    readings. `settings.READING_ALERT_PERSONS` is how many distinct recipients within an hour are not unusual yet.
    """
    limit = settings.READING_ALERT_PERSONS
    day = timezone.localdate(at)
    drafts = [
        Draft(
            key=f"{KIND}:{reader}:{day:%Y-%m-%d}:{membership.user_id}",
            kind=KIND,
            recipient=membership.user,
            subject=_("Unusually many recipients read"),
            body=_(
                "Somebody has read the data of more than %(limit)s recipients within an hour. Look at who and why; "
                "ask the body if you see no reason for it."
            )
            % {"limit": limit},
            url=f"{reverse('beneficiaries:reading-list')}?reader={reader}",
        )
        for reader, programmes in unusual_readers(at, limit)
        for membership in officers_of(programmes)
    ]
    if not drafts:
        return 0
    with acting(None):
        return queue_messages(drafts)


def officers_of(programmes: set[int]) -> list[Membership]:
    """Return the valid roles of officers of data protection in these programmes, with the person of each."""
    far = Q(pk__in=[])
    for role in ROLES.values():
        if role.scope == Scope.PROGRAMME and Permission.SEE_READINGS in role.permissions:
            parts = ProgrammeBody.objects.filter(programme__in=programmes, role=REACHING_PARTS[role.code])
            far |= Q(role=role.code, organisation__in=parts.values("organisation"))
    found = Membership.objects.filter(far, user__is_active=True).valid_on(timezone.localdate())
    return list(found.select_related("user").order_by("pk"))
