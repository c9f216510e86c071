# SPDX-License-Identifier: EUPL-1.2
"""Outcomes: when the support has ended, by the rules of the fund, with their history."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.enums import OutcomeKind
from actions.workflow import ClosedPeriodError
from beneficiaries.enums import LanguageLevel, UsefulArea
from beneficiaries.models import Enrolment, Outcome
from beneficiaries.selectors.outcomes import due_on, standing_of, waiting_outcomes
from beneficiaries.services.outcome_reminders import remind_of_outcomes
from beneficiaries.services.outcomes import NewOutcome, OutcomesRefused, mark_of
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.ended_course import ASKED, AT, ATTESTED, ENDED, ended_course, record


def states(enrolment: Enrolment) -> dict[str, str]:
    rows = Outcome.objects.filter(enrolment=enrolment, superseded_at__isnull=True).order_by("pk")
    return {row.kind: row.state for row in rows}


RESULTS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "usefulness", "areas": ["work", "health"]}, "positive"),
    ({"kind": "usefulness", "areas": ["work"]}, "negative"),
    ({"kind": "usefulness", "areas": []}, "negative"),
    ({"kind": "satisfaction", "scores": [7, 7, 7]}, "positive"),
    ({"kind": "satisfaction", "scores": [10, 4, 6]}, "negative"),
    ({"kind": "language", "level": "a2", **ATTESTED}, "positive"),
    ({"kind": "language", "level": "a1"}, "negative"),
    ({"kind": "language", "level": "pre_a1"}, "negative"),
    ({"kind": "usefulness", "state": "pending"}, "pending"),
]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "language", "level": "a2"}, "attestazione"),
    ({"kind": "language", "level": "a2", **ATTESTED, "kept_at": " "}, "attestazione"),
    ({"kind": "language", "level": "a2", **ATTESTED, "attested_on": date(2018, 1, 1)}, "prima"),
    ({"kind": "language", **ATTESTED}, "livello"),
    ({"kind": "usefulness", "areas": ["moon"]}, "ambiti"),
    ({"kind": "satisfaction", "scores": [11]}, "10"),
    ({"kind": "recognition", "state": "positive"}, "richiesto"),
]


def test_the_result_follows_from_what_was_answered(scene: Scene) -> None:
    activity, supports = ended_course(scene, len(RESULTS))
    entries = [NewOutcome(one.pk, **values) for one, (values, _state) in zip(supports, RESULTS, strict=True)]
    assert record(scene, activity, *entries).written == len(RESULTS)
    for one, (values, state) in zip(supports, RESULTS, strict=True):
        assert states(one) == {values["kind"]: state}
        one.refresh_from_db()
        assert one.entry_level == "a1"
        assert one.exit_level == (values["level"] if values["kind"] == "language" else "")


def test_recognition_and_long_term_residence_have_three_values(scene: Scene) -> None:
    kinds = (OutcomeKind.RECOGNITION, OutcomeKind.LONG_STAY)
    activity, supports = ended_course(scene, 3, kinds=kinds)
    wanted = [
        {OutcomeKind.RECOGNITION: "positive", OutcomeKind.LONG_STAY: "negative"},
        {OutcomeKind.RECOGNITION: "pending", OutcomeKind.LONG_STAY: "positive"},
        {},
    ]
    record(
        scene,
        activity,
        *(
            NewOutcome(one.pk, kind, state=state)
            for one, values in zip(supports, wanted, strict=True)
            for kind, state in values.items()
        ),
    )
    assert [states(one) for one in supports] == wanted
    # Not a language course's question: the group does not ask for it.
    with pytest.raises(OutcomesRefused):
        record(scene, activity, NewOutcome(supports[2].pk, "usefulness", areas=["work", "health"]))


def test_what_cannot_be_is_refused_with_its_sentence_and_nothing_is_written(scene: Scene) -> None:
    activity, (one, two) = ended_course(scene, 2)
    for values, words in REFUSED:
        with pytest.raises(OutcomesRefused) as refused:
            record(scene, activity, NewOutcome(two.pk, "usefulness", areas=["work"]), NewOutcome(one.pk, **values))
        assert list(refused.value.problems) == [(one.pk, values["kind"])]
        assert words in str(refused.value)
    assert not Outcome.objects.exists()


def test_nothing_before_the_support_has_ended(scene: Scene) -> None:
    activity, (one, two) = ended_course(scene, 2)
    evening = datetime(2019, 6, 10, 16, tzinfo=UTC)
    entry = NewOutcome(one.pk, "usefulness", areas=["work"])
    with pytest.raises(OutcomesRefused, match="10/06/2019"):
        record(scene, activity, entry, collected_on=ENDED, at=evening)
    with acting(None):
        Enrolment.objects.filter(pk=one.pk).update(withdrawn_on=date(2019, 5, 2))
    record(scene, activity, entry, collected_on=ENDED, at=evening)  # who left can be asked before the others
    with pytest.raises(OutcomesRefused, match="02/05/2019"):
        record(scene, activity, NewOutcome(one.pk, "satisfaction", scores=[8]), collected_on=date(2019, 5, 1))
    with pytest.raises(DomainError) as future:
        record(scene, activity, NewOutcome(two.pk, "usefulness", areas=[]), collected_on=ASKED + timedelta(days=1))
    assert future.value.field == "collected_on"
    never = Enrolment.objects.get(pk=two.pk)
    with acting(None):
        never.attendances.all().delete()
    with pytest.raises(OutcomesRefused, match="presente"):
        record(scene, activity, NewOutcome(two.pk, "usefulness", areas=[]))


def test_the_latest_counts_and_the_earlier_ones_stay(scene: Scene) -> None:
    activity, (one,) = ended_course(scene, 1)
    record(scene, activity, NewOutcome(one.pk, "usefulness", areas=["work"]))
    again = record(scene, activity, NewOutcome(one.pk, "usefulness", areas=["work"], was=""))
    assert (again.written, again.unchanged) == (0, 1)  # the second half of a double click
    first = Outcome.objects.get()
    with pytest.raises(OutcomesRefused) as stale:
        record(scene, activity, NewOutcome(one.pk, "usefulness", areas=["work", "housing"], was=""))
    assert stale.value.stale == {(one.pk, "usefulness")}
    record(scene, activity, NewOutcome(one.pk, "usefulness", areas=["work", "housing"], was=mark_of(first)))
    assert states(one) == {"usefulness": "positive"}
    record(scene, activity, NewOutcome(one.pk, "usefulness"))
    assert states(one) == {"usefulness": "pending"}
    assert list(Outcome.objects.order_by("pk").values_list("state", flat=True)) == ["negative", "positive", "pending"]
    with pytest.raises(IntegrityError), transaction.atomic(), acting(None):
        Outcome.objects.filter(pk=first.pk).update(superseded_at=None)


def test_a_closed_period_takes_no_outcome_and_others_keep_out(scene: Scene) -> None:
    activity, (one,) = ended_course(scene, 1)
    entry = NewOutcome(one.pk, "usefulness", areas=["work"])
    for stranger in (scene.region, scene.coordinator, scene.outsider):
        with pytest.raises(NotPermitted):
            record(scene, activity, entry, by=stranger)
    record(scene, activity, entry)
    scene.close(2)
    with pytest.raises(ClosedPeriodError):
        record(scene, activity, NewOutcome(one.pk, "satisfaction", scores=[8]))
    record(scene, activity, entry)  # the same again asks nothing of the period
    later = datetime(2019, 10, 2, 7, tzinfo=UTC)
    record(
        scene, activity, NewOutcome(one.pk, "usefulness", areas=["work", "health"]), collected_on=later.date(), at=later
    )
    assert states(one) == {"usefulness": "positive"}
    with pytest.raises(IntegrityError, match="attested"), transaction.atomic(), acting(None):
        Outcome.objects.create(enrolment=one, kind="language", state="positive", collected_on=later.date(), at=AT)
    row = Outcome.objects.order_by("pk").first()
    with pytest.raises(Exception, match="closed"), transaction.atomic(), acting(None):  # the database too
        Outcome.objects.create(
            enrolment=one, kind="satisfaction", state="negative", collected_on=row.collected_on, at=AT
        )


def test_figures_have_three_values_and_reminders_count_once_a_body(scene: Scene) -> None:
    activity, (one, two, three) = ended_course(scene, 3)
    record(scene, activity, NewOutcome(one.pk, "usefulness", areas=["work", "health"]))
    record(scene, activity, NewOutcome(two.pk, "usefulness", areas=["work"]))
    figures = standing_of([activity.pk], ASKED)[activity.pk]
    usefulness = figures.figures["usefulness"]
    assert (usefulness.positive, usefulness.negative, usefulness.pending) == (1, 1, 1)
    assert (figures.figures["language"].pending, figures.missing, figures.persons) == (3, 7, 3)
    assert figures.due == date(2019, 9, 10)
    assert standing_of([activity.pk], ENDED)[activity.pk].missing == 0  # the last day: nobody is late
    bodies = [activity.organisation_id]
    assert not waiting_outcomes(bodies, date(2019, 9, 9), only_due=True)
    assert [row.missing for row in waiting_outcomes(bodies, date(2019, 9, 9))] == [7]

    assert scene.operator.pk
    other = scene.user("desk_operator", scene.cooperative)
    before = datetime(2019, 9, 9, 7, tzinfo=UTC)
    assert remind_of_outcomes(at=before) == 0
    assert remind_of_outcomes(at=AT) == 2
    assert remind_of_outcomes(at=AT + timedelta(days=3)) == 0
    messages = Message.objects.order_by("pk")
    assert {message.recipient_id for message in messages} == {scene.operator.pk, other.pk}
    text = "".join(f"{message.subject}{message.body}{message.url}" for message in messages)
    assert not any(code in text for code in (three.beneficiary.local_code, three.beneficiary.pseudonym))
    for support in (one, two, three):
        record(scene, activity, NewOutcome(support.pk, "satisfaction", state="pending"))
        record(scene, activity, NewOutcome(support.pk, "language", level="a1"))
    record(scene, activity, NewOutcome(three.pk, "usefulness", areas=[]))
    assert remind_of_outcomes(at=AT + timedelta(days=40)) == 0


def test_due_dates_are_three_months_later() -> None:
    assert due_on(date(2019, 11, 30)) == date(2020, 2, 29)
    assert due_on(date(2019, 12, 31)) == date(2020, 3, 31)
    assert due_on(date(2019, 6, 10)) == date(2019, 9, 10)


@settings(max_examples=60, deadline=None)
@given(
    scores=st.lists(st.integers(1, 10), min_size=1, max_size=30),
    areas=st.sets(st.sampled_from(UsefulArea.values)),
    entry=st.sampled_from(LanguageLevel.values),
    level=st.sampled_from(LanguageLevel.values),
)
def test_no_answer_escapes_the_rules(scores: list[int], areas: set[str], entry: str, level: str) -> None:
    from beneficiaries.services.outcomes import _Writing

    support = Enrolment(pk=1, entry_level=entry, enrolled_on=date(2019, 1, 15))
    support.times_present = 1  # type: ignore[attr-defined]
    writing = _writing(_Writing, support)
    levels = LanguageLevel.values
    found = {
        kind: writing.worked_out(NewOutcome(1, kind, **values)).state
        for kind, values in (
            ("satisfaction", {"scores": scores}),
            ("usefulness", {"areas": sorted(areas)}),
            ("language", {"level": level, **ATTESTED}),
        )
    }
    assert (found["satisfaction"] == "positive") == (sum(scores) / len(scores) >= 7)
    assert (found["usefulness"] == "positive") == (len(areas) >= 2)
    assert (found["language"] == "positive") == (levels.index(level) > levels.index(entry))


def _writing(kind: Any, support: Enrolment) -> Any:
    from actions.models import Activity, ActivityType, TargetGroup
    from beneficiaries.models import Beneficiary

    support.activity = Activity(ends_on=ENDED, activity_type=ActivityType(is_language=True))
    support.beneficiary = Beneficiary(target_group=TargetGroup(outcomes=["language", "usefulness", "satisfaction"]))
    writing = object.__new__(kind)
    writing.supports, writing.today = {1: support}, ASKED
    return writing
