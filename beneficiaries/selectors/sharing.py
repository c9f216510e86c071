# SPDX-License-Identifier: EUPL-1.2
"""Reads over sharing acts and exceptional openings: what a person sees of them, and where names could be shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.enums import ActivityState
from actions.models import Activity
from beneficiaries.models import SHARED_AFTER, BreakGlass, Enrolment, SharingAct
from beneficiaries.permissions import keepers_of, watches_programmes
from fami_portal.core.nav import Waiting
from partners.models import Organisation
from partners.permissions import organisations_with

# As many as the first page can show of one sort.
WAITING = 20


def acts_on(activity: Activity) -> list[SharingAct]:
    """Return the acts on an activity that nobody revoked, with their bodies. One query."""
    found = activity.sharing_acts.filter(revoked_at__isnull=True).select_related("organisation", "keeper")
    acts = list(found.order_by("organisation__name", "pk"))
    for act in acts:
        act.activity = activity  # the end of the act moves with these very dates
    return acts


def acts_for(user: Any) -> QuerySet[SharingAct]:
    """Return the acts that the person may see, the newest first."""
    return (
        SharingAct.objects.visible_to(user)
        .select_related("activity__programme", "organisation", "keeper", "recorded_by", "revoked_by")
        .order_by("-recorded_at", "-pk")
    )


@dataclass(frozen=True)
class ToShare:
    """An activity whose register another body keeps, with how many recipients of the own body are enrolled there."""

    activity: Activity
    organisation: Organisation
    keeper: Organisation
    recipients: int


def names_to_share(user: Any, day: date, activity: Activity | None = None) -> list[ToShare]:
    """Return where the person's bodies could share names and nobody recorded it; three queries.

    Activities that go on, or ended less than thirty days before `day`, with recipients that the own body registered.
    """
    own = {body.pk: body for body in organisations_with(user, Permission.SHARE_IDENTITIES)}
    if not own:
        return []
    enrolled = Enrolment.objects.filter(
        beneficiary__registered_by__in=own, activity__ends_on__gte=day - SHARED_AFTER
    ).exclude(activity__state=ActivityState.CANCELLED)
    if activity is not None:
        enrolled = enrolled.filter(activity=activity)
    # Where the own body alone keeps the register there is nobody to share with.
    enrolled = enrolled.exclude(
        Q(activity__organisation=F("beneficiary__registered_by"))
        & (Q(activity__venue__isnull=True) | Q(activity__venue=F("beneficiary__registered_by")))
    )
    counted = list(
        enrolled.values_list("activity", "beneficiary__registered_by")
        .annotate(recipients=Count("pk"))
        .order_by("activity", "beneficiary__registered_by")
    )
    ids = {row[0] for row in counted}
    activities = {
        found.pk: found
        for found in Activity.objects.filter(pk__in=ids).select_related("organisation", "venue").order_by("pk")
    }
    shared = set(
        SharingAct.objects.filter(activity__in=ids, organisation__in=own, revoked_at__isnull=True)
        .order_by("pk")
        .values_list("activity", "organisation", "keeper")
    )
    return [
        ToShare(activities[pk], own[body], keeper, recipients)
        for pk, body, recipients in counted
        for keeper in _keepers(activities[pk])
        if keeper.pk != body and (pk, body, keeper.pk) not in shared
    ]


def _keepers(activity: Activity) -> Sequence[Organisation]:
    bodies = [activity.organisation, activity.venue]
    return [body for body in bodies if body is not None and body.pk in keepers_of(activity)]


def last_notice(activity: Activity, organisation: Organisation) -> Enrolment | None:
    """Return the last enrolment of a recipient of the body in the activity: its notice is probably that of all."""
    found = activity.enrolments.filter(beneficiary__registered_by=organisation, notice_given_on__isnull=False)
    return found.order_by("-notice_given_on", "-pk").first()


def openings_for(user: Any) -> QuerySet[BreakGlass]:
    """Return the exceptional openings that the person watches over, those not examined first, then the newest."""
    return (
        BreakGlass.objects.visible_to(user)
        .select_related("beneficiary", "beneficiary__programme", "organisation", "opened_by", "examined_by", "reading")
        .order_by(F("examined_at").asc(nulls_first=True), "-at", "-pk")
    )


def openings_waiting(user: Any) -> list[Waiting]:
    """Return what waits for the officer on the first page."""
    if not watches_programmes(user):
        return []
    found = openings_for(user).filter(examined_at__isnull=True)[:WAITING]
    return [
        Waiting(
            _("Examine an exceptional opening"),
            act.get_absolute_url(),
            status=_("To be examined"),
            colour="warning",
            context=act.beneficiary.programme.title,
        )
        for act in found
    ]
