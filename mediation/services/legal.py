# SPDX-License-Identifier: EUPL-1.2
"""Legal questions of operators: asked, assigned, clarified, answered, and the archive of answers without the case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import LegalQuestionState
from mediation.models import LegalMessage, LegalQuestion
from mediation.notifications import consultations as notifications
from mediation.permissions import check_can_ask, check_coordinates, check_is_consultant
from mediation.selectors.consulting import consultants_for
from mediation.selectors.free_text import possible_names
from mediation.services.consulting import check_free_text, check_place, settings_offered
from mediation.services.requests.common import next_number
from mediation.workflow import LEGAL_QUESTION
from partners.models import Network, Organisation

KIND = MediationRequestKind.LEGAL
S = LegalQuestionState
EDITABLE = ("area", "title", "question")
ARCHIVE = ("archive_title", "archive_question", "archive_answer")


class PossibleNamesError(DomainError):
    """The text seems to hold names; `names` are the words. Whoever writes says that they are none."""

    def __init__(self, names: list[str], field: str | None) -> None:
        self.names = names
        super().__init__(
            _("This looks like the name of a person: %(names)s. Take it out, or confirm that it is not a name.")
            % {"names": ", ".join(names)},
            field=field,
        )


def _lock(question: LegalQuestion) -> LegalQuestion:
    return LegalQuestion.objects.select_for_update(of=("self",)).get(pk=question.pk)


def _move(*, question: LegalQuestion, transition: str, by: Any, at: datetime, comment: str = "", **fields: Any) -> None:
    change_state(
        instance=question,
        workflow=LEGAL_QUESTION,
        transition=transition,
        by=by,
        at=at,
        comment=comment,
        state_since=at,
        version=F("version") + 1,
        **fields,
    )


def _text(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise DomainError(_("Write the text: whoever receives it must know what to do."), field=field)
    check_free_text({field: text})
    return text


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not fields of a question: {sorted(unknown)}")
    check_free_text({name: values[name] for name in ("title", "question") if name in values})
    return dict(values)


def start_question(
    *,
    programme: Programme,
    network: Network,
    organisation: Organisation,
    values: Mapping[str, Any],
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> LegalQuestion:
    """Begin a question as a draft of the body. `key` is the submission key: a double click begins one.

    Raises `DomainError` at the field (also for tax codes, phone numbers, addresses), `NotPermitted`.
    """
    check_can_ask(by, organisation.pk)
    with acting(by):
        kept = LegalQuestion.objects.filter(uuid=key).first() if key else None
        if kept is not None:
            return kept
        check_place(
            programme=programme, network=network, organisation=organisation, kind=KIND, day=timezone.localdate(at)
        )
        question = LegalQuestion(
            programme=programme,
            network=network,
            organisation=organisation,
            created_at=at,
            created_by=by,
            state_since=at,
            **_checked(values),
            **({"uuid": key} if key else {}),
        )
        question.save(force_insert=True)
        record_event(by=by, verb="question_begun", target=question, at=at)
    return question


def save_question(*, question: LegalQuestion, values: Mapping[str, Any], version: int, by: Any) -> None:
    """Save a draft. Raises `StaleError`, `TransitionNotAllowed` once it was asked, `DomainError`, `NotPermitted`."""
    check_can_ask(by, question.organisation_id)
    with acting(by):
        locked = _lock(question)
        if locked.state != S.DRAFT:
            raise TransitionNotAllowed(_("The question was asked: add a clarification instead."))
        if locked.version != version:
            raise StaleError
        LegalQuestion.objects.filter(pk=locked.pk).update(**_checked(values), version=F("version") + 1)
    question.refresh_from_db()


def discard_question(*, question: LegalQuestion, by: Any) -> None:
    """Throw a draft away. Raises `TransitionNotAllowed` once it was asked, `NotPermitted`."""
    check_can_ask(by, question.organisation_id)
    with acting(by):
        locked = _lock(question)
        if locked.state != S.DRAFT:
            raise TransitionNotAllowed(_("Only a draft can be thrown away: withdraw the question instead."))
        record_event(by=by, verb="draft_discarded", target=locked)
        locked.delete()


def ask(*, question: LegalQuestion, by: Any, at: datetime, no_names: bool = False) -> None:
    """Ask the question: it gets its number and the coordinator is told.

    `no_names` says that what looks like a name is none. Raises `PossibleNamesError`, `DomainError` when it is empty,
    `TransitionNotAllowed`, `NotPermitted`.
    """
    check_can_ask(by, question.organisation_id)
    with acting(by):
        locked = _lock(question)
        LEGAL_QUESTION.check(locked.state, "ask")
        settings_offered(locked.programme_id, KIND)
        _text(locked.title, "title")
        _text(locked.question, "question")
        _check_names([locked.title, locked.question], no_names, None)
        _move(
            question=question,
            transition="ask",
            by=by,
            at=at,
            number=next_number(KIND, at),
            submitted_at=at,
            submitted_by=by,
        )
        queue_messages(notifications.question_asked(question, at))


def _check_names(texts: list[str], confirmed: bool, field: str | None) -> None:
    names = [name for text in texts for name in possible_names(text)]
    if names and not confirmed:
        raise PossibleNamesError(list(dict.fromkeys(names)), field)


def assign(*, question: LegalQuestion, consultant: Any, by: Any, at: datetime) -> None:
    """Give the question to a consultant, or to another one while it is not answered.

    Raises `DomainError` for somebody who is not a consultant of the network, `TransitionNotAllowed`, `NotPermitted`.
    """
    check_coordinates(by, question)
    with acting(by):
        locked = _lock(question)
        LEGAL_QUESTION.check(locked.state, "assign")
        fitting = consultants_for(programme_id=locked.programme_id, network_id=locked.network_id)
        if not fitting.filter(pk=consultant.pk).exists():
            raise DomainError(_("Choose a consultant of this network or of this programme."), field="person")
        _move(question=question, transition="assign", by=by, at=at, consultant=consultant, assigned_at=at)
        queue_messages(notifications.question_assigned(question, at))


def _write(question: LegalQuestion, text: str, *, by_consultant: bool, by: Any, at: datetime) -> None:
    LegalMessage.objects.create(question=question, by_consultant=by_consultant, text=text, author=by, written_at=at)


def ask_to_clarify(*, question: LegalQuestion, text: str, by: Any, at: datetime) -> None:
    """Ask the operator for a clarification. Raises `DomainError`, `TransitionNotAllowed`, `NotPermitted`."""
    check_is_consultant(by, question)
    text = _text(text, "note")
    with acting(by):
        _move(question=question, transition="ask_to_clarify", by=by, at=at)
        _write(question, text, by_consultant=True, by=by, at=at)
        queue_messages(notifications.question_turned(question, at))


def clarify(*, question: LegalQuestion, text: str, by: Any, at: datetime) -> None:
    """Give the clarification that the consultant asked for. Raises as `ask_to_clarify`."""
    _to_consultant(question, "clarify", text=text, by=by, at=at)


def ask_again(*, question: LegalQuestion, text: str, by: Any, at: datetime) -> None:
    """Ask the consultant to clarify the answer: the question goes back to them. Raises as `ask_to_clarify`."""
    _to_consultant(question, "ask_again", text=text, by=by, at=at, accepted_at=None, reviewed_at=None)


def _to_consultant(
    question: LegalQuestion, transition: str, *, text: str, by: Any, at: datetime, **fields: Any
) -> None:
    check_can_ask(by, question.organisation_id)
    text = _text(text, "note")
    with acting(by):
        _move(question=question, transition=transition, by=by, at=at, **fields)
        _write(question, text, by_consultant=False, by=by, at=at)
        queue_messages(notifications.question_assigned(question, at))


def answer(*, question: LegalQuestion, text: str, by: Any, at: datetime) -> None:
    """Answer the question. Raises `DomainError` without a text, `TransitionNotAllowed`, `NotPermitted`."""
    check_is_consultant(by, question)
    text = _text(text, "note")
    with acting(by):
        _move(question=question, transition="answer", by=by, at=at, answer=text, answered_at=at, accepted_at=None)
        queue_messages(notifications.question_turned(question, at))


def accept(*, question: LegalQuestion, by: Any, at: datetime) -> None:
    """Say that the answer serves. Raises `TransitionNotAllowed`, `NotPermitted`; twice changes nothing."""
    check_can_ask(by, question.organisation_id)
    with acting(by):
        locked = _lock(question)
        if locked.state == S.ANSWERED and locked.accepted_at is not None:
            return
        _move(question=question, transition="accept", by=by, at=at, accepted_at=at)


def withdraw(*, question: LegalQuestion, reason: str, by: Any, at: datetime) -> None:
    """Withdraw a question that is not answered yet. Raises `TransitionNotAllowed`, also without reason, `NotPermitted`."""
    check_can_ask(by, question.organisation_id)
    check_free_text({"note": reason})
    with acting(by):
        _move(question=question, transition="withdraw", by=by, at=at, comment=reason)


def review_for_archive(
    *, question: LegalQuestion, values: Mapping[str, str], version: int, by: Any, at: datetime, no_names: bool = False
) -> None:
    """Write, as the consultant, the text of the archive: nothing of the case in it.

    `values` holds the three texts of `ARCHIVE`. Raises `PossibleNamesError`, `DomainError` while the answer is not
    accepted or a text is missing, `StaleError`, `NotPermitted`.
    """
    check_is_consultant(by, question)
    texts = {name: _text(values.get(name, ""), name) for name in ARCHIVE}
    _check_names(list(texts.values()), no_names, None)
    with acting(by):
        locked = _lock(question)
        if locked.state != S.ANSWERED:
            raise TransitionNotAllowed(_("Only an answered question can be prepared for the archive."))
        if locked.accepted_at is None:
            raise DomainError(_("The operator has not accepted the answer yet."))
        if locked.version != version:
            raise StaleError
        LegalQuestion.objects.filter(pk=locked.pk).update(**texts, reviewed_at=at, version=F("version") + 1)
        record_event(by=by, verb="archive_reviewed", target=locked, at=at)
        question.refresh_from_db()
        queue_messages(notifications.question_to_publish(question, at))


def publish(*, question: LegalQuestion, by: Any, at: datetime) -> None:
    """Publish the reviewed text in the archive, as the coordinator.

    Raises `DomainError` before the consultant reviewed it, `TransitionNotAllowed`, `NotPermitted`.
    """
    check_coordinates(by, question)
    with acting(by):
        locked = _lock(question)
        LEGAL_QUESTION.check(locked.state, "publish")
        if locked.reviewed_at is None or locked.accepted_at is None:
            raise DomainError(_("The consultant has not prepared the text for the archive yet."))
        _move(question=question, transition="publish", by=by, at=at, published_at=at, published_by=by)


def take_down(*, question: LegalQuestion, reason: str, by: Any, at: datetime) -> None:
    """Take an answer out of the archive: the consultant prepares it again. Raises `TransitionNotAllowed`, also without
    reason, `NotPermitted`."""
    check_coordinates(by, question)
    with acting(by):
        _move(
            question=question,
            transition="take_down",
            by=by,
            at=at,
            comment=reason,
            published_at=None,
            published_by=None,
            reviewed_at=None,
        )
