# SPDX-License-Identifier: EUPL-1.2
"""Pairs of records of two bodies: what each body is asked, and with whom a record counts while nobody has decided."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0005_sheets"),
        ("beneficiaries", "0017_sheets"),
        ("partners", "0002_official_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="PairQuestion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("asked_at", models.DateTimeField(verbose_name="asked on")),
                        ("due_on", models.DateField(verbose_name="answer by")),
                        ("group", models.CharField(blank=True, max_length=30, verbose_name="class or group")),
                        ("enrolled_month", models.DateField(blank=True, null=True, verbose_name="month of enrolment")),
                        (
                            "sibling",
                            models.CharField(
                                blank=True,
                                choices=[("yes", "Yes"), ("no", "No"), ("unknown", "I do not know")],
                                max_length=10,
                                verbose_name="brother or sister in the same year",
                            ),
                        ),
                        ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered on")),
                        ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed on")),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "question on a recipient",
                        "verbose_name_plural": "questions on recipients",
                    },
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="beneficiary",
                    name="row_history",
                ),
                migrations.AddField(
                    model_name="beneficiary",
                    name="counted_as",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counted_from",
                        to="beneficiaries.beneficiary",
                    ),
                ),
                migrations.AddField(
                    model_name="pair",
                    name="questions_end",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "The two bodies gave the same answers"),
                            ("differed", "The two bodies gave different answers"),
                            ("unclear", "The answers do not decide"),
                            ("silent", "Not all answers came in time"),
                            ("nobody", "One of the bodies has nobody who can answer"),
                            ("overtaken", "Decided otherwise in the meantime"),
                        ],
                        max_length=10,
                        verbose_name="questions to the bodies",
                    ),
                ),
                migrations.AlterField(
                    model_name="pair",
                    name="state",
                    field=models.CharField(
                        choices=[
                            ("open", "To be looked at"),
                            ("asked", "Asked of the two bodies"),
                            ("merged", "One person"),
                            ("apart", "Two persons"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                migrations.AddIndex(
                    model_name="beneficiary",
                    index=models.Index(
                        condition=models.Q(("counted_as__isnull", False)),
                        fields=["counted_as"],
                        name="beneficiaries_counted_as",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="beneficiary",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,birth_date,citizenship_id,counted_as_id,local_code,sex}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,birth_date,citizenship_id,counted_as_id,local_code,sex}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,birth_date,citizenship_id,counted_as_id,local_code,sex}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="cd1c5a0fe27edb4d0a72605b334af19c83b42729",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_c7c54",
                            table="beneficiaries_beneficiary",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="beneficiary",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("counted_as__isnull", True),
                            models.Q(("counted_as__lt", models.F("id")), ("merged_into__isnull", True)),
                            _connector="OR",
                        ),
                        name="beneficiaries_counted_as_older",
                    ),
                ),
                migrations.AddField(
                    model_name="pairquestion",
                    name="answered_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="pairquestion",
                    name="beneficiary",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="beneficiaries.beneficiary"
                    ),
                ),
                migrations.AddField(
                    model_name="pairquestion",
                    name="organisation",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.organisation"
                    ),
                ),
                migrations.AddField(
                    model_name="pairquestion",
                    name="pair",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="questions", to="beneficiaries.pair"
                    ),
                ),
                migrations.AddField(
                    model_name="pairquestion",
                    name="site",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.organisation",
                        verbose_name="school or centre",
                    ),
                ),
                migrations.AddIndex(
                    model_name="pairquestion",
                    index=models.Index(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=["organisation", "due_on"],
                        name="beneficiaries_question_open",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="pairquestion",
                    constraint=models.UniqueConstraint(
                        fields=("pair", "beneficiary"), name="beneficiaries_question_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="pairquestion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("closed_at__isnull", True),
                            models.Q(
                                ("enrolled_month__isnull", True), ("group", ""), ("sibling", ""), ("site__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="beneficiaries_question_closed_is_empty",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="pairquestion",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,enrolled_month,group,sibling,site_id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,enrolled_month,group,sibling,site_id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,enrolled_month,group,sibling,site_id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="72e4f2c3aa0413e3358546e1803582b3f3f9a91b",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_840ee",
                            table="beneficiaries_pairquestion",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
