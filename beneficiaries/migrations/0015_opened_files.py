# SPDX-License-Identifier: EUPL-1.2
"""A reading may be of a file (ADR 19): which one and of which programme enter the digest, where they are said.

`concat_ws` leaves out what is null, so that the digest of every reading written before stays what it was.
"""

import django.db.models.deletion
from django.db import migrations, models

from fami_portal.core.operations import Together

WITH_FILES = """
CREATE OR REPLACE FUNCTION beneficiaries_append_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
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
        coalesce(NEW.activity_id::text, ''), array_to_string(NEW.subjects, ','),
        'document ' || NEW.document, 'programme ' || NEW.programme_id, NEW.purpose), 'UTF8')), 'hex');
    UPDATE beneficiaries_readchain SET head = NEW.digest WHERE id = NEW.chain_id;
    RETURN NEW;
END
$$;
"""
WITHOUT_FILES = """
CREATE OR REPLACE FUNCTION beneficiaries_append_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
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
"""

# Nobody can put another `beneficiaries_readchain` before ours for a function that runs with the rights of the owner.
PATH = """
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION beneficiaries_append_reading() SET search_path = %I, pg_temp', current_schema());
END
$$;
"""


class Migration(migrations.Migration):
    """Says of a reading which file was opened."""

    dependencies = [("actions", "0003_mediation_measures"), ("beneficiaries", "0014_sharing")]

    operations = [
        Together(
            [
                migrations.AddField("readentry", "document", models.UUIDField(null=True)),
                migrations.AddField(
                    "readentry",
                    "programme",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="actions.programme"
                    ),
                ),
                migrations.AlterField(
                    "readentry",
                    "kind",
                    models.CharField(
                        choices=[
                            ("page", "Seen on a page"),
                            ("export", "Exported"),
                            ("opening", "Identity opened"),
                            ("document", "File opened"),
                            ("shared", "Names seen on a register"),
                            ("print", "Register printed with the full names"),
                            ("break_glass", "Exceptional opening"),
                        ],
                        max_length=20,
                        verbose_name="what",
                    ),
                ),
                migrations.AddIndex("readentry", models.Index(fields=["document"], name="beneficiaries_read_document")),
            ]
        ),
        migrations.RunSQL(WITH_FILES + PATH, WITHOUT_FILES + PATH),
    ]
