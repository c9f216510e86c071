# SPDX-License-Identifier: EUPL-1.2
"""The signed pages of the register on paper: scans that carry names, sealed, opened by a reason (docs/adr, 19)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from actions.models import Meeting
from fami_portal.core.history import row_history
from fami_portal.core.models import Document


class SignedPage(models.Model):
    """A meeting stands on a scanned page. One scan holds the meetings of its sheet: a row for each of them."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="signed_pages")
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("scanned page"), related_name="signed_pages"
    )
    attached_at = models.DateTimeField(_("when"))
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("who"), related_name="+"
    )

    class Meta:
        verbose_name = _("signed page of a register")
        verbose_name_plural = _("signed pages of registers")
        constraints = [models.UniqueConstraint(fields=["meeting", "document"], name="beneficiaries_signedpage_once")]
        triggers = [row_history()]

    class Privacy:
        internal = "id meeting document attached_at attached_by"

    def __str__(self) -> str:
        return f"{self.meeting} #{self.pk}"
