# SPDX-License-Identifier: EUPL-1.2
"""Reads over programmes and what their definitions hold."""

from django.db import models


def usage_of(row: models.Model) -> dict[str, int]:
    """Return how many rows of each kind refer to a row (many-to-many lists of its own definition apart)."""
    used: dict[str, int] = {}
    for relation in row._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete
        if not is_reverse or relation.many_to_many or relation.related_model._meta.auto_created:
            continue
        count = relation.related_model._base_manager.filter(**{relation.field.name: row}).count()
        if count:
            name = str(relation.related_model._meta.verbose_name_plural)
            used[name] = used.get(name, 0) + count
    return used
