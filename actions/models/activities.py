# SPDX-License-Identifier: EUPL-1.2
"""Activities, their meetings, what they deliver and whom they inform."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import ActivityKind, ActivityState, BodyAttendance, MeetingState, ProductKind, ReachMetric
from actions.models.indicators import ReachChannel
from actions.models.programmes import Action, ActivityType, Plan, Programme
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Language, Membership, Municipality, Network, Organisation


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Reads over activities."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW_ACTIVITIES) -> "ActivityQuerySet":
        """Activities on which the person holds the permission: by programme, by network (also one that only takes
        part), by the body that carries them out or hosts them."""
        bodies = Membership.objects.granting(user, permission, Scope.BODY).values("organisation")
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        coordinated = Network.objects.filter(coordinations__in=coordinations).values("pk")
        return self.filter(
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(network__in=(coordinated := Network.objects.filter(coordinations__in=coordinations).values("pk")))
            | Q(
                pk__in=self.model.participations.rel.related_model.objects.filter(network__in=coordinated).values(
                    "activity"
                )
            )
            | Q(organisation__in=bodies)
            | Q(venue__in=bodies)
        )

    def with_type(self) -> "ActivityQuerySet":
        return self.select_related("activity_type", "activity_type__action", "organisation", "network", "programme")


class Activity(models.Model):
    """Something that a body carries out in a network under an action: a lab, a course, a desk, a newsletter."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="activities")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="activities")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="activities")
    activity_type = models.ForeignKey(
        ActivityType, on_delete=models.PROTECT, verbose_name=_("activity type"), related_name="activities"
    )
    network = models.ForeignKey(Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="activities")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="activities"
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    # The school or service where it takes place, when it is another body.
    venue = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("held at"), null=True, blank=True, related_name="+"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, verbose_name=_("municipality"), null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"))
    planned_minutes = models.PositiveIntegerField(_("planned minutes"), null=True, blank=True)
    places = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ActivityState, default=ActivityState.PLANNED)
    copied_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies")
    version = models.PositiveIntegerField(default=1)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["network", "organisation", "starts_on"], name="actions_activity_body"),
            models.Index(fields=["programme", "-starts_on", "-id"], name="actions_activity_list"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="actions_activity_dates",
                violation_error_message=_("The end comes before the start."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid programme plan action activity_type network organisation title municipality starts_on ends_on"
        internal = "description venue planned_minutes places state copied_from version"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("actions:activity", args=[self.uuid])

    @property
    def has_register(self) -> bool:
        """Recipients are enrolled by person (warning: reads the activity type)."""
        return self.activity_type.kind in {ActivityKind.LAB, ActivityKind.SUPPORT, ActivityKind.TRAINING}

    @property
    def has_supports(self) -> bool:
        """Persons and households are followed one by one (warning: reads the activity type)."""
        return self.activity_type.kind in {ActivityKind.SUPPORT, ActivityKind.DESK}

    @property
    def has_contacts(self) -> bool:
        """Whoever comes is counted without a name (warning: reads the activity type)."""
        return self.activity_type.kind == ActivityKind.DESK

    @property
    def enrols(self) -> bool:
        """Somebody is enrolled in it, for a register or for a support (warning: reads the activity type)."""
        return self.has_register or self.has_supports


class ActivityNetwork(models.Model):
    """Another network that takes part in a table from a day on: its coordinators see it, only its own body writes."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="participations")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="participations"
    )
    since = models.DateField(_("takes part since"))

    class Meta:
        verbose_name = _("network that takes part")
        verbose_name_plural = _("networks that take part")
        constraints = [models.UniqueConstraint(fields=["activity", "network"], name="actions_activitynetwork_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id activity network since"

    def __str__(self) -> str:
        return f"{self.network} – {self.activity}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Reads over meetings."""

    def visible_to(self, user: Any) -> "MeetingQuerySet":
        """Meetings of the activities that the person may see, and those to which a body of the person was called."""
        bodies = Membership.objects.granting(user, Permission.VIEW_ACTIVITIES, Scope.BODY).values("organisation")
        return self.filter(
            Q(activity__in=Activity.objects.visible_to(user).values("pk"))
            | Q(pk__in=MeetingBody.objects.filter(organisation__in=bodies).values("meeting"))
        )


class Meeting(models.Model):
    """One meeting of an activity. Times are local to Italy; minutes are what was held, without breaks."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    # People counted without a register (families, operators at a table): a head count, never persons.
    head_count = models.PositiveSmallIntegerField(_("people present"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=MeetingState, default=MeetingState.SCHEDULED)
    version = models.PositiveIntegerField(default=1)
    organisations = models.ManyToManyField(
        Organisation, through="MeetingBody", verbose_name=_("bodies present"), related_name="meetings"
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [models.Index(fields=["activity", "held_on", "id"], name="actions_meeting_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "held_on", "starts_at"],
                condition=~Q(state=MeetingState.CANCELLED),
                name="actions_meeting_once",
                violation_error_message=_("There is a meeting at this time already."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="actions_meeting_times",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=1440), name="actions_meeting_minutes"),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid activity held_on starts_at ends_at minutes topic place head_count state version organisations"
        )

    def __str__(self) -> str:
        return f"{self.held_on:%d/%m/%Y} {self.starts_at:%H:%M} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("actions:meeting", args=[self.uuid])


class MeetingBodyQuerySet(models.QuerySet["MeetingBody"]):
    """Reads over the bodies of meetings."""

    def present(self) -> "MeetingBodyQuerySet":
        return self.filter(attendance=BodyAttendance.PRESENT)


class MeetingBody(models.Model):
    """A body that was called to a meeting, or was there: one that was there is how an association is counted."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="bodies_present")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="meetings_attended"
    )
    attendance = models.CharField(
        _("attendance"),
        max_length=10,
        choices=BodyAttendance,
        default=BodyAttendance.PRESENT,
        db_default=BodyAttendance.PRESENT,
    )
    # Of the people of the body how many were there: none unless it was.
    people = models.PositiveSmallIntegerField(_("people"), default=1)

    objects = MeetingBodyQuerySet.as_manager()

    class Meta:
        verbose_name = _("body at a meeting")
        verbose_name_plural = _("bodies at meetings")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "organisation"], name="actions_meetingbody_once"),
            models.CheckConstraint(
                condition=Q(attendance=BodyAttendance.PRESENT) | Q(people=0), name="actions_meetingbody_people"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id meeting organisation attendance people"

    def __str__(self) -> str:
        return f"{self.organisation} – {self.meeting}"


class Deliverable(models.Model):
    """Something made: a simplified form, a material, guidelines, a protocol signed by its parties."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="deliverables")
    kind = models.CharField(_("kind"), max_length=20, choices=ProductKind, default=ProductKind.MATERIAL)
    title = models.CharField(_("title"), max_length=200)
    delivered_on = models.DateField(_("delivered on"))
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    # Of a protocol: who signed it, and its number in the repertory. It is delivered on the day of the signature.
    repertory_number = models.CharField(_("repertory number"), max_length=50, blank=True)
    parties = models.ManyToManyField(Organisation, verbose_name=_("parties"), blank=True, related_name="protocols")
    languages = models.ManyToManyField(Language, verbose_name=_("languages"), blank=True, related_name="+")
    url = models.URLField(_("address of the published page"), blank=True)
    evidence = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("evidence"), null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("product delivered")
        verbose_name_plural = _("products delivered")
        indexes = [models.Index(fields=["activity", "delivered_on", "id"], name="actions_deliverable_day")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="actions_deliverable_quantity"),
            models.CheckConstraint(
                condition=Q(kind=ProductKind.PROTOCOL, quantity=1)
                | (~Q(kind=ProductKind.PROTOCOL) & Q(repertory_number="")),
                name="actions_deliverable_protocol",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "kind title url languages"
        internal = "id uuid activity delivered_on quantity repertory_number parties evidence version"

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("actions:deliverable", args=[self.uuid])


class Campaign(models.Model):
    """A content published to inform: an issue of a newsletter, a post, a page of the portal."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="campaigns")
    channel = models.ForeignKey(
        ReachChannel, on_delete=models.PROTECT, verbose_name=_("channel"), related_name="campaigns"
    )
    title = models.CharField(_("title"), max_length=200)
    # The audience: reach counts audiences, not issues (twelve issues to 2,000 subscribers are 2,000).
    audience = models.CharField(_("audience"), max_length=100)
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("language"), null=True, blank=True, related_name="+"
    )
    published_on = models.DateField(_("published on"))
    url = models.URLField(_("address"), blank=True)
    evidence = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("evidence"), null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("content or campaign")
        verbose_name_plural = _("contents and campaigns")
        indexes = [models.Index(fields=["activity", "published_on", "id"], name="actions_campaign_day")]
        triggers = [row_history()]

    class Privacy:
        public = "title audience language published_on url channel"
        internal = "id uuid activity evidence version"

    def __str__(self) -> str:
        return f"{self.title} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("actions:campaign", args=[self.uuid])


class CampaignMeasure(models.Model):
    """A value read on a day, with where it was read: of the channel's own metric, or of another, which never counts."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="measures")
    # Empty: what the channel counts. The others are kept to be read.
    metric = models.CharField(_("metric"), max_length=15, choices=ReachMetric, blank=True)
    measured_on = models.DateField(_("measured on"))
    value = models.PositiveIntegerField(_("value"))
    source = models.CharField(_("where it was read"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("measure of a campaign")
        verbose_name_plural = _("measures of campaigns")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "metric", "measured_on"],
                name="actions_campaignmeasure_day_once",
                violation_error_message=_("There is a value of this day already."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id campaign metric measured_on value source"

    def __str__(self) -> str:
        return f"{self.campaign}: {self.value} #{self.pk}"
