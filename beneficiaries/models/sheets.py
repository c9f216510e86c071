# SPDX-License-Identifier: EUPL-1.2
"""What the official sheets ask beside the recipient itself, and no more (domain reference, sections 3.2 and 3.3).

Telephone and e-mail are on the sheets too, "if available": the portal does not collect them (ADR 17). The permit to stay is told
by the checks of the eligibility, the support by the enrolments.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import OperatorTraining
from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history
from partners.enums import Nature
from partners.models import EducationTitle, OriginWork, TargetSpecific


class ThirdCountrySheet(models.Model):
    """What the sheet of third-country nationals asks of an adult, or of a minor who is no pupil here."""

    beneficiary = models.OneToOneField(Beneficiary, on_delete=models.PROTECT, related_name="third_country_sheet")
    # Three columns of the sheet, all different, filled from the first.
    first_specific = models.ForeignKey(
        TargetSpecific, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("condition"), related_name="+"
    )
    second_specific = models.ForeignKey(
        TargetSpecific, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("condition"), related_name="+"
    )
    third_specific = models.ForeignKey(
        TargetSpecific, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("condition"), related_name="+"
    )
    education = models.ForeignKey(
        EducationTitle, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("education"), related_name="+"
    )
    origin_work = models.ForeignKey(
        OriginWork,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("work in the country of origin"),
        related_name="+",
    )
    # Why there is no permit for the time being.
    permit_note = models.CharField(_("note on the permit"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("sheet of a third-country national")
        verbose_name_plural = _("sheets of third-country nationals")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(first_specific__isnull=False) | Q(second_specific__isnull=True, third_specific__isnull=True)
                )
                & (Q(second_specific__isnull=False) | Q(third_specific__isnull=True)),
                name="beneficiaries_sheet_specifics_in_order",
            ),
            models.CheckConstraint(
                condition=(Q(second_specific__isnull=True) | ~Q(first_specific=F("second_specific")))
                & (
                    Q(third_specific__isnull=True)
                    | (~Q(third_specific=F("first_specific")) & ~Q(third_specific=F("second_specific")))
                ),
                name="beneficiaries_sheet_specifics_differ",
            ),
        ]
        triggers = [
            row_history(
                exclude=(
                    "first_specific_id",
                    "second_specific_id",
                    "third_specific_id",
                    "education_id",
                    "origin_work_id",
                    "permit_note",
                )
            )
        ]

    class Privacy:
        internal = "id version"
        special = "beneficiary first_specific second_specific third_specific education origin_work permit_note"

    def __str__(self) -> str:
        return f"sheet of {self.beneficiary}"

    @property
    def specifics(self) -> list[TargetSpecific]:
        """The conditions that hold, in the order of the sheet."""
        return [one for one in (self.first_specific, self.second_specific, self.third_specific) if one is not None]


class OperatorSheet(models.Model):
    """What the sheet of operators asks: for whom the person works, and what the training was about."""

    beneficiary = models.OneToOneField(Beneficiary, on_delete=models.PROTECT, related_name="operator_sheet")
    employer = models.CharField(_("body where the person works"), max_length=200)
    nature = models.CharField(_("kind of body"), max_length=10, choices=Nature)
    # For who works for a private body inside a public one.
    public_body = models.CharField(_("public body where the person works"), max_length=200, blank=True)
    trainings = ArrayField(models.CharField(max_length=20, choices=OperatorTraining), verbose_name=_("training"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("sheet of an operator")
        verbose_name_plural = _("sheets of operators")
        constraints = [
            models.CheckConstraint(
                condition=Q(public_body="") | Q(nature=Nature.PRIVATE), name="beneficiaries_operator_public_body"
            )
        ]
        triggers = [row_history(exclude=("employer", "nature", "public_body", "trainings"))]

    class Privacy:
        internal = "id version"
        special = "beneficiary employer nature public_body trainings"

    def __str__(self) -> str:
        return f"sheet of {self.beneficiary}"
