# SPDX-License-Identifier: EUPL-1.2
"""Recipients by pseudonym. No names here: identities have a vault of their own."""

import uuid
from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Activity, Programme, TargetGroup
from beneficiaries.enums import Eligibility, Sex
from fami_portal.core.history import row_history
from partners.models import Country, Membership, Organisation


class BeneficiaryQuerySet(models.QuerySet["Beneficiary"]):
    """Reads over recipients."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW_BENEFICIARIES) -> "BeneficiaryQuerySet":
        """Those that the own body registered, and those enrolled in activities on which the permission is held."""
        bodies = Membership.objects.granting(user, permission, Scope.BODY).values("organisation")
        enrolled = Activity.objects.visible_to(user, permission).values("enrolments__beneficiary")
        return self.filter(
            Q(registered_by__in=bodies)
            | Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(pk__in=enrolled)
        )

    def unmerged(self) -> "BeneficiaryQuerySet":
        return self.filter(merged_into__isnull=True)


class Beneficiary(models.Model):
    """A recipient of one programme, known by a pseudonym (destinatario)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="beneficiaries")
    pseudonym = models.CharField(_("pseudonym"), max_length=12)
    # The code by which the body that keeps the register recognises the person; never a name or a tax code.
    local_code = models.CharField(_("own code"), max_length=30)
    registered_by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("registered by"), related_name="beneficiaries"
    )
    target_group = models.ForeignKey(
        TargetGroup, on_delete=models.PROTECT, verbose_name=_("target group"), related_name="beneficiaries"
    )
    sex = models.CharField(_("gender"), max_length=12, choices=Sex)
    birth_date = models.DateField(_("birth date"))
    citizenship = models.ForeignKey(Country, on_delete=models.PROTECT, verbose_name=_("citizenship"), related_name="+")
    eligibility = models.CharField(_("eligibility"), max_length=20, choices=Eligibility, default=Eligibility.UNVERIFIED)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from")
    # With whom it counts as one while nobody has decided on their pairs: kept by `services.grouping` alone.
    counted_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="counted_from", db_index=False
    )
    # While it lasts only the officer and the head of the body read the record (art. 18 GDPR); `Restriction` says why.
    restricted_at = models.DateTimeField(_("processing restricted since"), null=True, blank=True)
    # Nobody can be recognised any more: who it was is gone for good, what was counted stays.
    anonymised_at = models.DateTimeField(_("made anonymous on"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = BeneficiaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        indexes = [
            models.Index(fields=["programme", "registered_by", "local_code"], name="beneficiaries_by_body"),
            models.Index(fields=["counted_as"], condition=Q(counted_as__isnull=False), name="beneficiaries_counted_as"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["programme", "pseudonym"], name="beneficiaries_beneficiary_pseudonym_once"),
            models.UniqueConstraint(
                fields=["programme", "registered_by", "local_code"],
                name="beneficiaries_beneficiary_local_code_once",
                violation_error_message=_("Your body has a recipient with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="beneficiaries_beneficiary_not_own_twin",
            ),
            # Always with an older record that remains, so that no circle arises.
            models.CheckConstraint(
                condition=Q(counted_as__isnull=True) | Q(counted_as__lt=F("id"), merged_into__isnull=True),
                name="beneficiaries_counted_as_older",
            ),
        ]
        triggers = [row_history(exclude=("birth_date", "citizenship_id", "sex", "local_code", "counted_as_id"))]

    class Privacy:
        internal = "id uuid programme registered_by restricted_at anonymised_at created_at version"
        special = "pseudonym local_code target_group sex birth_date citizenship eligibility merged_into counted_as"

    def __str__(self) -> str:
        return self.pseudonym

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:beneficiary", args=[self.uuid])

    def code_for(self, own: Collection[int]) -> str:
        """Return the own code as who works for these bodies reads it: nothing of others', nothing under a restriction."""
        return self.local_code if self.registered_by_id in own and self.restricted_at is None else ""
