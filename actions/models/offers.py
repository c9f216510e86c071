# SPDX-License-Identifier: EUPL-1.2
"""What a network offers to the schools of its area, and which schools asked for it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import OfferState
from actions.models.activities import Activity
from actions.models.programmes import ActivityType, Programme
from fami_portal.core import clock
from fami_portal.core.history import row_history
from partners.enums import SCHOOL_KINDS
from partners.models import Membership, Network, NetworkMember, Organisation


class OfferQuerySet(models.QuerySet["Offer"]):
    """Reads over what is offered."""

    def managed_by(self, user: Any) -> "OfferQuerySet":
        """Those of the networks that the person coordinates, and of the programmes that the person leads."""
        permission = Permission.VALIDATE_ACTIVITY_REPORTS
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        return self.filter(
            Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
            | Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
        )

    def offered_to(self, user: Any) -> "OfferQuerySet":
        """What is published for the own schools: those in the networks, and those in their municipalities."""
        schools = Organisation.objects.filter(
            pk__in=Membership.objects.of(user).values("organisation"), kind__in=sorted(SCHOOL_KINDS)
        )
        return self.filter(
            Q(network__in=NetworkMember.objects.on(clock.today()).filter(organisation__in=schools).values("network"))
            | Q(
                network__in=Network.objects.filter(
                    municipalities__in=schools.exclude(municipality=None).values("municipality")
                ).values("pk")
            ),
            state=OfferState.PUBLISHED,
        )

    def visible_to(self, user: Any) -> "OfferQuerySet":
        """What the person manages or is offered."""
        return self.filter(
            Q(pk__in=Offer.objects.managed_by(user).values("pk"))
            | Q(pk__in=Offer.objects.offered_to(user).values("pk"))
        )


class Offer(models.Model):
    """One entry of the catalogue of a network: what schools can ask for, for whom, where, when and how."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="offers")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="offers")
    activity_type = models.ForeignKey(
        ActivityType, on_delete=models.PROTECT, verbose_name=_("activity type"), related_name="offers"
    )
    # A planned activity with free places, when it is that which is offered.
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, verbose_name=_("activity"), null=True, blank=True, related_name="offers"
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("what it is"), max_length=2000, blank=True)
    audience = models.CharField(_("for whom"), max_length=200)
    place = models.CharField(_("where"), max_length=200)
    period = models.CharField(_("when"), max_length=200)
    how_to_ask = models.CharField(_("how to ask"), max_length=300)
    # An office, never a person: everybody in the area reads it.
    office = models.CharField(_("office to contact"), max_length=200)
    office_email = models.EmailField(_("e-mail of the office"), blank=True)
    opens_on = models.DateField(_("schools can ask from"))
    closes_on = models.DateField(_("schools can ask until"))
    state = models.CharField(_("state"), max_length=10, choices=OfferState, default=OfferState.PUBLISHED)
    version = models.PositiveIntegerField(default=1)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the catalogue")
        verbose_name_plural = _("entries of the catalogue")
        indexes = [models.Index(fields=["network", "state", "closes_on"], name="actions_offer_network")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="actions_offer_dates",
                violation_error_message=_("The end comes before the start."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        public = (
            "id uuid programme network activity_type activity title description audience place period how_to_ask office "
            "office_email opens_on closes_on state"
        )
        internal = "version"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("actions:offer", args=[self.uuid])


class OfferRequest(models.Model):
    """A school says that it is interested in an entry of the catalogue. Never persons: classes and numbers only."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="requests")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school"), related_name="offer_requests"
    )
    classes = models.CharField(_("classes"), max_length=100, blank=True)
    pupils = models.PositiveSmallIntegerField(_("pupils, about"), null=True, blank=True)
    note = models.CharField(_("what the school needs"), max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked on"))
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request from the catalogue")
        verbose_name_plural = _("requests from the catalogue")
        constraints = [models.UniqueConstraint(fields=["offer", "organisation"], name="actions_offerrequest_once")]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid offer organisation classes pupils note author asked_at answered_at answer"

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.offer_id} #{self.pk}"
