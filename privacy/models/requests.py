# SPDX-License-Identifier: EUPL-1.2
"""Requests of persons about their own data: the case, the records found, what each body was asked and answered.

Who asks and about whom are identities: sealed field by field like those of recipients, opened by a recorded act. The
tax code is not kept: it is compared when the request is matched, and forgotten.
"""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Programme
from beneficiaries.models import Beneficiary
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Membership, Organisation
from privacy.enums.requests import (
    OPEN_STATES,
    Applicant,
    IdentityCheck,
    MatchMethod,
    RightKind,
    RightsChannel,
    RightsState,
    TaskAnswer,
    TaskPurpose,
)

SEALED = ("applicant_name", "contact", "given_name", "family_name", "birth_date", "text")


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    """Reads over requests."""

    def visible_to(self, user: Any) -> "RightsRequestQuerySet":
        """Those of the programmes whose requests the person handles."""
        return self.filter(programme__in=Programme.objects.reached_by(user, Permission.HANDLE_RIGHTS).values("pk"))

    def open(self) -> "RightsRequestQuerySet":
        return self.filter(state__in=OPEN_STATES)


class RightsRequest(models.Model):
    """A person, or who answers for it, exercises a right on the data that a programme holds."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # `D-2019-0001`, one series for each year.
    number = models.CharField(_("number"), max_length=20, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, verbose_name=_("programme"), related_name="+")
    kind = models.CharField(_("right"), max_length=15, choices=RightKind)
    state = models.CharField(_("state"), max_length=15, choices=RightsState, default=RightsState.RECEIVED)
    version = models.PositiveIntegerField(default=1)
    submission_key = models.UUIDField(null=True, unique=True)
    received_on = models.DateField(_("received on"))
    channel = models.CharField(_("how it came"), max_length=15, choices=RightsChannel)
    applicant = models.CharField(_("who asks"), max_length=10, choices=Applicant)
    # Sealed: who asks, where to answer, about whom, what is asked in the words of who asks.
    applicant_name = models.BinaryField(default=bytes, blank=True)
    contact = models.BinaryField(default=bytes, blank=True)
    given_name = models.BinaryField(default=bytes, blank=True)
    family_name = models.BinaryField(default=bytes, blank=True)
    birth_date = models.BinaryField(default=bytes, blank=True)
    text = models.BinaryField(default=bytes, blank=True)
    key_id = models.CharField(max_length=20)
    destroyed_at = models.DateTimeField(_("destroyed on"), null=True, blank=True)
    identity_check = models.CharField(
        _("how the identity was verified"), max_length=15, choices=IdentityCheck, blank=True
    )
    due_on = models.DateField(_("answer by"))
    extended_at = models.DateTimeField(_("extended on"), null=True, blank=True)
    # The person is told of an extension within the first month (art. 12(3)).
    told_on = models.DateField(_("person told on"), null=True, blank=True)
    matched_at = models.DateTimeField(_("compared with the records on"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed on"), null=True, blank=True)
    # Erasing cannot be taken back: one proposes, another confirms.
    erasure_proposed_at = models.DateTimeField(_("erasure proposed on"), null=True, blank=True)
    erasure_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    erased_at = models.DateTimeField(_("erased on"), null=True, blank=True)
    copy_file = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    copy_data = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    delivered_on = models.DateField(_("copy delivered on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request of a person")
        verbose_name_plural = _("requests of persons")
        indexes = [
            models.Index(fields=["programme", "state", "due_on"], name="privacy_rights_queue"),
            models.Index(fields=["key_id"], name="privacy_rights_key"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gt=F("received_on")), name="privacy_rights_due"),
            models.CheckConstraint(
                condition=~Q(state__in=[RightsState.IN_PROGRESS, RightsState.EXTENDED, RightsState.ANSWERED])
                | ~Q(identity_check=""),
                name="privacy_rights_identity",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, answered_at__isnull=True)
                | Q(
                    state__in=[RightsState.ANSWERED, RightsState.REFUSED, RightsState.CLOSED], answered_at__isnull=False
                ),
                name="privacy_rights_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state=RightsState.EXTENDED) | Q(extended_at__isnull=False, told_on__isnull=False),
                name="privacy_rights_extended",
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True)
                | Q(applicant_name=b"", contact=b"", given_name=b"", family_name=b"", birth_date=b"", text=b""),
                name="privacy_rights_destroyed_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(erasure_proposed_at__isnull=True, erasure_proposed_by__isnull=True)
                | Q(erasure_proposed_at__isnull=False, kind=RightKind.ERASURE),
                name="privacy_rights_proposed",
            ),
        ]
        triggers = [row_history(exclude=SEALED)]

    class Privacy:
        internal = (
            "id uuid number programme kind state version submission_key received_on channel key_id destroyed_at due_on "
            "extended_at told_on matched_at answered_at closed_at erasure_proposed_at erased_at copy_file copy_data "
            "delivered_on created_at"
        )
        personal = "applicant applicant_name contact identity_check erasure_proposed_by created_by"
        special = "given_name family_name birth_date text"

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("privacy:request", args=[self.uuid])

    @property
    def is_open(self) -> bool:
        """Whether the clock runs."""
        return self.state in OPEN_STATES

    def awaits_another(self, user: Any) -> bool:
        """Whether an erasure was proposed by somebody else and waits for this person, among others, to confirm it."""
        proposed = self.erasure_proposed_at is not None and self.erased_at is None
        return self.is_open and proposed and self.erasure_proposed_by_id != getattr(user, "pk", None)

    def is_late(self, day: date) -> bool:
        """Whether the answer should have gone before a day."""
        return self.is_open and self.due_on < day


class RightsMatch(models.Model):
    """A record of the programme that is of the person who asks."""

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="matches")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(_("found by"), max_length=10, choices=MatchMethod)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("record found")
        verbose_name_plural = _("records found")
        constraints = [models.UniqueConstraint(fields=["request", "beneficiary"], name="privacy_match_once")]
        triggers = [row_history()]

    class Privacy:
        internal = "id request method at by"
        special = "beneficiary"

    def __str__(self) -> str:
        return f"match #{self.pk}"


class RightsTaskQuerySet(models.QuerySet["RightsTask"]):
    """Reads over tasks."""

    def visible_to(self, user: Any) -> "RightsTaskQuerySet":
        """Those of the own bodies, and those of the cases that the person handles."""
        bodies = Membership.objects.granting(user, Permission.ANSWER_RIGHTS_TASKS, Scope.BODY).values("organisation")
        handled = Programme.objects.reached_by(user, Permission.HANDLE_RIGHTS).values("pk")
        return self.filter(Q(organisation__in=bodies) | Q(request__programme__in=handled))

    def open(self) -> "RightsTaskQuerySet":
        return self.filter(answer="")


class RightsTask(models.Model):
    """What one body is asked to do for a request, and what it answered."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="tasks")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="+")
    purpose = models.CharField(_("what is asked"), max_length=10, choices=TaskPurpose)
    due_on = models.DateField(_("answer by"))
    answer = models.CharField(_("answer"), max_length=10, choices=TaskAnswer, blank=True)
    # Codes under which the body knows the case: of requests of mediation, consultations, legal questions.
    codes = models.JSONField(_("codes of the case"), default=list, blank=True)
    held = models.CharField(_("what is held"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reminded_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RightsTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of a body")
        verbose_name_plural = _("tasks of bodies")
        indexes = [models.Index(fields=["organisation", "answer"], name="privacy_task_body")]
        constraints = [
            models.UniqueConstraint(fields=["request", "organisation", "purpose"], name="privacy_task_once"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="privacy_task_answered",
            ),
        ]
        triggers = [row_history(exclude=("codes", "held"))]

    class Privacy:
        internal = "id uuid request organisation purpose due_on answer answered_at answered_by reminded_on version"
        special = "codes held"

    def __str__(self) -> str:
        return f"task #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("privacy:task", args=[self.uuid])
