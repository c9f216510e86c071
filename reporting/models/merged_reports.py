# SPDX-License-Identifier: EUPL-1.2
"""The report of a network, and of the region: it collects the reports below it and owns no facts (design 4)."""

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
from partners.models import Membership, Network
from reporting.enums import MergedReportState
from reporting.models.kept_versions import KeptVersion, all_or_nothing, frozen_stays
from reporting.models.narrative import Narrative


class MergedReportQuerySet(models.QuerySet["MergedReport"]):
    """Reads over the reports of networks and of the region."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_ACTIVITY_REPORTS
    ) -> "MergedReportQuerySet":
        """Those of the programmes that the person reaches, and those of the networks that the person coordinates."""
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        return self.filter(
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
        )

    def with_parts(self) -> "MergedReportQuerySet":
        return self.select_related("programme", "period", "network", "submitted_by", "accepted_by")


class MergedReport(Narrative):
    """The quarter of a network in a programme, or of the whole programme where `network` is empty, in six boxes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="merged_reports")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="merged_reports")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, related_name="merged_reports")
    state = models.CharField(_("state"), max_length=10, choices=MergedReportState, default=MergedReportState.OPEN)
    due_on = models.DateField(_("due on"))
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # What was accepted, as the text whose sha256 stands beside it.
    frozen = models.TextField(blank=True)
    frozen_sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MergedReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report of a network or of the region")
        verbose_name_plural = _("reports of networks and of the region")
        indexes = [models.Index(fields=["programme", "state", "due_on"], name="reporting_mergedreport_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "network"], name="reporting_mergedreport_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="reporting_mergedreport_submitted_pair",
            ),
            models.CheckConstraint(
                condition=Q(state=MergedReportState.ACCEPTED, accepted_at__isnull=False, accepted_by__isnull=False)
                | (~Q(state=MergedReportState.ACCEPTED) & Q(accepted_at__isnull=True, accepted_by__isnull=True)),
                name="reporting_mergedreport_accepted_at",
            ),
        ]
        triggers = [row_history(exclude=(*Narrative.NARRATIVE, "frozen"))]

    class Privacy:
        internal = (
            "id uuid programme period network state due_on submitted_at accepted_at problem_origins frozen_sha256 "
            "version"
        )
        personal = "done strengths deviations problems team_changes networks_built submitted_by accepted_by frozen"

    def __str__(self) -> str:
        return f"{self.network or self.programme} – {self.period}"

    def get_absolute_url(self) -> str:
        return reverse("reporting:merged-report", args=[self.uuid])


class MergedVersion(KeptVersion):
    """A submission of the report of a network, or a conclusion of that of the region, as it was."""

    report = models.ForeignKey(MergedReport, on_delete=models.CASCADE, related_name="versions")

    class Meta:
        verbose_name = _("version of a report of a network or of the region")
        verbose_name_plural = _("versions of reports of networks and of the region")
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reporting_mergedversion_once"),
            all_or_nothing("reporting_mergedversion_frozen"),
        ]
        triggers = frozen_stays()

    class Privacy:
        internal = "id report number submitted_at problem_origins figures frozen_sha256 frozen_at"
        personal = "submitted_by boxes frozen"

    def __str__(self) -> str:
        return f"{self.report_id} v{self.number}"
