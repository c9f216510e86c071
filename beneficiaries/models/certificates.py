# SPDX-License-Identifier: EUPL-1.2
"""Certificates of attendance and of guidance: a row for each one that was issued, which a later print finds again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from beneficiaries.models.registers import Enrolment
from fami_portal.core.history import row_history


class Certificate(models.Model):
    """That a recipient attended so many minutes of those held, with a number of the programme and year.

    Of somebody who was followed one by one: that so many minutes of guidance were received, in so many `interventions`;
    then what was held is what was received. Printed again with the same figures it is the same certificate; with others
    it is a new one, beside the old.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="certificates")
    # The programme of the enrolment, once more: the numbers are its own.
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    issued_on = models.DateField(_("issued on"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("issued by"), related_name="+"
    )
    minutes = models.PositiveIntegerField(_("minutes attended"))
    minutes_held = models.PositiveIntegerField(_("minutes held"))
    # None of a course: its certificate counts minutes alone.
    interventions = models.PositiveSmallIntegerField(_("interventions"), default=0)

    class Meta:
        verbose_name = _("certificate of attendance")
        verbose_name_plural = _("certificates of attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "number"], name="beneficiaries_certificate_number_once"
            ),
            models.UniqueConstraint(
                fields=["enrolment", "minutes", "minutes_held", "interventions"], name="beneficiaries_certificate_same"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1) & Q(minutes__lte=F("minutes_held")),
                name="beneficiaries_certificate_minutes",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id programme year issued_by minutes_held"
        special = "enrolment number issued_on minutes interventions"

    def __str__(self) -> str:
        return f"certificate #{self.pk}"

    @property
    def code(self) -> str:
        """The number as it stands on the paper: "12/2026"."""
        return f"{self.number}/{self.year}"
