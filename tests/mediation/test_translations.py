# SPDX-License-Identifier: EUPL-1.2
"""Written translations: files, hours by pages, assignment by languages, revision, validation."""

import random
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.documents import check_document
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.enums import TranslationState
from mediation.models import Mediator, Translation
from mediation.selectors.hours import attempt_of
from mediation.selectors.translations import DOCUMENT, may_open_file
from mediation.services import translations as services
from mediation.services.hours import NotEnoughHoursError
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import TRANSLATION
from tests.factories.mediation import MediatorFactory
from tests.factories.partners import LanguageFactory
from tests.mediation.consulting import NOW, days, figures, offer, settings, the_mediator
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
KIND = MediationRequestKind.TRANSLATION
S = TranslationState
PDF = b"%PDF-1.4\n%%EOF\n"


def prepare() -> World:
    """Programme A offers translations; the mediator of the personas knows Arabic and French."""
    world = build_world()
    offer(world, kinds=[KIND])
    the_mediator(world, "ar", "fr")
    return world


def file(name: str = "avviso.pdf") -> Any:
    return check_document(kind=DOCUMENT, name=name, content=PDF)


def values(**more: Any) -> dict[str, Any]:
    return {
        "title": "Avviso per l'assemblea",
        "source_language": LanguageFactory(code="it", name="italiano"),
        "target_language": LanguageFactory(code="ar"),
        "pages": 4,
        "due_on": date(2026, 3, 20),
        "note": "",
    } | more


def draft(world: World, *, attached: bool = True, **more: Any) -> Translation:
    return services.start_translation(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        values=values(**more),
        file=file() if attached else None,
        by=world.personas["school_contact"],
        at=NOW,
    )


def assigned(world: World, **more: Any) -> Translation:
    found = draft(world, **more)
    services.submit(translation=found, by=world.personas["school_contact"], at=NOW)
    services.assign(
        translation=found, mediator=Mediator.objects.get(), by=world.personas["network_coordinator"], at=NOW
    )
    return found


def returned(world: World, minutes: int = 100) -> Translation:
    found = assigned(world)
    services.return_file(
        translation=found, file=file("tradotto.pdf"), minutes=minutes, by=world.personas["mediator"], at=NOW
    )
    return found


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_pages_reserve_minutes_and_the_worked_ones_are_consumed(scene: World) -> None:
    found = draft(scene)
    services.submit(translation=found, by=scene.personas["school_contact"], at=NOW)
    assert found.number == "TR-2026-00001"
    assert figures(scene, KIND) == (120, 0)

    services.assign(
        translation=found, mediator=Mediator.objects.get(), by=scene.personas["network_coordinator"], at=NOW
    )
    mediator, contact = scene.personas["mediator"], scene.personas["school_contact"]
    services.return_file(translation=found, file=file(), minutes=90, by=mediator, at=NOW + days(1))
    services.ask_to_revise(translation=found, comment="Manca la seconda pagina", by=contact, at=NOW + days(2))
    services.return_file(translation=found, file=file(), minutes=100, by=mediator, at=NOW + days(3))
    services.accept(translation=found, by=contact, at=NOW + days(3))

    heard: list[Any] = []

    def changing(sender: Any, **kwargs: Any) -> None:
        heard.append("changing")

    def changed(sender: Any, **kwargs: Any) -> None:
        heard.append((kwargs["source_type"], kwargs["source_id"]))

    figures_changing.connect(changing)
    figures_changed.connect(changed)
    try:
        services.validate(translation=found, by=scene.personas["network_coordinator"], at=NOW + days(4))
    finally:
        figures_changing.disconnect(changing)
        figures_changed.disconnect(changed)

    assert heard == ["changing", ("translation", found.pk)]
    assert figures(scene, KIND) == (0, 100)
    assert found.state == S.VALIDATED
    assert found.activity is not None


def test_the_programme_says_the_minutes_of_a_page(scene: World) -> None:
    settings(scene, KIND, minutes_per_page=45)
    found = draft(scene)

    services.submit(translation=found, by=scene.personas["school_contact"], at=NOW)

    assert figures(scene, KIND) == (180, 0)


def test_more_work_than_estimated_draws_on_the_balance_or_is_refused(scene: World) -> None:
    for minutes, fits in ((400, True), (2000, False)):
        found = returned(scene, minutes)
        services.accept(translation=found, by=scene.personas["school_contact"], at=NOW)
        if fits:
            services.validate(translation=found, by=scene.personas["network_coordinator"], at=NOW)
            assert figures(scene, KIND) == (0, 400)
        else:
            with pytest.raises(NotEnoughHoursError):
                services.validate(translation=found, by=scene.personas["network_coordinator"], at=NOW)
            found.refresh_from_db()
            assert found.state == S.ACCEPTED
            assert figures(scene, KIND) == (120, 400)


def test_what_cannot_be_submitted_says_why(scene: World) -> None:
    contact = scene.personas["school_contact"]
    for found, field in (
        (draft(scene, attached=False), "file"),
        (draft(scene, due_on=date(2026, 3, 9)), "due_on"),
    ):
        with pytest.raises(DomainError) as refusal:
            services.submit(translation=found, by=contact, at=NOW)
        assert refusal.value.field == field
    with pytest.raises(NotEnoughHoursError):
        services.submit(translation=draft(scene, pages=100), by=contact, at=NOW)
    for wrong in ({"target_language": LanguageFactory(code="it")}, {"pages": 0}, {"title": "tel 333 1234567"}):
        with pytest.raises(DomainError):
            draft(scene, **wrong)
    assert figures(scene, KIND) == (0, 0)


def test_a_double_click_begins_one_request(scene: World) -> None:
    key = uuid4()
    shared = {
        "programme": scene.programmes["a"],
        "network": scene.networks["n1"],
        "organisation": scene.bodies["school_1"],
        "values": values(),
        "file": None,
        "by": scene.personas["school_contact"],
        "at": NOW,
        "key": key,
    }
    assert services.start_translation(**shared) == services.start_translation(**shared)


def test_only_who_knows_both_languages_is_assigned(scene: World) -> None:
    found = draft(scene, target_language=LanguageFactory(code="zh", name="cinese"))
    services.submit(translation=found, by=scene.personas["school_contact"], at=NOW)
    coordinator = scene.personas["network_coordinator"]

    with pytest.raises(DomainError):
        services.assign(translation=found, mediator=Mediator.objects.get(), by=coordinator, at=NOW)
    with pytest.raises(DomainError):
        services.assign(
            translation=found, mediator=MediatorFactory(organisation=scene.bodies["coop_3"]), by=coordinator, at=NOW
        )


def test_given_back_it_waits_for_another(scene: World) -> None:
    found = assigned(scene)

    services.give_back(translation=found, reason="Troppo lungo", by=scene.personas["mediator"], at=NOW)

    assert found.state == S.SUBMITTED
    assert found.mediator is None
    assert figures(scene, KIND) == (120, 0)
    assert client_of(scene.personas["mediator"]).get(found.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("exit_", ["reject", "cancel"])
def test_ending_early_releases_the_hours(scene: World, exit_: str) -> None:
    found = draft(scene)
    services.submit(translation=found, by=scene.personas["school_contact"], at=NOW)
    if exit_ == "reject":
        services.reject(translation=found, reason="Altro canale", by=scene.personas["network_coordinator"], at=NOW)
    else:
        services.cancel(translation=found, reason="Non serve più", by=scene.personas["school_contact"], at=NOW)
    assert figures(scene, KIND) == (0, 0)


def test_who_opens_the_files(scene: World) -> None:
    found = returned(scene)
    allowed = {"teacher", "school_contact", "school_head", "network_coordinator", "regional_coordinator", "mediator"}
    for role, user in scene.personas.items():
        assert may_open_file(user, found.original) == (role in allowed), role


# --- the table of states ---------------------------------------------------------------------------------------------


def _acts(world: World, found: Translation) -> dict[str, Callable[[Any], Any]]:
    people = world.personas
    contact, mediator, coordinator = people["school_contact"], people["mediator"], people["network_coordinator"]

    def act(service: Callable[..., Any], default: Any, **more: Any) -> Callable[[Any], Any]:
        return lambda by: service(translation=found, by=by or default, at=NOW, **more)

    return {
        "submit": act(services.submit, contact),
        "assign": act(services.assign, coordinator, mediator=Mediator.objects.get()),
        "give_back": act(services.give_back, mediator, reason="No"),
        "return": lambda by: services.return_file(
            translation=found, file=file(), minutes=60, by=by or mediator, at=NOW
        ),
        "revise": act(services.ask_to_revise, contact, comment="Rivedi"),
        "accept": act(services.accept, contact),
        "validate": act(services.validate, coordinator),
        "reopen": act(services.reopen, coordinator, reason="Minuti"),
        "reject": act(services.reject, coordinator, reason="No"),
        "cancel": act(services.cancel, contact, reason="No"),
    }


@pytest.mark.parametrize("seed", range(5))
def test_random_walks_keep_the_table_and_the_account(scene: World, seed: int) -> None:
    chance = random.Random(seed)
    found = draft(scene)
    people = [None, None, None, *scene.personas.values()]
    for _step in range(25):
        before = found.state
        name, act = chance.choice(sorted(_acts(scene, found).items()))
        try:
            act(chance.choice(people))
        except DomainError:
            found.refresh_from_db()
            assert found.state == before
        else:
            assert found.state in {row.target for row in TRANSLATION.possible(before)} | {before}, name
        if found.state == S.VALIDATED:
            expected = (0, 60)
        elif found.state in (S.DRAFT, S.REJECTED, S.CANCELLED):
            expected = (0, 0)
        else:
            # What is taken back into the reserve is what was consumed, no longer what was estimated.
            expected = (60 if attempt_of(services.SOURCE, found.pk) > 1 else 120, 0)
        assert figures(scene, KIND) == expected


def test_only_the_right_person_does_each_act(scene: World) -> None:
    coordinates = {"network_coordinator", "regional_coordinator"}
    right = {
        "assign": coordinates,
        "validate": coordinates,
        "reopen": coordinates,
        "reject": coordinates,
        "give_back": {"mediator"},
        "return": {"mediator"},
    }
    found = assigned(scene)
    for name, act in _acts(scene, found).items():
        for role, person in scene.personas.items():
            if role not in right.get(name, {"school_contact"}):
                with pytest.raises(NotPermitted):
                    act(person)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_pages_carry_a_file_there_and_back(scene: World) -> None:
    school = client_of(scene.personas["school_contact"])
    place = f"translation:{scene.bodies['school_1'].pk}:{scene.networks['n1'].pk}:{scene.programmes['a'].pk}"
    data = {name: getattr(value, "pk", value) for name, value in values(due_on=clock.today() + days(9)).items()}
    response = school.post(
        reverse("mediation:translation-create"), data | {"place": place, "file": SimpleUploadedFile("a.exe", b"MZ")}
    )
    assert response.status_code == 422
    school.post(
        reverse("mediation:translation-create"), data | {"place": place, "file": SimpleUploadedFile("a.pdf", PDF)}
    )
    found = Translation.objects.get()

    def post(role: str, name: str, more: dict[str, Any] | None = None) -> None:
        address = reverse(f"mediation:translation-{name}", args=[found.uuid])
        assert client_of(scene.personas[role]).post(address, more or {}).status_code == 302

    post("school_contact", "submit")
    post("network_coordinator", "assign", {"person": Mediator.objects.get().pk})
    post("mediator", "return", {"file": SimpleUploadedFile("b.pdf", PDF), "minutes": "75"})
    post("school_contact", "revise", {"note": "Rivedi il titolo"})
    post("mediator", "return", {"file": SimpleUploadedFile("c.pdf", PDF), "minutes": "80"})
    post("school_contact", "accept")
    post("network_coordinator", "validate")
    found.refresh_from_db()
    assert found.state == S.VALIDATED
    assert figures(scene, KIND) == (0, 80)


def test_the_list_costs_as_many_queries_for_three_as_for_thirty(scene: World) -> None:
    client = client_of(scene.personas["network_coordinator"])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("mediation:translation-list")).status_code == 200
        return len(queries)

    for _number in range(2):
        assigned(scene, pages=1)
    count()
    few = count()
    for _number in range(10):
        assigned(scene, pages=1)
    assert count() == few <= 15


def test_a_file_that_is_replaced_or_thrown_away_is_destroyed(scene: World) -> None:
    contact = scene.personas["school_contact"]
    found = draft(scene)
    first = found.original
    assert first is not None

    services.save_translation(translation=found, values=values(), file=file(), version=1, by=contact, at=NOW)
    second = found.original
    assert second is not None
    first.refresh_from_db()
    assert (first.destroyed_at, second.destroyed_at) == (NOW, None)
    services.discard_translation(translation=found, by=contact, at=NOW)
    second.refresh_from_db()
    assert (second.destroyed_at, len(second.sha256)) == (NOW, 64)
