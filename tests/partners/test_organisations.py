# SPDX-License-Identifier: EUPL-1.2
"""Registering and correcting bodies."""

import pytest

from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent, RowHistory
from partners.enums import InformalReason, OrganisationKind
from partners.models import Organisation
from partners.services.organisations import register_organisation, update_organisation

pytestmark = pytest.mark.django_db
COOP = {"name": "Cooperativa Nuova", "kind": OrganisationKind.COOPERATIVE, "fiscal_code": "80000900011"}


def refused(field: str, **values) -> str:
    with pytest.raises(DomainError) as refusal:
        register_organisation(by=None, **{**COOP, **values})
    assert refusal.value.field == field
    assert not Organisation.objects.filter(name=values.get("name", COOP["name"])).exists()
    return str(refusal.value)


def test_body_is_registered_with_its_codes_normalised_and_audited():
    body = register_organisation(
        by=None, **{**COOP, "name": "  Cooperativa   Nuova ", "fiscal_code": f" {COOP['fiscal_code']} "}
    )

    assert (body.name, body.fiscal_code, body.nature) == ("Cooperativa Nuova", COOP["fiscal_code"], "private")
    assert AuditEvent.objects.get(verb="organisation_registered").target_id == str(body.pk)
    assert RowHistory.objects.filter(table_name="partners_organisation", row_id=str(body.pk)).exists()


def test_school_is_public_and_code_is_upper_case():
    school = register_organisation(by=None, **{**COOP, "kind": OrganisationKind.SCHOOL, "school_code": "toic 81600l"})

    assert (school.school_code, school.nature) == ("TOIC81600L", "public")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("fiscal_code", {"fiscal_code": "80000900012"}),
        ("fiscal_code", {"fiscal_code": ""}),
        ("vat_number", {"vat_number": "00743110158"}),
        ("school_code", {"kind": OrganisationKind.SCHOOL}),
        ("school_code", {"kind": OrganisationKind.SCHOOL, "school_code": "TO81600"}),
        ("school_code", {"school_code": "TOIC81600L"}),
        ("informal_reason", {"informal_reason": InformalReason.INFORMAL_GROUP}),
        (
            "informal_reason",
            {"kind": OrganisationKind.MUNICIPALITY, "fiscal_code": "", "informal_reason": "informal_group"},
        ),
        ("informal_reason", {"fiscal_code": "", "informal_reason": "whatever"}),
        ("nature", {"nature": "public"}),
        ("nature", {"kind": OrganisationKind.MUNICIPALITY, "nature": "private"}),
        ("kind", {"kind": "club"}),
        ("name", {"name": ""}),
        ("pec", {"pec": "not an address"}),
    ],
)
def test_wrong_facts_are_refused_at_the_field(field, values):
    assert refused(field, **values)


def test_informal_group_needs_no_tax_code_but_a_reason():
    body = register_organisation(
        by=None,
        name="Gruppo di mamme",
        kind=OrganisationKind.MIGRANT_ASSOCIATION,
        informal_reason=InformalReason.INFORMAL_GROUP,
    )

    assert body.fiscal_code == ""


def test_same_body_is_not_registered_twice():
    register_organisation(by=None, **COOP)

    assert "codice fiscale" in refused("fiscal_code", name="Altro nome")


def test_schools_of_one_institute_share_the_tax_code_but_not_their_own():
    school = {**COOP, "kind": OrganisationKind.SCHOOL}
    register_organisation(by=None, **{**school, "school_code": "TOIC81600L"})
    register_organisation(by=None, **{**school, "name": "Plesso", "school_code": "TOEE81601P"})

    refused("school_code", kind=OrganisationKind.SCHOOL, name="Copia", school_code="TOIC81600L")


def test_only_managers_register(world):
    with pytest.raises(NotPermitted):
        register_organisation(by=world.personas["partner_operator"], **COOP)

    assert register_organisation(by=world.personas["regional_coordinator"], **COOP).pk


def test_correction_is_versioned(world):
    body, by = world.bodies["coop_1"], world.personas["regional_coordinator"]

    changed = update_organisation(organisation=body, by=by, version=body.version, address="Via Roma 1")

    assert (changed.address, changed.version) == ("Via Roma 1", body.version + 1)
    with pytest.raises(StaleError):
        update_organisation(organisation=body, by=by, version=body.version, address="Via Po 2")
    assert Organisation.objects.get(pk=body.pk).address == "Via Roma 1"


def test_coordinator_corrects_only_bodies_of_the_own_programmes(world):
    by = world.personas["regional_coordinator"]

    with pytest.raises(NotPermitted):
        update_organisation(organisation=world.bodies["coop_3"], by=by, version=1, address="x")
    update_organisation(
        organisation=world.bodies["coop_3"], by=world.personas["administrator"], version=1, address="Via Roma 1"
    )


def test_body_cannot_take_the_code_of_another(world):
    other = world.bodies["coop_2"].fiscal_code

    with pytest.raises(DomainError) as refusal:
        update_organisation(organisation=world.bodies["coop_1"], by=None, version=1, fiscal_code=other)

    assert refusal.value.field == "fiscal_code"


def test_unknown_fact_is_a_mistake_of_the_caller(world):
    with pytest.raises(TypeError):
        update_organisation(organisation=world.bodies["coop_1"], by=None, version=1, colour="red")
