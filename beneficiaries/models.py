# SPDX-License-Identifier: EUPL-1.2
"""Recipients by pseudonym, their enrolments and attendance. No names here: identities have a vault of their own."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import Activity, Meeting, Programme, TargetGroup
from beneficiaries.enums import AttendanceState, Eligibility, LanguageLevel, Sex
from fami_portal.core.history import row_history
from partners.models import Country, Membership, Organisation


class BeneficiaryQuerySet(models.QuerySet["Beneficiary"]):
    """Reads over recipients."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW_BENEFICIARIES) -> "BeneficiaryQuerySet":
        """Those that the own body registered, and those enrolled in activities on which the permission is held."""
        bodies = Membership.objects.granting(user, permission, Scope.BODY).values("organisation")
        activities = Activity.objects.visible_to(user, permission).values("pk")
        return self.filter(
            Q(registered_by__in=bodies)
            | Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
            | Q(pk__in=Enrolment.objects.filter(activity__in=activities).values("beneficiary"))
        )

    def unmerged(self) -> "BeneficiaryQuerySet":
        return self.filter(merged_into__isnull=True)


class Beneficiary(models.Model):
    """A recipient of one programme, known by a pseudonym (destinatario)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="beneficiaries")
    pseudonym = models.CharField(_("pseudonym"), max_length=12)
    # The code by which the body that keeps the register recognises the person; never a name or a tax code.
    local_code = models.CharField(_("own code"), max_length=30)
    registered_by = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("registered by"), related_name="beneficiaries"
    )
    target_group = models.ForeignKey(
        TargetGroup, on_delete=models.PROTECT, verbose_name=_("target group"), related_name="beneficiaries"
    )
    sex = models.CharField(_("gender"), max_length=12, choices=Sex)
    birth_date = models.DateField(_("birth date"))
    citizenship = models.ForeignKey(Country, on_delete=models.PROTECT, verbose_name=_("citizenship"), related_name="+")
    eligibility = models.CharField(_("eligibility"), max_length=20, choices=Eligibility, default=Eligibility.UNVERIFIED)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = BeneficiaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        indexes = [models.Index(fields=["programme", "registered_by", "local_code"], name="beneficiaries_by_body")]
        constraints = [
            models.UniqueConstraint(fields=["programme", "pseudonym"], name="beneficiaries_beneficiary_pseudonym_once"),
            models.UniqueConstraint(
                fields=["programme", "registered_by", "local_code"],
                name="beneficiaries_beneficiary_local_code_once",
                violation_error_message=_("Your body has a recipient with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="beneficiaries_beneficiary_not_own_twin",
            ),
        ]
        triggers = [row_history(exclude=("birth_date", "citizenship_id", "sex", "local_code"))]

    class Privacy:
        internal = "id uuid programme registered_by created_at version"
        special = "pseudonym local_code target_group sex birth_date citizenship eligibility merged_into"

    def __str__(self) -> str:
        return self.pseudonym

    def get_absolute_url(self) -> str:
        return reverse("beneficiaries:beneficiary", args=[self.uuid])


class Enrolment(models.Model):
    """A recipient is enrolled in an activity, after the family notice was given."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="enrolments")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="enrolments")
    enrolled_on = models.DateField(_("enrolled on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason for the withdrawal"), max_length=200, blank=True)
    notice_version = models.CharField(_("version of the notice"), max_length=20)
    notice_given_on = models.DateField(_("notice given on"))
    entry_level = models.CharField(_("level at entry"), max_length=10, choices=LanguageLevel, blank=True)
    exit_level = models.CharField(_("level at exit"), max_length=10, choices=LanguageLevel, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "beneficiary"],
                name="beneficiaries_enrolment_once",
                violation_error_message=_("This recipient is enrolled already."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("enrolled_on")),
                name="beneficiaries_enrolment_dates",
                violation_error_message=_("The withdrawal comes before the enrolment."),
            ),
            models.CheckConstraint(
                condition=Q(notice_given_on__lte=F("enrolled_on")),
                name="beneficiaries_enrolment_notice_first",
                violation_error_message=_("The notice must be given before the enrolment."),
            ),
        ]
        triggers = [row_history(exclude=("withdrawal_reason",))]

    class Privacy:
        internal = "id activity notice_version notice_given_on"
        special = "beneficiary enrolled_on withdrawn_on withdrawal_reason entry_level exit_level"

    def __str__(self) -> str:
        return f"{self.beneficiary} – {self.activity} #{self.pk}"


class Attendance(models.Model):
    """One cell of the register: an enrolled recipient at a meeting, with the minutes of presence."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="attendances")
    state = models.CharField(_("presence"), max_length=10, choices=AttendanceState)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "enrolment"], name="beneficiaries_attendance_once"),
            models.CheckConstraint(
                condition=Q(state=AttendanceState.PRESENT, minutes__gte=1)
                | (~Q(state=AttendanceState.PRESENT) & Q(minutes=0)),
                name="beneficiaries_attendance_minutes",
                violation_error_message=_("Minutes belong to who was present."),
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id meeting"
        special = "enrolment state minutes"

    def __str__(self) -> str:
        return f"{self.enrolment} – {self.meeting}: {self.state}"
