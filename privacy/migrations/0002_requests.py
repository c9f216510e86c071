# SPDX-License-Identifier: EUPL-1.2
"""Requests of persons about their own data, the records found, the tasks of the bodies."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    """Adds the requests of persons."""

    dependencies = [
        ("actions", "0005_sheets"),
        ("beneficiaries", "0017_sheets"),
        ("core", "0002_sealed_documents"),
        ("partners", "0002_official_lists"),
        ("privacy", "0001_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="RightsRequest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("number", models.CharField(max_length=20, unique=True, verbose_name="number")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("access", "Access: a copy of the data"),
                                    ("rectification", "Rectification"),
                                    ("restriction", "Restriction of the processing"),
                                    ("erasure", "Erasure"),
                                    ("objection", "Objection"),
                                    ("portability", "Portability: the data in a file for another service"),
                                ],
                                max_length=15,
                                verbose_name="right",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("received", "Received"),
                                    ("identity", "Identity to verify"),
                                    ("in_progress", "In progress"),
                                    ("extended", "Extended"),
                                    ("answered", "Answered"),
                                    ("refused", "Refused with reason"),
                                    ("closed", "Closed"),
                                ],
                                default="received",
                                max_length=15,
                                verbose_name="state",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("submission_key", models.UUIDField(null=True, unique=True)),
                        ("received_on", models.DateField(verbose_name="received on")),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("email", "E-mail"),
                                    ("certified_mail", "Certified e-mail (PEC)"),
                                    ("paper", "Letter"),
                                    ("in_person", "In person"),
                                    ("phone", "Phone"),
                                ],
                                max_length=15,
                                verbose_name="how it came",
                            ),
                        ),
                        (
                            "applicant",
                            models.CharField(
                                choices=[
                                    ("person", "The person"),
                                    ("parent", "A parent or guardian"),
                                    ("delegate", "Somebody with a proxy"),
                                ],
                                max_length=10,
                                verbose_name="who asks",
                            ),
                        ),
                        ("applicant_name", models.BinaryField(blank=True, default=bytes)),
                        ("contact", models.BinaryField(blank=True, default=bytes)),
                        ("given_name", models.BinaryField(blank=True, default=bytes)),
                        ("family_name", models.BinaryField(blank=True, default=bytes)),
                        ("birth_date", models.BinaryField(blank=True, default=bytes)),
                        ("text", models.BinaryField(blank=True, default=bytes)),
                        ("key_id", models.CharField(max_length=20)),
                        ("destroyed_at", models.DateTimeField(blank=True, null=True, verbose_name="destroyed on")),
                        (
                            "identity_check",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("document", "Identity document shown"),
                                    ("known", "Known to the body"),
                                    ("digital", "Digital identity (SPID, CIE)"),
                                    ("certified_mail", "Certified e-mail of the person"),
                                    ("proxy", "Proxy and identity document shown"),
                                ],
                                max_length=15,
                                verbose_name="how the identity was verified",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="answer by")),
                        ("extended_at", models.DateTimeField(blank=True, null=True, verbose_name="extended on")),
                        ("told_on", models.DateField(blank=True, null=True, verbose_name="person told on")),
                        (
                            "matched_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="compared with the records on"),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered on")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed on")),
                        ("erased_at", models.DateTimeField(blank=True, null=True, verbose_name="erased on")),
                        ("delivered_on", models.DateField(blank=True, null=True, verbose_name="copy delivered on")),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "copy_data",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.document",
                            ),
                        ),
                        (
                            "copy_file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.document",
                            ),
                        ),
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
                        "verbose_name": "request of a person",
                        "verbose_name_plural": "requests of persons",
                        "indexes": [
                            models.Index(fields=["programme", "state", "due_on"], name="privacy_rights_queue"),
                            models.Index(fields=["key_id"], name="privacy_rights_key"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gt", models.F("received_on"))), name="privacy_rights_due"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state__in", ["in_progress", "extended", "answered"]), _negated=True),
                                    models.Q(("identity_check", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="privacy_rights_identity",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("answered_at__isnull", True),
                                        ("state__in", ("received", "identity", "in_progress", "extended")),
                                    ),
                                    models.Q(
                                        ("answered_at__isnull", False), ("state__in", ["answered", "refused", "closed"])
                                    ),
                                    _connector="OR",
                                ),
                                name="privacy_rights_answered",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "extended"), _negated=True),
                                    models.Q(("extended_at__isnull", False), ("told_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="privacy_rights_extended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("destroyed_at__isnull", True),
                                    models.Q(
                                        ("applicant_name", b""),
                                        ("birth_date", b""),
                                        ("contact", b""),
                                        ("family_name", b""),
                                        ("given_name", b""),
                                        ("text", b""),
                                    ),
                                    _connector="OR",
                                ),
                                name="privacy_rights_destroyed_is_empty",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsMatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("tax_code", "Same tax code"),
                                    ("names", "Names and birth date, confirmed by the officer"),
                                ],
                                max_length=10,
                                verbose_name="found by",
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="when")),
                        (
                            "beneficiary",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="privacy.rightsrequest",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "record found",
                        "verbose_name_plural": "records found",
                        "constraints": [
                            models.UniqueConstraint(fields=("request", "beneficiary"), name="privacy_match_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsTask",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "purpose",
                            models.CharField(
                                choices=[
                                    ("search", "Search your files for this person"),
                                    ("correct", "Correct what is wrong"),
                                    ("destroy", "Destroy lists and papers that say who it is"),
                                ],
                                max_length=10,
                                verbose_name="what is asked",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="answer by")),
                        (
                            "answer",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("nothing", "We hold nothing"),
                                    ("held", "We hold something"),
                                    ("done", "Done"),
                                    ("withdrawn", "No longer needed"),
                                ],
                                max_length=10,
                                verbose_name="answer",
                            ),
                        ),
                        ("codes", models.JSONField(blank=True, default=list, verbose_name="codes of the case")),
                        ("held", models.CharField(blank=True, max_length=500, verbose_name="what is held")),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered on")),
                        ("reminded_on", models.DateField(blank=True, null=True)),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.organisation",
                                verbose_name="body",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tasks",
                                to="privacy.rightsrequest",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "task of a body",
                        "verbose_name_plural": "tasks of bodies",
                        "indexes": [models.Index(fields=["organisation", "answer"], name="privacy_task_body")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("request", "organisation", "purpose"), name="privacy_task_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at__isnull", True)),
                                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="privacy_task_answered",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="rightsrequest",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,applicant_name,birth_date,contact,family_name,given_name,text}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,applicant_name,birth_date,contact,family_name,given_name,text}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,applicant_name,birth_date,contact,family_name,given_name,text}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="35553fa943bee44ea4e25a808f64a6b840eb10cc",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_c1cae",
                            table="privacy_rightsrequest",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="rightsmatch",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="61389ae2a70bf2415574c097c11e8bfb50a393ab",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_59f5d",
                            table="privacy_rightsmatch",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="rightstask",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,codes,held}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,codes,held}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,codes,held}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="a4d29cee01552e3b703850c3fe912541a2252cdf",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_a3327",
                            table="privacy_rightstask",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
