# SPDX-License-Identifier: EUPL-1.2
"""Networks and the stays of bodies in them."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Scope
from fami_portal.core.history import row_history
from partners.enums import ExitReason, NetworkKind, NetworkRole
from partners.models.memberships import Membership, roles_reaching
from partners.models.reference import Municipality


class NetworkQuerySet(models.QuerySet["Network"]):
    """Reads over networks."""

    def visible_to(self, user: Any) -> "NetworkQuerySet":
        """All networks for a programme-wide or portal reach; for others those they coordinate or belong to."""
        memberships = Membership.objects.of(user)
        wide = memberships.filter(role__in=[*roles_reaching(Scope.PROGRAMME), *roles_reaching(Scope.PORTAL)])
        stays = NetworkMember.objects.filter(organisation__in=memberships.values("organisation"))
        return self.filter(
            Q(Exists(wide))
            | Q(pk__in=stays.values("network"))
            | Q(pk__in=Network.objects.filter(coordinations__in=memberships).values("pk"))
        )

    def active_on(self, day: object) -> "NetworkQuerySet":
        return self.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=day)).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        )


class Network(models.Model):
    """Bodies that carry out actions together (in Piemonte an ATS, in Lombardia an Ambito)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=30, choices=NetworkKind)
    # Second-level coordination: one network coordinates others.
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("coordinated by"),
        null=True,
        blank=True,
        related_name="children",
    )
    municipalities = models.ManyToManyField(Municipality, verbose_name=_("municipalities"), blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = NetworkQuerySet.as_manager()

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="partners_network_dates",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="partners_network_not_own_parent"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid code name kind parent municipalities starts_on ends_on"
        internal = "version"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:network", args=[self.uuid])


class NetworkMemberQuerySet(models.QuerySet["NetworkMember"]):
    """Reads over stays. A stay holds until its last day included: one that is to end later goes on until then."""

    def on(self, day: date) -> "NetworkMemberQuerySet":
        """Those that hold on a day, their first and last day included."""
        return self.filter(stay_on(day))

    def not_over(self, day: date) -> "NetworkMemberQuerySet":
        """Those that hold on a day or begin after it."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gte=day))


def stay_on(day: date, path: str = "") -> Q:
    """Return the condition of the stays that hold on a day, for reads that reach them by a `path` ("members__")."""
    return Q(**{f"{path}entered_on__lte": day}) & (
        Q(**{f"{path}left_on__isnull": True}) | Q(**{f"{path}left_on__gte": day})
    )


class NetworkMember(models.Model):
    """The stay of a body in a network, with entry and exit: history is kept, figures of the past stay."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="members")
    organisation = models.ForeignKey(
        "Organisation", on_delete=models.PROTECT, verbose_name=_("body"), related_name="network_stays"
    )
    role = models.CharField(_("part"), max_length=24, choices=NetworkRole)
    entered_on = models.DateField(_("entered on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)
    exit_reason = models.CharField(_("reason of the exit"), max_length=20, choices=ExitReason, blank=True)
    entry_deed = models.ForeignKey(
        "NetworkDeed",
        on_delete=models.PROTECT,
        verbose_name=_("deed of entry"),
        null=True,
        blank=True,
        related_name="entries",
    )
    exit_deed = models.ForeignKey(
        "NetworkDeed",
        on_delete=models.PROTECT,
        verbose_name=_("deed of exit"),
        null=True,
        blank=True,
        related_name="exits",
    )

    objects = NetworkMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a network")
        verbose_name_plural = _("members of networks")
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organisation"],
                condition=Q(left_on__isnull=True),
                name="partners_networkmember_once",
                violation_error_message=_("This body is already in the network."),
            ),
            models.UniqueConstraint(
                fields=["network"],
                condition=Q(left_on__isnull=True, role=NetworkRole.LEAD),
                name="partners_networkmember_one_lead",
                violation_error_message=_("The network has a lead already."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")),
                name="partners_networkmember_dates",
                violation_error_message=_("The exit comes before the entry."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=False) | Q(exit_reason="", exit_deed__isnull=True),
                name="partners_networkmember_exit",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid network organisation role entered_on left_on exit_reason entry_deed exit_deed"

    def __str__(self) -> str:
        return f"{self.organisation} – {self.network} #{self.pk}"

    @property
    def colour(self) -> str:
        """The colour of the pill that shows the part."""
        return {NetworkRole.LEAD: "primary", NetworkRole.MEMBER: "info"}.get(NetworkRole(self.role), "secondary")
