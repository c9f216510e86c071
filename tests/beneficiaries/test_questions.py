# SPDX-License-Identifier: EUPL-1.2
"""Pairs of records of two bodies: each is asked of its own record alone, the portal compares, the coordinator is last."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import PairState, QuestionsEnd
from beneficiaries.models import Beneficiary, Merge, Pair, PairQuestion
from beneficiaries.selectors.questions import Answers, compare, questions_panel
from beneficiaries.services.merging import keep_apart, merge
from beneficiaries.services.questions import ANSWER_DAYS, answer, ask_bodies
from fami_portal.core.errors import NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import Message, RowHistory
from fami_portal.core.services import acting
from partners.models import Membership
from tests.actions.scene import Scene
from tests.beneficiaries.people import AT, CODE, known, name
from tests.factories.partners import OrganisationFactory

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER, MARCH = date(2018, 9, 1), date(2018, 10, 1), date(2018, 3, 1)


def ask(scene: Scene) -> tuple[Pair, PairQuestion, PairQuestion]:
    """Return a pair of the cooperative and the school, and what each of them is asked."""
    _people = scene.operator, scene.contact  # bodies without people are not asked
    known(scene, "Yasmine", "Çelik")
    known(scene, "CELIK", "yasmine", body=scene.school)
    assert ask_bodies(at=AT) == 2
    pair = Pair.objects.get()
    first, second = (PairQuestion.objects.get(beneficiary=one) for one in (pair.first, pair.second))
    return pair, first, second


def said(school: Any, **values: Any) -> Answers:
    """Return what a body says that knows the child."""
    return Answers(**({"site_id": school.pk, "group": "3B", "enrolled_month": SEPTEMBER, "sibling": "no"} | values))


@pytest.mark.parametrize(
    ("one", "other", "end"),
    [
        ({}, {"group": "3^ b"}, "agreed"),
        ({}, {"group": "", "enrolled_month": OCTOBER}, "unclear"),
        ({}, {"group": ""}, "agreed"),
        ({}, {"group": "2A"}, "unclear"),
        ({}, {"sibling": "yes"}, "unclear"),
        ({"sibling": "yes"}, {"sibling": "yes"}, "unclear"),
        ({}, {"site_id": 2}, "unclear"),
        ({}, {"site_id": 2, "enrolled_month": MARCH}, "differed"),
        ({}, {"site_id": 2, "enrolled_month": None, "sibling": "yes"}, "differed"),
        ({}, {"site_id": None, "group": "", "enrolled_month": None, "sibling": "unknown"}, "unclear"),
    ],
)
def test_what_two_answers_decide(one: dict[str, Any], other: dict[str, Any], end: str) -> None:
    given: dict[str, Any] = {"site_id": 1, "group": "3B", "enrolled_month": SEPTEMBER, "sibling": "no"}
    answers = [Answers(**(given | values)) for values in (one, other)]
    assert compare(*answers) == compare(*reversed(answers)) == end


def test_the_same_answers_join_and_leave_only_the_outcome(scene: Scene) -> None:
    pair, first, second = ask(scene)
    answer(question=second, version=1, answers=said(scene.school), by=scene.contact, at=AT)
    pair.refresh_from_db()
    assert pair.state == PairState.ASKED
    with pytest.raises(TransitionNotAllowed):
        merge(pair=pair, version=pair.version, reason="Sì", by=scene.region, at=AT)
    with pytest.raises(NotPermitted):
        answer(question=first, version=1, answers=said(scene.school), by=scene.contact, at=AT)
    with pytest.raises(StaleError):
        answer(question=first, version=7, answers=said(scene.school), by=scene.operator, at=AT)

    answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    answer(question=first, version=1, answers=said(scene.school, group="9Z"), by=scene.operator, at=AT)  # twice

    pair.refresh_from_db()
    assert (pair.state, pair.questions_end, pair.decided_by, pair.reason) == ("merged", "agreed", None, "")
    assert (Merge.objects.get().by, Merge.objects.get().automatic) == (None, False)
    assert Beneficiary.objects.unmerged().count() == 1
    for row in PairQuestion.objects.order_by("pk"):
        assert (row.site, row.group, row.enrolled_month, row.sibling) == (None, "", None, "")
    assert "3B" not in str(list(RowHistory.objects.values_list("changes", flat=True).order_by("pk")))


def test_different_answers_keep_apart_and_unclear_ones_go_to_the_coordinator(scene: Scene) -> None:
    pair, first, second = ask(scene)
    other = OrganisationFactory(kind="school")
    answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    answer(question=second, version=1, answers=said(other, enrolled_month=MARCH), by=scene.contact, at=AT)
    pair.refresh_from_db()
    assert (pair.state, pair.questions_end) == (PairState.APART, QuestionsEnd.DIFFERED)

    third = known(scene, "Yasmin", "Celik", body=scene.school)
    unclear = Pair.objects.get(second=third, first=first.beneficiary)
    ask_bodies(at=AT)
    for question in PairQuestion.objects.filter(pair=unclear).order_by("pk"):
        by = scene.operator if question.organisation == scene.cooperative else scene.contact
        answer(question=question, version=1, answers=Answers(), by=by, at=AT)
    unclear.refresh_from_db()
    assert (unclear.state, unclear.questions_end) == (PairState.OPEN, QuestionsEnd.UNCLEAR)
    keep_apart(pair=unclear, version=unclear.version, reason="Bande diverse", by=scene.region, at=AT)


def test_silence_and_a_body_without_people_go_to_the_coordinator(scene: Scene) -> None:
    pair, first, second = ask(scene)
    answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    assert ask_bodies(at=AT + timedelta(days=ANSWER_DAYS)) == 0
    pair.refresh_from_db()
    assert pair.state == PairState.ASKED

    ask_bodies(at=AT + timedelta(days=ANSWER_DAYS + 1))
    pair.refresh_from_db()
    assert (pair.state, pair.questions_end) == (PairState.OPEN, QuestionsEnd.SILENT)
    first.refresh_from_db()
    assert (first.site, first.group, first.closed_at is None) == (None, "", False)
    with pytest.raises(TransitionNotAllowed):
        answer(question=second, version=second.version, answers=said(scene.school), by=scene.contact, at=AT)

    known(scene, "Amina", "Bektas")
    known(scene, "Bektas", "Amina", body=scene.school)
    with acting(None):
        Membership.objects.filter(user=scene.contact).update(valid_from="2010-01-01", valid_until="2010-02-01")
    assert ask_bodies(at=AT) == 0
    assert Pair.objects.order_by("-pk")[0].questions_end == QuestionsEnd.NOBODY


def test_the_same_code_ends_the_questions(scene: Scene) -> None:
    pair, first, second = ask(scene)
    answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    name(pair.first, "Yasmine", "Çelik", CODE, renewed=True)
    name(pair.second, "Yasmine", "Çelik", CODE, renewed=True)
    pair.refresh_from_db()
    assert pair.state == PairState.MERGED
    assert not PairQuestion.objects.filter(closed_at=None).exists()
    assert PairQuestion.objects.get(pk=first.pk).group == ""
    with pytest.raises(TransitionNotAllowed):
        answer(question=second, version=second.version, answers=said(scene.school), by=scene.contact, at=AT)


def test_two_records_of_one_body_are_not_asked_about(scene: Scene) -> None:
    known(scene, "Yasmine", "Çelik")
    known(scene, "Celik", "Yasmine")
    assert Pair.objects.get().state == PairState.OPEN
    assert ask_bodies(at=AT) == 0


def _neutral(text: str, question: PairQuestion) -> str:
    """Return a page without what is the record's own, the person's or of this request."""
    text = text[text.index("<main") : text.index("</main>")]
    one = question.beneficiary
    for own in (one.pseudonym, one.local_code, str(one.uuid), str(question.uuid)):
        text = text.replace(own, "OWN")
    return re.sub(r'(name="(csrfmiddlewaretoken|submission_key)" value=)"[^"]*"', r"\1", text)


def test_no_page_of_a_body_tells_anything_of_the_other_record(client: Client, scene: Scene) -> None:
    """Who came first or second reads the same words, with the same day, at the same kind of address."""
    pair, first, second = ask(scene)
    assert (first.due_on, first.asked_at) == (second.due_on, second.asked_at)
    pages = []
    for question, other, person, body in (
        (first, second, scene.operator, scene.school),
        (second, first, scene.contact, scene.cooperative),
    ):
        client.force_login(person)
        listed = client.get(reverse("beneficiaries:question-list")).content.decode()
        page = client.get(question.get_absolute_url()).content.decode()
        panel = list(questions_panel(person))
        assert [(row.url, row.due) for row in panel] == [(question.get_absolute_url(), question.due_on)]
        record = client.get(question.beneficiary.get_absolute_url()).content.decode()
        for text in (listed, page, record, *(f"{row.title} {row.context}" for row in panel)):
            for secret in (other.beneficiary.pseudonym, other.beneficiary.local_code, str(pair.uuid)):
                assert secret not in text
        assert body.name not in listed + record
        assert client.get(other.get_absolute_url()).status_code == 404
        assert client.get(reverse("beneficiaries:pair", args=[pair.uuid])).status_code == 404
        pages.append((_neutral(listed, question), _neutral(page, question)))
    assert pages[0] == pages[1]

    # Nor does what happens afterwards: one body answers, the other reads what it read before.
    client.force_login(scene.contact)
    posted = {"version": 1, "site": scene.school.pk, "group": "3B", "enrolled_month": "2018-09-01", "sibling": "no"}
    assert client.post(second.get_absolute_url(), posted | {"sibling": ""}).status_code == 200
    assert client.post(second.get_absolute_url(), posted).status_code == 302
    client.get(reverse("beneficiaries:question-list"))  # takes the thanks away
    answered = _neutral(client.get(second.get_absolute_url()).content.decode(), second)
    client.force_login(scene.operator)
    assert _neutral(client.get(first.get_absolute_url()).content.decode(), first) == pages[0][1]
    answer(question=first, version=1, answers=said(scene.school), by=scene.operator, at=AT)
    pair.refresh_from_db()
    assert pair.state == PairState.MERGED
    assert _neutral(client.get(first.get_absolute_url()).content.decode(), first) == answered
    client.force_login(scene.contact)
    assert _neutral(client.get(second.get_absolute_url()).content.decode(), second) == answered
    told = {(row.subject, row.body, row.url) for row in Message.objects.filter(kind="beneficiaries.questions")}
    assert len(told) == 1


def test_the_pages_cost_the_same(client: Client, scene: Scene, django_assert_max_num_queries: Any) -> None:
    _people = scene.operator, scene.contact
    for letter in "abc":
        for body in (scene.cooperative, scene.school):
            known(scene, "Yasmine", f"Cognome{letter * 2}", body=body)
    ask_bodies(at=AT)
    client.force_login(scene.operator)
    client.get(reverse("beneficiaries:question-list"))
    with django_assert_max_num_queries(15):
        text = client.get(reverse("beneficiaries:question-list")).content.decode()
    first = PairQuestion.objects.filter(organisation=scene.cooperative).order_by("pk")[0]
    assert first.beneficiary.pseudonym in text
    with django_assert_max_num_queries(15):
        client.get(first.get_absolute_url())
