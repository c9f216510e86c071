# SPDX-License-Identifier: EUPL-1.2
"""Who read which nominal records, when and why: one chain per body, appended in the transaction of the reading."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Programme
from beneficiaries.enums import ReadKind
from partners.models import Organisation


class ReadChain(models.Model):
    """The head of the chain of one body; its row is locked while an entry is appended."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    entries = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("chain of readings")

    class Privacy:
        internal = "id organisation entries head"

    def __str__(self) -> str:
        return f"{self.organisation}: {self.entries}"


class ReadEntry(models.Model):
    """One page or file that showed nominal records: who, what, why, and the list of the recipients."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    chain = models.ForeignKey(ReadChain, on_delete=models.PROTECT, related_name="+")
    number = models.BigIntegerField()
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    kind = models.CharField(_("what"), max_length=20, choices=ReadKind)
    # The name of the page as the portal calls it, never an address.
    page = models.CharField(max_length=80)
    purpose = models.CharField(_("why"), max_length=300, blank=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, related_name="+")
    # The file that was opened, and its programme: whose data a scan carries is often not known to the portal, and the
    # officer of the programme must see that it was opened all the same. The uuid alone, as files may go.
    document = models.UUIDField(null=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, null=True, related_name="+")
    # Ids of recipients.
    subjects = ArrayField(models.BigIntegerField())
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes = [
            GinIndex(fields=["subjects"], name="beneficiaries_read_subjects"),
            models.Index(fields=["actor", "at"], name="beneficiaries_read_actor"),
            models.Index(fields=["at"], name="beneficiaries_read_at"),
            models.Index(fields=["document"], name="beneficiaries_read_document"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="beneficiaries_readentry_in_order"),
            models.CheckConstraint(condition=Q(number__gte=1), name="beneficiaries_readentry_number"),
        ]

    class Privacy:
        internal = "id uuid chain number at actor kind page purpose activity document programme previous digest"
        special = "subjects"

    def __str__(self) -> str:
        return f"{self.chain} #{self.number}"
