# SPDX-License-Identifier: EUPL-1.2
"""The rule that says who counts: conditions of a group, eligibility, what earns it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityKind, Citizenship, TargetGroupKind
from actions.models import Activity, TargetGroup
from beneficiaries.enums import COUNTING_ELIGIBILITY, AgeBand, Eligibility, WithdrawalReason
from beneficiaries.models import Beneficiary, Enrolment

# Who was enrolled by mistake was never there: registers, sheets and papers do not know of it.
MEANT = ~Q(withdrawal_code=WithdrawalReason.MISTAKE)
MEANT_ENROLMENTS = ~Q(enrolments__withdrawal_code=WithdrawalReason.MISTAKE)


def age_on(birth_date: date, day: date) -> int:
    """Return the completed years on a day; the reference day is the start of the support (design 6)."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def age_band(age: int) -> AgeBand:
    """Return the official band of an age at the start of the support."""
    if age < 18:
        return AgeBand.UNDER_18
    return AgeBand.FROM_18_TO_60 if age <= 60 else AgeBand.OVER_60


def group_conditions(group: TargetGroup, *, birth_date: date, third_country: bool, on: date) -> list[Any]:
    """Return which conditions of a group a person does not meet, as sentences; none when it belongs there."""
    reasons: list[Any] = []
    age = age_on(birth_date, on)
    if (group.minimum_age is not None and age < group.minimum_age) or (
        group.maximum_age is not None and age > group.maximum_age
    ):
        reasons.append(_("the age (%(age)s) is outside the group") % {"age": age})
    if group.citizenship == Citizenship.THIRD_COUNTRY and not third_country:
        reasons.append(_("the citizenship is not of a third country"))
    return reasons


def why_not_counted(
    beneficiary: Beneficiary,
    *,
    on: date,
    activity_type_id: int | None = None,
    earning: Iterable[int] | None = None,
    group: TargetGroup | None = None,
) -> list[Any]:
    """Return why a recipient does not count for its group, as sentences; none when it counts.

    `group` is the one in which it takes part, where that is not its own. `earning` are the activity types that earn the
    group (empty: all do). Reads group and citizenship, which the caller loads. A recipient that does not count is served
    all the same.
    """
    group = group or beneficiary.target_group
    reasons = group_conditions(
        group, birth_date=beneficiary.birth_date, third_country=beneficiary.citizenship.is_third_country, on=on
    )
    if beneficiary.eligibility == Eligibility.UNVERIFIED:
        reasons.append(_("the eligibility has not been declared yet"))
    elif beneficiary.eligibility not in COUNTING_ELIGIBILITY:
        reasons.append(_("it is not eligible"))
    types = set(earning or ())
    if activity_type_id is not None and types and activity_type_id not in types:
        reasons.append(_("activities of this type do not count for its group"))
    return reasons


def group_of(enrolment: Enrolment) -> TargetGroup:
    """Return the group in which a recipient takes part in an activity: its own, unless the enrolment says another."""
    return enrolment.target_group or enrolment.beneficiary.target_group


def why_enrolment_not_counted(enrolment: Enrolment, earning: Mapping[int, set[int]]) -> list[Any]:
    """Return why an enrolment does not count, as sentences; `earning` as `earning_types` returns it for the groups.

    Reads activity, groups and citizenship, which the caller loads.
    """
    group = group_of(enrolment)
    return why_not_counted(
        enrolment.beneficiary,
        on=enrolment.enrolled_on,
        activity_type_id=enrolment.activity.activity_type_id,
        earning=earning.get(group.pk),
        group=group,
    )


def earning_types(groups: Iterable[int]) -> Mapping[int, set[int]]:
    """Return, for target groups, the activity types that earn them. One query."""
    found: dict[int, set[int]] = {}
    through = TargetGroup.earned_by.through
    for group, kind in (
        through.objects.filter(targetgroup__in=set(groups)).order_by().values_list("targetgroup_id", "activitytype_id")
    ):
        found.setdefault(group, set()).add(kind)
    return found


def with_earning_types(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Annotate enrolments with `earning`: the activity types that earn the group in which each takes part."""
    group = Coalesce(OuterRef("target_group_id"), OuterRef("beneficiary__target_group_id"))
    rows = TargetGroup.earned_by.through.objects.filter(targetgroup=group).order_by("pk").values("activitytype_id")
    return enrolments.annotate(earning=ArraySubquery(rows))


def may_be_in_both(first: TargetGroup, second: TargetGroup) -> bool:
    """Whether the definition of the programme lets a person be in both groups."""
    return first.pk == second.pk or second.code in first.may_overlap or first.code in second.may_overlap


def role_in(own: TargetGroup, activity: Activity) -> TargetGroup | None:
    """Return the group in which a recipient of another group takes part in an activity; None when its own will do.

    Somebody who attends the training of operators, or an operator who is a recipient elsewhere: where the definition
    lets a person be in both groups, and only one of them is earned here. Two queries, for these alone.
    """
    if (activity.activity_type.kind == ActivityKind.TRAINING) == (own.kind == TargetGroupKind.OPERATORS):
        return None
    earned = list(activity.activity_type.earns.order_by("position", "pk"))
    if not earned or own in earned:
        return None
    return next((group for group in earned if may_be_in_both(own, group)), None)


def groups_of_persons(programme_id: int) -> QuerySet[TargetGroup]:
    """Return the groups in which a person can be registered, in the order of the definition."""
    return TargetGroup.objects.filter(
        programme=programme_id, kind__in=[TargetGroupKind.PERSONS, TargetGroupKind.OPERATORS]
    ).order_by("position", "pk")
