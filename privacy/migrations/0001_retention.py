# SPDX-License-Identifier: EUPL-1.2
"""Rules of retention, legal holds, notices, destructions, incidents."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("actions", "0003_mediation_measures"),
        ("beneficiaries", "0015_opened_files"),
        ("core", "0002_sealed_documents"),
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="LegalHold",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "scope",
                            models.CharField(
                                choices=[
                                    ("programme", "The whole programme"),
                                    ("body", "One body"),
                                    ("recipient", "One recipient"),
                                ],
                                max_length=10,
                                verbose_name="what is held",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("act", models.CharField(max_length=200, verbose_name="act")),
                        ("starts_on", models.DateField(verbose_name="from")),
                        ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                        ("submission_key", models.UUIDField(null=True, unique=True)),
                        ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted on")),
                        ("lift_reason", models.CharField(blank=True, max_length=300, verbose_name="why it was lifted")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "beneficiary",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="beneficiaries.beneficiary",
                                verbose_name="recipient",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.organisation",
                                verbose_name="body",
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
                        "verbose_name": "legal hold",
                        "verbose_name_plural": "legal holds",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("beneficiary__isnull", True),
                                        ("organisation__isnull", True),
                                        ("scope", "programme"),
                                    ),
                                    models.Q(
                                        ("beneficiary__isnull", True),
                                        ("organisation__isnull", False),
                                        ("scope", "body"),
                                    ),
                                    models.Q(
                                        ("beneficiary__isnull", False),
                                        ("organisation__isnull", True),
                                        ("scope", "recipient"),
                                    ),
                                    _connector="OR",
                                ),
                                name="privacy_hold_scope",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                                ),
                                name="privacy_hold_dates",
                                violation_error_message="The end comes before the start.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionNotice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "data_class",
                            models.CharField(
                                choices=[
                                    ("identities", "Names and tax codes of recipients"),
                                    ("recipients", "Own codes, birth dates and notes of recipients"),
                                    ("identity_files", "Files that carry names"),
                                    ("case_texts", "Free texts and contacts of requests and sessions"),
                                    ("drafts", "Drafts that nobody filed"),
                                    ("access_links", "Links without account and their mailboxes"),
                                    ("applicants", "Who asked for a right"),
                                    ("readings", "Record of who has read"),
                                    ("invitations", "Invitations to people"),
                                    ("notifications", "Messages of the portal"),
                                ],
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="will be destroyed on")),
                        ("sent_on", models.DateField(verbose_name="announced on")),
                        ("counts", models.JSONField(default=dict)),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="actions.programme"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "notice of destruction",
                        "verbose_name_plural": "notices of destruction",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "data_class", "due_on"), name="privacy_notice_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gt", models.F("sent_on"))), name="privacy_notice_before"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionPlan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("closed_on", models.DateField(verbose_name="closure of the programme")),
                        ("control_until", models.DateField(verbose_name="end of the control period")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "programme",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="actions.programme"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "dates of the retention",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("control_until__gte", models.F("closed_on"))),
                                name="privacy_plan_dates",
                                violation_error_message="The control period ends before the closure.",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionRule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "data_class",
                            models.CharField(
                                choices=[
                                    ("identities", "Names and tax codes of recipients"),
                                    ("recipients", "Own codes, birth dates and notes of recipients"),
                                    ("identity_files", "Files that carry names"),
                                    ("case_texts", "Free texts and contacts of requests and sessions"),
                                    ("drafts", "Drafts that nobody filed"),
                                    ("access_links", "Links without account and their mailboxes"),
                                    ("applicants", "Who asked for a right"),
                                    ("readings", "Record of who has read"),
                                    ("invitations", "Invitations to people"),
                                    ("notifications", "Messages of the portal"),
                                ],
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        ("months", models.PositiveSmallIntegerField(verbose_name="months")),
                        (
                            "anchor",
                            models.CharField(
                                choices=[
                                    ("control_end", "the end of the control period"),
                                    ("programme_closed", "the closure of the programme"),
                                    ("last_support", "the end of the last activity of the recipient"),
                                    ("case_ended", "the end of the case"),
                                    ("written", "the day on which it was written"),
                                ],
                                max_length=20,
                                verbose_name="counted from",
                            ),
                        ),
                        ("basis", models.CharField(max_length=300, verbose_name="source")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "programme",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="actions.programme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rule of retention",
                        "verbose_name_plural": "rules of retention",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("programme", "data_class"), name="privacy_rule_once", nulls_distinct=False
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("months__lte", 600)), name="privacy_rule_months"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("at", models.DateTimeField(verbose_name="begun on")),
                        ("submission_key", models.UUIDField(null=True, unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[("running", "Running"), ("done", "Done")],
                                default="running",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="ended on")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="actions.programme",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.document",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "destruction",
                        "verbose_name_plural": "destructions",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("programme",),
                                name="privacy_run_one_at_a_time",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("finished_at__isnull", True), ("state", "running")),
                                    models.Q(("finished_at__isnull", False), ("state", "done")),
                                    _connector="OR",
                                ),
                                name="privacy_run_finished",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "data_class",
                            models.CharField(
                                choices=[
                                    ("identities", "Names and tax codes of recipients"),
                                    ("recipients", "Own codes, birth dates and notes of recipients"),
                                    ("identity_files", "Files that carry names"),
                                    ("case_texts", "Free texts and contacts of requests and sessions"),
                                    ("drafts", "Drafts that nobody filed"),
                                    ("access_links", "Links without account and their mailboxes"),
                                    ("applicants", "Who asked for a right"),
                                    ("readings", "Record of who has read"),
                                    ("invitations", "Invitations to people"),
                                    ("notifications", "Messages of the portal"),
                                ],
                                max_length=20,
                                verbose_name="what",
                            ),
                        ),
                        ("part", models.CharField(max_length=40)),
                        ("months", models.PositiveSmallIntegerField(verbose_name="months")),
                        (
                            "anchor",
                            models.CharField(
                                choices=[
                                    ("control_end", "the end of the control period"),
                                    ("programme_closed", "the closure of the programme"),
                                    ("last_support", "the end of the last activity of the recipient"),
                                    ("case_ended", "the end of the case"),
                                    ("written", "the day on which it was written"),
                                ],
                                max_length=20,
                                verbose_name="counted from",
                            ),
                        ),
                        ("basis", models.CharField(max_length=300, verbose_name="source")),
                        ("destroyed", models.PositiveIntegerField(default=0, verbose_name="destroyed")),
                        ("held", models.PositiveIntegerField(default=0, verbose_name="held")),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.organisation",
                                verbose_name="body",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="lines",
                                to="privacy.retentionrun",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "line of a destruction",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "data_class", "part", "organisation"),
                                name="privacy_line_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "To be assessed"),
                                    ("notified", "Notified to the authority"),
                                    ("not_notified", "Not to be notified"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=15,
                                verbose_name="state",
                            ),
                        ),
                        ("title", models.CharField(max_length=150, verbose_name="what happened, in a line")),
                        ("happened_from", models.DateTimeField(verbose_name="happened from")),
                        ("happened_until", models.DateTimeField(blank=True, null=True, verbose_name="happened until")),
                        ("discovered_at", models.DateTimeField(verbose_name="known since")),
                        ("description", models.TextField(max_length=3000, verbose_name="what happened and whose data")),
                        (
                            "persons",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="persons concerned, about"),
                        ),
                        ("measures", models.TextField(blank=True, max_length=3000, verbose_name="what was done")),
                        (
                            "notified_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="notified to the authority on"),
                        ),
                        ("persons_told_on", models.DateField(blank=True, null=True, verbose_name="persons told on")),
                        ("submission_key", models.UUIDField(null=True, unique=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="actions.programme",
                                verbose_name="programme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "incident",
                        "verbose_name_plural": "incidents",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("happened_until__isnull", True),
                                    ("happened_until__gte", models.F("happened_from")),
                                    _connector="OR",
                                ),
                                name="privacy_incident_dates",
                                violation_error_message="The end comes before the start.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "notified"), _negated=True),
                                    ("notified_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="privacy_incident_notified",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="incident",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,description,measures,title}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,description,measures,title}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,description,measures,title}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="f85527d8b820362b6dfcee070f40a2578372a6f1",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_35201",
                            table="privacy_incident",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="legalhold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,lift_reason,reason}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,lift_reason,reason}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,lift_reason,reason}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="92d65a58688e53128174ce7d503bceffba621dc0",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_511a7",
                            table="privacy_legalhold",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="retentionnotice",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="7af031bc2845681f3c5ff0408741eaf98451fc92",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_9a236",
                            table="privacy_retentionnotice",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="retentionplan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="f5094845ffe8f80188a42ed03b222956a1ac8dd7",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_28a90",
                            table="privacy_retentionplan",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="retentionrule",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="3f607e71d84881ba3b5a5930550cd91c5190a51a",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_6ba7b",
                            table="privacy_retentionrule",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="retentionrun",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="473cb63fdc08f2880cf919473bd53b063d08c163",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_c0f82",
                            table="privacy_retentionrun",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
