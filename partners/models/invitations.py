# SPDX-License-Identifier: EUPL-1.2
"""Invitations to work in a body."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES, ROLES, Role
from fami_portal.core.history import row_history
from partners.models.bodies import Organisation
from partners.models.networks import Network


class Invitation(models.Model):
    """An invitation to work in a body with a role: the only way to an account. Used once, expires."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="+")
    role = models.CharField(_("role"), max_length=30, choices=ROLE_CHOICES)
    networks = models.ManyToManyField(Network, verbose_name=_("networks"), blank=True, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires on"))
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                "role",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="partners_invitation_pending_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="partners_invitation_accepted_pair",
            ),
        ]
        triggers = [row_history(exclude=("token_sha256", "email", "given_name", "family_name"))]

    class Privacy:
        internal = "id uuid organisation role networks token_sha256 created_at expires_at accepted_at revoked_at"
        personal = "email given_name family_name invited_by accepted_by"

    def __str__(self) -> str:
        return f"invitation #{self.pk}"

    @property
    def role_definition(self) -> Role:
        return ROLES[self.role]
