# SPDX-License-Identifier: EUPL-1.2
"""A database is never worked on with other keys than those that it was written with."""

import secrets
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client

from fami_portal.core import keymarks
from fami_portal.core.models import KeyMark

pytestmark = pytest.mark.django_db


def test_another_key_is_refused_wherever_a_process_starts(settings: Any, client: Client) -> None:
    keymarks.check_and_keep_keys()
    [name] = settings.VAULT_KEYS
    kept = dict(KeyMark.objects.order_by("name").values_list("name", "mark"))
    assert set(kept) == {"fingerprint", f"vault:{name}"}

    fingerprint, vault = settings.FINGERPRINT_KEY, settings.VAULT_KEYS
    for key, values in (
        ("fingerprint", {"FINGERPRINT_KEY": secrets.token_bytes(40)}),
        (f"vault:{name}", {"VAULT_KEYS": {name: secrets.token_bytes(32)}}),
    ):
        settings.FINGERPRINT_KEY, settings.VAULT_KEYS = fingerprint, vault
        for setting, value in values.items():
            setattr(settings, setting, value)
        for start in (keymarks.check_and_keep_keys, keymarks.check_keys, lambda: call_command("migrate", verbosity=0)):
            with pytest.raises(ImproperlyConfigured, match=f"another key: {key}") as refused:
                start()
            assert not any(str(value) in str(refused.value) for value in values.values())
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["keys"]) == (503, "ImproperlyConfigured")
    settings.FINGERPRINT_KEY = fingerprint

    # A key that is new is taken in beside the old one, which may go once nothing names it.
    settings.VAULT_KEYS = {"new": secrets.token_bytes(32), **vault}
    keymarks.check_and_keep_keys()
    settings.VAULT_KEYS = {"new": settings.VAULT_KEYS["new"]}
    keymarks.check_keys()
    assert KeyMark.objects.count() == 3
    assert {row.name: bytes(row.mark) for row in KeyMark.objects.order_by("name")} == {
        **{one: bytes(mark) for one, mark in kept.items()},
        "vault:new": keymarks.marks()["vault:new"],
    }


def test_a_database_that_is_not_there_says_so_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("gone")

    closed: list[bool] = []
    monkeypatch.setattr(keymarks, "check_keys", gone)
    monkeypatch.setattr(keymarks.connection, "close", lambda: closed.append(True))
    keymarks.check_at_start()
    assert closed
