# SPDX-License-Identifier: EUPL-1.2
"""The register of processing (art. 30 GDPR), read from the models, the rules of retention and one table of purposes."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from actions.models import ProcessingRole, Programme
from fami_portal.core.exports import Column
from fami_portal.core.privacy import classified_fields
from privacy.selectors.processing_map import EXCEPTIONS, FATES, PURPOSES, Purpose
from privacy.selectors.retention_rules import USUAL, Rule, rules_of

ABOUT_PERSONS = ("personal", "special")


@dataclass(frozen=True)
class Kept:
    """One model with data about persons: which, of what class, how long, or why no rule takes it."""

    app: str
    label: str
    name: str
    personal: tuple[str, ...]
    special: tuple[str, ...]
    how_long: Any
    why: Any


@dataclass(frozen=True)
class Activity:
    """The processing of one app: its purpose, and the models with data about persons."""

    code: str
    purpose: Purpose
    models: tuple[Kept, ...]


def models_about_persons() -> list[type[models.Model]]:
    """Return the models of ours with a field about a person, in the order of the apps and of their names."""
    found = [
        model
        for model in apps.get_models()
        if model._meta.app_label in PURPOSES
        and not model._meta.proxy
        and any(kind in ABOUT_PERSONS for kind in classified_fields(model).values())
    ]
    order = list(PURPOSES)
    return sorted(found, key=lambda model: (order.index(model._meta.app_label), model.__name__))


def fields_of(model: type[models.Model], kind: str) -> list[Any]:
    """Return the fields of a model in a privacy class, in the order of the model."""
    classes = classified_fields(model)
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return [field for field in fields if classes.get(field.name) == kind]


def register(programme: Programme | None = None) -> list[Activity]:
    """Return the register; with a programme its rules take the place of the usual ones. Two queries, or none."""
    rules = _usual() if programme is None else _usual() | rules_of(programme) | rules_of(None)
    rows: dict[str, list[Kept]] = {}
    for model in models_about_persons():
        rows.setdefault(model._meta.app_label, []).append(_kept(model, rules))
    return [Activity(code, PURPOSES[code], tuple(found)) for code, found in rows.items()]


def _usual() -> dict[Any, Rule]:
    return {
        data_class: Rule(data_class, usual.months, usual.anchor, usual.basis) for data_class, usual in USUAL.items()
    }


def _kept(model: type[models.Model], rules: dict[Any, Rule]) -> Kept:
    label = model._meta.label
    fate = FATES.get(label)
    rule = rules[fate.data_class] if fate is not None else None
    return Kept(
        app=str(PURPOSES[model._meta.app_label].title),
        label=label,
        name=str(capfirst(model._meta.verbose_name)),
        personal=tuple(_words(field) for field in fields_of(model, "personal")),
        special=tuple(_words(field) for field in fields_of(model, "special")),
        how_long=rule.words if rule is not None else _("as long as the programme is documented"),
        why=rule.basis if rule is not None else EXCEPTIONS.get(label, ""),
    )


def _words(field: Any) -> str:
    """What a person reads of a field: a key without words of its own is called by what it points to."""
    named = isinstance(field.verbose_name, Promise) or not field.is_relation
    return str(field.verbose_name if named else field.related_model._meta.verbose_name)


def roles_of(programme: Programme) -> list[ProcessingRole]:
    """Return the parts of the bodies in the processing of a programme: controllers first. One query."""
    found = ProcessingRole.objects.filter(programme=programme).select_related("organisation")
    return list(found.order_by("role", "organisation__name", "pk"))


def file_columns() -> list[Column]:
    """Return the columns of the register as a file: one row for each kind of record."""
    return [
        Column(_("Processing"), "app", width=30),
        Column(_("Data"), "name", width=30),
        Column(_("Personal data"), lambda row: ", ".join(row.personal), width=60),
        Column(_("Data of recipients"), lambda row: ", ".join(row.special), width=60),
        Column(_("Kept"), lambda row: str(row.how_long), width=40),
        Column(_("Source or reason"), lambda row: str(row.why), width=60),
    ]
