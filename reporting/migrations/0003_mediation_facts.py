# SPDX-License-Identifier: EUPL-1.2

import django.db.models.deletion
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0003_mediation_measures"),
        ("partners", "0001_initial"),
        ("reporting", "0002_ledger_triggers"),
    ]

    operations = [
        Together(
            [
                migrations.AlterField(
                    model_name="draftfact",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("attendance", "Attendance of a person in a month"),
                            ("meeting", "Meeting held"),
                            ("body_presence", "Body at a meeting"),
                            ("deliverable", "Product delivered"),
                            ("campaign", "Content published"),
                            ("reach", "Measure of a channel"),
                            ("mediation", "Mediation session held"),
                            ("mediator", "Mediator at work"),
                            ("translation", "Written translation delivered"),
                        ],
                        max_length=15,
                    ),
                ),
                migrations.AlterField(
                    model_name="draftfact",
                    name="unit_kind",
                    field=models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("organisation", "Body"),
                            ("activity", "Activity"),
                            ("meeting", "Meeting"),
                            ("network", "Network"),
                            ("deliverable", "Product"),
                            ("campaign", "Content"),
                            ("measure", "Measure of a channel"),
                            ("session", "Mediation session"),
                            ("presence", "Presence of community mediation"),
                            ("consultation", "Session of an ethnoclinical consultation"),
                            ("translation", "Written translation"),
                            ("mediator", "Mediator"),
                        ],
                        max_length=12,
                    ),
                ),
                migrations.AlterField(
                    model_name="posting",
                    name="reason",
                    field=models.CharField(
                        choices=[
                            ("validation", "Validation of an activity report"),
                            ("correction", "New validation after a reopening"),
                            ("merge", "Two records of one person joined"),
                            ("rules", "Change of the rules"),
                            ("rebuild", "Rebuild"),
                            ("mediation", "Validation of a mediation report"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                migrations.AlterField(
                    model_name="resultentry",
                    name="unit_kind",
                    field=models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("organisation", "Body"),
                            ("activity", "Activity"),
                            ("meeting", "Meeting"),
                            ("network", "Network"),
                            ("deliverable", "Product"),
                            ("campaign", "Content"),
                            ("measure", "Measure of a channel"),
                            ("session", "Mediation session"),
                            ("presence", "Presence of community mediation"),
                            ("consultation", "Session of an ethnoclinical consultation"),
                            ("translation", "Written translation"),
                            ("mediator", "Mediator"),
                        ],
                        max_length=12,
                    ),
                ),
                migrations.AlterField(
                    model_name="validatedfact",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("attendance", "Attendance of a person in a month"),
                            ("meeting", "Meeting held"),
                            ("body_presence", "Body at a meeting"),
                            ("deliverable", "Product delivered"),
                            ("campaign", "Content published"),
                            ("reach", "Measure of a channel"),
                            ("mediation", "Mediation session held"),
                            ("mediator", "Mediator at work"),
                            ("translation", "Written translation delivered"),
                        ],
                        max_length=15,
                    ),
                ),
                migrations.AlterField(
                    model_name="validatedfact",
                    name="report",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="validatedfacts",
                        to="reporting.activityreport",
                    ),
                ),
                migrations.AlterField(
                    model_name="validatedfact",
                    name="unit_kind",
                    field=models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("organisation", "Body"),
                            ("activity", "Activity"),
                            ("meeting", "Meeting"),
                            ("network", "Network"),
                            ("deliverable", "Product"),
                            ("campaign", "Content"),
                            ("measure", "Measure of a channel"),
                            ("session", "Mediation session"),
                            ("presence", "Presence of community mediation"),
                            ("consultation", "Session of an ethnoclinical consultation"),
                            ("translation", "Written translation"),
                            ("mediator", "Mediator"),
                        ],
                        max_length=12,
                    ),
                ),
                migrations.AddIndex(
                    model_name="validatedfact",
                    index=models.Index(
                        condition=models.Q(("report", None), ("superseded_in", None)),
                        fields=["source_type", "source_id"],
                        name="reporting_fact_live_source",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="validatedfact",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("report__isnull", False),
                                models.Q(("kind__in", ("mediation", "mediator", "translation")), _negated=True),
                            ),
                            models.Q(("kind__in", ("mediation", "mediator", "translation")), ("report__isnull", True)),
                            _connector="OR",
                        ),
                        name="reporting_fact_proof",
                    ),
                ),
            ]
        ),
    ]
