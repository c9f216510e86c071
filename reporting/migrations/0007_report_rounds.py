# SPDX-License-Identifier: EUPL-1.2
"""Versions, comments and more days of activity reports; the reports of networks and of the region."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0005_sheets"),
        ("partners", "0002_official_lists"),
        ("reporting", "0006_undecided_pairs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="DueExtension",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("due_before", models.DateField(verbose_name="due on before")),
                        ("due_on", models.DateField(verbose_name="due on")),
                        ("reason", models.TextField(verbose_name="reason")),
                        ("granted_at", models.DateTimeField()),
                    ],
                    options={
                        "verbose_name": "extension of a due date",
                        "verbose_name_plural": "extensions of due dates",
                    },
                ),
                migrations.CreateModel(
                    name="MergedReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("done", models.TextField(blank=True, verbose_name="activities carried out and outputs")),
                        ("strengths", models.TextField(blank=True, verbose_name="strengths")),
                        ("deviations", models.TextField(blank=True, verbose_name="deviations from the plan")),
                        (
                            "problems",
                            models.TextField(blank=True, verbose_name="problems, their origin and the solutions found"),
                        ),
                        ("team_changes", models.TextField(blank=True, verbose_name="changes in the team")),
                        (
                            "networks_built",
                            models.TextField(blank=True, verbose_name="networks started or strengthened"),
                        ),
                        (
                            "problem_origins",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("recipient", "The recipient"),
                                        ("others", "Other subjects"),
                                        ("context", "The context"),
                                    ],
                                    max_length=10,
                                ),
                                blank=True,
                                db_default=models.Value([]),
                                default=list,
                                size=None,
                                verbose_name="origin of the problems",
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Being collected"),
                                    ("submitted", "Submitted to the region"),
                                    ("returned", "Returned"),
                                    ("accepted", "Accepted"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="due on")),
                        ("submitted_at", models.DateTimeField(null=True)),
                        ("accepted_at", models.DateTimeField(null=True)),
                        ("frozen", models.TextField(blank=True)),
                        ("frozen_sha256", models.CharField(blank=True, max_length=64)),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "report of a network or of the region",
                        "verbose_name_plural": "reports of networks and of the region",
                    },
                ),
                migrations.CreateModel(
                    name="ReportComment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("item", models.CharField(max_length=80, verbose_name="item")),
                        ("text", models.TextField(verbose_name="comment")),
                        ("made_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(null=True)),
                        ("answer", models.TextField(blank=True, verbose_name="answer")),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("resolved_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "comment on an item of a report",
                        "verbose_name_plural": "comments on items of reports",
                    },
                ),
                migrations.CreateModel(
                    name="ReportVersion",
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
                        ("figures_sha256", models.CharField(blank=True, max_length=64)),
                        ("frozen", models.TextField(blank=True)),
                        ("frozen_sha256", models.CharField(blank=True, max_length=64)),
                        ("frozen_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "version of an activity report",
                        "verbose_name_plural": "versions of activity reports",
                    },
                ),
                migrations.AddField(
                    model_name="activityreport",
                    name="problem_origins",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("recipient", "The recipient"),
                                ("others", "Other subjects"),
                                ("context", "The context"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        db_default=models.Value([]),
                        default=list,
                        size=None,
                        verbose_name="origin of the problems",
                    ),
                ),
                migrations.AddField(
                    model_name="activityreport",
                    name="reopened_for",
                    field=models.CharField(
                        blank=True,
                        choices=[("figures", "Registers, figures and texts"), ("text", "Texts alone")],
                        db_default="",
                        default="",
                        max_length=10,
                        verbose_name="reopened for",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="activityreport",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("reopened_for", ""), ("state__in", ["reopened", "submitted", "returned"]), _connector="OR"
                        ),
                        name="reporting_activityreport_reopened_for",
                    ),
                ),
                migrations.AddField(
                    model_name="dueextension",
                    name="granted_by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                migrations.AddField(
                    model_name="dueextension",
                    name="report",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="extensions",
                        to="reporting.activityreport",
                    ),
                ),
                migrations.AddField(
                    model_name="mergedreport",
                    name="accepted_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="mergedreport",
                    name="network",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_reports",
                        to="partners.network",
                    ),
                ),
                migrations.AddField(
                    model_name="mergedreport",
                    name="period",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="merged_reports", to="actions.period"
                    ),
                ),
                migrations.AddField(
                    model_name="mergedreport",
                    name="programme",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_reports",
                        to="actions.programme",
                    ),
                ),
                migrations.AddField(
                    model_name="mergedreport",
                    name="submitted_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="reportcomment",
                    name="answered_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="reportcomment",
                    name="made_by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                migrations.AddField(
                    model_name="reportcomment",
                    name="report",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="reporting.activityreport",
                    ),
                ),
                migrations.AddField(
                    model_name="reportcomment",
                    name="resolved_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="reportversion",
                    name="report",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="reporting.activityreport",
                    ),
                ),
                migrations.AddField(
                    model_name="reportversion",
                    name="submitted_by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dueextension",
                    constraint=models.UniqueConstraint(
                        fields=("report", "due_before"), name="reporting_dueextension_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dueextension",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("due_on__gt", models.F("due_before"))), name="reporting_dueextension_later"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dueextension",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,reason}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,reason}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,reason}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="75fb84328a76c841fc85ae1ba4e958d4eddec8e0",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_0f0c4",
                            table="reporting_dueextension",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="mergedreport",
                    index=models.Index(fields=["programme", "state", "due_on"], name="reporting_mergedreport_queue"),
                ),
                migrations.AddConstraint(
                    model_name="mergedreport",
                    constraint=models.UniqueConstraint(
                        fields=("period", "network"), name="reporting_mergedreport_once", nulls_distinct=False
                    ),
                ),
                migrations.AddConstraint(
                    model_name="mergedreport",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("submitted_at__isnull", True), ("submitted_by__isnull", True)),
                            models.Q(("submitted_at__isnull", False), ("submitted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="reporting_mergedreport_submitted_pair",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="mergedreport",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accepted_at__isnull", False), ("accepted_by__isnull", False), ("state", "accepted")
                            ),
                            models.Q(
                                models.Q(("state", "accepted"), _negated=True),
                                ("accepted_at__isnull", True),
                                ("accepted_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="reporting_mergedreport_accepted_at",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="mergedreport",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,deviations,done,frozen,networks_built,problems,strengths,team_changes}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,deviations,done,frozen,networks_built,problems,strengths,team_changes}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,deviations,done,frozen,networks_built,problems,strengths,team_changes}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="254e82a30b107005c1906c78563cfadaaf8d87c2",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_3440a",
                            table="reporting_mergedreport",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="reportcomment",
                    index=models.Index(fields=["report", "id"], name="reporting_comment_report"),
                ),
                migrations.AddConstraint(
                    model_name="reportcomment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="reporting_reportcomment_answered",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="reportcomment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                            models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="reporting_reportcomment_resolved",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="reportcomment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,answer,text}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,answer,text}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,answer,text}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="e642dc78d46f2af1078f6798712df17d1a4f9ce4",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_d2de9",
                            table="reporting_reportcomment",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="reportversion",
                    constraint=models.UniqueConstraint(
                        fields=("report", "number"), name="reporting_reportversion_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="reportversion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("frozen", ""), ("frozen_at__isnull", True), ("frozen_sha256", "")),
                            models.Q(
                                models.Q(("frozen", ""), _negated=True),
                                models.Q(("frozen_sha256", ""), _negated=True),
                                ("frozen_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="reporting_reportversion_frozen",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="reportversion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="frozen_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"frozen_sha256\" > '')",
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="ea084f98ef6e55c325d59917d60db5aa12f9544a",
                            operation="UPDATE",
                            pgid="pgtrigger_frozen_stays_da83d",
                            table="reporting_reportversion",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="reportversion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,boxes,frozen}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,boxes,frozen}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,boxes,frozen}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="1759aea6c10e20415be761cfd3a3dfaf8d0a3e13",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_79c69",
                            table="reporting_reportversion",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
