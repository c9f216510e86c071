# SPDX-License-Identifier: EUPL-1.2
"""Acting without an account: links sent to institutional mailboxes, delegations of the head. No link acts on GET."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from mediation.enums import DelegationAct, LinkPurpose
from mediation.models.requests import MediationRequest
from partners.models import Organisation


class AccessLink(models.Model):
    """A link for one purpose, sent to one mailbox of a body: it expires, can be revoked, and its uses are counted."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=12, choices=LinkPurpose)
    token_sha256 = models.CharField(max_length=64, unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school or service"), related_name="access_links"
    )
    request = models.ForeignKey(MediationRequest, on_delete=models.PROTECT, null=True, related_name="access_links")
    # What a filing link may file: kind and network of the programme.
    programme = models.ForeignKey("actions.Programme", on_delete=models.PROTECT, null=True, related_name="+")
    network = models.ForeignKey("partners.Network", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, blank=True)
    address = models.EmailField(_("mailbox"))
    created_at = models.DateTimeField(_("sent on"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(_("valid until"))
    maximum_uses = models.PositiveSmallIntegerField(_("most uses"))
    uses = models.PositiveSmallIntegerField(_("uses"), default=0)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("link without account")
        verbose_name_plural = _("links without account")
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("maximum_uses")), name="mediation_link_uses"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="mediation_link_expires"),
            models.CheckConstraint(
                condition=Q(purpose=LinkPurpose.FILE, programme__isnull=False, network__isnull=False)
                | (~Q(purpose=LinkPurpose.FILE) & Q(request__isnull=False)),
                name="mediation_link_subject",
            ),
        ]
        triggers = [row_history(exclude=("token_sha256", "address"))]

    class Privacy:
        internal = (
            "id uuid purpose token_sha256 organisation request programme network kind created_at expires_at maximum_uses "
            "uses revoked_at"
        )
        personal = "address created_by revoked_by"

    def __str__(self) -> str:
        return f"{self.purpose} #{self.pk}"


class AccessLinkUse(models.Model):
    """One act through a link. Openings are not noted: a GET writes nothing."""

    link = models.ForeignKey(AccessLink, on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField(_("date and time"))
    act = models.CharField(_("act"), max_length=30)
    # The request that the act was about: a link for filing makes several.
    request = models.ForeignKey(MediationRequest, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("use of a link")
        verbose_name_plural = _("uses of links")

    class Privacy:
        internal = "id link at act request"

    def __str__(self) -> str:
        return f"{self.act} #{self.pk}"


class HeadDelegation(models.Model):
    """The head of a body lets its requests pass without a turn of their own: dated, up to a number of minutes."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school or service"), related_name="head_delegations"
    )
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    given_by_name = models.CharField(_("given by"), max_length=150)
    given_at = models.DateTimeField(_("given on"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    maximum_minutes = models.PositiveIntegerField(_("most minutes"))
    # Minutes of the requests that passed under it.
    used_minutes = models.PositiveIntegerField(_("minutes used"), default=0)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    # Received on paper: the sheet, and the coordinator who entered it.
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("signed document"), null=True, related_name="+"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("delegation of the head")
        verbose_name_plural = _("delegations of the head")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="mediation_delegation_dates",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=Q(used_minutes__lte=F("maximum_minutes")), name="mediation_delegation_used"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid organisation given_at starts_on ends_on maximum_minutes used_minutes revoked_at document"
        personal = "given_by given_by_name recorded_by"

    def __str__(self) -> str:
        return f"delegation #{self.pk}"


class DelegationUse(models.Model):
    """A movement of a delegation: what a request took, or gave back when it ended. Rows are only added (a trigger)."""

    delegation = models.ForeignKey(HeadDelegation, on_delete=models.PROTECT, related_name="log")
    request = models.ForeignKey(MediationRequest, on_delete=models.PROTECT, related_name="delegation_uses")
    act = models.CharField(_("act"), max_length=10, choices=DelegationAct, default=DelegationAct.PASSED)
    # Less than nothing when they go back.
    minutes = models.IntegerField(_("minutes"))
    at = models.DateTimeField(_("date and time"))

    class Meta:
        verbose_name = _("use of a delegation")
        verbose_name_plural = _("uses of delegations")
        constraints = [
            # A request passes once and gives back once, however many ask at the same time.
            models.UniqueConstraint(
                fields=["request", "act"],
                condition=~Q(act=DelegationAct.CHANGED),
                name="mediation_delegation_once",
            ),
            models.CheckConstraint(
                condition=Q(act=DelegationAct.PASSED, minutes__gte=0)
                | Q(act=DelegationAct.CHANGED)
                | Q(act=DelegationAct.RETURNED, minutes__lt=0),
                name="mediation_delegation_sign",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id delegation request act minutes at"

    def __str__(self) -> str:
        return f"use of delegation #{self.pk}"
