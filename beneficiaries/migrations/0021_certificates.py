# SPDX-License-Identifier: EUPL-1.2
"""Certificates of attendance that were issued."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0009_tables_guard"),
        ("beneficiaries", "0020_register_papers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Certificate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                        ("number", models.PositiveIntegerField(verbose_name="number")),
                        ("issued_on", models.DateField(verbose_name="issued on")),
                        ("minutes", models.PositiveIntegerField(verbose_name="minutes attended")),
                        ("minutes_held", models.PositiveIntegerField(verbose_name="minutes held")),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="beneficiaries.enrolment",
                            ),
                        ),
                        (
                            "issued_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="issued by",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="actions.programme"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "certificate of attendance",
                        "verbose_name_plural": "certificates of attendance",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "year", "number"), name="beneficiaries_certificate_number_once"
                            ),
                            models.UniqueConstraint(
                                fields=("enrolment", "minutes", "minutes_held"), name="beneficiaries_certificate_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__gte", 1), ("minutes__lte", models.F("minutes_held"))),
                                name="beneficiaries_certificate_minutes",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="certificate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="454231e55f7408506a9fe50e9dcfcdf59edc00f7",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_acf60",
                            table="beneficiaries_certificate",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
