# SPDX-License-Identifier: EUPL-1.2
"""Producing, keeping and transmitting the output report, and the command that writes the same files."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from fami_portal.core import jobs
from fami_portal.core.documents import document_for
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Document, Job, Message, TransitionLog
from fami_portal.core.services import acting
from reporting.context import verify
from reporting.enums import OutputReportState
from reporting.models import ActivityReport, LedgerHead, OutputReport
from reporting.selectors import output_reports as selectors
from reporting.services import output_reports as services
from tests.reporting.output_scene import OutputScene, build_output

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)


def prepare() -> OutputScene:
    return build_output()


@pytest.fixture
def scene(fresh: OutputScene, settings: Any, tmp_path: Path) -> OutputScene:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "documents")},
        }
    }
    return fresh


def generate(scene: OutputScene, quarter: int = 0) -> OutputReport:
    return services.generate_output_report(
        programme=scene.programme, period=scene.quarters[quarter], by=scene.base.region
    )


def close_quarter(scene: OutputScene, quarter: int) -> None:
    for network in ("RETE-1", "RETE-2"):
        scene.validate(network, quarter)


def read(document: Document) -> bytes:
    with document.file.open("rb") as file:
        return file.read()


def test_report_keeps_four_files_made_from_one_content(scene: OutputScene) -> None:
    close_quarter(scene, 0)

    report = generate(scene)

    assert report.version == 1
    assert report.state == OutputReportState.GENERATED
    assert report.posting_number == 2
    assert report.content_sha256 == report.json.sha256
    content = verify(read(report.json))
    book = openpyxl.load_workbook(io.BytesIO(read(report.xlsx)))
    row = next(row for row in book.worksheets[1].iter_rows(values_only=True) if row[0] == "D.1")
    told = content["figures"]["indicators"][0]["scopes"]["programme"]
    assert (row[7], row[9]) == (told["new"], told["to_date"]) == (6, 6)
    assert b"D.1" in read(report.csv)
    assert read(report.pdf).startswith(b"%PDF-")
    assert report.pdf.name == "prova_2019-Q1.pdf"
    assert AuditEvent.objects.filter(verb="output_report_generated", target_id=str(report.pk)).count() == 1


def test_same_content_is_not_kept_twice(scene: OutputScene) -> None:
    close_quarter(scene, 0)

    first, second = generate(scene), generate(scene)

    assert first.pk == second.pk
    assert OutputReport.objects.count() == 1
    assert Document.objects.filter(kind=selectors.DOCUMENT_KIND).count() == 4


def test_new_facts_make_a_new_version(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    first = generate(scene)
    scene.validate("RETE-2", 0)

    second = generate(scene)

    assert (first.version, second.version) == (1, 2)
    assert verify(read(first.json)) == services.read_content(first)


def test_coordinators_are_told_once(scene: OutputScene) -> None:
    region = scene.base.region
    close_quarter(scene, 0)

    generate(scene)
    generate(scene)

    told = Message.objects.filter(kind="reporting.output_report_generated")
    assert [message.recipient_id for message in told.order_by("pk")] == [region.pk]


def test_report_of_a_running_period_is_refused(scene: OutputScene) -> None:
    scene.quarters[0].ends_on = timezone.localdate()

    with pytest.raises(DomainError, match="2019-Q1"):
        services.generate_output_report(programme=scene.programme, period=scene.quarters[0], by=None)


def test_only_who_produces_reports_may_ask(scene: OutputScene) -> None:
    with pytest.raises(NotPermitted):
        services.request_output_report(programme=scene.programme, period=scene.quarters[0], by=scene.base.operator)
    with pytest.raises(NotPermitted):
        services.request_output_report(programme=scene.programme, period=scene.quarters[0], by=scene.base.coordinator)


def test_asked_report_is_made_by_a_job_that_says_its_steps(
    scene: OutputScene, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_quarter(scene, 0)
    steps: list[str] = []
    told = jobs.Run.progress
    monkeypatch.setattr(
        jobs.Run, "progress", lambda run, percent, step="": (steps.append(str(step)), told(run, percent, step))[1]
    )

    with django_capture_on_commit_callbacks(execute=True):
        job = services.request_output_report(programme=scene.programme, period=scene.quarters[0], by=scene.base.region)

    job.refresh_from_db()
    report = OutputReport.objects.get()
    assert job.state == JobState.DONE
    assert job.result_id == report.pdf_id
    assert job.result_url == report.get_absolute_url()
    assert report.generated_by == scene.base.region
    assert steps[1:] == ["PDF", "XLSX", "CSV", "JSON"]


def test_asked_twice_while_unfinished_is_one_job(scene: OutputScene) -> None:
    first = services.request_output_report(programme=scene.programme, period=scene.quarters[0], by=scene.base.region)
    second = services.request_output_report(programme=scene.programme, period=scene.quarters[0], by=scene.base.region)

    assert first.pk == second.pk


def test_calendar_opens_each_period_once(scene: OutputScene, django_capture_on_commit_callbacks: Any) -> None:
    close_quarter(scene, 0)

    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue_due(timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue_due(timezone.now())

    made = Job.objects.filter(kind=selectors.JOB_KIND).order_by("slot")
    assert [job.slot for job in made] == ["prova:2019-Q1", "prova:2019-Q2"]
    assert {job.state for job in made} == {JobState.DONE}
    assert sorted(OutputReport.objects.values_list("period__code", flat=True)) == ["2019-Q1", "2019-Q2"]


def test_transmission_closes_the_period_for_ever(scene: OutputScene) -> None:
    close_quarter(scene, 0)
    report = generate(scene)
    kept = {name: read(getattr(report, name)) for name in services.EXTENSIONS}

    services.transmit(report=report, by=scene.base.region, at=AT)

    report = OutputReport.objects.get()
    assert report.state == OutputReportState.TRANSMITTED
    assert report.transmitted_by == scene.base.region
    assert LedgerHead.objects.get().transmitted_until == scene.quarters[0].ends_on
    assert TransitionLog.objects.get(entity="reporting.outputreport").transition == "transmit"
    with pytest.raises(DomainError, match="2019-Q1"):
        services.request_output_report(programme=scene.programme, period=scene.quarters[0], by=scene.base.region)
    assert generate(scene).pk == report.pk
    assert {name: read(getattr(report, name)) for name in services.EXTENSIONS} == kept
    with pytest.raises(TransitionNotAllowed):
        services.transmit(report=report, by=scene.base.region, at=AT)


def test_late_fact_enters_the_next_report_and_leaves_the_transmitted_one(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    report = generate(scene)
    services.transmit(report=report, by=scene.base.region, at=AT, with_gaps=True)
    kept = read(report.json)

    scene.validate("RETE-2", 0)
    close_quarter(scene, 1)
    second = generate(scene, 1)

    assert read(OutputReport.objects.get(pk=report.pk).json) == kept
    verify(kept)
    late = services.read_content(second)["figures"]["late"]
    assert {row["period"] for row in late} == {"2019-Q1"}
    assert [row["added"] for row in late if row["indicator"] == "D.1"] == [1]
    assert services.read_content(second)["frozen"]["gaps"] == []


def test_gaps_must_be_confirmed(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    report = generate(scene)

    with pytest.raises(services.GapsNotConfirmed):
        services.transmit(report=report, by=scene.base.region, at=AT)
    assert LedgerHead.objects.get().transmitted_until is None

    services.transmit(report=report, by=scene.base.region, at=AT, with_gaps=True)
    assert OutputReport.objects.get().state == OutputReportState.TRANSMITTED


def test_report_out_of_date_is_not_transmitted(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    report = generate(scene)
    scene.validate("RETE-2", 0)

    with pytest.raises(DomainError) as refusal:
        services.transmit(report=report, by=scene.base.region, at=AT, with_gaps=True)
    assert not isinstance(refusal.value, services.GapsNotConfirmed)

    newer = generate(scene)
    with pytest.raises(DomainError):
        services.transmit(report=report, by=scene.base.region, at=AT, with_gaps=True)
    services.transmit(report=newer, by=scene.base.region, at=AT)


def test_a_changed_list_of_gaps_asks_for_a_new_report(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    report = generate(scene)
    scene.submit("RETE-2", 0)

    with pytest.raises(DomainError):
        services.transmit(report=report, by=scene.base.region, at=AT, with_gaps=True)


def test_later_work_does_not_stop_the_transmission(scene: OutputScene) -> None:
    close_quarter(scene, 0)
    report = generate(scene)
    close_quarter(scene, 1)

    services.transmit(report=report, by=scene.base.region, at=AT)


def test_periods_are_transmitted_in_order(scene: OutputScene) -> None:
    close_quarter(scene, 0)
    close_quarter(scene, 1)
    second = generate(scene, 1)

    with pytest.raises(DomainError, match="2019-Q1"):
        services.transmit(report=second, by=scene.base.region, at=AT)

    services.transmit(report=generate(scene, 0), by=scene.base.region, at=AT)
    services.transmit(report=second, by=scene.base.region, at=AT)
    assert LedgerHead.objects.get().transmitted_until == scene.quarters[1].ends_on


def test_only_the_regional_coordinator_transmits(scene: OutputScene) -> None:
    close_quarter(scene, 0)
    report = generate(scene)

    for user in (scene.base.operator, scene.base.coordinator):
        with pytest.raises(NotPermitted):
            services.transmit(report=report, by=user, at=AT)


def test_files_open_only_to_who_sees_the_report(scene: OutputScene) -> None:
    close_quarter(scene, 0)
    report = generate(scene)

    for user in (scene.base.region, scene.base.coordinator):
        assert document_for(user, report.pdf.uuid) == report.pdf
    for user in (scene.base.operator, scene.base.outsider):
        with pytest.raises(Exception, match=r"^$"):
            document_for(user, report.pdf.uuid)


def test_command_writes_the_files_that_the_job_keeps(scene: OutputScene, tmp_path: Path) -> None:
    close_quarter(scene, 0)
    folder = tmp_path / "out"

    call_command("output_report", "prova", "2019-Q1", "--output", str(folder), stdout=io.StringIO())
    report = generate(scene)

    assert sorted(path.name for path in folder.iterdir()) == [
        f"prova_2019-Q1.{extension}" for extension in ("csv", "json", "pdf", "xlsx")
    ]
    for extension in services.EXTENSIONS:
        assert (folder / f"prova_2019-Q1.{extension}").read_bytes() == read(getattr(report, extension))


def test_command_writes_a_transmitted_report_as_it_was(scene: OutputScene, tmp_path: Path) -> None:
    scene.validate("RETE-1", 0)
    report = generate(scene)
    services.transmit(report=report, by=scene.base.region, at=AT, with_gaps=True)
    scene.validate("RETE-2", 0)

    call_command("output_report", "prova", "2019-Q1", "--output", str(tmp_path), stdout=io.StringIO())

    assert (tmp_path / "prova_2019-Q1.json").read_bytes() == read(report.json)


def test_command_verifies_and_names_the_first_difference(scene: OutputScene, tmp_path: Path) -> None:
    close_quarter(scene, 0)
    call_command("output_report", "prova", "2019-Q1", "--output", str(tmp_path), stdout=io.StringIO())
    path = tmp_path / "prova_2019-Q1.json"
    out = io.StringIO()

    call_command("output_report", "--verify", str(path), stdout=out)
    assert "prova 2019-Q1" in out.getvalue()

    content = json.loads(path.read_text())
    content["figures"]["served"]["whole"]["persons"] += 1
    path.write_text(json.dumps(content))
    with pytest.raises(CommandError, match=r"figures\.served\.whole\.persons"):
        call_command("output_report", "--verify", str(path))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nessuno", "2019-Q1"], "prova"),
        (["prova", "2019-Q9"], "2019-Q4"),
        (["prova"], "output_report"),
        (["--verify", "/nowhere.json"], "nowhere"),
    ],
)
def test_command_says_what_is_wrong(scene: OutputScene, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("output_report", *arguments)


def test_history_of_the_period_survives_a_reopening(scene: OutputScene) -> None:
    """A correction after transmission shows in the next report as withdrawn and added, not in the old one."""
    close_quarter(scene, 0)
    report = generate(scene)
    services.transmit(report=report, by=scene.base.region, at=AT)
    with acting(None):
        enrolment = scene.labs["RETE-1"].enrolments.get(beneficiary=scene.people[0])
        enrolment.attendances.update(state="absent", minutes=0)

    scene.validate("RETE-1", 0)
    close_quarter(scene, 1)
    second = services.read_content(generate(scene, 1))

    verify(read(report.json))
    late = [row for row in second["figures"]["late"] if row["indicator"] == "D.1"]
    assert [(row["added"], row["withdrawn"]) for row in late] == [(0, 1)]
    assert ActivityReport.objects.filter(state="validated").count() == 4
