# SPDX-License-Identifier: EUPL-1.2
"""Names at registration: sealed in the same act, kept in the form and nowhere else, never a tax code in schools."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import ActivityKind
from actions.models import Activity
from beneficiaries.models import Beneficiary, Enrolment, Fingerprint, Identity
from beneficiaries.services.registration import Names, register_and_enrol
from fami_portal.core.models import AuditEvent
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import FIRST
from tests.beneficiaries.people import AT, BORN, known
from tests.beneficiaries.test_register_pages import new_pupil

# Born on 3 May 2010, a girl: invented, with the check character of its own.
CODE = "HXXXXX10E43Z100A"
NAMED = {"given_name": "Zuleikha", "family_name": "Quasimodi"}


def page_of(client: Client, scene: Scene, person: Any, activity: Activity, **values: Any) -> Any:
    client.force_login(person)
    typed = {"target_group": scene.adults.pk} if activity.activity_type.kind != ActivityKind.LAB else {}
    return client.post(reverse("beneficiaries:enrol-new", args=[activity.uuid]), new_pupil(scene) | typed | values)


def said(client: Client, answer: Any) -> str:
    return client.get(answer.url).content.decode()


def test_a_lab_takes_names_and_asks_for_no_tax_code(client: Client, scene: Scene, caplog: Any) -> None:
    lab = scene.activity()
    with caplog.at_level("DEBUG"):
        answer = page_of(client, scene, scene.operator, lab, **NAMED, tax_code=CODE)
    page = said(client, answer)

    identity = Identity.objects.get()
    assert (identity.organisation, identity.tax_code_missing, bytes(identity.tax_code)) == (
        scene.cooperative, "not_asked", b"",
    )  # fmt: skip
    for name in NAMED.values():
        assert name.encode() not in bytes(identity.given_name) + bytes(identity.family_name)
        assert name not in page + answer.url + caplog.text
        assert not [event for event in AuditEvent.objects.all() if name in f"{event.data}{event.reason}"]
    assert 'name="tax_code' not in page
    assert Fingerprint.objects.filter(identity=identity).exists()


@pytest.mark.parametrize(
    ("person", "kind", "asked"),
    [("operator", ActivityKind.SUPPORT, True), ("operator", ActivityKind.LAB, False),
     ("contact", ActivityKind.SUPPORT, False)],
)  # fmt: skip
def test_who_is_asked_for_a_tax_code(client: Client, scene: Scene, person: str, kind: str, asked: bool) -> None:
    client.force_login(getattr(scene, person))

    page = client.get(reverse("beneficiaries:enrol-new", args=[scene.activity(kind).uuid])).content.decode()

    assert ('name="tax_code"' in page) == asked
    assert ('name="tax_code_missing"' in page) == asked
    assert 'name="given_name"' in page


def test_a_refusal_writes_nothing_and_keeps_what_was_typed(client: Client, scene: Scene) -> None:
    for values, field in [
        ({"given_name": "Zuleikha"}, "family_name"),
        (NAMED, "tax_code_missing"),
        (NAMED | {"tax_code": CODE, "tax_code_missing": "not_shown"}, "tax_code_missing"),
        (NAMED | {"tax_code": CODE[:-1] + "B"}, "tax_code"),
        (NAMED | {"tax_code_missing": "not_asked"}, "tax_code_missing"),
        (NAMED | {"tax_code": CODE, "local_code": "Mario Rossi"}, "local_code"),
        ({"tax_code": CODE}, "given_name"),
    ]:
        page = page_of(client, scene, scene.operator, scene.activity(ActivityKind.SUPPORT), **values)

        form = page.context["form"]
        assert list(form.errors) == [field]
        text = page.content.decode()
        assert all(f'value="{typed}"' in text for name, typed in values.items() if name != "tax_code_missing")
        assert not [error for error in form.errors[field] if "Zuleikha" in error or CODE in error]
        assert not Beneficiary.objects.exists()
        assert not Identity.objects.exists()


def test_somebody_of_another_body_is_already_there_and_nobody_says_where(client: Client, scene: Scene) -> None:
    known(scene, "Zuleikha", "Quasimodi", CODE, body=scene.stranger, target_group=scene.adults)
    support = scene.activity(ActivityKind.SUPPORT)
    again = {**NAMED, "tax_code": CODE, "sex": "male"}

    page = said(client, page_of(client, scene, scene.operator, support, **again))
    page_of(client, scene, scene.operator, support, **again)

    assert "già nel programma" in page
    assert "un altro genere" in page
    assert scene.stranger.name not in page
    assert (Enrolment.objects.count(), Beneficiary.objects.unmerged().count(), Identity.objects.count()) == (1, 1, 2)


def test_without_names_the_recipient_stays_pseudonymous(client: Client, scene: Scene) -> None:
    answer = page_of(client, scene, scene.operator, scene.activity(ActivityKind.SUPPORT), tax_code_missing="not_shown")

    assert answer.status_code == 302
    assert (Beneficiary.objects.count(), Identity.objects.count()) == (1, 0)


def test_a_registration_with_its_checks_is_few_queries(scene: Scene) -> None:
    known(scene, "Zuleika", "Quasimodi", body=scene.stranger)
    support, by = scene.activity(ActivityKind.SUPPORT), scene.operator

    with CaptureQueriesContext(connection) as queries:
        register_and_enrol(
            activity=support, registered_by=scene.cooperative, target_group=scene.adults, local_code="A-1",
            sex="female", birth_date=BORN, citizenship=scene.morocco, eligibility="declared",
            enrolled_on=FIRST, notice_version="1", notice_given_on=FIRST, by=by, at=AT,
            names=Names(**NAMED, tax_code_missing="not_shown"),
        )  # fmt: skip

    # Twelve to register and compare, the other five to enrol: one looks for the notice in force.
    said = [one["sql"] for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    assert len(said) <= 17, said
