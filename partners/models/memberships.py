# SPDX-License-Identifier: EUPL-1.2
"""Memberships: the people who work in bodies, and the roles from which all rights come."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES, ROLES, Permission, Role, Scope
from fami_portal.core.history import row_history
from fami_portal.core.kept import kept_on

if TYPE_CHECKING:
    from partners.models.networks import Network


def roles_reaching(scope: Scope) -> list[str]:
    """Return the codes of the roles whose reach is `scope`."""
    return [role.code for role in ROLES.values() if role.scope == scope]


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

        Networks are read for the roles that have some. Nobody and accounts that are closed have none.
        """
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return []

        def read() -> list[Membership]:
            today = list(self.of(user).select_related("organisation").order_by("organisation__name", "pk"))
            tied = [membership for membership in today if membership.role_definition.scope == Scope.NETWORK]
            models.prefetch_related_objects(tied, "networks")
            return today

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
        "Organisation", on_delete=models.PROTECT, verbose_name=_("body"), related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=30, choices=ROLE_CHOICES)
    # For roles whose reach is one or more networks; second-level coordination names several.
    networks: "models.ManyToManyField[Network, Any]" = models.ManyToManyField(
        "Network", verbose_name=_("networks"), blank=True, related_name="coordinations"
    )
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
