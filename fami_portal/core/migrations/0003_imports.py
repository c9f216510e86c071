# SPDX-License-Identifier: EUPL-1.2
"""Imports: the run that checks a file, waits for a person, writes it in one transaction."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_sealed_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="ImportRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("kind", models.CharField(max_length=60)),
                        ("place", models.CharField(blank=True, max_length=100)),
                        ("on_behalf_of", models.CharField(blank=True, max_length=300, verbose_name="on behalf of")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("checking", "Being checked"),
                                    ("ready", "To be confirmed"),
                                    ("refused", "To be corrected"),
                                    ("writing", "Being written"),
                                    ("done", "Import done"),
                                    ("failed", "Stopped, nothing written"),
                                    ("cancelled", "Given up"),
                                ],
                                default="checking",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("total", models.PositiveIntegerField(default=0, verbose_name="rows")),
                        ("new", models.PositiveIntegerField(default=0, verbose_name="new")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                        ("same", models.PositiveIntegerField(default=0, verbose_name="same as now")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="to be corrected")),
                        ("outcome", models.CharField(blank=True, max_length=64)),
                        ("report", models.JSONField(default=dict)),
                        ("created_at", models.DateTimeField(verbose_name="began on")),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="checked on")),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed on")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="ended on")),
                        ("expires_on", models.DateField(verbose_name="kept until")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.document",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "result",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.document",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "import",
                        "verbose_name_plural": "imports",
                        "indexes": [
                            models.Index(fields=["requested_by", "-id"], name="core_importrun_list"),
                            models.Index(
                                condition=models.Q(("report", {}), _negated=True),
                                fields=["expires_on"],
                                name="core_importrun_expiry",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["ready", "writing", "done"]), _negated=True),
                                    models.Q(
                                        ("checked_at__isnull", False),
                                        ("refused", 0),
                                        models.Q(("outcome", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="core_importrun_checked",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["writing", "done"]), _negated=True),
                                    ("confirmed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="core_importrun_confirmed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at", None), ("state__in", ["checking", "ready", "writing"])),
                                    models.Q(
                                        ("finished_at__isnull", False),
                                        ("state__in", ["refused", "done", "failed", "cancelled"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="core_importrun_ended",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="importrun",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,report}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,report}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,report}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="f6b1f9456f7b57dc1f3399fc05fa9b37c5ed5104",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_7759b",
                            table="core_importrun",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
