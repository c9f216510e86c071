# SPDX-License-Identifier: EUPL-1.2
"""The register of mediators: who writes what, and what is refused."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404
from hypothesis import given, settings
from hypothesis import strategies as st

from fami_portal.core import clock
from fami_portal.core.documents import check_document, document_for
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from mediation.enums import LanguageLevel, MediatorProfile, QualificationKind
from mediation.models import AvailabilityException, Mediator, MediatorQualification, WeeklyAvailability
from mediation.selectors import mediators as selectors
from mediation.selectors.availability import WeeklyRow, week_problems
from mediation.services import availability, mediator_facts, mediators
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


# --- availability ----------------------------------------------------------------------------------------------------


def _week(*rows: tuple[int, time, time]) -> list[WeeklyRow]:
    return [WeeklyRow(*row) for row in rows]


def test_week_replaces_the_one_of_before(world: World) -> None:
    entry, user = mediator_of_world(world), world.personas["mediator"]
    morning, afternoon = (0, time(9), time(13)), (0, time(14), time(18))

    availability.set_weekly_availability(mediator=entry, rows=_week(morning, afternoon), by=user, at=AT, version=1)
    availability.set_weekly_availability(
        mediator=entry, rows=_week(afternoon, (4, time(8, 15), time(12, 45))), by=user, at=AT, version=2
    )

    rows = WeeklyAvailability.objects.order_by("weekday", "starts_at").values_list("weekday", "starts_at", "ends_at")
    assert list(rows) == [afternoon, (4, time(8, 15), time(12, 45))]
    with pytest.raises(StaleError):
        availability.set_weekly_availability(mediator=entry, rows=[], by=user, at=AT, version=1)


@pytest.mark.parametrize(
    "rows",
    [
        [(0, time(9), time(13)), (0, time(12, 45), time(15))],
        [(0, time(9), time(13)), (0, time(10), time(11))],
        [(0, time(9), time(13)), (0, time(9), time(13))],
        [(0, time(13), time(9))],
        [(0, time(9), time(9))],
        [(0, time(9, 10), time(10))],
        [(0, time(9), None)],
        [(0, None, time(9))],
    ],
)
def test_impossible_week_is_refused_and_changes_nothing(world: World, rows: Any) -> None:
    entry = mediator_of_world(world)
    with pytest.raises(DomainError) as refusal:
        availability.set_weekly_availability(mediator=entry, rows=_week(*rows), by=world.personas["mediator"], at=AT)
    assert str(refusal.value)
    assert not WeeklyAvailability.objects.exists()


def test_touching_stretches_and_other_days_do_not_overlap() -> None:
    rows = _week((0, time(9), time(11)), (0, time(11), time(13)), (1, time(9), time(13)))
    assert week_problems(rows) == []


QUARTERS = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 6), QUARTERS, QUARTERS), max_size=8))
def test_week_is_accepted_exactly_when_no_minute_is_there_twice(rows: list[tuple[int, time, time]]) -> None:
    ordered = all(begin < end for _day, begin, end in rows)
    minutes = [
        (day, minute)
        for day, begin, end in rows
        for minute in range(begin.hour * 60 + begin.minute, end.hour * 60 + end.minute)
    ]
    once = len(minutes) == len(set(minutes))

    assert (week_problems(_week(*rows)) == []) == (ordered and once)


def test_availability_is_the_mediators_own_once_there_is_an_account(world: World) -> None:
    own, without = mediator_of_world(world), MediatorFactory(organisation=world.bodies["coop_1"])
    by = world.personas["network_coordinator"]
    rows = _week((0, time(9), time(13)))

    availability.set_weekly_availability(mediator=without, rows=rows, by=by, at=AT)
    with pytest.raises(NotPermitted):
        availability.set_weekly_availability(mediator=own, rows=rows, by=by, at=AT)
    with pytest.raises(NotPermitted):
        availability.set_weekly_availability(mediator=without, rows=rows, by=world.personas["mediator"], at=AT)

    assert WeeklyAvailability.objects.get().mediator == without


def test_exceptions_do_not_overlap(world: World) -> None:
    entry, user = mediator_of_world(world), world.personas["mediator"]
    day = date(2019, 3, 4)

    def add(first: int, last: int, *times: time) -> AvailabilityException:
        at = {"starts_at": times[0], "ends_at": times[1]} if times else {}
        return availability.add_exception(
            mediator=entry,
            starts_on=day + timedelta(days=first),
            ends_on=day + timedelta(days=last),
            by=user,
            at=AT,
            **at,
        )

    add(0, 4)
    add(5, 5, time(9), time(11))
    add(5, 5, time(11), time(12))
    for wrong in ((4, 6), (2, 2, time(9), time(10)), (5, 5), (5, 7, time(10, 30), time(11))):
        with pytest.raises(DomainError) as refusal:
            add(*wrong)
        assert refusal.value.field == "starts_on"
    for wrong, field in (((8, 7), "ends_on"), ((8, 400), "ends_on"), ((8, 8, time(9, 5), time(10)), "starts_at")):
        with pytest.raises(DomainError) as refusal:
            add(*wrong)
        assert refusal.value.field == field
    assert AvailabilityException.objects.count() == 3


def test_exception_once_per_submission_and_removed_once(world: World) -> None:
    entry, user, key = mediator_of_world(world), world.personas["mediator"], uuid4()
    values = {"starts_on": date(2019, 3, 4), "ends_on": date(2019, 3, 4)}

    row = availability.add_exception(mediator=entry, **values, by=user, at=AT, key=key)
    assert availability.add_exception(mediator=entry, **values, by=user, at=AT, key=key).pk == row.pk
    with pytest.raises(NotPermitted):
        availability.remove_exception(exception=row, by=world.personas["network_coordinator"], at=AT)
    availability.remove_exception(exception=row, by=user, at=AT)
    availability.remove_exception(exception=row, by=user, at=AT)

    assert not AvailabilityException.objects.exists()
    assert AuditEvent.objects.filter(verb="mediator_exception_removed").count() == 1
