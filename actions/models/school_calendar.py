# SPDX-License-Identifier: EUPL-1.2
"""The school calendar of each region: when lessons begin and end, and the days without them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history


class SchoolYear(models.Model):
    """The lessons of one region in one school year, as its deed says; from a reviewed file, never typed."""

    # The name of the region as the municipalities have it.
    region = models.CharField(_("region"), max_length=60)
    year = models.PositiveSmallIntegerField(_("school year"))  # that in which it begins
    starts_on = models.DateField(_("first day of lessons"))
    ends_on = models.DateField(_("last day of lessons"))
    # The deed, or empty where nobody has compared the dates with it: pages then say that they are to be verified.
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("school year")
        verbose_name_plural = _("school years")
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="actions_schoolyear_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="actions_schoolyear_dates"),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id region year starts_on ends_on source"

    def __str__(self) -> str:
        return f"{self.region} {self.year}/{(self.year + 1) % 100:02d}"


class SchoolBreak(models.Model):
    """Days without lessons inside a school year (holidays at Christmas, Carnival, Easter, bridges)."""

    school_year = models.ForeignKey(SchoolYear, on_delete=models.CASCADE, related_name="breaks")
    title = models.CharField(_("name"), max_length=100)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        verbose_name = _("break of the lessons")
        verbose_name_plural = _("breaks of the lessons")
        constraints = [
            models.UniqueConstraint(fields=["school_year", "starts_on"], name="actions_schoolbreak_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="actions_schoolbreak_dates"),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id school_year title starts_on ends_on"

    def __str__(self) -> str:
        return f"{self.title} {self.starts_on:%d/%m/%Y}"
