# SPDX-License-Identifier: EUPL-1.2
"""Bodies, the people who work in them, the networks they form."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES, ROLES, Permission, Role, Scope
from fami_portal.core.history import row_history
from fami_portal.core.kept import kept_on
from partners.enums import ExitReason, InformalReason, Nature, NetworkKind, NetworkRole, OrganisationKind
from partners.models.checks import problems_of
from partners.models.reference import Municipality
from partners.validators import (
    validate_fiscal_code,
    validate_ipa_code,
    validate_school_code,
    validate_vat_number,
)


def roles_reaching(scope: Scope) -> list[str]:
    """Return the codes of the roles whose reach is `scope`."""
    return [role.code for role in ROLES.values() if role.scope == scope]


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
                constraint.validate(type(self), self, exclude=exclude)
            except ValidationError as error:
                names = ("school_code", "institute")
                field = next((name for name in names if name in constraint.name), "fiscal_code")
                problems[field] = error.messages
        if problems:
            raise ValidationError(problems)


class NetworkQuerySet(models.QuerySet["Network"]):
    """Reads over networks."""

    def visible_to(self, user: Any) -> "NetworkQuerySet":
        """All networks for a programme-wide or portal reach; for others those they coordinate or belong to."""
        memberships = Membership.objects.of(user)
        wide = memberships.filter(role__in=[*roles_reaching(Scope.PROGRAMME), *roles_reaching(Scope.PORTAL)])
        stays = NetworkMember.objects.filter(organisation__in=memberships.values("organisation"))
        return self.filter(
            Q(Exists(wide))
            | Q(pk__in=stays.values("network"))
            | Q(pk__in=Network.objects.filter(coordinations__in=memberships).values("pk"))
        )

    def active_on(self, day: object) -> "NetworkQuerySet":
        return self.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day)).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        )


class Network(models.Model):
    """Bodies that carry out actions together (in Piemonte an ATS, in Lombardia an Ambito)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=30, choices=NetworkKind)
    # Second-level coordination: one network coordinates others.
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("coordinated by"),
        null=True,
        blank=True,
        related_name="children",
    )
    municipalities = models.ManyToManyField(Municipality, verbose_name=_("municipalities"), blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = NetworkQuerySet.as_manager()

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="partners_network_dates",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="partners_network_not_own_parent"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid code name kind parent municipalities starts_on ends_on"
        internal = "version"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:network", args=[self.uuid])


class NetworkMember(models.Model):
    """The stay of a body in a network, with entry and exit: history is kept, figures of the past stay."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="members")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="network_stays"
    )
    role = models.CharField(_("part"), max_length=24, choices=NetworkRole)
    entered_on = models.DateField(_("entered on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)
    exit_reason = models.CharField(_("reason of the exit"), max_length=20, choices=ExitReason, blank=True)
    entry_deed = models.ForeignKey(
        "NetworkDeed",
        on_delete=models.PROTECT,
        verbose_name=_("deed of entry"),
        null=True,
        blank=True,
        related_name="entries",
    )
    exit_deed = models.ForeignKey(
        "NetworkDeed",
        on_delete=models.PROTECT,
        verbose_name=_("deed of exit"),
        null=True,
        blank=True,
        related_name="exits",
    )

    class Meta:
        verbose_name = _("member of a network")
        verbose_name_plural = _("members of networks")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organisation"],
                condition=Q(left_on__isnull=True),
                name="partners_networkmember_once",
                violation_error_message=_("This body is already in the network."),
            ),
            models.UniqueConstraint(
                fields=["network"],
                condition=Q(left_on__isnull=True, role=NetworkRole.LEAD),
                name="partners_networkmember_one_lead",
                violation_error_message=_("The network has a lead already."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")),
                name="partners_networkmember_dates",
                violation_error_message=_("The exit comes before the entry."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=False) | Q(exit_reason="", exit_deed__isnull=True),
                name="partners_networkmember_exit",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid network organisation role entered_on left_on exit_reason entry_deed exit_deed"

    def __str__(self) -> str:
        return f"{self.organisation} – {self.network} #{self.pk}"

    @property
    def colour(self) -> str:
        """The colour of the pill that shows the part."""
        return {NetworkRole.LEAD: "primary", NetworkRole.MEMBER: "info"}.get(NetworkRole(self.role), "secondary")


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads over memberships."""

    def valid_on(self, day: object) -> "MembershipQuerySet":
        return (
            self.filter(valid_from__lte=day)
            .filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))
            .filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__date__gt=day))
        )

    def of(self, user: Any) -> "MembershipQuerySet":
        """The memberships of a person that are valid today."""
        return self.filter(user=user.pk).valid_on(timezone.localdate())

    def kept_for(self, user: Any) -> list["Membership"]:
        """Today's memberships of a person with their bodies and networks, read once and kept on the user object.

        Nobody and accounts that are closed have none.
        """
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return []

        def read() -> list[Membership]:
            today = self.of(user).select_related("organisation").prefetch_related("networks")
            return list(today.order_by("organisation__name", "pk"))

        return kept_on(user, "_portal_memberships", read)

    def granting(self, user: Any, permission: Permission, scope: Scope) -> "MembershipQuerySet":
        """Those of today that give the person a permission with a given reach.

        They are named by their ids: every list of the portal asks this several times, and most people hold one role.
        """
        giving = [
            membership.pk
            for membership in self.kept_for(user)
            if membership.role_definition.scope == scope and permission in membership.role_definition.permissions
        ]
        return self.filter(pk__in=giving) if giving else self.none()


class Membership(models.Model):
    """A person works in a body with a role, between two dates. All rights come from here (design 7)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("person"), related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=30, choices=ROLE_CHOICES)
    # For roles whose reach is one or more networks; second-level coordination names several.
    networks = models.ManyToManyField(Network, verbose_name=_("networks"), blank=True, related_name="coordinations")
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    # Ended at once, not at the end of a day: the rights of that day are gone too.
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(valid_until__isnull=True),
                name="partners_membership_once",
                violation_error_message=_("This person has this role in the body already."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="partners_membership_dates",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(valid_until__isnull=False),
                name="partners_membership_withdrawn_has_end",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid organisation role networks valid_from valid_until withdrawn_at"
        personal = "user"

    def __str__(self) -> str:
        return f"membership #{self.pk}"

    @property
    def role_definition(self) -> Role:
        return ROLES[self.role]

    def has_ended(self, day: date) -> bool:
        """Whether the role is over on a day."""
        return self.withdrawn_at is not None or (self.valid_until is not None and self.valid_until < day)

    def is_valid_on(self, day: date) -> bool:
        """Whether the role gives its rights on a day (today or later: a withdrawal is seen as of now)."""
        return self.valid_from <= day and not self.has_ended(day)
