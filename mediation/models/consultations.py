# SPDX-License-Identifier: EUPL-1.2
"""Ethnoclinical consultations for operators on a case (A.5; reference: domain, 5.5).

What is written about the case is for the service that refers and for the clinician alone. The history of the rows
keeps none of it, and no act carries it in its comment: it can be erased, and nobody else ever reads it.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Activity, Programme
from fami_portal.core.history import row_history
from mediation.enums import (
    AgeRange,
    ConsultationOutcome,
    ConsultationSessionKind,
    ConsultationState,
    GeographicArea,
    Urgency,
)
from mediation.models.hours import HourAccount
from partners.models import Language, Membership, Network, Organisation

# What only the service that refers and the clinician read; the history keeps none of it.
CONFIDENTIAL = (
    "contact_name",
    "contact_email",
    "case_code",
    "age_range",
    "language",
    "area",
    "question",
    "services_involved",
    "urgency_reason",
    "availability",
    "triage_note",
)
_WITH_HOURS = (
    ConsultationState.ACCEPTED,
    ConsultationState.ASSESSMENT,
    ConsultationState.RESTITUTION,
    ConsultationState.REOPENED,
)


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    """Reads over consultations. Seeing that one exists is not reading its case (`permissions.can_read_case`)."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_MEDIATION_REQUESTS
    ) -> "ConsultationQuerySet":
        """Those of the own body, of the networks coordinated, of the programmes reached, assigned to oneself."""
        bodies = Membership.objects.granting(user, permission, Scope.BODY).values("organisation")
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        consults = Membership.objects.granting(user, Permission.CONSULT, Scope.OWN)
        return self.filter(
            Q(organisation__in=bodies)
            | (
                ~Q(state=ConsultationState.DRAFT)
                & (
                    Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
                    | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
                    | (Q(consultant=user.pk) & Q(models.Exists(consults)))
                )
            )
        )

    def with_parts(self) -> "ConsultationQuerySet":
        return self.select_related("programme", "network", "organisation", "language", "consultant", "account")


class Consultation(models.Model):
    """A service or a school refers a case, by a code of its own, to the ethnoclinical consultation."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # `A5-2019-00042`, given when it is referred.
    number = models.CharField(_("number"), max_length=20, blank=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="consultations")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="consultations"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school or service"), related_name="consultations"
    )
    # Given at the acceptance, with the hours.
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, related_name="consultations")
    account = models.ForeignKey(HourAccount, on_delete=models.PROTECT, null=True, related_name="consultations")
    state = models.CharField(_("state"), max_length=15, choices=ConsultationState, default=ConsultationState.DRAFT)
    version = models.PositiveIntegerField(default=1)

    contact_name = models.CharField(_("operator who refers"), max_length=150, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    case_code = models.CharField(_("code of the case"), max_length=30, blank=True)
    age_range = models.CharField(_("age"), max_length=10, choices=AgeRange, blank=True)
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("language"), null=True, blank=True, related_name="+"
    )
    area = models.CharField(_("geographic area of origin"), max_length=25, choices=GeographicArea, blank=True)
    question = models.TextField(_("question"), max_length=1000, blank=True)
    services_involved = models.CharField(_("services already involved"), max_length=500, blank=True)
    consent_given = models.BooleanField(_("informed consent given"), default=False)
    consent_on = models.DateField(_("consent given on"), null=True, blank=True)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency, default=Urgency.ORDINARY)
    urgency_reason = models.CharField(_("reason of the urgency"), max_length=300, blank=True)
    availability = models.CharField(_("days and times possible"), max_length=300, blank=True)

    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("clinician"), null=True, related_name="+"
    )
    # What the clinician asks to complete, or why it is not pertinent.
    triage_note = models.TextField(_("note of the clinician"), max_length=1000, blank=True)
    minutes_planned = models.PositiveIntegerField(_("minutes planned"), default=0)
    outcome = models.CharField(_("outcome"), max_length=15, choices=ConsultationOutcome, blank=True)

    created_at = models.DateTimeField(_("begun on"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("referred on"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)
    state_since = models.DateTimeField(null=True)
    # The retention took the free texts and the contacts (`services.purging`).
    texts_destroyed_at = models.DateTimeField(_("texts destroyed on"), null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("ethnoclinical consultation")
        verbose_name_plural = _("ethnoclinical consultations")
        indexes = [
            models.Index(fields=["network", "state", "submitted_at"], name="mediation_consultation_board"),
            models.Index(fields=["consultant", "state"], name="mediation_consultation_mine"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="mediation_consultation_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state=ConsultationState.DRAFT)
                | Q(submitted_at__isnull=False, number__gt="", consent_given=True, consent_on__isnull=False),
                name="mediation_consultation_referred",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_WITH_HOURS)
                | Q(
                    accepted_at__isnull=False,
                    account__isnull=False,
                    activity__isnull=False,
                    consultant__isnull=False,
                    minutes_planned__gt=0,
                ),
                name="mediation_consultation_accepted",
            ),
            models.CheckConstraint(
                condition=(Q(state=ConsultationState.CLOSED, closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state=ConsultationState.CLOSED) & Q(closed_at__isnull=True, outcome="")),
                name="mediation_consultation_closed",
            ),
        ]
        triggers = [row_history(exclude=(*(name for name in CONFIDENTIAL if name != "language"), "language_id"))]

    class Privacy:
        internal = (
            "id uuid number programme network organisation activity account state version consent_given consent_on "
            "urgency consultant minutes_planned outcome created_at submitted_at accepted_at closed_at state_since "
            "texts_destroyed_at"
        )
        personal = "contact_name contact_email created_by submitted_by"
        special = "case_code age_range language area question services_involved urgency_reason availability triage_note"

    def __str__(self) -> str:
        return self.number or f"consultation #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:consultation", args=[self.uuid])


class ConsultationSession(models.Model):
    """A session of assessment, or the restitution: day, minutes, who was there by number, what was said."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(_("kind"), max_length=12, choices=ConsultationSessionKind)
    held_on = models.DateField(_("day"))
    minutes = models.PositiveIntegerField(_("minutes"))
    professionals = models.PositiveSmallIntegerField(_("professionals present"), default=1)
    with_mediator = models.BooleanField(_("with a mediator"), default=False)
    # For the service that referred and the clinician alone.
    text = models.TextField(_("what is given back"), max_length=3000, blank=True)
    recorded_at = models.DateTimeField(_("recorded on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("session of a consultation")
        verbose_name_plural = _("sessions of consultations")
        indexes = [models.Index(fields=["consultation", "held_on", "id"], name="mediation_consultation_days")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=720), name="mediation_consultationsession_minutes"
            ),
            models.CheckConstraint(
                condition=Q(professionals__gte=1), name="mediation_consultationsession_professionals"
            ),
            models.UniqueConstraint(
                fields=["consultation"],
                condition=Q(kind=ConsultationSessionKind.RESTITUTION),
                name="mediation_consultation_one_restitution",
                violation_error_message=_("The restitution is recorded already."),
            ),
        ]
        triggers = [row_history(exclude=("text",))]

    class Privacy:
        internal = "id uuid consultation kind held_on minutes professionals with_mediator recorded_at"
        personal = "recorded_by"
        special = "text"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
