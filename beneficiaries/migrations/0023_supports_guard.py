# SPDX-License-Identifier: EUPL-1.2
"""What was done for a support, and the contacts of a desk, stay as they were inside a closed period.

Words that describe a person may go at any time: of an intervention only what the figures are made of is guarded.
"""

from importlib import import_module

from django.db import migrations

_closed_period = import_module("actions.migrations.0002_closed_period_guard")

DAYS = {
    "beneficiaries_intervention": (
        "SELECT support.activity_id, touched_row.held_on AS day FROM {rows} touched_row "
        "JOIN beneficiaries_support support ON support.id = touched_row.support_id"
    ),
    "beneficiaries_interventionperson": (
        "SELECT support.activity_id, intervention.held_on AS day FROM {rows} touched_row "
        "JOIN beneficiaries_intervention intervention ON intervention.id = touched_row.intervention_id "
        "JOIN beneficiaries_support support ON support.id = intervention.support_id"
    ),
    "beneficiaries_deskcontact": "SELECT activity_id, held_on AS day FROM {rows}",
}

# What an update changes of an intervention; notes and next steps are no figures.
_CHANGED = (
    "SELECT support.activity_id, one.day FROM old_rows JOIN new_rows USING (id) "
    "CROSS JOIN LATERAL (VALUES (old_rows.support_id, old_rows.held_on), (new_rows.support_id, new_rows.held_on)) "
    "AS one (support_id, day) JOIN beneficiaries_support support ON support.id = one.support_id "
    "WHERE (old_rows.support_id, old_rows.held_on, old_rows.minutes, old_rows.kind, old_rows.operator_id) "
    "IS DISTINCT FROM (new_rows.support_id, new_rows.held_on, new_rows.minutes, new_rows.kind, new_rows.operator_id)"
)


def guard(table, days):
    """Return the SQL of the guard of a table; of interventions an update counts only when a figure changes."""
    sql = _closed_period.guard(table, days)
    if table != "beneficiaries_intervention":
        return sql
    both = days.format(rows="old_rows") + " UNION " + days.format(rows="new_rows")
    assert both in sql  # noqa: S101
    return sql.replace(both, _CHANGED)


class Migration(migrations.Migration):
    """Guards interventions, those for whom they were, and contacts of desks."""

    dependencies = [("beneficiaries", "0022_supports"), ("actions", "0009_tables_guard")]

    operations = [
        migrations.RunSQL(guard(table, days), _closed_period.guard_reverse(table)) for table, days in DAYS.items()
    ]
