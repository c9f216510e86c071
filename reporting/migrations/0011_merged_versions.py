# SPDX-License-Identifier: EUPL-1.2
"""The submissions of the reports of networks and of the region are kept, and their frozen copies with them."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0010_support_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="MergedVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                        ("submitted_at", models.DateTimeField()),
                        ("boxes", models.JSONField(default=dict)),
                        ("problem_origins", models.JSONField(default=list)),
                        ("figures", models.JSONField(default=dict)),
                        ("frozen", models.TextField(blank=True)),
                        ("frozen_sha256", models.CharField(blank=True, max_length=64)),
                        ("frozen_at", models.DateTimeField(null=True)),
                        (
                            "report",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="reporting.mergedreport",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "version of a report of a network or of the region",
                        "verbose_name_plural": "versions of reports of networks and of the region",
                        "constraints": [
                            models.UniqueConstraint(fields=("report", "number"), name="reporting_mergedversion_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("frozen", ""), ("frozen_at__isnull", True), ("frozen_sha256", "")),
                                    models.Q(
                                        models.Q(("frozen", ""), _negated=True),
                                        models.Q(("frozen_sha256", ""), _negated=True),
                                        ("frozen_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="reporting_mergedversion_frozen",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="mergedversion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="frozen_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"frozen_sha256\" > '')",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="f36416aba4328f5c012fe9036ffd1d15e7adc761",
                            operation="UPDATE",
                            pgid="pgtrigger_frozen_stays_f6686",
                            table="reporting_mergedversion",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="mergedversion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,boxes,frozen}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,boxes,frozen}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,boxes,frozen}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="5ee76212208ce843e51c02ee372ab49df1ff5559",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_e993a",
                            table="reporting_mergedversion",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
