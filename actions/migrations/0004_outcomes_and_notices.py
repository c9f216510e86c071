# SPDX-License-Identifier: EUPL-1.2
"""Versions of the privacy notice, parts in the processing, and which outcomes each group is asked for."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0003_mediation_measures"),
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="activitytype",
                    name="is_language",
                    field=models.BooleanField(default=False, verbose_name="support in the language"),
                ),
                migrations.AddField(
                    model_name="programme",
                    name="notice_required",
                    field=models.BooleanField(default=True, verbose_name="privacy notice before the enrolment"),
                ),
                migrations.AddField(
                    model_name="targetgroup",
                    name="outcomes",
                    field=models.JSONField(blank=True, default=list, verbose_name="outcomes asked"),
                ),
                migrations.AlterField(
                    model_name="indicator",
                    name="measure",
                    field=models.CharField(
                        choices=[
                            ("persons", "Persons, each once"),
                            ("organisations", "Bodies, each once"),
                            ("activities", "Activities"),
                            ("meetings", "Meetings held"),
                            ("hours", "Hours held"),
                            ("networks", "Networks, each once"),
                            ("deliverables", "Products delivered"),
                            ("campaigns", "Contents and campaigns published"),
                            ("reach", "Contacts reached, not persons"),
                            ("mediation_hours", "Hours of mediation validated"),
                            ("mediation_sessions", "Mediation sessions validated"),
                            ("mediators", "Mediators involved, each once"),
                            ("positive_outcomes", "Persons with a positive outcome, each once"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("code", models.CharField(max_length=20, verbose_name="version")),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        ("published_at", models.DateTimeField(verbose_name="published on")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="partners.organisation",
                                verbose_name="body",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notices",
                                to="actions.programme",
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "organisation", "valid_from"),
                                name="actions_notice_day_once",
                                nulls_distinct=False,
                                violation_error_message="Another version begins on this day.",
                            ),
                            models.UniqueConstraint(
                                fields=("programme", "organisation", "code"),
                                name="actions_notice_code_once",
                                nulls_distinct=False,
                                violation_error_message="There is a version with this name already.",
                            ),
                        ],
                        "verbose_name": "privacy notice",
                        "verbose_name_plural": "privacy notices",
                    },
                ),
                migrations.CreateModel(
                    name="NoticeText",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("body", models.TextField(verbose_name="text")),
                        (
                            "language",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.language",
                                verbose_name="language",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="actions.notice"
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("notice", "language"), name="actions_noticetext_once")
                        ],
                        "verbose_name": "text of a privacy notice",
                        "verbose_name_plural": "texts of privacy notices",
                    },
                ),
                migrations.CreateModel(
                    name="ProcessingRole",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("controller", "Controller"),
                                    ("joint_controller", "Joint controller"),
                                    ("processor", "Processor"),
                                ],
                                max_length=20,
                                verbose_name="part in the processing",
                            ),
                        ),
                        ("legal_act", models.CharField(max_length=200, verbose_name="act that gives it")),
                        ("act_on", models.DateField(verbose_name="date of the act")),
                        (
                            "dpo_contact",
                            models.CharField(max_length=200, verbose_name="contact of the data protection officer"),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="processing_roles",
                                to="partners.organisation",
                                verbose_name="body",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="processing_roles",
                                to="actions.programme",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "organisation"),
                                name="actions_processingrole_once",
                                violation_error_message="This body has a part in this programme already: correct that one.",
                            )
                        ],
                        "verbose_name": "part in the processing",
                        "verbose_name_plural": "parts in the processing",
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="notice",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="057ae9bf7733ea234979f5cfdd771bec906e9f0f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_0a620",
                            table="actions_notice",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="noticetext",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="1f33d170d402ecfe5edba7360a132393ac83628f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_96b3d",
                            table="actions_noticetext",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="processingrole",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="45b6a32205c970433ef61d4dc9c3f72a40837188",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_ac4d1",
                            table="actions_processingrole",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
