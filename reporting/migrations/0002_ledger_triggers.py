# SPDX-License-Identifier: EUPL-1.2
"""What the ledger refuses, the totals that follow it, and the view of its movements.

Facts, postings and entries are written once. A fact may be superseded once and an entry closed once; nothing else
changes and nothing is deleted. TRUNCATE is refused too, unless the session says `portal.allow_truncate = on`, which
only the tests do when they empty their database.

Totals follow the entries by statement-level triggers: one ordered upsert per statement, however many rows it writes.
A cell that falls to zero stays: the next entry finds it, and no two writers race to delete and insert it.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION reporting_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('portal.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is never changed: % on % refused', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'FP002';
END
$$;
"""
REFUSE_REVERSE = "DROP FUNCTION reporting_refuse_change();"

# The columns of each table that are written once; the column that closes a row is the only other one.
FACT_COLUMNS = (
    "programme_id, report_id, kind, activity_id, action_id, activity_type_id, network_id, organisation_id, unit_kind, "
    "unit_id, month, first_on, last_on, meetings, minutes, quantity, sex, age_band, eligible, target_group_id, "
    "channel_id, audience, organisation_kind, source_type, source_id, posted_in_id"
)
ENTRY_COLUMNS = (
    "indicator_id, scope_id, unit_kind, unit_id, achieved_on, booked_on, quantity, sex, age_band, fact_id, posted_in_id"
)
CLOSED_ONCE = {
    "reporting_validatedfact": (FACT_COLUMNS, "superseded_in_id"),
    "reporting_resultentry": (ENTRY_COLUMNS, "reversed_in_id"),
}


def guard(table):
    """Return the SQL that refuses to delete or empty a table."""
    return f"""
CREATE TRIGGER refuse_delete BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_refuse_change();
"""


def guard_reverse(table):
    """Return the SQL that takes the guard away."""
    return f"DROP TRIGGER refuse_delete ON {table}; DROP TRIGGER refuse_truncate ON {table};"


def close_once(table):
    """Return the SQL that lets a row be closed once and nothing else."""
    columns, closing = CLOSED_ONCE[table]
    return f"""
CREATE TRIGGER refuse_update BEFORE UPDATE OF id, {columns} ON {table}
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_change();
CREATE TRIGGER refuse_second_closing BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.{closing} IS NOT NULL OR NEW.{closing} IS NULL)
    EXECUTE FUNCTION reporting_refuse_change();
"""


def close_once_reverse(table):
    """Return the SQL that takes those triggers away."""
    return f"DROP TRIGGER refuse_update ON {table}; DROP TRIGGER refuse_second_closing ON {table};"


POSTING = """
CREATE TRIGGER refuse_update BEFORE UPDATE ON reporting_posting
    FOR EACH ROW EXECUTE FUNCTION reporting_refuse_change();
"""
POSTING_REVERSE = "DROP TRIGGER refuse_update ON reporting_posting;"

TOTALS = """
CREATE FUNCTION reporting_add_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_resulttotal AS total (scope_id, indicator_id, month, sex, age_band, quantity)
    SELECT scope_id, indicator_id, date_trunc('month', booked_on)::date AS month, sex, age_band, sum(quantity)
      FROM new_entries
     GROUP BY 1, 2, 3, 4, 5
     ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (scope_id, indicator_id, month, sex, age_band)
    DO UPDATE SET quantity = total.quantity + excluded.quantity;
    RETURN NULL;
END
$$;

CREATE FUNCTION reporting_subtract_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_resulttotal AS total (scope_id, indicator_id, month, sex, age_band, quantity)
    SELECT closed.scope_id, closed.indicator_id, date_trunc('month', closed.reversal_booked_on)::date AS month,
           closed.sex, closed.age_band, -sum(closed.quantity)
      FROM new_entries AS closed
      JOIN old_entries AS live ON live.id = closed.id AND live.reversed_in_id IS NULL
     WHERE closed.reversed_in_id IS NOT NULL
     GROUP BY 1, 2, 3, 4, 5
     ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (scope_id, indicator_id, month, sex, age_band)
    DO UPDATE SET quantity = total.quantity + excluded.quantity;
    RETURN NULL;
END
$$;

CREATE TRIGGER add_totals AFTER INSERT ON reporting_resultentry
    REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_add_totals();
CREATE TRIGGER subtract_totals AFTER UPDATE ON reporting_resultentry
    REFERENCING OLD TABLE AS old_entries NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_subtract_totals();
"""
TOTALS_REVERSE = """
DROP TRIGGER add_totals ON reporting_resultentry;
DROP TRIGGER subtract_totals ON reporting_resultentry;
DROP FUNCTION reporting_add_totals();
DROP FUNCTION reporting_subtract_totals();
"""

MOVEMENTS = """
CREATE VIEW reporting_resultmovement AS
SELECT '+' || id AS id, id AS entry_id, indicator_id, scope_id, booked_on, quantity, posted_in_id AS posting_id
  FROM reporting_resultentry
UNION ALL
SELECT '-' || id, id, indicator_id, scope_id, reversal_booked_on, -quantity, reversed_in_id
  FROM reporting_resultentry
 WHERE reversed_in_id IS NOT NULL;
"""
MOVEMENTS_REVERSE = "DROP VIEW reporting_resultmovement;"

# Drafts are numbered apart from validated facts: one id never means two facts (reporting.ledger.units).
DRAFTS = "ALTER TABLE reporting_draftfact ALTER COLUMN id SET START WITH 549755813888 RESTART;"
DRAFTS_REVERSE = "ALTER TABLE reporting_draftfact ALTER COLUMN id SET START WITH 1 RESTART;"

GUARDED = ("reporting_posting", "reporting_validatedfact", "reporting_resultentry")


class Migration(migrations.Migration):
    """Guards, totals and movements of the ledger."""

    dependencies = [("reporting", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, REFUSE_REVERSE),
        *(migrations.RunSQL(guard(table), guard_reverse(table)) for table in GUARDED),
        *(migrations.RunSQL(close_once(table), close_once_reverse(table)) for table in CLOSED_ONCE),
        migrations.RunSQL(POSTING, POSTING_REVERSE),
        migrations.RunSQL(TOTALS, TOTALS_REVERSE),
        migrations.RunSQL(MOVEMENTS, MOVEMENTS_REVERSE),
        migrations.RunSQL(DRAFTS, DRAFTS_REVERSE),
    ]
