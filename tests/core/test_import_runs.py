# SPDX-License-Identifier: EUPL-1.2
"""The road of an import: confirmed once, written whole or not at all, gone when its time is over."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from fami_portal.core import jobs
from fami_portal.core.enums import ImportState
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.imports import cancel_import, confirm_import, expire_imports, resource, start_import
from fami_portal.core.imports.runs import job_of
from fami_portal.core.models import Document, ImportRun, Job
from fami_portal.core.services import acting
from partners.models import Membership, Organisation
from partners.services.bulk import organisations
from tests.core.importing import bring, confirm, counts, kind, send, table, work, workbook
from tests.core.test_jobs import expire
from tests.personas import World

pytestmark = pytest.mark.django_db
CODES = ["80000120016", "80000130015", "80000140014", "80000150013", "80000160012"]


def rows(number: int = 3) -> list[dict[str, Any]]:
    return [{"name": f"Ente {code}", "kind": "third_sector", "fiscal_code": code} for code in CODES[:number]]


def registered() -> int:
    return Organisation.objects.filter(fiscal_code__in=CODES).count()


@pytest.fixture
def by(world: World) -> Any:
    return world.personas["administrator"]


def test_a_double_click_sends_once_and_confirms_once(by: Any) -> None:
    key = uuid4()
    first, second = send("organisations", rows(), by, key=key), send("organisations", rows(), by, key=key)
    assert first == second
    assert registered() == 0

    confirm_import(run=first, version=first.version, by=by, at=timezone.now())
    again = confirm_import(run=second, version=second.version, by=by, at=timezone.now())
    assert again.state == ImportState.WRITING
    assert Job.objects.filter(kind="core.write_import").count() == 1
    done = work(first)
    assert (done.state, registered()) == (ImportState.DONE, 3)
    assert confirm_import(run=done, version=0, by=by, at=timezone.now()).state == ImportState.DONE
    # The table of the transitions says the rest.
    with pytest.raises(TransitionNotAllowed):
        cancel_import(run=done, by=by, at=timezone.now())


def test_a_killed_worker_writes_nothing_and_the_next_one_writes_once(by: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "CHUNK", 2)
    run = send("organisations", rows(5), by)
    confirm_import(run=run, version=run.version, by=by, at=timezone.now())
    job = job_of(run)
    assert job is not None
    write = organisations.write_organisations
    written: list[int] = []

    def die_in_the_middle(**kwargs: Any) -> None:
        write(**kwargs)
        written.append(registered())
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(organisations, "write_organisations", die_in_the_middle)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_job(job.pk, heartbeat=False)
    assert (written[-1] > 0, registered()) == (True, 0)
    assert ImportRun.objects.get(pk=run.pk).state == ImportState.WRITING

    expire(job)
    jobs.run_job(job.pk, heartbeat=False)
    assert (registered(), ImportRun.objects.get(pk=run.pk).state) == (5, ImportState.DONE)
    # A message that comes twice finds the work done.
    jobs.run_job(job.pk, heartbeat=False)
    assert registered() == 5


def test_a_worker_that_lost_its_job_writes_nothing(by: Any) -> None:
    run = send("organisations", rows(), by)
    confirm_import(run=run, version=run.version, by=by, at=timezone.now())
    job = job_of(run)
    assert job is not None
    stale = jobs.claim(job.pk)
    assert stale is not None
    expire(job)
    jobs.run_job(job.pk, heartbeat=False)
    before = Organisation.objects.count()

    from fami_portal.core.imports.work import write_import

    ImportRun.objects.none()
    with acting(None):
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.WRITING, finished_at=None)
    with pytest.raises((jobs.StaleWorker, DomainError)):
        write_import(stale)
    assert Organisation.objects.count() == before


def test_what_changed_after_the_check_is_shown_before_it_is_written(by: Any) -> None:
    run = send("organisations", rows(), by)
    assert counts(run) == (3, 0, 0, 0)
    bring("organisations", [{"name": "Altro nome", "kind": "third_sector", "fiscal_code": CODES[0]}], by)

    again = confirm(run)

    assert again.state == ImportState.CHECKING
    assert registered() == 1
    again = work(again)
    assert (again.state, counts(again), again.report["again"]) == (ImportState.READY, (2, 1, 0, 0), True)
    with pytest.raises(TransitionNotAllowed):
        confirm_import(run=again, version=run.version, by=by, at=timezone.now())
    assert confirm(again).state == ImportState.DONE
    assert Organisation.objects.get(fiscal_code=CODES[0]).name == f"Ente {CODES[0]}"


def test_who_lost_the_role_writes_nothing(world: World, by: Any) -> None:
    run = send("organisations", rows(), by)
    confirm_import(run=run, version=run.version, by=by, at=timezone.now())
    with acting(None):
        Membership.objects.filter(user=by).update(valid_until=timezone.localdate() - timedelta(days=1))

    failed = work(run)

    assert (failed.state, registered()) == (ImportState.FAILED, 0)
    assert failed.report["reason"]
    with pytest.raises(DomainError):
        send("organisations", rows(), type(by).objects.get(pk=by.pk))


def test_files_go_when_the_import_is_over_and_the_rest_when_it_expires(by: Any) -> None:
    left = send("organisations", rows(1), by)
    bad = send("organisations", [{"name": "Ente", "kind": "Nave", "fiscal_code": CODES[0]}], by)
    given_up = cancel_import(run=send("organisations", rows(2), by), by=by, at=timezone.now())
    assert Document.objects.get(pk=given_up.file_id).destroyed_at is not None
    assert cancel_import(run=given_up, by=by, at=timezone.now()).state == ImportState.CANCELLED

    later = timezone.now() + timedelta(days=60)
    assert expire_imports(at=timezone.now()) == 0
    assert expire_imports(at=later) == 3
    assert expire_imports(at=later) == 0

    left.refresh_from_db()
    assert (left.state, left.report) == (ImportState.CANCELLED, {})
    assert Document.objects.get(pk=bad.result_id).destroyed_at is not None
    assert ImportRun.objects.get(pk=bad.pk).refused == 1


def test_the_pages_lead_from_the_template_to_the_result(by: Any, world: World) -> None:
    client = Client()
    client.force_login(by)
    assert client.get("/imports/").status_code == 200
    page = client.get("/imports/new/organisations/").content.decode()
    assert "Scuola" in page.partition('id="columns"')[2]  # the words of a closed list, for who fills in a CSV
    assert client.get("/imports/new/organisations/template/").content[:2] == b"PK"
    assert client.get("/imports/new/niente/").status_code == 404
    file = io.BytesIO(workbook([["name", "kind", "colore"], ["x", "y", "z"]]))
    file.name = "righe.xlsx"
    page = client.post("/imports/new/organisations/", {"file": file})
    assert "C1" in page.content.decode()
    assert not ImportRun.objects.exists()

    bad = send("organisations", [{"name": "Ente", "kind": "Nave", "fiscal_code": CODES[0]}, *rows(2)], by)
    page = client.get(bad.get_absolute_url()).content.decode()
    assert "Tipo" in page
    result = b"".join(client.get(bad.result.get_absolute_url()).streaming_content)
    assert result[:2] == b"PK"
    ready = send("organisations", rows(2), by)
    assert "Ente 80000120016" in client.get(ready.get_absolute_url()).content.decode()
    assert client.post(f"{ready.get_absolute_url()}confirm/", {"version": "0"}).status_code in (302, 409, 400, 200)
    assert client.post(f"{ready.get_absolute_url()}confirm/", {"version": ready.version}).status_code == 302
    work(ready)
    page = client.get(ready.get_absolute_url()).content.decode()
    assert 'href="/bodies/"' in page.partition("action-buttons")[2]  # where to go on
    assert 'href="/imports/"' in page.partition("breadcrumb")[2].partition("</nav>")[0]
    other = Client()
    other.force_login(world.personas["regional_coordinator"])
    assert other.get(ready.get_absolute_url()).status_code == 404
    assert other.get(bad.result.get_absolute_url()).status_code == 404


def test_the_command_says_and_does_the_same(by: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "righe.xlsx", tmp_path / "errate.xlsx"
    good.write_bytes(workbook(table(rows(2))))
    bad.write_bytes(workbook(table([*rows(1), {"name": "Ente", "kind": "Nave", "fiscal_code": CODES[2]}])))

    def run(*args: str) -> tuple[int, str]:
        out = io.StringIO()
        try:
            call_command("import_data", *args, "--as", by.email, stdout=out)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        except CommandError as error:
            return error.returncode, str(error)
        return 0, out.getvalue()

    code, told = run("organisations", str(good), "--dry-run")
    assert (code, "nuova: 2" in told or "new: 2" in told, registered(), ImportRun.objects.count()) == (0, True, 0, 0)
    code, told = run("organisations", str(bad))
    assert (code, told.splitlines()[0].split("\t")[:2], registered()) == (1, ["3", "Tipo"], 0)
    assert run("organisations", str(good))[0] == 0
    assert registered() == 2
    assert run("organisations", str(tmp_path / "niente.xlsx"))[0] == 2
    assert run("niente", str(good))[0] == 2
    assert run("recipients", str(good))[0] == 2


def test_sending_needs_a_place_where_the_kind_has_places(world: World) -> None:
    person = world.personas["partner_operator"]
    start: Callable[..., Any] = start_import
    with pytest.raises(DomainError):
        start(
            kind=kind("recipients"), place=None, name="x.xlsx", content=io.BytesIO(b"x"), by=person, at=timezone.now()
        )
