# SPDX-License-Identifier: EUPL-1.2
"""Newer versions of the privacy notice that enrolled recipients were given."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0005_sheets"),
        ("beneficiaries", "0018_questions"),
        ("partners", "0002_official_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="NoticeRenewal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("given_on", models.DateField(verbose_name="notice given on")),
                        (
                            "given_to",
                            models.CharField(
                                choices=[
                                    ("family", "The family"),
                                    ("person", "The person"),
                                    ("guardian", "The guardian"),
                                ],
                                max_length=10,
                                verbose_name="notice given to",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="when")),
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
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notice_renewals",
                                to="beneficiaries.enrolment",
                            ),
                        ),
                        (
                            "language",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.language",
                                verbose_name="language of the notice",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="actions.notice",
                                verbose_name="privacy notice",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "newer notice given",
                        "verbose_name_plural": "newer notices given",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("enrolment", "notice"), name="beneficiaries_noticerenewal_once"
                            )
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="noticerenewal",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="e53879c25d59370c5cf77e5358e1a46856508fa0",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_625a1",
                            table="beneficiaries_noticerenewal",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
