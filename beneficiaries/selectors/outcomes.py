# SPDX-License-Identifier: EUPL-1.2
"""Reads over outcomes: what is asked of whom, since when, what was recorded and what is still missing."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, npgettext

from accounts.permissions import ROLES, Permission, Scope
from actions.enums import ActivityKind, ActivityState, OutcomeKind
from actions.models import Activity
from actions.selectors.activities import ActivityPanel
from beneficiaries.enums import AttendanceState, OutcomeState
from beneficiaries.models import Beneficiary, Enrolment, Outcome
from beneficiaries.permissions import can_view_register
from beneficiaries.selectors.counting import group_of
from beneficiaries.selectors.registers import enrolments_of
from fami_portal.core import clock, nav
from fami_portal.core.components import Link
from partners.models import Membership
from partners.permissions import organisations_with

# Usefulness and satisfaction are asked by preference three months after the support (domain reference, section 2.1).
MONTHS_AFTER = 3
# The home page shows the nearest; the list has them all.
MOST_WAITING = 10


def support_ended_on(enrolment: Enrolment) -> date:
    """Return the last day of a support: the withdrawal, or the end of the activity (which is read)."""
    day: date = enrolment.withdrawn_on or enrolment.activity.ends_on
    return day


def due_on(ended_on: date) -> date:
    """Return the day by which the outcomes of a support are due: three months after its end."""
    months = ended_on.month - 1 + MONTHS_AFTER
    year, month = ended_on.year + months // 12, months % 12 + 1
    return date(year, month, min(ended_on.day, monthrange(year, month)[1]))


def asked_of(enrolment: Enrolment) -> list[str]:
    """Return the kinds of outcome asked of an enrolment: those of its group, language only of a language support."""
    return [
        kind
        for kind in OutcomeKind.values
        if kind in group_of(enrolment).outcomes
        and (kind != OutcomeKind.LANGUAGE or enrolment.activity.activity_type.is_language)
    ]


def latest_outcomes(enrolments: Iterable[int]) -> dict[tuple[int, str], Outcome]:
    """Return the outcomes that count now, by enrolment and kind. One query."""
    found = Outcome.objects.filter(enrolment__in=list(enrolments), superseded_at__isnull=True)
    return {(outcome.enrolment_id, outcome.kind): outcome for outcome in found.order_by("pk")}


def supports_of(activity: Activity) -> QuerySet[Enrolment]:
    """Return the enrolments of an activity by own code, with how often each was present."""
    return enrolments_of(activity).select_related(
        "activity",
        "activity__activity_type",
        "beneficiary__target_group",
        "beneficiary__registered_by",
    )


def outcomes_of(user: Any, beneficiary: Beneficiary) -> QuerySet[Outcome]:
    """Return all outcomes ever recorded of a recipient, in the activities that the person may see; newest first."""
    return (
        Outcome.objects.filter(
            enrolment__beneficiary=beneficiary,
            enrolment__activity__in=Activity.objects.visible_to(user, Permission.VIEW_BENEFICIARIES).values("pk"),
        )
        .select_related("enrolment", "enrolment__activity", "by")
        .order_by("-at", "-pk")
    )


# --- figures -------------------------------------------------------------------------------------------------------


@dataclass
class Figure:
    """How one kind of outcome stands: three values, of which the last is those that nobody can know yet, or knows."""

    positive: int = 0
    negative: int = 0
    pending: int = 0

    @property
    def asked(self) -> int:
        return self.positive + self.negative + self.pending


@dataclass
class Standing:
    """How the outcomes of an activity stand. `missing` are those of ended supports that nobody has recorded."""

    figures: dict[str, Figure] = field(default_factory=dict)
    missing: int = 0
    persons: int = 0
    due: date | None = None


_EXPECTED = f"""
SELECT enrolment.activity_id, kind.kind, count(*) FILTER (WHERE outcome.state = '{OutcomeState.POSITIVE}'),
       count(*) FILTER (WHERE outcome.state = '{OutcomeState.NEGATIVE}'),
       count(*) FILTER (WHERE outcome.state IS NULL OR outcome.state = '{OutcomeState.PENDING}'),
       array_agg(enrolment.id) FILTER (WHERE outcome.id IS NULL AND coalesce(enrolment.withdrawn_on, activity.ends_on) < %(today)s),
       min(coalesce(enrolment.withdrawn_on, activity.ends_on)) FILTER (
           WHERE outcome.id IS NULL AND coalesce(enrolment.withdrawn_on, activity.ends_on) < %(today)s)
  FROM beneficiaries_enrolment AS enrolment
  JOIN actions_activity AS activity ON activity.id = enrolment.activity_id AND activity.state <> '{ActivityState.CANCELLED}'
  JOIN actions_activitytype AS activity_type ON activity_type.id = activity.activity_type_id
  JOIN beneficiaries_beneficiary AS beneficiary ON beneficiary.id = enrolment.beneficiary_id
  JOIN actions_targetgroup AS target_group
    ON target_group.id = coalesce(enrolment.target_group_id, beneficiary.target_group_id)
 CROSS JOIN LATERAL jsonb_array_elements_text(target_group.outcomes) AS kind (kind)
  LEFT JOIN beneficiaries_outcome AS outcome
    ON outcome.enrolment_id = enrolment.id AND outcome.kind = kind.kind AND outcome.superseded_at IS NULL
 WHERE enrolment.activity_id = ANY(%(activities)s)
   AND (kind.kind <> '{OutcomeKind.LANGUAGE}' OR activity_type.is_language)
   AND EXISTS (SELECT 1 FROM beneficiaries_attendance AS attendance
                WHERE attendance.enrolment_id = enrolment.id AND attendance.state = '{AttendanceState.PRESENT}'
                UNION ALL
               SELECT 1 FROM beneficiaries_interventionperson AS served WHERE served.enrolment_id = enrolment.id)
 GROUP BY 1, 2
 ORDER BY 1, 2
"""  # noqa: S608  (every part is a constant of ours)


def standing_of(activities: Iterable[int], today: date) -> dict[int, Standing]:
    """Return how the outcomes of some activities stand, of those who were present at least once. One query."""
    found: dict[int, Standing] = {}
    persons: dict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_EXPECTED, {"activities": list(activities), "today": today})
        for activity, kind, positive, negative, pending, missing, ended in cursor.fetchall():
            standing = found.setdefault(activity, Standing())
            standing.figures[kind] = Figure(positive, negative, pending)
            standing.missing += len(missing or ())
            persons[activity] |= set(missing or ())
            if ended is not None:
                due = due_on(ended)
                standing.due = min(standing.due, due) if standing.due else due
    for activity, standing in found.items():
        standing.persons = len(persons[activity])
    return found


def summed(standings: Iterable[Standing]) -> dict[str, Figure]:
    """Return the figures of several activities together: supports, not persons."""
    total: dict[str, Figure] = {}
    for standing in standings:
        for kind, figure in standing.figures.items():
            sum_ = total.setdefault(kind, Figure())
            sum_.positive += figure.positive
            sum_.negative += figure.negative
            sum_.pending += figure.pending
    return {kind: total[kind] for kind in OutcomeKind.values if kind in total}


_REGISTER_KINDS = (ActivityKind.LAB, ActivityKind.SUPPORT, ActivityKind.TRAINING, ActivityKind.DESK)


def with_outcomes(user: Any, permission: Permission = Permission.VIEW_BENEFICIARIES) -> QuerySet[Activity]:
    """Return the activities in which somebody is enrolled of whom outcomes are asked; those that ended last first."""
    return (
        Activity.objects.visible_to(user, permission)
        .filter(
            Q(
                pk__in=Enrolment.objects.filter(
                    (Q(target_group__isnull=True) & ~Q(beneficiary__target_group__outcomes=[]))
                    | (Q(target_group__isnull=False) & ~Q(target_group__outcomes=[]))
                ).values("activity")
            ),
            activity_type__kind__in=_REGISTER_KINDS,
        )
        .exclude(state=ActivityState.CANCELLED)
        .with_type()
        .order_by("-ends_on", "-pk")
    )


@dataclass(frozen=True)
class WaitingOutcomes:
    """One activity of a body whose outcomes wait to be recorded."""

    activity: Activity
    missing: int
    persons: int
    due: date


def waiting_outcomes(bodies: Iterable[int], today: date, *, only_due: bool = False) -> list[WaitingOutcomes]:
    """Return the activities of some bodies with outcomes still to record, the nearest due first. Two queries."""
    activities: dict[int, Activity] = {
        activity.pk: activity
        for activity in Activity.objects.filter(
            Q(organisation__in=list(bodies)),
            Q(ends_on__lt=today) | Q(enrolments__withdrawn_on__lt=today),
            activity_type__kind__in=_REGISTER_KINDS,
        )
        .exclude(state=ActivityState.CANCELLED)
        .select_related("programme", "network", "organisation")
        .distinct()
        .order_by("pk")
    }
    if not activities:
        return []
    found = [
        WaitingOutcomes(activities[pk], standing.missing, standing.persons, standing.due)
        for pk, standing in standing_of(activities, today).items()
        if standing.missing and standing.due and (not only_due or standing.due <= today)
    ]
    return sorted(found, key=lambda row: (row.due, row.activity.pk))


def bodies_with_supports_ended(today: date) -> list[int]:
    """Return the bodies that carry out activities in which somebody's support has ended within two years."""
    return list(
        Activity.objects.filter(
            activity_type__kind__in=_REGISTER_KINDS, ends_on__gte=today - timedelta(days=730), starts_on__lt=today
        )
        .exclude(state=ActivityState.CANCELLED)
        .order_by("organisation")
        .values_list("organisation", flat=True)
        .distinct()
    )


def keepers_of(bodies: Sequence[int], today: date) -> QuerySet[Membership]:
    """Return the memberships of those who keep the registers of some bodies on a day, one of each person and body."""
    roles = [
        role.code
        for role in ROLES.values()
        if role.scope == Scope.BODY and Permission.REGISTER_BENEFICIARIES in role.permissions
    ]
    return (
        Membership.objects.filter(organisation__in=list(bodies), role__in=roles, user__is_active=True)
        .valid_on(today)
        .select_related("user")
        .order_by("organisation", "user", "pk")
    )


def outcome_panel(user: Any, activity: Activity) -> ActivityPanel | None:
    """Return what the page of an activity shows of its outcomes, to those who may read its register."""
    if not activity.enrols or not can_view_register(user, activity):
        return None
    standing = standing_of([activity.pk], clock.today()).get(activity.pk)
    if standing is None:
        return None
    return ActivityPanel(
        title=_("Outcomes"),
        rows=[(OutcomeKind(kind).label, words(figure)) for kind, figure in summed([standing]).items()],
        link=Link(_("Open the outcomes"), reverse("beneficiaries:outcomes", args=[activity.uuid])),
    )


def words(figure: Figure) -> Any:
    """Return a figure as people read it: the third value is never left out."""
    return ", ".join(
        (
            npgettext("outcomes", "%(n)s positive", "%(n)s positive", figure.positive) % {"n": figure.positive},
            npgettext("outcomes", "%(n)s negative", "%(n)s negative", figure.negative) % {"n": figure.negative},
            npgettext("outcomes", "%(n)s not known yet", "%(n)s not known yet", figure.pending) % {"n": figure.pending},
        )
    )


def outcomes_waiting(user: Any) -> list[nav.Waiting]:
    """Return the activities of the own bodies whose outcomes wait, for the home page. At most three queries."""
    bodies = [body.pk for body in organisations_with(user, Permission.REGISTER_BENEFICIARIES)]
    if not bodies:
        return []
    today = clock.today()
    return [
        nav.Waiting(
            title=_("Record the outcomes of “%(activity)s”") % {"activity": row.activity.title},
            url=reverse("beneficiaries:outcomes", args=[row.activity.uuid]),
            due=row.due,
            status=_("Overdue") if row.due < today else _("Outcomes to be recorded"),
            colour="danger" if row.due < today else "info",
            context=ngettext("%(number)s recipient, %(network)s", "%(number)s recipients, %(network)s", row.persons)
            % {"number": row.persons, "network": row.activity.network.name},
        )
        for row in waiting_outcomes(bodies, today)[:MOST_WAITING]
    ]
