# SPDX-License-Identifier: EUPL-1.2
"""Sessions with their planned and actual times, the report (A.2, A.4) and its signatures."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from mediation.enums import (
    Absent,
    FollowUp,
    SessionOutcome,
    SessionState,
    SignatureMethod,
    SignerRole,
)
from mediation.models.mediators import Mediator
from mediation.models.requests import MediationRequest, Proposal
from partners.models import Language


class MediationSessionQuerySet(models.QuerySet["MediationSession"]):
    """Reads over sessions."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_MEDIATION_REQUESTS
    ) -> "MediationSessionQuerySet":
        """Sessions of the requests that the person sees."""
        return self.filter(request__in=MediationRequest.objects.visible_to(user, permission).values("pk"))


class MediationSession(models.Model):
    """One session. Planned and actual times are apart, travel is apart; everything is counted in minutes.

    Times are moments: a session across midnight or across the October hour lasts what the clock of the world says.
    An exclusion constraint (migration 0002) keeps one mediator out of two places, travel included.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(MediationRequest, on_delete=models.PROTECT, related_name="sessions")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, related_name="sessions")
    mediator = models.ForeignKey(
        Mediator, on_delete=models.PROTECT, verbose_name=_("mediator"), related_name="sessions"
    )
    position = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=SessionState, default=SessionState.PLANNED)
    planned_from = models.DateTimeField(_("planned from"))
    planned_until = models.DateTimeField(_("planned until"))
    # The mediator's time that this session takes, travel included.
    busy_from = models.DateTimeField()
    busy_until = models.DateTimeField()
    # A time that is being agreed: the old one stands until the other side confirms.
    proposed_from = models.DateTimeField(_("new time from"), null=True, blank=True)
    proposed_until = models.DateTimeField(_("new time until"), null=True, blank=True)
    # Who proposed it: the other side answers. A coordinator proposes for the school or service.
    proposed_side = models.CharField(_("proposed by"), max_length=10, choices=SignerRole, blank=True)
    # Grows with every change of time or state: the sequence of its calendar invitation.
    sequence = models.PositiveIntegerField(default=0)

    actual_from = models.DateTimeField(_("began"), null=True, blank=True)
    actual_until = models.DateTimeField(_("ended"), null=True, blank=True)
    break_minutes = models.PositiveSmallIntegerField(_("minutes of break"), default=0)
    minutes = models.PositiveIntegerField(_("minutes held"), null=True, blank=True)
    travel_minutes = models.PositiveSmallIntegerField(_("minutes of travel"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=SessionOutcome, blank=True)
    absent = models.CharField(_("because of"), max_length=10, choices=Absent, blank=True)
    # Minutes charged for a session that was not held or was cancelled late.
    charged_minutes = models.PositiveIntegerField(_("minutes charged"), default=0)
    parents = models.PositiveSmallIntegerField(_("parents present"), default=0)
    pupils = models.PositiveSmallIntegerField(_("pupils present"), default=0)
    operators = models.PositiveSmallIntegerField(_("teachers or operators present"), default=0)
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("language spoken"), null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MediationSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediation session")
        verbose_name_plural = _("mediation sessions")
        indexes = [
            models.Index(fields=["mediator", "planned_from"], name="mediation_session_mediator"),
            models.Index(fields=["request", "position"], name="mediation_session_request"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_until__gt=F("planned_from"))
                & Q(busy_from__lte=F("planned_from"), busy_until__gte=F("planned_until")),
                name="mediation_session_planned",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=SessionState.HELD)
                    & Q(
                        actual_from__isnull=False,
                        actual_until__gt=F("actual_from"),
                        minutes__gt=0,
                        recorded_at__isnull=False,
                    )
                    & ~Q(outcome="")
                )
                | (
                    ~Q(state=SessionState.HELD)
                    & Q(actual_from__isnull=True, actual_until__isnull=True, minutes__isnull=True)
                ),
                name="mediation_session_held",
            ),
            models.CheckConstraint(
                condition=(Q(state=SessionState.NOT_HELD) & ~Q(absent="")) | ~Q(state=SessionState.NOT_HELD),
                name="mediation_session_not_held",
            ),
            models.CheckConstraint(
                condition=Q(proposed_from__isnull=True, proposed_until__isnull=True, proposed_side="")
                | (Q(proposed_until__gt=F("proposed_from")) & ~Q(proposed_side="")),
                name="mediation_session_new_time",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid request proposal mediator position state planned_from planned_until busy_from busy_until "
            "proposed_from proposed_until proposed_side sequence actual_from actual_until break_minutes minutes travel_minutes outcome "
            "absent charged_minutes recorded_at version"
        )
        special = "parents pupils operators language note"

    def __str__(self) -> str:
        return f"session #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:session", args=[self.uuid])


class InterventionReport(models.Model):
    """The report of a request (A.2 for schools, A.4 for services), prefilled from it and signed by both sides."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.OneToOneField(MediationRequest, on_delete=models.PROTECT, related_name="report")
    # Which filing this is: it grows with every reopening, and signatures belong to one.
    attempt = models.PositiveSmallIntegerField(default=1)
    interventions = models.JSONField(_("types of intervention"), default=list, blank=True)
    operator_name = models.CharField(_("operator present"), max_length=150, blank=True)
    operator_role = models.CharField(_("role"), max_length=100, blank=True)
    summary = models.TextField(_("what was done"), max_length=1500, blank=True)
    topics = models.CharField(_("topics"), max_length=300, blank=True)
    # How well people understood one another, 1 to 5.
    communication = models.PositiveSmallIntegerField(_("outcome of the communication"), null=True, blank=True)
    needs = models.TextField(_("needs that emerged"), max_length=1000, blank=True)
    # A.4: codes of the programme's list of needs, and what helps to read the case (the service's alone).
    need_codes = models.JSONField(_("coded needs"), default=list, blank=True)
    cultural_elements = models.TextField(_("cultural elements useful to the reading"), max_length=1500, blank=True)
    follow_up = models.CharField(_("follow-up"), max_length=15, choices=FollowUp, default=FollowUp.NONE)
    follow_up_note = models.CharField(_("note on the follow-up"), max_length=300, blank=True)
    # Given by the requester with the countersignature, 1 to 10.
    rating = models.PositiveSmallIntegerField(_("evaluation of the requester"), null=True, blank=True)
    rating_note = models.CharField(_("note of the requester"), max_length=500, blank=True)
    filed_at = models.DateTimeField(_("filed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("report of the intervention")
        verbose_name_plural = _("reports of the interventions")
        constraints = [
            models.CheckConstraint(
                condition=Q(communication__isnull=True) | Q(communication__gte=1, communication__lte=5),
                name="mediation_report_communication",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=10), name="mediation_report_rating"
            ),
        ]
        triggers = [
            row_history(exclude=("summary", "needs", "cultural_elements", "operator_name", "topics", "follow_up_note"))
        ]

    class Privacy:
        internal = "id uuid request attempt interventions communication rating filed_at version follow_up"
        personal = "operator_name operator_role rating_note"
        special = "summary topics needs need_codes cultural_elements follow_up_note"

    def __str__(self) -> str:
        return f"report #{self.pk}"


class Signature(models.Model):
    """One signature under one filing of a report, or under one session of a series; never changed.

    `content_sha256` is the fingerprint of what was signed: a later difference shows.
    """

    report = models.ForeignKey(InterventionReport, on_delete=models.PROTECT, null=True, related_name="signatures")
    session = models.ForeignKey(MediationSession, on_delete=models.PROTECT, null=True, related_name="signatures")
    attempt = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(_("as"), max_length=10, choices=SignerRole)
    method = models.CharField(_("how"), max_length=10, choices=SignatureMethod)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    signer_name = models.CharField(_("signed by"), max_length=150)
    signed_at = models.DateTimeField(_("signed on"))
    content_sha256 = models.CharField(max_length=64)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("signed sheet"), null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "session", "attempt", "role"],
                nulls_distinct=False,
                name="mediation_signature_once",
            ),
            models.CheckConstraint(
                condition=Q(report__isnull=False, session__isnull=True) | Q(report__isnull=True, session__isnull=False),
                name="mediation_signature_of_one",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id report session attempt role method signed_at content_sha256 document"
        personal = "signer signer_name"

    def __str__(self) -> str:
        return f"signature #{self.pk}"


class OneTimeCode(models.Model):
    """A code sent to the requester's mailbox, to sign on the mediator's device. Only its sha256 is kept."""

    report = models.ForeignKey(InterventionReport, on_delete=models.PROTECT, null=True, related_name="codes")
    session = models.ForeignKey(MediationSession, on_delete=models.PROTECT, null=True, related_name="codes")
    code_sha256 = models.CharField(max_length=64)
    sent_to = models.EmailField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")

    class Privacy:
        internal = "id report session code_sha256 created_at expires_at attempts used_at"
        personal = "sent_to"

    def __str__(self) -> str:
        return f"code #{self.pk}"


class PaperSheet(models.Model):
    """A printed sheet with its QR code: the photograph of the signed sheet attaches itself to the session."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(MediationSession, on_delete=models.PROTECT, related_name="sheets")
    # What the QR code and the line below it say: short, without letters that look alike.
    code = models.CharField(max_length=12, unique=True)
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    photograph = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    # Who of the school or service signed it, as whoever hands it in reads.
    signer_name = models.CharField(_("signed by"), max_length=150, blank=True)
    attached_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("printed sheet")
        verbose_name_plural = _("printed sheets")
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid session code printed_at photograph attached_at"
        personal = "printed_by signer_name"

    def __str__(self) -> str:
        return f"sheet {self.code}"
