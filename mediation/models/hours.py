# SPDX-License-Identifier: EUPL-1.2
"""Accounts of the scarce hours (design 1.4): integer minutes, append-only movements, never oversold.

A trigger (migration 0002) applies each movement to its account under the account's row lock and refuses any other
change of the three figures; the CHECK refuses the movement that would oversell.
"""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.history import row_history
from mediation.enums import AccountUse, MovementKind
from partners.enums import PUBLIC_KINDS, SCHOOL_KINDS
from partners.models import Membership, Network, NetworkMember, Organisation

# Which hours bodies of a kind draw on when they ask.
_ASKED_BY = (
    (SCHOOL_KINDS, (MediationRequestKind.SCHOOL, MediationRequestKind.FACILITATION)),
    (PUBLIC_KINDS, (MediationRequestKind.SERVICE,)),
)


class HourAccountQuerySet(models.QuerySet["HourAccount"]):
    """Reads over accounts."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW_HOUR_ACCOUNTS) -> "HourAccountQuerySet":
        """`read_whole`, and the common pools from which the own body draws for want of hours of its own."""
        whole = self._whole(user, permission)
        return (
            self.filter(whole | _pool_of_own(user))
            if permission == Permission.VIEW_HOUR_ACCOUNTS
            else self.filter(whole)
        )

    def read_whole(self, user: Any) -> "HourAccountQuerySet":
        """Accounts of the own body, of the networks that the person coordinates, of the programmes reached."""
        return self.filter(self._whole(user, Permission.VIEW_HOUR_ACCOUNTS))

    def _whole(self, user: Any, permission: Permission) -> Q:
        return (
            Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(
                network__in=Network.objects.filter(
                    coordinations__in=Membership.objects.granting(user, permission, Scope.NETWORK)
                ).values("pk")
            )
            | Q(organisation__in=Membership.objects.granting(user, permission, Scope.BODY).values("organisation"))
        )

    def with_parts(self) -> "HourAccountQuerySet":
        return self.select_related("programme", "network", "organisation")


def _pool_of_own(user: Any) -> Q:
    """Pools of the networks of the bodies for which the person reads hours, of the kinds that these bodies ask for.

    Not where the body has an account of its own for the same purpose in those days: it draws on that one.
    """
    own = Membership.objects.granting(user, Permission.VIEW_HOUR_ACCOUNTS, Scope.BODY).values("organisation")
    drawn = Q(pk__in=[])
    for body_kinds, kinds in _ASKED_BY:
        account = HourAccount.objects.filter(
            organisation=OuterRef("organisation"),
            programme=OuterRef(OuterRef("programme")),
            network=OuterRef("network"),
            kind=OuterRef(OuterRef("kind")),
            use=OuterRef(OuterRef("use")),
            starts_on__lte=OuterRef(OuterRef("ends_on")),
            ends_on__gte=OuterRef(OuterRef("starts_on")),
        )
        member = NetworkMember.objects.filter(
            ~Exists(account),
            Q(left_on=None) | Q(left_on__gte=OuterRef("starts_on")),
            network=OuterRef("network"),
            organisation__in=own,
            organisation__kind__in=body_kinds,
        )
        drawn |= Q(Exists(member), kind__in=kinds)
    return Q(organisation=None) & drawn


class HourAccount(models.Model):
    """Hours of one kind for a school year: of a network's common pool, or of one school or service in it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="hour_accounts")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="hour_accounts"
    )
    # Empty: the common pool of the network, from which whoever has no account of its own draws.
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("school or service"),
        null=True,
        blank=True,
        related_name="hour_accounts",
    )
    kind = models.CharField(_("kind of request"), max_length=20, choices=MediationRequestKind)
    use = models.CharField(_("use"), max_length=10, choices=AccountUse, default=AccountUse.ON_CALL)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    # Minutes. Kept by the trigger from the movements alone.
    granted = models.IntegerField(_("minutes granted"), default=0)
    reserved = models.IntegerField(_("minutes reserved"), default=0)
    consumed = models.IntegerField(_("minutes consumed"), default=0)

    objects = HourAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account of hours")
        verbose_name_plural = _("accounts of hours")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "network", "organisation", "kind", "use", "starts_on"],
                nulls_distinct=False,
                name="mediation_houraccount_once",
                violation_error_message=_("There is an account of this kind already."),
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="mediation_houraccount_dates"),
            models.CheckConstraint(
                condition=Q(granted__gte=0, reserved__gte=0, consumed__gte=0), name="mediation_houraccount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(granted__gte=F("reserved") + F("consumed")), name="mediation_houraccount_not_oversold"
            ),
        ]
        triggers = [row_history(exclude=("granted", "reserved", "consumed"))]

    class Privacy:
        internal = "id uuid programme network organisation kind use starts_on ends_on granted reserved consumed"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:hour-account", args=[self.uuid])

    @property
    def available(self) -> int:
        """Minutes that can still be asked for."""
        return self.granted - self.reserved - self.consumed

    @property
    def used_share(self) -> float:
        """Share of the granted minutes reserved or consumed, 0 to 1 (0 for an empty account)."""
        return (self.reserved + self.consumed) / self.granted if self.granted else 0.0

    @property
    def school_year(self) -> str:
        """The years of the account as people say them, such as `2018/2019`."""
        first, last = self.starts_on.year, self.ends_on.year
        return str(first) if first == last else f"{first}/{last}"


class HourMovement(models.Model):
    """One movement of an account; never changed or deleted. `attempt` grows when a report is reopened."""

    account = models.ForeignKey(HourAccount, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(_("movement"), max_length=12, choices=MovementKind)
    # What asked for the hours: `request`, `translation`, `consultation`, `presence` and its id.
    source_type = models.CharField(max_length=20, blank=True)
    source_id = models.BigIntegerField(null=True)
    session_id = models.BigIntegerField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    minutes = models.IntegerField(_("minutes"))
    granted_change = models.IntegerField(default=0)
    reserved_change = models.IntegerField(default=0)
    consumed_change = models.IntegerField(default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    # Both halves of a reallocation carry the same key; of a grant it is the submission, so a double click is one.
    key = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("movement of hours")
        verbose_name_plural = _("movements of hours")
        indexes = [
            models.Index(fields=["account", "id"], name="mediation_movement_account"),
            models.Index(fields=["source_type", "source_id"], name="mediation_movement_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "session_id", "kind", "attempt"],
                condition=~Q(source_type=""),
                nulls_distinct=False,
                name="mediation_movement_once",
            ),
            models.UniqueConstraint(
                fields=["key", "kind"], condition=Q(key__isnull=False), name="mediation_movement_key_once"
            ),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="mediation_movement_minutes"),
        ]

    class Privacy:
        internal = (
            "id account kind source_type source_id session_id attempt minutes granted_change reserved_change "
            "consumed_change key at"
        )
        personal = "by reason"

    def __str__(self) -> str:
        return f"{self.kind} {self.minutes} #{self.pk}"
