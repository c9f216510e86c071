# SPDX-License-Identifier: EUPL-1.2
"""Changes of state and audit events, on an invented workflow over the one stateful table of core."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fami_portal.core import audit
from fami_portal.core.enums import JobState
from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Job, TransitionLog
from fami_portal.core.services import acting, actor_label, change_state, record_event
from fami_portal.core.workflow import REGISTRY, Workflow, transitions
from tests.core.people import a_person

pytestmark = pytest.mark.django_db
FLOW = Workflow(
    entity="core.job",
    states=JobState,
    initial=JobState.QUEUED,
    owners=dict.fromkeys(JobState, "worker"),
    colours=dict.fromkeys(JobState, "info"),
    transitions=transitions(
        ("start", {JobState.QUEUED}, JobState.RUNNING, "Starts", False),
        ("stop", {JobState.RUNNING}, JobState.DEAD, "Stops", True),
    ),
)


@pytest.fixture
def job() -> Job:
    return Job.objects.create(kind="test")


@pytest.fixture
def _registered() -> Iterator[None]:
    REGISTRY["core.job"] = FLOW
    yield
    del REGISTRY["core.job"]


def test_a_change_of_state_leaves_log_and_audit_event(job: Job) -> None:
    anna = a_person()

    with acting(anna):
        change_state(instance=job, workflow=FLOW, transition="start", by=anna, on_behalf_of="School", step="one")

    assert (job.state, job.step) == (JobState.RUNNING, "one")
    log = TransitionLog.objects.get()
    assert (log.source, log.target, log.actor_id, log.on_behalf_of) == ("queued", "running", anna.pk, "School")
    event = AuditEvent.objects.get()
    assert (event.verb, event.target_type, event.target_id, event.at) == ("start", "core.job", str(job.pk), log.at)


def test_a_page_that_is_old_is_refused_and_nothing_is_written(job: Job) -> None:
    with acting(None):
        change_state(instance=job, workflow=FLOW, transition="start", by=None)
        with pytest.raises(TransitionNotAllowed):
            change_state(instance=job, workflow=FLOW, transition="start", by=None)
        with pytest.raises(TransitionNotAllowed):
            change_state(instance=job, workflow=FLOW, transition="stop", by=None, comment=" ")

    assert TransitionLog.objects.count() == 1


def test_a_constraint_ties_the_state_to_its_moment(job: Job) -> None:
    def stop(**fields: object) -> None:
        with acting(None):
            change_state(instance=job, workflow=FLOW, transition="stop", by=None, comment="Enough", **fields)

    with acting(None):
        change_state(instance=job, workflow=FLOW, transition="start", by=None)
    with pytest.raises(IntegrityError):
        stop()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING

    stop(finished_at=timezone.now())
    assert TransitionLog.objects.get(transition="stop").comment == "Enough"


def test_the_portal_itself_is_called_system(job: Job) -> None:
    record_event(by=None, verb="looked", target=job, data={"pages": 2})

    event = AuditEvent.objects.get()
    assert (event.actor, event.actor_id, event.data) == ("system", None, {"pages": 2})
    assert actor_label(None) == "system"


@pytest.mark.usefixtures("_registered")
def test_the_timeline_tells_each_thing_once(job: Job, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    anna = a_person()
    audit.register_verbs({"looked": "Looked at"})
    with acting(anna):
        change_state(instance=job, workflow=FLOW, transition="start", by=anna)
        record_event(by=anna, verb="looked", target=job, reason="Curiosity")
        record_event(by=None, verb="other", target=a_person("bruno"))

    with django_assert_num_queries(2):
        looked, started = audit.timeline(job)

    assert (looked.label, looked.actor, looked.comment) == ("Looked at", "Anna Prova", "Curiosity")
    assert (started.label, started.source, started.target) == (
        "Starts",
        str(JobState.QUEUED.label),
        str(JobState.RUNNING.label),
    )
