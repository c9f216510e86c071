# SPDX-License-Identifier: EUPL-1.2
"""Services that the programme opened or strengthened, with what they offered before and after."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import ServiceChangeKind
from actions.models.activities import Activity
from actions.models.programmes import Programme
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Language, Organisation


class Service(models.Model):
    """A service to the public of a body: it counts once, however often it is strengthened."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="services")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="services"
    )
    title = models.CharField(_("name of the service"), max_length=200)

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            models.UniqueConstraint(
                "programme",
                "organisation",
                Lower("title"),
                name="actions_service_once",
            )
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id uuid programme organisation title"

    def __str__(self) -> str:
        return self.title


class ServiceChange(models.Model):
    """What an activity made of a service since a day: hours, evenings, languages, staff, sites before and after."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="changes")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="service_changes")
    kind = models.CharField(_("new or strengthened"), max_length=12, choices=ServiceChangeKind)
    changed_on = models.DateField(_("since"))
    minutes_before = models.PositiveIntegerField(_("minutes a week, before"), default=0)
    minutes_after = models.PositiveIntegerField(_("minutes a week, after"), default=0)
    evenings_before = models.PositiveSmallIntegerField(_("evenings a week, before"), default=0)
    evenings_after = models.PositiveSmallIntegerField(_("evenings a week, after"), default=0)
    staff_before = models.PositiveSmallIntegerField(_("staff, before"), default=0)
    staff_after = models.PositiveSmallIntegerField(_("staff, after"), default=0)
    sites_before = models.PositiveSmallIntegerField(_("sites, before"), default=0)
    sites_after = models.PositiveSmallIntegerField(_("sites, after"), default=0)
    languages_before = models.ManyToManyField(
        Language, verbose_name=_("languages, before"), blank=True, related_name="+"
    )
    languages_after = models.ManyToManyField(Language, verbose_name=_("languages, after"), blank=True, related_name="+")
    note = models.CharField(_("what else changed"), max_length=500, blank=True)
    evidence = models.ForeignKey(Document, on_delete=models.PROTECT, verbose_name=_("evidence"), related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("new or strengthened service")
        verbose_name_plural = _("new or strengthened services")
        indexes = [models.Index(fields=["activity", "changed_on", "id"], name="actions_servicechange_day")]
        constraints = [
            models.UniqueConstraint(fields=["service", "activity", "changed_on"], name="actions_servicechange_once"),
            models.CheckConstraint(
                condition=~Q(kind=ServiceChangeKind.NEW)
                | Q(minutes_before=0, evenings_before=0, staff_before=0, sites_before=0),
                name="actions_servicechange_new",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "service kind changed_on languages_before languages_after"
        internal = (
            "id uuid activity minutes_before minutes_after evenings_before evenings_after staff_before staff_after "
            "sites_before sites_after note evidence version"
        )

    def __str__(self) -> str:
        return f"{self.service} {self.changed_on:%d/%m/%Y} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("actions:service-change", args=[self.uuid])
