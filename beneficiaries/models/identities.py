# SPDX-License-Identifier: EUPL-1.2
"""The vault: who a recipient is, sealed field by field, one row for each body that wrote it (design 6)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import MissingTaxCode
from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history
from partners.models import Organisation


class Identity(models.Model):
    """What one body typed about who a recipient is. Read through `services.identities` alone, which writes who read.

    Each sealed field is bound to this row and to its own name (`fami_portal.core.vault`): moved elsewhere it does not
    open. A destroyed identity keeps its row, so that the recipient still counts, and nothing of what was sealed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="identities")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    given_name = models.BinaryField(_("given name"))
    family_name = models.BinaryField(_("family name"))
    tax_code = models.BinaryField(_("tax code"), default=bytes, blank=True)
    tax_code_missing = models.CharField(
        _("why there is no tax code"), max_length=20, choices=MissingTaxCode, blank=True
    )
    # The key that sealed the row; a rotation seals it again with the newest one.
    key_id = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    destroyed_at = models.DateTimeField(_("destroyed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        indexes = [models.Index(fields=["key_id"], name="beneficiaries_identity_key")]
        constraints = [
            models.UniqueConstraint(fields=["beneficiary", "organisation"], name="beneficiaries_identity_once"),
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True) | Q(given_name=b"", family_name=b"", tax_code=b""),
                name="beneficiaries_identity_destroyed_is_empty",
            ),
        ]
        triggers = [row_history(exclude=("given_name", "family_name", "tax_code"))]

    class Privacy:
        internal = "id uuid organisation key_id created_at version destroyed_at"
        special = "beneficiary given_name family_name tax_code tax_code_missing"

    def __str__(self) -> str:
        return f"identity #{self.pk}"
