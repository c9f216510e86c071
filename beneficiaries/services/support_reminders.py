# SPDX-License-Identifier: EUPL-1.2
"""Those who follow persons and households hear what is due: one message for each body and week, never one a person."""

from collections import Counter
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from beneficiaries.models import Support
from beneficiaries.selectors.outcomes import keepers_of
from beneficiaries.selectors.supports import DUE_DAYS, dues_of_bodies
from fami_portal.core.outbox import Draft, queue_messages
from fami_portal.core.services import acting

KIND = "beneficiaries.supports_due"


def remind_of_supports(*, at: datetime) -> int:
    """Tell the bodies what of their supports is due within a week, or was; returns how many messages are new.

    Once a week for each body, however often this runs: the message counts, names nobody, and leads to the list.
    """
    today = timezone.localdate(at)
    bodies = Support.objects.filter(ended_on__isnull=True).order_by().values_list("activity__organisation", flat=True)
    due = Counter(
        one.support.activity.organisation_id
        for one in dues_of_bodies(bodies.distinct())
        if one.due_on <= today + timedelta(days=DUE_DAYS)
    )
    drafts = [
        Draft(
            key=f"{KIND}:{member.organisation_id}:{today:%G-W%V}:{member.user_id}",
            kind=KIND,
            recipient=member.user,
            subject=_("Supports to be followed up"),
            body=ngettext(
                "%(number)s step is due within a week, or was, for the persons and households that your body follows. "
                "Open the list, do it, and record the intervention.",
                "%(number)s steps are due within a week, or were, for the persons and households that your body "
                "follows. Open the list, do them, and record the interventions.",
                due[member.organisation_id],
            )
            % {"number": due[member.organisation_id]},
            url=reverse("beneficiaries:support-due"),
        )
        for member in keepers_of(sorted(due), today)
    ]
    if not drafts:
        return 0
    with acting(None):
        return queue_messages(drafts)
