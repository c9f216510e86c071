# SPDX-License-Identifier: EUPL-1.2
"""Finding the records of the person, asking the bodies, and what the bodies answer."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import ReadKind
from beneficiaries.models import Beneficiary
from beneficiaries.selectors.matching import TaxCodeError
from beneficiaries.services.erasure import records_of_person
from beneficiaries.services.reading import record_readings
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event
from mediation.selectors.free_text import refusals
from partners.models import Organisation
from privacy.enums.requests import WORKED_STATES, MatchMethod, TaskAnswer, TaskPurpose
from privacy.models import RightsMatch, RightsRequest, RightsTask
from privacy.notifications import requests as notifications
from privacy.permissions.requests import check_can_answer
from privacy.selectors.requests import Candidate, alike, same_code
from privacy.services.applicants import unseal
from privacy.services.requests import locked_request

TASK_DAYS = 10
LONGEST_HELD = 500
MOST_CODES = 50


def candidates(request: RightsRequest) -> list[Candidate]:
    """Return the records that may be of the person by names and birth date; who they are is told to nobody here."""
    asked = unseal(request)
    if asked is None:
        return []
    known = records_of_person(request.matches.order_by("pk").values_list("beneficiary_id", flat=True))
    return alike(
        request.programme,
        given_name=asked.given_name,
        family_name=asked.family_name,
        birth_date=asked.birth_date,
        without=known,
    )


def match(
    *, request: RightsRequest, version: int, tax_code: str, chosen: Collection[str] = (), by: Any, at: datetime
) -> int:
    """Compare the request with the records of the programme and keep those found; return how many are new.

    The tax code is compared and forgotten. `chosen` are tokens of `candidates` that the person confirmed. With a record
    come all those that are the same person. From here on the records and their bodies are shown, and each showing is
    recorded. Raises `DomainError` at `tax_code`, when another open case of the same right is about the same person,
    and as `locked_request`.
    """
    with acting(by):
        found = locked_request(request, version, by)
        _check_worked(found)
        try:
            exact = same_code(found.programme, tax_code)
        except TaxCodeError as error:
            raise DomainError(error.message, field="tax_code") from None
        by_names = [one.beneficiary_id for one in candidates(found) if one.token in chosen]
        method = dict.fromkeys(records_of_person(by_names), MatchMethod.NAMES)
        method |= dict.fromkeys(records_of_person(exact), MatchMethod.TAX_CODE)
        people = list(
            Beneficiary.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=method).order_by("pk")
        )
        _check_alone(found, people)
        kept = set(found.matches.order_by("pk").values_list("beneficiary_id", flat=True))
        new = [one for one in people if one.pk not in kept]
        RightsMatch.objects.bulk_create(
            RightsMatch(request=found, beneficiary=one, method=method[one.pk], at=at, by=by) for one in new
        )
        # Whoever confirms an erasure confirms what was proposed, not what was found since.
        proposed = {"erasure_proposed_at": None, "erasure_proposed_by": None} if new else {}
        RightsRequest.objects.filter(pk=found.pk).update(matched_at=at, version=F("version") + 1, **proposed)
        record_event(by=by, verb="rights_matched", target=found, data={"records": len(new)}, at=at)
        if by is not None:
            record_readings(
                by=by,
                kind=ReadKind.PAGE,
                page="privacy:request",
                subjects=new,
                purpose=f"{found.get_kind_display()}: {found.number}",
                at=at,
            )
    request.refresh_from_db()
    return len(new)


def _check_worked(request: RightsRequest) -> None:
    if request.state not in WORKED_STATES:
        raise TransitionNotAllowed(_("Verify the identity of who asks first; a case that is over is not worked on."))


def _check_alone(request: RightsRequest, people: Iterable[Beneficiary]) -> None:
    # The records are locked: of two cases at once the second one sees the first.
    other = (
        RightsMatch.objects.filter(beneficiary__in=[one.pk for one in people], request__kind=request.kind)
        .filter(request__in=RightsRequest.objects.open().values("pk"))
        .exclude(request=request)
        .select_related("request")
        .order_by("pk")
        .first()
    )
    if other is not None:
        raise DomainError(
            _("The case %(number)s is about the same person and the same right: go on there, and refuse this one.")
            % {"number": other.request.number}
        )


def usual_day(request: RightsRequest, at: datetime) -> date:
    """Return by when a body is asked to answer: in ten days, and before the term of the case."""
    today = timezone.localdate(at)
    return max(min(today + timedelta(days=TASK_DAYS), request.due_on - timedelta(days=3)), today + timedelta(days=1))


def ask_bodies(
    *,
    request: RightsRequest,
    version: int,
    bodies: Iterable[Organisation],
    by: Any,
    at: datetime,
    purpose: str = TaskPurpose.SEARCH,
) -> list[RightsTask]:
    """Ask bodies to do something for a case; those that were asked it already are left alone. Returns the new tasks.

    Raises `DomainError` at `bodies` without any, and as `locked_request`.
    """
    with acting(by):
        found = locked_request(request, version, by)
        _check_worked(found)
        tasks = make_tasks(request=found, bodies=bodies, purpose=purpose, at=at)
        if not tasks and not found.tasks.exists():
            raise DomainError(_("Choose at least one body."), field="bodies")
        RightsRequest.objects.filter(pk=found.pk).update(version=F("version") + 1)
        record_event(by=by, verb="bodies_asked", target=found, data={"bodies": len(tasks)}, at=at)
    request.refresh_from_db()
    return tasks


def make_tasks(
    *, request: RightsRequest, bodies: Iterable[Organisation], purpose: str, at: datetime
) -> list[RightsTask]:
    """Write the tasks that are not there yet and tell the bodies; inside the act that has locked the case."""
    known = set(request.tasks.filter(purpose=purpose).order_by("pk").values_list("organisation_id", flat=True))
    wanted = {body.pk: body for body in bodies if body.pk not in known}
    tasks = RightsTask.objects.bulk_create(
        RightsTask(request=request, organisation=body, purpose=purpose, due_on=usual_day(request, at))
        for _pk, body in sorted(wanted.items())
    )
    queue_messages(notifications.asked(tasks))
    return tasks


def answer_task(
    *, task: RightsTask, version: int, answer: str, codes: Iterable[str], held: str, by: Any, at: datetime
) -> None:
    """Answer for a body: nothing held; something held, with the codes of its cases and what; done.

    Answering the same again changes nothing. Raises `NotPermitted`, `StaleError`, `DomainError` at the field: an answer
    that does not fit, nothing said of what is held, a text that says who the person is, a case that is over.
    """
    check_can_answer(by, task)
    listed = list(dict.fromkeys(" ".join(code.split()) for code in codes if code.strip()))
    held = held.strip()
    _check_answer(task, answer, listed, held)
    with acting(by):
        locked = RightsTask.objects.select_for_update(of=("self",)).select_related("request").get(pk=task.pk)
        if (locked.answer, locked.codes, locked.held) == (answer, listed, held):
            return
        if locked.version != version or locked.answer == TaskAnswer.WITHDRAWN:
            raise StaleError
        if not locked.request.is_open:
            raise TransitionNotAllowed(_("The case is over: tell the data protection officer what you found."))
        RightsTask.objects.filter(pk=locked.pk).update(
            answer=answer,
            codes=listed,
            held=held,
            answered_at=at,
            answered_by_id=getattr(by, "pk", None),
            version=F("version") + 1,
        )
        record_event(
            by=by,
            verb="rights_task_answered",
            target=locked.request,
            on_behalf_of=task.organisation,
            data={"task": locked.pk, "answer": answer},
            at=at,
        )
        queue_messages(notifications.answered(task))
    task.refresh_from_db()


def _check_answer(task: RightsTask, answer: str, codes: list[str], held: str) -> None:
    allowed = (
        (TaskAnswer.NOTHING, TaskAnswer.HELD)
        if task.purpose == TaskPurpose.SEARCH
        else (TaskAnswer.NOTHING, TaskAnswer.DONE)
    )
    if answer not in allowed:
        raise DomainError(_("Choose one of the values of the list."), field="answer")
    if answer == TaskAnswer.HELD and not (codes or held):
        raise DomainError(_("Write the codes of the cases, or what you hold and where it is."), field="held")
    if answer == TaskAnswer.NOTHING and (codes or held):
        raise DomainError(
            _("You wrote what you hold: choose “we hold something”, or empty the fields."), field="answer"
        )
    if len(codes) > MOST_CODES or any(len(code) > 30 for code in codes):
        raise DomainError(_("Write one code on each line, at most 50 codes of 30 characters."), field="codes")
    if len(held) > LONGEST_HELD:
        raise DomainError(_("Say it in fewer words: at most 500 characters."), field="held")
    for field, text in (("held", held), ("codes", "\n".join(codes))):
        for sentence in refusals(text):
            raise DomainError(sentence, field=field)


def withdraw_task(*, task: RightsTask, version: int, by: Any, at: datetime) -> None:
    """Say that a body need not answer any more. Raises as `locked_request`, `StaleError` when it has answered."""
    with acting(by):
        found = RightsRequest.objects.select_for_update(of=("self",)).get(pk=task.request_id)
        locked_request(found, found.version, by)
        moved = RightsTask.objects.filter(pk=task.pk, version=version, answer="").update(
            answer=TaskAnswer.WITHDRAWN,
            answered_at=at,
            answered_by_id=getattr(by, "pk", None),
            version=F("version") + 1,
        )
        if not moved:
            raise StaleError
        record_event(by=by, verb="rights_task_withdrawn", target=found, data={"task": task.pk}, at=at)
    task.refresh_from_db()
