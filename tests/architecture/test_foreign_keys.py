# SPDX-License-Identifier: EUPL-1.2
"""Foreign keys point down, as imports do; only the one to the account may point up."""

from django.conf import settings
from django.contrib.auth import get_user_model

from tests.architecture.test_privacy import our_models

ORDER = ["core", "accounts", "partners", "actions", "beneficiaries", "mediation", "privacy", "reporting"]


def test_foreign_keys_point_down() -> None:
    upward = []
    for model in our_models():
        for field in [*model._meta.concrete_fields, *model._meta.many_to_many]:
            target = field.related_model
            if target is None or target is get_user_model():
                continue
            here, there = model._meta.app_label, target._meta.app_label
            if there not in ORDER or ORDER.index(there) > ORDER.index(here):
                upward.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")

    assert settings.AUTH_USER_MODEL == "accounts.User"
    assert not upward


def test_people_and_evidence_are_never_deleted_by_cascade() -> None:
    cascading = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.related_model is get_user_model() and field.remote_field.on_delete.__name__ == "CASCADE"
    ]

    assert not cascading
