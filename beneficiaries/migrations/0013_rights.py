# SPDX-License-Identifier: EUPL-1.2
"""Since when the processing of a recipient is restricted, and when it was made anonymous."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    """Adds restriction and anonymity."""

    dependencies = [
        ("beneficiaries", "0012_reading_chain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="beneficiary",
                    name="anonymised_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="made anonymous on"),
                ),
                migrations.AddField(
                    model_name="beneficiary",
                    name="restricted_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="processing restricted since"),
                ),
                migrations.CreateModel(
                    name="Restriction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("since", models.DateTimeField(verbose_name="restricted since")),
                        ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted on")),
                        (
                            "beneficiary",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="restrictions",
                                to="beneficiaries.beneficiary",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "restriction of processing",
                        "verbose_name_plural": "restrictions of processing",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("lifted_at__isnull", True)),
                                fields=("beneficiary",),
                                name="beneficiaries_restriction_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("lifted_at__isnull", True), ("lifted_at__gte", models.F("since")), _connector="OR"
                                ),
                                name="beneficiaries_restriction_dates",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="restriction",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,reason}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,reason}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,reason}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="4051011eb4eee8e9b74f12e7344bc3f821c51447",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_78493",
                            table="beneficiaries_restriction",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
