# SPDX-License-Identifier: EUPL-1.2
"""Enrolments of recipients in activities, and who was at which meeting."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Meeting, Notice, TargetGroup
from beneficiaries.enums import AttendanceState, LanguageLevel, LevelTest, NoticeReceiver, WithdrawalReason
from beneficiaries.models.recipients import Beneficiary
from fami_portal.core.history import row_history
from partners.models import Language


class Enrolment(models.Model):
    """A recipient is enrolled in an activity, after the family notice was given."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="enrolments")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="enrolments")
    # The group in which the person takes part here, where it is not the recipient's own: a recipient who later attends
    # the training of operators, say.
    target_group = models.ForeignKey(
        TargetGroup, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("takes part as"), related_name="+"
    )
    enrolled_on = models.DateField(_("enrolled on"))
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawal_code = models.CharField(_("why the recipient left"), max_length=15, choices=WithdrawalReason, blank=True)
    withdrawal_reason = models.CharField(_("reason for the withdrawal"), max_length=200, blank=True)
    # Empty where the programme asks for no notice, and where the version was typed before versions were published.
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, verbose_name=_("privacy notice"), null=True, blank=True, related_name="+"
    )
    notice_version = models.CharField(_("version of the notice"), max_length=20, blank=True)
    notice_given_on = models.DateField(_("notice given on"), null=True, blank=True)
    notice_given_to = models.CharField(_("notice given to"), max_length=10, choices=NoticeReceiver, blank=True)
    notice_language = models.ForeignKey(
        Language,
        on_delete=models.PROTECT,
        verbose_name=_("language of the notice"),
        null=True,
        blank=True,
        related_name="+",
    )
    entry_level = models.CharField(_("level at entry"), max_length=10, choices=LanguageLevel, blank=True)
    exit_level = models.CharField(_("level at exit"), max_length=10, choices=LanguageLevel, blank=True)

    # How the level at entry was found, and the paper that says what was reached, whoever issued it.
    test_kind = models.CharField(_("test at entry"), max_length=15, choices=LevelTest, blank=True)
    test_on = models.DateField(_("day of the test"), null=True, blank=True)
    certificate_number = models.CharField(_("number of the certificate"), max_length=60, blank=True)
    certificate_on = models.DateField(_("date of the certificate"), null=True, blank=True)
    certificate_body = models.CharField(_("body that issued the certificate"), max_length=200, blank=True)

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
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=False) | Q(withdrawal_code=""),
                name="beneficiaries_enrolment_why_left",
            ),
            models.CheckConstraint(
                condition=Q(certificate_on__isnull=True, certificate_number="", certificate_body="")
                | (Q(certificate_on__isnull=False) & ~Q(certificate_body="")),
                name="beneficiaries_enrolment_certificate",
                violation_error_message=_("A certificate has its date and the body that issued it."),
            ),
        ]
        triggers = [row_history(exclude=("withdrawal_reason", "certificate_number"))]

    class Privacy:
        internal = "id activity notice notice_version notice_given_on notice_given_to notice_language"
        special = (
            "beneficiary target_group enrolled_on withdrawn_on withdrawal_code withdrawal_reason entry_level exit_level "
            "test_kind test_on certificate_number certificate_on certificate_body"
        )

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
