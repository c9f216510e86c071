# SPDX-License-Identifier: EUPL-1.2
"""What a definition file says: programme, plans, actions, work packages, activity types, target groups."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import (
    ActivityKind,
    BodyRole,
    Citizenship,
    MediationRequestKind,
    PeriodCalendar,
    Sheet,
    TargetGroupKind,
)
from fami_portal.core.history import row_history
from partners.models import Membership, Network, NetworkMember, Organisation
from partners.validators import validate_cup

# Which part of a body in a programme makes a role reach the whole of it.
REACHING_PARTS = {
    "regional_coordinator": BodyRole.LEAD,
    "technical_assistance": BodyRole.TECHNICAL_ASSISTANCE,
    "evaluator": BodyRole.EVALUATION,
    "auditor": BodyRole.AUDIT,
    "data_protection_officer": BodyRole.LEAD,
}


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Reads over programmes."""

    def reached_by(self, user: Any, permission: Permission) -> "ProgrammeQuerySet":
        """Programmes in which the person holds the permission for the whole programme."""
        parts = Q()
        for membership in Membership.objects.kept_for(user):
            role = membership.role_definition
            if role.scope == Scope.PROGRAMME and permission in role.permissions and role.code in REACHING_PARTS:
                parts |= Q(role=REACHING_PARTS[role.code], organisation=membership.organisation_id)
        if not parts:
            return self.none()
        return self.filter(pk__in=ProgrammeBody.objects.filter(parts).values("programme"))

    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """Programmes in which the person has any part: programme-wide, through a network, a plan or the own body."""
        memberships = Membership.objects.of(user)
        stays = NetworkMember.objects.filter(organisation__in=memberships.values("organisation")).values("network")
        coordinated = Network.objects.filter(coordinations__in=memberships).values("pk")
        return self.filter(
            Q(
                pk__in=ProgrammeBody.objects.filter(organisation__in=memberships.values("organisation")).values(
                    "programme"
                )
            )
            | Q(
                pk__in=ActionNetwork.objects.filter(Q(network__in=stays) | Q(network__in=coordinated)).values(
                    "action__programme"
                )
            )
            | Q(pk__in=Plan.objects.filter(organisation__in=memberships.values("organisation")).values("programme"))
        )


class Programme(models.Model):
    """An integration programme of a region. Everything about it comes from its definition file."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    fund = models.CharField(_("fund"), max_length=100)
    objective = models.TextField(_("objective"), blank=True)
    project_code = models.CharField(_("project code"), max_length=20, blank=True)
    cup = models.CharField(_("CUP"), max_length=15, blank=True, validators=[validate_cup])
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, verbose_name=_("lead"), related_name="+")
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("original end"))
    extended_to = models.DateField(_("extended to"), null=True, blank=True)
    budget_cents = models.BigIntegerField(_("budget in cents"), null=True, blank=True)
    calendar = models.CharField(_("reporting calendar"), max_length=20, choices=PeriodCalendar)
    # Days after the end of a period within which activity reports are due.
    report_due_days = models.PositiveSmallIntegerField(_("days to file a report"), default=15)
    visibility_text = models.TextField(_("co-financing sentence"))
    # Activation targets and other service levels, minutes and days as the definition says.
    service_levels = models.JSONField(_("service levels"), default=dict, blank=True)
    # Official indicators that no measure of the portal counts yet (code, title, reason): listed, never shown as zero.
    unmeasured_indicators = models.JSONField(_("indicators not counted yet"), default=list, blank=True)
    # Whether a family must have received the privacy notice before anybody is enrolled.
    notice_required = models.BooleanField(_("privacy notice before the enrolment"), default=True)
    # Code of a kind of permit: `Admission`. A kind that is not there is to be verified.
    permits = models.JSONField(_("kinds of permit"), default=dict, blank=True)
    definition_sha256 = models.CharField(max_length=64, blank=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"))
                & (Q(extended_to__isnull=True) | Q(extended_to__gt=F("ends_on"))),
                name="actions_programme_dates",
                violation_error_message=_("The end comes before the start."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = (
            "id uuid slug title fund objective project_code cup lead starts_on ends_on extended_to budget_cents calendar "
            "visibility_text unmeasured_indicators notice_required permits"
        )
        internal = "report_due_days service_levels definition_sha256"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("actions:programme", args=[self.slug])

    @property
    def last_day(self) -> date:
        """The last day of the programme, extension included."""
        return self.extended_to or self.ends_on


class ProgrammeBody(models.Model):
    """The part of a body in the whole programme (lead, technical assistance, evaluation…)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="bodies")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programme_parts")
    role = models.CharField(_("part"), max_length=30, choices=BodyRole)

    class Meta:
        verbose_name = _("body of a programme")
        verbose_name_plural = _("bodies of a programme")
        constraints = [
            models.UniqueConstraint(fields=["programme", "organisation", "role"], name="actions_programmebody_once")
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id programme organisation role"

    def __str__(self) -> str:
        return f"{self.programme} – {self.organisation} ({self.role})"


class Plan(models.Model):
    """A plan of a lower level inside a programme (an Ambito's, or one body's share); it rolls up into it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="plans")
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=200)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("carried out by"), related_name="+"
    )
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, verbose_name=_("network"), null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField(_("start"))
    ends_on = models.DateField(_("end"))
    budget_cents = models.BigIntegerField(_("budget in cents"), null=True, blank=True)
    # Empty for a plan that was made in the portal: no file changes it.
    definition_sha256 = models.CharField(max_length=64, blank=True)
    # The submission key of the form that made it: a double click makes one plan.
    key = models.UUIDField(null=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="actions_plan_dates"),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id programme slug title organisation network starts_on ends_on budget_cents"
        internal = "definition_sha256 key version"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("actions:plan", args=[self.slug])


class Action(models.Model):
    """One of the three or four actions of a programme (Azione 01…)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="actions")
    code = models.CharField(_("number"), max_length=10)
    title = models.CharField(_("title"), max_length=300)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("action of the programme")
        verbose_name_plural = _("actions of the programme")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="actions_action_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme code title position"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ActionNetwork(models.Model):
    """A network carries out an action."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="action_networks")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="action_networks")

    class Meta:
        verbose_name = _("network of an action")
        verbose_name_plural = _("networks of an action")
        constraints = [models.UniqueConstraint(fields=["action", "network"], name="actions_actionnetwork_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id action network"

    def __str__(self) -> str:
        return f"{self.action} – {self.network}"


class WorkPackage(models.Model):
    """A work package of the programme's breakdown of work."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="work_packages")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, null=True, blank=True, related_name="work_packages")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=300)

    class Meta:
        verbose_name = _("work package")
        verbose_name_plural = _("work packages")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="actions_workpackage_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme action code title"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class WorkTask(models.Model):
    """A task of a work package."""

    work_package = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="tasks")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=300)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [models.UniqueConstraint(fields=["work_package", "code"], name="actions_worktask_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id work_package code title"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Product(models.Model):
    """A product that a work package promises, with the month of the programme in which it is planned."""

    work_package = models.ForeignKey(WorkPackage, on_delete=models.CASCADE, related_name="products")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=300)
    planned_month = models.PositiveSmallIntegerField(_("planned month"), null=True, blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["work_package", "code"], name="actions_product_code_once"),
            models.CheckConstraint(
                condition=Q(planned_month__isnull=True) | Q(planned_month__gte=1), name="actions_product_month"
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = "id work_package code title planned_month"

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ActivityType(models.Model):
    """A kind of activity that an action offers, as the programme names it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="activity_types")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="activity_types")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="activity_types")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=30, choices=ActivityKind)
    # A support in the Italian language: only these have a language outcome.
    is_language = models.BooleanField(_("support in the language"), default=False)
    # Codes of `Support`: what the official sheet says was given to those enrolled here.
    supports = models.JSONField(_("kinds of support"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="actions_activitytype_code_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme plan action code title kind is_language supports position"

    def __str__(self) -> str:
        return self.title


class TargetGroup(models.Model):
    """A group of recipients with its conditions; which activity types earn it, which groups exclude each other."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="target_groups")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=TargetGroupKind)
    minimum_age = models.PositiveSmallIntegerField(_("minimum age"), null=True, blank=True)
    maximum_age = models.PositiveSmallIntegerField(_("maximum age"), null=True, blank=True)
    citizenship = models.CharField(_("citizenship"), max_length=20, choices=Citizenship, default=Citizenship.ANY)
    # For a group of bodies: which kinds belong to it (values of partners.OrganisationKind; empty means any).
    organisation_kinds = models.JSONField(_("kinds of bodies"), default=list, blank=True)
    earned_by = models.ManyToManyField(ActivityType, verbose_name=_("earned by"), blank=True, related_name="earns")
    # Codes of the groups of the same programme in which a person may also be.
    may_overlap = models.JSONField(_("may overlap with"), default=list, blank=True)
    # Codes of `OutcomeKind` that the sheet of the group asks for.
    outcomes = models.JSONField(_("outcomes asked"), default=list, blank=True)
    # The official sheet of its persons; without one no facts of a sheet are asked.
    sheet = models.CharField(_("official sheet"), max_length=20, choices=Sheet, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("target group")
        verbose_name_plural = _("target groups")
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="actions_targetgroup_code_once"),
            models.CheckConstraint(
                condition=Q(minimum_age__isnull=True)
                | Q(maximum_age__isnull=True)
                | Q(maximum_age__gte=F("minimum_age")),
                name="actions_targetgroup_ages",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        public = (
            "id programme code title kind minimum_age maximum_age citizenship organisation_kinds earned_by may_overlap "
            "outcomes sheet position"
        )

    def __str__(self) -> str:
        return self.title


class RequestKind(models.Model):
    """A request form that the programme offers, with its settings (lengths in minutes, notice in hours)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="request_kinds")
    kind = models.CharField(_("form"), max_length=20, choices=MediationRequestKind)
    settings = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("request form")
        verbose_name_plural = _("request forms")
        constraints = [models.UniqueConstraint(fields=["programme", "kind"], name="actions_requestkind_once")]
        triggers = [row_history()]

    class Privacy:
        public = "id programme kind settings"

    def __str__(self) -> str:
        return f"{self.programme} – {self.get_kind_display()}"
