# SPDX-License-Identifier: EUPL-1.2
"""The periodic activity report of one body in one network."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Period, Programme
from fami_portal.core.history import row_history
from partners.models import Membership, Network, Organisation
from reporting.enums import ActivityReportState, ReopenScope
from reporting.models.narrative import Narrative


class ActivityReportQuerySet(models.QuerySet["ActivityReport"]):
    """Reads over activity reports."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_ACTIVITY_REPORTS
    ) -> "ActivityReportQuerySet":
        """Reports on which the person holds the permission: by programme, by network, or of the own body."""
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        bodies = Membership.objects.granting(user, permission, Scope.BODY)
        return self.filter(
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
            | Q(organisation__in=bodies.values("organisation"))
        )

    def with_parts(self) -> "ActivityReportQuerySet":
        return self.select_related("programme", "period", "network", "organisation", "submitted_by", "validated_by")

    def without_figures(self) -> "ActivityReportQuerySet":
        """Reports whose figures are not validated; one reopened for its texts alone keeps them all the while."""
        return self.exclude(Q(state=ActivityReportState.VALIDATED) | Q(reopened_for=ReopenScope.TEXT))


class ActivityReport(Narrative):
    """What a body did in a network in a period: a narrative in six boxes, and figures that nobody types."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="activity_reports")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="activity_reports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="activity_reports")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="activity_reports")
    state = models.CharField(_("state"), max_length=10, choices=ActivityReportState, default=ActivityReportState.OPEN)
    due_on = models.DateField(_("due on"))
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    validated_at = models.DateTimeField(null=True)
    validated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Figures as they were when submitted, and their hash: validation refuses registers that changed since.
    figures = models.JSONField(default=dict, blank=True)
    figures_sha256 = models.CharField(max_length=64, blank=True)
    # What a reopening lets the body correct; empty before the first validation and after each.
    reopened_for = models.CharField(
        _("reopened for"), max_length=10, choices=ReopenScope, blank=True, default="", db_default=""
    )
    version = models.PositiveIntegerField(default=1)

    objects = ActivityReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity report")
        verbose_name_plural = _("activity reports")
        indexes = [models.Index(fields=["programme", "state", "due_on"], name="reporting_activityreport_queue")]
        constraints = [
            models.UniqueConstraint(fields=["network", "organisation", "period"], name="reporting_activityreport_once"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="reporting_activityreport_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(validated_at__isnull=True, validated_by__isnull=True)
                | Q(validated_at__isnull=False, validated_by__isnull=False),
                name="reporting_activityreport_validated_pair",
            ),
            models.CheckConstraint(
                condition=Q(state=ActivityReportState.OPEN, submitted_at__isnull=True)
                | (~Q(state=ActivityReportState.OPEN) & Q(submitted_at__isnull=False)),
                name="reporting_activityreport_submitted_at",
            ),
            models.CheckConstraint(
                condition=Q(state=ActivityReportState.VALIDATED, validated_at__isnull=False)
                | (~Q(state=ActivityReportState.VALIDATED) & Q(validated_at__isnull=True)),
                name="reporting_activityreport_validated_at",
            ),
            models.CheckConstraint(
                condition=Q(reopened_for="")
                | Q(
                    state__in=[
                        ActivityReportState.REOPENED,
                        ActivityReportState.SUBMITTED,
                        ActivityReportState.RETURNED,
                    ]
                ),
                name="reporting_activityreport_reopened_for",
            ),
        ]
        triggers = [row_history(exclude=Narrative.NARRATIVE)]

    class Privacy:
        internal = (
            "id uuid programme network organisation period state due_on submitted_at validated_at figures figures_sha256 "
            "problem_origins reopened_for version"
        )
        personal = "done strengths deviations problems team_changes networks_built submitted_by validated_by"

    def __str__(self) -> str:
        return f"{self.organisation} – {self.network} – {self.period}"

    def get_absolute_url(self) -> str:
        return reverse("reporting:activity-report", args=[self.uuid])

    @property
    def is_text_only(self) -> bool:
        """Whether the words alone are being corrected: the validated figures stand and the registers stay closed."""
        return self.reopened_for == ReopenScope.TEXT
