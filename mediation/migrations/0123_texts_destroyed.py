# SPDX-License-Identifier: EUPL-1.2
"""When the retention took the free texts and the contacts of a case."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("mediation", "0122_links_reminders"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="consultation",
                    name="texts_destroyed_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="texts destroyed on"),
                ),
                migrations.AddField(
                    model_name="legalquestion",
                    name="texts_destroyed_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="texts destroyed on"),
                ),
                migrations.AddField(
                    model_name="mediationrequest",
                    name="texts_destroyed_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="texts destroyed on"),
                ),
                migrations.AddField(
                    model_name="translation",
                    name="texts_destroyed_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="texts destroyed on"),
                ),
            ]
        ),
    ]
