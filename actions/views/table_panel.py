# SPDX-License-Identifier: EUPL-1.2
"""What the page of a meeting shows of a table: call, agenda, minutes, decisions, and what can be done."""

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import BodyAttendance, DecisionState, MeetingState
from actions.models import Decision, Meeting, MeetingCall, MeetingMinutes
from actions.permissions import can_keep_register, closes_decisions_for
from actions.selectors import tables as selectors
from actions.views.pages import pill_of
from actions.workflow import DECISION, OPEN_STATES
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link, Pill

ATTENDANCE_COLOURS = {
    BodyAttendance.CALLED: "secondary",
    BodyAttendance.PRESENT: "success",
    BodyAttendance.ABSENT: "danger",
    BodyAttendance.JUSTIFIED: "warning",
}


def attendance_pill(attendance: str) -> Pill:
    """Return the pill of a body at a meeting."""
    return Pill(BodyAttendance(attendance).label, ATTENDANCE_COLOURS[BodyAttendance(attendance)])


def table_of(user: Any, meeting: Meeting, *, reason: str, called: int) -> dict[str, Any] | None:
    """Return what the template of a table needs, or nothing for a meeting of another kind.

    `reason` is why nothing of the meeting can change, empty when it can; `called` how many bodies are called. Two queries, where
    call and minutes were read with the meeting.
    """
    if meeting.activity.activity_type.kind not in selectors.TABLE_KINDS:
        return None
    writes = can_keep_register(user, meeting.activity)
    address = partial(reverse, args=[meeting.uuid])
    call: MeetingCall | None = getattr(meeting, "call", None)
    minutes: MeetingMinutes | None = getattr(meeting, "written_minutes", None)
    decisions = list(selectors.decisions_of([meeting]))
    corrects = writes and not _closed(meeting) and not (minutes and minutes.approved_on)
    return {
        "call_facts": _call_facts(call) if call else [],
        "call_text": call.text if call else "",
        "agenda": list(meeting.agenda.order_by("position")) if call else [],
        "call_buttons": _call_buttons(meeting, call, address, reason, called) if writes else [],
        "minutes_facts": _minutes_facts(minutes) if minutes else [],
        "minutes_text": minutes.text if minutes else "",
        "minutes_buttons": _minutes_buttons(meeting, minutes, address, reason) if writes else [],
        "decision_columns": decision_columns(of_one_meeting=True),
        "decision_rows": [decision_row(user, row, of_one_meeting=True, corrects=corrects) for row in decisions],
        "decision_buttons": [Button(_("Add a decision"), address("actions:decision-create"), style="outline-primary")]
        if writes and meeting.state == MeetingState.HELD and not _closed(meeting)
        else [],
    }


def _closed(meeting: Meeting) -> bool:
    return meeting.activity.state not in OPEN_STATES


def _call_facts(call: MeetingCall) -> list[tuple[Any, Any]]:
    return [
        (_("Call sent on"), call.sent_on or _("Not sent yet")),
        (_("How it is held"), call.get_mode_display()),
        (_("Link to join"), Link(call.link, call.link) if call.link else None),
    ]


def _call_buttons(meeting: Meeting, call: MeetingCall | None, address: Any, reason: str, called: int) -> list[Button]:
    if meeting.state != MeetingState.SCHEDULED:
        return []
    write = _("Correct the call") if call else _("Write the call")
    if reason:
        return [Button(write, disabled_reason=reason)]
    buttons = [Button(write, address("actions:meeting-call"), style="outline-primary")]
    if call and called:
        again = call.sent_on is not None
        buttons.append(
            Button(
                _("Send the call again") if again else _("Send the call"),
                address("actions:meeting-call-send"),
                method="post",
                style="outline-primary",
            )
        )
    return buttons


def _minutes_facts(minutes: MeetingMinutes) -> list[tuple[Any, Any]]:
    document = minutes.document
    return [
        (_("Approved on"), minutes.approved_on or _("Not approved yet")),
        (_("File of the minutes"), Link(document.name, document.get_absolute_url()) if document else None),
    ]


def _minutes_buttons(meeting: Meeting, minutes: MeetingMinutes | None, address: Any, reason: str) -> list[Button]:
    if meeting.state != MeetingState.HELD or (minutes and minutes.approved_on):
        return []
    write = Button(
        _("Correct the minutes") if minutes else _("Write the minutes"),
        "" if reason else address("actions:meeting-minutes"),
        style="outline-primary",
        disabled_reason=reason,
    )
    if minutes is None:
        return [write]
    return [write, Button(_("Record the approval"), address("actions:minutes-approve"), style="outline-primary")]


def decision_columns(*, of_one_meeting: bool) -> list[Column]:
    """Return the columns of a list of decisions."""
    return [
        Column(_("What was decided")),
        *([] if of_one_meeting else [Column(_("Meeting"))]),
        Column(_("Who does it")),
        Column(_("By"), nowrap=True),
        Column(_("State")),
        Column(_("What can be done"), hidden_label=True),
    ]


def decision_row(user: Any, row: Decision, *, of_one_meeting: bool, corrects: bool = False) -> list[Any]:
    """Return one decision as a row; its acts are offered to those who may do them."""
    may = row.organisation_id in closes_decisions_for(user) or can_keep_register(user, row.meeting.activity)
    act: Any = None
    if may:
        done = row.state == DecisionState.DONE
        name = "actions:decision-reopen" if done else "actions:decision-done"
        act = Link(_("Open it again") if done else _("It is done"), reverse(name, args=[row.uuid]), hidden=row.text)
        if corrects and not done:
            act = Lines(act, Link(_("Correct"), reverse("actions:decision-edit", args=[row.uuid]), hidden=row.text))
    pill = Pill(_("Overdue"), "danger") if row.is_late(clock.today()) else pill_of(row.state, DECISION)
    meeting = row.meeting
    return [
        row.text,
        *(
            []
            if of_one_meeting
            else [
                Lines(
                    Link(f"{meeting.held_on:%d/%m/%Y}", meeting.get_absolute_url()),
                    meeting.activity.title,
                )
            ]
        ),
        Lines(row.organisation.name, row.office) if row.organisation else row.office,
        row.due_on,
        Lines(pill, f"{row.done_on:%d/%m/%Y}") if row.done_on else pill,
        act,
    ]
