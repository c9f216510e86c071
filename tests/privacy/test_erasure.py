# SPDX-License-Identifier: EUPL-1.2
"""Erasure leaves nobody to be recognised and every figure as it was: merged records, holds, reports, races."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connections
from django.db.models import CharField, TextField
from hypothesis import given, settings
from hypothesis import strategies as st

from beneficiaries import models as models_of_recipients
from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary, Enrolment, Fingerprint, Identity
from beneficiaries.selectors import age_band, age_on
from beneficiaries.services import erasure
from beneficiaries.services.eligibility import change_eligibility
from beneficiaries.services.enrolments import enrol
from beneficiaries.services.erasure import ErasureRefusedError, anonymise, destroy_identities, kept_birth_date
from beneficiaries.services.identities import write_identity
from fami_portal.core.errors import DomainError
from fami_portal.core.models import AuditEvent
from fami_portal.core.privacy import classified_fields
from fami_portal.core.services import acting
from reporting.ledger.reconcile import check
from reporting.models import ResultTotal, ValidatedFact
from reporting.services import activity_reports as services
from tests.actions.scene import build as build_scene
from tests.beneficiaries import dump
from tests.beneficiaries.people import AT, CODE, known
from tests.reporting.ledger_world import NOW, World, build

WHY = "Pratica D-2019-0001"
GIVEN, FAMILY, NOTE, PLACE = "Zahratulqamar", "Olafsdottirsson", "Vista zoppicare in cortile", "Faldone Zahra"
BORN = date(2003, 8, 17)
FEBRUARY, MARCH = date(2019, 2, 5), date(2019, 3, 5)


def _cells(world: World) -> list[tuple[Any, ...]]:
    fields = ("scope", "indicator", "month", "sex", "age_band", "quantity")
    return list(ResultTotal.objects.filter(scope__programme=world.programme).order_by(*fields).values_list(*fields))


def _fresh(one: Beneficiary) -> Beneficiary:
    return Beneficiary.objects.get(pk=one.pk)


@given(
    born=st.dates(date(1930, 1, 1), date(2016, 12, 31)),
    starts=st.lists(st.dates(date(2018, 1, 1), date(2024, 12, 31)), max_size=5),
    limits=st.sampled_from([(3, 16), (18, None), (None, None), (3, 18)]),
)
@settings(max_examples=20)
def test_the_birth_date_that_stays_counts_as_the_one_that_went(
    born: date, starts: list[date], limits: tuple[int | None, int | None]
) -> None:
    low, high = limits
    kept = kept_birth_date(born, starts=starts, minimum=low, maximum=high)

    def told(day: date) -> list[tuple[Any, bool]]:
        ages = [age_on(day, start) for start in starts]
        return [(age_band(age), (low or 0) <= age <= (high or 999)) for age in ages]

    assert kept.year == born.year
    assert told(kept) == told(born)
    assert kept == date(born.year, 1, 1) or told(date(born.year, 1, 1)) != told(born)


@pytest.mark.django_db
def test_an_erased_person_is_nowhere_and_counts_as_before() -> None:
    world, scene = build(), build_scene()
    one = known(scene, GIVEN, FAMILY, CODE, local_code="3B-777")
    twin = known(scene, GIVEN, FAMILY, CODE, body=scene.school)
    assert twin.merged_into_id == one.pk
    change_eligibility(
        beneficiary=one, eligibility=Eligibility.VERIFIED, version=_fresh(one).version, by=None, at=AT,
        seen="permit", kept_at=PLACE, reason=NOTE, expires_on=date(2021, 8, 17),
    )  # fmt: skip
    with acting(None):
        Enrolment.objects.create(
            activity=scene.activity(), beneficiary=twin, enrolled_on=date(2019, 2, 1), notice_version="1",
            notice_given_on=date(2019, 1, 1), withdrawn_on=date(2019, 3, 1), withdrawal_reason=NOTE,
        )  # fmt: skip
    person = world.person(birth_date=BORN)
    world.meet(0, FEBRUARY, [person, world.person()])
    world.validate(0, 0)
    before = _cells(world)

    # Asked of the merged record: the person goes with all its records.
    assert sorted(anonymise(beneficiaries=[twin], by=None, at=AT, reason=WHY)) == sorted([one.pk, twin.pk])
    assert anonymise(beneficiaries=[person], by=None, at=AT, reason=WHY) == [person.pk]
    assert anonymise(beneficiaries=[one, twin, person], by=None, at=AT, reason=WHY) == []

    assert _cells(world) == before
    assert check(world.programme.pk) == []
    assert _fresh(one).birth_date == date(2009, 1, 1)
    assert not Fingerprint.objects.filter(beneficiary__in=[one, twin])
    assert Identity.objects.filter(destroyed_at__isnull=True).count() == 0
    assert twin.enrolments.count() == 1
    assert AuditEvent.objects.filter(verb="anonymised", target_id__in=[one.pk, twin.pk], reason=WHY).count() == 2
    secrets = [GIVEN, FAMILY, CODE, NOTE, PLACE, "3B-777", "2021-08-17", "2009-05-17", "2003-08-17"]
    assert dump.in_database(secrets) == {}
    for refused in (
        lambda: write_identity(
            beneficiary=one, organisation=scene.school, given_name="A", family_name="B", tax_code=CODE, by=None
        ),
        lambda: enrol(
            activity=scene.activity(), beneficiary=one, enrolled_on=date(2019, 2, 1), notice_version="1",
            notice_given_on=date(2019, 1, 1), by=None,
        ),
    ):  # fmt: skip
        with pytest.raises(DomainError):
            refused()


@pytest.mark.django_db
def test_a_hold_or_a_restriction_of_one_record_refuses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build_scene()
    one, other = known(scene, GIVEN, FAMILY, CODE), known(scene, "Li", "Wu")
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "_holds", [lambda ids: {one.pk} & set(ids)])
        for act in (anonymise, destroy_identities):
            with pytest.raises(ErasureRefusedError, match=one.pseudonym):
                act(beneficiaries=[one, other], by=None, at=AT, reason=WHY)
    with acting(None):
        Beneficiary.objects.filter(pk=other.pk).update(restricted_at=AT)
    with pytest.raises(ErasureRefusedError, match=other.pseudonym):
        anonymise(beneficiaries=[one, other], by=None, at=AT, reason=WHY)
    assert Identity.objects.filter(destroyed_at__isnull=True).count() == 2
    assert destroy_identities(beneficiaries=[one], by=None, at=AT, reason=WHY) == 1
    assert destroy_identities(beneficiaries=[one], by=None, at=AT, reason=WHY) == 0
    assert _fresh(one).anonymised_at is None


# Texts that say nothing of a person, with why. Whatever else is a text about a person is cleared.
KEPT_TEXTS = {
    "Beneficiary.pseudonym": "evidence of the figures",
    "Beneficiary.local_code": "replaced by a neutral one",
    "Enrolment.certificate_body": "the name of a school, without number or person",
    "PairQuestion.group": "emptied when the question is closed, after twenty days at most",
}


def test_every_text_about_a_person_is_cleared() -> None:
    cleared = {f"{row.model.__name__}.{name}" for row in erasure.CLEARED for name in row.values}
    found = {
        f"{name}.{field.name}"
        for name in models_of_recipients.__all__
        if hasattr(model := getattr(models_of_recipients, name), "_meta")
        for field in model._meta.concrete_fields
        if classified_fields(model)[field.name] == "special"
        and isinstance(field, CharField | TextField)
        and not field.choices
    }
    assert found - cleared == KEPT_TEXTS.keys() & found, "add a row to `CLEARED`, or say here why the text stays"


# --- at the same moment -----------------------------------------------------------------------------------------------


def _together(*acts: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def _erased_while_validated(monkeypatch: pytest.MonkeyPatch, *, waits: float = 1) -> tuple[World, list[Any]]:
    """Erase a person between what a validation reads and what it freezes; she turns 16 or 17 by the day that stays."""
    world = build()
    person = world.person(birth_date=date(2002, 1, 11))  # 16 at the enrolment of 10 January 2019, 17 by 1 January
    world.meet(0, FEBRUARY, [person])
    report = world.submit(0, 0)
    compared = threading.Event()
    freezing = services.facts.freeze

    def freeze(*args: Any, **values: Any) -> int:
        compared.set()
        # A person who did not wait for the validation is erased now.
        erased.wait(timeout=waits)
        # The registers are read again, as where the drafts of the submission do not serve: those know of no erasure.
        return freezing(*args, **values | {"submitted": False})

    monkeypatch.setattr(services.facts, "freeze", freeze)
    erased = threading.Event()

    def erase() -> Any:
        compared.wait(timeout=20)
        gone = anonymise(beneficiaries=[person], by=None, at=NOW, reason=WHY)
        erased.set()
        return gone

    region = type(world.region).objects.get(pk=world.region.pk)
    return world, _together(lambda: services.validate(report=report, by=region, at=NOW), erase)


@pytest.mark.django_db(transaction=True)
def test_an_erasure_waits_for_the_report_that_is_being_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    world, results = _erased_while_validated(monkeypatch)
    assert not [one for one in results if isinstance(one, Exception)], results
    assert ValidatedFact.objects.get(unit_kind="person").eligible
    assert world.total("pupils") == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_head_and_the_kept_age_the_erasure_would_change_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure.persons_changing, "send", lambda **values: None)
    monkeypatch.setattr(erasure, "kept_birth_date", lambda born, **values: date(born.year, 1, 1))
    world, results = _erased_while_validated(monkeypatch, waits=20)
    assert isinstance(results[0], Exception) or world.total("pupils") != 1


def _enrolled_while_erased(monkeypatch: pytest.MonkeyPatch, *, looks: bool) -> tuple[Beneficiary, list[Any]]:
    scene = build_scene()
    activity, one = scene.activity(), known(scene, GIVEN, FAMILY, CODE)
    destroying, asked = erasure._destroy, threading.Event()

    def destroy(*args: Any) -> int:
        asked.set()
        threading.Event().wait(0.3)  # the enrolment arrives while the record is locked
        return destroying(*args)

    monkeypatch.setattr(erasure, "_destroy", destroy)
    if not looks:
        monkeypatch.setattr("beneficiaries.services.enrolments.check_can_work_on", lambda *args, **values: None)

    def enrolling() -> Any:
        asked.wait(timeout=20)
        return enrol(
            activity=activity, beneficiary=one, enrolled_on=date(2019, 2, 1), notice_version="1",
            notice_given_on=date(2019, 1, 1), by=None,
        )  # fmt: skip

    return one, _together(lambda: anonymise(beneficiaries=[one], by=None, at=AT, reason=WHY), enrolling)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looks", [True, False])
def test_nobody_is_enrolled_while_being_erased(monkeypatch: pytest.MonkeyPatch, looks: bool) -> None:
    one, (erased, enrolled) = _enrolled_while_erased(monkeypatch, looks=looks)
    assert erased == [one.pk]
    # Without looking again under the lock the anonymous record would be enrolled.
    assert isinstance(enrolled, DomainError) is looks
    assert one.enrolments.exists() is not looks
