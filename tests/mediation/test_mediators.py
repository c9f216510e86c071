# SPDX-License-Identifier: EUPL-1.2
"""The register of mediators: who writes what, and what is refused."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from fami_portal.core import clock
from fami_portal.core.documents import check_document, document_for
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from mediation.enums import LanguageLevel, MediatorProfile, QualificationKind
from mediation.models import Mediator, MediatorQualification
from mediation.selectors import mediators as selectors
from mediation.services import mediator_facts, mediators
from tests.factories.mediation import MediatorFactory
from tests.factories.partners import LanguageFactory, UserFactory
from tests.mediation.register_of import mediator_of_world
from tests.personas import World

AT = clock.now()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def facts(world: World, **more: Any) -> dict[str, Any]:
    """What a registration needs."""
    return {"organisation": world.bodies["coop_1"], "given_name": "Amina", "family_name": "Esempio", **more}


# --- entries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["regional_coordinator", "network_coordinator"])
def test_coordinator_registers_a_mediator(world: World, role: str) -> None:
    by = world.personas[role]

    made = mediators.register_mediator(
        values=facts(world, modes=["phone", "in_person"], yearly_maximum=6000), by=by, at=AT
    )

    assert (made.name, made.yearly_maximum, made.modes) == ("Amina Esempio", 6000, ["in_person", "phone"])
    assert AuditEvent.objects.filter(verb="mediator_registered", target_id=made.pk, actor_id=by.pk).exists()


@pytest.mark.parametrize("role", ["technical_assistance", "mediator", "school_contact", "partner_operator", "auditor"])
def test_others_register_nobody(world: World, role: str) -> None:
    with pytest.raises(NotPermitted):
        mediators.register_mediator(values=facts(world), by=world.personas[role], at=AT)
    assert not Mediator.objects.exists()


@pytest.mark.parametrize("body", ["coop_2", "coop_3"])
def test_network_coordinator_registers_for_the_own_network_alone(world: World, body: str) -> None:
    with pytest.raises(NotPermitted):
        mediators.register_mediator(
            values=facts(world, organisation=world.bodies[body]), by=world.personas["network_coordinator"], at=AT
        )


def test_second_half_of_a_double_click_gets_the_entry_of_the_first(world: World) -> None:
    by, key = world.personas["regional_coordinator"], uuid4()

    first = mediators.register_mediator(values=facts(world), by=by, at=AT, key=key)
    second = mediators.register_mediator(values=facts(world), by=by, at=AT, key=key)

    assert first.pk == second.pk
    assert Mediator.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"family_name": " "}, "family_name"),
        ({"email": "senza chiocciola"}, "email"),
        ({"modes": []}, "modes"),
        ({"modes": ["telepathy"]}, "modes"),
        ({"travel_buffer": 241}, "travel_buffer"),
        ({"profile": "interpreter"}, "profile"),
    ],
)
def test_wrong_facts_are_refused_at_their_field(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        mediators.register_mediator(values=facts(world, **values), by=world.personas["regional_coordinator"], at=AT)
    assert refusal.value.field == field
    assert not Mediator.objects.exists()


def test_correction_of_an_old_page_is_refused(world: World) -> None:
    entry, by = mediator_of_world(world), world.personas["network_coordinator"]
    mediators.update_mediator(mediator=entry, values={"profile": MediatorProfile.BOTH}, version=1, by=by, at=AT)

    with pytest.raises(StaleError):
        mediators.update_mediator(mediator=entry, values={"phone": "011 1"}, version=1, by=by, at=AT)

    assert (entry.profile, entry.phone, entry.version) == (MediatorProfile.BOTH, "", 2)


def test_entry_with_an_account_stays_in_the_body_of_its_role(world: World) -> None:
    entry = mediator_of_world(world)
    with pytest.raises(DomainError) as refusal:
        mediators.update_mediator(
            mediator=entry,
            values={"organisation": world.bodies["coop_2"]},
            version=1,
            by=world.personas["regional_coordinator"],
            at=AT,
        )
    assert refusal.value.field == "organisation"
    entry.refresh_from_db()
    assert entry.organisation == world.bodies["coop_1"]


def test_mediator_changes_the_own_contacts_alone(world: World) -> None:
    own, user = mediator_of_world(world), world.personas["mediator"]
    other = MediatorFactory(organisation=world.bodies["coop_1"])

    mediators.update_own_contacts(mediator=own, email="amina@example.org", phone="333", version=1, by=user, at=AT)
    with pytest.raises(NotPermitted):
        mediators.update_own_contacts(mediator=other, email="", phone="", version=1, by=user, at=AT)
    with pytest.raises(NotPermitted):
        mediators.update_mediator(mediator=own, values={"phone": "1"}, version=2, by=user, at=AT)

    assert (own.email, own.phone) == ("amina@example.org", "333")


# --- accounts --------------------------------------------------------------------------------------------------------


def test_account_is_linked_to_a_mediator_of_the_body(world: World) -> None:
    entry, by = MediatorFactory(organisation=world.bodies["coop_1"]), world.personas["network_coordinator"]

    assert [membership.user for membership in selectors.accounts_to_link(entry)] == [world.personas["mediator"]]
    mediators.link_account(mediator=entry, user=world.personas["mediator"], by=by, at=AT)
    mediators.link_account(mediator=entry, user=world.personas["mediator"], by=by, at=AT)

    assert entry.user == world.personas["mediator"]
    assert AuditEvent.objects.filter(verb="mediator_account_linked").count() == 1
    assert selectors.accounts_to_link(entry) == []


def test_account_without_the_role_in_the_body_is_not_linked(world: World) -> None:
    entry = MediatorFactory(organisation=world.bodies["coop_2"])
    for user in (world.personas["mediator"], world.personas["partner_operator"], UserFactory()):
        with pytest.raises(DomainError) as refusal:
            mediators.link_account(mediator=entry, user=user, by=world.personas["regional_coordinator"], at=AT)
        assert refusal.value.field == "user"
    entry.refresh_from_db()
    assert entry.user is None


def test_one_account_has_one_entry(world: World) -> None:
    mediator_of_world(world)
    second = MediatorFactory(organisation=world.bodies["coop_1"])
    with pytest.raises(DomainError):
        mediators.link_account(
            mediator=second, user=world.personas["mediator"], by=world.personas["regional_coordinator"], at=AT
        )


def test_unlinking_stops_the_calendar(world: World) -> None:
    entry = mediator_of_world(world, calendar_token_sha256="a" * 64)

    mediators.unlink_account(mediator=entry, by=world.personas["regional_coordinator"], at=AT)

    assert (entry.user, entry.calendar_token_sha256) == (None, "")


# --- assignments and agreement ---------------------------------------------------------------------------------------


def test_assignments_stop_with_a_reason_and_start_again(world: World) -> None:
    entry, by = mediator_of_world(world), world.personas["network_coordinator"]
    with pytest.raises(DomainError):
        mediators.deactivate(mediator=entry, reason=" ", by=by, at=AT)

    mediators.deactivate(mediator=entry, reason="Contratto concluso", by=by, at=AT)
    assert not entry.is_active
    assert not Mediator.objects.serving(world.networks["n1"].pk).exists()

    mediators.reactivate(mediator=entry, by=by, at=AT)
    assert entry.is_active
    assert AuditEvent.objects.get(verb="mediator_deactivated").reason == "Contratto concluso"


def test_mediator_signs_the_agreement_once(world: World) -> None:
    entry = mediator_of_world(world, confidentiality_signed_on=None)
    with pytest.raises(NotPermitted):
        mediators.sign_confidentiality(mediator=entry, by=world.personas["regional_coordinator"], at=AT)

    mediators.sign_confidentiality(mediator=entry, by=world.personas["mediator"], at=AT)
    mediators.sign_confidentiality(mediator=entry, by=world.personas["mediator"], at=AT + timedelta(days=2))

    assert entry.confidentiality_signed_on == clock.today()
    assert AuditEvent.objects.filter(verb="mediator_confidentiality_signed").count() == 1


# --- languages, places, qualifications -------------------------------------------------------------------------------


def test_languages_replace_those_of_before(world: World) -> None:
    entry, by = mediator_of_world(world), world.personas["network_coordinator"]
    arabic, french = LanguageFactory(), LanguageFactory(code="fr", name="francese")
    spoken = [
        mediator_facts.Spoken(arabic, LanguageLevel.MOTHER_TONGUE, " marocchino "),
        mediator_facts.Spoken(arabic, LanguageLevel.B2, "egiziano"),
    ]

    mediator_facts.set_languages(mediator=entry, languages=spoken, by=by, at=AT, version=1)
    again = [mediator_facts.Spoken(arabic, LanguageLevel.C1, "Marocchino"), mediator_facts.Spoken(french, "c2")]
    mediator_facts.set_languages(mediator=entry, languages=again, by=by, at=AT, version=2)

    rows = entry.languages.order_by("pk").values_list("language__code", "variety", "level")
    assert list(rows) == [("ar", "Marocchino", "c1"), ("fr", "", "c2")]
    with pytest.raises(StaleError):
        mediator_facts.set_languages(mediator=entry, languages=[], by=by, at=AT, version=2)


def test_the_same_language_twice_is_refused(world: World) -> None:
    entry, arabic = mediator_of_world(world), LanguageFactory()
    with pytest.raises(DomainError):
        mediator_facts.set_languages(
            mediator=entry,
            languages=[mediator_facts.Spoken(arabic, "b2"), mediator_facts.Spoken(arabic, "c1")],
            by=world.personas["network_coordinator"],
            at=AT,
        )
    assert not entry.languages.exists()


def test_municipality_of_a_whole_province_is_left_out(world: World) -> None:
    entry, town = mediator_of_world(world), world.bodies["coop_1"].municipality
    by = world.personas["network_coordinator"]

    mediator_facts.set_territories(mediator=entry, provinces=["TO"], municipalities=[town], by=by, at=AT)
    assert [(row.province, row.municipality) for row in entry.territories.order_by("pk")] == [("TO", None)]

    mediator_facts.set_territories(mediator=entry, provinces=["CN"], municipalities=[town], by=by, at=AT)
    rows = [(row.province, row.municipality) for row in entry.territories.order_by("province")]
    assert rows == [("CN", None), ("TO", town)]


def _qualification(world: World, entry: Mediator, **more: Any) -> MediatorQualification:
    file = check_document(kind=selectors.QUALIFICATION_DOCUMENT, name="attestato.pdf", content=PDF)
    values = {"kind": QualificationKind.COURSE, "title": "Corso", "document": file, **more}
    return mediator_facts.add_qualification(mediator=entry, **values, by=world.personas["network_coordinator"], at=AT)


def test_document_of_a_qualification_is_for_the_mediator_and_the_coordinators(world: World) -> None:
    entry = mediator_of_world(world)
    row = _qualification(world, entry)
    assert row.document is not None

    opened = {}
    for role, user in world.personas.items():
        try:
            document_for(user, row.document.uuid)
            opened[role] = "opens"
        except Exception as error:
            opened[role] = type(error).__name__
    assert {role for role, what in opened.items() if what == "opens"} == {
        "regional_coordinator",
        "network_coordinator",
        "mediator",
    }
    assert {role for role, what in opened.items() if what == "PermissionDenied"} == {"technical_assistance"}


def test_qualification_once_per_submission_and_gone_with_its_document(world: World) -> None:
    entry, key = mediator_of_world(world), uuid4()
    first, second = _qualification(world, entry, key=key), _qualification(world, entry, key=key)
    assert first.pk == second.pk

    mediator_facts.remove_qualification(qualification=first, by=world.personas["network_coordinator"], at=AT)
    mediator_facts.remove_qualification(qualification=first, by=world.personas["network_coordinator"], at=AT)

    assert not entry.qualifications.exists()
    assert AuditEvent.objects.filter(verb="mediator_qualification_removed").count() == 1
    with pytest.raises(Http404):
        document_for(world.personas["network_coordinator"], first.document.uuid)  # type: ignore[union-attr]
    first.document.refresh_from_db()  # type: ignore[union-attr]
    assert first.document.destroyed_at == AT  # type: ignore[union-attr]


def test_qualification_that_expires_before_it_begins_is_refused(world: World) -> None:
    entry = mediator_of_world(world)
    with pytest.raises(DomainError) as refusal:
        _qualification(world, entry, issued_on=date(2019, 2, 1), expires_on=date(2019, 1, 31))
    assert refusal.value.field == "expires_on"


@pytest.mark.parametrize(
    ("days", "colour"), [(None, "secondary"), (-1, "danger"), (0, "warning"), (60, "warning"), (61, "success")]
)
def test_expiry_in_words(days: int | None, colour: str) -> None:
    today = date(2019, 3, 1)
    found = selectors.expiry(today + timedelta(days=days) if days is not None else None, today)
    assert found.colour == colour
    assert str(found.words)
