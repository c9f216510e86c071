# SPDX-License-Identifier: EUPL-1.2
"""Every field of every model of ours has one privacy class."""

from django.apps import apps
from django.db import models

from fami_portal.core.privacy import CLASSES, classified_fields

OURS = {"accounts", "partners", "actions", "beneficiaries", "mediation", "privacy", "reporting", "core"}


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS and not model._meta.proxy]


def test_every_field_has_a_privacy_class() -> None:
    unclassified = []
    for model in our_models():
        fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
        known = classified_fields(model)
        unclassified += [f"{model._meta.label}.{field.name}" for field in fields if field.name not in known]

    assert not unclassified


def test_classes_name_only_fields_that_exist_and_once() -> None:
    wrong = []
    for model in our_models():
        names = {field.name for field in [*model._meta.concrete_fields, *model._meta.many_to_many]}
        declared = model.__dict__.get("Privacy")
        listed = [name for kind in CLASSES for name in getattr(declared, kind, "").split()]
        wrong += [f"{model._meta.label}.{name}" for name in listed if name not in names or listed.count(name) > 1]

    assert not wrong


def test_what_identifies_a_person_is_not_public() -> None:
    telling = {"email", "given_name", "family_name", "birth_date", "user"}
    shown = [
        f"{model._meta.label}.{name}"
        for model in our_models()
        for name, kind in classified_fields(model).items()
        if kind == "public" and name in telling
    ]

    assert not shown
