# SPDX-License-Identifier: EUPL-1.2
"""The periodic output report: generated from the ledger as of a posting, frozen, then transmitted."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import ActionNetwork, Period, Programme
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Membership, Network
from reporting.enums import OutputReportState
from reporting.models.ledger import Posting


class OutputReportQuerySet(models.QuerySet["OutputReport"]):
    """Reads over output reports."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW_OUTPUT_REPORTS) -> "OutputReportQuerySet":
        """Reports of the programmes that the person reaches as a whole or as coordinator of one of their networks."""
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        networks = Network.objects.filter(coordinations__in=coordinations).values("pk")
        return self.filter(
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(programme__in=ActionNetwork.objects.filter(network__in=networks).values("action__programme"))
        )

    def with_parts(self) -> "OutputReportQuerySet":
        return self.select_related("programme", "period", "posting", "pdf", "xlsx", "csv", "json")


class OutputReport(models.Model):
    """The report of one programme and period, in four files made once from the same frozen figures."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="output_reports")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="output_reports")
    # Versions before transmission: each generation is a row; the newest is the one to read.
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=12, choices=OutputReportState, default=OutputReportState.GENERATED)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, null=True, related_name="+")
    posting_number = models.BigIntegerField(_("as of posting"))
    content_sha256 = models.CharField(max_length=64)
    generated_at = models.DateTimeField()
    generated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    transmitted_at = models.DateTimeField(null=True)
    transmitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pdf = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    xlsx = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    csv = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    json = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")

    objects = OutputReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("output report")
        verbose_name_plural = _("output reports")
        constraints = [
            models.UniqueConstraint(fields=["programme", "period", "version"], name="reporting_outputreport_once"),
            models.UniqueConstraint(
                fields=["programme", "period"],
                condition=Q(state=OutputReportState.TRANSMITTED),
                name="reporting_outputreport_transmitted_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=OutputReportState.TRANSMITTED, transmitted_at__isnull=False, transmitted_by__isnull=False
                )
                | Q(state=OutputReportState.GENERATED, transmitted_at__isnull=True, transmitted_by__isnull=True),
                name="reporting_outputreport_transmitted_pair",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid programme period version state posting posting_number content_sha256 generated_at transmitted_at "
            "pdf xlsx csv json"
        )
        personal = "generated_by transmitted_by"

    def __str__(self) -> str:
        return f"{self.programme} – {self.period} v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("reporting:output-report", args=[self.uuid])
