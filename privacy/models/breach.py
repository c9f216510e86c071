# SPDX-License-Identifier: EUPL-1.2
"""Incidents on personal data: when known, what happened, what was done, whether the authority was told (art. 33)."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Programme
from fami_portal.core.history import row_history
from privacy.enums.retention import IncidentState

# Within this time from when it is known the authority is told (Reg. (UE) 2016/679, art. 33).
NOTIFY_WITHIN = timedelta(hours=72)


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Reads over incidents."""

    def visible_to(self, user: Any) -> "IncidentQuerySet":
        """Those of the programmes whose incidents the person follows."""
        return self.filter(programme__in=Programme.objects.reached_by(user, Permission.FOLLOW_INCIDENTS).values("pk"))


class Incident(models.Model):
    """Something happened to personal data of a programme. The record is kept also when nobody has to be told."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, verbose_name=_("programme"), related_name="+")
    state = models.CharField(_("state"), max_length=15, choices=IncidentState, default=IncidentState.OPEN)
    title = models.CharField(_("what happened, in a line"), max_length=150)
    happened_from = models.DateTimeField(_("happened from"))
    happened_until = models.DateTimeField(_("happened until"), null=True, blank=True)
    discovered_at = models.DateTimeField(_("known since"))
    description = models.TextField(_("what happened and whose data"), max_length=3000)
    persons = models.PositiveIntegerField(_("persons concerned, about"), null=True, blank=True)
    measures = models.TextField(_("what was done"), max_length=3000, blank=True)
    notified_at = models.DateTimeField(_("notified to the authority on"), null=True, blank=True)
    persons_told_on = models.DateField(_("persons told on"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submission_key = models.UUIDField(null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.CheckConstraint(
                condition=Q(happened_until__isnull=True) | Q(happened_until__gte=F("happened_from")),
                name="privacy_incident_dates",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=~Q(state=IncidentState.NOTIFIED) | Q(notified_at__isnull=False),
                name="privacy_incident_notified",
            ),
        ]
        triggers = [row_history(exclude=("title", "description", "measures"))]

    class Privacy:
        internal = (
            "id uuid programme state happened_from happened_until discovered_at persons notified_at persons_told_on "
            "submission_key version"
        )
        personal = "title description measures created_by"

    def __str__(self) -> str:
        return f"incident #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("privacy:incident", args=[self.uuid])

    @property
    def notify_by(self) -> datetime:
        """The moment by which the authority is told."""
        return self.discovered_at + NOTIFY_WITHIN
