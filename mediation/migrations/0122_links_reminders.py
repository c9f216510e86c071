# SPDX-License-Identifier: EUPL-1.2
"""Reminders also go to the mailbox of a body where nobody has an account."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    """A reminder goes to a person or to a body."""

    dependencies = [
        ("mediation", "0121_consulting_reopened"),
        ("partners", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="remindersent",
                    name="organisation",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.organisation",
                    ),
                ),
                migrations.AlterField(
                    model_name="remindersent",
                    name="recipient",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="remindersent",
                    constraint=models.UniqueConstraint(
                        fields=("rule", "organisation", "subject_type", "subject_id", "due_on"),
                        name="mediation_remindersent_body_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="remindersent",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", True), ("recipient__isnull", False)),
                            models.Q(("organisation__isnull", False), ("recipient__isnull", True)),
                            _connector="OR",
                        ),
                        name="mediation_remindersent_whom",
                    ),
                ),
            ]
        ),
    ]
