# SPDX-License-Identifier: EUPL-1.2
"""Files that carry names: the key that seals them, the day they were destroyed; the file that a job reads."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="document",
                    name="destroyed_at",
                    field=models.DateTimeField(blank=True, null=True, verbose_name="destroyed on"),
                ),
                migrations.AddField(
                    model_name="document",
                    name="key_id",
                    field=models.CharField(blank=True, max_length=20),
                ),
                migrations.AddField(
                    model_name="job",
                    name="upload",
                    field=models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.document"
                    ),
                ),
                migrations.AddIndex(
                    model_name="document",
                    index=models.Index(
                        condition=models.Q(("key_id", ""), _negated=True),
                        fields=["key_id", "id"],
                        name="core_document_key",
                    ),
                ),
                migrations.AddIndex(
                    model_name="document",
                    index=models.Index(
                        condition=models.Q(("destroyed_at__isnull", False), models.Q(("file", ""), _negated=True)),
                        fields=["destroyed_at"],
                        name="core_document_destroying",
                    ),
                ),
            ]
        ),
    ]
