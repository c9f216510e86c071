# SPDX-License-Identifier: EUPL-1.2
"""An erasure is proposed by one person and confirmed by another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="rightsrequest",
                    name="erasure_proposed_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="erasure proposed on"),
                ),
                migrations.AddField(
                    model_name="rightsrequest",
                    name="erasure_proposed_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rightsrequest",
                    constraint=models.CheckConstraint(
                        condition=models.Q(erasure_proposed_at__isnull=True, erasure_proposed_by__isnull=True)
                        | models.Q(erasure_proposed_at__isnull=False, kind="erasure"),
                        name="privacy_rights_proposed",
                    ),
                ),
            ]
        )
    ]
