# SPDX-License-Identifier: EUPL-1.2
"""Taking what described a person out of the two records when it is erased; that the act took place stays written."""

from collections.abc import Iterable, Sequence

from django.db import connection, models

from fami_portal.core.models import AuditEvent, TransitionLog

_HISTORY = """
    UPDATE core_rowhistory SET changes = changes - %s::text[]
     WHERE table_name = %s AND row_id = ANY(%s) AND changes ?| %s::text[]
"""


def redact_history(model: type[models.Model], ids: Iterable[int], columns: Sequence[str]) -> int:
    """Take columns out of the row history of some rows of a model; return how many entries changed. One query.

    For columns that history keeps and that must go with the person. Call it after the last write on the rows.
    """
    with connection.cursor() as cursor:
        keys = list(columns)
        cursor.execute(_HISTORY, [keys, model._meta.db_table, [str(pk) for pk in ids], keys])
        return int(cursor.rowcount)


def redact_reasons(model: type[models.Model], ids: Iterable[int], *, entity: str = "") -> int:
    """Take the free text out of the audit events of some records, and out of their changes of state (`entity`).

    Who did what and when stays. Return how many events changed.
    """
    keys = list(ids)
    if entity:
        TransitionLog.objects.filter(entity=entity, entity_id__in=keys).exclude(comment="").update(comment="")
    events = AuditEvent.objects.filter(target_type=model._meta.label_lower, target_id__in=[str(pk) for pk in keys])
    return events.exclude(reason="").update(reason="")
