# SPDX-License-Identifier: EUPL-1.2
"""Outcomes of supports are facts."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0003_mediation_facts"),
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
                            ("language", "Outcome: better Italian"),
                            ("usefulness", "Outcome: useful for integration"),
                            ("satisfaction", "Outcome: satisfied"),
                            ("recognition", "Outcome: recognition of qualifications"),
                            ("long_stay", "Outcome: long-term residence"),
                            ("training", "Outcome: training passed"),
                            ("skills", "Outcome: skills in use"),
                        ],
                        max_length=15,
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
                            ("language", "Outcome: better Italian"),
                            ("usefulness", "Outcome: useful for integration"),
                            ("satisfaction", "Outcome: satisfied"),
                            ("recognition", "Outcome: recognition of qualifications"),
                            ("long_stay", "Outcome: long-term residence"),
                            ("training", "Outcome: training passed"),
                            ("skills", "Outcome: skills in use"),
                        ],
                        max_length=15,
                    ),
                ),
            ]
        ),
    ]
