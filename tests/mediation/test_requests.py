# SPDX-License-Identifier: EUPL-1.2
"""The life of a request before it is held: drafts, submission, signature of the head, the ways in which it ends."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actions.enums import MediationRequestKind
from actions.models import RequestKind
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import Message, TransitionLog
from fami_portal.core.services import acting
from mediation.enums import AccountUse, AuthorisationMethod, MovementKind, RequestChannel, RequestState, Urgency
from mediation.models import HourAccount, HourMovement, MediationRequest, RequestSlot
from mediation.selectors.requests import cancellation_cost, places_for, problems, settings_for
from mediation.services import requests as services
from mediation.services.planning import plan_session
from tests.factories.actions import ActivityFactory
from tests.factories.mediation import (
    HourAccountFactory,
    MediationRequestFactory,
    MediatorFactory,
    RequestKindFactory,
)
from tests.guard import undone
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db

ROME = ZoneInfo("Europe/Rome")
# A Monday; ten days later is a Thursday without holidays in between.
AT = datetime(2019, 2, 4, 9, tzinfo=ROME)
DAY = date(2019, 2, 14)
OPEN = (DAY, None, None)


def prepare() -> World:
    """A.1 is offered in programme A and network n1 has ten hours."""
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"])
    world.objects["account"] = HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])
    return world


@pytest.fixture
def school(fresh: World) -> World:
    return fresh


def a_request(world: World, *, slot: Any = (DAY, time(10), time(11)), **values: Any) -> MediationRequest:
    """Return a draft of school_1 that can be submitted at `AT`."""
    return MediationRequestFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        slot=slot,
        **values,
    )


def submitted(world: World, **values: Any) -> MediationRequest:
    """Return a request that waits for the head."""
    request = a_request(world, **values)
    services.submit(request=request, by=world.personas["school_contact"], at=AT)
    return request


def authorised(world: World, **values: Any) -> MediationRequest:
    """Return a request that waits for the coordinator."""
    request = submitted(world, **values)
    services.authorise(request=request, by=world.personas["school_head"], at=AT)
    return request


def figures(account: HourAccount) -> tuple[int, int, int]:
    """Return minutes granted, reserved, consumed."""
    account = HourAccount.objects.get(pk=account.pk)
    return account.granted, account.reserved, account.consumed


def blocking(request: MediationRequest) -> dict[str, str]:
    """Return what blocks a request, by field."""
    return {row.field: row.sentence for row in problems(request, settings_for(request), at=AT) if row.blocking}


def warnings(request: MediationRequest) -> dict[str, str]:
    """Return what does not block, by field."""
    return {row.field: row.sentence for row in problems(request, settings_for(request), at=AT) if not row.blocking}


# --- drafts ----------------------------------------------------------------------------------------------------------


def start(world: World, by: str = "teacher", **values: Any) -> MediationRequest:
    """Begin a draft of school_1."""
    return services.start_draft(
        **{
            "kind": MediationRequestKind.SCHOOL,
            "programme": world.programmes["a"],
            "network": world.networks["n1"],
            "organisation": world.bodies["school_1"],
            "by": world.personas[by],
            "at": AT,
        }
        | values
    )


def test_a_draft_begins_with_a_code_of_its_own_and_a_double_click_makes_one(school: World) -> None:
    key = uuid.uuid4()
    first, second = start(school, key=key), start(school, key=key)
    assert first.pk == second.pk
    assert first.case_code.startswith("AL-")
    assert first.state == RequestState.DRAFT


def test_the_contact_who_begins_is_the_contact(school: World) -> None:
    contact = school.personas["school_contact"]
    assert start(school, "school_contact").contact_email == contact.email
    assert start(school, "teacher").contact_email == ""


def test_others_do_not_write_drafts_of_the_school(school: World) -> None:
    for stranger in ("service_operator", "school_head", "network_coordinator", "mediator"):
        with pytest.raises(NotPermitted):
            start(school, stranger)


def test_what_the_programme_does_not_offer_cannot_be_begun(school: World) -> None:
    for kind in (MediationRequestKind.SERVICE, MediationRequestKind.LEGAL):
        with pytest.raises(DomainError):
            start(school, kind=kind)
    assert not MediationRequest.objects.exists()


def test_a_network_of_others_cannot_be_asked(school: World) -> None:
    with pytest.raises(DomainError):
        start(school, network=school.networks["n2"])


def test_saving_keeps_what_is_given_and_the_furthest_step(school: World) -> None:
    request = start(school)
    language = a_request(school).languages.get().language
    teacher = school.personas["teacher"]
    services.save_draft(
        request=request,
        values={"reason": "Colloquio di metà anno.", "minutes_asked": 120, "sessions_asked": 2},
        version=1,
        step=3,
        by=teacher,
        languages=[(language, "darija")],
        slots=[(DAY, time(10), time(11)), (DAY + timedelta(days=1), None, None)],
    )
    services.save_draft(request=request, values={"place": "Aula magna"}, version=2, step=1, by=teacher)
    assert (request.reason, request.place, request.step, request.version) == (
        "Colloquio di metà anno.",
        "Aula magna",
        3,
        3,
    )
    assert request.session_minutes == 60
    assert [(row.language_id, row.variety) for row in request.languages.all()] == [(language.pk, "darija")]
    assert [row.day for row in request.slots.order_by("position")] == [DAY, DAY + timedelta(days=1)]


def test_a_stale_page_saves_nothing(school: World) -> None:
    request = start(school)
    teacher = school.personas["teacher"]
    services.save_draft(request=request, values={"reason": "Prima"}, version=1, step=1, by=teacher)
    with pytest.raises(StaleError):
        services.save_draft(request=request, values={"reason": "Seconda"}, version=1, step=1, by=teacher)
    assert MediationRequest.objects.get(pk=request.pk).reason == "Prima"


IDENTIFYING = (
    ("reason", "Chiamare il 333 1234567"),
    ("case_code", "RSSMRA80A01H501U"),
    ("place", "Scrivere a mamma@posta.example"),
    ("urgency_reason", "tel. 011.5621234"),
)


def test_what_identifies_a_person_is_never_kept(school: World) -> None:
    request = start(school)
    for field, text in IDENTIFYING:
        with pytest.raises(DomainError) as refused:
            services.save_draft(request=request, values={field: text}, version=1, step=1, by=school.personas["teacher"])
        assert refused.value.field == field
        assert getattr(MediationRequest.objects.get(pk=request.pk), field) != text, field


NO_TIMES: tuple[tuple[list[Any], str], ...] = (
    ([(DAY, time(23), time(1))], "slot_0_ends_at"),
    ([(DAY, time(10), None)], "slot_0_ends_at"),
    ([(DAY, None, None)] * 4, "slot_0_day"),
)


def test_times_that_make_no_sense_are_refused(school: World) -> None:
    request, teacher = start(school), school.personas["teacher"]
    for slots, field in NO_TIMES:
        with pytest.raises(DomainError) as refused:
            services.save_draft(request=request, values={}, version=1, step=3, by=teacher, slots=slots)
        assert refused.value.field == field, slots
        assert not RequestSlot.objects.filter(request=request).exists(), slots


def test_a_group_keeps_nothing_of_a_single_case(school: World) -> None:
    request = a_request(school, birth_year=2010)
    services.save_draft(
        request=request,
        values={"is_group": True, "families": 12},
        version=1,
        step=4,
        by=school.personas["teacher"],
    )
    assert (request.case_code, request.school_class, request.birth_year) == ("", "", None)
    assert "case_code" not in blocking(request)


def test_a_submitted_request_is_neither_changed_nor_thrown_away(school: World) -> None:
    request = submitted(school)
    contact = school.personas["school_contact"]
    with pytest.raises(TransitionNotAllowed):
        services.save_draft(request=request, values={"reason": "Altro"}, version=1, step=1, by=contact)
    with pytest.raises(TransitionNotAllowed):
        services.discard_draft(request=request, by=contact)
    assert MediationRequest.objects.filter(pk=request.pk).exists()


def test_a_draft_can_be_thrown_away(school: World) -> None:
    request = a_request(school)
    services.discard_draft(request=request, by=school.personas["teacher"])
    assert not MediationRequest.objects.filter(pk=request.pk).exists()


def test_a_copy_takes_the_case_and_asks_the_days_anew(school: World) -> None:
    request = submitted(school, family_informed_on=date(2019, 1, 10))
    copy = services.copy_request(request=request, by=school.personas["teacher"], at=AT)
    assert (copy.case_code, copy.place, copy.minutes_asked) == (request.case_code, request.place, 60)
    assert copy.languages.get().language_id == request.languages.get().language_id
    assert (copy.state, copy.family_informed_on, copy.slots.count()) == (RequestState.DRAFT, None, 0)


# --- submission ------------------------------------------------------------------------------------------------------


def test_submitting_numbers_reserves_and_tells_the_head(school: World) -> None:
    request = submitted(school)
    assert (request.state, request.number, request.last_day) == (RequestState.SUBMITTED, "A1-2019-00001", DAY)
    assert (request.submitted_by, request.state_since) == (school.personas["school_contact"], AT)
    assert figures(school.objects["account"]) == (600, 60, 0)
    assert [row.recipient for row in Message.objects.filter(kind="mediation_submitted")] == [
        school.personas["school_head"]
    ]
    assert submitted(school).number == "A1-2019-00002"


def test_submitting_twice_is_once(school: World) -> None:
    request = submitted(school)
    with pytest.raises(TransitionNotAllowed):
        services.submit(request=request, by=school.personas["school_contact"], at=AT)
    assert figures(school.objects["account"]) == (600, 60, 0)
    assert TransitionLog.objects.filter(entity="mediation.mediationrequest", transition="submit").count() == 1


def test_only_the_contact_submits(school: World) -> None:
    request = a_request(school)
    for stranger in ("teacher", "school_head", "service_operator", "network_coordinator"):
        with pytest.raises(NotPermitted):
            services.submit(request=request, by=school.personas[stranger], at=AT)
        assert figures(school.objects["account"]) == (600, 0, 0), stranger


def test_a_refused_submission_changes_nothing(school: World) -> None:
    request = a_request(school, place="", operator_present=False)
    with pytest.raises(services.RequestHasProblemsError) as refused:
        services.submit(request=request, by=school.personas["school_contact"], at=AT)
    assert {row.field for row in refused.value.problems} == {"place", "operator_present"}
    request.refresh_from_db()
    assert (request.state, request.number) == (RequestState.DRAFT, "")
    assert figures(school.objects["account"]) == (600, 0, 0)
    assert not Message.objects.exists()
    assert submitted(school).number == "A1-2019-00001"


def test_more_than_the_account_holds_is_refused_with_the_balance(school: World) -> None:
    account = school.objects["account"]
    submitted(school, minutes_asked=480, sessions_asked=8)
    request = a_request(school, minutes_asked=180, sessions_asked=3)
    assert "2 h" in blocking(request)["minutes_asked"]
    with pytest.raises(services.RequestHasProblemsError):
        services.submit(request=request, by=school.personas["school_contact"], at=AT)
    assert figures(account) == (600, 480, 0)


def test_near_the_end_of_the_hours_a_warning(school: World) -> None:
    request = a_request(school, minutes_asked=480, sessions_asked=8)
    assert "2 h" in warnings(request)["minutes_asked"]
    assert not blocking(request)


def test_without_an_account_for_that_day_it_is_said(school: World) -> None:
    request = a_request(
        school, slot=(date(2018, 10, 10), time(10), time(11)), channel=RequestChannel.OUTSIDE, outside_reason="Telefono"
    )
    with acting(None):
        HourAccount.objects.update(starts_on=date(2019, 1, 1))
    assert "minutes_asked" in blocking(request)
    with pytest.raises(DomainError):
        services.submit(request=request, by=school.personas["school_contact"], at=AT)


def test_the_reserve_for_urgency_comes_first_and_on_call_after_it(school: World) -> None:
    reserve = HourAccountFactory(
        programme=school.programmes["a"], network=school.networks["n1"], use=AccountUse.URGENCY, minutes=60
    )
    urgent = {"urgency": Urgency.URGENT, "urgency_reason": "Arrivo in settimana", "slot": (AT.date(), None, None)}
    assert submitted(school, **urgent).account == reserve
    assert submitted(school, **urgent).account == school.objects["account"]
    assert (figures(reserve), figures(school.objects["account"])) == ((60, 60, 0), (600, 60, 0))


def test_a_body_with_an_account_of_its_own_draws_on_it(school: World) -> None:
    own = HourAccountFactory(
        programme=school.programmes["a"], network=school.networks["n1"], organisation=school.bodies["school_1"]
    )
    assert submitted(school).account == own


# --- the rules -------------------------------------------------------------------------------------------------------


MISSING: tuple[tuple[dict[str, Any], str], ...] = (
    ({"contact_name": " "}, "contact_name"),
    ({"contact_email": ""}, "contact_email"),
    ({"field_contact_name": ""}, "field_contact_name"),
    ({"field_contact_email": ""}, "field_contact_email"),
    ({"interventions": []}, "interventions"),
    ({"interventions": ["home_visit"]}, "interventions"),
    ({"reason": ""}, "reason"),
    ({"urgency": Urgency.URGENT}, "urgency_reason"),
    ({"mediator_gender": "female"}, "mediator_gender_reason"),
    ({"minutes_asked": 0}, "minutes_asked"),
    ({"minutes_asked": 23 * 60}, "minutes_asked"),
    ({"minutes_asked": 75, "slot": OPEN}, "minutes_asked"),
    ({"minutes_asked": 121, "sessions_asked": 2, "slot": OPEN}, "minutes_asked"),
    ({"minutes_asked": 4800, "sessions_asked": 20, "slot": OPEN}, "sessions_asked"),
    ({"mode": "video"}, "video_link"),
    ({"place": ""}, "place"),
    ({"operator_present": False}, "operator_present"),
    ({"family_informed_on": None}, "family_informed_on"),
    ({"family_informed_on": date(2019, 3, 1)}, "family_informed_on"),
    ({"notice_version": ""}, "notice_version"),
    ({"case_code": ""}, "case_code"),
    ({"is_group": True, "families": None}, "families"),
    ({"birth_year": 2035}, "birth_year"),
    ({"arrived_on": date(2030, 1, 1)}, "arrived_on"),
    ({"reason": "telefono 3331234567"}, "reason"),
    ({"channel": RequestChannel.OUTSIDE}, "outside_reason"),
    ({"slot": (date(2019, 2, 3), time(10), time(11))}, "slot_0_day"),
    ({"slot": (date(2019, 2, 8), time(10), time(11))}, "slot_0_day"),
    ({"slot": (date(2031, 2, 14), time(10), time(11))}, "slot_0_day"),
    ({"slot": (DAY, time(10), time(10, 30))}, "slot_0_starts_at"),
)


def test_what_is_missing_is_said_at_its_field(school: World) -> None:
    for values, field in MISSING:
        with undone():
            found = blocking(a_request(school, **values))
            assert list(found) == [field], values
            assert found[field].endswith("."), values


def test_everything_missing_is_said_at_once(school: World) -> None:
    found = blocking(start(school, "school_contact"))
    assert {"field_contact_name", "languages", "interventions", "minutes_asked", "slot_0_day", "notice_version"} <= set(
        found
    )


def test_the_notice_counts_working_days(school: World) -> None:
    at_nine = time(9), time(10)
    assert not blocking(a_request(school, slot=(date(2019, 2, 11), *at_nine)))
    assert "5" in blocking(a_request(school, slot=(date(2019, 2, 11), time(8), time(9))))["slot_0_day"]
    # Easter Monday and the 25th of April are no working days.
    before_easter = datetime(2019, 4, 18, 9, tzinfo=ROME)
    request = a_request(school, slot=(date(2019, 4, 26), *at_nine))
    assert "slot_0_day" in {row.field for row in problems(request, settings_for(request), at=before_easter)}


def test_a_day_whose_hour_is_to_be_agreed_counts_whole(school: World) -> None:
    assert "slot_0_day" in blocking(a_request(school, slot=(date(2019, 2, 8), None, None)))
    assert not blocking(a_request(school, slot=(date(2019, 2, 11), None, None)))


def test_urgency_needs_hours_not_days(school: World) -> None:
    urgent = {"urgency": Urgency.URGENT, "urgency_reason": "Rischio di abbandono"}
    assert not blocking(a_request(school, slot=(AT.date(), time(13), time(14)), **urgent))
    assert "4" in blocking(a_request(school, slot=(AT.date(), time(12), time(13)), **urgent))["slot_0_day"]


def test_holidays_and_sundays_are_pointed_out(school: World) -> None:
    assert "slot_0_day" in warnings(a_request(school, slot=(date(2019, 2, 17), time(10), time(11))))
    assert "slot_0_day" in warnings(a_request(school, slot=(date(2019, 4, 25), time(10), time(11))))
    assert not warnings(a_request(school))


def test_possible_names_are_pointed_out(school: World) -> None:
    assert "Amina" in warnings(a_request(school, reason="Incontro con la mamma di Amina."))["reason"]
    assert "Fatima Benali" in warnings(a_request(school, case_code="Fatima Benali"))["case_code"]
    assert not warnings(a_request(school, case_code="AL-7F3K"))


def test_a_new_arrival_says_when(school: World) -> None:
    new = {"urgency": Urgency.NEW_ARRIVAL}
    assert "arrived_on" in warnings(a_request(school, **new))
    assert "arrived_on" in warnings(a_request(school, arrived_on=date(2015, 1, 1), **new))
    assert not warnings(a_request(school, arrived_on=date(2018, 12, 1), **new))


def test_what_was_agreed_outside_may_be_past(school: World) -> None:
    request = a_request(
        school,
        slot=(date(2019, 2, 1), time(10), time(11)),
        channel=RequestChannel.OUTSIDE,
        outside_reason="Concordato per telefono",
    )
    assert not blocking(request)
    services.submit(request=request, by=school.personas["school_contact"], at=AT)
    assert services.expire_overdue(at=AT + timedelta(days=30)) == 0


def test_a_service_without_family_needs_no_notice(world: World) -> None:
    RequestKindFactory(programme=world.programmes["a"], kind=MediationRequestKind.SERVICE)
    HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"], kind=MediationRequestKind.SERVICE)
    asked: dict[str, Any] = {
        "kind": MediationRequestKind.SERVICE,
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "organisation": world.bodies["service_1"],
        "slot": (DAY, time(10), time(11)),
        "case_kind": "family",
        "family_informed_on": None,
        "notice_version": "",
    }
    assert not blocking(MediationRequestFactory(interventions=["network_meeting"], **asked))
    assert set(blocking(MediationRequestFactory(interventions=["home_visit"], **asked))) == {
        "family_informed_on",
        "notice_version",
    }


def test_where_a_body_may_ask(school: World) -> None:
    kinds = [MediationRequestKind.SCHOOL, MediationRequestKind.SERVICE]
    found = places_for([school.bodies["school_1"], school.bodies["service_1"]], kinds, at=AT)
    assert [(place.kind, place.organisation, place.network) for place in found] == [
        (MediationRequestKind.SCHOOL, school.bodies["school_1"], school.networks["n1"])
    ]


# --- the head --------------------------------------------------------------------------------------------------------


def test_the_head_authorises_and_the_coordinator_is_told(school: World) -> None:
    request = authorised(school)
    assert (request.state, request.authorisation) == (RequestState.AUTHORISED, AuthorisationMethod.ACCOUNT)
    assert request.authorised_by == school.personas["school_head"]
    assert [row.recipient for row in Message.objects.filter(kind="mediation_authorised")] == [
        school.personas["network_coordinator"]
    ]


def test_only_the_head_authorises(school: World) -> None:
    request = submitted(school)
    for stranger in ("school_contact", "teacher", "network_coordinator"):
        with pytest.raises(NotPermitted):
            services.authorise(request=request, by=school.personas[stranger], at=AT)
        assert MediationRequest.objects.get(pk=request.pk).state == RequestState.SUBMITTED, stranger


def test_by_a_link_the_head_writes_the_name(school: World) -> None:
    request = submitted(school)
    with pytest.raises(DomainError):
        services.authorise(request=request, by=None, at=AT, method=AuthorisationMethod.LINK)
    services.authorise(request=request, by=None, at=AT, method=AuthorisationMethod.LINK, name="Dirigente Prova")
    assert (request.authorised_name, request.authorisation) == ("Dirigente Prova", AuthorisationMethod.LINK)


def test_where_no_signature_is_asked_it_goes_to_the_coordinator_at_once(school: World) -> None:
    with acting(None):
        RequestKind.objects.filter(programme=school.programmes["a"]).update(settings={"needs_authorisation": False})
    request = submitted(school)
    assert (request.state, request.authorisation) == (RequestState.AUTHORISED, AuthorisationMethod.NOT_NEEDED)
    assert not Message.objects.filter(kind="mediation_submitted").exists()


def test_declined_by_the_head_the_hours_are_free(school: World) -> None:
    request = submitted(school)
    with pytest.raises(TransitionNotAllowed):
        services.decline(request=request, comment=" ", by=school.personas["school_head"], at=AT)
    assert figures(school.objects["account"]) == (600, 60, 0)
    services.decline(request=request, comment="Già seguito", by=school.personas["school_head"], at=AT)
    assert (request.state, request.closed_at) == (RequestState.REJECTED, AT)
    assert figures(school.objects["account"]) == (600, 0, 0)
    told = {row.recipient for row in Message.objects.filter(kind="mediation_rejected")}
    assert told == {school.personas["school_contact"]}


# --- back and forth --------------------------------------------------------------------------------------------------


def test_completing_reserves_the_difference_and_asks_the_head_again(school: World) -> None:
    contact, coordinator = school.personas["school_contact"], school.personas["network_coordinator"]
    request = authorised(school, minutes_asked=120, sessions_asked=2)
    services.ask_to_complete(request=request, comment="Basta un incontro?", by=coordinator, at=AT)
    assert figures(school.objects["account"]) == (600, 120, 0)
    services.save_draft(
        request=request, values={"minutes_asked": 60, "sessions_asked": 1}, version=request.version, step=3, by=contact
    )
    # Days later the notice of the first submission still counts.
    services.complete(request=request, by=contact, at=AT + timedelta(days=4))
    assert (request.state, request.authorisation, request.number) == (RequestState.SUBMITTED, "", "A1-2019-00001")
    assert figures(school.objects["account"]) == (600, 60, 0)
    kinds = HourMovement.objects.filter(source_id=request.pk).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [
        MovementKind.REQUEST,
        MovementKind.RESERVE,
        MovementKind.RELEASE,
        MovementKind.REQUEST,
        MovementKind.RESERVE,
    ]


def test_rejected_by_the_coordinator(school: World) -> None:
    request = authorised(school)
    with pytest.raises(NotPermitted):
        services.reject(request=request, reason="No", by=school.personas["school_contact"], at=AT)
    services.reject(request=request, reason="Fuori ambito", by=school.personas["network_coordinator"], at=AT)
    assert request.state == RequestState.REJECTED
    assert figures(school.objects["account"]) == (600, 0, 0)


def test_cancelled_before_anybody_kept_time_free_it_costs_nothing(school: World) -> None:
    request = authorised(school)
    cost = services.cancel(request=request, reason="Incontro rinviato", by=school.personas["school_contact"], at=AT)
    assert (cost.minutes, cost.free_until) == (0, None)
    assert request.state == RequestState.CANCELLED
    assert figures(school.objects["account"]) == (600, 0, 0)
    assert {row.recipient for row in Message.objects.filter(kind="mediation_cancelled")} == {
        school.personas["network_coordinator"]
    }
    with pytest.raises(TransitionNotAllowed):
        services.cancel(request=request, reason="Di nuovo", by=school.personas["school_contact"], at=AT)


def test_what_nobody_took_in_time_expires_once(school: World) -> None:
    request = authorised(school)
    draft = a_request(school)
    late = AT + timedelta(days=11)
    assert services.expire_overdue(at=AT + timedelta(days=10)) == 0
    assert (services.expire_overdue(at=late), services.expire_overdue(at=late)) == (1, 0)
    request.refresh_from_db()
    assert (request.state, request.unmet) == (RequestState.EXPIRED, False)
    assert figures(school.objects["account"]) == (600, 0, 0)
    assert MediationRequest.objects.get(pk=draft.pk).state == RequestState.DRAFT


# --- giving up what a mediator has kept free -------------------------------------------------------------------------


STARTS = datetime.combine(DAY, time(10), tzinfo=ROME)


def confirmed(world: World, **values: Any) -> MediationRequest:
    """Return a request with a mediator who comes on `DAY` at ten."""
    request = authorised(world, **values)
    mediator = MediatorFactory(organisation=world.bodies["coop_1"])
    activity = ActivityFactory(network=world.networks["n1"], organisation=world.bodies["coop_1"])
    with acting(None):
        MediationRequest.objects.filter(pk=request.pk).update(
            state=RequestState.CONFIRMED, mediator=mediator, activity=activity, confirmed_at=AT, taken_at=AT
        )
        request.refresh_from_db()
        plan_session(request=request, mediator=mediator, starts_at=STARTS, ends_at=STARTS + timedelta(hours=1))
    return request


@pytest.mark.parametrize(("before", "charged"), [(timedelta(hours=24), 0), (timedelta(hours=23, minutes=59), 60)])
def test_cancelling_in_time_is_free_and_late_is_charged(school: World, before: timedelta, charged: int) -> None:
    request = confirmed(school, minutes_asked=120, sessions_asked=2, slot=OPEN)
    now = STARTS - before
    announced = cancellation_cost(request, settings_for(request), at=now)
    cost = services.cancel(request=request, reason="Non serve più", by=school.personas["school_contact"], at=now)
    assert announced.minutes == cost.minutes == charged
    assert announced.free_until == STARTS - timedelta(hours=24)
    assert figures(school.objects["account"]) == (600, 0, charged)
    session = request.sessions.get()
    assert (session.state, session.absent, session.charged_minutes) == ("cancelled", "requester", charged)


def test_what_has_begun_is_not_cancelled(school: World) -> None:
    request = confirmed(school)
    with pytest.raises(TransitionNotAllowed):
        services.cancel(request=request, reason="Tardi", by=school.personas["school_contact"], at=STARTS)
    assert request.sessions.get().state == "planned"
    assert figures(school.objects["account"]) == (600, 60, 0)


def test_the_same_mediator_again(school: World) -> None:
    request = confirmed(school)
    contact = school.personas["school_contact"]
    services.cancel(request=request, reason="Rinviato", by=contact, at=AT)
    key = uuid.uuid4()
    first, second = (
        services.copy_request(request=request, by=contact, at=AT, same_mediator=True, key=key) for _click in range(2)
    )
    assert first.pk == second.pk
    assert first.same_mediator == request.mediator
