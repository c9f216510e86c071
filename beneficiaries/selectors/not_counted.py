# SPDX-License-Identifier: EUPL-1.2
"""Who is served and not counted, with the reasons: the same rule as `counting`, asked of the database."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.permissions import Permission
from actions.enums import Citizenship
from actions.models import Activity, TargetGroup
from beneficiaries.enums import COUNTING_ELIGIBILITY, AttendanceState, NotCounted
from beneficiaries.models import Attendance, Enrolment, InterventionPerson
from beneficiaries.selectors.counting import earning_types, group_of, why_enrolment_not_counted
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


def _of_group(condition: Callable[[str], Q]) -> Q:
    """Return a condition on the group in which somebody takes part: that of the enrolment, or the recipient's own."""
    return (Q(target_group__isnull=True) & condition(_GROUP)) | (
        Q(target_group__isnull=False) & condition("target_group__")
    )


def reason_condition(reason: str) -> Any:
    """Return the condition by which an enrolment (`with_age`) is not counted for one reason."""
    match NotCounted(reason):
        case NotCounted.ELIGIBILITY:
            return ~Q(beneficiary__eligibility__in=COUNTING_ELIGIBILITY)
        case NotCounted.AGE:
            return _of_group(lambda group: Q(age__lt=F(f"{group}minimum_age")) | Q(age__gt=F(f"{group}maximum_age")))
        case NotCounted.CITIZENSHIP:
            return Q(beneficiary__citizenship__is_third_country=False) & _of_group(
                lambda group: Q(**{f"{group}citizenship": Citizenship.THIRD_COUNTRY})
            )
        case NotCounted.ACTIVITY_TYPE:
            earned = TargetGroup.earned_by.through.objects.filter(
                targetgroup=Coalesce(OuterRef("target_group"), OuterRef("beneficiary__target_group"))
            ).order_by()
            return Exists(earned) & ~Exists(earned.filter(activitytype=OuterRef("activity__activity_type")))


def served_not_counted(user: Any) -> QuerySet[Enrolment]:
    """Return the enrolments with a presence that do not count, in the activities where the person sees recipients.

    The newest first, with `age`, `times_present` and `minutes_present`. Records that became part of another are out.
    """
    present = Exists(Attendance.objects.filter(enrolment=OuterRef("pk"), state=AttendanceState.PRESENT)) | Exists(
        InterventionPerson.objects.filter(enrolment=OuterRef("pk"))
    )
    conditions = [reason_condition(reason) for reason in NotCounted.values]
    return (
        with_attendance(
            with_age(
                Enrolment.objects.filter(
                    activity__in=Activity.objects.visible_to(user, Permission.VIEW_BENEFICIARIES).values("pk"),
                    beneficiary__merged_into__isnull=True,
                )
            ).filter(present, conditions[0] | conditions[1] | conditions[2] | Q(conditions[3]))
        )
        .select_related(
            "activity",
            "activity__organisation",
            "activity__network",
            "activity__programme",
            "target_group",
            "beneficiary",
            "beneficiary__target_group",
            "beneficiary__citizenship",
        )
        .order_by("-enrolled_on", "-pk")
    )


def reasons_of(enrolments: Sequence[Enrolment]) -> dict[int, list[Any]]:
    """Return the reasons of each enrolment, as sentences, by its id. One query."""
    earning = earning_types(group_of(enrolment).pk for enrolment in enrolments)
    return {enrolment.pk: why_enrolment_not_counted(enrolment, earning) for enrolment in enrolments}
