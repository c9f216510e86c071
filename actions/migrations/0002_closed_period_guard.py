# SPDX-License-Identifier: EUPL-1.2
"""The database refuses what is dated inside a closed period, whoever writes and however.

One statement costs one check, however many rows it writes: the triggers work on whole statements. Closing a period
takes the lock of its network and body exclusively, writers take it shared: a write either comes before the closure,
and is in the facts, or sees it and is refused.
"""

from django.db import migrations

CHECK = """
CREATE FUNCTION actions_closure_key(network bigint, organisation bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('closed period ' || network || ' ' || organisation, 0)
$$;

CREATE FUNCTION actions_refuse_closed_period(
    programmes bigint[], networks bigint[], organisations bigint[], days date[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    closed text;
BEGIN
    IF days IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(actions_closure_key(network, organisation))
       FROM (SELECT DISTINCT network, organisation
               FROM unnest(networks, organisations) AS pair (network, organisation)) pairs;
    SELECT period.code INTO closed
      FROM unnest(programmes, networks, organisations, days) AS touched (programme, network, organisation, day)
      JOIN actions_closedperiod closure
        ON closure.network_id = touched.network AND closure.organisation_id = touched.organisation
      JOIN actions_period period
        ON period.id = closure.period_id AND period.programme_id = touched.programme
       AND touched.day BETWEEN period.starts_on AND period.ends_on
     ORDER BY period.starts_on
     LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'the period % is closed', closed USING ERRCODE = 'FP001', DETAIL = closed;
    END IF;
END
$$;

CREATE FUNCTION actions_lock_closure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(actions_closure_key(NEW.network_id, NEW.organisation_id));
    RETURN NEW;
END
$$;

CREATE TRIGGER closure_lock BEFORE INSERT ON actions_closedperiod
    FOR EACH ROW EXECUTE FUNCTION actions_lock_closure();

-- An activity that moves to another body or network would take what has been reported with it.
CREATE FUNCTION actions_activity_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed text;
BEGIN
    SELECT period.code INTO closed
      FROM (VALUES (OLD.programme_id, OLD.network_id, OLD.organisation_id),
                   (NEW.programme_id, NEW.network_id, NEW.organisation_id)) AS side (programme, network, organisation)
      JOIN actions_closedperiod closure
        ON closure.network_id = side.network AND closure.organisation_id = side.organisation
      JOIN actions_period period ON period.id = closure.period_id AND period.programme_id = side.programme
       AND period.starts_on <= OLD.ends_on AND period.ends_on >= OLD.starts_on
     ORDER BY period.starts_on
     LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'the period % is closed', closed USING ERRCODE = 'FP001', DETAIL = closed;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER closed_period AFTER UPDATE ON actions_activity FOR EACH ROW
    WHEN ((OLD.programme_id, OLD.network_id, OLD.organisation_id, OLD.activity_type_id)
          IS DISTINCT FROM (NEW.programme_id, NEW.network_id, NEW.organisation_id, NEW.activity_type_id))
    EXECUTE FUNCTION actions_activity_closed_period();
"""

CHECK_REVERSE = """
DROP TRIGGER closed_period ON actions_activity;
DROP FUNCTION actions_activity_closed_period();
DROP TRIGGER closure_lock ON actions_closedperiod;
DROP FUNCTION actions_lock_closure();
DROP FUNCTION actions_refuse_closed_period(bigint[], bigint[], bigint[], date[]);
DROP FUNCTION actions_closure_key(bigint, bigint);
"""

# For each guarded table: the activities and days that its rows touch.
DAYS = {
    "actions_meeting": "SELECT activity_id, held_on AS day FROM {rows}",
    "actions_meetingbody": (
        "SELECT meeting.activity_id, meeting.held_on AS day FROM {rows} touched_row "
        "JOIN actions_meeting meeting ON meeting.id = touched_row.meeting_id"
    ),
    "actions_campaign": "SELECT activity_id, published_on AS day FROM {rows}",
    "actions_campaignmeasure": (
        "SELECT campaign.activity_id, touched_row.measured_on AS day FROM {rows} touched_row "
        "JOIN actions_campaign campaign ON campaign.id = touched_row.campaign_id"
    ),
    "actions_deliverable": "SELECT activity_id, delivered_on AS day FROM {rows}",
}


def guard(table, days):
    """Return the SQL that creates the trigger function of a table and its three triggers."""
    call = """
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id, touched.day
                   FROM ({days}) touched
                   JOIN actions_activity activity ON activity.id = touched.activity_id) found;"""
    both = days.format(rows="old_rows") + " UNION " + days.format(rows="new_rows")
    return f"""
CREATE FUNCTION {table}_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN{call.format(days=both)}
    ELSE{call.format(days=days.format(rows="touched_rows"))}
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_period_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_closed_period();
CREATE TRIGGER closed_period_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_closed_period();
CREATE TRIGGER closed_period_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_closed_period();
"""


def guard_reverse(table):
    """Return the SQL that takes the guard of a table away."""
    return f"""
DROP TRIGGER closed_period_insert ON {table};
DROP TRIGGER closed_period_update ON {table};
DROP TRIGGER closed_period_delete ON {table};
DROP FUNCTION {table}_closed_period();
"""


class Migration(migrations.Migration):
    """Guards meetings, bodies present, contents with their measures, and products."""

    dependencies = [("actions", "0001_initial")]

    operations = [
        migrations.RunSQL(CHECK, CHECK_REVERSE),
        *(migrations.RunSQL(guard(table, days), guard_reverse(table)) for table, days in DAYS.items()),
    ]
