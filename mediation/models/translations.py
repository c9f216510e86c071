# SPDX-License-Identifier: EUPL-1.2
"""Written translations: no time of day, a file in and a file out."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Activity, Programme
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from mediation.enums import TranslationState
from mediation.models.hours import HourAccount
from mediation.models.mediators import Mediator
from partners.models import Language, Membership, Network, Organisation

S = TranslationState


class TranslationQuerySet(models.QuerySet["Translation"]):
    """Reads over translations."""

    def visible_to(
        self, user: Any, permission: Permission = Permission.VIEW_MEDIATION_REQUESTS
    ) -> "TranslationQuerySet":
        """Those of the own body, of the networks coordinated, of the programmes reached, assigned to oneself."""
        bodies = Membership.objects.granting(user, permission, Scope.BODY).values("organisation")
        coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
        mine = Membership.objects.granting(user, Permission.MEDIATE, Scope.OWN)
        return self.filter(
            Q(organisation__in=bodies)
            | (
                ~Q(state=S.DRAFT)
                & (
                    Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
                    | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
                    | (Q(mediator__in=Mediator.objects.filter(user=user.pk).values("pk")) & Q(models.Exists(mine)))
                )
            )
        )

    def with_parts(self) -> "TranslationQuerySet":
        return self.select_related(
            "programme",
            "network",
            "organisation",
            "mediator",
            "account",
            "source_language",
            "target_language",
            "original",
            "translated",
        )


class Translation(models.Model):
    """A school or a service asks for the written translation of a file."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=20, blank=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="translations")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), related_name="translations"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("school or service"), related_name="translations"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, related_name="translations")
    account = models.ForeignKey(HourAccount, on_delete=models.PROTECT, null=True, related_name="translations")
    state = models.CharField(_("state"), max_length=10, choices=TranslationState, default=S.DRAFT)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(_("what the file is"), max_length=150)
    source_language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("from the language"), related_name="+"
    )
    target_language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("into the language"), related_name="+"
    )
    pages = models.PositiveSmallIntegerField(_("pages"))
    due_on = models.DateField(_("needed by"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    original = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("file to translate"), null=True, related_name="+"
    )
    # Estimated from the pages at the submission.
    minutes_asked = models.PositiveIntegerField(_("minutes estimated"), default=0)

    created_at = models.DateTimeField(_("begun on"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted on"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    mediator = models.ForeignKey(
        Mediator, on_delete=models.PROTECT, verbose_name=_("translator"), null=True, related_name="translations"
    )
    assigned_at = models.DateTimeField(_("assigned on"), null=True, blank=True)
    translated = models.ForeignKey(
        Document, on_delete=models.PROTECT, verbose_name=_("translated file"), null=True, related_name="+"
    )
    # What it really took, said by the translator.
    minutes = models.PositiveIntegerField(_("minutes worked"), null=True, blank=True)
    returned_at = models.DateTimeField(_("returned on"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True)
    validated_at = models.DateTimeField(_("validated on"), null=True, blank=True)
    validated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state_since = models.DateTimeField(null=True)
    # The retention took the free texts and the contacts (`services.purging`).
    texts_destroyed_at = models.DateTimeField(_("texts destroyed on"), null=True, blank=True)

    objects = TranslationQuerySet.as_manager()

    class Meta:
        verbose_name = _("written translation")
        verbose_name_plural = _("written translations")
        indexes = [
            models.Index(fields=["network", "state", "submitted_at"], name="mediation_translation_board"),
            models.Index(fields=["mediator", "state"], name="mediation_translation_mine"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="mediation_translation_number_once"
            ),
            models.CheckConstraint(
                condition=~Q(source_language=F("target_language")),
                name="mediation_translation_two_languages",
                violation_error_message=_("The two languages must be different."),
            ),
            models.CheckConstraint(condition=Q(pages__gte=1, pages__lte=500), name="mediation_translation_pages"),
            models.CheckConstraint(
                condition=Q(state=S.DRAFT)
                | Q(
                    submitted_at__isnull=False,
                    account__isnull=False,
                    original__isnull=False,
                    minutes_asked__gt=0,
                    number__gt="",
                ),
                name="mediation_translation_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.ASSIGNED, S.RETURNED, S.TO_REVISE, S.ACCEPTED, S.VALIDATED])
                | Q(mediator__isnull=False, activity__isnull=False, assigned_at__isnull=False),
                name="mediation_translation_assigned",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.RETURNED, S.ACCEPTED, S.VALIDATED])
                | Q(translated__isnull=False, minutes__gt=0, returned_at__isnull=False),
                name="mediation_translation_returned",
            ),
            models.CheckConstraint(
                condition=Q(state=S.VALIDATED, validated_at__isnull=False, accepted_at__isnull=False)
                | (~Q(state=S.VALIDATED) & Q(validated_at__isnull=True)),
                name="mediation_translation_validated",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = (
            "id uuid number programme network organisation activity account state version title source_language "
            "target_language pages due_on note original minutes_asked created_at submitted_at mediator assigned_at "
            "translated minutes returned_at accepted_at validated_at state_since texts_destroyed_at"
        )
        personal = "created_by submitted_by validated_by"

    def __str__(self) -> str:
        return self.number or f"translation #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("mediation:translation", args=[self.uuid])
