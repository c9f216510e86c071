# SPDX-License-Identifier: EUPL-1.2
"""The day on which a recipient was enrolled, written wrong: corrected with the reason, while nothing rests on it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.selectors.activities import closed_periods_of
from actions.services.activities import check_can_write, lock_activity
from actions.workflow import ClosedPeriodError, check_day_inside, closed_period_refusals
from beneficiaries.enums import AttendanceState
from beneficiaries.models import Attendance, Enrolment, SupportMember
from beneficiaries.permissions import check_can_enrol
from fami_portal.core.errors import DomainError, required_text
from fami_portal.core.services import acting, record_event


def correct_enrolment_day(*, enrolment: Enrolment, enrolled_on: date, reason: str, by: Any) -> None:
    """Correct the day of an enrolment. The reason is kept in the record of acts: at most 200 characters, no names.

    The same day again changes nothing. Raises `NotPermitted`; `ClosedPeriodError` where a closed period lies on the
    days that would enter or leave the support; `DomainError` at the field for a day outside the activity, before the
    privacy notice or the birth, after the withdrawal, or after a recorded presence.
    """
    reason = required_text(reason, _("Write why the day is corrected, without names."))
    with closed_period_refusals(), acting(by):
        activity = lock_activity(enrolment.activity_id)
        check_can_write(by, activity)
        if by is not None:
            check_can_enrol(by, activity)
        found = Enrolment.objects.select_for_update(of=("self",)).select_related("beneficiary")
        locked = found.get(pk=enrolment.pk)
        if locked.enrolled_on == enrolled_on:
            return
        check_day_inside(enrolled_on, activity.starts_on, activity.ends_on, field="enrolled_on")
        _check_other_days(locked, enrolled_on)
        first, last = sorted((locked.enrolled_on, enrolled_on))
        for period in closed_periods_of(activity):
            if period.starts_on <= last and period.ends_on >= first:
                raise ClosedPeriodError(period, field="enrolled_on")
        Enrolment.objects.filter(pk=locked.pk).update(enrolled_on=enrolled_on)
        record_event(
            by=by,
            verb="enrolment_day_corrected",
            target=locked,
            reason=reason[:200],
            data={"before": locked.enrolled_on.isoformat(), "now": enrolled_on.isoformat()},
        )
    enrolment.refresh_from_db()


def _check_other_days(enrolment: Enrolment, enrolled_on: date) -> None:
    given = enrolment.notice_given_on
    if given is not None and enrolled_on < given:
        raise DomainError(
            _("The privacy notice was given on %(day)s: nobody is enrolled before it.") % {"day": f"{given:%d/%m/%Y}"},
            field="enrolled_on",
        )
    if enrolment.beneficiary.birth_date > enrolled_on:
        raise DomainError(
            _("The support would begin before the birth: check the birth date and the day of the enrolment."),
            field="enrolled_on",
        )
    if enrolment.withdrawn_on is not None and enrolled_on > enrolment.withdrawn_on:
        raise DomainError(_("The withdrawal comes before the enrolment."), field="enrolled_on")
    present = Attendance.objects.filter(
        enrolment=enrolment, state=AttendanceState.PRESENT, meeting__held_on__lt=enrolled_on
    )
    followed = SupportMember.objects.filter(enrolment=enrolment, since__lt=enrolled_on)
    if followed.exists():
        since = followed.order_by("since").values_list("since", flat=True)[0]
        raise DomainError(
            _("The support follows this recipient since %(day)s: the enrolment is on that day or before.")
            % {"day": f"{since:%d/%m/%Y}"},
            field="enrolled_on",
        )
    first = present.order_by("meeting__held_on").values_list("meeting__held_on", flat=True).first()
    if first is not None:
        raise DomainError(
            _("The register says present on %(day)s: the enrolment is on that day or before.")
            % {"day": f"{first:%d/%m/%Y}"},
            field="enrolled_on",
        )
