# SPDX-License-Identifier: EUPL-1.2
"""Restrictions of the processing of a recipient's data (art. 18 GDPR): since when, why, until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history


class Restriction(models.Model):
    """The data of a recipient are kept and counted, and nobody works with them; `Beneficiary.restricted_at` says it."""

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="restrictions")
    reason = models.CharField(_("reason"), max_length=300)
    since = models.DateTimeField(_("restricted since"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted on"), null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("restriction of processing")
        verbose_name_plural = _("restrictions of processing")
        constraints = [
            models.UniqueConstraint(
                fields=["beneficiary"], condition=Q(lifted_at__isnull=True), name="beneficiaries_restriction_once"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("since")),
                name="beneficiaries_restriction_dates",
            ),
        ]
        triggers = [row_history(exclude=("reason",))]

    class Privacy:
        internal = "id since by lifted_at lifted_by"
        special = "beneficiary reason"

    def __str__(self) -> str:
        return f"restriction #{self.pk}"
