# SPDX-License-Identifier: EUPL-1.2
"""The kinds of job that the apps have registered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fami_portal.core.models import Job

if TYPE_CHECKING:
    from fami_portal.core.jobs.runs import Run


@dataclass(frozen=True)
class Slot:
    """One run of periodic work, for instance a quarter; its name is unique for ever within the kind."""

    name: str
    subject_id: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobKind:
    """What the portal knows about one kind of job."""

    kind: str
    handler: Callable[["Run"], None]
    label: object
    may_see: Callable[[Any, Job], bool]
    periodic: Callable[[datetime], Iterable[Slot]] | None = None


_kinds: dict[str, JobKind] = {}


def register_job(
    kind: str,
    *,
    handler: Callable[["Run"], None],
    label: object,
    may_see: Callable[[Any, Job], bool],
    periodic: Callable[[datetime], Iterable[Slot]] | None = None,
) -> JobKind:
    """Make a kind of job known; called by each app when it is ready.

    `handler(run)` does the work, and may be run again after a crash. `may_see(user, job)` opens the job's page to
    others than the person who asked. `periodic(now)` returns the slots that are due; those already there are skipped.
    """
    _kinds[kind] = JobKind(kind, handler, label, may_see, periodic)
    return _kinds[kind]


def kinds() -> Mapping[str, JobKind]:
    """Return the registered kinds by name."""
    return dict(_kinds)


def label_of(job: Job) -> str:
    """Return the translated name of the job's kind."""
    return str(_kinds[job.kind].label) if job.kind in _kinds else job.kind


def kind_of(job: Job) -> JobKind:
    """Return the kind of the job; raises KeyError when nobody registered it."""
    return _kinds[job.kind]
