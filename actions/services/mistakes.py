# SPDX-License-Identifier: EUPL-1.2
"""What was recorded by mistake is taken away: a product, a content with its values, a service, a decision."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Campaign, Decision, Deliverable
from actions.selectors.activities import check_days_open
from actions.selectors.mistakes import Record, name_of, records_of
from actions.services.activities import check_can_write, lock_activity
from actions.services.decisions import check_can_correct
from actions.workflow import closed_period_refusals
from fami_portal.core.errors import required_text
from fami_portal.core.services import acting, record_event


def take_away(*, activity: Activity, kind: str, uuid: UUID, reason: str, by: Any) -> bool:
    """Take away what an activity never delivered, published, opened or decided; its history keeps name and reason.

    `kind` is a word of `records_of`. Returns whether it was there: the second half of a double click changes nothing.
    Raises `NotPermitted`; `DomainError` at the field without a reason, when the activity is over, for a decision that
    is carried out or stands in approved minutes; `ClosedPeriodError` when a report that was validated rests on it.
    """
    reason = required_text(reason, _("Write why it is taken away, without names of people."))
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        check_can_write(by, locked)
        record: Record | None = records_of(locked, kind, uuid).select_for_update(of=("self",)).first()
        if record is None:
            return False
        match record:
            case Decision():
                check_can_correct(record)
            case Campaign():
                read_on = record.measures.order_by().values_list("measured_on", flat=True)
                check_days_open(locked, [record.published_on, *read_on])
                record.measures.all().delete()
            case Deliverable():
                check_days_open(locked, [record.delivered_on])
            case _:
                check_days_open(locked, [record.changed_on])
        record_event(by=by, verb=f"{kind}_removed", target=locked, reason=f"{name_of(record)}: {reason}"[:500])
        record.delete()
    return True
