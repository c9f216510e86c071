# SPDX-License-Identifier: EUPL-1.2
"""Readings are only appended, and each is chained to the one before it, by the database (ADR 16).

The trigger of a new reading takes the row of its chain, numbers the reading, hashes it over the digest of the previous
one, and moves the head: no insert, by whatever road, leaves a hole or a link of its own making. It runs with the rights
of whoever owns the tables, so that a session that may only insert cannot touch the head. The text that is hashed is the
one of `beneficiaries.services.reading.sealed_text`. TRUNCATE is refused too, unless the session says
`portal.allow_truncate = on`, which only tests do.
"""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION beneficiaries_append_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE beneficiaries_readchain SET entries = entries + 1 WHERE id = NEW.chain_id
        RETURNING entries, head INTO NEW.number, NEW.previous;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a reading without a chain' USING ERRCODE = '23503';
    END IF;
    NEW.subjects := ARRAY(SELECT DISTINCT subject FROM unnest(NEW.subjects) AS subject ORDER BY subject);
    NEW.digest := encode(sha256(convert_to(concat_ws(
        E'\\n', NEW.previous, NEW.chain_id, NEW.number,
        to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), NEW.actor_id, NEW.kind, NEW.page,
        coalesce(NEW.activity_id::text, ''), array_to_string(NEW.subjects, ','), NEW.purpose), 'UTF8')), 'hex');
    UPDATE beneficiaries_readchain SET head = NEW.digest WHERE id = NEW.chain_id;
    RETURN NEW;
END
$$;
CREATE FUNCTION beneficiaries_readings_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('portal.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'readings are never changed nor deleted (% of %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'P0001';
END
$$;
CREATE FUNCTION beneficiaries_chain_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only from within the trigger of a reading.
    IF pg_trigger_depth() < 2 OR NEW.id <> OLD.id OR NEW.organisation_id <> OLD.organisation_id THEN
        RAISE EXCEPTION 'the head of a chain moves with its readings alone' USING ERRCODE = 'P0001';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION beneficiaries_chain_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.entries := 0;
    NEW.head := '';
    RETURN NEW;
END
$$;
CREATE TRIGGER append_reading BEFORE INSERT ON beneficiaries_readentry
    FOR EACH ROW EXECUTE FUNCTION beneficiaries_append_reading();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON beneficiaries_readentry
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_readings_stay();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON beneficiaries_readentry
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_readings_stay();
CREATE TRIGGER begin_empty BEFORE INSERT ON beneficiaries_readchain
    FOR EACH ROW EXECUTE FUNCTION beneficiaries_chain_begins();
CREATE TRIGGER move_on BEFORE UPDATE ON beneficiaries_readchain
    FOR EACH ROW EXECUTE FUNCTION beneficiaries_chain_moves_on();
CREATE TRIGGER refuse_delete BEFORE DELETE ON beneficiaries_readchain
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_readings_stay();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON beneficiaries_readchain
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_readings_stay();
"""

# Nobody can put another `beneficiaries_readchain` before ours for a function that runs with the rights of the owner.
PATH = """
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION beneficiaries_append_reading() SET search_path = %I, pg_temp', current_schema());
END
$$;
"""

GUARD_REVERSE = """
DROP TRIGGER append_reading ON beneficiaries_readentry;
DROP TRIGGER refuse_change ON beneficiaries_readentry;
DROP TRIGGER refuse_truncate ON beneficiaries_readentry;
DROP TRIGGER begin_empty ON beneficiaries_readchain;
DROP TRIGGER move_on ON beneficiaries_readchain;
DROP TRIGGER refuse_delete ON beneficiaries_readchain;
DROP TRIGGER refuse_truncate ON beneficiaries_readchain;
DROP FUNCTION beneficiaries_append_reading();
DROP FUNCTION beneficiaries_readings_stay();
DROP FUNCTION beneficiaries_chain_moves_on();
DROP FUNCTION beneficiaries_chain_begins();
"""


class Migration(migrations.Migration):
    """Guards the readings."""

    dependencies = [("beneficiaries", "0003_identities")]

    operations = [
        migrations.RunSQL(GUARD + PATH, GUARD_REVERSE),
        migrations.AddIndex("readentry", models.Index(fields=["at"], name="beneficiaries_read_at")),
    ]
