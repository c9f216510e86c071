# SPDX-License-Identifier: EUPL-1.2
"""Legal questions: asked without names, assigned, clarified both ways, answered; the archive and its search."""

import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Message, RowHistory, TransitionLog
from mediation.enums import LegalArea, LegalQuestionState
from mediation.filters.consulting import ArchiveFilter
from mediation.models import LegalQuestion
from mediation.services import legal as services
from mediation.workflow import LEGAL_QUESTION
from tests.mediation.consulting import NOW, another, days, offer
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
S = LegalQuestionState
SECRET = "situazioneparticolare"


def prepare() -> World:
    """Programme A offers legal questions."""
    world = build_world()
    offer(world, kinds=["legal"])
    return world


def draft(world: World, **values: Any) -> LegalQuestion:
    return services.start_question(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["service_1"],
        values={
            "area": LegalArea.RESIDENCE_PERMIT,
            "title": "Conversione del permesso",
            "question": f"Si può convertire il permesso per studio? {SECRET}",
        }
        | values,
        by=world.personas["desk_operator"],
        at=NOW,
    )


def assigned(world: World, **values: Any) -> LegalQuestion:
    question = draft(world, **values)
    services.ask(question=question, by=world.personas["desk_operator"], at=NOW)
    services.assign(
        question=question, consultant=world.personas["consultant"], by=world.personas["network_coordinator"], at=NOW
    )
    return question


def answered(world: World, **values: Any) -> LegalQuestion:
    question = assigned(world, **values)
    services.answer(question=question, text="Sì, a certe condizioni.", by=world.personas["consultant"], at=NOW)
    return question


def published(world: World, title: str = "Conversione", question: str = "Si converte?", text: str = "Sì.") -> Any:
    found = answered(world)
    services.accept(question=found, by=world.personas["desk_operator"], at=NOW)
    services.review_for_archive(
        question=found,
        values={"archive_title": title, "archive_question": question, "archive_answer": text},
        version=found.version,
        by=world.personas["consultant"],
        at=NOW,
    )
    services.publish(question=found, by=world.personas["network_coordinator"], at=NOW)
    return found


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_question_takes_the_whole_road_into_the_archive(scene: World) -> None:
    operator, consultant = scene.personas["service_operator"], scene.personas["consultant"]
    question = assigned(scene)
    assert question.number == "QL-2026-00001"

    services.ask_to_clarify(question=question, text="Da quanto studia?", by=consultant, at=NOW)
    services.clarify(question=question, text="Da due anni.", by=operator, at=NOW)
    services.answer(question=question, text="Sì.", by=consultant, at=NOW)
    services.ask_again(question=question, text="Anche senza contratto?", by=operator, at=NOW + days(1))
    services.answer(question=question, text="No.", by=consultant, at=NOW)
    services.accept(question=question, by=operator, at=NOW)
    services.accept(question=question, by=operator, at=NOW)

    assert question.state == S.ANSWERED
    assert [row.by_consultant for row in question.messages.order_by("pk")] == [True, False, False]
    assert published(scene).state == S.PUBLISHED


@pytest.mark.parametrize("text", ["RSSMRA80A01H501U", "tel. 333 1234567", "a@b.example"])
def test_what_identifies_a_person_is_refused(scene: World, text: str) -> None:
    question = assigned(scene)
    with pytest.raises(DomainError):
        draft(scene, question=text)
    with pytest.raises(DomainError):
        services.ask_to_clarify(question=question, text=text, by=scene.personas["consultant"], at=NOW)
    with pytest.raises(DomainError):
        services.answer(question=question, text=text, by=scene.personas["consultant"], at=NOW)


def test_a_possible_name_is_pointed_out_and_may_be_confirmed(scene: World) -> None:
    question = draft(scene, question="Che cosa può chiedere la signora Rossi?")
    operator = scene.personas["desk_operator"]

    with pytest.raises(services.PossibleNamesError) as refusal:
        services.ask(question=question, by=operator, at=NOW)
    assert refusal.value.names == ["Rossi"]

    page = client_of(operator).post(reverse("mediation:legal-question-ask", args=[question.uuid]), {})
    assert page.status_code == 422
    assert "Rossi" in page.content.decode()
    assert 'type="checkbox"' in page.content.decode()
    services.ask(question=question, no_names=True, by=operator, at=NOW)
    assert question.state == S.ASKED


def test_a_double_click_and_a_stale_page(scene: World) -> None:
    key = uuid4()
    shared = {
        "programme": scene.programmes["a"],
        "network": scene.networks["n1"],
        "organisation": scene.bodies["service_1"],
        "values": {"area": LegalArea.WORK, "title": "T", "question": "Q"},
        "by": scene.personas["desk_operator"],
        "at": NOW,
        "key": key,
    }
    question = services.start_question(**shared)
    assert services.start_question(**shared) == question
    services.save_question(question=question, values={"title": "B"}, version=1, by=shared["by"])
    with pytest.raises(StaleError):
        services.save_question(question=question, values={"title": "C"}, version=1, by=shared["by"])


def test_publication_needs_acceptance_and_review(scene: World) -> None:
    question = answered(scene)
    texts = dict.fromkeys(services.ARCHIVE, "Testo")
    shared = {"question": question, "values": texts, "by": scene.personas["consultant"], "at": NOW}
    coordinator = scene.personas["network_coordinator"]

    with pytest.raises(DomainError):
        services.review_for_archive(version=question.version, **shared)
    services.accept(question=question, by=scene.personas["desk_operator"], at=NOW)
    with pytest.raises(DomainError):
        services.publish(question=question, by=coordinator, at=NOW)
    with pytest.raises(services.PossibleNamesError):
        services.review_for_archive(
            version=question.version, **(shared | {"values": texts | {"archive_answer": "La signora Bianchi può."}})
        )
    services.review_for_archive(version=question.version, **shared)
    with pytest.raises(NotPermitted):
        services.publish(question=question, by=scene.personas["consultant"], at=NOW)
    services.publish(question=question, by=coordinator, at=NOW)
    services.take_down(question=question, reason="C'è un luogo", by=coordinator, at=NOW)
    with pytest.raises(DomainError):
        services.publish(question=question, by=coordinator, at=NOW)


# --- the archive -----------------------------------------------------------------------------------------------------


def search(user: Any, **query: str) -> str:
    response = client_of(user).get(reverse("mediation:legal-archive"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_archive_finds_the_forms_of_italian_words(scene: World) -> None:
    published(scene, "Rinnovo dei permessi", "Quando si rinnovano?", "Entro sessanta giorni dalla scadenza.")
    published(scene, "Iscrizione a scuola", "Serve il codice?", "La scuola iscrive comunque.")
    operator = scene.personas["desk_operator"]

    found = search(operator, text="permesso scaduto")
    assert "Rinnovo dei permessi" not in found  # both words are wanted
    for words in ("permesso", "rinnovare permesso", "scadenze"):
        found = search(operator, text=words)
        assert "Rinnovo dei permessi" in found, words
        assert "Iscrizione a scuola" not in found, words
    assert "Nessuna risposta" in search(operator, text="nulla") or "No answer" in search(operator, text="nulla")
    assert "Rinnovo dei permessi" in search(operator, area=LegalArea.RESIDENCE_PERMIT)
    assert "Rinnovo dei permessi" not in search(operator, area=LegalArea.HEALTH)
    assert search(operator, text="'); DROP TABLE x; -- & | ! :*")


def test_the_archive_shows_nothing_of_the_case(scene: World) -> None:
    question = published(scene, "Titolo generale", "Domanda generale", "Risposta generale")
    for role in ("desk_operator", "service_operator", "consultant", "network_coordinator", "regional_coordinator"):
        user = scene.personas[role]
        page = client_of(user).get(reverse("mediation:legal-archived", args=[question.uuid])).content.decode()
        for word in (SECRET, question.number, "Conversione del permesso", scene.bodies["service_1"].name):
            assert word not in page.split("<main", 1)[-1], (role, word)
        assert SECRET not in search(user, text="generale")


def test_the_search_asks_for_what_the_index_holds(scene: World) -> None:
    found = ArchiveFilter({"text": "permesso"}, queryset=LegalQuestion.objects.published(), request=None)
    plan = found.qs.order_by().values("pk").explain()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'mediation_legal_archive'")
        (definition,) = cursor.fetchone()

    expression = definition.split(" USING gin (", 1)[1].split(") WHERE ", 1)[0]
    assert expression in plan


def test_another_programme_has_its_own_archive(scene: World) -> None:
    question = published(scene, "Titolo generale", "Domanda", "Risposta")
    foreign = another(scene, "consultant", "coop_3")

    assert "Titolo generale" not in search(foreign)
    assert client_of(foreign).get(reverse("mediation:legal-archived", args=[question.uuid])).status_code == 404
    assert client_of(scene.personas["teacher"]).get(reverse("mediation:legal-archive")).status_code == 403


# --- the table of states ---------------------------------------------------------------------------------------------


def _acts(world: World, question: LegalQuestion) -> dict[str, Callable[[Any], Any]]:
    people = world.personas
    desk, consultant, coordinator = people["desk_operator"], people["consultant"], people["network_coordinator"]
    texts = dict.fromkeys(services.ARCHIVE, "Testo")

    def act(service: Callable[..., Any], default: Any, **values: Any) -> Callable[[Any], Any]:
        return lambda by: service(question=question, by=by or default, at=NOW, **values)

    return {
        "ask": act(services.ask, desk),
        "assign": act(services.assign, coordinator, consultant=consultant),
        "ask_to_clarify": act(services.ask_to_clarify, consultant, text="Che cosa?"),
        "clarify": act(services.clarify, desk, text="Questo."),
        "answer": act(services.answer, consultant, text="Sì."),
        "ask_again": act(services.ask_again, desk, text="E poi?"),
        "accept": act(services.accept, desk),
        "withdraw": act(services.withdraw, desk, reason="Risolto"),
        "review": lambda by: services.review_for_archive(
            question=question, values=texts, version=question.version, by=by or consultant, at=NOW
        ),
        "publish": act(services.publish, coordinator),
        "take_down": act(services.take_down, coordinator, reason="Da rivedere"),
    }


@pytest.mark.parametrize("seed", range(5))
def test_random_walks_keep_the_table(scene: World, seed: int) -> None:
    chance = random.Random(seed)
    question = draft(scene)
    people = [None, None, None, *scene.personas.values()]
    for _step in range(30):
        before = question.state
        name, act = chance.choice(sorted(_acts(scene, question).items()))
        try:
            act(chance.choice(people))
        except DomainError:
            question.refresh_from_db()
            assert question.state == before
        else:
            assert question.state in {row.target for row in LEGAL_QUESTION.possible(before)} | {before}, name


def test_only_the_right_person_does_each_act(scene: World) -> None:
    asks = {"desk_operator", "service_operator"}
    coordinates = {"network_coordinator", "regional_coordinator"}
    right = {
        "assign": coordinates,
        "publish": coordinates,
        "take_down": coordinates,
        "answer": {"consultant"},
        "ask_to_clarify": {"consultant"},
        "review": {"consultant"},
    }
    question = assigned(scene)
    for name, act in _acts(scene, question).items():
        for role, person in scene.personas.items():
            if role not in right.get(name, asks):
                with pytest.raises(NotPermitted):
                    act(person)


def test_the_records_keep_no_text(scene: World) -> None:
    published(scene)
    for model in (RowHistory, AuditEvent, TransitionLog, Message):
        for row in model.objects.order_by("pk"):
            assert SECRET not in repr(vars(row)), model


def test_who_checks_the_programme_sees_that_it_exists_and_no_text(scene: World) -> None:
    question = answered(scene)
    for role in ("technical_assistance", "auditor"):
        page = client_of(scene.personas[role]).get(question.get_absolute_url())
        assert page.status_code == 200
        assert SECRET not in page.content.decode()
    for role in ("desk_operator", "service_operator", "consultant", "network_coordinator"):
        assert SECRET in client_of(scene.personas[role]).get(question.get_absolute_url()).content.decode()


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_pages_carry_a_question_to_its_answer(scene: World) -> None:
    desk = client_of(scene.personas["desk_operator"])
    place = f"legal:{scene.bodies['service_1'].pk}:{scene.networks['n1'].pk}:{scene.programmes['a'].pk}"
    desk.post(
        reverse("mediation:legal-question-create"),
        {"place": place, "area": LegalArea.HEALTH, "title": "Tessera", "question": "Chi la dà?"},
    )
    question = LegalQuestion.objects.get()

    def post(role: str, name: str, data: dict[str, Any] | None = None) -> None:
        address = reverse(f"mediation:legal-question-{name}", args=[question.uuid])
        response = client_of(scene.personas[role]).post(address, data or {})
        assert response.status_code == 302, response.content.decode()

    post("desk_operator", "ask")
    post("network_coordinator", "assign", {"person": scene.personas["consultant"].pk})
    post("consultant", "clarify", {"note": "Da dove viene la domanda?"})
    post("desk_operator", "clarify", {"note": "Dal medico."})
    post("consultant", "answer", {"note": "L’azienda sanitaria."})
    post("desk_operator", "accept")
    question.refresh_from_db()
    texts = dict.fromkeys(services.ARCHIVE, "Tessera sanitaria") | {"version": question.version}
    post("consultant", "review", texts)
    post("network_coordinator", "publish")
    question.refresh_from_db()
    assert question.state == S.PUBLISHED
    assert "Tessera sanitaria" in search(scene.personas["service_operator"], text="tessera")


def test_the_lists_cost_as_many_queries_for_three_as_for_thirty(scene: World) -> None:
    client = client_of(scene.personas["network_coordinator"])

    def count() -> list[int]:
        costs = []
        for name in ("legal-question-list", "legal-archive"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"mediation:{name}")).status_code == 200
            costs.append(len(queries))
        return costs

    for _number in range(2):
        published(scene)
    count()
    few = count()
    for _number in range(10):
        published(scene)
    assert count() == few
    assert max(few) <= 15


def test_an_old_page_is_refused_in_words(scene: World) -> None:
    question = answered(scene)
    with pytest.raises(TransitionNotAllowed):
        services.withdraw(question=question, reason="x", by=scene.personas["desk_operator"], at=NOW)
    response = client_of(scene.personas["consultant"]).get(
        reverse("mediation:legal-question-answer", args=[question.uuid])
    )
    assert response.status_code == 302
