# SPDX-License-Identifier: EUPL-1.2
"""Reads over the certificates: who attended, or was guided, how much, who was certified, who opens their files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState, MeetingState
from actions.models import Activity
from actions.permissions import can_view_activity
from actions.selectors.activities import ActivityPanel
from beneficiaries.models import Beneficiary, Certificate, Enrolment, Identity
from beneficiaries.permissions import certifying_bodies
from beneficiaries.selectors.counting import MEANT
from beneficiaries.selectors.guidance import Guided, certifies_guidance, gives_guidance, guidance_of
from fami_portal.core.components import Link
from fami_portal.core.models import Document, Job
from partners.models import Organisation

KIND = "attendance_certificates"
JOB_KIND = "beneficiaries.certificates"
# Of the minutes held, in percent: what courses of the fund usually ask.
DEFAULT_SHARE = 70
# The files carry names: whoever asked for one prints it within these days.
KEPT = timedelta(days=7)
CERTIFIED_STATES = frozenset({ActivityState.RUNNING, ActivityState.CONCLUDED})


@dataclass(frozen=True)
class Attended:
    """One enrolled recipient: minutes attended of those held; of whom was followed one by one, the guidance received."""

    enrolment: Enrolment
    minutes: int
    held: int
    guided: Guided | None = None

    @property
    def figures(self) -> tuple[int, int, int, int]:
        """What makes a certificate the same: the enrolment, the minutes attended and held, the interventions."""
        return self.enrolment.pk, self.minutes, self.held, self.guided.times if self.guided else 0

    @property
    def percent(self) -> int:
        """The share of the held minutes, rounded down: nobody reaches a share by rounding."""
        return self.minutes * 100 // self.held if self.held else 0

    @property
    def certificates(self) -> list[Certificate]:
        """What was issued, newest first."""
        return list(self.enrolment.certificates.all())


def minutes_held(activity: Activity) -> int:
    """Return the minutes of the meetings that took place."""
    total = activity.meetings.filter(state=MeetingState.HELD).aggregate(total=Sum("minutes", default=0))["total"]
    return int(total)


def attended_by(activity: Activity, bodies: Iterable[Organisation]) -> list[Attended]:
    """Return the enrolled whose name one of the bodies wrote and may open, who attended most first. At most four queries.

    Where persons are followed one by one, what each received is what was held for it.
    """
    guided = guidance_of(activity) if certifies_guidance(activity) else None
    held = minutes_held(activity) if guided is None else 0
    counted = Q(attendances__meeting__state=MeetingState.HELD)
    found = (
        activity.enrolments.filter(MEANT, Exists(identities_of(bodies).filter(beneficiary=OuterRef("beneficiary"))))
        .select_related("activity__organisation", "activity__venue", "beneficiary")
        .prefetch_related(Prefetch("certificates", Certificate.objects.order_by("-pk")))
        .annotate(attended=Sum("attendances__minutes", filter=counted, default=0))
        .order_by("-attended", "beneficiary__local_code", "pk")
    )
    if guided is None:
        return [Attended(enrolment, enrolment.attended, held) for enrolment in found]
    received = [(enrolment, guided.get(enrolment.pk)) for enrolment in found]
    people = [Attended(one, it.minutes if it else 0, it.minutes if it else 0, it) for one, it in received]
    return sorted(people, key=lambda one: -one.minutes)


def certified_elsewhere(activity: Activity, bodies: Iterable[Organisation]) -> list[tuple[str, int]]:
    """Return which other bodies registered enrolled people, and so certify them, and how many. One query."""
    own = list(bodies)
    found = (
        activity.enrolments.filter(MEANT, ~Exists(identities_of(own).filter(beneficiary=OuterRef("beneficiary"))))
        .exclude(beneficiary__registered_by__in=own)
        .values_list("beneficiary__registered_by__name")
        .annotate(number=Count("pk"))
        .order_by("beneficiary__registered_by__name")
    )
    return list(found)


def identities_of(bodies: Iterable[Organisation]) -> QuerySet[Identity]:
    """Return the names that bodies wrote and that may be opened still."""
    return Identity.objects.filter(
        organisation__in=list(bodies), destroyed_at__isnull=True, beneficiary__restricted_at__isnull=True
    )


def certificates_of(enrolment: Enrolment) -> QuerySet[Certificate]:
    """Return what was issued for an enrolment, newest first."""
    return Certificate.objects.filter(enrolment=enrolment).order_by("-pk")


def own_files(user: Any, activity: Activity) -> QuerySet[Document]:
    """Return the files of certificates of an activity that the person asked for and that are still there."""
    return Document.objects.filter(
        kind=KIND, subject_id=activity.pk, created_by=user, destroyed_at__isnull=True
    ).order_by("-pk")


def subjects_of(document: Document) -> list[Beneficiary]:
    """Return whose names a file carries: those for whom it was made."""
    job = Job.objects.filter(kind=JOB_KIND, result=document).order_by("pk").first()
    ids = job.parameters.get("enrolments", []) if job is not None else []
    return list(Beneficiary.objects.filter(enrolments__in=ids).distinct().order_by("pk"))


def files_with(ids: Iterable[int]) -> list[Document]:
    """Return the files that carry the names of some records and are still there."""
    wanted = set(Enrolment.objects.filter(beneficiary__in=list(ids)).order_by().values_list("pk", flat=True))
    jobs = Job.objects.filter(kind=JOB_KIND, result__destroyed_at__isnull=True).select_related("result")
    return [
        job.result
        for job in jobs.order_by("pk")
        if job.result is not None and wanted.intersection(job.parameters.get("enrolments", []))
    ]


def _activity_of(document: Document) -> Activity | None:
    return Activity.objects.filter(pk=document.subject_id).first()


def may_open(user: Any, document: Document) -> bool:
    """Whether the person opens a file of certificates: who asked for it, while the right to the names lasts."""
    activity = _activity_of(document)
    if activity is None or not can_view_activity(user, activity):
        return False
    if document.created_by_id != user.pk or not certifying_bodies(user, activity):
        raise PermissionDenied(_("Only who asked for these certificates opens them."))
    return True


def page_of(document: Document) -> str:
    """Return the address of the certificates of the activity."""
    activity = _activity_of(document)
    return reverse("beneficiaries:certificates", args=[activity.uuid]) if activity is not None else ""


def certificate_panel(user: Any, activity: Activity) -> ActivityPanel | None:
    """Return what the page of an activity shows of its certificates, to those who issue them."""
    if not activity.has_register or activity.state not in CERTIFIED_STATES or not certifying_bodies(user, activity):
        return None
    if certifies_guidance(activity):
        return _guidance_panel(activity) if gives_guidance(activity) else None
    issued = Certificate.objects.filter(enrolment__activity=activity).values("enrolment").distinct().count()
    return ActivityPanel(
        title=_("Certificates of attendance"),
        rows=[(_("People certified"), issued)],
        link=Link(_("Print certificates"), reverse("beneficiaries:certificates", args=[activity.uuid])),
    )


def _guidance_panel(activity: Activity) -> ActivityPanel:
    """The way to the certificates of guidance. No query: the page of such an activity asks enough."""
    return ActivityPanel(
        title=_("Certificates of guidance"),
        text=_(
            "For who has to prove the hours of guidance received: hours and interventions, and nothing of the reasons."
        ),
        link=Link(_("Print certificates"), reverse("beneficiaries:certificates", args=[activity.uuid])),
    )
