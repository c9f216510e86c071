# SPDX-License-Identifier: EUPL-1.2
"""Destroying what the rules let go: in batches, each one transaction, restarted where it was, with a report.

What is left to do is what the records say: a record that was destroyed is not found again, so a worker that was killed
has nothing to remember, and two workers do each record once. The counts of the report grow in the transaction that
destroys. Before each batch rules, holds and notices are read again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.models import Programme
from beneficiaries.models import Beneficiary
from beneficiaries.services.erasure import anonymise, destroy_identities
from beneficiaries.services.signed_pages import destroy_pages
from fami_portal.core import clock
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs import Run, enqueue
from fami_portal.core.models import Message
from fami_portal.core.services import acting, record_event
from mediation.models import Consultation, LegalQuestion, MediationRequest, Translation
from mediation.services import purging
from partners.services.purging import forget_invitations
from privacy.enums.retention import RunState
from privacy.models import RetentionLine, RetentionRun, RightsRequest
from privacy.permissions.retention import check_can_manage_retention
from privacy.selectors.retention import Situation, outlook, situation
from privacy.selectors.retention_parts import Part, free, parts_of
from privacy.services.applicants import destroy_applicants
from privacy.services.retention import take_turn
from privacy.services.retention_notices import send_due_notices
from privacy.services.retention_reports import store_report

JOB = "privacy.retention"
BATCH = 200

# Given ids of one part, destroys them; returns the ids of the records that changed, which may be more.
Destroyer = Callable[..., Any]


def _identities(*, ids: Sequence[int], by: Any, at: datetime) -> Sequence[int]:
    destroy_identities(beneficiaries=_people(ids), by=by, at=at, reason=_("End of the retention"))
    return ids


def _recipients(*, ids: Sequence[int], by: Any, at: datetime) -> Sequence[int]:
    return anonymise(beneficiaries=_people(ids), by=by, at=at, reason=_("End of the retention"))


def _people(ids: Sequence[int]) -> list[Beneficiary]:
    return list(Beneficiary.objects.filter(pk__in=ids).order_by("pk"))


def _applicants(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    found = RightsRequest.objects.filter(pk__in=ids).order_by("pk")
    return destroy_applicants(requests=found, by=by, at=at, reason=_("End of the retention"))


def _messages(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    return Message.objects.filter(pk__in=ids).delete()[0]


_destroyers: dict[str, Destroyer] = {
    "identity": _identities,
    "recipient": _recipients,
    "register_pages": destroy_pages,
    "request_files": purging.destroy_request_files,
    "translation_files": purging.destroy_translation_files,
    "request_texts": purging.destroy_request_texts,
    "consultation_texts": purging.destroy_consultation_texts,
    "question_texts": purging.destroy_question_texts,
    "translation_texts": purging.destroy_translation_texts,
    "request_drafts": partial(purging.discard_drafts, model=MediationRequest),
    "consultation_drafts": partial(purging.discard_drafts, model=Consultation),
    "question_drafts": partial(purging.discard_drafts, model=LegalQuestion),
    "translation_drafts": partial(purging.discard_drafts, model=Translation),
    "links": purging.forget_links,
    "applicants": _applicants,
    "invitations": forget_invitations,
    "messages": _messages,
}


def register_destroyer(code: str, destroyer: Destroyer) -> None:
    """Say what destroys the records of a part registered from elsewhere."""
    _destroyers[code] = destroyer


def start_run(
    *, programme: Programme | None, by: Any, at: datetime, submission_key: UUID | None = None
) -> RetentionRun:
    """Begin to destroy what the rules of a programme (None: of the portal) let go today; the job does the work.

    The second half of a double click returns the run of the first. Raises `DomainError` when nothing may be destroyed
    or another destruction of it is running, `NotPermitted`.
    """
    check_can_manage_retention(by, programme)
    with acting(by):
        take_turn(programme)
        if submission_key is not None:
            known = RetentionRun.objects.filter(submission_key=submission_key).first()
            if known is not None:
                return known
        if not anything(programme, at):
            raise DomainError(_("There is nothing to destroy today: look at the dates and at the holds."))
        try:
            with transaction.atomic():
                run = RetentionRun.objects.create(
                    programme=programme, at=at, asked_by=by, submission_key=submission_key
                )
        except IntegrityError as error:
            raise DomainError(_("A destruction is running already: wait for its report.")) from error
        record_event(by=by, verb="destruction_begun", target=run, at=at)
        enqueue(kind=JOB, by=by, subject_id=run.pk, key=f"run:{run.pk}")
    return run


def anything(programme: Programme | None, at: datetime) -> bool:
    """Return whether something may be destroyed now."""
    now = situation(programme, timezone.localdate(at))
    return any(one.free for one in outlook(now, ripe=True))


def work(job: Run) -> None:
    """Do a destruction, batch after batch, then write its report. For the job alone."""
    run = RetentionRun.objects.select_related("programme").get(pk=job.subject_id)
    if run.state == RunState.DONE:
        return
    day = timezone.localdate(run.at)
    first = situation(run.programme, day)
    parts = [part for data_class in first.rules for part in parts_of(data_class)]
    for number, part in enumerate(parts):
        after = 0
        while True:
            with job.fenced():
                batch = destroy_batch(run=run, part=part, after=after)
            if batch is None:
                break
            after = batch
            job.progress(100 * number // len(parts), part.label)
    with job.fenced():
        _finish(run)
        job.finish(
            url=reverse("privacy:run", args=[run.uuid]),
            subject=_("The destruction is done: read the report"),
            body=_("What the rules of retention let go was destroyed. The report says what, how many and why."),
        )


def destroy_batch(*, run: RetentionRun, part: Part, after: int = 0, size: int = BATCH) -> int | None:
    """Destroy at most `size` records of a part with ids above `after`, in one transaction.

    Return the last id looked at; None when there are no more.
    """
    with acting(None):
        take_turn(run.programme)
        now = situation(run.programme, timezone.localdate(run.at))
        units = now.units(part, now.let_go_day(part.data_class))
        if units is None:
            return None
        found = free(part, units, now.held).filter(pk__gt=after).order_by("pk")
        bodies = dict(found.values_list("pk", f"{part.body}_id" if part.body else "pk")[:size])
        if not bodies:
            return None
        ids = list(bodies)
        changed = _destroyers[part.code](ids=ids, by=None, at=run.at)
        if isinstance(changed, list) and part.code == "recipient":
            # Anonymous are all records of the persons: those of other bodies too.
            rows = Beneficiary.objects.filter(pk__in=changed).order_by("pk")
            bodies = dict(rows.values_list("pk", "registered_by_id"))
        _count(run, part, now, bodies if part.body else dict.fromkeys(ids))
    return ids[-1]


def _count(run: RetentionRun, part: Part, now: Situation, bodies: dict[int, int | None]) -> None:
    numbers: dict[int | None, int] = {}
    for body in bodies.values():
        numbers[body] = numbers.get(body, 0) + 1
    for body, number in numbers.items():
        line = _line(run, part, now, body)
        RetentionLine.objects.filter(pk=line.pk).update(destroyed=F("destroyed") + number)


def _line(run: RetentionRun, part: Part, now: Situation, body: int | None) -> RetentionLine:
    rule = now.rules[part.data_class]
    return RetentionLine.objects.get_or_create(
        run=run,
        data_class=part.data_class,
        part=part.code,
        organisation_id=body,
        defaults={"months": rule.months, "anchor": rule.anchor, "basis": str(rule.basis)[:300]},
    )[0]


def _finish(run: RetentionRun) -> None:
    now = situation(run.programme, timezone.localdate(run.at))
    for one in outlook(now, ripe=True):
        for row in one.rows:
            if row.held:
                line = _line(run, row.part, now, row.body)
                RetentionLine.objects.filter(pk=line.pk).update(held=row.held)
    ended = clock.now()
    report = store_report(run=run, at=ended)
    RetentionRun.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=ended, report=report)
    total = sum(RetentionLine.objects.filter(run=run).order_by("pk").values_list("destroyed", flat=True))
    record_event(
        by=None, verb="destruction_done", target=run, data={"number": total, "sha256": report.sha256}, at=ended
    )


def run_daily(*, at: datetime) -> None:
    """Announce what comes due, and begin the destructions of what was announced in time. Once a day, by a job."""
    for programme in Programme.objects.order_by("pk"):
        send_due_notices(programme=programme, at=at)
    for subject in [*Programme.objects.order_by("pk"), None]:
        if anything(subject, at):
            try:
                start_run(programme=subject, by=None, at=at)
            except DomainError:
                continue  # one is running: it takes what there is
