# SPDX-License-Identifier: EUPL-1.2
"""The vault: who a recipient is, sealed field by field, one row for each body that wrote it (design 6)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
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


class SharingAct(models.Model):
    """A body lets those who keep the register of one activity recognise its recipients, for a purpose and a time."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="sharing_acts")
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("shared by"))
    reader = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("shared with"))
    purpose = models.CharField(_("purpose"), max_length=300)
    notice_version = models.CharField(_("version of the notice"), max_length=20)
    notice_given_on = models.DateField(_("notice given on"))
    shared_at = models.DateTimeField(_("shared on"))
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # At most thirty days after the end of the activity.
    expires_on = models.DateField(_("until"))
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        verbose_name = _("sharing of identities")
        verbose_name_plural = _("sharings of identities")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "owner", "reader"],
                condition=Q(withdrawn_at__isnull=True),
                name="beneficiaries_sharingact_once",
                violation_error_message=_("These names are shared already."),
            ),
            models.CheckConstraint(condition=~Q(owner=F("reader")), name="beneficiaries_sharingact_two_bodies"),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid activity owner reader purpose notice_version notice_given_on shared_at shared_by expires_on"
            " withdrawn_at"
        )

    def __str__(self) -> str:
        return f"{self.activity}: {self.owner} – {self.reader}"


class BreakGlass(models.Model):
    """The Region opens one identity with a reason; the officer of data protection sees it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"), max_length=1000)
    opened_at = models.DateTimeField(_("opened on"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    # How long the same person may look again without asking again.
    expires_at = models.DateTimeField(_("until"))
    seen_at = models.DateTimeField(_("seen by the officer on"), null=True, blank=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("opening by the Region")
        verbose_name_plural = _("openings by the Region")
        triggers = [row_history(exclude=("reason",))]

    class Privacy:
        internal = "id uuid opened_at opened_by expires_at seen_at seen_by"
        special = "beneficiary reason"

    def __str__(self) -> str:
        return f"{self.beneficiary} – {self.opened_at:%d/%m/%Y}"
