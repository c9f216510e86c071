# SPDX-License-Identifier: EUPL-1.2
"""What belongs to one activity report: its submissions, the comments on single items, the days it was granted."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history
from reporting.models.activity_reports import ActivityReport
from reporting.models.kept_versions import KeptVersion, all_or_nothing, frozen_stays


class ReportVersion(KeptVersion):
    """A submission of a report as it was: words and figures. The last one of a validation holds its frozen copy too."""

    report = models.ForeignKey(ActivityReport, on_delete=models.CASCADE, related_name="versions")
    figures_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("version of an activity report")
        verbose_name_plural = _("versions of activity reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reporting_reportversion_once"),
            all_or_nothing("reporting_reportversion_frozen"),
        ]
        triggers = frozen_stays()

    class Privacy:
        internal = "id report number submitted_at problem_origins figures figures_sha256 frozen_sha256 frozen_at"
        personal = "submitted_by boxes frozen"

    def __str__(self) -> str:
        return f"{self.report_id} v{self.number}"


class ReportCommentQuerySet(models.QuerySet["ReportComment"]):
    """Reads over comments."""

    def unresolved(self) -> "ReportCommentQuerySet":
        return self.filter(resolved_at__isnull=True)

    def waiting_for_body(self) -> "ReportCommentQuerySet":
        """Sent with a return, not settled, and the body has not answered yet."""
        return self.unresolved().filter(sent_at__isnull=False, answered_at__isnull=True)


class ReportComment(models.Model):
    """What a coordinator asks about one item of a report, what the body answers, and that it is settled.

    `item` names the thing: `report`, `box:<field>` or `figure:<code of the indicator>`. The body reads it once it was
    sent with a return.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(ActivityReport, on_delete=models.CASCADE, related_name="comments")
    item = models.CharField(_("item"), max_length=80)
    text = models.TextField(_("comment"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    objects = ReportCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on an item of a report")
        verbose_name_plural = _("comments on items of reports")
        indexes = [models.Index(fields=["report", "id"], name="reporting_comment_report")]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="reporting_reportcomment_answered",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="reporting_reportcomment_resolved",
            ),
        ]
        triggers = [row_history(exclude=("text", "answer"))]

    class Privacy:
        internal = "id uuid report item made_at sent_at answered_at resolved_at"
        personal = "text made_by answer answered_by resolved_by"

    def __str__(self) -> str:
        return f"{self.item} #{self.pk}"

    def status(self) -> Any:
        """Return in a word where the comment stands."""
        if self.resolved_at is not None:
            return _("Settled")
        if self.answered_at is not None:
            return _("Answered")
        return _("To be answered") if self.sent_at is not None else _("Not sent yet")


class DueExtension(models.Model):
    """More days for one body, with the reason: the due date of the report was another before."""

    report = models.ForeignKey(ActivityReport, on_delete=models.CASCADE, related_name="extensions")
    due_before = models.DateField(_("due on before"))
    due_on = models.DateField(_("due on"))
    reason = models.TextField(_("reason"))
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("extension of a due date")
        verbose_name_plural = _("extensions of due dates")
        constraints = [
            models.UniqueConstraint(fields=["report", "due_before"], name="reporting_dueextension_once"),
            models.CheckConstraint(condition=Q(due_on__gt=F("due_before")), name="reporting_dueextension_later"),
        ]
        triggers = [row_history(exclude=("reason",))]

    class Privacy:
        internal = "id report due_before due_on granted_at"
        personal = "reason granted_by"

    def __str__(self) -> str:
        return f"{self.report_id}: {self.due_before} – {self.due_on}"
