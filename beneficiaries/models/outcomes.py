# SPDX-License-Identifier: EUPL-1.2
"""What a support brought to a person: three-valued, recorded when the support has ended (domain reference, 2.4)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.enums import OutcomeKind
from beneficiaries.enums import AttestationKind, LanguageLevel, OutcomeState
from beneficiaries.models.registers import Enrolment
from fami_portal.core.history import row_history


class Outcome(models.Model):
    """One outcome of one support, as it was recorded once. A later one supersedes it and does not rewrite it.

    `collected_on` is the day on which the person was asked, or the attestation was seen: the figures count it there.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="outcomes")
    kind = models.CharField(_("outcome"), max_length=15, choices=OutcomeKind)
    state = models.CharField(_("result"), max_length=10, choices=OutcomeState)
    collected_on = models.DateField(_("collected on"))
    # Codes of `UsefulArea`, and the answers from 1 to 10: what the state was worked out from.
    areas = models.JSONField(_("areas"), default=list, blank=True)
    scores = models.JSONField(_("answers"), default=list, blank=True)
    level = models.CharField(_("level reached"), max_length=10, choices=LanguageLevel, blank=True)
    attestation = models.CharField(_("attestation"), max_length=15, choices=AttestationKind, blank=True)
    attested_on = models.DateField(_("date of the attestation"), null=True, blank=True)
    kept_at = models.CharField(_("where the paper is kept"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "kind"],
                condition=Q(superseded_at__isnull=True),
                name="beneficiaries_outcome_one_counts",
            ),
            models.CheckConstraint(
                condition=~Q(kind=OutcomeKind.LANGUAGE, state=OutcomeState.POSITIVE)
                | (Q(attested_on__isnull=False) & ~Q(level="") & ~Q(attestation="") & ~Q(kept_at="")),
                name="beneficiaries_outcome_attested",
                violation_error_message=_("A better level of Italian needs its attestation."),
            ),
        ]
        triggers = [row_history(exclude=("areas", "scores", "level", "state", "kept_at"))]

    class Privacy:
        internal = "id kind at by superseded_at"
        special = "enrolment state collected_on areas scores level attestation attested_on kept_at"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
