# SPDX-License-Identifier: EUPL-1.2
"""Decisions on the eligibility: what was seen, where it is kept, who; schools are asked for no papers."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary, EligibilityCheck
from beneficiaries.services.eligibility import change_eligibility
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import pupil

NOW = datetime(2019, 3, 1, 10, tzinfo=UTC)
PAPER = {"seen": "permit", "kept_at": "Fascicolo 12", "expires_on": date(2019, 3, 1)}


def sign_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def decide(one: Beneficiary, outcome: str, by: Any, **values: Any) -> EligibilityCheck:
    return change_eligibility(
        **{"beneficiary": one, "eligibility": outcome, "version": one.version, "by": by, "at": NOW} | values
    )


def school_pupil(scene: Scene) -> Beneficiary:
    return pupil(scene, "S-1", registered_by=scene.school, by=scene.contact)


def test_a_declaration_at_registration_is_the_first_check(scene: Scene) -> None:
    one = pupil(scene)
    pupil(scene, "3B-02", eligibility=Eligibility.UNVERIFIED)

    check = EligibilityCheck.objects.get()

    assert (check.beneficiary, check.source, check.outcome, check.seen) == (
        one, "unverified", "declared", "self_declaration",
    )  # fmt: skip
    assert (check.by, check.on_behalf_of) == (scene.operator, scene.cooperative)


def test_each_decision_keeps_what_was_seen_and_who(scene: Scene) -> None:
    one = pupil(scene)

    decide(one, "verified", scene.operator, **PAPER)
    decide(one, "verified", scene.region, seen="passport", kept_at=" Armadio  B ")
    last = decide(one, "not_eligible", scene.region, reason="Cittadina UE")

    found = list(one.eligibility_checks.order_by("pk").values_list("source", "outcome", "seen", "kept_at"))
    assert found[1:] == [
        ("declared", "verified", "permit", "Fascicolo 12"),
        ("verified", "verified", "passport", "Armadio B"),
        ("verified", "not_eligible", "", ""),
    ]
    assert (last.by, last.on_behalf_of, last.at, one.eligibility, one.version) == (
        scene.region, scene.lead, NOW, "not_eligible", 4,
    )  # fmt: skip
    event = AuditEvent.objects.filter(verb="eligibility_changed").latest("pk")
    assert (event.reason, event.data) == ("Cittadina UE", {"from": "verified", "to": "not_eligible"})


def test_a_decision_without_its_ground_changes_nothing(scene: Scene) -> None:
    one = pupil(scene, eligibility=Eligibility.UNVERIFIED)

    for outcome, values, field in [
        ("maybe", {}, "eligibility"),
        ("verified", {"kept_at": "Fascicolo 12"}, "seen"),
        ("verified", {"seen": "permit"}, "kept_at"),
        ("verified", {"seen": "permit", "kept_at": "  "}, "kept_at"),
        ("verified", {"seen": "photocopy", "kept_at": "x"}, "seen"),
        ("verified", PAPER | {"expires_on": date(2019, 2, 28)}, "expires_on"),
        ("not_eligible", {"expires_on": date(2020, 1, 1), "reason": "x"}, "seen"),
        ("declared", {}, "seen"),
        ("declared", {"seen": "permit"}, "seen"),
        ("not_eligible", {}, "reason"),
        ("unverified", {"reason": " "}, "reason"),
    ]:
        with pytest.raises(DomainError) as refusal:
            decide(one, outcome, scene.operator, **values)

        one.refresh_from_db()
        assert refusal.value.field == field
        assert (one.eligibility, one.version, EligibilityCheck.objects.count()) == ("unverified", 1, 0)


def test_only_the_registering_body_and_the_coordinators_decide_once(scene: Scene) -> None:
    one = pupil(scene)
    decide(one, "verified", scene.operator, **PAPER)

    with pytest.raises(NotPermitted):
        decide(one, "verified", scene.contact, **PAPER)
    with pytest.raises(StaleError):
        decide(one, "verified", scene.operator, **PAPER, version=1)


@pytest.mark.parametrize(
    ("outcome", "values", "field"),
    [("declared", PAPER, "seen"), ("verified", {"seen": "self_declaration", "kept_at": "x"}, "eligibility"),
     ("not_eligible", {"seen": "passport", "reason": "x"}, "seen")],
)  # fmt: skip
def test_a_school_is_asked_for_no_papers(scene: Scene, outcome: str, values: dict[str, Any], field: str) -> None:
    one = school_pupil(scene)

    with pytest.raises(DomainError) as refusal:
        decide(one, outcome, scene.contact, **values)

    assert refusal.value.field == field
    assert decide(one, "verified", scene.region, **PAPER).on_behalf_of == scene.lead


def test_the_form_of_a_school_has_no_field_for_papers(client: Client, scene: Scene) -> None:
    one = school_pupil(scene)
    address = reverse("beneficiaries:eligibility", args=[one.uuid])

    school = sign_in(client, scene.contact).get(address).content.decode()
    region = sign_in(client, scene.region).get(address).content.decode()

    for name in ('value="permit"', 'value="permit_receipt"', 'value="passport"', 'value="verified"', "expires_on"):
        assert name not in school
        assert name in region


def test_the_page_lists_the_decisions(client: Client, scene: Scene, django_assert_max_num_queries: Any) -> None:
    one = pupil(scene)
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:eligibility", args=[one.uuid])
    typed = {"eligibility": "verified", "seen": "permit", "expires_on": "01/02/2019", "kept_at": "", "version": "1"}

    refused = client.post(address, typed)
    assert refused.context["form"].errors["kept_at"]
    far = typed | {"expires_on": "01/02/2099", "kept_at": "Fascicolo 12"}
    assert client.post(address, far).status_code == 302
    decide(Beneficiary.objects.get(), "not_eligible", scene.region, reason="Cittadina UE")
    with django_assert_max_num_queries(15):
        page = client.get(one.get_absolute_url()).content.decode()

    assert "01/02/2099" in page
    assert "Fascicolo 12" in page
    assert "Cittadina UE" in page
