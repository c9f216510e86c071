# SPDX-License-Identifier: EUPL-1.2
"""Fingerprints of identities, pairs of records that may be one person, and what was decided of them (design 6)."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Programme
from beneficiaries.enums import FingerprintKind, PairState, QuestionsEnd, Sibling, Similarity
from beneficiaries.models.identities import Identity
from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history
from partners.models import Organisation


class Fingerprint(models.Model):
    """A keyed hash of something of an identity, salted with the programme: it compares and never leads back."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="fingerprints")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="fingerprints")
    kind = models.CharField(max_length=20, choices=FingerprintKind)
    digest = models.BinaryField()

    class Meta:
        verbose_name = _("fingerprint")
        indexes = [models.Index(fields=["digest"], name="beneficiaries_digest")]
        constraints = [
            models.UniqueConstraint(fields=["identity", "kind", "digest"], name="beneficiaries_fingerprint_once")
        ]

    class Privacy:
        internal = "id kind"
        special = "identity beneficiary digest"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class PairQuerySet(models.QuerySet["Pair"]):
    """Reads over pairs of records that may be one person."""

    def visible_to(self, user: Any) -> "PairQuerySet":
        """Those of the programmes that the person leads, and those with both records in the person's networks."""
        permission = Permission.DECIDE_DUPLICATES
        known = Beneficiary.objects.visible_to(user, permission).values("pk")
        return self.filter(
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(first__in=known, second__in=known)
        )


class Pair(models.Model):
    """Two records of one programme that may be the same person; until somebody decides they count once."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    first = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="pairs_as_first")
    second = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="pairs_as_second")
    # Codes of `FingerprintKind` that agree: the explanation, without names.
    kinds = models.JSONField(default=list)
    similarity = models.CharField(_("similarity"), max_length=10, choices=Similarity)
    state = models.CharField(_("state"), max_length=10, choices=PairState, default=PairState.OPEN)
    found_at = models.DateTimeField(_("found on"))
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    questions_end = models.CharField(_("questions to the bodies"), max_length=10, choices=QuestionsEnd, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PairQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        indexes = [models.Index(fields=["programme", "state"], name="beneficiaries_pair_queue")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="beneficiaries_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="beneficiaries_pair_in_order"),
        ]
        triggers = [row_history(exclude=("reason",))]

    class Privacy:
        internal = "id uuid programme state found_at decided_at decided_by questions_end version"
        special = "first second kinds similarity reason"

    def __str__(self) -> str:
        return f"pair #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:pair", args=[self.uuid])


class PairQuestion(models.Model):
    """What one body is asked of its own record of a pair. It never learns of the other record, nor that there is one.

    The answers are kept until they have been compared, or are not needed any more; then only how it ended stays.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="questions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked on"))
    due_on = models.DateField(_("answer by"))
    site = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school or centre"), null=True, related_name="+"
    )
    group = models.CharField(_("class or group"), max_length=30, blank=True)
    enrolled_month = models.DateField(_("month of enrolment"), null=True, blank=True)
    sibling = models.CharField(_("brother or sister in the same year"), max_length=10, choices=Sibling, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("question on a recipient")
        verbose_name_plural = _("questions on recipients")
        indexes = [
            models.Index(
                fields=["organisation", "due_on"],
                condition=Q(closed_at__isnull=True),
                name="beneficiaries_question_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["pair", "beneficiary"], name="beneficiaries_question_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(site__isnull=True, group="", enrolled_month__isnull=True, sibling=""),
                name="beneficiaries_question_closed_is_empty",
            ),
        ]
        triggers = [row_history(exclude=("site_id", "group", "enrolled_month", "sibling"))]

    class Privacy:
        internal = "id uuid pair organisation asked_at due_on answered_at answered_by closed_at version"
        special = "beneficiary site group enrolled_month sibling"

    def __str__(self) -> str:
        return f"question #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:question", args=[self.uuid])


class Merge(models.Model):
    """One record became part of another: by the same tax code, or by a decision. It can be undone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    survivor = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, null=True, related_name="merges")
    automatic = models.BooleanField(_("by the same code"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("merged on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undo_reason = models.CharField(_("why it was undone"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("merge of two records")
        verbose_name_plural = _("merges of records")
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="beneficiaries_merge_once"
            ),
            models.CheckConstraint(condition=~Q(survivor=F("merged")), name="beneficiaries_merge_two_records"),
        ]
        triggers = [row_history(exclude=("reason", "undo_reason"))]

    class Privacy:
        internal = "id uuid pair automatic at by undone_at undone_by"
        special = "survivor merged reason undo_reason"

    def __str__(self) -> str:
        return f"merge #{self.pk}"
