# SPDX-License-Identifier: EUPL-1.2
"""Attendance at a meeting that lies inside a closed period cannot change; see the migration of the same name in actions."""

from django.db import migrations

CALL = """
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id,
                                 meeting.held_on AS day
                   FROM ({meetings}) touched
                   JOIN actions_meeting meeting ON meeting.id = touched.meeting_id
                   JOIN actions_activity activity ON activity.id = meeting.activity_id) found;"""
ONE = CALL.format(meetings="SELECT DISTINCT meeting_id FROM touched_rows")
BOTH = CALL.format(meetings="SELECT meeting_id FROM old_rows UNION SELECT meeting_id FROM new_rows")

GUARD = f"""
CREATE FUNCTION beneficiaries_attendance_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN{BOTH}
    ELSE{ONE}
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_period_insert AFTER INSERT ON beneficiaries_attendance
    REFERENCING NEW TABLE AS touched_rows
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_attendance_closed_period();
CREATE TRIGGER closed_period_update AFTER UPDATE ON beneficiaries_attendance
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_attendance_closed_period();
CREATE TRIGGER closed_period_delete AFTER DELETE ON beneficiaries_attendance
    REFERENCING OLD TABLE AS touched_rows
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_attendance_closed_period();
"""

GUARD_REVERSE = """
DROP TRIGGER closed_period_insert ON beneficiaries_attendance;
DROP TRIGGER closed_period_update ON beneficiaries_attendance;
DROP TRIGGER closed_period_delete ON beneficiaries_attendance;
DROP FUNCTION beneficiaries_attendance_closed_period();
"""


class Migration(migrations.Migration):
    """Guards attendance."""

    dependencies = [("beneficiaries", "0001_initial"), ("actions", "0002_closed_period_guard")]

    operations = [migrations.RunSQL(GUARD, GUARD_REVERSE)]
