# SPDX-License-Identifier: EUPL-1.2
"""Outcomes of supports; which version of the notice was given, to whom, in which language.

An outcome collected inside a closed period is refused: the guard of attendance, on the day on which it was collected. A
later outcome may supersede one of a closed period: what was reported stays until the period is reported again.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together

GUARD = """
CREATE FUNCTION beneficiaries_outcome_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM actions_refuse_closed_period(
        array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
       FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id,
                             touched.collected_on AS day
               FROM new_rows touched
               JOIN beneficiaries_enrolment enrolment ON enrolment.id = touched.enrolment_id
               JOIN actions_activity activity ON activity.id = enrolment.activity_id) found;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_period_insert AFTER INSERT ON beneficiaries_outcome
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION beneficiaries_outcome_closed_period();
"""

GUARD_REVERSE = """
DROP TRIGGER closed_period_insert ON beneficiaries_outcome;
DROP FUNCTION beneficiaries_outcome_closed_period();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0004_outcomes_and_notices"),
        ("beneficiaries", "0015_opened_files"),
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="enrolment",
                    name="notice",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="actions.notice",
                        verbose_name="privacy notice",
                    ),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="notice_given_to",
                    field=models.CharField(
                        blank=True,
                        choices=[("family", "The family"), ("person", "The person"), ("guardian", "The guardian")],
                        max_length=10,
                        verbose_name="notice given to",
                    ),
                ),
                migrations.AddField(
                    model_name="enrolment",
                    name="notice_language",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.language",
                        verbose_name="language of the notice",
                    ),
                ),
                migrations.AlterField(
                    model_name="enrolment",
                    name="notice_given_on",
                    field=models.DateField(blank=True, null=True, verbose_name="notice given on"),
                ),
                migrations.AlterField(
                    model_name="enrolment",
                    name="notice_version",
                    field=models.CharField(blank=True, max_length=20, verbose_name="version of the notice"),
                ),
                migrations.CreateModel(
                    name="Outcome",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("language", "Better Italian"),
                                    ("usefulness", "Useful for integration"),
                                    ("satisfaction", "Satisfied"),
                                    ("recognition", "Recognition of qualifications"),
                                    ("long_stay", "Long-term residence"),
                                    ("training", "Training passed"),
                                    ("skills", "Skills in use"),
                                ],
                                max_length=15,
                                verbose_name="outcome",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "Not verifiable yet, or not applicable"),
                                    ("positive", "Positive"),
                                    ("negative", "Negative"),
                                ],
                                max_length=10,
                                verbose_name="result",
                            ),
                        ),
                        ("collected_on", models.DateField(verbose_name="collected on")),
                        ("areas", models.JSONField(blank=True, default=list, verbose_name="areas")),
                        ("scores", models.JSONField(blank=True, default=list, verbose_name="answers")),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("alfa_low", "Alfa basso"),
                                    ("alfa_high", "Alfa alto"),
                                    ("pre_a1", "Pre-A1"),
                                    ("a1", "A1"),
                                    ("a2", "A2"),
                                    ("b1", "B1"),
                                    ("b2", "B2"),
                                ],
                                max_length=10,
                                verbose_name="level reached",
                            ),
                        ),
                        (
                            "attestation",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("cpia", "Attestation of a CPIA"),
                                    ("certificate", "Language certificate (CILS, CELI, PLIDA, Cert.it)"),
                                    ("university", "Attestation of a university"),
                                    ("training_body", "Attestation of an accredited training body"),
                                    ("school", "Attestation of the school"),
                                ],
                                max_length=15,
                                verbose_name="attestation",
                            ),
                        ),
                        (
                            "attested_on",
                            models.DateField(blank=True, null=True, verbose_name="date of the attestation"),
                        ),
                        (
                            "kept_at",
                            models.CharField(blank=True, max_length=200, verbose_name="where the paper is kept"),
                        ),
                        ("at", models.DateTimeField(verbose_name="when")),
                        ("superseded_at", models.DateTimeField(blank=True, null=True)),
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
                                related_name="outcomes",
                                to="beneficiaries.enrolment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "outcome",
                        "verbose_name_plural": "outcomes",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("enrolment", "kind"),
                                name="beneficiaries_outcome_one_counts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "language"), ("state", "positive"), _negated=True),
                                    models.Q(
                                        ("attested_on__isnull", False),
                                        models.Q(("level", ""), _negated=True),
                                        models.Q(("attestation", ""), _negated=True),
                                        models.Q(("kept_at", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="beneficiaries_outcome_attested",
                                violation_error_message="A better level of Italian needs its attestation.",
                            ),
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="outcome",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,areas,kept_at,level,scores,state}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,areas,kept_at,level,scores,state}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,areas,kept_at,level,scores,state}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="309d95e1a33769ef55c2a5834640d060bbe849e4",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_f2207",
                            table="beneficiaries_outcome",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
        migrations.RunSQL(GUARD, GUARD_REVERSE),
    ]
