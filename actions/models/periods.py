# SPDX-License-Identifier: EUPL-1.2
"""Reporting periods and the locks on what has been reported."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actions.models.programmes import Programme
from fami_portal.core.history import row_history
from partners.models import Network, Organisation


class PeriodQuerySet(models.QuerySet["Period"]):
    """Reads over periods."""

    def ended_by(self, day: date) -> "PeriodQuerySet":
        return self.filter(ends_on__lt=day)


class Period(models.Model):
    """A reporting period of a programme; its text is its code, as `2019-Q3`."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="periods")
    code = models.CharField(_("period"), max_length=20)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    due_on = models.DateField(_("reports due on"))

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="actions_period_code_once"),
            models.UniqueConstraint(fields=["programme", "starts_on"], name="actions_period_start_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), due_on__gte=F("ends_on")), name="actions_period_dates"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id programme code starts_on ends_on due_on"

    def __str__(self) -> str:
        return self.code


class ClosedPeriod(models.Model):
    """What a body did in a network in a period has been validated: a database trigger refuses any change to it.

    The trigger (migration 0002) guards meetings, attendance, campaigns and deliverables dated inside it.
    """

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="closed_periods")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="closed_periods")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="closures")
    closed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        constraints = [
            models.UniqueConstraint(fields=["network", "organisation", "period"], name="actions_closedperiod_once")
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id network organisation period closed_at"

    def __str__(self) -> str:
        return f"{self.organisation} – {self.network} – {self.period}"
