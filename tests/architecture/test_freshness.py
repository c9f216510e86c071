# SPDX-License-Identifier: EUPL-1.2
"""What is generated or compiled is up to date: migrations, Italian catalogue, import contracts."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_italian_catalogue_is_complete() -> None:
    call_command("catalogue", "check", verbosity=0)


def test_apps_import_only_downwards() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout
