# SPDX-License-Identifier: EUPL-1.2
"""Recipients: by pseudonym, in one group, never by name."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary
from beneficiaries.selectors import age_on, find_beneficiary, normal_pseudonym, why_not_counted
from beneficiaries.services.recipients import (
    NewBeneficiary,
    check_local_code,
    new_pseudonym,
    register_beneficiaries,
    update_beneficiary,
)
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent, RowHistory
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import pupil


def test_a_pseudonym_is_readable_and_drawn_by_chance() -> None:
    drawn = {new_pseudonym() for _draw in range(200)}

    assert len(drawn) == 200
    assert all(re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{3}", one) for one in drawn)


@pytest.mark.parametrize("typed", ["k7q4m2x", "K7Q4-M2X", " k7q4 m2x "])
def test_a_pseudonym_is_found_however_typed(typed: str) -> None:
    assert normal_pseudonym(typed) == "K7Q4-M2X"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "Mario Rossi",
        "ROSSI MARIO 3B",
        "Rossi",
        "D’Amico-Giulia 2",
        "RSSMRA80A01H501U",
        "RSS MRA 80A01 H501U",
        "RSSMRAUlALMHRL MU".replace("l", "L"),
        "+39 011 1234567",
        "3331234567",
        "anna@example.org",
    ],
)
def test_a_code_that_says_who_it_is_is_refused(code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        check_local_code(code)
    assert refusal.value.field == "local_code"


@pytest.mark.parametrize("code", ["3B-07", "L2/12", "2019-0042", "ALUNNO 12", " A 1 "])
def test_an_own_code_is_accepted(code: str) -> None:
    assert check_local_code(code) == " ".join(code.split())


def test_register_keeps_special_columns_out_of_history(scene: Scene) -> None:
    one = pupil(scene)

    history = RowHistory.objects.filter(table_name="beneficiaries_beneficiary")
    assert history.exists()
    assert "3B-01" not in str(list(history.values_list("changes", flat=True).order_by("pk")))
    assert AuditEvent.objects.get(verb="beneficiary_registered").target_id == str(one.pk)


def test_nobody_is_in_two_groups(scene: Scene) -> None:
    pupil(scene)

    with pytest.raises(DomainError, match="Alunni di Paesi terzi") as refusal:
        pupil(scene, target_group=scene.background)
    with pytest.raises(DomainError):
        pupil(scene)

    assert refusal.value.field == "local_code"
    assert Beneficiary.objects.count() == 1


def test_two_clicks_register_once(scene: Scene) -> None:
    key = uuid4()

    assert pupil(scene, key=key) == pupil(scene, key=key)


def test_register_refuses_at_the_field(scene: Scene) -> None:
    for values, field in [
        ({"birth_date": date(1890, 1, 1)}, "birth_date"),
        ({"birth_date": timezone.localdate() + timedelta(days=1)}, "birth_date"),
        ({"eligibility": Eligibility.VERIFIED}, "eligibility"),
        ({"code": "Anna Bianchi"}, "local_code"),
    ]:
        with pytest.raises(DomainError) as refusal:
            pupil(scene, **values)
        assert refusal.value.field == field


def test_only_the_own_body_registers(scene: Scene) -> None:
    for person in ["teacher", "coordinator", "outsider", "contact"]:
        with pytest.raises(NotPermitted):
            pupil(scene, by=getattr(scene, person))


@pytest.mark.parametrize("number", [3, 30])
def test_registering_many_costs_the_same(scene: Scene, number: int, django_assert_max_num_queries: Any) -> None:
    people = [
        NewBeneficiary(scene.pupils, f"X-{place}", "male", date(2009, 1, 1), scene.morocco) for place in range(number)
    ]
    by = scene.operator

    with django_assert_max_num_queries(12):
        rows = register_beneficiaries(programme=scene.programme, registered_by=scene.cooperative, people=people, by=by)

    assert len({row.pseudonym for row in rows}) == number


def test_update_follows_the_version(scene: Scene) -> None:
    one = pupil(scene)
    values: dict[str, Any] = {
        "target_group": scene.background,
        "local_code": "3B-99",
        "sex": "male",
        "birth_date": date(2008, 5, 5),
        "citizenship": scene.italy,
        "by": scene.operator,
    }

    update_beneficiary(beneficiary=one, version=1, **values)

    assert (one.local_code, one.version, one.target_group) == ("3B-99", 2, scene.background)
    event = AuditEvent.objects.get(verb="beneficiary_updated")
    assert event.data == {"fields": ["target_group_id", "local_code", "sex", "birth_date", "citizenship_id"]}
    with pytest.raises(StaleError):
        update_beneficiary(beneficiary=one, version=1, **values)
    pupil(scene, "3B-01")
    with pytest.raises(DomainError) as refusal:
        update_beneficiary(beneficiary=one, version=2, **(values | {"local_code": "3B-01"}))
    assert refusal.value.field == "local_code"


def test_a_pupil_is_found_by_pseudonym_or_by_own_code(scene: Scene) -> None:
    one = pupil(scene)

    def found(code: str, bodies: list[Any]) -> Beneficiary | None:
        return find_beneficiary(programme_id=scene.programme.pk, code=code, bodies=bodies)

    assert found("3b-01", [scene.cooperative]) == one
    assert found("3b-01", [scene.school]) is None
    assert found(one.pseudonym.lower(), [scene.school]) == one


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2001, 6, 2), date(2019, 6, 1), 17),
        (date(2001, 6, 1), date(2019, 6, 1), 18),
        (date(1958, 6, 2), date(2019, 6, 1), 60),
        (date(1958, 6, 1), date(2019, 6, 1), 61),
        (date(2004, 2, 29), date(2019, 2, 28), 14),
        (date(2004, 2, 29), date(2019, 3, 1), 15),
    ],
)
def test_age_is_in_completed_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(birth=st.dates(date(1920, 1, 1), date(2020, 1, 1)), days=st.integers(0, 36500))
def test_age_never_goes_back(birth: date, days: int) -> None:
    day = birth + timedelta(days=days)

    assert 0 <= age_on(birth, day) <= age_on(birth, day + timedelta(days=1)) <= age_on(birth, day) + 1


def test_who_does_not_count_is_told_why(scene: Scene) -> None:
    counted = pupil(scene, "A-1")
    grown = pupil(scene, "A-2", birth_date=date(2001, 1, 1))
    italian = pupil(scene, "A-3", citizenship=scene.italy)
    unverified = pupil(scene, "A-4", eligibility=Eligibility.UNVERIFIED)
    background = pupil(scene, "A-5", citizenship=scene.italy, target_group=scene.background)

    def reasons(one: Beneficiary, **more: Any) -> int:
        return len(why_not_counted(one, on=date(2019, 2, 1), **more))

    assert [reasons(one) for one in (counted, grown, italian, unverified, background)] == [0, 1, 1, 1, 0]
    assert reasons(counted, activity_type_id=1, earning=[2]) == 1
    assert reasons(counted, activity_type_id=1, earning=[]) == 0
