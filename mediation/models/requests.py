# SPDX-License-Identifier: EUPL-1.2
"""Requests of mediation by schools and services (A.1, A.3, language facilitation).

A request never holds a name, a tax code or a phone of the person served: the case is known by a code of the body.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import MediationRequestKind
from actions.models import Activity, Programme
from beneficiaries.enums import Sex
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from mediation.enums import (
    AuthorisationMethod,
    Gender,
    Mode,
    ProposalState,
    RefusalReason,
    RequestChannel,
    RequestState,
    Urgency,
)
from mediation.models.hours import HourAccount
from mediation.models.mediators import Mediator
from partners.models import Country, Language, Membership, Municipality, Network, Organisation

_NOT_SUBMITTED = Q(state=RequestState.DRAFT)


class MediationRequestQuerySet(models.QuerySet["MediationRequest"]):
    """Reads over requests."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_MEDIATION_REQUESTS
    ) -> "MediationRequestQuerySet":
        """Requests of the own body, of the networks coordinated, of the programmes reached, assigned or proposed to
        oneself. Drafts are the body's alone."""
        bodies = Membership.objects.granting(user, permission, Scope.BODY).values("organisation")
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        mine = Membership.objects.granting(user, Permission.MEDIATE, Scope.OWN)
        return self.filter(
            Q(organisation__in=bodies)
            | (
                ~_NOT_SUBMITTED
                & (
                    Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
                    | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
                    | (
                        # Accepted without a proposal when it was arranged outside the portal.
                        (
                            Q(pk__in=Proposal.objects.filter(mediator__user=user.pk).values("request"))
                            | Q(mediator__in=Mediator.objects.filter(user=user.pk).values("pk"))
                        )
                        & Q(models.Exists(mine))
                    )
                )
            )
        )

    def with_parts(self) -> "MediationRequestQuerySet":
        return self.select_related("programme", "network", "organisation", "mediator", "account")


class MediationRequest(models.Model):
    """A school or a service asks for an intercultural mediator (A.1, A.3) or for language facilitation."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # `A1-2019-00042`, given at the submission.
    number = models.CharField(_("number"), max_length=20, blank=True)
    kind = models.CharField(_("form"), max_length=20, choices=MediationRequestKind)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="mediation_requests")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="mediation_requests"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school or service"), related_name="mediation_requests"
    )
    # The mediation activity of the network that carries it out; found when it is taken in charge.
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, related_name="mediation_requests")
    account = models.ForeignKey(HourAccount, on_delete=models.PROTECT, null=True, related_name="requests")
    state = models.CharField(_("state"), max_length=20, choices=RequestState, default=RequestState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    channel = models.CharField(_("how it came"), max_length=10, choices=RequestChannel, default=RequestChannel.PORTAL)
    # Why what was agreed outside was not asked here first.
    outside_reason = models.CharField(_("reason"), max_length=300, blank=True)
    # The furthest step of the form that has been filled in.
    step = models.PositiveSmallIntegerField(default=0)
    submission_key = models.UUIDField(null=True, unique=True)

    # Two contacts (practice of the regions): who answers for the body, and who will be there.
    contact_name = models.CharField(_("contact of the body"), max_length=150, blank=True)
    contact_role = models.CharField(_("role"), max_length=100, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)
    contact_phone = models.CharField(_("phone"), max_length=30, blank=True)
    field_contact_name = models.CharField(_("who will be there"), max_length=150, blank=True)
    field_contact_role = models.CharField(_("role"), max_length=100, blank=True)
    field_contact_email = models.EmailField(_("e-mail"), blank=True)
    field_contact_phone = models.CharField(_("phone"), max_length=30, blank=True)

    interventions = models.JSONField(_("types of intervention"), default=list, blank=True)
    reason = models.TextField(_("reason of the request"), max_length=1500, blank=True)
    mode = models.CharField(_("how"), max_length=10, choices=Mode, default=Mode.IN_PERSON)
    video_link = models.URLField(_("address of the video call"), blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, verbose_name=_("municipality"), null=True, blank=True, related_name="+"
    )
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency, default=Urgency.ORDINARY)
    urgency_reason = models.CharField(_("reason of the urgency"), max_length=300, blank=True)
    minutes_asked = models.PositiveIntegerField(_("minutes asked"), default=0)
    sessions_asked = models.PositiveSmallIntegerField(_("sessions asked"), default=1)
    mediator_gender = models.CharField(_("gender of the mediator"), max_length=12, choices=Gender, blank=True)
    mediator_gender_reason = models.CharField(_("reason of the preference"), max_length=300, blank=True)
    same_mediator = models.ForeignKey(
        Mediator,
        on_delete=models.PROTECT,
        verbose_name=_("the same mediator again"),
        null=True,
        blank=True,
        related_name="+",
    )
    operator_present = models.BooleanField(_("somebody of the body will be there"), default=False)
    # Language facilitation: one meeting a week, until when.
    series_until = models.DateField(_("every week until"), null=True, blank=True)

    # The family has been told, and received the notice.
    family_informed_on = models.DateField(_("family informed on"), null=True, blank=True)
    notice_version = models.CharField(_("version of the notice"), max_length=20, blank=True)

    # The case, minimised. A request for a group has no pupil, only how many families.
    is_group = models.BooleanField(_("for a group, without a single case"), default=False)
    families = models.PositiveSmallIntegerField(_("families"), null=True, blank=True)
    case_code = models.CharField(_("code of the case"), max_length=30, blank=True)
    school_class = models.CharField(_("class"), max_length=20, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=12, choices=Sex, blank=True)
    citizenship = models.ForeignKey(
        Country, on_delete=models.PROTECT, verbose_name=_("citizenship"), null=True, blank=True, related_name="+"
    )
    mother_tongue = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("mother tongue"), null=True, blank=True, related_name="+"
    )
    other_language = models.ForeignKey(
        Language,
        on_delete=models.PROTECT,
        verbose_name=_("other language understood"),
        null=True,
        blank=True,
        related_name="+",
    )
    # First day of the month of arrival in Italy.
    arrived_on = models.DateField(_("arrived in Italy"), null=True, blank=True)
    italian_level = models.CharField(_("level of Italian"), max_length=15, blank=True)
    # A.3 only: who the support is for, and whether a court is involved (never shown to schools and partners).
    case_kind = models.CharField(_("who the support is for"), max_length=20, blank=True)
    judicial = models.BooleanField(_("a proceeding of the judicial authority is open"), default=False)

    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted on"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Since when the present state lasts: the board counts the waiting from here.
    state_since = models.DateTimeField(null=True)
    authorised_at = models.DateTimeField(_("authorised on"), null=True, blank=True)
    authorised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    authorised_name = models.CharField(_("authorised by"), max_length=150, blank=True)
    authorisation = models.CharField(_("authorisation"), max_length=12, choices=AuthorisationMethod, blank=True)
    signed_document = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("signed document"), null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField(_("taken in charge on"), null=True, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # The mediator who accepted. Proposals tell the rest.
    mediator = models.ForeignKey(
        Mediator, on_delete=models.PROTECT, verbose_name=_("mediator"), null=True, blank=True, related_name="requests"
    )
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    validated_at = models.DateTimeField(_("validated on"), null=True, blank=True)
    validated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    # The last day on which it still makes sense: after it, without a mediator, it expires.
    last_day = models.DateField(_("last day asked for"), null=True, blank=True)
    # Nobody with the language was found: counted by language.
    unmet = models.BooleanField(_("no mediator found"), default=False)
    # The retention took the free texts and the contacts (`services.purging`).
    texts_destroyed_at = models.DateTimeField(_("texts destroyed on"), null=True, blank=True)

    objects = MediationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request of mediation")
        verbose_name_plural = _("requests of mediation")
        indexes = [
            models.Index(fields=["network", "state", "submitted_at"], name="mediation_request_board"),
            models.Index(fields=["organisation", "-submitted_at", "-id"], name="mediation_request_body"),
            models.Index(fields=["programme", "-submitted_at", "-id"], name="mediation_request_list"),
            models.Index(fields=["mediator", "state"], name="mediation_request_mediator"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="mediation_request_number_once"),
            models.CheckConstraint(
                condition=_NOT_SUBMITTED
                | Q(
                    submitted_at__isnull=False,
                    account__isnull=False,
                    minutes_asked__gt=0,
                    number__gt="",
                    last_day__isnull=False,
                ),
                name="mediation_request_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[
                        RequestState.CONFIRMED,
                        RequestState.RESCHEDULED,
                        RequestState.HELD,
                        RequestState.REPORTED,
                        RequestState.COUNTERSIGNED,
                        RequestState.VALIDATED,
                        RequestState.REOPENED,
                    ]
                )
                | Q(mediator__isnull=False, activity__isnull=False, confirmed_at__isnull=False),
                name="mediation_request_assigned",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.VALIDATED, validated_at__isnull=False)
                | (~Q(state=RequestState.VALIDATED) & Q(validated_at__isnull=True)),
                name="mediation_request_validated",
            ),
            models.CheckConstraint(
                condition=Q(authorised_at__isnull=True, authorisation="")
                | Q(authorised_at__isnull=False, authorisation__gt=""),
                name="mediation_request_authorised",
            ),
            models.CheckConstraint(
                condition=Q(minutes_asked__lte=60_000, sessions_asked__gte=1), name="mediation_request_amounts"
            ),
        ]
        triggers = [
            row_history(
                exclude=(
                    "contact_name",
                    "contact_email",
                    "contact_phone",
                    "field_contact_name",
                    "field_contact_email",
                    "field_contact_phone",
                    "reason",
                    "case_code",
                    "judicial",
                )
            )
        ]

    class Privacy:
        internal = (
            "id uuid number kind programme network organisation activity account state version channel step "
            "submission_key mode place municipality urgency minutes_asked sessions_asked operator_present series_until "
            "created_at submitted_at state_since authorised_at authorisation signed_document taken_at mediator "
            "confirmed_at validated_at closed_at last_day unmet interventions notice_version family_informed_on "
            "mediator_gender same_mediator texts_destroyed_at"
        )
        personal = (
            "outside_reason contact_name contact_role contact_email contact_phone field_contact_name field_contact_role "
            "field_contact_email field_contact_phone video_link created_by submitted_by authorised_by authorised_name "
            "taken_by validated_by urgency_reason mediator_gender_reason"
        )
        special = (
            "reason is_group families case_code school_class birth_year sex citizenship mother_tongue other_language "
            "arrived_on italian_level case_kind judicial"
        )

    def __str__(self) -> str:
        return self.number or f"request #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:request", args=[self.uuid])

    @property
    def session_minutes(self) -> int:
        """Minutes of each of the sessions asked; `minutes_asked` is their sum."""
        return self.minutes_asked // max(self.sessions_asked, 1)


class Proposal(models.Model):
    """The request is offered to a mediator for a time; the first acceptance wins."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(MediationRequest, on_delete=models.PROTECT, related_name="proposals")
    mediator = models.ForeignKey(
        Mediator, on_delete=models.PROTECT, verbose_name=_("mediator"), related_name="proposals"
    )
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    proposed_at = models.DateTimeField(_("proposed on"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(_("answer by"))
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    refusal = models.CharField(_("reason"), max_length=10, choices=RefusalReason, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    # Why this person, as the coordinator saw it.
    explanation = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("proposal to a mediator")
        verbose_name_plural = _("proposals to mediators")
        indexes = [models.Index(fields=["mediator", "state", "expires_at"], name="mediation_proposal_inbox")]
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state=ProposalState.ACCEPTED),
                name="mediation_proposal_one_accepted",
            ),
            models.UniqueConstraint(
                fields=["request", "mediator"],
                condition=Q(state=ProposalState.PROPOSED),
                name="mediation_proposal_open_once",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="mediation_proposal_times"),
            models.CheckConstraint(
                condition=(Q(state=ProposalState.REFUSED) & ~Q(refusal=""))
                | (~Q(state=ProposalState.REFUSED) & Q(refusal="")),
                name="mediation_proposal_refusal",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid request mediator state starts_at ends_at proposed_at expires_at answered_at refusal explanation"
        )
        personal = "proposed_by note"

    def __str__(self) -> str:
        return f"proposal #{self.pk}"
