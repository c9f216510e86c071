# SPDX-License-Identifier: EUPL-1.2
"""Two bodies that answer at once, and a coordinator or an exact link in between: over real connections."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections

from beneficiaries.enums import PairState
from beneficiaries.models import Beneficiary, Merge, Pair, PairQuestion
from beneficiaries.services import matching, merging, questions
from fami_portal.core.errors import StaleError, TransitionNotAllowed
from fami_portal.core.services import acting
from tests.actions.scene import build
from tests.beneficiaries.people import AT, CODE, name
from tests.beneficiaries.test_matching_races import _together
from tests.beneficiaries.test_questions import ask, said

pytestmark = pytest.mark.django_db(transaction=True)


def _answer_both(monkeypatch: pytest.MonkeyPatch, *, turns: bool) -> Pair:
    """Let both bodies answer before either sees whether the other has: the pair must be decided all the same."""
    scene = build()
    pair, first, second = ask(scene)
    taking, meeting = questions.take_merging, threading.Barrier(2)
    # The head of the ledger would let one wait for the other too: it is not what is tried here.
    monkeypatch.setattr(questions.persons_changing, "send", lambda **_kwargs: [])

    def take(programme_id: int) -> None:
        meeting.wait(timeout=20)
        if turns:
            taking(programme_id)

    monkeypatch.setattr(questions, "take_merging", take)
    if not turns:
        comparing, written, seen = questions._compare, threading.Barrier(2), threading.Barrier(2)
        monkeypatch.setattr(Pair.objects, "select_for_update", lambda **_kwargs: Pair.objects.all())

        def compare(*args: Any) -> None:
            written.wait(timeout=20)
            comparing(*args)
            seen.wait(timeout=20)

        monkeypatch.setattr(questions, "_compare", compare)
    people = {first.pk: scene.operator, second.pk: scene.contact}
    results = _together(
        *(
            lambda one=one: questions.answer(  # type: ignore[misc]
                question=one, version=1, answers=said(scene.school), by=people[one.pk], at=AT
            )
            for one in (first, second)
        )
    )
    assert not [result for result in results if isinstance(result, Exception)], results
    return Pair.objects.get(pk=pair.pk)


def test_two_bodies_that_answer_at_once_decide_the_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _answer_both(monkeypatch, turns=True).state == PairState.MERGED
    assert Merge.objects.count() == 1


def test_without_turns_neither_would_see_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _answer_both(monkeypatch, turns=False).state == PairState.ASKED
    assert not PairQuestion.objects.filter(answered_at=None).exists()


def _until_waited_for(done: threading.Event) -> None:
    """Go on when the other thread is through, or waits for something that this one holds."""
    with connections["default"].cursor() as cursor:
        for _turn in range(500):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0] or done.wait(timeout=0.02):
                return
    raise AssertionError("the other thread neither waited nor ended")


def _answer_while(monkeypatch: pytest.MonkeyPatch, *, link: bool, turns: bool) -> tuple[list[Any], Pair]:
    """Answer, which joins the pair, between what the other act has read or written and what it writes then.

    The other act leaves the pair to the coordinator, who keeps it apart; or it corrects a record, which has the code of
    the other one then.
    """
    scene = build()
    pair, first, second = ask(scene)
    questions.answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    contact, region = scene.contact, scene.region
    if link:
        name(pair.first, "Yasmine", "Çelik", CODE, renewed=True)
    half, answered = threading.Event(), threading.Event()
    for module in (questions, merging, matching):
        # The head of the ledger would let one wait for the other too: it is not what is tried here.
        monkeypatch.setattr(module.persons_changing, "send", lambda **_kwargs: [])
        if not turns:
            monkeypatch.setattr(module, "take_merging", lambda programme_id: None)

    def pause() -> None:
        half.set()
        _until_waited_for(answered)

    def corrected() -> Any:
        with acting(None):
            merging.take_merging(scene.programme.pk)  # the turn first, then the row: as a correction does
            Beneficiary.objects.filter(pk=pair.second_id).update(sex="f")
            pause()
            return name(pair.second, "Yasmine", "Çelik", CODE, renewed=True)

    def kept_apart() -> Any:
        able = questions.bodies_that_answer

        def read(bodies: Any) -> Any:
            found = able(bodies)
            pause()
            return found

        monkeypatch.setattr(questions, "bodies_that_answer", read)
        questions.ask_bodies(at=AT + timedelta(days=30))
        return merging.keep_apart(pair=pair, version=2, reason="No", by=region, at=AT)

    def answer() -> Any:
        half.wait(timeout=20)
        try:
            return questions.answer(question=second, version=1, answers=said(scene.school), by=contact, at=AT)
        finally:
            answered.set()

    results = _together(corrected if link else kept_apart, answer)
    return results, Pair.objects.get(pk=pair.pk)


def test_an_answer_never_overrules_the_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    (decided, answered), pair = _answer_while(monkeypatch, link=False, turns=True)
    assert (decided, type(answered)) == (None, TransitionNotAllowed)
    assert (pair.state, Merge.objects.count()) == (PairState.APART, 0)


def test_without_turns_an_answer_would_overrule_the_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    (decided, answered), pair = _answer_while(monkeypatch, link=False, turns=False)
    assert (type(decided), answered) == (StaleError, None)
    # One person, of a pair that waits to be decided.
    assert (pair.state, Merge.objects.count()) == (PairState.OPEN, 1)


def test_an_exact_link_and_an_answer_join_once(monkeypatch: pytest.MonkeyPatch) -> None:
    (linked, answered), pair = _answer_while(monkeypatch, link=True, turns=True)
    assert (linked, type(answered)) == (True, TransitionNotAllowed)
    assert (pair.state, Merge.objects.count(), Beneficiary.objects.unmerged().count()) == (PairState.MERGED, 1, 1)
    assert not PairQuestion.objects.filter(closed_at=None).exists()


def test_without_turns_a_link_and_an_answer_would_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    results, _pair = _answer_while(monkeypatch, link=True, turns=False)
    assert [type(result) for result in results if isinstance(result, Exception)] == [OperationalError], results
