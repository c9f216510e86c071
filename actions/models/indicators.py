# SPDX-License-Identifier: EUPL-1.2
"""Indicators with their rules as data, targets with their versions, channels of information."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from actions.enums import Cadence, ChangeReason, IndicatorKind, Measure, ReachMetric, ReachMode, Unit
from actions.models.programmes import Action, ActivityType, Plan, Programme, WorkPackage
from fami_portal.core.history import row_history
from partners.models import Network


class Indicator(models.Model):
    """A figure of one programme: a measure, filters on facts, bounds by other indicators (design 5).

    `rule` holds: `actions`, `activity_types`, `target_groups` (lists of codes), `minimum_minutes`,
    `minimum_meetings`, `channels`, `metrics`, `service`; empty means no condition. `bounds` lists codes that it may not exceed.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="indicators")
    code = models.CharField(_("code"), max_length=30)
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=10, choices=IndicatorKind)
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    unit = models.CharField(_("unit"), max_length=20, choices=Unit)
    action = models.ForeignKey(Action, on_delete=models.CASCADE, null=True, blank=True, related_name="indicators")
    work_package = models.ForeignKey(
        WorkPackage, on_delete=models.SET_NULL, null=True, blank=True, related_name="indicators"
    )
    rule = models.JSONField(default=dict, blank=True)
    bounds = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="actions_indicator_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme code title kind measure unit action work_package rule bounds position"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class IndicatorTarget(models.Model):
    """The value promised for an indicator, for the whole programme, a plan or a network, from a date on."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, null=True, blank=True, related_name="targets")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, blank=True, related_name="targets")
    # In the indicator's own unit of the ledger: minutes for hours.
    value = models.BigIntegerField(_("value"))
    valid_from = models.DateField(_("valid from"))
    # Among those of the same day the last one holds: a correction stands beside what it corrects.
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    reason = models.CharField(_("reason"), max_length=20, choices=ChangeReason, default=ChangeReason.FIRST)
    act = models.CharField(_("act"), max_length=200, blank=True)
    # From a definition file, which may still change it; what was decided in the portal no file takes back.
    in_file = models.BooleanField(default=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"), null=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "plan", "network", "valid_from", "number"],
                nulls_distinct=False,
                name="actions_indicatortarget_once",
            ),
            models.CheckConstraint(condition=models.Q(value__gt=0), name="actions_indicatortarget_positive"),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id indicator plan network value valid_from number reason act in_file"
        internal = "author recorded_at"

    def __str__(self) -> str:
        return f"{self.indicator}: {self.value} #{self.pk}"


class CadenceTarget(models.Model):
    """Something promised a number of times: a monthly table, a weekly afternoon, two courses."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="cadence_targets")
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, null=True, blank=True, related_name="cadence_targets")
    activity_type = models.ForeignKey(ActivityType, on_delete=models.CASCADE, related_name="cadence_targets")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=300)
    cadence = models.CharField(_("cadence"), max_length=10, choices=Cadence)
    count = models.PositiveSmallIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("target with a cadence")
        verbose_name_plural = _("targets with a cadence")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="actions_cadencetarget_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme plan activity_type code title cadence count"

    def __str__(self) -> str:
        return self.title


class ReachChannel(models.Model):
    """A channel of information with the metric that is counted on it. Views are never persons."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="reach_channels")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    metric = models.CharField(_("metric"), max_length=15, choices=ReachMetric)
    mode = models.CharField(_("how values add up"), max_length=10, choices=ReachMode)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="actions_reachchannel_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme code title metric mode"

    def __str__(self) -> str:
        return f"{self.title} ({self.get_metric_display()})"
