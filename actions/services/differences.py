# SPDX-License-Identifier: EUPL-1.2
"""Brings rows to what a definition says and notes each difference: what a load shows and what it writes are one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from actions.selectors.programmes import usage_of
from fami_portal.core.errors import DomainError


@dataclass(frozen=True)
class Change:
    """One difference: an addition (+), a changed field (~) or a removal (-), in the words of the file."""

    sign: str
    where: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.sign == "~":
            return f"~ {self.where}: {self.field}: {self.old} → {self.new}"
        return f"{self.sign} {self.where}"


@dataclass(frozen=True)
class Wanted:
    """A row as the file wants it: its key inside the section, its name for people, the values of its fields."""

    key: Any
    label: str
    values: Mapping[str, Any]


@dataclass
class Differences:
    """Collects the differences of one load; `finish` removes what the file no longer has, children first."""

    changes: list[Change] = field(default_factory=list)
    removals: list[tuple[str, Any]] = field(default_factory=list)

    def one(self, where: str, instance: models.Model, values: Mapping[str, Any]) -> set[str]:
        """Bring one row to its values; returns the fields written, all of them for a new row."""
        if instance._state.adding:
            for name, value in values.items():
                setattr(instance, name, value)
            instance.save(force_insert=True)
            self.changes.append(Change("+", where))
            return set(values)
        changed = set()
        for name, value in values.items():
            model_field: Any = instance._meta.get_field(name)
            old = getattr(instance, model_field.attname)
            new = value.pk if isinstance(value, models.Model) else value
            if old != new:
                shown = getattr(instance, name)
                self.changes.append(
                    Change("~", where, capfirst(str(model_field.verbose_name)), written(shown), written(value))
                )
                setattr(instance, name, value)
                changed.add(name)
        if changed:
            instance.save(update_fields=changed)
        return changed

    def rows(
        self,
        section: str,
        current: Iterable[models.Model],
        wanted: Iterable[Wanted],
        *,
        key: Any,
        new: Any,
    ) -> tuple[dict[Any, Any], dict[Any, set[str]]]:
        """Bring the rows of a section to what is wanted.

        `key` gives the key of a current row, `new` makes an empty one. Returns the rows by key, and by key the
        fields written. What is not wanted any more is removed by `finish`.
        """
        found = {key(row): row for row in current}
        kept: dict[Any, Any] = {}
        touched: dict[Any, set[str]] = {}
        for row in wanted:
            instance = found.pop(row.key, None) or new()
            touched[row.key] = self.one(f"{section}[{row.label}]", instance, row.values)
            kept[row.key] = instance
        self.removals += [(f"{section}[{getattr(row, 'code', row)}]", row) for row in found.values()]
        return kept, touched

    def many(
        self,
        where: str,
        manager: Any,
        wanted: Iterable[models.Model],
        *,
        within: Mapping[str, Any],
        silent: bool = False,
    ) -> bool:
        """Bring a many-to-many list to what is wanted, looking only at the rows `within` the definition's reach.

        `silent` is for a list of a row that is itself noted as new.
        """
        old = {row.pk: row for row in manager.filter(**within)}
        new = {row.pk: row for row in wanted}
        if set(old) == set(new):
            return False
        manager.remove(*[row for pk, row in old.items() if pk not in new])
        manager.add(*[row for pk, row in new.items() if pk not in old])
        name = where.rpartition(".")
        if silent:
            return True
        self.changes.append(Change("~", name[0], name[2], written(old.values()), written(new.values())))
        return True

    def finish(self) -> None:
        """Remove what the file no longer has. Raises `DomainError` naming everything that is still in use."""
        refused = []
        for where, row in reversed(self.removals):
            used = usage_of(row)
            if used:
                refused.append(
                    _("%(where)s cannot be removed, it is in use: %(usage)s. Keep it in the file.")
                    % {"where": where, "usage": ", ".join(f"{count} {name}" for name, count in used.items())}
                )
                continue
            row.delete()
            self.changes.append(Change("-", where))
        if refused:
            raise DomainError("\n".join(refused))


def written(value: Any) -> str:
    """Write a value for the list of differences."""
    if value is None or value == "" or value == [] or value == {}:
        return _("(empty)")
    if isinstance(value, models.Model):
        return str(getattr(value, "code", value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(part)}" for name, part in value.items()) + "}"
    if not isinstance(value, str) and isinstance(value, Iterable):
        return "[" + ", ".join(sorted(written(part) for part in value)) + "]"
    return str(value)
