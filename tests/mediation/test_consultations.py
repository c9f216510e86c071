# SPDX-License-Identifier: EUPL-1.2
"""Ethnoclinical consultations (A.5): when hours move, what the table of states lets through."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from actions.enums import MediationRequestKind
from actions.models import RequestKind
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import ConsultationOutcome, ConsultationState
from mediation.models import Consultation, ConsultationSession, HourAccount
from mediation.selectors.hours import reserved_for
from mediation.services import consultation_sessions as sessions
from mediation.services import consultations as services
from mediation.services.hours import NotEnoughHoursError
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import CONSULTATION
from tests.mediation.consulting import (
    NOW,
    SECRET,
    another,
    days,
    draft_referral,
    figures,
    offer,
    referral,
    referred,
)
from tests.mediation.consulting import settings as change_settings
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
KIND = MediationRequestKind.ETHNOCLINICAL


def prepare() -> World:
    """Programme A offers consultations, with twenty hours for network n1."""
    world = build_world()
    offer(world)
    return world


def clinician(world: World) -> Any:
    return world.personas["consultant"]


def operator(world: World) -> Any:
    return world.personas["service_operator"]


def accepted(world: World, minutes: int = 300) -> Consultation:
    consultation = referred(world)
    services.accept(consultation=consultation, minutes=minutes, by=clinician(world), at=NOW)
    return consultation


def assess(world: World, consultation: Consultation, number: int = 3, minutes: int = 60) -> None:
    for week in range(number):
        sessions.record_assessment(
            consultation=consultation,
            held_on=date(2026, 3, 10),
            minutes=minutes,
            professionals=2,
            by=clinician(world),
            at=NOW + days(week),
        )


def restitution(world: World, consultation: Consultation) -> ConsultationSession:
    return sessions.give_back(
        consultation=consultation,
        held_on=date(2026, 3, 10),
        minutes=90,
        text=f"Si restituisce al servizio {SECRET}",
        by=clinician(world),
        at=NOW,
    )


# --- referral and triage ---------------------------------------------------------------------------------------------


def test_a_referral_gets_its_number_and_waits_for_the_coordinator_to_name_a_clinician(scene: World) -> None:
    consultation = draft_referral(scene)
    assert consultation.number == ""

    services.refer(consultation=consultation, by=operator(scene), at=NOW)

    assert consultation.number == "A5-2026-00001"
    assert consultation.state == ConsultationState.REFERRED
    told = Message.objects.filter(kind="consultation_referred").values_list("recipient__email", flat=True)
    assert set(told) == {scene.personas["network_coordinator"].email}


def test_what_is_missing_is_said_all_at_once(scene: World) -> None:
    consultation = draft_referral(scene, question="", consent_given=False, urgency="urgent")

    with pytest.raises(DomainError) as refusal:
        services.refer(consultation=consultation, by=operator(scene), at=NOW)

    lacking = dict(services.missing(consultation))
    assert set(lacking) == {"question", "consent_given", "urgency_reason"}
    assert all(str(sentence) in str(refusal.value) for sentence in lacking.values())
    consultation.refresh_from_db()
    assert consultation.state == ConsultationState.DRAFT
    assert consultation.number == ""


def test_a_consent_of_tomorrow_is_refused(scene: World) -> None:
    consultation = draft_referral(scene, consent_on=date(2026, 3, 11))

    with pytest.raises(DomainError):
        services.refer(consultation=consultation, by=operator(scene), at=NOW)


def test_what_identifies_a_person_is_refused_in_every_free_text(scene: World) -> None:
    for field in services.FREE_TEXT:
        for text in ("RSSMRA80A01H501U chiede aiuto", "chiamare il 333 1234567", "a@b.example"):
            with pytest.raises(DomainError) as refusal:
                draft_referral(scene, **{field: text})
            assert refusal.value.field == field

    assert not Consultation.objects.exists()


def test_a_double_click_begins_one_referral(scene: World) -> None:
    key = uuid4()
    shared = {
        "programme": scene.programmes["a"],
        "network": scene.networks["n1"],
        "organisation": scene.bodies["service_1"],
        "values": referral(),
        "by": operator(scene),
        "at": NOW,
        "key": key,
    }

    assert services.start_referral(**shared) == services.start_referral(**shared)
    assert Consultation.objects.count() == 1


def test_a_programme_that_does_not_offer_it_refuses(scene: World) -> None:
    with acting(None):
        RequestKind.objects.filter(kind=KIND).delete()
    with pytest.raises(DomainError):
        draft_referral(scene)


def test_a_stale_page_changes_nothing(scene: World) -> None:
    consultation = draft_referral(scene)
    services.save_referral(consultation=consultation, values={"case_code": "B"}, version=1, by=operator(scene))

    with pytest.raises(StaleError):
        services.save_referral(consultation=consultation, values={"case_code": "C"}, version=1, by=operator(scene))

    assert Consultation.objects.get().case_code == "B"


def test_only_a_consultant_of_the_network_is_assigned(scene: World) -> None:
    consultation = draft_referral(scene)
    services.refer(consultation=consultation, by=operator(scene), at=NOW)
    foreign = another(scene, "consultant", "coop_3")

    for person in (foreign, scene.personas["mediator"]):
        with pytest.raises(DomainError):
            services.assign(
                consultation=consultation, consultant=person, by=scene.personas["network_coordinator"], at=NOW
            )
    with pytest.raises(NotPermitted):
        services.assign(consultation=consultation, consultant=clinician(scene), by=operator(scene), at=NOW)


def test_the_clinician_asks_to_complete_and_the_service_sends_it_again(scene: World) -> None:
    consultation = referred(scene)
    for act in (services.ask_to_complete, services.turn_down):
        with pytest.raises(DomainError):
            act(consultation=consultation, note=" ", by=clinician(scene), at=NOW)
    services.ask_to_complete(consultation=consultation, note="Da quanto tempo?", by=clinician(scene), at=NOW)
    assert consultation.state == ConsultationState.TO_COMPLETE

    services.save_referral(
        consultation=consultation,
        values={"question": "Da due mesi."},
        version=consultation.version,
        by=operator(scene),
    )
    services.refer(consultation=consultation, by=operator(scene), at=NOW + days(1))

    assert consultation.state == ConsultationState.REFERRED
    assert consultation.number == "A5-2026-00001"


# --- hours -----------------------------------------------------------------------------------------------------------


def test_hours_are_reserved_at_the_acceptance_and_consumed_at_the_end(scene: World) -> None:
    consultation = accepted(scene, minutes=300)
    assert figures(scene, KIND) == (300, 0)

    assess(scene, consultation)
    restitution(scene, consultation)
    sessions.close(consultation=consultation, outcome=ConsultationOutcome.CONCLUDED, by=clinician(scene), at=NOW)

    assert figures(scene, KIND) == (0, 270)
    assert consultation.state == ConsultationState.CLOSED
    assert consultation.activity.network == scene.networks["n1"]
    assert reserved_for("consultation", consultation.pk) == 0


def test_the_ledger_is_told_before_and_after(scene: World) -> None:
    heard: list[tuple[str, Any]] = []

    def changing(sender: Any, **kwargs: Any) -> None:
        heard.append(("changing", kwargs["programme_id"]))

    def changed(sender: Any, **kwargs: Any) -> None:
        heard.append((kwargs["source_type"], kwargs["source_id"]))

    consultation = accepted(scene)
    assess(scene, consultation)
    restitution(scene, consultation)
    figures_changing.connect(changing)
    figures_changed.connect(changed)
    try:
        sessions.close(consultation=consultation, outcome=ConsultationOutcome.CONCLUDED, by=clinician(scene), at=NOW)
    finally:
        figures_changing.disconnect(changing)
        figures_changed.disconnect(changed)

    assert heard == [("changing", scene.programmes["a"].pk), ("consultation", consultation.pk)]


def test_more_than_the_account_holds_is_not_accepted(scene: World) -> None:
    consultation = referred(scene)

    with pytest.raises(NotEnoughHoursError):
        services.accept(consultation=consultation, minutes=1260, by=clinician(scene), at=NOW)

    consultation.refresh_from_db()
    assert consultation.state == ConsultationState.REFERRED
    assert figures(scene, KIND) == (0, 0)


def test_without_an_account_nothing_is_accepted(scene: World) -> None:
    consultation = referred(scene)
    with acting(None):
        HourAccount.objects.update(ends_on=date(2018, 12, 31))

    with pytest.raises(DomainError):
        services.accept(consultation=consultation, minutes=60, by=clinician(scene), at=NOW)


def test_withdrawing_releases_what_was_reserved(scene: World) -> None:
    consultation = accepted(scene)

    services.cancel(consultation=consultation, by=operator(scene), at=NOW)

    assert consultation.state == ConsultationState.CANCELLED
    assert figures(scene, KIND) == (0, 0)


@pytest.mark.parametrize(("number", "consumed"), [(0, 0), (2, 120)])
def test_an_interrupted_consultation_consumes_what_was_held(scene: World, number: int, consumed: int) -> None:
    consultation = accepted(scene)
    assess(scene, consultation, number)

    with pytest.raises(DomainError):
        sessions.close(consultation=consultation, outcome=ConsultationOutcome.CONCLUDED, by=clinician(scene), at=NOW)
    sessions.close(consultation=consultation, outcome=ConsultationOutcome.INTERRUPTED, by=clinician(scene), at=NOW)

    assert consultation.state == ConsultationState.CLOSED
    assert figures(scene, KIND) == (0, consumed)


def test_the_restitution_follows_the_assessments_of_the_programme(scene: World) -> None:
    consultation = accepted(scene)
    assess(scene, consultation, 2)

    with pytest.raises(DomainError, match="3"):
        restitution(scene, consultation)

    change_settings(scene, KIND, minimum_assessments=2)
    restitution(scene, consultation)
    assert consultation.state == ConsultationState.RESTITUTION


def test_a_session_to_come_or_before_the_acceptance_is_refused(scene: World) -> None:
    consultation = accepted(scene)

    for day in (date(2026, 3, 11), date(2026, 3, 9)):
        with pytest.raises(DomainError) as refusal:
            sessions.record_assessment(consultation=consultation, held_on=day, minutes=60, by=clinician(scene), at=NOW)
        assert refusal.value.field == "held_on"


def test_a_session_recorded_by_mistake_is_taken_away(scene: World) -> None:
    consultation = accepted(scene)
    assess(scene, consultation, 1)
    session = consultation.sessions.get()

    sessions.remove_assessment(session=session, by=clinician(scene), at=NOW)

    assert not consultation.sessions.exists()


# --- the table of states ---------------------------------------------------------------------------------------------


def _acts(world: World, consultation: Consultation) -> dict[str, Callable[[Any], Any]]:
    """Every act on a consultation, by whoever is given."""
    coordinator = world.personas["network_coordinator"]
    return {
        "refer": lambda by: services.refer(consultation=consultation, by=by or operator(world), at=NOW),
        "assign": lambda by: services.assign(
            consultation=consultation, consultant=clinician(world), by=by or coordinator, at=NOW
        ),
        "ask_to_complete": lambda by: services.ask_to_complete(
            consultation=consultation, note="Manca", by=by or clinician(world), at=NOW
        ),
        "turn_down": lambda by: services.turn_down(
            consultation=consultation, note="Altro servizio", by=by or clinician(world), at=NOW
        ),
        "accept": lambda by: services.accept(consultation=consultation, minutes=240, by=by or clinician(world), at=NOW),
        "assess": lambda by: sessions.record_assessment(
            consultation=consultation, held_on=date(2026, 3, 10), minutes=30, by=by or clinician(world), at=NOW
        ),
        "give_back": lambda by: sessions.give_back(
            consultation=consultation,
            held_on=date(2026, 3, 10),
            minutes=30,
            text="Testo",
            by=by or clinician(world),
            at=NOW,
        ),
        "close": lambda by: sessions.close(
            consultation=consultation, outcome=ConsultationOutcome.CONCLUDED, by=by or clinician(world), at=NOW
        ),
        "interrupt": lambda by: sessions.close(
            consultation=consultation, outcome=ConsultationOutcome.INTERRUPTED, by=by or clinician(world), at=NOW
        ),
        "cancel": lambda by: services.cancel(consultation=consultation, by=by or operator(world), at=NOW),
        "reopen": lambda by: sessions.reopen(consultation=consultation, reason="Ore", by=by or coordinator, at=NOW),
    }


@pytest.mark.parametrize("seed", range(6))
def test_random_walks_keep_the_table_and_the_account(scene: World, seed: int) -> None:
    chance = random.Random(seed)
    consultation = draft_referral(scene)
    people = [None, None, None, *scene.personas.values()]
    at_the_end = 0
    for _step in range(25):
        before = consultation.state
        name, act = chance.choice(sorted(_acts(scene, consultation).items()))
        by = chance.choice(people)
        try:
            act(by)
        except DomainError:
            consultation.refresh_from_db()
            assert consultation.state == before
        else:
            targets = {row.target for row in CONSULTATION.possible(before)} | {before}
            assert consultation.state in targets, name
        reserved, consumed = figures(scene, KIND)
        held = sum(consultation.sessions.values_list("minutes", flat=True))
        if consultation.state == ConsultationState.CLOSED:
            assert (reserved, consumed) == (0, held)
            at_the_end = held
        elif consultation.state == ConsultationState.REOPENED:
            assert (reserved, consumed) == (at_the_end, 0)
        elif consultation.state in (
            ConsultationState.ACCEPTED,
            ConsultationState.ASSESSMENT,
            ConsultationState.RESTITUTION,
        ):
            assert (reserved, consumed) == (240, 0)
        else:
            assert (reserved, consumed) == (0, 0)


def test_only_the_right_person_does_each_act(scene: World) -> None:
    allowed = {
        "refer": {"service_operator"},
        "assign": {"network_coordinator", "regional_coordinator"},
        "reopen": {"network_coordinator", "regional_coordinator"},
        "cancel": {"service_operator"},
    }
    consultation = referred(scene)
    for name, act in _acts(scene, consultation).items():
        for role, person in scene.personas.items():
            if role in allowed.get(name, {"consultant"}):
                continue
            with pytest.raises(NotPermitted):
                act(person)
