# SPDX-License-Identifier: EUPL-1.2
"""Who is suggested, in which order, with which reasons; and that the services refuse exactly what the page says."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fami_portal.core.services import acting
from mediation.enums import Gender, MediatorProfile, Mode, QualificationKind
from mediation.models import (
    AvailabilityException,
    MediationRequest,
    Mediator,
    MediatorQualification,
    Proposal,
    RequestLanguage,
    WeeklyAvailability,
)
from mediation.selectors.suggestions import Fit, Suggestion, suggestions
from mediation.services import assignment as services
from mediation.services.planning import MediatorBusyError
from mediation.services.suitability import UnsuitableError, check_suitable
from partners.models import Municipality
from tests.factories.mediation import MediatorLanguageFactory, MediatorTerritoryFactory, WeeklyAvailabilityFactory
from tests.factories.partners import LanguageFactory
from tests.mediation.board_world import END, NOW, START, BoardWorld, build, rome

pytestmark = pytest.mark.django_db
prepare = build


@pytest.fixture
def board(fresh: BoardWorld) -> BoardWorld:
    """The small world with its board."""
    return fresh


def _rank(request: MediationRequest, **fields: Any) -> list[Suggestion]:
    values = {"starts_at": START, "ends_at": END, "at": NOW} | fields
    return suggestions(request, **values)


def _one(request: MediationRequest, mediator: Mediator, **fields: Any) -> Suggestion:
    (row,) = _rank(request, only=[mediator.pk], **fields)
    return row


def _names(rows: list[Suggestion]) -> list[int]:
    return [row.mediator_id for row in rows]


def _pluses(row: Suggestion) -> str:
    return " | ".join(reason.text for reason in row.reasons if reason.plus)


def _book(board: BoardWorld, mediator: Mediator, start: Any = START, minutes: int = 60, **fields: Any) -> Any:
    request = board.taken(start=start, minutes_asked=minutes, **fields)
    values = {"starts_at": start, "ends_at": start + timedelta(minutes=minutes)}
    return services.confirm_arranged(
        request=request, mediator=mediator, reason="Accordo", by=board.coordinator, at=NOW, **values
    )


def test_languages_count_by_their_place_and_level(board: BoardWorld) -> None:
    request, second = board.taken(), LanguageFactory(code="fr", name="francese")
    with acting(None):
        RequestLanguage.objects.create(request=request, language=second, position=1)
    other = board.mediator(language=second)
    weak, strong = board.mediator(level="b1"), board.mediator()
    none = board.mediator(language=LanguageFactory(code="zh", name="cinese"))
    rows = _rank(request)
    assert _names(rows) == [strong.pk, other.pk, weak.pk, none.pk]
    assert [row.fit for row in rows] == [Fit.SUITABLE, Fit.SUITABLE, Fit.SUITABLE, Fit.UNSUITABLE]
    assert rows[3].refusals == ["language"]
    assert not rows[3].may_be_asked
    # Whoever speaks two of them is judged by the better one.
    MediatorLanguageFactory(mediator=other, language=board.language, level="c2")
    assert _one(request, other).position == 0


def test_the_variety_asked_weighs(board: BoardWorld) -> None:
    request = board.taken()
    with acting(None):
        RequestLanguage.objects.filter(request=request).update(variety="Marocco")
    other, unknown = board.mediator(variety="Egitto"), board.mediator()
    same = board.mediator(variety=" marocco ")
    rows = _rank(request)
    assert _names(rows) == [same.pk, unknown.pk, other.pk]
    assert [row.variety_match for row in rows] == ["same", "unknown", "other"]
    assert [row.fit for row in rows] == [Fit.SUITABLE, Fit.SUITABLE, Fit.DOUBTFUL]


def test_territory_counts_in_person_only(board: BoardWorld) -> None:
    near = Municipality.objects.create(code="001156", name="Moncalieri", province="TO", region="Piemonte")
    request = board.taken()
    here = board.world.bodies["school_1"].municipality
    around, nearby, far = board.mediator(), board.mediator(province=""), board.mediator(province="CN")
    unknown, exact = board.mediator(province=""), board.mediator(province="")
    MediatorTerritoryFactory(mediator=nearby, province="TO", municipality=near)
    MediatorTerritoryFactory(mediator=exact, province="TO", municipality=here)
    rows = _rank(request)
    assert _names(rows)[:3] == [exact.pk, around.pk, nearby.pk]
    assert {row.mediator_id: row.place for row in rows} == {
        exact.pk: "municipality",
        around.pk: "province",
        nearby.pk: "near",
        far.pk: "elsewhere",
        unknown.pk: "not_declared",
    }
    by_phone = board.taken(mode=Mode.PHONE)
    assert {row.place for row in _rank(by_phone)} == {"no_matter"}


def _week(mediator: Mediator, *rows: tuple[int, time, time]) -> None:
    for weekday, start, end in rows:
        WeeklyAvailabilityFactory(mediator=mediator, weekday=weekday, starts_at=start, ends_at=end)


def _except(mediator: Mediator, day: date, *, until: date | None = None, free: bool = False, **times: Any) -> None:
    with acting(None):
        AvailabilityException.objects.create(
            mediator=mediator, starts_on=day, ends_on=until or day, is_available=free, **times
        )


def test_free_is_the_week_minus_exceptions_plus_extra(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator(week=False)
    assert _one(request, mediator).free == "not_declared"
    wednesday = START.weekday()
    _week(mediator, (wednesday, time(9), time(10, 30)), (wednesday, time(10, 30), time(12)))
    assert _one(request, mediator).free == "free"
    assert _one(request, mediator, starts_at=rome(2019, 3, 13, 11, 30), ends_at=rome(2019, 3, 13, 12, 30)).free == (
        "outside"
    )
    assert _one(request, mediator, starts_at=rome(2019, 3, 14, 10), ends_at=rome(2019, 3, 14, 11)).free == "outside"
    _except(mediator, date(2019, 3, 14), free=True, starts_at=time(8), ends_at=time(13))
    assert _one(request, mediator, starts_at=rome(2019, 3, 14, 10), ends_at=rome(2019, 3, 14, 11)).free == "free"
    _except(mediator, date(2019, 3, 11), until=date(2019, 3, 13), starts_at=time(10, 45), ends_at=time(11, 15))
    away = _one(request, mediator)
    assert (away.free, away.fit) == ("away", Fit.DOUBTFUL)
    _except(mediator, date(2019, 3, 13), free=True, starts_at=time(10), ends_at=time(11))
    assert _one(request, mediator).free == "free"


def test_free_until_midnight_and_after(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator(week=False)
    night = {"starts_at": rome(2019, 3, 13, 23, 30), "ends_at": rome(2019, 3, 14, 0, 30)}
    _week(mediator, (2, time(20), time(23, 45)))
    assert _one(request, mediator, **night).free == "outside"
    _week(mediator, (3, time(0), time(2)))
    assert _one(request, mediator, **night).free == "free"


def test_busy_counts_travel(board: BoardWorld) -> None:
    mediator, request = board.mediator(), board.taken()
    _book(board, mediator, START + timedelta(minutes=100))
    row = _one(request, mediator)
    assert (row.refusals, row.fit) == (["busy"], Fit.UNSUITABLE)
    assert "free" not in _pluses(row)
    assert _one(board.taken(mode=Mode.PHONE), mediator).fit == Fit.SUITABLE
    earlier = {"starts_at": START - timedelta(minutes=20), "ends_at": END - timedelta(minutes=20)}
    assert _one(request, mediator, **earlier).fit == Fit.SUITABLE


def test_work_is_shared_fairly(board: BoardWorld) -> None:
    much, little = board.mediator(), board.mediator(confidentiality_signed_on=date(2018, 9, 1))
    _book(board, much, START - timedelta(days=12), minutes=120)
    _book(board, little, START - timedelta(days=11), minutes=60)
    # Outside the ninety days nothing weighs any more.
    _book(board, little, START - timedelta(days=150), minutes=240)
    rows = _rank(board.taken())
    assert _names(rows) == [little.pk, much.pk]
    assert [row.load_minutes for row in rows] == [60, 120]


def test_continuity_and_the_same_mediator_again(board: BoardWorld) -> None:
    known, other, wanted = board.mediator(), board.mediator(), board.mediator()
    _book(board, known, START - timedelta(days=10), case_code="AL-0001")
    # The same letters of another body are another case.
    _book(board, other, START - timedelta(days=10), case_code="AL-0001", kind="service")
    request = board.taken(case_code="AL-0001", same_mediator=wanted)
    rows = {row.mediator_id: row for row in _rank(request)}
    assert [rows[row.pk].knows_case for row in (known, other, wanted)] == [True, False, False]
    assert rows[wanted.pk].chosen_again
    assert _names(list(rows.values()))[0] == wanted.pk
    assert not any(row.knows_case for row in _rank(board.taken(case_code="")))


def test_qualification_gender_mode_and_answers_speak(board: BoardWorld) -> None:
    request = board.taken(mediator_gender=Gender.FEMALE, mode=Mode.VIDEO)
    woman = board.mediator(gender=Gender.FEMALE)
    man, unknown = board.mediator(gender=Gender.MALE), board.mediator()
    only_there = board.mediator(gender=Gender.FEMALE, modes=[Mode.IN_PERSON])
    with acting(None):
        for kind, expires in ((QualificationKind.COURSE, date(2019, 1, 1)), (QualificationKind.CRIMINAL_RECORD, None)):
            MediatorQualification.objects.create(mediator=woman, kind=kind, title="Titolo", expires_on=expires)
    row = _one(request, woman)
    assert (row.qualification, row.certificate, row.gender_match) == ("expired", "valid", "same")
    assert (_one(request, man).gender_match, _one(request, man).fit) == ("other", Fit.DOUBTFUL)
    assert (_one(request, unknown).gender_match, _one(request, unknown).fit) == ("unknown", Fit.SUITABLE)
    assert not _one(request, only_there).mode_match
    proposal = services.propose(
        request=request, mediator=woman, starts_at=START, ends_at=END, by=board.coordinator, at=NOW
    )
    assert _one(board.taken(), woman).other_offer
    services.refuse(proposal=proposal, reason="busy", by=woman.user, at=NOW)
    row = _one(request, woman)
    assert (row.answered, row.fit) == ("refused", Fit.DOUBTFUL)
    assert not _one(board.taken(), woman).other_offer


def test_nobody_of_the_network_is_hidden(board: BoardWorld) -> None:
    request = board.taken()
    shown = [
        board.mediator(),
        board.mediator(account=False),
        board.mediator(is_active=False),
        board.mediator(confidentiality_signed_on=None),
        board.mediator(profile=MediatorProfile.FACILITATOR),
        board.mediator(language=LanguageFactory(code="zh", name="cinese")),
    ]
    board.mediator(organisation=board.world.bodies["coop_2"])
    rows = _rank(request)
    assert set(_names(rows)) == {row.pk for row in shown}
    assert [row.fit for row in rows] == sorted(row.fit for row in rows)
    assert rows[0].total == len(shown)
    assert rows[0].suitable == 1
    for row in rows:
        assert row.reasons
        assert all(line[:2] in ("+ ", "- ") for line in row.explanation)
        assert bool(row.refusals) == (row.fit == Fit.UNSUITABLE)
        assert bool(row.refusal) == bool(row.refusals)
    page = _rank(request, limit=2, offset=2)
    assert _names(page) == _names(rows)[2:4]
    assert page[0].total == len(shown)


def test_one_statement_whatever_the_register_holds(board: BoardWorld) -> None:
    request = board.taken()
    for number in (1, 20):
        for _mediator in range(number):
            board.mediator(account=False)
        request = MediationRequest.objects.select_related("municipality", "organisation__municipality").get(
            pk=request.pk
        )
        with CaptureQueriesContext(connection) as captured:
            rows = _rank(request)
            assert all(row.reasons for row in rows)
        assert len(captured) == 1


def test_the_services_refuse_what_the_page_calls_impossible(board: BoardWorld) -> None:
    """For every kind of person: forbidden on the page if and only if a service refuses."""
    request = board.taken()
    busy, expired = board.mediator(), board.mediator()
    _book(board, busy)
    with acting(None):
        MediatorQualification.objects.create(
            mediator=expired, kind=QualificationKind.CRIMINAL_RECORD, title="X", expires_on=date(2019, 3, 1)
        )
    people = [
        board.mediator(),
        busy,
        expired,
        board.mediator(yearly_maximum=30),
        board.mediator(yearly_maximum=60),
        board.mediator(is_active=False),
        board.mediator(confidentiality_signed_on=date(2019, 3, 14)),
        board.mediator(profile=MediatorProfile.FACILITATOR),
        board.mediator(language=LanguageFactory(code="zh", name="cinese")),
        board.mediator(week=False),
    ]
    seen = set()
    for mediator in people:
        row = _one(request, mediator)
        seen.update(row.refusals)
        try:
            check_suitable(request=request, mediators=[mediator], starts_at=START, ends_at=END, at=NOW)
        except (UnsuitableError, MediatorBusyError):
            assert row.fit == Fit.UNSUITABLE
        else:
            assert row.fit != Fit.UNSUITABLE
    assert seen == {"busy", "certificate", "maximum", "inactive", "confidentiality", "facilitator", "language"}
    assert not Proposal.objects.exists()
    assert WeeklyAvailability.objects.exists()
