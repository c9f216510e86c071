# SPDX-License-Identifier: EUPL-1.2
"""The register of mediators: languages, qualifications, territories, availability (reference: domain, 5.7)."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import ActionNetwork, Programme
from fami_portal.core import clock
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from mediation.enums import Gender, LanguageLevel, MediatorProfile, QualificationKind
from partners.models import Language, Membership, Municipality, Network, NetworkMember, Organisation


def networks_followed(user: Any, permission: Permission) -> Any:
    """Return the networks that the person coordinates with a permission, and those of the programmes reached by it."""
    return Network.objects.filter(
        Q(coordinations__in=Membership.objects.granting(user, permission, Scope.NETWORK))
        | Q(
            pk__in=ActionNetwork.objects.filter(
                action__programme__in=Programme.objects.reached_by(user, permission).values("pk")
            ).values("network")
        )
    )


class MediatorQuerySet(models.QuerySet["Mediator"]):
    """Reads over mediators."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW_MEDIATORS) -> "MediatorQuerySet":
        """Oneself; the mediators of the bodies of the networks that the person coordinates or reaches."""
        networks = networks_followed(user, permission)
        providers = NetworkMember.objects.filter(network__in=networks.values("pk")).values("organisation")
        own = Q(user=user.pk) if getattr(user, "pk", None) else Q(pk__in=[])
        return self.filter(own | Q(organisation__in=providers))

    def serving(self, network_id: int) -> "MediatorQuerySet":
        """Active mediators whose provider is a member of the network."""
        return self.filter(
            is_active=True,
            organisation__in=NetworkMember.objects.on(clock.today()).filter(network=network_id).values("organisation"),
        )


class Mediator(models.Model):
    """A person who mediates for a provider body. The account is optional: the register comes first."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=_("account"),
        null=True,
        blank=True,
        related_name="mediator",
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("provider body"), related_name="mediators"
    )
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    gender = models.CharField(_("gender"), max_length=12, choices=Gender, default=Gender.UNDECLARED)
    profile = models.CharField(_("profile"), max_length=12, choices=MediatorProfile, default=MediatorProfile.MEDIATOR)
    modes = models.JSONField(_("works"), default=list, blank=True)
    home = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        verbose_name=_("starts from"),
        null=True,
        blank=True,
        related_name="+",
    )
    # Minutes kept free before and after a session in person.
    travel_buffer = models.PositiveSmallIntegerField(_("minutes of travel kept free"), default=30)
    yearly_maximum = models.PositiveIntegerField(_("most minutes in a year"), null=True, blank=True)
    confidentiality_signed_on = models.DateField(_("confidentiality agreement signed on"), null=True, blank=True)
    is_active = models.BooleanField(_("available for assignments"), default=True)
    # The secret of the private calendar feed, as its sha256; empty until the mediator asks for one.
    calendar_token_sha256 = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MediatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediator")
        verbose_name_plural = _("mediators")
        indexes = [models.Index(fields=["family_name", "given_name"], name="mediation_mediator_name")]
        constraints = [
            models.CheckConstraint(condition=Q(travel_buffer__lte=240), name="mediation_mediator_buffer"),
            models.UniqueConstraint(
                fields=["calendar_token_sha256"],
                condition=~Q(calendar_token_sha256=""),
                name="mediation_mediator_calendar_once",
            ),
        ]
        triggers = [row_history(exclude=("calendar_token_sha256",))]

    class Privacy:
        internal = (
            "id uuid organisation profile modes travel_buffer yearly_maximum confidentiality_signed_on is_active "
            "calendar_token_sha256 version"
        )
        personal = "user given_name family_name email phone gender home"

    def __str__(self) -> str:
        return f"mediator #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:mediator", args=[self.uuid])

    @property
    def name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"


class MediatorLanguage(models.Model):
    """A language that the mediator speaks, with its variety (dialect, country) and level."""

    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="languages")
    language = models.ForeignKey(Language, on_delete=models.PROTECT, verbose_name=_("language"), related_name="+")
    variety = models.CharField(_("variety"), max_length=60, blank=True)
    level = models.CharField(_("level"), max_length=15, choices=LanguageLevel)

    class Meta:
        verbose_name = _("language of a mediator")
        verbose_name_plural = _("languages of mediators")
        indexes = [models.Index(fields=["language", "mediator"], name="mediation_mediatorlanguage_by")]
        constraints = [
            models.UniqueConstraint(
                fields=["mediator", "language", "variety"],
                name="mediation_mediatorlanguage_once",
                violation_error_message=_("This language is there already."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        personal = "id mediator language variety level"

    def __str__(self) -> str:
        return f"{self.language_id} {self.variety} #{self.pk}"


class MediatorQualification(models.Model):
    """A qualification or a check, with its document and the day on which it expires."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="qualifications")
    kind = models.CharField(_("kind"), max_length=20, choices=QualificationKind)
    title = models.CharField(_("title"), max_length=200)
    issued_by = models.CharField(_("issued by"), max_length=200, blank=True)
    hours = models.PositiveIntegerField(_("hours"), null=True, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("document"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(issued_on__isnull=True) | Q(expires_on__gte=F("issued_on")),
                name="mediation_qualification_dates",
                violation_error_message=_("The end comes before the start."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid"
        personal = "mediator kind title issued_by hours issued_on expires_on document"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class MediatorTerritory(models.Model):
    """Where the mediator works: a whole province, or one municipality of it."""

    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="territories")
    province = models.CharField(_("province"), max_length=2)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, verbose_name=_("municipality"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("territory of a mediator")
        verbose_name_plural = _("territories of mediators")
        constraints = [
            models.UniqueConstraint(
                fields=["mediator", "province", "municipality"],
                nulls_distinct=False,
                name="mediation_territory_once",
                violation_error_message=_("This territory is there already."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        personal = "id mediator province municipality"

    def __str__(self) -> str:
        return f"{self.province} #{self.pk}"


class WeeklyAvailability(models.Model):
    """When the mediator is free in an ordinary week: local time in Italy, Monday is 0."""

    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="weekly_availability")
    weekday = models.PositiveSmallIntegerField(_("day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("weekly availability")
        verbose_name_plural = _("weekly availability")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="mediation_weekly_weekday"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="mediation_weekly_times",
                violation_error_message=_("The end comes before the start."),
            ),
            models.UniqueConstraint(
                fields=["mediator", "weekday", "starts_at"],
                name="mediation_weekly_once",
                violation_error_message=_("There is a row that starts at this time already."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        personal = "id mediator weekday starts_at ends_at"

    def __str__(self) -> str:
        return f"{self.weekday} #{self.pk}"


class AvailabilityException(models.Model):
    """Days that are not as every week: away, or free when usually not. Without times it is the whole day."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="exceptions")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    starts_at = models.TimeField(_("from time"), null=True, blank=True)
    ends_at = models.TimeField(_("until time"), null=True, blank=True)
    is_available = models.BooleanField(_("available"), default=False)

    class Meta:
        verbose_name = _("exception to the availability")
        verbose_name_plural = _("exceptions to the availability")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="mediation_exception_dates",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="mediation_exception_times",
                violation_error_message=_("The end comes before the start."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid"
        personal = "mediator starts_on ends_on starts_at ends_at is_available"

    def __str__(self) -> str:
        return f"{self.starts_on} #{self.pk}"
