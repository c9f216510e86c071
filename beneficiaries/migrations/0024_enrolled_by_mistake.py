# SPDX-License-Identifier: EUPL-1.2
"""A recipient may leave an activity because the enrolment was a mistake."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("beneficiaries", "0023_supports_guard")]

    operations = [
        migrations.AlterField(
            model_name="enrolment",
            name="withdrawal_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("moved", "Moved to another municipality"),
                    ("left_italy", "Left Italy"),
                    ("other_school", "Changed school or class"),
                    ("work", "Found work, or hours that clash"),
                    ("family", "Family or health"),
                    ("level", "Reached the level, or moved to another group"),
                    ("absent", "Stopped coming"),
                    ("mistake", "Enrolled by mistake"),
                    ("other", "Other"),
                ],
                max_length=15,
                verbose_name="why the recipient left",
            ),
        ),
    ]
