# SPDX-License-Identifier: EUPL-1.2
"""Rules of reminders: N days before or after something is due."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from fami_portal.core.history import row_history
from mediation.enums import ReminderAudience, ReminderEvent


class ReminderRule(models.Model):
    """Remind somebody some days before (negative) or after (positive) something is due."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reminder_rules")
    event = models.CharField(_("event"), max_length=20, choices=ReminderEvent)
    days = models.SmallIntegerField(_("days"))
    audience = models.CharField(_("to"), max_length=12, choices=ReminderAudience, default=ReminderAudience.ACTOR)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rule of reminders")
        verbose_name_plural = _("rules of reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "event", "days", "audience"],
                name="mediation_reminderrule_once",
                violation_error_message=_("There is such a rule already."),
            ),
            models.CheckConstraint(condition=Q(days__gte=-60, days__lte=60), name="mediation_reminderrule_days"),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id programme event days audience is_active"

    def __str__(self) -> str:
        return f"{self.event} {self.days:+d} #{self.pk}"


class ReminderSent(models.Model):
    """A reminder that went out, so that it does not go twice: rule, subject, day on which it was due.

    To a person, or to the mailbox of a body where nobody has an account.
    """

    rule = models.ForeignKey(ReminderRule, on_delete=models.CASCADE, related_name="sent")
    recipient = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey("partners.Organisation", on_delete=models.PROTECT, null=True, related_name="+")
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    due_on = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder sent")
        verbose_name_plural = _("reminders sent")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "recipient", "subject_type", "subject_id", "due_on"], name="mediation_remindersent_once"
            ),
            models.UniqueConstraint(
                fields=["rule", "organisation", "subject_type", "subject_id", "due_on"],
                name="mediation_remindersent_body_once",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, organisation__isnull=True)
                | Q(recipient__isnull=True, organisation__isnull=False),
                name="mediation_remindersent_whom",
            ),
        ]

    class Privacy:
        internal = "id rule organisation subject_type subject_id due_on sent_at"
        personal = "recipient"

    def __str__(self) -> str:
        return f"reminder #{self.pk}"
