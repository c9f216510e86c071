# SPDX-License-Identifier: EUPL-1.2
"""Identities: sealed when written, opened for the registering body alone and never without an entry."""

import logging
from typing import Any

import pytest

from beneficiaries.enums import MissingTaxCode
from beneficiaries.models import Beneficiary, Identity
from beneficiaries.services.identities import (
    NewIdentity,
    OpenedIdentity,
    mask,
    masked_identities,
    write_identities,
    write_identity,
)
from fami_portal.core.errors import DomainError
from fami_portal.core.models import RowHistory
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of, pupil

CODE = "RSSMRA80A01H501U"


def named(scene: Scene, beneficiary: Beneficiary, given_name: str = "Amina", **values: Any) -> Identity:
    """Return the identity that the cooperative wrote of a recipient."""
    return write_identity(
        **{
            "beneficiary": beneficiary,
            "organisation": scene.cooperative,
            "given_name": given_name,
            "family_name": "Qasimov",
            "tax_code_missing": MissingTaxCode.NOT_ASKED,
            "by": scene.operator,
        }
        | values
    )


def test_an_identity_is_written_sealed(scene: Scene) -> None:
    identity = named(scene, pupil(scene), "  Amina   Noor ", tax_code="rss mra 80a01 h501u", tax_code_missing="")

    row = Identity.objects.get(pk=identity.pk)
    assert b"Amina" not in bytes(row.given_name)
    assert CODE.encode() not in bytes(row.tax_code)
    assert row.key_id
    history = RowHistory.objects.filter(table_name="beneficiaries_identity").order_by("pk")
    assert history.get().changes == {}


def test_an_identity_without_a_tax_code_keeps_none(scene: Scene) -> None:
    assert bytes(named(scene, pupil(scene)).tax_code) == b""


def test_writing_anew_replaces_what_the_body_wrote(scene: Scene) -> None:
    one = pupil(scene)
    first = named(scene, one)
    second = named(scene, one, "Aminata")

    assert (second.pk, second.version) == (first.pk, 2)
    assert masked_identities(beneficiaries=[one], by=scene.operator) == {one.pk: "A••• Q."}
    assert bytes(Identity.objects.get().given_name) != bytes(first.given_name)


def test_what_cannot_be_an_identity_is_refused_without_repeating_it(scene: Scene) -> None:
    one = pupil(scene)

    for values, field in [
        ({"given_name": " "}, "given_name"),
        ({"family_name": "--"}, "family_name"),
        ({"given_name": "A" * 101}, "given_name"),
        ({"tax_code": CODE}, "tax_code_missing"),
        ({"tax_code_missing": ""}, "tax_code_missing"),
        ({"tax_code_missing": "because"}, "tax_code_missing"),
        ({"tax_code": "RSSMRA80A01H501A", "tax_code_missing": ""}, "tax_code"),
        ({"tax_code": "12345678901", "tax_code_missing": ""}, "tax_code"),
    ]:
        with pytest.raises(DomainError) as refusal:
            named(scene, one, **values)

        assert refusal.value.field == field
        assert not Identity.objects.exists()
        assert not any(typed.strip() and typed in str(refusal.value) for typed in values.values())


def test_a_destroyed_identity_is_not_written_again(scene: Scene) -> None:
    one = pupil(scene)
    identity = named(scene, one)
    with acting(None):
        Identity.objects.filter(pk=identity.pk).update(
            given_name=b"", family_name=b"", tax_code=b"", destroyed_at=identity.created_at
        )

    with pytest.raises(DomainError, match=r"destroyed|distrutt"):
        named(scene, one)
    assert masked_identities(beneficiaries=[one], by=scene.operator) == {}


@pytest.mark.parametrize("number", [2, 20])
def test_writing_many_costs_the_same(scene: Scene, number: int, django_assert_max_num_queries: Any) -> None:
    pupils = [enrolment.beneficiary for enrolment in class_of(scene, scene.activity(), number)]
    entries = [NewIdentity(one, "Amina", "Qasimov", "", MissingTaxCode.NOT_ASKED) for one in pupils]
    by = scene.operator

    with django_assert_max_num_queries(7):
        rows = write_identities(entries=entries, organisation=scene.cooperative, by=by)

    assert len({row.uuid for row in rows}) == number


def test_other_bodies_see_no_initials(scene: Scene) -> None:
    one = pupil(scene)
    named(scene, one)

    for person in (scene.contact, scene.teacher, scene.region, scene.coordinator, scene.outsider):
        assert masked_identities(beneficiaries=[one], by=person) == {}


def test_a_row_altered_in_the_database_shows_nothing_and_is_logged(scene: Scene, caplog: Any) -> None:
    one, other = pupil(scene), pupil(scene, "3B-02")
    named(scene, one)
    theirs = named(scene, other, "Fatou")
    with acting(None):
        Identity.objects.filter(beneficiary=one).update(given_name=bytes(theirs.given_name))

    with caplog.at_level(logging.ERROR):
        assert masked_identities(beneficiaries=[one], by=scene.operator) == {one.pk: "•••"}

    assert "field given_name" in caplog.text
    assert "Fatou" not in caplog.text


def test_a_mask_tells_no_length() -> None:
    assert mask("Maria", "Rossi") == mask("Mo", "Rao-Wickramasinghe") == "M••• R."


def test_values_with_names_print_nothing_of_them() -> None:
    new = NewIdentity(Beneficiary(), "Amina", "Qasimov", CODE)
    opened = OpenedIdentity(Identity(), "Amina", "Qasimov", CODE)

    for text in (repr(new), repr(opened), str(new), str(opened)):
        assert not any(secret in text for secret in ("Amina", "Qasimov", CODE))
    assert (opened.full_name, opened.short_name) == ("Amina Qasimov", "Amina Q.")
