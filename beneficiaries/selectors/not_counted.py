# SPDX-License-Identifier: EUPL-1.2
"""Who is served and not counted, with the reasons: the same rule as `counting`, asked of the database."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet

from accounts.permissions import Permission
from actions.enums import Citizenship
from actions.models import Activity, TargetGroup
from beneficiaries.enums import COUNTING_ELIGIBILITY, AttendanceState, NotCounted
from beneficiaries.models import Attendance, Enrolment
from beneficiaries.selectors.counting import earning_types, why_not_counted
from beneficiaries.selectors.registers import with_attendance

_BIRTH = "beneficiary__birth_date"
_GROUP = "beneficiary__target_group__"


class AgeInYears(Func):
    """The completed years between two dates, as `counting.age_on`: the later first."""

    template = "extract(year FROM age(%(expressions)s))::int"
    output_field = IntegerField()


def with_age(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Annotate enrolments with `age`, the one at the start of the support."""
    return enrolments.annotate(age=AgeInYears(F("enrolled_on"), F(_BIRTH)))


def reason_condition(reason: str) -> Any:
    """Return the condition by which an enrolment (`with_age`) is not counted for one reason."""
    match NotCounted(reason):
        case NotCounted.ELIGIBILITY:
            return ~Q(beneficiary__eligibility__in=COUNTING_ELIGIBILITY)
        case NotCounted.AGE:
            return Q(age__lt=F(f"{_GROUP}minimum_age")) | Q(age__gt=F(f"{_GROUP}maximum_age"))
        case NotCounted.CITIZENSHIP:
            return Q(
                beneficiary__target_group__citizenship=Citizenship.THIRD_COUNTRY,
                beneficiary__citizenship__is_third_country=False,
            )
        case NotCounted.ACTIVITY_TYPE:
            earned = TargetGroup.earned_by.through.objects.filter(
                targetgroup=OuterRef("beneficiary__target_group")
            ).order_by()
            return Exists(earned) & ~Exists(earned.filter(activitytype=OuterRef("activity__activity_type")))


def served_not_counted(user: Any) -> QuerySet[Enrolment]:
    """Return the enrolments with a presence that do not count, in the activities where the person sees recipients.

    The newest first, with `age`, `times_present` and `minutes_present`. Records that became part of another are out.
    """
    present = Attendance.objects.filter(enrolment=OuterRef("pk"), state=AttendanceState.PRESENT)
    conditions = [reason_condition(reason) for reason in NotCounted.values]
    return (
        with_attendance(
            with_age(
                Enrolment.objects.filter(
                    activity__in=Activity.objects.visible_to(user, Permission.VIEW_BENEFICIARIES).values("pk"),
                    beneficiary__merged_into__isnull=True,
                )
            ).filter(Exists(present), conditions[0] | conditions[1] | conditions[2] | Q(conditions[3]))
        )
        .select_related(
            "activity",
            "activity__organisation",
            "activity__network",
            "activity__programme",
            "beneficiary",
            "beneficiary__target_group",
            "beneficiary__citizenship",
        )
        .order_by("-enrolled_on", "-pk")
    )


def reasons_of(enrolments: Sequence[Enrolment]) -> dict[int, list[Any]]:
    """Return the reasons of each enrolment, as sentences, by its id. One query."""
    earning = earning_types(enrolment.beneficiary.target_group_id for enrolment in enrolments)
    return {
        enrolment.pk: why_not_counted(
            enrolment.beneficiary,
            on=enrolment.enrolled_on,
            activity_type_id=enrolment.activity.activity_type_id,
            earning=earning.get(enrolment.beneficiary.target_group_id),
        )
        for enrolment in enrolments
    }
