# SPDX-License-Identifier: EUPL-1.2
"""Jobs on one connection: asking, claiming, fencing, failing. The real workers are in tests/processes."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from fami_portal.core import jobs, outbox
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs import Run, Slot, StaleWorker, queue, registry
from fami_portal.core.models import AuditEvent, Job, Message
from fami_portal.core.services import acting, record_event
from tests.core.people import a_person

pytestmark = pytest.mark.django_db
KIND = "test.job"
URL = "/somewhere/"


@pytest.fixture
def register() -> Iterator[Callable[..., None]]:
    before = jobs.kinds()

    def _register(handler: Callable[[Run], None], **options: Any) -> None:
        jobs.register_job(KIND, handler=handler, label="Test job", **{"may_see": lambda user, job: False} | options)

    yield _register
    registry._kinds.clear()
    registry._kinds.update(before)


def work(run: Run) -> None:
    """An effect that can be counted, and the end, in one fence."""
    run.progress(40, "Half way")
    with run.fenced():
        record_event(by=None, verb="worked", target=run.job)
        run.finish(url=URL)


def effects() -> int:
    return AuditEvent.objects.filter(verb="worked").count()


def asked(by: Any = None, **fields: Any) -> Job:
    with acting(by):
        return jobs.enqueue(kind=KIND, by=by, **fields)


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_when_the_act_commits_and_tells_who_asked(
    register: Callable[..., None], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    register(work)
    anna = a_person()

    with django_capture_on_commit_callbacks(execute=True):
        job = asked(anna, subject_id=7, parameters={"format": "pdf"})
        assert job.state == JobState.QUEUED

    job.refresh_from_db()
    assert (job.state, job.progress, job.attempt, job.result_url) == (JobState.DONE, 100, 1, URL)
    assert job.finished_at is not None
    assert effects() == 1
    message = Message.objects.get(recipient=anna)
    assert message.url == URL
    assert "Test job" in message.subject


def test_a_job_of_an_act_that_fails_was_never_asked(
    register: Callable[..., None], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    register(work)

    def refused_act() -> None:
        with acting(None):
            jobs.enqueue(kind=KIND, by=None)
            raise DomainError("refused")

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(DomainError):
        refused_act()

    assert not Job.objects.exists()
    assert effects() == 0


def test_the_same_key_gives_the_same_job_until_it_ends(register: Callable[..., None]) -> None:
    register(work)

    first, second = asked(key="report:1"), asked(key="report:1")
    jobs.run_job(first.pk, heartbeat=False)
    third = asked(key="report:1")

    assert first.pk == second.pk
    assert third.pk != first.pk
    assert asked().pk != asked().pk


def test_a_slot_is_filled_once_for_ever(register: Callable[..., None]) -> None:
    register(work)

    first = asked(slot="2019-Q3")
    jobs.run_job(first.pk, heartbeat=False)

    assert asked(slot="2019-Q3").pk == first.pk
    assert effects() == 1


def test_an_unknown_kind_cannot_be_asked() -> None:
    with pytest.raises(KeyError):
        jobs.enqueue(kind="nobody.knows", by=None)


def test_a_job_is_taken_by_one_worker_until_its_lease_expires(register: Callable[..., None]) -> None:
    register(work)
    job = asked()

    first = jobs.claim(job.pk)
    assert first is not None
    assert jobs.claim(job.pk) is None
    expire(job)
    second = jobs.claim(job.pk)

    assert second is not None
    assert (first.attempt, second.attempt) == (1, 2)


def test_the_work_of_a_stale_worker_is_rolled_back(register: Callable[..., None]) -> None:
    register(work)
    job = asked()
    stale = jobs.claim(job.pk)
    assert stale is not None
    expire(job)
    jobs.run_job(job.pk, heartbeat=False)

    with pytest.raises(StaleWorker):
        work_late(stale)
    with pytest.raises(StaleWorker):
        stale.progress(90)
    with pytest.raises(StaleWorker), stale.fenced():
        pytest.fail("a worker that knows it is stale starts nothing")

    assert effects() == 1
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.DONE, 2)


def work_late(run: Run) -> None:
    with run.fenced():
        record_event(by=None, verb="worked", target=run.job)


def test_without_the_fence_the_effect_happens_twice(
    register: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    register(work)
    job = asked()
    stale = jobs.claim(job.pk)
    assert stale is not None
    expire(job)
    jobs.run_job(job.pk, heartbeat=False)

    monkeypatch.setattr(Run, "_seal", lambda self: None)
    work_late(stale)

    assert effects() == 2


def test_a_fence_that_fails_leaves_the_job_open(register: Callable[..., None]) -> None:
    def broken(run: Run) -> None:
        with run.fenced():
            run.finish(url="/never/")
            raise ZeroDivisionError

    def handler(run: Run) -> None:
        with pytest.raises(ZeroDivisionError):
            broken(run)
        with pytest.raises(RuntimeError, match="nest"), run.fenced(), run.fenced():
            pass
        work(run)

    register(handler)
    job = asked()
    jobs.run_job(job.pk, heartbeat=False)

    job.refresh_from_db()
    assert job.result_url == URL


def test_a_handler_that_returns_ends_its_job(register: Callable[..., None]) -> None:
    register(lambda run: None)
    job = asked()

    assert jobs.run_job(job.pk, heartbeat=False)
    assert not jobs.run_job(job.pk, heartbeat=False)


def fail(run: Run) -> None:
    raise ValueError("Key (email)=(anna@example.org) already exists")


def test_five_failures_stop_the_job_and_a_person_may_start_it_again(register: Callable[..., None]) -> None:
    register(fail)
    anna = a_person()
    job = asked(anna)

    for attempt in range(1, 6):
        assert not jobs.run_job(job.pk, heartbeat=False)
        job.refresh_from_db()
        assert job.attempt == attempt
        assert job.state == (JobState.DEAD if attempt == 5 else JobState.QUEUED)

    assert "ValueError" in job.error
    assert "example.org" not in job.error
    assert list(jobs.dead_jobs()) == [job]
    assert Message.objects.get(recipient=anna).kind == "core.job_dead"
    assert jobs.claim(job.pk) is None

    register(work)
    jobs.retry_job(job=job, by=anna)
    assert jobs.run_job(job.pk, heartbeat=False)
    with pytest.raises(DomainError):
        jobs.retry_job(job=job, by=anna)


def test_a_dead_job_cannot_be_started_beside_the_same_work_asked_again(register: Callable[..., None]) -> None:
    def refuse(run: Run) -> None:
        raise DomainError("Nothing to report")

    register(refuse)
    job = asked(key="one")
    jobs.run_job(job.pk, heartbeat=False)
    asked(key="one")

    with pytest.raises(DomainError):
        jobs.retry_job(job=job, by=a_person())


def test_a_refusal_ends_the_job_at_once_with_its_sentence(register: Callable[..., None]) -> None:
    def refuse(run: Run) -> None:
        raise DomainError("The period is not closed yet: close it first.")

    register(refuse)
    anna = a_person()
    job = asked(anna)
    jobs.run_job(job.pk, heartbeat=False)

    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.DEAD, 1)
    assert Message.objects.get(recipient=anna).body == "The period is not closed yet: close it first."


def test_the_page_of_a_job_opens_to_who_asked_and_to_whom_its_kind_says(register: Callable[..., None]) -> None:
    anna, bruno, carla = a_person("anna"), a_person("bruno"), a_person("carla")
    register(work, may_see=lambda user, job: user == carla)
    job = asked(anna)

    assert jobs.job_for(anna, job.uuid) == job
    assert jobs.job_for(carla, job.uuid) == job
    with pytest.raises(Http404):
        jobs.job_for(bruno, job.uuid)
    assert list(jobs.jobs_of(anna)) == [job]
    assert list(jobs.jobs_of(carla)) == []
    assert jobs.label_of(job) == "Test job"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    ids: list[int] = []
    monkeypatch.setattr(queue, "dispatch", ids.append)
    return ids


def test_the_sweep_sends_again_what_no_worker_holds(
    register: Callable[..., None],
    sent: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    register(work)
    old, fresh, held, orphan, last = (asked(parameters={"n": n}) for n in range(5))
    for job in (held, orphan, last):
        jobs.claim(job.pk)
    expire(orphan)
    expire(last)
    Job.objects.filter(pk=last.pk).update(attempt=5)
    Job.objects.exclude(pk=fresh.pk).update(sent_at=timezone.now() - timedelta(minutes=5))

    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.sweep() == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.sweep() == 0

    assert sent == [old.pk, orphan.pk]
    last.refresh_from_db()
    assert last.state == JobState.DEAD


def test_the_sweep_can_be_done_by_hand(
    register: Callable[..., None], sent: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    register(work)
    job = asked()
    Job.objects.update(sent_at=None)
    said = io.StringIO()

    with django_capture_on_commit_callbacks(execute=True):
        call_command("sweep_jobs", stdout=said)
        call_command("sweep_jobs", "--tick", stdout=said)

    # The tick asks for the periodic work of the apps too.
    assert sent.count(job.pk) == 1
    assert said.getvalue().splitlines() == ["1 jobs sent", "tick done"]


def test_the_tick_plans_what_is_due_once_and_survives_a_broken_plan(
    register: Callable[..., None], sent: list[int]
) -> None:
    def broken(at: object) -> list[Slot]:
        raise ZeroDivisionError

    register(work, periodic=lambda at: [Slot("2019-Q3", 7, {"programme": 1}), Slot("2019-Q4")])
    jobs.register_job("test.broken", handler=work, label="Broken", may_see=lambda u, j: False, periodic=broken)

    jobs.tick()
    jobs.tick()

    planned = Job.objects.filter(kind=KIND).order_by("slot")
    assert [(job.slot, job.subject_id, job.parameters) for job in planned] == [
        ("2019-Q3", 7, {"programme": 1}),
        ("2019-Q4", None, {}),
    ]


def test_the_tick_asks_for_mail_only_when_some_waits(sent: list[int], mailoutbox: list[Any]) -> None:
    mails = Job.objects.filter(kind=jobs.MAIL_KIND)
    jobs.tick()
    assert not mails.exists()

    anna = a_person()
    with acting(None):
        outbox.queue_message(key="k", kind="test", recipient=anna, subject="S", body="B")
    jobs.tick()
    jobs.tick()
    job = mails.get()
    jobs.run_job(job.pk, heartbeat=False)

    assert len(mailoutbox) == 1


def test_the_broker_being_down_is_only_logged(
    register: Callable[..., None],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def unreachable(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    register(work)
    settings.JOBS_INLINE = False
    monkeypatch.setattr(queue.current_app, "send_task", unreachable)

    with django_capture_on_commit_callbacks(execute=True):
        job = asked()

    job.refresh_from_db()
    assert job.state == JobState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_fence_is_open_and_the_lease_is_renewed(
    register: Callable[..., None], sent: list[int], settings: Any
) -> None:
    seen: list[tuple[int, str]] = []

    def other_connection() -> Job:
        # Read as somebody else would: what this transaction wrote is not committed.
        copy = connection.copy()
        with copy.cursor() as cursor:
            cursor.execute("SELECT progress, step FROM core_job")
            seen.append(cursor.fetchone())
        copy.close()

    def handler(run: Run) -> None:
        lease = Job.objects.values_list("lease_until", flat=True).get()
        with run.fenced():
            run.progress(70, "Writing")
            for _wait in range(100):
                other_connection()
                if seen[-1] == (70, "Writing"):
                    break
                transaction.get_connection().cursor().execute("SELECT pg_sleep(0.02)")
            assert Job.objects.values_list("lease_until", flat=True).get() > lease

    register(handler)
    settings.JOB_LEASE_SECONDS = 3
    job = asked()

    assert jobs.run_job(job.pk)
    assert seen[-1] == (70, "Writing")
