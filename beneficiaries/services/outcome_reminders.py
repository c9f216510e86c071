# SPDX-License-Identifier: EUPL-1.2
"""Those who keep the registers of a body hear that outcomes are due: one message for each body, never one a person."""

from collections import Counter
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from beneficiaries.selectors.outcomes import bodies_with_supports_ended, keepers_of, waiting_outcomes
from fami_portal.core.outbox import Draft, queue_messages
from fami_portal.core.services import acting

KIND = "beneficiaries.outcomes_due"


def remind_of_outcomes(*, at: datetime) -> int:
    """Tell the bodies of the outcomes that are due; returns how many messages are new.

    Once a month for each body, however often this runs: the message counts, names nobody, and leads to the list.
    """
    today = timezone.localdate(at)
    due = waiting_outcomes(bodies_with_supports_ended(today), today, only_due=True)
    activities = Counter(row.activity.organisation_id for row in due)
    drafts = [
        Draft(
            key=f"{KIND}:{member.organisation_id}:{today:%Y-%m}:{member.user_id}",
            kind=KIND,
            recipient=member.user,
            subject=_("Outcomes to be recorded"),
            body=_(
                "Supports ended three months ago or more, in %(activities)s activities, still have outcomes to record. "
                "Ask the persons, then fill in the sheet of each activity."
            )
            % {"activities": activities[member.organisation_id]},
            url=reverse("beneficiaries:outcome-list"),
        )
        for member in keepers_of(sorted(activities), today)
    ]
    if not drafts:
        return 0
    with acting(None):
        return queue_messages(drafts)
