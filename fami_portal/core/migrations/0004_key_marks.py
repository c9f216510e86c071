# SPDX-License-Identifier: EUPL-1.2
"""Marks by which a key is told from another of the same name."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [("core", "0003_imports")]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="KeyMark",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="key"),
                        ),
                        ("mark", models.BinaryField(verbose_name="mark")),
                    ],
                    options={"verbose_name": "mark of a key", "verbose_name_plural": "marks of keys"},
                ),
            ]
        )
    ]
