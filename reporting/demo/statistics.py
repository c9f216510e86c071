# SPDX-License-Identifier: EUPL-1.2
"""What the database knows of its tables: a demonstration fills them faster than it looks at them."""

from django.db import connection

from reporting.models import DraftFact


def look_at_the_tables() -> None:
    """Tell the database how large its tables are: it has not had the time to look, and its plans would be poor.

    Not those that are still empty, nor the drafts, which are empty between two acts: what it would learn there makes the
    next act slow (migration 0009).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> %s AND pg_relation_size(oid) > 0",
            [DraftFact._meta.db_table],
        )
        cursor.execute(f"ANALYZE {cursor.fetchone()[0]}")
