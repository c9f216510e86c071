# SPDX-License-Identifier: EUPL-1.2
"""What was seen when somebody said whether a recipient counts for the fund."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import Eligibility, SeenDocument
from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history
from partners.models import Organisation, PermitKind


class EligibilityCheck(models.Model):
    """One decision on the eligibility of a recipient: what was seen, by whom, where the paper is kept; never a copy."""

    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="eligibility_checks")
    source = models.CharField(max_length=20, choices=Eligibility)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Eligibility)
    seen = models.CharField(_("what was seen"), max_length=20, choices=SeenDocument, blank=True)
    # Which kind, for those of whom it may be asked: never by a school.
    permit = models.ForeignKey(
        PermitKind, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kind of permit"), related_name="+"
    )
    # Until when the paper is valid, where it says so.
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    kept_at = models.CharField(_("where the paper is kept"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("check of the eligibility")
        verbose_name_plural = _("checks of the eligibility")
        indexes = [models.Index(fields=["beneficiary", "at"], name="beneficiaries_eligibility")]
        triggers = [row_history(exclude=("reason", "permit_id"))]

    class Privacy:
        internal = "id at by on_behalf_of"
        special = "beneficiary source outcome seen permit expires_on kept_at reason"

    def __str__(self) -> str:
        return f"{self.beneficiary}: {self.outcome}"
