# SPDX-License-Identifier: EUPL-1.2
"""The deeds by which a network is made and changed."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.enums import DeedKind
from partners.models.bodies import Organisation
from partners.models.networks import Network


class NetworkDeed(models.Model):
    """A signed paper of a network: what was agreed, when, under which number; its copy is a private file."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="deeds")
    kind = models.CharField(_("kind"), max_length=20, choices=DeedKind)
    # The number in the repertory of deeds or in the register of the office; a protocol may have none.
    repertory_number = models.CharField(_("repertory number"), max_length=40, blank=True)
    signed_on = models.DateField(_("date of the deed"))
    # The one body that a deed of accession or exit is about.
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("body concerned"),
        null=True,
        blank=True,
        related_name="network_deeds",
    )
    signatories = models.ManyToManyField(
        Organisation, verbose_name=_("bodies that signed"), blank=True, related_name="signed_deeds"
    )
    file = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("file"), null=True, blank=True, related_name="+"
    )
    notes = models.CharField(_("notes"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("deed of a network")
        verbose_name_plural = _("deeds of networks")
        indexes = [models.Index(fields=["network", "signed_on", "id"], name="partners_deed_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "kind", "repertory_number", "signed_on"],
                condition=~Q(repertory_number=""),
                name="partners_networkdeed_once",
                violation_error_message=_("This deed is there already: same kind, number and date."),
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[DeedKind.ACCESSION, DeedKind.EXIT]) | Q(organisation__isnull=False),
                name="partners_networkdeed_body",
                violation_error_message=_("Say which body the deed is about."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid network kind repertory_number signed_on organisation signatories"
        internal = "file notes created_at version"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.signed_on:%d/%m/%Y} #{self.pk}"

    @property
    def title(self) -> str:
        """The kind with its number, as people name a deed."""
        kind = self.get_kind_display()
        return f"{kind}, n. {self.repertory_number}" if self.repertory_number else kind
