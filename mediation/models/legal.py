# SPDX-License-Identifier: EUPL-1.2
"""Legal questions of operators to the consultant, and the archive of answers without anything of the case."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Programme
from fami_portal.core.history import row_history
from mediation.enums import LegalArea, LegalQuestionState
from partners.models import Membership, Network, Organisation

S = LegalQuestionState
# What is searched in the archive; the index has the same expression.
ARCHIVE_CONFIG = "italian"
ARCHIVE_VECTOR = SearchVector("archive_title", "archive_question", "archive_answer", config=ARCHIVE_CONFIG)


class LegalQuestionQuerySet(models.QuerySet["LegalQuestion"]):
    """Reads over questions."""

    def visible_to(self, user: Any) -> "LegalQuestionQuerySet":
        """Those of the own body for whoever asks, of the networks and programmes overseen, assigned to oneself."""
        asks, sees = Permission.ASK_LEGAL_QUESTIONS, Permission.VIEW_MEDIATION_REQUESTS
        bodies = Membership.objects.granting(user, asks, Scope.BODY).values("organisation")
        coordinations = Membership.objects.granting(user, sees, Scope.NETWORK)
        consults = Membership.objects.granting(user, Permission.CONSULT, Scope.OWN)
        return self.filter(
            Q(organisation__in=bodies)
            | (
                ~Q(state=S.DRAFT)
                & (
                    Q(programme__in=Programme.objects.reached_by(user, sees).values("pk"))
                    | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
                    | (Q(consultant=user.pk) & Q(models.Exists(consults)))
                )
            )
        )

    def published(self) -> "LegalQuestionQuerySet":
        """Those in the archive; read from them only what is of the archive."""
        return self.filter(state=S.PUBLISHED)

    def with_parts(self) -> "LegalQuestionQuerySet":
        return self.select_related("programme", "network", "organisation", "consultant")


class LegalQuestion(models.Model):
    """An operator asks; a consultant answers; what may serve others enters the archive, rewritten without the case."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=20, blank=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="legal_questions")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="legal_questions"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="legal_questions"
    )
    state = models.CharField(_("state"), max_length=10, choices=LegalQuestionState, default=S.DRAFT)
    version = models.PositiveIntegerField(default=1)
    area = models.CharField(_("area"), max_length=20, choices=LegalArea)
    title = models.CharField(_("title"), max_length=150)
    question = models.TextField(_("question"), max_length=3000)
    answer = models.TextField(_("answer"), max_length=8000, blank=True)

    created_at = models.DateTimeField(_("begun on"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("asked on"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("consultant"), null=True, related_name="+"
    )
    assigned_at = models.DateTimeField(_("assigned on"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("answer accepted on"), null=True, blank=True)
    state_since = models.DateTimeField(null=True)

    # The archive: rewritten and reviewed by the consultant, published by the coordinator.
    archive_title = models.CharField(_("title in the archive"), max_length=150, blank=True)
    archive_question = models.TextField(_("question in the archive"), max_length=3000, blank=True)
    archive_answer = models.TextField(_("answer in the archive"), max_length=8000, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed on"), null=True, blank=True)
    published_at = models.DateTimeField(_("published on"), null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # The retention took the free texts and the contacts (`services.purging`).
    texts_destroyed_at = models.DateTimeField(_("texts destroyed on"), null=True, blank=True)

    objects = LegalQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal question")
        verbose_name_plural = _("legal questions")
        indexes = [
            models.Index(fields=["network", "state", "submitted_at"], name="mediation_legal_board"),
            models.Index(fields=["consultant", "state"], name="mediation_legal_mine"),
            GinIndex(ARCHIVE_VECTOR, condition=Q(state=S.PUBLISHED), name="mediation_legal_archive"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="mediation_legal_number_once"),
            models.CheckConstraint(
                condition=Q(state=S.DRAFT) | Q(submitted_at__isnull=False, number__gt=""),
                name="mediation_legal_asked",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.ASSIGNED, S.TO_CLARIFY, S.ANSWERED, S.PUBLISHED])
                | Q(consultant__isnull=False, assigned_at__isnull=False),
                name="mediation_legal_assigned",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.ANSWERED, S.PUBLISHED]) | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="mediation_legal_answered",
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        state=S.PUBLISHED,
                        published_at__isnull=False,
                        reviewed_at__isnull=False,
                        accepted_at__isnull=False,
                    )
                    & ~Q(archive_title="")
                    & ~Q(archive_question="")
                    & ~Q(archive_answer="")
                )
                | (~Q(state=S.PUBLISHED) & Q(published_at__isnull=True)),
                name="mediation_legal_published",
            ),
        ]
        triggers = [row_history(exclude=("question", "answer"))]

    class Privacy:
        public = "archive_title archive_question archive_answer area"
        internal = (
            "id uuid number programme network organisation state version title consultant created_at submitted_at "
            "assigned_at answered_at accepted_at state_since reviewed_at published_at texts_destroyed_at"
        )
        personal = "created_by submitted_by published_by question answer"

    def __str__(self) -> str:
        return self.number or f"question #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:legal-question", args=[self.uuid])


class LegalMessage(models.Model):
    """A clarification: asked by the consultant or by whoever put the question, or given; never changed."""

    question = models.ForeignKey(LegalQuestion, on_delete=models.PROTECT, related_name="messages")
    by_consultant = models.BooleanField(_("from the consultant"))
    text = models.TextField(_("message"), max_length=3000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written on"))

    class Meta:
        verbose_name = _("clarification")
        verbose_name_plural = _("clarifications")
        indexes = [models.Index(fields=["question", "id"], name="mediation_legalmessage_thread")]
        triggers = [row_history(exclude=("text",))]

    class Privacy:
        internal = "id question by_consultant written_at"
        personal = "text author"

    def __str__(self) -> str:
        return f"clarification #{self.pk}"
