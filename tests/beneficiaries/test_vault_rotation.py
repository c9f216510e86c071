# SPDX-License-Identifier: EUPL-1.2
"""A new key: every identity is sealed again, opens at every moment, and what does not open is said and kept."""

import io
import logging
import secrets
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from beneficiaries.models import Identity
from beneficiaries.services.identities import masked_identities
from beneficiaries.services.rotation import seal_again
from fami_portal.core import vault
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of
from tests.beneficiaries.test_vault_identities import named

CODE = "RSSMRA80A01H501U"
OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


@pytest.fixture
def five(scene: Scene, settings: Any) -> list[Identity]:
    """Five identities under the old key, the first with a tax code; the new key is there."""
    settings.VAULT_KEYS = {"old": OLD}
    pupils = [enrolment.beneficiary for enrolment in class_of(scene, scene.activity(), 5)]
    rows = [named(scene, pupils[0], tax_code=CODE, tax_code_missing=""), *(named(scene, one) for one in pupils[1:])]
    settings.VAULT_KEYS = {"new": NEW, "old": OLD}
    return rows


def rotate(*arguments: str) -> str:
    written = io.StringIO()
    call_command("rotate_vault", *arguments, stdout=written)
    return written.getvalue()


def names(scene: Scene) -> set[str]:
    rows = Identity.objects.select_related("beneficiary").order_by("pk")
    return set(masked_identities(beneficiaries=[row.beneficiary for row in rows], by=scene.operator).values())


def under(key_id: str) -> int:
    rows = list(Identity.objects.filter(key_id=key_id).order_by("pk"))
    assert {vault.key_id_of(row.given_name) for row in rows} <= {key_id}
    return len(rows)


def test_rotation_leaves_nothing_under_the_old_key(scene: Scene, five: list[Identity], settings: Any) -> None:
    written = rotate("--batch", "2")

    assert (under("new"), under("old")) == (5, 0)
    assert written.splitlines()[-2:] == [
        "newest key new: 5 sealed again, 0 left",
        "files: 0 sealed again, 0 left",
    ]
    settings.VAULT_KEYS = {"new": NEW}
    assert names(scene) == {"A••• Q."}
    first = Identity.objects.get(pk=five[0].pk)
    assert vault.unseal(first.tax_code, row=first.uuid, field="tax_code") == CODE
    assert bytes(Identity.objects.get(pk=five[1].pk).tax_code) == b""
    assert first.version == 1


def test_rotation_does_nothing_the_second_time(five: list[Identity]) -> None:
    rotate()
    before = list(Identity.objects.order_by("pk").values_list("given_name", flat=True))

    assert "0 sealed again, 0 left" in rotate()
    assert list(Identity.objects.order_by("pk").values_list("given_name", flat=True)) == before


def test_dry_run_counts_and_writes_nothing(five: list[Identity]) -> None:
    assert rotate("--dry-run").splitlines() == [
        "newest key new: 5 to seal again, 0 do not open",
        "files: 0 to seal again, 0 do not open",
    ]
    assert under("old") == 5


def test_every_identity_opens_halfway(scene: Scene, five: list[Identity]) -> None:
    seal_again(after=0, size=2)

    assert (under("new"), under("old")) == (2, 3)
    assert names(scene) == {"A••• Q."}


def test_rotation_says_what_does_not_open_and_keeps_it(five: list[Identity], caplog: Any) -> None:
    broken = bytearray(five[1].given_name)
    broken[-1] ^= 1
    with acting(None):
        Identity.objects.filter(pk=five[1].pk).update(given_name=bytes(broken))

    with caplog.at_level(logging.ERROR), pytest.raises(CommandError, match="1 identities do not open"):
        rotate("--batch", "2")

    assert (under("new"), under("old")) == (4, 1)
    assert f"identity {five[1].pk}:" in caplog.text
    assert not any(secret in caplog.text for secret in ("Amina", "Qasimov", CODE))
    with pytest.raises(CommandError, match="do not open"):
        rotate("--dry-run")


def test_rotation_without_the_old_key_touches_nothing(five: list[Identity], settings: Any) -> None:
    settings.VAULT_KEYS = {"new": NEW}

    with pytest.raises(CommandError, match="5 identities do not open: keep every key"):
        rotate()
    assert under("old") == 5


def test_a_destroyed_identity_stays_empty(five: list[Identity]) -> None:
    with acting(None):
        Identity.objects.filter(pk=five[0].pk).update(
            given_name=b"", family_name=b"", tax_code=b"", destroyed_at=five[0].created_at
        )

    assert "4 sealed again, 0 left" in rotate()
    assert bytes(Identity.objects.get(pk=five[0].pk).given_name) == b""
    assert "0 do not open" in rotate("--dry-run")


def test_rotation_prints_counts_alone(five: list[Identity]) -> None:
    printed = rotate("--batch", "2") + rotate("--dry-run")

    assert not any(secret in printed for secret in ("Amina", "Qasimov", CODE))


@pytest.mark.parametrize("size", ["0", "5001"])
def test_an_impossible_batch_is_refused(db: Any, size: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 5000"):
        rotate("--batch", size)
