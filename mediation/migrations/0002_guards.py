# SPDX-License-Identifier: EUPL-1.2
"""What the database itself refuses: oversold hours, a mediator in two places, changes of signed or closed things."""

from django.db import migrations

HOURS = """
-- Movements are the only way in which the figures of an account change. The UPDATE takes the account's row lock, so two
-- movements of one account follow one another, and the CHECK of the account refuses the one that would oversell.
CREATE FUNCTION mediation_apply_movement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('mediation.applying', 'yes', true);
    UPDATE mediation_houraccount
       SET granted = granted + NEW.granted_change,
           reserved = reserved + NEW.reserved_change,
           consumed = consumed + NEW.consumed_change
     WHERE id = NEW.account_id;
    PERFORM set_config('mediation.applying', '', true);
    RETURN NULL;
END
$$;
CREATE TRIGGER apply_movement AFTER INSERT ON mediation_hourmovement
    FOR EACH ROW EXECUTE FUNCTION mediation_apply_movement();

CREATE FUNCTION mediation_keep_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movements of hours are never changed or deleted' USING ERRCODE = 'P0001';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mediation_hourmovement
    FOR EACH ROW EXECUTE FUNCTION mediation_keep_movements();

CREATE FUNCTION mediation_keep_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('mediation.applying', true), '') <> 'yes' THEN
        RAISE EXCEPTION 'the hours of an account change only by movements' USING ERRCODE = 'P0001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER figures_by_movements BEFORE UPDATE ON mediation_houraccount FOR EACH ROW
    WHEN ((OLD.granted, OLD.reserved, OLD.consumed) IS DISTINCT FROM (NEW.granted, NEW.reserved, NEW.consumed))
    EXECUTE FUNCTION mediation_keep_figures();
CREATE FUNCTION mediation_open_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an account begins empty: grant its hours by a movement' USING ERRCODE = 'P0001';
END
$$;
CREATE TRIGGER begins_empty BEFORE INSERT ON mediation_houraccount FOR EACH ROW
    WHEN ((NEW.granted, NEW.reserved, NEW.consumed) IS DISTINCT FROM (0, 0, 0))
    EXECUTE FUNCTION mediation_open_empty();
"""

HOURS_REVERSE = """
DROP TRIGGER begins_empty ON mediation_houraccount;
DROP FUNCTION mediation_open_empty();
DROP TRIGGER figures_by_movements ON mediation_houraccount;
DROP FUNCTION mediation_keep_figures();
DROP TRIGGER append_only ON mediation_hourmovement;
DROP FUNCTION mediation_keep_movements();
DROP TRIGGER apply_movement ON mediation_hourmovement;
DROP FUNCTION mediation_apply_movement();
"""

# One range of whole seconds for each mediator: mediator in the high bits, moment in the low ones. So the exclusion needs
# no extension of PostgreSQL, which the embedded servers do not have. The epoch of a moment does not depend on any time
# zone, which is why the function may call itself immutable.
OCCUPIED = """
CREATE FUNCTION mediation_occupied(mediator bigint, busy_from timestamptz, busy_until timestamptz) RETURNS int8range
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8range(
        (mediator << 34) + floor(extract(epoch FROM busy_from))::bigint,
        (mediator << 34) + ceil(extract(epoch FROM busy_until))::bigint)
$$;
ALTER TABLE mediation_mediationsession ADD CONSTRAINT mediation_session_one_place
    EXCLUDE USING gist (mediation_occupied(mediator_id, busy_from, busy_until) WITH &&)
    WHERE (state IN ('planned', 'held'));
"""

OCCUPIED_REVERSE = """
ALTER TABLE mediation_mediationsession DROP CONSTRAINT mediation_session_one_place;
DROP FUNCTION mediation_occupied(bigint, timestamptz, timestamptz);
"""

# What a session proves is dated by the day on which it began, in Italy. A write that changes nothing of that (a calendar
# sequence, a version) is let through: a validation after the closure does not change the session.
CLOSED_PERIOD = """
CREATE FUNCTION mediation_session_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id, touched.day
                   FROM old_rows AS before
                   JOIN new_rows AS after USING (id)
                  CROSS JOIN LATERAL (VALUES ((before.actual_from AT TIME ZONE 'Europe/Rome')::date),
                                             ((after.actual_from AT TIME ZONE 'Europe/Rome')::date)) AS touched (day)
                   JOIN mediation_mediationrequest AS request ON request.id = after.request_id
                   JOIN actions_activity AS activity ON activity.id = request.activity_id
                  WHERE touched.day IS NOT NULL
                    AND (before.state, before.actual_from, before.actual_until, before.minutes, before.mediator_id)
                        IS DISTINCT FROM
                        (after.state, after.actual_from, after.actual_until, after.minutes, after.mediator_id)) AS found;
    ELSE
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id,
                        (row.actual_from AT TIME ZONE 'Europe/Rome')::date AS day
                   FROM touched_rows AS row
                   JOIN mediation_mediationrequest AS request ON request.id = row.request_id
                   JOIN actions_activity AS activity ON activity.id = request.activity_id
                  WHERE row.actual_from IS NOT NULL) AS found;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_period_insert AFTER INSERT ON mediation_mediationsession
    REFERENCING NEW TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION mediation_session_closed_period();
CREATE TRIGGER closed_period_update AFTER UPDATE ON mediation_mediationsession
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_session_closed_period();
CREATE TRIGGER closed_period_delete AFTER DELETE ON mediation_mediationsession
    REFERENCING OLD TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION mediation_session_closed_period();
"""

CLOSED_PERIOD_REVERSE = """
DROP TRIGGER closed_period_insert ON mediation_mediationsession;
DROP TRIGGER closed_period_update ON mediation_mediationsession;
DROP TRIGGER closed_period_delete ON mediation_mediationsession;
DROP FUNCTION mediation_session_closed_period();
"""

SIGNATURES = """
CREATE FUNCTION mediation_keep_signatures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a signature is never changed or deleted' USING ERRCODE = 'P0001';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mediation_signature
    FOR EACH ROW EXECUTE FUNCTION mediation_keep_signatures();
"""

SIGNATURES_REVERSE = """
DROP TRIGGER append_only ON mediation_signature;
DROP FUNCTION mediation_keep_signatures();
"""


class Migration(migrations.Migration):
    """Hours by movements alone, one mediator in one place, closed periods, signatures."""

    dependencies = [("mediation", "0001_initial"), ("actions", "0002_closed_period_guard")]

    operations = [
        migrations.RunSQL(HOURS, HOURS_REVERSE),
        migrations.RunSQL(OCCUPIED, OCCUPIED_REVERSE),
        migrations.RunSQL(CLOSED_PERIOD, CLOSED_PERIOD_REVERSE),
        migrations.RunSQL(SIGNATURES, SIGNATURES_REVERSE),
    ]
