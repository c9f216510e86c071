# SPDX-License-Identifier: EUPL-1.2
"""Rows of a model as a person reads them: what a copy of somebody's data is made of (art. 15 GDPR).

Each app says which of its rows are about a person; here every field of a row becomes a label and a text, so that a new
field is in the copy from its first day.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

CHUNK = 500
# Of the machinery: they say nothing of anybody.
MACHINERY = ("id", "uuid", "version", "key_id", "submission_key")


@dataclass(frozen=True)
class Section:
    """One kind of data of the copy: a code for machines, a title for people, its rows (label and text of each field)."""

    code: str
    title: str
    rows: Iterator[dict[str, str]]


def rows_of(found: "QuerySet[Any]", *, without: Collection[str] = ()) -> Iterator[dict[str, str]]:
    """Yield the rows of a selection, field by field, in one query whatever their number.

    `without` are fields that others say (sealed ones, the person itself). Who wrote a row is left out: its body is there.
    """
    model: type[models.Model] = found.model
    fields = [field for field in model._meta.concrete_fields if _told(field) and field.name not in without]
    related = [field.name for field in fields if field.is_relation]
    if related:
        found = found.select_related(*related)
    for row in found.iterator(chunk_size=CHUNK):
        texts = {capfirst(str(field.verbose_name)): text_of(row, field) for field in fields}
        yield {label: text for label, text in texts.items() if text}


def _told(field: Any) -> bool:
    if field.name in MACHINERY or isinstance(field, models.BinaryField):
        return False
    return not (field.is_relation and field.related_model is get_user_model())


def text_of(row: Any, field: Any) -> str:
    """Return the value of a field as it is read: the label of a choice, a day, yes or no, a list."""
    display = getattr(row, f"get_{field.name}_display", None)
    if display is not None and field.choices:
        return str(display())
    return text(getattr(row, field.name))


def text(value: Any) -> str:
    """Return a value as it is read, empty for nothing."""
    if value is None or value == "" or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, list | tuple):
        return ", ".join(text(one) for one in value)
    return str(value)
