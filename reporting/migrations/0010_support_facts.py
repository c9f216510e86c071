# SPDX-License-Identifier: EUPL-1.2
"""Interventions of supports and contacts of desks are facts."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0009_drafts_not_analyzed"),
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
                            ("intervention", "Intervention of a support"),
                            ("desk_contact", "Contact of a desk"),
                            ("first_contact", "First access to a desk"),
                            ("body_presence", "Body at a meeting"),
                            ("network", "Network at a table"),
                            ("deliverable", "Product delivered"),
                            ("protocol", "Protocol signed"),
                            ("new_service", "New service"),
                            ("service", "Strengthened service"),
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
                    model_name="draftfact",
                    name="unit_kind",
                    field=models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("organisation", "Body"),
                            ("activity", "Activity"),
                            ("meeting", "Meeting"),
                            ("intervention", "Intervention"),
                            ("contact", "Contact of a desk"),
                            ("network", "Network"),
                            ("deliverable", "Product"),
                            ("service", "Service"),
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
                    model_name="resultentry",
                    name="unit_kind",
                    field=models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("organisation", "Body"),
                            ("activity", "Activity"),
                            ("meeting", "Meeting"),
                            ("intervention", "Intervention"),
                            ("contact", "Contact of a desk"),
                            ("network", "Network"),
                            ("deliverable", "Product"),
                            ("service", "Service"),
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
                            ("intervention", "Intervention of a support"),
                            ("desk_contact", "Contact of a desk"),
                            ("first_contact", "First access to a desk"),
                            ("body_presence", "Body at a meeting"),
                            ("network", "Network at a table"),
                            ("deliverable", "Product delivered"),
                            ("protocol", "Protocol signed"),
                            ("new_service", "New service"),
                            ("service", "Strengthened service"),
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
                    name="unit_kind",
                    field=models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("organisation", "Body"),
                            ("activity", "Activity"),
                            ("meeting", "Meeting"),
                            ("intervention", "Intervention"),
                            ("contact", "Contact of a desk"),
                            ("network", "Network"),
                            ("deliverable", "Product"),
                            ("service", "Service"),
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
            ]
        )
    ]
