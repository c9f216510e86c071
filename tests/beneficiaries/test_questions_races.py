# SPDX-License-Identifier: EUPL-1.2
"""Two bodies that answer at once, and a coordinator or an exact link in between: over real connections."""

import threading
from typing import Any

import pytest

from beneficiaries.enums import PairState
from beneficiaries.models import Beneficiary, Merge, Pair, PairQuestion
from beneficiaries.services import matching, merging, questions
from fami_portal.core.errors import DomainError
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


def _answer_while(monkeypatch: pytest.MonkeyPatch, *, link: bool) -> tuple[list[Any], Pair]:
    """Answer, which joins the pair, while the coordinator keeps it apart, or the same code joins it."""
    scene = build()
    pair, first, second = ask(scene)
    questions.answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    contact, region = scene.contact, scene.region
    if link:
        name(pair.first, "Yasmine", "Çelik", CODE, renewed=True)
    else:
        with acting(None):
            # As if the twenty days had just passed.
            Pair.objects.filter(pk=pair.pk).update(state=PairState.OPEN)
    meeting, taking, came = threading.Barrier(2), merging.take_merging, threading.local()

    def take(programme_id: int) -> None:
        if not hasattr(came, "here"):
            came.here = True
            meeting.wait(timeout=20)
        taking(programme_id)

    for module in (questions, merging, matching):
        monkeypatch.setattr(module, "take_merging", take)
        monkeypatch.setattr(module.persons_changing, "send", lambda **_kwargs: [])

    def other() -> Any:
        if link:
            with acting(None):  # the locks first, as a correction takes them
                take(scene.programme.pk)
                return name(pair.second, "Yasmine", "Çelik", CODE, renewed=True)
        return merging.keep_apart(pair=pair, version=1, reason="No", by=region, at=AT)

    results = _together(
        lambda: questions.answer(question=second, version=1, answers=said(scene.school), by=contact, at=AT), other
    )
    return results, Pair.objects.get(pk=pair.pk)


def test_an_answer_never_overrules_the_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    results, pair = _answer_while(monkeypatch, link=False)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert (pair.state, Merge.objects.count()) == (PairState.APART, 0)


def test_an_exact_link_and_an_answer_join_once(monkeypatch: pytest.MonkeyPatch) -> None:
    results, pair = _answer_while(monkeypatch, link=True)
    assert all(not isinstance(result, Exception) or isinstance(result, DomainError) for result in results), results
    assert (pair.state, Merge.objects.count(), Beneficiary.objects.unmerged().count()) == (PairState.MERGED, 1, 1)
    assert not PairQuestion.objects.filter(closed_at=None).exists()
