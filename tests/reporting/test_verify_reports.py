# SPDX-License-Identifier: EUPL-1.2
"""The command that reads the frozen copies again, and says which are not those that were frozen."""

import hashlib
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from fami_portal.core.services import acting
from reporting.models import MergedVersion, ReportVersion
from reporting.services import merged_reports
from tests.factories.reporting import MergedReportFactory
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db


def _verify(*arguments: str) -> str:
    said = StringIO()
    try:
        call_command("verify_reports", *arguments, stdout=said)
    except CommandError as error:
        said.write(f"FAILED {error}")
    return said.getvalue()


def _forge(model: Any, pk: int, **values: Any) -> None:
    """Change a frozen row as only somebody with the database in hand can: past its trigger."""
    with connection.cursor() as cursor, acting(None):
        cursor.execute("SET LOCAL session_replication_role = replica")
        model.objects.filter(pk=pk).update(**values)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def world() -> World:
    made = build()
    for place in (0, 1):
        made.meet(place, date(2019, 2, 5), [made.person()])
        made.validate(place, 0)
    report: Any = MergedReportFactory(period=made.periods[0], network=None, done="In breve.")
    merged_reports.conclude(report=report, by=made.region, at=NOW, with_gaps=True)
    return made


def test_an_altered_copy_is_named_and_the_others_are_not(world: World) -> None:
    slug = world.programme.slug
    assert _verify(slug) == f"{slug}: 4 frozen copies read\n"  # two bodies, the region twice: its version and itself
    first, second = ReportVersion.objects.order_by("pk")
    _forge(ReportVersion, first.pk, frozen=first.frozen.replace('"pupils":1', '"pupils":9'))
    said = _verify(slug)
    assert f"2019-Q1 {world.networks[0].code} {world.bodies[0].name} v1: the copy is not the one" in said
    assert said.count("sha256") == 1
    assert said.endswith("FAILED 1 copies are not intact")
    # Who changes the copy and the sha256 beside it has not changed the record of acts.
    text = second.frozen.replace('"pupils":1', '"pupils":9')
    assert text != second.frozen
    _forge(ReportVersion, second.pk, frozen=text, frozen_sha256=hashlib.sha256(text.encode()).hexdigest())
    kept = MergedVersion.objects.get()
    _forge(MergedVersion, kept.pk, frozen="{}")
    said = _verify()
    assert f"{world.bodies[1].name} v1: the record of acts knows no such copy" in said
    assert "2019-Q1 region v1: the copy is not the one" in said
    assert said.endswith("FAILED 3 copies are not intact")
    assert "there is no programme" in _verify("nessuno")
