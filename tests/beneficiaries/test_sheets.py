# SPDX-License-Identifier: EUPL-1.2
"""What the official sheets ask of whom: of a pupil nothing more, of an adult permit and facts, of an operator its work."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind
from actions.models import Activity, TargetGroup
from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary, EligibilityCheck, Identity, OperatorSheet, ReadEntry, ThirdCountrySheet
from beneficiaries.services.eligibility import change_eligibility
from beneficiaries.services.registration import Names, correct_recipient, register_and_enrol
from beneficiaries.services.sheets import OperatorFacts, ThirdCountryFacts, write_sheet
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent, RowHistory
from fami_portal.core.services import acting
from partners.models import EducationTitle
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import FIRST, enrolled, pupil
from tests.beneficiaries.sheet_world import ADMITTED, CODE, EXCLUDED, NAMED, adult, permit, specific, with_sheets
from tests.beneficiaries.test_register_pages import new_pupil

AT = datetime(2019, 3, 1, 9, tzinfo=UTC)
PAPERS = ("permit", "tax_code", "tax_code_missing", "specifics", "education", "origin_work", "permit_note", "phone",
          "telephone", "telefono", "email", "employer")  # fmt: skip


@pytest.fixture
def operators(scene: Scene) -> TargetGroup:
    return with_sheets(scene)


def page_of(client: Client, person: Any, activity: Activity, group: TargetGroup, values: Any = None) -> Any:
    client.force_login(person)
    address = reverse("beneficiaries:enrol-new", args=[activity.uuid]) + f"?group={group.code}"
    return client.get(address) if values is None else client.post(address, values)


@pytest.mark.parametrize(
    ("person", "kind", "group"),
    [("contact", ActivityKind.LAB, "pupils"), ("contact", ActivityKind.SUPPORT, "adults"),
     ("operator", ActivityKind.LAB, "pupils"), ("operator", ActivityKind.SUPPORT, "pupils")],
)  # fmt: skip
def test_the_form_of_a_school_and_that_of_a_pupil_carry_no_papers(
    client: Client, scene: Scene, operators: TargetGroup, person: str, kind: str, group: str
) -> None:
    activity, chosen = scene.activity(kind), getattr(scene, group)
    form = page_of(client, getattr(scene, person), activity, chosen).context["form"]
    sent = new_pupil(scene, target_group=chosen.pk, **NAMED) | {
        "tax_code": CODE, "permit": permit(ADMITTED).pk, "specifics": [specific("vulnerability")[0].pk],
        "education": EducationTitle.objects.get(code="primary").pk, "phone": "3331234567",
    }  # fmt: skip

    answer = page_of(client, getattr(scene, person), activity, chosen, sent)

    assert not set(form.fields) & set(PAPERS)
    assert answer.status_code == 302
    assert (bytes(Identity.objects.get().tax_code), ThirdCountrySheet.objects.exists()) == (b"", False)
    assert not EligibilityCheck.objects.filter(permit__isnull=False).exists()
    kept = [str(row) for model in (RowHistory, AuditEvent) for row in model.objects.values()]
    assert not [row for row in kept if CODE in row or "3331234567" in row]


def test_the_service_refuses_papers_of_a_pupil_however_they_come(scene: Scene, operators: TargetGroup) -> None:
    for values, field in [
        ({"names": Names(**NAMED, tax_code=CODE)}, "tax_code"),
        ({"permit": True}, "permit"),
        ({"facts": ThirdCountryFacts()}, "specifics"),
    ]:
        if "permit" in values:
            values = {"permit": permit(ADMITTED)}
        with pytest.raises(DomainError) as refused:
            register(scene, target_group=scene.pupils, birth_date=date(2010, 5, 3), **values)

        assert refused.value.field == field
        assert not Beneficiary.objects.exists()


def register(scene: Scene, activity: Any = None, **values: Any) -> Any:
    given: dict[str, Any] = {
        "activity": activity or scene.activity(ActivityKind.SUPPORT), "registered_by": scene.cooperative,
        "target_group": scene.adults, "local_code": "A-07", "sex": "female", "birth_date": date(1980, 5, 3),
        "citizenship": scene.morocco, "eligibility": Eligibility.UNVERIFIED, "enrolled_on": FIRST,
        "notice_version": "1", "notice_given_on": FIRST, "by": scene.operator, "at": AT,
    }  # fmt: skip
    return register_and_enrol(**(given | values)).enrolment.beneficiary


def test_a_partner_registers_an_adult_with_permit_and_facts(
    client: Client, scene: Scene, operators: TargetGroup
) -> None:
    support = scene.activity(ActivityKind.SUPPORT)
    page = page_of(client, scene.operator, support, scene.adults)
    assert [current for _label, _groups, _url, current in page.context["ways"]] == [True, False, False]
    for _click in range(2):
        answer = page_of(client, scene.operator, support, scene.adults, adult(scene))
        assert answer.status_code == 302, answer.context["form"].errors

    one = Beneficiary.objects.get()
    sheet, check = one.third_country_sheet, one.eligibility_checks.get()
    assert (one.eligibility, check.permit.code, check.seen) == (Eligibility.DECLARED, ADMITTED, "self_declaration")
    assert [str(condition) for condition in sheet.specifics] == ["Persone con vulnerabilità – dati sensibili"]
    assert (sheet.education.code, sheet.origin_work.code) == ("primary", "clerk")
    # Conditions and permit stand in no record of acts and in no history.
    kept = [str(row) for model in (RowHistory, AuditEvent) for row in model.objects.values()]
    assert not [row for row in kept if "vulnerab" in row or "permit_id" in row or "education_id" in row]
    shown = client.get(one.get_absolute_url()).content.decode()
    assert "Motivi familiari" in shown
    assert "Istruzione primaria" in shown
    client.force_login(scene.contact)  # the host of the activity sees the recipient, and not this
    hosted = client.get(one.get_absolute_url()).content.decode()
    assert "Motivi familiari" not in hosted
    assert "vulnerab" not in hosted


def test_what_cannot_be_is_refused_in_words_and_nothing_is_lost(
    client: Client, scene: Scene, operators: TargetGroup
) -> None:
    for values, field, words in [
        ({"given_name": "", "family_name": "", "tax_code": ""}, "given_name", "scheda ufficiale"),
        ({"tax_code": ""}, "tax_code_missing", "perché"),
        ({"tax_code": CODE[:-1] + "A"}, "tax_code", "codice fiscale"),
        ({"tax_code": "FR-12345-XYZ"}, "tax_code", "16"),
        ({"specifics": ["unaccompanied_minor"]}, "specifics", "38"),
        ({"specifics": ["minor"]}, "specifics", "minorenne"),
        ({"specifics": ["over_65"]}, "specifics", "65"),
        ({"specifics": ["minor", "unaccompanied_minor", "over_65", "single_parent"]}, "specifics", "tre"),
        ({"permit": "na_minors"}, "permit", "18"),
        ({"birth_date": "01/03/2019"}, "enrolled_on", "nascita"),
    ]:
        if "specifics" in values:
            values = {"specifics": [one.pk for one in specific(*values["specifics"])]}
        if "permit" in values:
            values = {"permit": permit(values["permit"]).pk}
        page = page_of(
            client, scene.operator, scene.activity(ActivityKind.SUPPORT), scene.adults, adult(scene, **values)
        )

        form = page.context["form"]
        assert list(form.errors) == [field]
        assert words in str(form.errors[field])
        assert 'value="A-07"' in page.content.decode()
        assert not Beneficiary.objects.exists()


def test_an_excluded_permit_is_served_and_counted_apart(client: Client, scene: Scene, operators: TargetGroup) -> None:
    support = scene.activity(ActivityKind.SUPPORT)
    answer = page_of(client, scene.operator, support, scene.adults, adult(scene, permit=permit(EXCLUDED).pk))

    page = client.get(answer.url).content.decode()
    one = Beneficiary.objects.get()
    assert (one.eligibility, one.enrolments.count()) == (Eligibility.NOT_ELIGIBLE, 1)
    assert "non è ammissibile" in page or "non viene cont" in page
    with pytest.raises(DomainError) as refused:
        decide(one, "declared", scene.operator, permit=permit(EXCLUDED))
    assert refused.value.field == "permit"
    # Who waits for an answer is never excluded.
    assert decide(one, "declared", scene.operator, permit=permit("asylum_application")).outcome == "declared"


def decide(one: Beneficiary, eligibility: str, by: Any, **values: Any) -> EligibilityCheck:
    given = {"seen": "permit" if eligibility == "verified" else "self_declaration", "kept_at": "cartella 1"}
    one.refresh_from_db()
    return change_eligibility(
        beneficiary=one, eligibility=eligibility, version=one.version, by=by, at=AT, **(given | values)
    )


def test_a_permit_to_be_verified_is_verified_by_a_coordinator(scene: Scene, operators: TargetGroup) -> None:
    one = register(scene, names=Names(**NAMED, tax_code=CODE))
    for by, kind, field in ((scene.operator, None, "permit"), (scene.operator, permit("being_issued"), "permit")):
        with pytest.raises(DomainError) as refused:
            decide(one, "verified", by, permit=kind)
        assert refused.value.field == field
    assert decide(one, "verified", scene.operator, permit=permit(ADMITTED)).permit.code == ADMITTED
    assert decide(one, "verified", scene.coordinator, permit=permit("being_issued")).outcome == "verified"
    child = pupil(scene)
    with pytest.raises(DomainError):
        decide(child, "declared", scene.operator, permit=permit(ADMITTED))


def test_an_operator_of_any_citizenship_needs_a_body_and_no_permit(
    client: Client, scene: Scene, operators: TargetGroup
) -> None:
    training = scene.activity(ActivityKind.TRAINING)
    typed = {"target_group": operators.pk, "birth_date": "03/05/1980", "citizenship": scene.italy.pk, **NAMED,
             "tax_code": CODE, "employer": "Cooperativa Prova", "nature": "private", "trainings": ["schools"]}  # fmt: skip
    given = new_pupil(scene, local_code="OP-1") | typed
    refused = page_of(client, scene.operator, training, operators, given | {"nature": "public", "public_body": "ASL"})
    assert list(refused.context["form"].errors) == ["public_body"]
    assert "permit" not in refused.context["form"].fields

    answer = page_of(client, scene.operator, training, operators, given | {"public_body": "ASL TO3"})

    assert answer.status_code == 302
    one = Beneficiary.objects.get()
    assert (one.operator_sheet.public_body, one.operator_sheet.trainings) == ("ASL TO3", ["schools"])
    assert one.eligibility == Eligibility.DECLARED
    assert "non viene contato" not in client.get(answer.url).content.decode()


def test_a_sheet_is_corrected_once_and_only_by_its_body(client: Client, scene: Scene, operators: TargetGroup) -> None:
    one = register(scene, names=Names(**NAMED, tax_code=CODE))
    facts = ThirdCountryFacts(specifics=specific("vulnerability", "single_parent"), permit_note=" in  attesa ")
    write_sheet(beneficiary=one, facts=facts, by=scene.operator, at=AT)
    write_sheet(beneficiary=one, facts=facts, version=1, by=scene.operator, at=AT)
    assert (one.third_country_sheet.version, one.third_country_sheet.permit_note) == (1, "in attesa")
    with pytest.raises(StaleError):
        write_sheet(beneficiary=one, facts=ThirdCountryFacts(), version=0, by=scene.operator, at=AT)
    with pytest.raises(NotPermitted):
        write_sheet(beneficiary=one, facts=ThirdCountryFacts(), version=1, by=scene.outsider, at=AT)
    with pytest.raises(DomainError):
        write_sheet(beneficiary=one, facts=OperatorFacts("Ente", "public", ["schools"]), by=scene.operator, at=AT)
    twice = {"second_specific": one.third_country_sheet.first_specific}
    with pytest.raises(IntegrityError), transaction.atomic(), acting(None):
        ThirdCountrySheet.objects.filter(beneficiary=one).update(**twice)

    address = reverse("beneficiaries:sheet", args=[one.uuid])
    client.force_login(scene.operator)
    page = client.get(address)
    assert page.context["form"].initial["specifics"] == specific("single_parent", "vulnerability")
    assert ReadEntry.objects.filter(page="beneficiaries:sheet", subjects=[one.pk]).exists()
    saved = client.post(address, {"version": "1", "specifics": [specific("vulnerability")[0].pk]})
    assert saved.status_code == 302
    child = pupil(scene, "3B-09")
    assert client.get(reverse("beneficiaries:sheet", args=[child.uuid])).status_code == 404
    with acting(None):
        Beneficiary.objects.filter(pk=one.pk).update(restricted_at=AT)
    with pytest.raises(DomainError):
        write_sheet(beneficiary=one, facts=ThirdCountryFacts(), version=2, by=scene.operator, at=AT)


def test_a_birth_after_the_support_is_refused_when_it_is_corrected(scene: Scene, operators: TargetGroup) -> None:
    one = pupil(scene)
    enrolled(scene, scene.activity(), one)
    with pytest.raises(DomainError) as refused:
        correct_recipient(
            beneficiary=one, version=1, target_group=one.target_group, local_code=one.local_code, sex=one.sex,
            birth_date=date(2019, 2, 1), citizenship=one.citizenship, by=scene.operator, at=AT,
        )  # fmt: skip
    assert refused.value.field == "birth_date"
    assert not OperatorSheet.objects.exists()


def test_one_person_has_several_supports_and_roles_over_time(
    client: Client, scene: Scene, operators: TargetGroup
) -> None:
    lab = scene.activity()
    one = register(scene, names=Names(**NAMED, tax_code=CODE), permit=permit(ADMITTED))
    later = scene.activity(ActivityKind.TRAINING)
    enrolments = [
        one.enrolments.get(),
        enrolled(scene, lab, one, enrolled_on=date(2019, 3, 1)),
        enrolled(scene, later, one, enrolled_on=date(2019, 6, 1)),
        enrolled(scene, later, pupil(scene, "9Z-1"), enrolled_on=date(2019, 6, 1)),
    ]

    # An operator in the training alone; a pupil is no operator, whatever it attends.
    assert [row.target_group for row in enrolments] == [None, None, operators, None]
    client.force_login(scene.operator)
    page = client.get(one.get_absolute_url()).content.decode()
    assert "Operatori" in page
    assert page.count("non contat") == 0
    write_sheet(
        beneficiary=one, facts=OperatorFacts("Cooperativa Prova", "private", ["schools"]), by=scene.operator, at=AT
    )
    assert client.get(reverse("beneficiaries:sheet", args=[one.uuid]) + "?sheet=operators").status_code == 200
    # The birthday between two supports: each has the age of its own first day.
    with acting(None):
        Beneficiary.objects.filter(pk=one.pk).update(birth_date=date(2001, 2, 1))
    shown = client.get(one.get_absolute_url()).context["rows"]
    assert [row[3].main for row in shown] == [18, 18, 17]
    refused = client.get(reverse("beneficiaries:not-counted-list")).context["rows"]
    assert refused == []
