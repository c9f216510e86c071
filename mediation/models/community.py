# SPDX-License-Identifier: EUPL-1.2
"""Community mediation: a mediator is present somewhere at planned hours, without anybody asking each time."""

import uuid
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Activity, Programme
from fami_portal.core.history import row_history
from mediation.enums import PresenceState
from mediation.models.hours import HourAccount
from mediation.models.mediators import Mediator
from partners.models import Membership, Network

S = PresenceState


class CommunityPresenceQuerySet(models.QuerySet["CommunityPresence"]):
    """Reads over presences."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_MEDIATION_REQUESTS
    ) -> "CommunityPresenceQuerySet":
        """Those of the networks coordinated, of the programmes reached, and one's own."""
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        mine = Membership.objects.granting(user, Permission.MEDIATE, Scope.OWN)
        return self.filter(
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
            | (Q(mediator__in=Mediator.objects.filter(user=user.pk).values("pk")) & Q(models.Exists(mine)))
        )

    def with_parts(self) -> "CommunityPresenceQuerySet":
        return self.select_related("programme", "network", "mediator", "account", "activity")


class CommunityPresence(models.Model):
    """One presence. The database keeps the mediator out of two places, presences and sessions together (migration
    0110)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="presences")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="presences")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="presences")
    account = models.ForeignKey(HourAccount, on_delete=models.PROTECT, related_name="presences")
    mediator = models.ForeignKey(
        Mediator, on_delete=models.PROTECT, verbose_name=_("mediator"), related_name="presences"
    )
    # The same for all the presences planned together.
    series = models.UUIDField(default=uuid4)
    state = models.CharField(_("state"), max_length=10, choices=PresenceState, default=S.PLANNED)
    version = models.PositiveIntegerField(default=1)
    place = models.CharField(_("place"), max_length=200)
    planned_from = models.DateTimeField(_("planned from"))
    planned_until = models.DateTimeField(_("planned until"))
    # The mediator's time that this presence takes, travel included.
    busy_from = models.DateTimeField()
    busy_until = models.DateTimeField()

    actual_from = models.DateTimeField(_("began"), null=True, blank=True)
    actual_until = models.DateTimeField(_("ended"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes held"), null=True, blank=True)
    # People met: a head count, never persons.
    contacts = models.PositiveSmallIntegerField(_("people met"), null=True, blank=True)
    topics = models.CharField(_("topics"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("recorded on"), null=True, blank=True)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    validated_at = models.DateTimeField(_("validated on"), null=True, blank=True)
    validated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CommunityPresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence of community mediation")
        verbose_name_plural = _("presences of community mediation")
        indexes = [
            models.Index(fields=["network", "state", "planned_from"], name="mediation_presence_board"),
            models.Index(fields=["mediator", "planned_from"], name="mediation_presence_mine"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_until__gt=F("planned_from"))
                & Q(busy_from__lte=F("planned_from"), busy_until__gte=F("planned_until")),
                name="mediation_presence_planned",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[S.HELD, S.VALIDATED],
                    actual_from__isnull=False,
                    actual_until__gt=F("actual_from"),
                    minutes__gt=0,
                    contacts__isnull=False,
                    recorded_at__isnull=False,
                )
                | (
                    ~Q(state__in=[S.HELD, S.VALIDATED])
                    & Q(actual_from__isnull=True, actual_until__isnull=True, minutes__isnull=True)
                ),
                name="mediation_presence_held",
            ),
            models.CheckConstraint(
                condition=Q(state=S.VALIDATED, validated_at__isnull=False)
                | (~Q(state=S.VALIDATED) & Q(validated_at__isnull=True)),
                name="mediation_presence_validated",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid programme network activity account mediator series state version place planned_from planned_until "
            "busy_from busy_until actual_from actual_until minutes contacts topics recorded_at validated_at"
        )
        personal = "planned_by validated_by"

    def __str__(self) -> str:
        return f"presence #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:presence", args=[self.uuid])
