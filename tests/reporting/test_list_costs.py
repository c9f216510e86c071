# SPDX-License-Identifier: EUPL-1.2
"""The lists of results and reports cost as many queries for 3 rows as for 30.

Those with more to them (reports, periods, bodies, evidence, extracts) are tested beside what they show.
"""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import BodyRole
from fami_portal.core.services import acting
from reporting.enums import ScopeKind
from reporting.models import CountingScope, MergedVersion, ReportComment, ReportVersion
from tests.factories.actions import ProgrammeBodyFactory, ProgrammeFactory
from tests.factories.partners import NetworkFactory
from tests.factories.reporting import MergedReportFactory
from tests.reporting.ledger_world import NOW, World, build


def _fill(world: World, report: Any, merged: Any, until: int) -> None:
    """Let there be `until` rows in each list."""
    with acting(None):
        for number in range(ReportVersion.objects.count() + 1, until + 1):
            kept = {"number": number, "submitted_at": NOW, "submitted_by": world.operators[0], "boxes": {"done": "x"}}
            frozen = {"frozen": "{}", "frozen_sha256": "0" * 64, "frozen_at": NOW}
            ReportVersion.objects.create(report=report, **kept, **frozen)
            MergedVersion.objects.create(report=merged, **kept, **frozen)
            ReportComment.objects.create(
                report=report, item="report", text="Quanti?", made_by=world.region, made_at=NOW, sent_at=NOW
            )
            network = NetworkFactory()
            CountingScope.objects.create(programme=world.programme, kind=ScopeKind.NETWORK, network=network)
            programme = ProgrammeFactory(lead=world.programme.lead)
            ProgrammeBodyFactory(programme=programme, organisation=world.programme.lead, role=BodyRole.LEAD)
            CountingScope.objects.create(programme=programme, kind=ScopeKind.PROGRAMME)


@pytest.mark.django_db
def test_lists_cost_the_same_for_3_rows_and_for_30(client: Client) -> None:
    world = build()
    world.meet(0, date(2019, 2, 5), [world.person()])
    world.validate(0, 0)
    report: Any = world.report(0, 0)
    merged: Any = MergedReportFactory(period=world.periods[0], network=None)
    pages = {
        "programmes": reverse("reporting:dashboard-list"),
        "output reports": reverse("reporting:output-report-overview"),
        "persons": reverse("reporting:persons", args=[world.programme.slug]),
        "versions": reverse("reporting:activity-report-versions", args=[report.uuid]),
        "versions of the region": reverse("reporting:merged-report-versions", args=[merged.uuid]),
        "comments": reverse("reporting:activity-report-comments", args=[report.uuid]),
    }
    client.force_login(world.region)

    def cost(address: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, address
        return len(queries), sum(answer.content.count(row) for row in (b"<tr", b"<li", b"Quanti?"))

    _fill(world, report, merged, 3)
    for address in pages.values():
        cost(address)
    few = {name: cost(address) for name, address in pages.items()}
    _fill(world, report, merged, 30)
    many = {name: cost(address) for name, address in pages.items()}
    assert {name: queries for name, (queries, _rows) in many.items()} == {name: few[name][0] for name in few}
    assert not [name for name in pages if many[name][1] < few[name][1] + 10], (few, many)
    assert max(queries for queries, _rows in many.values()) <= 15
