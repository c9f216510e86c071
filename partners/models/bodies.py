# SPDX-License-Identifier: EUPL-1.2
"""Bodies: schools, municipalities, cooperatives, associations."""

import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Scope
from fami_portal.core.history import row_history
from partners.enums import InformalReason, Nature, OrganisationKind
from partners.models.checks import problems_of
from partners.models.memberships import Membership, roles_reaching
from partners.models.networks import NetworkMember
from partners.models.reference import Municipality
from partners.validators import (
    validate_fiscal_code,
    validate_ipa_code,
    validate_school_code,
    validate_vat_number,
)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Reads over bodies."""

    def visible_to(self, user: Any) -> "OrganisationQuerySet":
        """All bodies for whoever manages them or has a programme-wide or network reach; the own ones for others.

        Bodies are public facts of the partnership, so the members of one's networks are visible too.
        """
        wide = Membership.objects.of(user).filter(
            Q(role__in=roles_reaching(Scope.PROGRAMME)) | Q(role__in=roles_reaching(Scope.PORTAL))
        )
        own = Membership.objects.of(user).values("organisation")
        networks = NetworkMember.objects.filter(
            Q(organisation__in=own) | Q(network__coordinations__in=Membership.objects.of(user))
        ).values("network")
        return self.filter(
            Q(Exists(wide))
            | Q(pk__in=own)
            | Q(pk__in=NetworkMember.objects.filter(network__in=networks).values("organisation"))
        )

    def associations(self) -> "OrganisationQuerySet":
        """Associations of migrants and second generations: they are recipients too."""
        return self.filter(kind=OrganisationKind.MIGRANT_ASSOCIATION)


class Organisation(models.Model):
    """A body: school, municipality, cooperative, association… It exists before and after any programme."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=30, choices=OrganisationKind)
    nature = models.CharField(_("nature"), max_length=10, choices=Nature)
    fiscal_code = models.CharField(
        _("tax code"), max_length=16, blank=True, validators=[validate_fiscal_code], help_text=_("11 digits")
    )
    vat_number = models.CharField(_("VAT number"), max_length=11, blank=True, validators=[validate_vat_number])
    school_code = models.CharField(
        _("school code (codice meccanografico)"), max_length=10, blank=True, validators=[validate_school_code]
    )
    ipa_code = models.CharField(_("IPA code"), max_length=10, blank=True, validators=[validate_ipa_code])
    runts_number = models.CharField(_("RUNTS number"), max_length=20, blank=True)
    informal_reason = models.CharField(
        _("reason for having no tax code"), max_length=20, choices=InformalReason, blank=True
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, verbose_name=_("municipality"), null=True, blank=True
    )
    # A school site (plesso) has a school code of its own and belongs to its institute.
    institute = models.ForeignKey(
        "self", on_delete=models.PROTECT, verbose_name=_("institute"), null=True, blank=True, related_name="sites"
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    pec = models.EmailField(_("certified e-mail (PEC)"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        indexes = [models.Index(Lower("name"), name="partners_organisation_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_code"],
                condition=~Q(fiscal_code="") & Q(school_code=""),
                name="partners_organisation_fiscal_code_once",
                violation_error_message=_("A body with this tax code exists already."),
            ),
            models.UniqueConstraint(
                fields=["school_code"],
                condition=~Q(school_code=""),
                name="partners_organisation_school_code_once",
                violation_error_message=_("A school with this code exists already."),
            ),
            models.CheckConstraint(
                condition=Q(fiscal_code="", informal_reason__gt="") | (~Q(fiscal_code="") & Q(informal_reason="")),
                name="partners_organisation_fiscal_code_or_reason",
                violation_error_message=_("Give the tax code, or the reason why there is none."),
            ),
            models.CheckConstraint(
                condition=Q(institute__isnull=True) | ~Q(institute=F("id")),
                name="partners_organisation_not_own_institute",
                violation_error_message=_("A body is not a site of itself."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid name kind nature municipality institute school_code ipa_code runts_number"
        internal = "fiscal_code vat_number informal_reason address pec email created_at version"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:organisation", args=[self.uuid])

    def normalise(self) -> None:
        """Write the codes as their registers do."""
        for field in ("fiscal_code", "vat_number", "school_code"):
            setattr(self, field, "".join(getattr(self, field).split()).upper())
        self.name = " ".join(self.name.split())

    def clean(self) -> None:
        """Check what one field says against another (no queries)."""
        problems = problems_of(self)
        if problems:
            raise ValidationError(problems)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Tell a body that exists already at the field of its code (warning: queries)."""
        problems: dict[str, Any] = {}
        for constraint in self._meta.constraints:
            try:
                constraint.validate(type(self), self, exclude=None if exclude is None else set(exclude))
            except ValidationError as error:
                names = ("school_code", "institute")
                field = next((name for name in names if name in constraint.name), "fiscal_code")
                problems[field] = error.messages
        if problems:
            raise ValidationError(problems)
