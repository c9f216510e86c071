# SPDX-License-Identifier: EUPL-1.2
"""Supports to one person or one household, their interventions, and the contacts of desks."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0010_desk_contacts"),
        ("beneficiaries", "0021_certificates"),
        ("partners", "0003_network_deeds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Intervention",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("held_on", models.DateField(verbose_name="day")),
                        ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("interview", "Interview"),
                                    ("accompaniment", "Accompaniment to a service"),
                                    ("home_visit", "Visit at home"),
                                    ("contacts", "Contacts with services, school, employers"),
                                    ("group", "Work in a small group"),
                                    ("house_search", "Search of a home"),
                                    ("house_entry", "Entry into the home"),
                                    ("after_3_months", "Follow-up 3 months after the entry"),
                                    ("after_6_months", "Follow-up 6 months after the entry"),
                                ],
                                max_length=15,
                                verbose_name="what was done",
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("done", "Done as planned"),
                                    ("informed", "Information given"),
                                    ("appointment", "Appointment made"),
                                    ("sent_on", "Sent on to another service"),
                                    ("to_repeat", "To be done again"),
                                ],
                                max_length=15,
                                verbose_name="what came of it",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                        ("next_step", models.CharField(blank=True, max_length=200, verbose_name="next step")),
                        ("next_step_on", models.DateField(blank=True, null=True, verbose_name="next step by")),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "operator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="operator",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "intervention",
                        "verbose_name_plural": "interventions",
                    },
                ),
                migrations.CreateModel(
                    name="InterventionPerson",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="interventions",
                                to="beneficiaries.enrolment",
                            ),
                        ),
                        (
                            "intervention",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="persons",
                                to="beneficiaries.intervention",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "person of an intervention",
                        "verbose_name_plural": "persons of interventions",
                    },
                ),
                migrations.CreateModel(
                    name="Support",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("work", "Guidance to work and services for employment"),
                                    ("education", "Educational interventions in the territory"),
                                    ("school_path", "Guidance on the school path"),
                                    ("housing", "Accompaniment to housing"),
                                    ("case", "Case taken in charge"),
                                ],
                                max_length=15,
                                verbose_name="kind of support",
                            ),
                        ),
                        ("code", models.CharField(blank=True, max_length=30, verbose_name="own code of the household")),
                        ("opened_on", models.DateField(verbose_name="taken in charge on")),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("reached", "Goal reached"),
                                    ("partly", "Goal reached in part"),
                                    ("handed_on", "Handed on to another service"),
                                    ("interrupted", "Interrupted by the person"),
                                    ("moved", "Moved elsewhere"),
                                    ("not_reached", "Goal not reached"),
                                ],
                                max_length=15,
                                verbose_name="how it ended",
                            ),
                        ),
                        ("end_note", models.CharField(blank=True, max_length=300, verbose_name="note on the end")),
                        (
                            "path_advised",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("liceo", "Liceo"),
                                    ("technical", "Technical institute"),
                                    ("vocational", "Vocational institute"),
                                    ("regional", "Vocational training of the Region (IeFP)"),
                                    ("adults", "Courses for adults (CPIA)"),
                                    ("other", "Another path"),
                                ],
                                max_length=15,
                                verbose_name="path advised",
                            ),
                        ),
                        (
                            "path_chosen",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("liceo", "Liceo"),
                                    ("technical", "Technical institute"),
                                    ("vocational", "Vocational institute"),
                                    ("regional", "Vocational training of the Region (IeFP)"),
                                    ("adults", "Courses for adults (CPIA)"),
                                    ("other", "Another path"),
                                ],
                                max_length=15,
                                verbose_name="path chosen",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "activity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supports",
                                to="actions.activity",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "support",
                        "verbose_name_plural": "supports",
                    },
                ),
                migrations.AddField(
                    model_name="intervention",
                    name="support",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interventions",
                        to="beneficiaries.support",
                    ),
                ),
                migrations.CreateModel(
                    name="SupportMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("since", models.DateField(verbose_name="in the support since")),
                        ("until", models.DateField(blank=True, null=True, verbose_name="in the support until")),
                        (
                            "enrolment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="support_members",
                                to="beneficiaries.enrolment",
                            ),
                        ),
                        (
                            "support",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="beneficiaries.support",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "person of a support",
                        "verbose_name_plural": "persons of supports",
                    },
                ),
                migrations.CreateModel(
                    name="DeskContact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("held_on", models.DateField(verbose_name="day")),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("in_person", "In person"),
                                    ("phone", "By telephone"),
                                    ("mail", "By e-mail or message"),
                                    ("video", "By video call"),
                                ],
                                max_length=10,
                                verbose_name="how",
                            ),
                        ),
                        ("first_access", models.BooleanField(default=False, verbose_name="first access to this desk")),
                        ("topics", models.JSONField(default=list, verbose_name="what was asked")),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("informed", "Information given"),
                                    ("practice", "Papers prepared or sent"),
                                    ("sent_on", "Sent on to another service"),
                                    ("appointment", "Appointment made"),
                                    ("taken", "Taken in charge"),
                                ],
                                max_length=15,
                                verbose_name="what came of it",
                            ),
                        ),
                        ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                        ("with_mediator", models.BooleanField(default=False, verbose_name="with a mediator")),
                        (
                            "sex",
                            models.CharField(
                                blank=True,
                                choices=[("female", "Woman"), ("male", "Man"), ("non_binary", "Non-binary")],
                                max_length=12,
                                verbose_name="gender",
                            ),
                        ),
                        (
                            "age_band",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("under_18", "under 18"),
                                    ("from_18_to_60", "18 to 60"),
                                    ("over_60", "over 60"),
                                ],
                                max_length=15,
                                verbose_name="age",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "activity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="desk_contacts",
                                to="actions.activity",
                            ),
                        ),
                        (
                            "citizenship",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.country",
                                verbose_name="citizenship",
                            ),
                        ),
                        (
                            "language",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="partners.language",
                                verbose_name="language",
                            ),
                        ),
                        (
                            "operator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="operator",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contact of a desk",
                        "verbose_name_plural": "contacts of desks",
                        "indexes": [
                            models.Index(fields=["activity", "-held_on", "-id"], name="beneficiaries_contact_day")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                                name="beneficiaries_deskcontact_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("topics", []), _negated=True),
                                name="beneficiaries_deskcontact_topics",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="deskcontact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,age_band,citizenship_id,language_id,sex}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,age_band,citizenship_id,language_id,sex}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,age_band,citizenship_id,language_id,sex}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="fc98ca59c887dbc7861864aa1f220885dcdb8e77",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_062bb",
                            table="beneficiaries_deskcontact",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="interventionperson",
                    constraint=models.UniqueConstraint(
                        fields=("intervention", "enrolment"), name="beneficiaries_interventionperson_once"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="interventionperson",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="8155533fbf29a68c98f1e6558e0d08ebbd3a420d",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_47ae9",
                            table="beneficiaries_interventionperson",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="support",
                    index=models.Index(fields=["activity", "-opened_on", "-id"], name="beneficiaries_support_list"),
                ),
                migrations.AddConstraint(
                    model_name="support",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", True), ("outcome", "")),
                            models.Q(
                                ("ended_on__gte", models.F("opened_on")), models.Q(("outcome", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="beneficiaries_support_ended",
                        violation_error_message="A support ends on a day that is not before its start, with how it ended.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="support",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "school_path"),
                            models.Q(("path_advised", ""), ("path_chosen", "")),
                            _connector="OR",
                        ),
                        name="beneficiaries_support_path",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="support",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,code,end_note,outcome,path_advised,path_chosen}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,code,end_note,outcome,path_advised,path_chosen}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,code,end_note,outcome,path_advised,path_chosen}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="42b46dc8a38ea15cb3a2dccc22374a202eeb9ecb",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_a748a",
                            table="beneficiaries_support",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="intervention",
                    index=models.Index(fields=["support", "-held_on", "-id"], name="beneficiaries_intervention_day"),
                ),
                migrations.AddConstraint(
                    model_name="intervention",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)),
                        name="beneficiaries_intervention_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="intervention",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_step", ""), ("next_step_on__isnull", True)),
                            models.Q(
                                ("next_step_on__gte", models.F("held_on")), models.Q(("next_step", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="beneficiaries_intervention_next",
                        violation_error_message="A next step has its day, not before the intervention.",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="intervention",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,next_step,note,outcome}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,next_step,note,outcome}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,next_step,note,outcome}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="a28c6dbe2e6db3714af8801e7409455f5b363409",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_5a92a",
                            table="beneficiaries_intervention",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="supportmember",
                    constraint=models.UniqueConstraint(
                        fields=("support", "enrolment"), name="beneficiaries_supportmember_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="supportmember",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="beneficiaries_supportmember_days",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="supportmember",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="381d9b8587a7c8d419fcbf5aa8e67f489ac6feb8",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_37686",
                            table="beneficiaries_supportmember",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
