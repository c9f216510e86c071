# SPDX-License-Identifier: EUPL-1.2
"""Reads over supports: what an activity gives, who is followed, what is due, the figures for who reads no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.permissions import Permission
from actions.enums import ActivityKind, ActivityState
from actions.enums import Support as Given
from actions.models import Activity, ActivityType
from actions.selectors.calendar import school_year_of
from beneficiaries.enums import HOUSING_STEPS, InterventionKind, SupportKind
from beneficiaries.models import DeskContact, Enrolment, Intervention, InterventionPerson, Support, SupportMember
from fami_portal.core import clock, nav
from partners.permissions import organisations_with

# What each kind of support of the official sheet is made of; an activity type that names none gives them all.
_KINDS = {
    Given.WORK_GUIDANCE: (SupportKind.WORK,),
    Given.TRAINING_GUIDANCE: (SupportKind.WORK, SupportKind.SCHOOL_PATH),
    Given.SCHOOL_INCLUSION: (SupportKind.SCHOOL_PATH, SupportKind.EDUCATION),
    Given.HOUSING: (SupportKind.HOUSING,),
    Given.MINORS_IN_JUSTICE: (SupportKind.EDUCATION,),
}
# The entry into a home is looked at again after so many months.
FOLLOW_UPS = {InterventionKind.AFTER_3_MONTHS: 3, InterventionKind.AFTER_6_MONTHS: 6}
# Whoever follows others learns of what is due this many days before.
DUE_DAYS = 7
MOST_WAITING = 5
# Fewer than these are not told to who reads figures alone (ADR 20).
FEWEST = 5


def kinds_of(activity_type: ActivityType) -> list[str]:
    """Return the kinds of support that an activity type gives, as its definition says; a desk takes cases in charge."""
    if activity_type.kind == ActivityKind.DESK:
        return [SupportKind.CASE]
    named = {kind for code in activity_type.supports for kind in _KINDS.get(code, ())}
    return [kind.value for kind in SupportKind if kind in (named or set(SupportKind) - {SupportKind.CASE})]


def intervention_kinds(kind: str) -> list[str]:
    """Return what can be done in a kind of support: the steps of housing belong to housing alone."""
    return [one.value for one in InterventionKind if kind == SupportKind.HOUSING or one not in HOUSING_STEPS]


def paths_until(day: date) -> date:
    """Return the last day on which the paths of a guidance that began on a day can be recorded: its school year's."""
    return date(school_year_of(day) + 1, 8, 31)


def months_after(day: date, months: int) -> date:
    """Return the same day some months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def supports_in(activity: Activity) -> QuerySet[Support]:
    """Return the supports of an activity, those that go on first, with what the list shows of each."""
    return with_work(Support.objects.filter(activity=activity)).order_by(
        Case(When(ended_on__isnull=True, then=0), default=1, output_field=IntegerField()), "-opened_on", "-pk"
    )


def with_work(supports: QuerySet[Support]) -> QuerySet[Support]:
    """Annotate supports with `times`, `minutes`, `last_on`, the next step of the last intervention, and of a home
    `entered_on`, `after_3` and `after_6` (whether the follow-ups were done). Two more queries for the persons."""
    mine = Intervention.objects.filter(support=OuterRef("pk"))
    last = mine.order_by("-held_on", "-pk")
    entry = Q(interventions__kind=InterventionKind.HOUSE_ENTRY)
    return (
        supports.select_related("activity")
        .annotate(
            times=Count("interventions"),
            minutes=Sum("interventions__minutes", default=0),
            last_on=Max("interventions__held_on"),
            entered_on=Min("interventions__held_on", filter=entry),
            next_step=Subquery(last.values("next_step")[:1]),
            next_step_on=Subquery(last.values("next_step_on")[:1]),
            after_3=Exists(mine.filter(kind=InterventionKind.AFTER_3_MONTHS)),
            after_6=Exists(mine.filter(kind=InterventionKind.AFTER_6_MONTHS)),
        )
        .prefetch_related(Prefetch("members", members_of_all(), to_attr="people"))
    )


def members_of_all() -> QuerySet[SupportMember]:
    """Return members with the person of each, those who are there first."""
    return SupportMember.objects.select_related(
        "enrolment", "enrolment__target_group", "enrolment__beneficiary", "enrolment__beneficiary__target_group"
    ).order_by(F("until").asc(nulls_first=True), "since", "pk")


def interventions_of(support: Support) -> QuerySet[Intervention]:
    """Return the interventions of a support, the last first, with for whom each was."""
    return (
        Intervention.objects.filter(support=support)
        .select_related("operator")
        .prefetch_related(
            Prefetch(
                "persons",
                InterventionPerson.objects.select_related("enrolment", "enrolment__beneficiary").order_by("pk"),
            )
        )
        .order_by("-held_on", "-pk")
    )


def enrolled_in(activity: Activity) -> QuerySet[Enrolment]:
    """Return who is enrolled in an activity and has not left, by own code."""
    return (
        Enrolment.objects.filter(activity=activity, withdrawn_on__isnull=True)
        .select_related("beneficiary")
        .order_by("beneficiary__local_code", "pk")
    )


def enrolled_without_support(activity: Activity) -> QuerySet[Enrolment]:
    """Return the enrolments of an activity that no support follows now."""
    followed = SupportMember.objects.filter(
        enrolment=OuterRef("pk"), until__isnull=True, support__ended_on__isnull=True
    )
    return enrolled_in(activity).filter(~Exists(followed))


# --- what is due ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """One thing to do for a support, by a day; `kind` is that of the intervention with which it is done, if it must be one."""

    support: Support
    what: Any
    due_on: date
    kind: str = ""

    @property
    def url(self) -> str:
        """The page of the support, with its form ready for this."""
        return self.support.get_absolute_url() + (f"?kind={self.kind}" if self.kind else "")


def dues_of(support: Support) -> list[Due]:
    """Return what is due for a support, as `with_work` gives it, the nearest first: nothing once it has ended.

    The next step is that of the last intervention. A home is looked at 3 and 6 months after the entry, until it was.
    Nothing is asked for that could not be recorded: after the end of the activity, or once it is concluded.
    """
    row: Any = support
    if row.ended_on is not None or row.activity.state in (ActivityState.CONCLUDED, ActivityState.CANCELLED):
        return []
    found = [Due(support, row.next_step, row.next_step_on)] if row.next_step_on else []
    if row.kind == SupportKind.HOUSING and row.entered_on:
        done = {InterventionKind.AFTER_3_MONTHS: row.after_3, InterventionKind.AFTER_6_MONTHS: row.after_6}
        found += [
            Due(support, kind.label, months_after(row.entered_on, months), kind.value)
            for kind, months in FOLLOW_UPS.items()
            if not done[kind]
        ]
    return sorted((due for due in found if due.due_on <= row.activity.ends_on), key=lambda due: due.due_on)


def supports_followed_by(bodies: Iterable[int]) -> QuerySet[Support]:
    """Return the supports that go on of some bodies, with what is due for each."""
    return with_work(
        Support.objects.filter(activity__organisation__in=list(bodies), ended_on__isnull=True)
    ).select_related("activity", "activity__organisation")


def contacts_of(activity: Activity) -> QuerySet[DeskContact]:
    """Return the contacts of a desk, the last first."""
    return (
        DeskContact.objects.filter(activity=activity)
        .select_related("operator", "citizenship", "language")
        .order_by("-held_on", "-pk")
    )


def dues_for(user: Any) -> list[Due]:
    """Return what is due for the supports that the person follows, the nearest first. A constant number of queries."""
    return dues_of_bodies(_following(user))


def dues_of_bodies(bodies: Iterable[int]) -> list[Due]:
    """Return what is due for the supports of some bodies, the nearest first."""
    found = [due for support in supports_followed_by(bodies).order_by("pk") for due in dues_of(support)]
    return sorted(found, key=lambda due: (due.due_on, due.support.pk))


def _following(user: Any) -> list[int]:
    """The bodies in which the person follows people; rights on both, as `can_follow` asks."""
    registers = {body.pk for body in organisations_with(user, Permission.REGISTER_BENEFICIARIES)}
    return [body.pk for body in organisations_with(user, Permission.KEEP_REGISTERS) if body.pk in registers]


def follows(user: Any) -> bool:
    """Whether the person may follow people in the activities of a body. No query of its own: menus ask it."""
    return bool(_following(user))


def supports_waiting(user: Any) -> list[nav.Waiting]:
    """Return what is due within a week for the supports of the own bodies, for the home page: no codes, no words."""
    bodies = _following(user)
    if not bodies:
        return []
    today = clock.today()
    near: dict[int, list[Due]] = {}
    for due in dues_of_bodies(bodies):
        if (due.due_on - today).days <= DUE_DAYS:
            near.setdefault(due.support.activity_id, []).append(due)
    return [_waiting(dues, today) for dues in list(near.values())[:MOST_WAITING]]


def _waiting(dues: Sequence[Due], today: date) -> nav.Waiting:
    """One line for all that is due in an activity: the page of the support, or the list where there are several."""
    first, count = dues[0], len({due.support.pk for due in dues})
    return nav.Waiting(
        title=ngettext("Follow up a support of “%(activity)s”", "Follow up %(count)d supports of “%(activity)s”", count)
        % {"activity": first.support.activity.title, "count": count},
        url=first.url if count == 1 else reverse("beneficiaries:support-due"),
        due=first.due_on,
        status=_("Overdue") if first.due_on < today else _("To be followed up"),
        colour="danger" if first.due_on < today else "info",
        context=first.support.get_kind_display() if count == 1 else "",
    )


# --- figures -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Followed:
    """How many persons an activity has followed, how many supports go on, and what was done."""

    persons: int
    going_on: int
    interventions: int
    minutes: int


FIGURES = tuple(Followed.__dataclass_fields__)


def followed_in(activity: Activity) -> Followed:
    """Return the figures of the supports of an activity: records that are one person count once. One query."""
    found = Activity.objects.filter(pk=activity.pk).annotate(**_figures_of(activity)).order_by("pk").values(*FIGURES)
    return Followed(**found.get())


def open_supports(activity: Activity) -> tuple[list[Any], Followed]:
    """Return the supports of an activity that go on, with the members who are there now as `people`; and its figures.

    One query, another one where nobody is followed now.
    """
    there = SupportMember.objects.filter(
        support__activity=activity, support__ended_on__isnull=True, until__isnull=True
    ).select_related("support", "enrolment__beneficiary")
    found: dict[int, Any] = {}
    figures = None
    for member in there.annotate(**_figures_of(activity)).order_by("support", "since", "pk"):
        figures = figures or Followed(**{name: getattr(member, name) for name in FIGURES})
        support = found.setdefault(member.support_id, member.support)
        support.people = [*getattr(support, "people", []), member]
    return list(found.values()), figures or followed_in(activity)


def _figures_of(activity: Activity) -> dict[str, Any]:
    """Return the figures of an activity as columns of another query, which the database computes once for all its rows."""
    person = Coalesce("enrolment__beneficiary__merged_into", "enrolment__beneficiary")
    members = SupportMember.objects.filter(support__activity=activity).order_by().values("support__activity")
    supports = Support.objects.filter(activity=activity).order_by().values("activity")
    work = Intervention.objects.filter(support__activity=activity).order_by().values("support__activity")

    def number(rows: Any) -> Any:
        return Coalesce(Subquery(rows.values("number"), output_field=IntegerField()), 0)

    figures = (
        number(members.annotate(number=Count(person, distinct=True))),
        number(supports.annotate(number=Count("pk", filter=Q(ended_on__isnull=True)))),
        number(work.annotate(number=Count("pk"))),
        number(work.annotate(number=Sum("minutes"))),
    )
    return dict(zip(FIGURES, figures, strict=True))


@dataclass(frozen=True)
class Counters:
    """The three counters of a desk, which are never mixed, and the minutes."""

    contacts: int
    first_accesses: int
    services: int
    minutes: int


def counters_of(contacts: QuerySet[DeskContact]) -> Counters:
    """Return the counters of some contacts. One query."""
    services = Func(F("topics"), function="jsonb_array_length", output_field=IntegerField())
    return Counters(
        **contacts.order_by().aggregate(
            contacts=Count("pk"),
            first_accesses=Count("pk", filter=Q(first_access=True)),
            services=Sum(services, default=0),
            minutes=Sum("minutes", default=0),
        )
    )


def told(number: int, *, reads: bool) -> Any:
    """Return a number of persons as somebody may read it: who reads figures alone is not told one to four."""
    return _("fewer than %(number)s") % {"number": FEWEST} if not reads and 0 < number < FEWEST else number


def hours_of(minutes: int) -> str:
    """Return minutes as hours and minutes, as 12:30."""
    whole, rest = divmod(minutes, 60)
    return f"{whole}:{rest:02d}"


def words_of(members: Sequence[SupportMember], own: Iterable[int], *, left: bool = False) -> list[str]:
    """Return the members of a support as the reader may call them: by own code, else by pseudonym.

    Those who are there, or with `left` everybody who ever was.
    """
    bodies = set(own)
    return [
        member.enrolment.beneficiary.code_for(bodies) or member.enrolment.beneficiary.pseudonym
        for member in members
        if left or member.until is None
    ]
