# SPDX-License-Identifier: EUPL-1.2
"""What belongs to a request: its languages, the times that it proposes, the counter of its numbers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history
from mediation.models.requests import MediationRequest
from partners.models import Language


class RequestLanguage(models.Model):
    """A language in which the mediation is asked, with its variety; the first is the one that is needed most."""

    request = models.ForeignKey(MediationRequest, on_delete=models.CASCADE, related_name="languages")
    language = models.ForeignKey(Language, on_delete=models.PROTECT, verbose_name=_("language"), related_name="+")
    variety = models.CharField(_("variety"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("language of a request")
        verbose_name_plural = _("languages of requests")
        constraints = [
            models.UniqueConstraint(fields=["request", "language"], name="mediation_requestlanguage_once"),
        ]
        triggers = [row_history()]

    class Privacy:
        special = "id request language variety position"

    def __str__(self) -> str:
        return f"{self.language_id} #{self.pk}"


class RequestSlot(models.Model):
    """One of up to three proposed times: a day, with its hours or with the hour to be agreed. Local time in Italy."""

    request = models.ForeignKey(MediationRequest, on_delete=models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField(default=0)
    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="mediation_slot_once"),
            models.CheckConstraint(condition=Q(position__lte=2), name="mediation_slot_three"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="mediation_slot_times",
                violation_error_message=_("The end comes before the start."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id request position day starts_at ends_at"

    def __str__(self) -> str:
        return f"{self.day} #{self.pk}"


class RequestCounter(models.Model):
    """The last number given to a kind of request in a year."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("counter of requests")
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="mediation_counter_once")]

    class Privacy:
        internal = "id prefix year last_number"

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"
