# SPDX-License-Identifier: EUPL-1.2
"""Writing very many rows of a model: arrays instead of a value for each cell, which takes half the time of `bulk_create`."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, models

# So many rows in one statement; of a few, Django's own way is as fast and asks one query less.
BATCH, FEW = 5_000, 50
# Fields whose values the driver takes as they are.
AS_THEY_ARE = {"BinaryField", "BooleanField", "CharField", "DateField", "DateTimeField", "ForeignKey", "TextField"}


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new objects of one model and give them their ids, in one statement for each batch.

    As `bulk_create`: no `save`, no signals; the triggers of the database see every row. Inside `acting`.
    """
    if len(rows) <= FEW:
        if rows:
            type(rows[0])._default_manager.bulk_create(rows)
        return
    for start in range(0, len(rows), BATCH):
        _insert(rows[start : start + BATCH])


def _insert(rows: Sequence[models.Model]) -> None:
    model = type(rows[0])
    fields: list[Any] = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
    with connection.cursor() as cursor:
        # The ids first: nobody promises in which order an INSERT gives them back.
        cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [len(rows)])  # noqa: S608
        ids = sorted(row[0] for row in cursor.fetchall())
        columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} (id, {columns}) SELECT * FROM unnest(%s::bigint[], {arrays})",  # noqa: S608
            [ids, *(_column(field, rows) for field in fields)],
        )
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias


def _type(field: Any) -> str:
    return str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection))


def _column(field: Any, rows: Sequence[models.Model]) -> list[Any]:
    """Return the values of one field, as the database takes them in an array."""
    if type(field).pre_save is models.Field.pre_save:
        values = list(map(attrgetter(field.attname), rows))
    else:
        values = [field.pre_save(row, add=True) for row in rows]
    return values if field.get_internal_type() in AS_THEY_ARE else [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return json.dumps(value) if isinstance(value, dict | list) else value
