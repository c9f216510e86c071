# SPDX-License-Identifier: EUPL-1.2
"""How long what is kept, what stops it, what was announced, and what was destroyed."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Programme
from beneficiaries.models import Beneficiary
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Organisation
from privacy.enums.retention import Anchor, DataClass, HoldScope, RunState


class RetentionPlan(models.Model):
    """When a programme was closed and until when it may be controlled. Without one nothing of recipients is destroyed."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(_("closure of the programme"))
    control_until = models.DateField(_("end of the control period"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("dates of the retention")
        constraints = [
            models.CheckConstraint(
                condition=Q(control_until__gte=F("closed_on")),
                name="privacy_plan_dates",
                violation_error_message=_("The control period ends before the closure."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id programme closed_on control_until version"

    def __str__(self) -> str:
        return f"plan #{self.pk}"


class RetentionRule(models.Model):
    """A time of retention that differs from the usual one (`selectors.retention.DEFAULTS`), with its source.

    Without a programme it holds for the whole portal. The history of the row and its audit events say who changed it.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, related_name="+")
    data_class = models.CharField(_("what"), max_length=20, choices=DataClass)
    months = models.PositiveSmallIntegerField(_("months"))
    anchor = models.CharField(_("counted from"), max_length=20, choices=Anchor)
    basis = models.CharField(_("source"), max_length=300)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("rule of retention")
        verbose_name_plural = _("rules of retention")
        constraints = [
            models.UniqueConstraint(fields=["programme", "data_class"], nulls_distinct=False, name="privacy_rule_once"),
            models.CheckConstraint(condition=Q(months__lte=600), name="privacy_rule_months"),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id programme data_class months anchor basis version"

    def __str__(self) -> str:
        return f"{self.data_class}: {self.months}"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Reads over holds."""

    def visible_to(self, user: Any) -> "LegalHoldQuerySet":
        """Those of the programmes whose retention the person manages."""
        return self.filter(programme__in=Programme.objects.reached_by(user, Permission.MANAGE_RETENTION).values("pk"))

    def in_force(self, day: object) -> "LegalHoldQuerySet":
        return self.filter(starts_on__lte=day, lifted_at__isnull=True).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        )


class LegalHold(models.Model):
    """An act forbids for a time to destroy what a programme, a body or a recipient has in the portal."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(_("what is held"), max_length=10, choices=HoldScope)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), null=True, blank=True, related_name="+"
    )
    beneficiary = models.ForeignKey(
        Beneficiary, on_delete=models.PROTECT, verbose_name=_("recipient"), null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300)
    act = models.CharField(_("act"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    submission_key = models.UUIDField(null=True, unique=True)
    lifted_at = models.DateTimeField(_("lifted on"), null=True, blank=True)
    lift_reason = models.CharField(_("why it was lifted"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(scope=HoldScope.PROGRAMME, organisation__isnull=True, beneficiary__isnull=True)
                | Q(scope=HoldScope.BODY, organisation__isnull=False, beneficiary__isnull=True)
                | Q(scope=HoldScope.RECIPIENT, organisation__isnull=True, beneficiary__isnull=False),
                name="privacy_hold_scope",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="privacy_hold_dates",
                violation_error_message=_("The end comes before the start."),
            ),
        ]
        triggers = [row_history(exclude=("reason", "lift_reason"))]

    class Privacy:
        internal = "id uuid programme scope organisation act starts_on ends_on submission_key lifted_at version"
        personal = "reason lift_reason"
        special = "beneficiary"

    def __str__(self) -> str:
        return f"hold #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("privacy:hold", args=[self.uuid])

    def is_in_force(self, day: Any) -> bool:
        """Whether it keeps something on a day."""
        return self.lifted_at is None and self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


class RetentionNotice(models.Model):
    """The bodies were told that something will be destroyed on a day, at least thirty days before it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    data_class = models.CharField(_("what"), max_length=20, choices=DataClass)
    due_on = models.DateField(_("will be destroyed on"))
    sent_on = models.DateField(_("announced on"))
    # How many, by the id of the body.
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("notice of destruction")
        verbose_name_plural = _("notices of destruction")
        constraints = [
            models.UniqueConstraint(fields=["programme", "data_class", "due_on"], name="privacy_notice_once"),
            models.CheckConstraint(condition=Q(due_on__gt=F("sent_on")), name="privacy_notice_before"),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id programme data_class due_on sent_on counts"

    def __str__(self) -> str:
        return f"notice #{self.pk}"


class RetentionRunQuerySet(models.QuerySet["RetentionRun"]):
    """Reads over destructions."""

    def visible_to(self, user: Any) -> "RetentionRunQuerySet":
        """Those of the programmes whose retention the person manages; with one of them, those of the whole portal."""
        reached = list(Programme.objects.reached_by(user, Permission.MANAGE_RETENTION).values_list("pk", flat=True))
        if not reached:
            return self.none()
        return self.filter(Q(programme__in=reached) | Q(programme__isnull=True))


class RetentionRun(models.Model):
    """One destruction: what the rules let go on a day, in batches, and the report of it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # None for what belongs to the whole portal.
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("begun on"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submission_key = models.UUIDField(null=True, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.RUNNING)
    finished_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    report = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RetentionRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("destruction")
        verbose_name_plural = _("destructions")
        constraints = [
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(state=RunState.RUNNING),
                nulls_distinct=False,
                name="privacy_run_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING, finished_at__isnull=True)
                | Q(state=RunState.DONE, finished_at__isnull=False),
                name="privacy_run_finished",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid programme at submission_key state finished_at report"
        personal = "asked_by"

    def __str__(self) -> str:
        return f"destruction #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("privacy:run", args=[self.uuid])


class RetentionLine(models.Model):
    """What one destruction did to one kind of record of one body, by which rule; it grows in the batch that destroys."""

    run = models.ForeignKey(RetentionRun, on_delete=models.CASCADE, related_name="lines")
    data_class = models.CharField(_("what"), max_length=20, choices=DataClass)
    part = models.CharField(max_length=40)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), null=True, related_name="+"
    )
    months = models.PositiveSmallIntegerField(_("months"))
    anchor = models.CharField(_("counted from"), max_length=20, choices=Anchor)
    basis = models.CharField(_("source"), max_length=300)
    destroyed = models.PositiveIntegerField(_("destroyed"), default=0)
    held = models.PositiveIntegerField(_("held"), default=0)

    class Meta:
        verbose_name = _("line of a destruction")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "data_class", "part", "organisation"], nulls_distinct=False, name="privacy_line_once"
            )
        ]

    class Privacy:
        internal = "id run data_class part organisation months anchor basis destroyed held"

    def __str__(self) -> str:
        return f"{self.data_class} #{self.pk}"
