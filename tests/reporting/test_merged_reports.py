# SPDX-License-Identifier: EUPL-1.2
"""The reports of networks and of the region: put together, submitted, returned, accepted; they own no facts."""

import hashlib
import io
import json
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from fami_portal.core import nav
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from reporting.models import ActivityReport, MergedReport, MergedVersion, ResultEntry, ValidatedFact
from reporting.rendering.report_copy import render_copy
from reporting.selectors import merged_reports as selectors
from reporting.selectors.report_versions import box_differences, copy_is_intact, figure_differences
from reporting.services import activity_reports
from reporting.services import merged_reports as services
from tests.factories.partners import MembershipFactory, OrganisationFactory
from tests.factories.reporting import ActivityReportFactory, MergedReportFactory
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db
FEBRUARY = date(2019, 2, 5)


def prepare() -> World:
    made = build()
    made.meet(0, FEBRUARY, [made.person(), made.person()])
    report = made.report(0, 0)
    activity_reports.save_narrative(
        report=report,
        values={"done": "Due alunni.", "problems": "Aule.", "problem_origins": ["others"]},
        version=1,
        by=made.operators[0],
    )
    return made


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def merged(world: World, network: int | None = 0) -> MergedReport:
    wanted = {"period": world.periods[0], "network": None if network is None else world.networks[network]}
    found = MergedReport.objects.with_parts().filter(**wanted).first()
    return found or MergedReport.objects.with_parts().get(pk=MergedReportFactory(**wanted, done="").pk)


def coordinator(world: World, network: int = 0) -> Any:
    return MembershipFactory(
        organisation=world.bodies[network], role="network_coordinator", networks=[world.networks[network]]
    ).user


def test_a_network_puts_the_texts_of_its_bodies_together_and_adds_none_twice(world: World) -> None:
    near, report = coordinator(world), merged(world)
    assert services.compose(report=report, by=near, at=NOW) == 0  # nobody has filed yet
    world.submit(0, 0)
    assert services.compose(report=report, by=near, at=NOW) == 2
    assert report.done == f"{world.bodies[0].name}\nDue alunni."
    assert report.problem_origins == ["others"]
    version = report.version
    assert services.compose(report=report, by=near, at=NOW) == 0
    assert report.version == version
    services.save_merged(report=report, values={"done": "La rete, in breve."}, version=version, by=near)
    with pytest.raises(StaleError):
        services.save_merged(report=report, values={"done": "Altro"}, version=version, by=near)
    services.compose(report=report, by=near, at=NOW)
    assert report.done == "La rete, in breve."  # what somebody wrote stays
    with pytest.raises(NotPermitted):
        services.compose(report=merged(world, 1), by=near, at=NOW)
    with pytest.raises(NotPermitted):
        services.save_merged(report=report, values={"done": "x"}, version=version, by=world.operators[0])


def test_networks_go_to_the_region_and_the_region_concludes(world: World) -> None:
    near, report, region = coordinator(world), merged(world), merged(world, None)
    world.submit(0, 0)
    with pytest.raises(DomainError):  # the first box is empty
        services.submit(report=report, by=near, at=NOW)
    services.compose(report=report, by=near, at=NOW)
    with pytest.raises(services.PartsMissingError):
        services.submit(report=report, by=near, at=NOW)
    assert report.state == "open"
    services.submit(report=report, by=near, at=NOW, with_gaps=True)
    assert Message.objects.get(kind="merged_report_submit").recipient == world.region
    with pytest.raises(TransitionNotAllowed):
        services.submit(report=report, by=near, at=NOW, with_gaps=True)
    with pytest.raises(NotPermitted):
        services.accept(report=report, by=near, at=NOW)
    services.return_merged(report=report, comment="Più breve", by=world.region, at=NOW)
    world.validate(0, 0)
    services.submit(report=report, by=near, at=NOW)  # all are settled: nothing to confirm
    facts, entries = ValidatedFact.objects.count(), ResultEntry.objects.count()
    services.accept(report=report, by=world.region, at=NOW)
    assert report.frozen_sha256 == hashlib.sha256(report.frozen.encode()).hexdigest()
    first, second = report.versions.order_by("number")
    assert (first.frozen, second.frozen, second.frozen_sha256) == ("", report.frozen, report.frozen_sha256)
    content = json.loads(second.frozen)
    assert (content["version"], content["parts"][0]["state"]) == (2, "validated")
    # What was submitted stood on a report that was not validated yet; what is accepted on one that is.
    moved = {row.code: (row.before, row.after) for row in figure_differences(first, second)}
    assert moved["pupils"] == (0, 2)
    assert not [box for box in box_differences(first, second) if box.changed]
    pdf = render_copy(content, sha256=second.frozen_sha256)
    assert pdf == render_copy(content, sha256=second.frozen_sha256)
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    assert "1 di 1, ognuna con la sua copia congelata" in text
    assert second.frozen_sha256 in text
    with pytest.raises(DatabaseError), transaction.atomic(), acting(None):
        MergedVersion.objects.filter(pk=second.pk).update(frozen="{}")

    with pytest.raises(TransitionNotAllowed):
        services.submit(report=region, by=world.region, at=NOW, with_gaps=True)
    services.compose(report=region, by=world.region, at=NOW)
    assert "Due alunni." in region.done
    with pytest.raises(NotPermitted):
        services.conclude(report=region, by=near, at=NOW)
    services.conclude(report=region, by=world.region, at=NOW)
    assert region.state == "accepted"
    assert report.frozen_sha256 in region.frozen
    concluded = region.versions.get()
    assert (concluded.number, concluded.frozen) == (1, region.frozen)
    assert render_copy(json.loads(concluded.frozen), sha256=concluded.frozen_sha256).startswith(b"%PDF")
    services.reopen(report=region, comment="Manca una rete", by=world.region, at=NOW)
    assert (region.state, region.accepted_at) == ("returned", None)
    services.save_merged(report=region, values={"done": "Con tutte le reti."}, version=region.version, by=world.region)
    services.conclude(report=region, by=world.region, at=NOW)
    before, after = region.versions.order_by("number")
    assert [box.changed for box in box_differences(before, after)].count(True) == 1
    assert {copy_is_intact(before), copy_is_intact(after)} == {True}
    assert (ValidatedFact.objects.count(), ResultEntry.objects.count()) == (facts, entries)


def test_who_submitted_does_not_accept(world: World) -> None:
    report = merged(world)
    services.save_merged(report=report, values={"done": "Fatto"}, version=report.version, by=world.region)
    services.submit(report=report, by=world.region, at=NOW, with_gaps=True)
    with pytest.raises(NotPermitted):
        services.accept(report=report, by=world.region, at=NOW)


def test_figures_are_the_sum_beside_what_the_ledger_counts_once(world: World) -> None:
    shared = world.person()
    world.meet(0, date(2019, 3, 5), [shared])
    world.meet(1, date(2019, 3, 6), [shared])
    world.validate(0, 0)
    world.validate(1, 0)
    lines = {line.code: line for line in selectors.figure_lines(merged(world, None))}
    assert (lines["pupils"].summed, lines["pupils"].counted) == (4, 3)
    assert {line.code: line.counted for line in selectors.figure_lines(merged(world))}["pupils"] == 3


def test_pages_work_and_cost_the_same_for_three_and_for_many(world: World) -> None:
    near, report = coordinator(world), merged(world)
    world.submit(0, 0)
    merged(world, None)

    def page(user: Any, name: str, data: Any = None, status: int = 200, fmt: str = "") -> str:
        client = Client()
        client.force_login(user)
        arguments = [fmt] if fmt else [] if name == "-list" else [report.uuid]
        address = reverse(f"reporting:merged-report{name}", args=arguments)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address) if data is None else client.post(address, data)
            text = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == status, text.decode()[:3000]
        page.queries = len(queries)  # type: ignore[attr-defined]
        return text.decode(errors="replace")

    def costs() -> list[int]:
        found = []
        for user, name in ((world.region, "-list"), (near, ""), (near, "-write"), (near, "-submit")):
            page(user, name)
            found.append(page.queries)  # type: ignore[attr-defined]
        return found

    page(near, "-compose", data={}, status=302)
    costs()
    few = costs()
    for _number in range(20):
        ActivityReportFactory(
            period=world.periods[0], network=world.networks[0], organisation=OrganisationFactory(), done="Altro"
        )
        MergedReportFactory(period=world.periods[0])
    assert costs() == few
    assert max(few) <= 15, few
    shown = page(near, "")
    assert world.bodies[0].name in shown
    assert "Due alunni." in shown
    assert '"version"' in page(near, "-draft", data={"done": "In breve", "version": str(merged(world).version)})
    assert page(near, "-submit", data={}, status=422)  # bodies are missing: to be confirmed
    page(near, "-submit", data={"with_gaps": "on"}, status=302)
    assert [row.title for row in nav.waiting_for(world.region) if "network-reports" in row.url][:1]
    page(near, "-decide", status=403)
    page(world.region, "-return", data={"comment": ""}, status=422)
    page(world.region, "-decide", data={}, status=302)
    assert "Accettata" in page(near, "")
    for shown in (page(near, "-versions"), page(world.region, "-versions")):
        assert "Integra" in shown
        assert report.versions.get().frozen_sha256 in shown
    copy = reverse("reporting:merged-report-copy", args=[report.uuid, 1, "pdf"])
    reader = Client()
    reader.force_login(near)
    assert reader.get(copy).content.startswith(b"%PDF")
    assert reader.get(copy.replace(".pdf", ".doc")).status_code == 404
    assert "2019-Q1" in page(world.region, "-export", fmt="csv")
    assert ActivityReport.objects.filter(state="submitted").count() == 1
