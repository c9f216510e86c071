# SPDX-License-Identifier: EUPL-1.2
"""The contacts of desks are a measure."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0009_tables_guard"),
    ]

    operations = [
        Together(
            [
                migrations.AlterField(
                    model_name="indicator",
                    name="measure",
                    field=models.CharField(
                        choices=[
                            ("persons", "Persons, each once"),
                            ("organisations", "Bodies, each once"),
                            ("activities", "Activities"),
                            ("meetings", "Meetings held"),
                            ("hours", "Hours held"),
                            ("networks", "Networks, each once"),
                            ("deliverables", "Products delivered"),
                            ("protocols", "Protocols signed"),
                            ("services", "New or strengthened services, each once"),
                            ("campaigns", "Contents and campaigns published"),
                            ("reach", "Contacts reached, not persons"),
                            ("mediation_hours", "Hours of mediation validated"),
                            ("mediation_sessions", "Mediation sessions validated"),
                            ("mediators", "Mediators involved, each once"),
                            ("desk_contacts", "Contacts of desks, not persons"),
                            ("positive_outcomes", "Persons with a positive outcome, each once"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
            ]
        )
    ]
