# SPDX-License-Identifier: EUPL-1.2
"""The calls, agendas and minutes of the meetings of a closed period stay as they were, as its services do.

The approval of minutes is of a later day, and decisions live on: neither is guarded.
"""

from importlib import import_module

from django.db import migrations

_closed_period = import_module("actions.migrations.0002_closed_period_guard")

_OF_MEETING = (
    "SELECT meeting.activity_id, meeting.held_on AS day FROM {rows} touched_row "
    "JOIN actions_meeting meeting ON meeting.id = touched_row.meeting_id"
)
DAYS = {
    "actions_meetingcall": _OF_MEETING,
    "actions_agendaitem": _OF_MEETING,
    "actions_meetingminutes": _OF_MEETING,
    "actions_activitynetwork": "SELECT activity_id, since AS day FROM {rows}",
    "actions_servicechange": "SELECT activity_id, changed_on AS day FROM {rows}",
}

# What was written of the meeting, without the approval.
_CHANGED = (
    "SELECT meeting.activity_id, meeting.held_on AS day FROM old_rows JOIN new_rows USING (id) "
    "JOIN actions_meeting meeting ON meeting.id IN (old_rows.meeting_id, new_rows.meeting_id) "
    "WHERE (old_rows.meeting_id, old_rows.text, old_rows.document_id) "
    "IS DISTINCT FROM (new_rows.meeting_id, new_rows.text, new_rows.document_id)"
)


def guard(table, days):
    """Return the SQL of the guard of a table; of minutes an update counts only when their content changes."""
    sql = _closed_period.guard(table, days)
    if table != "actions_meetingminutes":
        return sql
    both = days.format(rows="old_rows") + " UNION " + days.format(rows="new_rows")
    assert both in sql  # noqa: S101
    return sql.replace(both, _CHANGED)


class Migration(migrations.Migration):
    """Guards what was added to meetings, networks that take part, and services."""

    dependencies = [("actions", "0008_tables_and_services")]

    operations = [
        migrations.RunSQL(guard(table, days), _closed_period.guard_reverse(table)) for table, days in DAYS.items()
    ]
