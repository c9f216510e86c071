# SPDX-License-Identifier: EUPL-1.2
"""Pairs of records of two bodies are resolved blind: each body answers neutral questions on its own record (ADR 21).

Both are asked on the same morning and answer by the same day, so that nothing on their pages tells who came first.
Whatever the two answers do not decide, and whatever nobody answers in time, the coordinator decides.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.models import Programme
from beneficiaries.enums import PairState, QuestionsEnd
from beneficiaries.models import Pair, PairQuestion
from beneficiaries.permissions import check_can_answer
from beneficiaries.selectors.questions import Answers, answers_of, bodies_that_answer, compare, people_who_answer
from beneficiaries.services.grouping import regroup
from beneficiaries.services.merging import close_questions, join_pair, part_pair, roots_of, take_merging
from beneficiaries.signals import persons_changed, persons_changing
from fami_portal.core.errors import StaleError, TransitionNotAllowed
from fami_portal.core.outbox import Draft, queue_messages
from fami_portal.core.services import acting, record_event, record_events

# So many days two bodies have to answer; then the coordinator decides (the programme's rule for duplicates).
ANSWER_DAYS = 20
KIND = "beneficiaries.questions"


def answer(*, question: PairQuestion, version: int, answers: Answers, by: Any, at: datetime) -> None:
    """Write what a body says of its own recipient; the second of two answers is compared with the first.

    The second half of a double click, and whoever comes after a colleague, changes nothing. Raises `NotPermitted`,
    `StaleError`, `TransitionNotAllowed` when the answer is not needed any more.
    """
    programme_id = question.beneficiary.programme_id
    with acting(by):
        # The order of every act that may move figures: the head of the ledger, the merges, the rows.
        persons_changing.send(sender=Pair, programme_id=programme_id)
        take_merging(programme_id)
        locked = PairQuestion.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=question.pk)
        if by is not None:
            check_can_answer(by, locked.organisation)
        if locked.answered_at is not None:
            return
        if locked.closed_at is not None:
            raise TransitionNotAllowed(_("These data are not needed any more: there is nothing to do."))
        if locked.version != version:
            raise StaleError
        PairQuestion.objects.filter(pk=locked.pk).update(
            **asdict(answers), answered_at=at, answered_by_id=getattr(by, "pk", None), version=F("version") + 1
        )
        record_event(by=by, verb="question_answered", target=locked, on_behalf_of=locked.organisation, at=at)
        _compare(locked.pair_id, at)
    question.refresh_from_db()


def _compare(pair_id: int, at: datetime) -> None:
    """Decide on a pair when both bodies have answered; the portal decides, not who answered last."""
    pair = Pair.objects.select_for_update(of=("self",)).get(pk=pair_id)
    asked = list(PairQuestion.objects.filter(pair=pair).order_by("pk"))
    if pair.state != PairState.ASKED or any(one.answered_at is None for one in asked):
        return
    end = compare(*(answers_of(one) for one in asked))
    with acting(None):
        close_questions(pairs=[pair], at=at)
        if end == QuestionsEnd.AGREED:
            join_pair(pair=pair, reason="", by=None, at=at, end=end)
        elif end == QuestionsEnd.DIFFERED:
            part_pair(pair=pair, reason="", by=None, at=at, end=end)
        else:
            _hand_over([pair], end, at)


def _hand_over(pairs: list[Pair], end: str, at: datetime) -> None:
    """Leave pairs to the coordinator, without anything of the answers."""
    if pairs:
        close_questions(pairs=pairs, at=at)
        Pair.objects.filter(pk__in=[pair.pk for pair in pairs]).update(
            state=PairState.OPEN, questions_end=end, version=F("version") + 1
        )
        record_events(by=None, verb="pair_handed_over", targets=pairs, at=at)


def ask_bodies(*, at: datetime) -> int:
    """Ask the bodies of new pairs, and leave to the coordinator what they cannot answer or did not in time.

    The work of every morning; doing it again changes nothing. Returns how many questions are new.
    """
    waiting = Pair.objects.filter(state=PairState.ASKED).order_by().values("programme")
    programmes = Programme.objects.filter(pk__in=waiting).order_by("pk").values_list("pk", flat=True)
    return sum(_ask(programme_id, at) for programme_id in programmes)


def _ask(programme_id: int, at: datetime) -> int:
    today = timezone.localdate(at)
    with acting(None):
        persons_changing.send(sender=Pair, programme_id=programme_id)
        take_merging(programme_id)
        pairs = list(
            Pair.objects.filter(programme=programme_id, state=PairState.ASKED)
            .select_related("first", "second")
            .prefetch_related("questions")
            .order_by("pk")
        )
        roots = roots_of(end for pair in pairs for end in (pair.first_id, pair.second_id))
        able = bodies_that_answer(record.registered_by_id for pair in pairs for record in (pair.first, pair.second))
        ends: dict[QuestionsEnd, list[Pair]] = {end: [] for end in QuestionsEnd}
        new: list[PairQuestion] = []
        for pair in pairs:
            asked = {one.beneficiary_id: one for one in pair.questions.all()}
            records = (pair.first, pair.second)
            silent = [one for one in records if one.pk not in asked or asked[one.pk].answered_at is None]
            if roots[pair.first_id] == roots[pair.second_id]:
                ends[QuestionsEnd.OVERTAKEN].append(pair)
            elif any(one.registered_by_id not in able or one.anonymised_at for one in silent):
                ends[QuestionsEnd.NOBODY].append(pair)
            elif asked:
                if any(one.due_on < today for one in asked.values()):
                    ends[QuestionsEnd.SILENT].append(pair)
            elif not any(one.restricted_at for one in records):
                new += [
                    PairQuestion(
                        pair=pair,
                        organisation_id=one.registered_by_id,
                        beneficiary=one,
                        asked_at=at,
                        due_on=today + timedelta(days=ANSWER_DAYS),
                    )
                    for one in records
                ]
        for end in (QuestionsEnd.NOBODY, QuestionsEnd.SILENT):
            _hand_over(ends[end], end, at)
        _close_overtaken(programme_id, ends[QuestionsEnd.OVERTAKEN], at)
        PairQuestion.objects.bulk_create(new)
        _tell({one.organisation_id for one in new}, at)
    return len(new)


def _close_overtaken(programme_id: int, pairs: list[Pair], at: datetime) -> None:
    """Close pairs whose records have become one in another way."""
    if not pairs:
        return
    close_questions(pairs=pairs, at=at)
    Pair.objects.filter(pk__in=[pair.pk for pair in pairs]).update(
        state=PairState.MERGED, decided_at=at, questions_end=QuestionsEnd.OVERTAKEN, version=F("version") + 1
    )
    moved = regroup(ids=[pair.first_id for pair in pairs])
    persons_changed.send(sender=Pair, programme_id=programme_id, by=None, at=at, parted=(), moved=moved)


def _tell(bodies: Iterable[int], at: datetime) -> None:
    day = timezone.localdate(at)
    queue_messages(
        Draft(
            key=f"{KIND}:{body}:{day:%Y-%m-%d}:{person.pk}",
            kind=KIND,
            recipient=person,
            subject=_("Some data of your recipients are to be confirmed"),
            body=_("To count each person once only, confirm the data that you find in the portal by %(day)s.")
            % {"day": f"{day + timedelta(days=ANSWER_DAYS):%d/%m/%Y}"},
            url=reverse("beneficiaries:question-list"),
        )
        for body, person in people_who_answer(bodies)
    )
