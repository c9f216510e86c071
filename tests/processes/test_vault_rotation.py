# SPDX-License-Identifier: EUPL-1.2
"""A rotation of the keys that is killed halfway: what was done stays done, and the next run does the rest."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from beneficiaries.enums import MissingTaxCode
from beneficiaries.models import Identity
from beneficiaries.services.identities import write_identity
from fami_portal.core import vault
from tests.factories.beneficiaries import BeneficiaryFactory

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]


def test_rotation_killed_halfway_goes_on_where_it_was(settings: Any) -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    settings.VAULT_KEYS = {"old": old}
    first = BeneficiaryFactory()
    same = {"programme": first.programme, "registered_by": first.registered_by, "citizenship": first.citizenship}
    for place, beneficiary in enumerate([first, *(BeneficiaryFactory(**same) for _place in range(3))]):
        write_identity(
            beneficiary=beneficiary,
            organisation=first.registered_by,
            given_name=f"Nome{'ABCD'[place]}",
            family_name="Cognome",
            tax_code_missing=MissingTaxCode.NOT_ASKED,
            by=None,
        )
    settings.VAULT_KEYS = {"new": new, "old": old}
    rows = list(Identity.objects.order_by("pk"))

    with transaction.atomic():
        # The run waits for the third row, which we hold, with two batches behind it.
        Identity.objects.select_for_update().get(pk=rows[2].pk)
        process = _rotation({"new": new, "old": old})
        lines = [process.stdout.readline() for _batch in range(2)]
        assert lines == ["1 of 4 sealed again\n", "2 of 4 sealed again\n"], process.communicate(timeout=20)
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    assert [row.key_id for row in Identity.objects.order_by("pk")] == ["new", "new", "old", "old"]
    assert _given_names() == ["NomeA", "NomeB", "NomeC", "NomeD"]
    call_command("rotate_vault", "--batch", "1")
    settings.VAULT_KEYS = {"new": new}
    assert _given_names() == ["NomeA", "NomeB", "NomeC", "NomeD"]
    assert not Identity.objects.exclude(key_id="new").exists()


def _given_names() -> list[str]:
    rows = Identity.objects.order_by("pk")
    return [vault.unseal(row.given_name, row=row.uuid, field="given_name") for row in rows]


def _rotation(keys: dict[str, bytes]) -> Any:
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'])}@/{database['NAME']}"
        f"?host={quote(database['HOST'], safe='')}",
        "FAMI_VAULT_KEYS": ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in keys.items()),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "rotate_vault", "--batch", "1"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
