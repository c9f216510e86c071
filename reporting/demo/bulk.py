# SPDX-License-Identifier: EUPL-1.2
"""Writing many rows by COPY."""

from collections.abc import Iterable
from io import RawIOBase
from typing import Any

from django.db import connection


class _Lines(RawIOBase):
    """The text of COPY, made while it is sent."""

    def __init__(self, rows: Iterable[str]) -> None:
        self.rows = iter(rows)
        self.left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes."""
        parts, length = [self.left], len(self.left)
        while length < size:
            row = next(self.rows, None)
            if row is None:
                break
            parts.append(row.encode())
            length += len(parts[-1])
        text = b"".join(parts)
        self.left = text[size:]
        return text[:size]


def copy(table: str, columns: str, rows: Iterable[Iterable[Any]]) -> None:
    lines = ("\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in rows)
    copy_lines(table, columns, lines)


def copy_lines(table: str, columns: str, lines: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", _Lines(lines), size=1 << 20)


def reserve(table: str, count: int) -> int:
    """Reserve `count` ids and return the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(seq, nextval(seq) + %s) - %s FROM (SELECT pg_get_serial_sequence(%s, 'id') AS seq) AS s",
            [count, count, table],
        )
        return cursor.fetchone()[0]
