# SPDX-License-Identifier: EUPL-1.2
"""Measures and units of mediation, and the request forms of translation and facilitation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0002_closed_period_guard"),
    ]

    operations = [
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
                    ("campaigns", "Contents and campaigns published"),
                    ("reach", "Contacts reached, not persons"),
                    ("mediation_hours", "Hours of mediation validated"),
                    ("mediation_sessions", "Mediation sessions validated"),
                    ("mediators", "Mediators involved, each once"),
                ],
                max_length=20,
                verbose_name="measure",
            ),
        ),
        migrations.AlterField(
            model_name="indicator",
            name="unit",
            field=models.CharField(
                choices=[
                    ("persons", "persons"),
                    ("organisations", "bodies"),
                    ("hours", "hours"),
                    ("meetings", "meetings"),
                    ("activities", "activities"),
                    ("networks", "networks"),
                    ("products", "products"),
                    ("contents", "contents"),
                    ("contacts", "contacts"),
                    ("sessions", "sessions"),
                    ("mediators", "mediators"),
                ],
                max_length=20,
                verbose_name="unit",
            ),
        ),
        migrations.AlterField(
            model_name="requestkind",
            name="kind",
            field=models.CharField(
                choices=[
                    ("school", "Allegato A.1 – Mediation for schools"),
                    ("service", "Allegato A.3 – Mediation for services"),
                    ("ethnoclinical", "Allegato A.5 – Ethnoclinical consultation"),
                    ("legal", "Legal question of an operator"),
                    ("community", "Community mediation"),
                    ("translation", "Written translation"),
                    ("facilitation", "Language facilitation"),
                ],
                max_length=20,
                verbose_name="form",
            ),
        ),
    ]
