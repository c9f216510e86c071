# SPDX-License-Identifier: EUPL-1.2
"""Who teaches at the meetings of an activity: planned, and who came in the place of whom."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.models.activities import Meeting
from fami_portal.core.history import row_history
from partners.models import Organisation


class Teacher(models.Model):
    """A person of a body who teaches or leads meetings. The account is optional: many have none."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("body"), related_name="teachers"
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=_("account"),
        null=True,
        blank=True,
        related_name="teacher",
    )
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    is_active = models.BooleanField(_("can be assigned"), default=True)

    class Meta:
        verbose_name = _("teacher")
        verbose_name_plural = _("teachers")
        constraints = [
            # Two of one name in one body: the second says so in its name ("Anna (1)"), or nobody could tell them apart.
            models.UniqueConstraint(
                fields=["organisation", "family_name", "given_name"],
                name="actions_teacher_once",
                violation_error_message=_("This teacher is there already."),
            )
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid organisation is_active"
        personal = "user given_name family_name"

    def __str__(self) -> str:
        return f"teacher #{self.pk}"

    @property
    def name(self) -> str:
        """Family name and given name, as on a register."""
        return f"{self.family_name} {self.given_name}"


class MeetingTeacher(models.Model):
    """A teacher at a meeting: planned, or in the place of one who was planned and did not come.

    Day, times and `cancelled` repeat those of the meeting: the database copies them (migration of this table), and an
    exclusion constraint over them keeps one teacher out of two meetings at once. Who was replaced is free.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="teachers")
    teacher = models.ForeignKey(Teacher, on_delete=models.PROTECT, verbose_name=_("teacher"), related_name="meetings")
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("in the place of"),
        null=True,
        blank=True,
        related_name="replaced_by",
    )
    replaced = models.BooleanField(_("did not come"), default=False)
    held_on = models.DateField(editable=False)
    starts_at = models.TimeField(editable=False)
    ends_at = models.TimeField(editable=False)
    cancelled = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("teacher at a meeting")
        verbose_name_plural = _("teachers at meetings")
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "teacher"],
                name="actions_meetingteacher_once",
                violation_error_message=_("This teacher is there already."),
            ),
            # A substitute is not replaced in turn: it is taken away, and another one named.
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | Q(replaced=False), name="actions_meetingteacher_one_step"
            ),
        ]
        triggers = [row_history(exclude=("held_on", "starts_at", "ends_at", "cancelled"))]

    class Privacy:
        internal = "id meeting replaces replaced held_on starts_at ends_at cancelled"
        personal = "teacher"

    def __str__(self) -> str:
        return f"teacher #{self.teacher_id} – {self.meeting_id}"
