# SPDX-License-Identifier: EUPL-1.2
"""What the database refuses about presences and consultations: a mediator in two places, changes in closed periods."""

from django.db import migrations

# Presences among themselves by an exclusion constraint, as sessions (migration 0002). Between the two tables no
# constraint can reach: a trigger takes the row of the mediator, so that two writers follow one another, and looks on the
# other side. It speaks as an exclusion constraint does, so that whoever plans finds the same refusal.
ONE_PLACE = """
ALTER TABLE mediation_communitypresence ADD CONSTRAINT mediation_presence_one_place
    EXCLUDE USING gist (mediation_occupied(mediator_id, busy_from, busy_until) WITH &&)
    WHERE (state IN ('planned', 'held', 'validated'));

CREATE FUNCTION mediation_session_beside_presences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM mediation_mediator WHERE id = NEW.mediator_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM mediation_communitypresence AS other
                WHERE other.mediator_id = NEW.mediator_id AND other.state IN ('planned', 'held', 'validated')
                  AND other.busy_from < NEW.busy_until AND other.busy_until > NEW.busy_from) THEN
        RAISE EXCEPTION 'the mediator is at a presence' USING ERRCODE = '23P01', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'mediation_session_one_place';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER beside_presences
    BEFORE INSERT OR UPDATE OF mediator_id, busy_from, busy_until, state ON mediation_mediationsession
    FOR EACH ROW WHEN (NEW.state IN ('planned', 'held')) EXECUTE FUNCTION mediation_session_beside_presences();

CREATE FUNCTION mediation_presence_beside_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM mediation_mediator WHERE id = NEW.mediator_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM mediation_mediationsession AS other
                WHERE other.mediator_id = NEW.mediator_id AND other.state IN ('planned', 'held')
                  AND other.busy_from < NEW.busy_until AND other.busy_until > NEW.busy_from) THEN
        RAISE EXCEPTION 'the mediator is at a session' USING ERRCODE = '23P01', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'mediation_presence_one_place';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER beside_sessions
    BEFORE INSERT OR UPDATE OF mediator_id, busy_from, busy_until, state ON mediation_communitypresence
    FOR EACH ROW WHEN (NEW.state IN ('planned', 'held', 'validated'))
    EXECUTE FUNCTION mediation_presence_beside_sessions();
"""

ONE_PLACE_REVERSE = """
DROP TRIGGER beside_sessions ON mediation_communitypresence;
DROP FUNCTION mediation_presence_beside_sessions();
DROP TRIGGER beside_presences ON mediation_mediationsession;
DROP FUNCTION mediation_session_beside_presences();
ALTER TABLE mediation_communitypresence DROP CONSTRAINT mediation_presence_one_place;
"""

# For each guarded table: the activity and day of a row, and what of it makes the figures (a validation after the
# closure changes none of that, and passes).
GUARDED = {
    "mediation_communitypresence": (
        "SELECT id, activity_id, (actual_from AT TIME ZONE 'Europe/Rome')::date AS day FROM {rows}",
        "actual_from, actual_until, minutes, mediator_id, activity_id",
    ),
    "mediation_consultationsession": (
        (
            "SELECT row.id, parent.activity_id, row.held_on AS day FROM {rows} AS row "
            "JOIN mediation_consultation AS parent ON parent.id = row.consultation_id"
        ),
        "held_on, minutes, consultation_id",
    ),
}


def guard(table: str, days: str, telling: str) -> str:
    """Return the SQL that creates the trigger function of a table and its three triggers."""
    check = """
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id, touched.day
                   FROM ({days}) AS touched
                   JOIN actions_activity AS activity ON activity.id = touched.activity_id
                  WHERE touched.day IS NOT NULL{only}) AS found;"""
    before = ", ".join(f"before.{name}" for name in telling.split(", "))
    after = before.replace("before.", "after.")
    changed = f"""
                    AND touched.id IN (SELECT after.id FROM old_rows AS before JOIN new_rows AS after USING (id)
                                        WHERE ({before}) IS DISTINCT FROM ({after}))"""  # noqa: S608  constants of ours
    both = days.format(rows="old_rows") + " UNION " + days.format(rows="new_rows")
    return f"""
CREATE FUNCTION {table}_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN{check.format(days=both, only=changed)}
    ELSE{check.format(days=days.format(rows="touched_rows"), only="")}
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_period_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_closed_period();
CREATE TRIGGER closed_period_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_closed_period();
CREATE TRIGGER closed_period_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_closed_period();
"""


def guard_reverse(table: str) -> str:
    """Return the SQL that takes the guard of a table away."""
    return f"""
DROP TRIGGER closed_period_insert ON {table};
DROP TRIGGER closed_period_update ON {table};
DROP TRIGGER closed_period_delete ON {table};
DROP FUNCTION {table}_closed_period();
"""


class Migration(migrations.Migration):
    """Presences in one place, closed periods of presences and of consultations."""

    dependencies = [("mediation", "0002_guards"), ("actions", "0002_closed_period_guard")]

    operations = [
        migrations.RunSQL(ONE_PLACE, ONE_PLACE_REVERSE),
        *(
            migrations.RunSQL(guard(table, days, telling), guard_reverse(table))
            for table, (days, telling) in GUARDED.items()
        ),
    ]
