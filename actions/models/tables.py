# SPDX-License-Identifier: EUPL-1.2
"""What a meeting of a table has besides its day: call, agenda, minutes, decisions."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import DecisionState, MeetingMode
from actions.models.activities import Meeting
from fami_portal.core.history import row_history
from fami_portal.core.models import Document
from partners.models import Organisation


class MeetingCall(models.Model):
    """The call of a meeting: what the bodies are told, how to join, on which day it was sent."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="call")
    text = models.TextField(_("text of the call"), blank=True)
    mode = models.CharField(_("how it is held"), max_length=10, choices=MeetingMode, default=MeetingMode.IN_PERSON)
    link = models.URLField(_("link to join"), blank=True, max_length=500)
    sent_on = models.DateField(_("sent on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("call of a meeting")
        verbose_name_plural = _("calls of meetings")
        constraints = [
            models.CheckConstraint(
                condition=Q(mode=MeetingMode.IN_PERSON) | ~Q(link=""), name="actions_meetingcall_link"
            )
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id meeting text mode link sent_on version"

    def __str__(self) -> str:
        return f"{self.meeting}"


class AgendaItem(models.Model):
    """One point of the agenda of a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField(_("number"))
    text = models.CharField(_("point"), max_length=300)

    class Meta:
        verbose_name = _("point of the agenda")
        verbose_name_plural = _("points of the agenda")
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="actions_agendaitem_once")]
        triggers = [row_history()]

    class Privacy:
        internal = "id meeting position text"

    def __str__(self) -> str:
        return f"{self.position}. {self.text}"


class MeetingMinutes(models.Model):
    """The minutes of a meeting held: a text, a file, or both; approved on a later day, often at the next meeting."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="written_minutes")
    text = models.TextField(_("text of the minutes"), blank=True)
    document = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        verbose_name=_("file of the minutes"),
        null=True,
        blank=True,
        related_name="+",
    )
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("minutes of a meeting")
        verbose_name_plural = _("minutes of meetings")
        constraints = [
            models.CheckConstraint(condition=~Q(text="") | Q(document__isnull=False), name="actions_minutes_something")
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id meeting text document approved_on version"

    def __str__(self) -> str:
        return f"{self.meeting}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Reads over decisions."""

    def open(self) -> "DecisionQuerySet":
        return self.filter(state=DecisionState.OPEN)

    def visible_to(self, user: Any) -> "DecisionQuerySet":
        """Decisions of the meetings that the person may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user).values("pk"))


class Decision(models.Model):
    """What a meeting decided, who does it, by when."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    text = models.CharField(_("what was decided"), max_length=500)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("body that does it"),
        null=True,
        blank=True,
        related_name="decisions",
    )
    # The office, never the name of who holds it.
    office = models.CharField(_("role that does it"), max_length=100, blank=True)
    due_on = models.DateField(_("by"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=DecisionState, default=DecisionState.OPEN)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(
                fields=["organisation", "due_on"], condition=Q(state=DecisionState.OPEN), name="actions_decision_open"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | ~Q(office=""), name="actions_decision_owner"
            ),
            models.CheckConstraint(
                condition=Q(state=DecisionState.DONE, done_on__isnull=False)
                | Q(state=DecisionState.OPEN, done_on__isnull=True),
                name="actions_decision_done",
            ),
        ]
        triggers = [row_history()]

    class Privacy:
        internal = "id uuid meeting text organisation office due_on state done_on version"

    def __str__(self) -> str:
        return f"{self.text} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("actions:meeting", args=[self.meeting.uuid])

    def is_late(self, today: date) -> bool:
        """Whether its day is past and it is still to be done."""
        return self.state == DecisionState.OPEN and self.due_on is not None and self.due_on < today
