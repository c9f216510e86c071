# SPDX-License-Identifier: EUPL-1.2
"""Nobody looks at how many drafts there are: they come and go within the life of a report, and between two acts there are none.

A database that has looked then believes the table empty, and reads its whole index for each draft: a submission took
ten times as long. Without such a look it reckons with the size of the table, which is right.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reporting", "0008_tables_and_services")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE reporting_draftfact SET (autovacuum_analyze_threshold = 2000000000)",
            "ALTER TABLE reporting_draftfact RESET (autovacuum_analyze_threshold)",
        ),
    ]
