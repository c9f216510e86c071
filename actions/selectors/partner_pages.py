# SPDX-License-Identifier: EUPL-1.2
"""What the pages of bodies and networks show of programmes and activities, and what stands against an exit."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, F, FilteredRelation, Max, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import ActivityState, BodyRole, DataRole, DecisionState, MeetingState
from actions.models import ActionNetwork, Activity, ActivityNetwork, ClosedPeriod, IndicatorTarget, Programme
from actions.selectors.tables import decisions_for
from actions.workflow import ACTIVITY
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from fami_portal.core.kept import kept_on
from partners.models import Network, NetworkMember, Organisation
from partners.permissions import holds
from partners.selectors import BodyPanel
from partners.selectors.territory import PlaceFigure

# The latest rows of a panel; the list behind it has all of them.
PANEL_SIZE = 8


def programmes_of(networks: Collection[int]) -> dict[int, set[int]]:
    """Return the programmes for which some networks work, by the id of the network. One query."""
    found: dict[int, set[int]] = {}
    pairs = ActionNetwork.objects.filter(network__in=networks).order_by("pk")
    for network, programme in pairs.values_list("network", "action__programme"):
        found.setdefault(network, set()).add(programme)
    return found


def problem_of_exit(stay: NetworkMember, left_on: date) -> str | None:
    """Return why a body cannot leave a network on a day: something that it did there after that day."""
    work = Activity.objects.filter(network=stay.network_id, organisation=stay.organisation_id)
    lasts: Iterable[dict[str, Any]] = (
        work.filter(meetings__state=MeetingState.HELD, meetings__held_on__gt=left_on).aggregate(
            number=Count("meetings"), last=Max("meetings__held_on")
        ),
        work.filter(campaigns__published_on__gt=left_on).aggregate(
            number=Count("campaigns"), last=Max("campaigns__published_on")
        ),
        work.filter(deliverables__delivered_on__gt=left_on).aggregate(
            number=Count("deliverables"), last=Max("deliverables__delivered_on")
        ),
        work.filter(service_changes__changed_on__gt=left_on).aggregate(
            number=Count("service_changes"), last=Max("service_changes__changed_on")
        ),
    )
    days = [row["last"] for row in lasts if row["last"] is not None]
    return work_after(max(days)) if days else None


def work_after(last: date) -> str:
    """Say that a body has worked after the day on which it should leave a network, and until when."""
    return _(
        "The body has work in this network after this day, the last of %(day)s: choose that day or a later one."
    ) % {"day": f"{last:%d/%m/%Y}"}


def problem_of_entry(stay: NetworkMember, entered_on: date) -> str | None:
    """Return why a stay cannot begin on another day: work of the body before it, or a closed period in between."""
    first, last = sorted((stay.entered_on, entered_on))
    own = {"network": stay.network_id, "organisation": stay.organisation_id}
    closed = ClosedPeriod.objects.filter(**own, period__starts_on__lte=last, period__ends_on__gte=first)
    period = closed.select_related("period").order_by("period__starts_on").first()
    if period is not None:
        return _(
            "The period %(period)s is closed for this body: its report was validated with the day that is written now."
        ) % {"period": period.period}
    if entered_on < stay.entered_on:
        return None
    work = Activity.objects.filter(network=stay.network_id, organisation=stay.organisation_id)
    work = work.exclude(state=ActivityState.CANCELLED).filter(starts_on__gte=stay.entered_on, starts_on__lt=entered_on)
    begun = work.order_by("starts_on").values_list("starts_on", flat=True).first()
    if begun is None:
        return None
    return _("The body has an activity in this network since %(day)s: choose that day or an earlier one.") % {
        "day": f"{begun:%d/%m/%Y}"
    }


def activities_by_place(user: Any, networks: Collection[int]) -> PlaceFigure | None:
    """Count the activities of some networks in each municipality, those that the person sees. One query.

    Whoever reads a whole programme without opening its activities, as its evaluator, learns their number too: a map
    would tell else that nothing is reached.
    """
    found = Activity.objects.visible_to(user)
    if not holds(user, Permission.VIEW_ACTIVITIES):
        if not holds(user, Permission.VIEW_DASHBOARD):
            return None
        found = Activity.objects.filter(programme__in=Programme.objects.reached_by(user, Permission.VIEW_DASHBOARD))
    counted = (
        found.filter(network__in=networks, municipality__isnull=False)
        .exclude(state=ActivityState.CANCELLED)
        .order_by()
        .values_list("municipality")
        .annotate(number=Count("pk"))
    )
    return PlaceFigure(_("Activities"), dict(counted))


def parts_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the parts of a body in whole programmes, those that the person sees."""
    rows = [
        [Link(programme.title, programme.get_absolute_url()), BodyRole(programme.part).label]
        for programme in _programmes_with(user, body)
        if programme.part
    ]
    if not rows:
        return None
    return BodyPanel("parts", _("Part in whole programmes"), [Column(_("Programme")), Column(_("Part"))], rows)


def processing_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the parts of a body in the processing of personal data, in the programmes that the person sees."""
    shown = {programme.pk: programme for programme in _programmes_with(user, body) if programme.processing_part}
    rows = [
        [
            Link(programme.title, programme.get_absolute_url()),
            DataRole(programme.processing_part).label,
            _("%(act)s of %(day)s") % {"act": programme.legal_act, "day": f"{programme.act_on:%d/%m/%Y}"},
            programme.dpo_contact,
        ]
        for programme in shown.values()
    ]
    if not rows:
        return None
    columns = [
        Column(_("Programme")),
        Column(_("Part in the processing")),
        Column(_("Act that gives it")),
        Column(_("Data protection officer")),
    ]
    return BodyPanel("processing", _("Part in the processing of personal data"), columns, rows)


def _programmes_with(user: Any, body: Organisation) -> list[Any]:
    """Return the programmes in which a body has a part, one row for each part; read once for both panels. One query."""

    def read() -> list[Any]:
        own = {
            "own_part": FilteredRelation("bodies", condition=Q(bodies__organisation=body)),
            "own_role": FilteredRelation("processing_roles", condition=Q(processing_roles__organisation=body)),
        }
        found = Programme.objects.visible_to(user).annotate(**own)
        return list(
            found.filter(Q(own_part__isnull=False) | Q(own_role__isnull=False))
            .annotate(
                part=F("own_part__role"),
                processing_part=F("own_role__role"),
                legal_act=F("own_role__legal_act"),
                act_on=F("own_role__act_on"),
                dpo_contact=F("own_role__dpo_contact"),
            )
            .order_by("title", "part", "pk")
        )

    return kept_on(body, "_portal_programmes", read)


def activities_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the latest activities of a body, or held in its rooms, those that the person sees."""
    found = (
        Activity.objects.visible_to(user)
        .filter(organisation=body)
        .select_related("activity_type", "network")
        .order_by("-starts_on", "-pk")[: PANEL_SIZE + 1]
    )
    rows = [
        [
            Lines(Link(activity.title, activity.get_absolute_url()), activity.activity_type.title),
            activity.network.name,
            activity.starts_on,
            Pill(activity.get_state_display(), ACTIVITY.colours[activity.state]),
        ]
        for activity in found
    ]
    if not rows:
        return None
    columns = [Column(_("Activity")), Column(_("Network")), Column(_("From"), nowrap=True), Column(_("State"))]
    more = Link(_("All its activities"), f"{reverse('actions:activity-list')}?organisation={body.pk}")
    return BodyPanel(
        "activities", _("Activities"), columns, rows[:PANEL_SIZE], more if len(rows) > PANEL_SIZE else None
    )


def actions_panel(user: Any, network: Network) -> BodyPanel | None:
    """Return the actions that a network carries out: those of every stay in it, of what the person sees. One query."""
    seen = Programme.objects.visible_to(user).values("pk")
    found = (
        ActionNetwork.objects.filter(network=network, action__programme__in=seen)
        .select_related("action", "action__programme")
        .order_by("action__programme__title", "action__position", "action__code", "pk")
    )
    rows = [
        [str(row.action), Link(row.action.programme.title, row.action.programme.get_absolute_url())] for row in found
    ]
    if not rows:
        return None
    return BodyPanel("actions", _("Actions that it carries out"), [Column(_("Action")), Column(_("Programme"))], rows)


def decisions_panel(user: Any, network: Network) -> BodyPanel | None:
    """Return what the tables of a network decided and is still to be done, what is late first. One query."""
    tables = Q(meeting__activity__network=network) | Q(
        meeting__activity__in=ActivityNetwork.objects.filter(network=network).values("activity")
    )
    found = list(decisions_for(user).filter(tables, state=DecisionState.OPEN)[: PANEL_SIZE + 1])
    if not found:
        return None
    today = clock.today()
    rows = [
        [
            Lines(Link(row.text, row.get_absolute_url()), row.meeting.activity.title),
            Lines(row.organisation.name, row.office) if row.organisation else row.office,
            Lines(row.due_on, Pill(_("Overdue"), "danger")) if row.is_late(today) else row.due_on,
        ]
        for row in found
    ]
    columns = [Column(_("What was decided")), Column(_("Who does it")), Column(_("By"), nowrap=True)]
    more = Link(_("All the decisions of the tables"), reverse("actions:decision-list"))
    return BodyPanel("decisions", _("Decisions of its tables to carry out"), columns, rows[:PANEL_SIZE], more)


def targets_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the targets promised by the plans that a body carries out, those in force."""
    seen = Programme.objects.visible_to(user).values("pk")
    found = (
        IndicatorTarget.objects.filter(plan__organisation=body, indicator__programme__in=seen)
        .select_related("indicator", "plan")
        .order_by("plan__title", "plan", "indicator__position", "indicator__code", "valid_from", "number")
    )
    # The last one of each indicator holds.
    last = {(target.plan_id, target.indicator_id): target for target in found}
    rows = [
        [target.plan.title if target.plan else "", str(target.indicator), target.value, target.valid_from]
        for target in last.values()
    ]
    if not rows:
        return None
    columns = [
        Column(_("Plan")),
        Column(_("Indicator")),
        Column(_("Target"), numeric=True),
        Column(_("Valid from"), nowrap=True),
    ]
    return BodyPanel("targets", _("Targets of its plans"), columns, rows)
