# SPDX-License-Identifier: EUPL-1.2
"""The unit of contacts says that they are not persons."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0010_desk_contacts"),
    ]

    operations = [
        Together(
            [
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
                            ("services", "services"),
                            ("contacts", "contacts, not persons"),
                            ("sessions", "sessions"),
                            ("mediators", "mediators"),
                        ],
                        max_length=20,
                        verbose_name="unit",
                    ),
                ),
            ]
        )
    ]
