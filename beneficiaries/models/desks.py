# SPDX-License-Identifier: EUPL-1.2
"""Contacts of a desk: counted, never persons. Nothing in them leads to a recipient (domain reference, section 8)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from beneficiaries.enums import AgeBand, ContactChannel, ContactOutcome, Sex
from beneficiaries.models.supports import MOST_MINUTES
from fami_portal.core.history import row_history
from partners.models import Country, Language


class DeskContact(models.Model):
    """Somebody came to a desk, called or wrote. Three counters that are never mixed come of these rows: contacts,
    first accesses, and services given (one for each topic)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="desk_contacts")
    held_on = models.DateField(_("day"))
    channel = models.CharField(_("how"), max_length=10, choices=ContactChannel)
    first_access = models.BooleanField(_("first access to this desk"), default=False)
    # Codes of `DeskTopic`: what was asked, one service each.
    topics = models.JSONField(_("what was asked"), default=list)
    outcome = models.CharField(_("what came of it"), max_length=15, choices=ContactOutcome)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    with_mediator = models.BooleanField(_("with a mediator"), default=False)
    sex = models.CharField(_("gender"), max_length=12, choices=Sex, blank=True)
    age_band = models.CharField(_("age"), max_length=15, choices=AgeBand, blank=True)
    citizenship = models.ForeignKey(
        Country, on_delete=models.PROTECT, verbose_name=_("citizenship"), null=True, blank=True, related_name="+"
    )
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, verbose_name=_("language"), null=True, blank=True, related_name="+"
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("operator"), related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("contact of a desk")
        verbose_name_plural = _("contacts of desks")
        indexes = [models.Index(fields=["activity", "-held_on", "-id"], name="beneficiaries_contact_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES), name="beneficiaries_deskcontact_time"
            ),
            models.CheckConstraint(condition=~Q(topics=[]), name="beneficiaries_deskcontact_topics"),
        ]
        triggers = [row_history(exclude=("sex", "age_band", "citizenship_id", "language_id"))]

    class Privacy:
        internal = "id uuid activity held_on channel first_access topics outcome minutes with_mediator version"
        personal = "operator"
        special = "sex age_band citizenship language"

    def __str__(self) -> str:
        return f"{self.held_on:%d/%m/%Y} #{self.pk}"
