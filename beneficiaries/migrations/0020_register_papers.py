# SPDX-License-Identifier: EUPL-1.2
"""Test at entry, certificate and coded reason of a withdrawal on the enrolment; signed pages of the register."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0006_teachers"),
        ("beneficiaries", "0019_newer_notices"),
        ("core", "0002_sealed_documents"),
        ("partners", "0002_official_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="SignedPage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("attached_at", models.DateTimeField(verbose_name="when")),
                    ],
                    options={
                        "verbose_name": "signed page of a register",
                        "verbose_name_plural": "signed pages of registers",
                    },
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="enrolment",
                    name="row_history",
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="certificate_body",
                    field=models.CharField(blank=True, max_length=200, verbose_name="body that issued the certificate"),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="certificate_number",
                    field=models.CharField(blank=True, max_length=60, verbose_name="number of the certificate"),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="certificate_on",
                    field=models.DateField(blank=True, null=True, verbose_name="date of the certificate"),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="test_kind",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("interview", "Interview"),
                            ("written", "Written test"),
                            ("both", "Interview and written test"),
                            ("cpia", "Test of the CPIA"),
                            ("certificate", "Certificate that the person had"),
                        ],
                        max_length=15,
                        verbose_name="test at entry",
                    ),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="test_on",
                    field=models.DateField(blank=True, null=True, verbose_name="day of the test"),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="withdrawal_code",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("moved", "Moved to another municipality"),
                            ("left_italy", "Left Italy"),
                            ("other_school", "Changed school or class"),
                            ("work", "Found work, or hours that clash"),
                            ("family", "Family or health"),
                            ("level", "Reached the level, or moved to another group"),
                            ("absent", "Stopped coming"),
                            ("other", "Other"),
                        ],
                        max_length=15,
                        verbose_name="why the recipient left",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="enrolment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,certificate_number,withdrawal_reason}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,certificate_number,withdrawal_reason}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,certificate_number,withdrawal_reason}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="b301f20cd0993fd32c71f31ac3f0d7aba3fa0173",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_78a4b",
                            table="beneficiaries_enrolment",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="enrolment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("withdrawn_on__isnull", False), ("withdrawal_code", ""), _connector="OR"),
                        name="beneficiaries_enrolment_why_left",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="enrolment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("certificate_body", ""), ("certificate_number", ""), ("certificate_on__isnull", True)
                            ),
                            models.Q(
                                ("certificate_on__isnull", False), models.Q(("certificate_body", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="beneficiaries_enrolment_certificate",
                        violation_error_message="A certificate has its date and the body that issued it.",
                    ),
                ),
                migrations.AddField(
                    model_name="signedpage",
                    name="attached_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                migrations.AddField(
                    model_name="signedpage",
                    name="document",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_pages",
                        to="core.document",
                        verbose_name="scanned page",
                    ),
                ),
                migrations.AddField(
                    model_name="signedpage",
                    name="meeting",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signed_pages", to="actions.meeting"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="signedpage",
                    constraint=models.UniqueConstraint(
                        fields=("meeting", "document"), name="beneficiaries_signedpage_once"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="signedpage",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="eeaa03042b278c8d3ae026653889a21804186e46",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_7bbaf",
                            table="beneficiaries_signedpage",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
