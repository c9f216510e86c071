# SPDX-License-Identifier: EUPL-1.2
"""How many undecided pairs of records each figure holds."""

import django.db.models.deletion
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0005_sheets"),
        ("reporting", "0005_extracts"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="OpenPairTotal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("quantity", models.BigIntegerField()),
                        (
                            "indicator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_pair_totals",
                                to="actions.indicator",
                            ),
                        ),
                        (
                            "scope",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="open_pair_totals",
                                to="reporting.countingscope",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "undecided pairs of a figure",
                        "constraints": [
                            models.UniqueConstraint(fields=("scope", "indicator"), name="reporting_openpairtotal_once")
                        ],
                    },
                ),
            ]
        ),
    ]
