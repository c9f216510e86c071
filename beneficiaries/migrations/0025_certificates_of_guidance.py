# SPDX-License-Identifier: EUPL-1.2
"""How many interventions a certificate of guidance tells of; none of a course."""

from django.db import migrations, models

from fami_portal.core.operations import Together


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0024_enrolled_by_mistake")]

    operations = [
        migrations.RemoveConstraint(model_name="certificate", name="beneficiaries_certificate_once"),
        Together(
            [
                migrations.AddField(
                    model_name="certificate",
                    name="interventions",
                    field=models.PositiveSmallIntegerField(default=0, verbose_name="interventions"),
                ),
                migrations.AddConstraint(
                    model_name="certificate",
                    constraint=models.UniqueConstraint(
                        fields=("enrolment", "minutes", "minutes_held", "interventions"),
                        name="beneficiaries_certificate_same",
                    ),
                ),
            ]
        ),
    ]
