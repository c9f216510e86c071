# SPDX-License-Identifier: EUPL-1.2
"""Support to one person or to one household: who is followed, and each intervention with those who were there.

A support rests on enrolments: the notice, the group, the outcomes and the counting are theirs. What was done is an
`Intervention`, and `InterventionPerson` says for whom, as the register of a lab does: facts are made of it.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from beneficiaries.enums import (
    InterventionKind,
    InterventionOutcome,
    SchoolPath,
    SupportKind,
    SupportOutcome,
)
from beneficiaries.models.registers import Enrolment
from fami_portal.core.history import row_history

# Ten hours: more than that is two days.
MOST_MINUTES = 600


class Support(models.Model):
    """One person, or the members of one household, followed in an activity from a day on."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="supports")
    kind = models.CharField(_("kind of support"), max_length=15, choices=SupportKind)
    # The code by which the body knows the household; empty for one person, whose own code says it.
    code = models.CharField(_("own code of the household"), max_length=30, blank=True)
    opened_on = models.DateField(_("taken in charge on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    outcome = models.CharField(_("how it ended"), max_length=15, choices=SupportOutcome, blank=True)
    end_note = models.CharField(_("note on the end"), max_length=300, blank=True)
    # Of the guidance on the school path: no page shows them of one pupil, only how many they are.
    path_advised = models.CharField(_("path advised"), max_length=15, choices=SchoolPath, blank=True)
    path_chosen = models.CharField(_("path chosen"), max_length=15, choices=SchoolPath, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        indexes = [models.Index(fields=["activity", "-opened_on", "-id"], name="beneficiaries_support_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, outcome="") | (Q(ended_on__gte=F("opened_on")) & ~Q(outcome="")),
                name="beneficiaries_support_ended",
                violation_error_message=_("A support ends on a day that is not before its start, with how it ended."),
            ),
            models.CheckConstraint(
                condition=Q(kind=SupportKind.SCHOOL_PATH) | Q(path_advised="", path_chosen=""),
                name="beneficiaries_support_path",
            ),
        ]
        triggers = [row_history(exclude=("code", "end_note", "outcome", "path_advised", "path_chosen"))]

    class Privacy:
        internal = "id uuid activity version"
        special = "kind code opened_on ended_on outcome end_note path_advised path_chosen"

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:support", args=[self.uuid])


class SupportMember(models.Model):
    """A person of a support, from a day on and, if it left the household, until another."""

    support = models.ForeignKey(Support, on_delete=models.PROTECT, related_name="members")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="support_members")
    since = models.DateField(_("in the support since"))
    until = models.DateField(_("in the support until"), null=True, blank=True)

    class Meta:
        verbose_name = _("person of a support")
        verbose_name_plural = _("persons of supports")
        constraints = [
            models.UniqueConstraint(fields=["support", "enrolment"], name="beneficiaries_supportmember_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="beneficiaries_supportmember_days"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id"
        special = "support enrolment since until"

    def __str__(self) -> str:
        return f"{self.support_id} – {self.enrolment_id}"


class Intervention(models.Model):
    """What was done for a support on one day: by whom, for how long, what came of it and what comes next."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    support = models.ForeignKey(Support, on_delete=models.PROTECT, related_name="interventions")
    held_on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("operator"), related_name="+"
    )
    kind = models.CharField(_("what was done"), max_length=15, choices=InterventionKind)
    outcome = models.CharField(_("what came of it"), max_length=15, choices=InterventionOutcome)
    note = models.CharField(_("note"), max_length=300, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step by"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("intervention")
        verbose_name_plural = _("interventions")
        indexes = [models.Index(fields=["support", "-held_on", "-id"], name="beneficiaries_intervention_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES), name="beneficiaries_intervention_time"
            ),
            models.CheckConstraint(
                condition=Q(next_step_on__isnull=True, next_step="")
                | (Q(next_step_on__gte=F("held_on")) & ~Q(next_step="")),
                name="beneficiaries_intervention_next",
                violation_error_message=_("A next step has its day, not before the intervention."),
            ),
        ]
        triggers = [row_history(exclude=("note", "next_step", "outcome"))]

    class Privacy:
        internal = "id uuid support version"
        personal = "operator"
        special = "held_on minutes kind outcome note next_step next_step_on"

    def __str__(self) -> str:
        return f"{self.held_on:%d/%m/%Y} #{self.pk}"


class InterventionPerson(models.Model):
    """For whom an intervention was: of a household, those who were concerned."""

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="persons")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="interventions")

    class Meta:
        verbose_name = _("person of an intervention")
        verbose_name_plural = _("persons of interventions")
        constraints = [
            models.UniqueConstraint(fields=["intervention", "enrolment"], name="beneficiaries_interventionperson_once")
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id intervention"
        special = "enrolment"

    def __str__(self) -> str:
        return f"{self.intervention_id} – {self.enrolment_id}"
