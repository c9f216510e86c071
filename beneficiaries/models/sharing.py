# SPDX-License-Identifier: EUPL-1.2
"""By what right somebody else than the registering body reads a name: a sharing act, or an exceptional opening."""

import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import ActivityState
from actions.models import Activity, Programme
from beneficiaries.enums import BreakGlassReason, SharingPurpose, SharingState
from beneficiaries.models.reading import ReadEntry
from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history
from partners.models import Membership, Organisation

# How long after the last date of the activity the names can still be read.
SHARED_AFTER = timedelta(days=30)


class SharingActQuerySet(models.QuerySet["SharingAct"]):
    """Reads over sharing acts."""

    def visible_to(self, user: Any) -> "SharingActQuerySet":
        """Those of the own body, on either side, and those of the programmes whose readings the person watches."""

        def bodies(permission: Permission) -> Any:
            return Membership.objects.granting(user, permission, Scope.BODY).values("organisation")

        watched = Programme.objects.reached_by(user, Permission.SEE_READINGS).values("pk")
        return self.filter(
            Q(organisation__in=bodies(Permission.SHARE_IDENTITIES))
            | Q(keeper__in=bodies(Permission.KEEP_REGISTERS))
            | Q(activity__programme__in=watched)
        )


class SharingAct(models.Model):
    """A body lets the one that keeps the register of an activity read who its recipients enrolled there are.

    It is good for all of its recipients in that activity, those enrolled later too, until thirty days after the last
    date of the activity, or until the body revokes it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="sharing_acts")
    # The body that wrote the names, and the one that reads them.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    keeper = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    notice_version = models.CharField(_("version of the notice"), max_length=20)
    notice_given_on = models.DateField(_("notice given on"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=SharingPurpose)
    details = models.CharField(_("details"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    recorded_at = models.DateTimeField(_("recorded on"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revocation_reason = models.CharField(_("reason for the revocation"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SharingActQuerySet.as_manager()

    class Meta:
        verbose_name = _("sharing of names")
        verbose_name_plural = _("sharings of names")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "organisation", "keeper"],
                condition=Q(revoked_at__isnull=True),
                name="beneficiaries_sharingact_once",
            ),
            models.CheckConstraint(condition=~Q(organisation=F("keeper")), name="beneficiaries_sharingact_two_bodies"),
            models.CheckConstraint(
                condition=Q(notice_given_on__lte=F("starts_on")), name="beneficiaries_sharingact_notice_first"
            ),
        ]
        triggers = [row_history(exclude=("details", "revocation_reason"))]

    class Privacy:
        internal = (
            "id uuid activity organisation keeper notice_version notice_given_on purpose details starts_on recorded_at "
            "recorded_by revoked_at revoked_by revocation_reason version"
        )

    def __str__(self) -> str:
        return f"sharing act #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:sharing", args=[self.uuid])

    @property
    def ends_on(self) -> date:
        """The last day on which names can be read; it moves with the dates of the activity (reads it)."""
        return self.activity.ends_on + SHARED_AFTER

    def state_on(self, day: date) -> SharingState:
        """Return where the act stands on a day (reads the activity)."""
        if self.revoked_at is not None:
            return SharingState.REVOKED
        if day > self.ends_on or self.activity.state == ActivityState.CANCELLED:
            return SharingState.ENDED
        return SharingState.IN_FORCE if self.starts_on <= day else SharingState.FUTURE


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    """Reads over exceptional openings."""

    def visible_to(self, user: Any) -> "BreakGlassQuerySet":
        """Those of the programmes whose readings the person watches."""
        watched = Programme.objects.reached_by(user, Permission.SEE_READINGS).values("pk")
        return self.filter(beneficiary__programme__in=watched)


class BreakGlass(models.Model):
    """The Region opened one name of another body, for one opening; the officer of data protection examines it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Of the form that asked: the second half of a double click is the same opening.
    key = models.UUIDField(unique=True)
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reading = models.ForeignKey(ReadEntry, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, choices=BreakGlassReason)
    details = models.CharField(_("details"), max_length=200)
    at = models.DateTimeField(_("when"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who")
    )
    examined_at = models.DateTimeField(_("examined on"), null=True, blank=True)
    examined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note of who examined it"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        verbose_name = _("exceptional opening")
        verbose_name_plural = _("exceptional openings")
        indexes = [models.Index(fields=["at"], name="beneficiaries_breakglass_at")]
        constraints = [
            models.CheckConstraint(
                condition=Q(examined_at__isnull=True, note="") | (Q(examined_at__isnull=False) & ~Q(note="")),
                name="beneficiaries_breakglass_examined_with_note",
            )
        ]
        triggers = [row_history(exclude=("details", "note"))]

    class Privacy:
        internal = "id uuid key organisation reading reason at opened_by examined_at examined_by version"
        special = "beneficiary details note"

    def __str__(self) -> str:
        return f"exceptional opening #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:break-glass", args=[self.uuid])
