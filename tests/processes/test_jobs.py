# SPDX-License-Identifier: EUPL-1.2
"""Jobs with real workers, a real broker and real deaths: nothing is lost, nothing happens twice."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from celery import Celery
from django.db import connection

from fami_portal import env, servers
from fami_portal.core import jobs
from fami_portal.core.enums import JobState
from fami_portal.core.jobs import queue, registry
from fami_portal.core.models import AuditEvent, Job
from fami_portal.core.services import acting

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
LEASE = 2
PATIENCE = 60


class Stage:
    """A private broker and the workers of one test, over the database of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.broker = servers.Valkey(folder)
        database = connection.settings_dict
        self.environment = os.environ | {
            "DATABASE_URL": f"postgresql://{quote(database['USER'])}:{quote(database['PASSWORD'])}@/{database['NAME']}"
            f"?host={quote(database['HOST'], safe='')}",
            "REDIS_URL": self.broker.address,
            "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
            "FAMI_TESTING": "1",
            "FAMI_JOBS_INLINE": "0",
            "JOB_LEASE_SECONDS": str(LEASE),
            "JOB_TICK_SECONDS": "1",
            "LOG_LEVEL": "INFO",
        }

    def start_broker(self) -> None:
        self.broker.ensure()

    def kill_broker(self) -> None:
        pid = self.broker.pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not self.broker.answers(), "the broker to die")

    def celery(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.processes.job_worker", *arguments],
            cwd=ROOT, env=self.environment | environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        self.processes.append(process)
        return process

    def worker(self, name: str, pool: str = "solo") -> subprocess.Popen[bytes]:
        return self.celery("worker", "-P", pool, "-c", "1", "-n", name, "--without-gossip", "--without-mingle")

    def beat(self, **environment: str) -> subprocess.Popen[bytes]:
        return self.celery("beat", "-s", str(self.folder / f"beat{len(self.processes)}"), "--pidfile=", **environment)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        for process in self.processes:
            for number in (signal.SIGCONT, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                except ProcessLookupError:
                    break
            process.wait()
        self.kill_broker()
        shutil.rmtree(self.broker.sockets, ignore_errors=True)


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE} seconds for {what}")


@pytest.fixture
def stage(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    # A socket's address is short by law, and pytest's folders are not.
    with tempfile.TemporaryDirectory(prefix="fj") as folder:
        stage = Stage(Path(folder))
        stage.start_broker()
        settings.JOBS_INLINE = False
        settings.JOB_LEASE_SECONDS = LEASE
        sender = Celery("sender", broker=env.broker(stage.environment["REDIS_URL"]), set_as_current=False)
        sender.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        monkeypatch.setattr(queue, "current_app", sender)
        monkeypatch.setitem(registry._kinds, "test.work", jobs.JobKind("test.work", print, "Work", lambda u, j: False))
        try:
            yield stage
        finally:
            stage.close()
            sender.close()
            sys.stdout.write(stage.logs())


def ask(**parameters: Any) -> Job:
    with acting(None):
        return jobs.enqueue(kind="test.work", by=None, parameters=parameters)


def effects(job: Job, verb: str = "worked") -> list[dict[str, Any]]:
    found = AuditEvent.objects.filter(verb=verb, target_id=str(job.pk)).order_by("id")
    return list(found.values_list("data", flat=True))


def begun(job: Job) -> dict[str, Any]:
    return wait_for(lambda: effects(job, "began"), "the job to begin")[0]


def ended(job: Job) -> Job:
    wait_for(lambda: Job.objects.get(pk=job.pk).is_finished, "the job to end")
    return Job.objects.get(pk=job.pk)


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_job_whose_worker_is_killed_is_finished_once_by_another(stage: Stage, pool: str) -> None:
    """`solo` is the loss of a machine; `prefork` the kill of the one child that works, as out of memory."""
    stage.worker("first", pool)
    job = ask(steps=300)
    victim = begun(job)["pid"]
    seen = wait_for(lambda: Job.objects.get(pk=job.pk).progress, "progress")
    assert seen > 0
    # Longer than the lease: only the heartbeat can have kept the job.
    time.sleep(LEASE * 1.5)
    assert Job.objects.get(pk=job.pk).attempt == 1

    os.kill(victim, signal.SIGKILL)
    stage.worker("second")
    stage.beat()
    finished = ended(job)

    assert (finished.state, finished.attempt) == (JobState.DONE, 2)
    assert effects(job) == [{"attempt": 2}]


@pytest.mark.parametrize(
    ("fenced", "expected"),
    [(True, [{"attempt": 2}]), pytest.param(False, [{"attempt": 2}, {"attempt": 1}], id="negative control: no fence")],
)
def test_a_worker_that_wakes_up_after_its_lease_changes_nothing(
    stage: Stage, fenced: bool, expected: list[dict[str, int]]
) -> None:
    stage.worker("first")
    job = ask(steps=20, fenced=fenced)
    sleeper = begun(job)["pid"]
    os.kill(sleeper, signal.SIGSTOP)
    stage.worker("second")
    stage.beat()
    finished = ended(job)
    assert effects(job) == [{"attempt": 2}]

    os.kill(sleeper, signal.SIGCONT)
    # It is past the old job for sure when it takes a new one.
    wait_for(lambda: begun(ask())["pid"] == sleeper, "the sleeper to take another job")

    assert effects(job) == expected
    again = Job.objects.get(pk=job.pk)
    assert (again.attempt, again.finished_at) == (2, finished.finished_at)


def test_a_broker_lost_with_jobs_queued_loses_none(stage: Stage) -> None:
    stage.worker("busy")
    stage.beat()
    first = ask(steps=30)
    begun(first)
    queued = [ask() for _number in range(5)]

    stage.kill_broker()
    began = time.monotonic()
    queued.append(ask())
    assert time.monotonic() - began < 10, "an act must not wait for a broker that is down"
    stage.start_broker()

    for job in [first, *queued]:
        assert ended(job).state == JobState.DONE
        assert len(effects(job)) == 1


def test_the_same_message_many_times_runs_the_job_once(stage: Stage) -> None:
    job = ask(steps=5)
    for _copy in range(20):
        queue.dispatch(job.pk)
    stage.worker("one")
    stage.worker("two")
    ended(job)
    last = ask()
    ended(last)

    assert effects(job) == [{"attempt": 1}]


def test_two_beats_plan_periodic_work_once(stage: Stage) -> None:
    stage.environment["TEST_PERIODIC"] = "1"
    stage.worker("one")
    stage.worker("two")
    stage.beat()
    stage.beat()
    wait_for(lambda: Job.objects.filter(kind="test.periodic", state=JobState.DONE).exists(), "the periodic job")
    time.sleep(3)

    job = Job.objects.get(kind="test.periodic")
    assert effects(job) == [{"attempt": 1}]
