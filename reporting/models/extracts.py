# SPDX-License-Identifier: EUPL-1.2
"""The evaluator's extract: asked for with a purpose, approved once, produced once, opened through recorded acts."""

import uuid
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Period, Programme
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Membership, Organisation
from reporting.enums import ExtractProduct, ExtractState
from reporting.models.ledger import Posting


class ExtractQuerySet(models.QuerySet["Extract"]):
    """Reads over extracts."""

    def visible_to(self, user: Any) -> "ExtractQuerySet":
        """Those of the evaluator's own body, and all of the programmes whose extracts the person approves or watches."""
        bodies = [
            membership.organisation_id
            for membership in Membership.objects.kept_for(user)
            if Permission.EXTRACT_DATA in membership.role_definition.permissions
        ]
        own = Q(
            organisation__in=bodies,
            programme__in=Programme.objects.reached_by(user, Permission.EXTRACT_DATA).values("pk"),
        )
        for permission in (Permission.MANAGE_PROGRAMME, Permission.SEE_READINGS):
            own |= Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
        return self.filter(own)

    def with_parts(self) -> "ExtractQuerySet":
        return self.select_related(
            "programme", "organisation", "first_period", "last_period", "requested_by", "decided_by", "document"
        )


class Extract(models.Model):
    """One extract of the data of a programme for the body that evaluates it: a product over whole periods.

    The file is made once and never again: two versions of it could be subtracted from one another.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="extracts")
    # The evaluator: the body, whoever of it asks.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="extracts")
    product = models.CharField(_("what is asked for"), max_length=10, choices=ExtractProduct)
    first_period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+", verbose_name=_("from period"))
    last_period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+", verbose_name=_("to period"))
    purpose = models.CharField(_("purpose"), max_length=500)
    state = models.CharField(_("state"), max_length=10, choices=ExtractState, default=ExtractState.REQUESTED)
    requested_at = models.DateTimeField(_("asked on"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided on"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # The last day on which the file can be opened.
    expires_on = models.DateField(_("can be opened until"), null=True)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    produced_at = models.DateTimeField(_("produced on"), null=True)

    objects = ExtractQuerySet.as_manager()

    class Meta:
        verbose_name = _("extract for the evaluation")
        verbose_name_plural = _("extracts for the evaluation")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "organisation", "product", "first_period", "last_period"],
                condition=Q(state=ExtractState.REQUESTED),
                name="reporting_extract_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ExtractState.REQUESTED, decided_at=None, decided_by=None, expires_on=None, document=None
                )
                | Q(
                    state=ExtractState.REFUSED,
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    expires_on=None,
                    document=None,
                )
                | Q(
                    state=ExtractState.APPROVED,
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    expires_on__isnull=False,
                ),
                name="reporting_extract_decision",
            ),
            models.CheckConstraint(
                condition=Q(document=None, produced_at=None)
                | Q(document__isnull=False, produced_at__isnull=False, posting__isnull=False),
                name="reporting_extract_produced",
            ),
        ]
        triggers = [row_history(exclude=("purpose", "reason"))]

    class Privacy:
        internal = (
            "id uuid programme organisation product first_period last_period state requested_at decided_at expires_on "
            "posting document produced_at"
        )
        personal = "purpose requested_by decided_by reason"

    def __str__(self) -> str:
        return f"{self.get_product_display()}, {self.window}"

    def get_absolute_url(self) -> str:
        return reverse("reporting:extract", args=[self.uuid])

    @property
    def window(self) -> str:
        """The periods in words: `2019-Q1`, or `2019-Q1 – 2019-Q3`."""
        first, last = self.first_period.code, self.last_period.code
        return first if first == last else f"{first} – {last}"

    @property
    def destroyed_at(self) -> datetime | None:
        """When the content of the file was destroyed; nothing while it is there or was not made."""
        return self.document.destroyed_at if self.document is not None else None

    def has_expired(self, day: date) -> bool:
        """Whether the approval no longer holds on a day."""
        return self.expires_on is not None and self.expires_on < day
