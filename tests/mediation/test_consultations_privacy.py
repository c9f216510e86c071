# SPDX-License-Identifier: EUPL-1.2
"""What is written about a case is read by the service that referred it and by the clinician alone, on no other page or record."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.enums import MediationRequestKind
from fami_portal.core.models import AuditEvent, Message, RowHistory, TransitionLog
from mediation.enums import ConsultationOutcome
from mediation.models import Consultation, HourMovement
from mediation.services import consultation_sessions as sessions
from mediation.services import consultations as services
from tests.mediation.consulting import (
    NOW,
    SECRET,
    another,
    referral,
    referred,
)
from tests.mediation.test_consultations import assess, clinician, operator, prepare, restitution
from tests.personas import World

__all__ = ["prepare"]

pytestmark = pytest.mark.django_db
KIND = MediationRequestKind.ETHNOCLINICAL


def _page(user: Any, consultation: Consultation) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(consultation.get_absolute_url())
    assert response.status_code == 200, user
    return response.content.decode()


def _whole(world: World) -> Consultation:
    consultation = referred(world)
    services.ask_to_complete(consultation=consultation, note=f"Nota {SECRET}", by=clinician(world), at=NOW)
    services.refer(consultation=consultation, by=operator(world), at=NOW)
    services.accept(consultation=consultation, minutes=300, note=f"Bene {SECRET}", by=clinician(world), at=NOW)
    assess(world, consultation)
    restitution(world, consultation)
    sessions.close(consultation=consultation, outcome=ConsultationOutcome.CONCLUDED, by=clinician(world), at=NOW)
    return consultation


def test_the_case_is_read_by_the_service_and_the_clinician_alone(scene: World) -> None:
    consultation = _whole(scene)

    for role in ("service_operator", "consultant"):
        assert SECRET in _page(scene.personas[role], consultation)
        assert "CASO-12" in _page(scene.personas[role], consultation)
    for role in ("network_coordinator", "regional_coordinator", "technical_assistance", "auditor"):
        page = _page(scene.personas[role], consultation)
        for word in (SECRET, "CASO-12", "14–17", "arabo", "Africa", "operatrice@comune"):
            assert word not in page, (role, word)
        assert "4 h 30" in page


def test_a_clinician_who_handed_over_reads_nothing_any_more(scene: World) -> None:
    consultation = referred(scene)
    other = another(scene, "consultant", "coop_1")
    services.assign(consultation=consultation, consultant=other, by=scene.personas["network_coordinator"], at=NOW)

    client = Client()
    client.force_login(clinician(scene))
    assert client.get(consultation.get_absolute_url()).status_code == 404
    assert SECRET in _page(other, consultation)


def test_colleagues_who_do_not_file_see_that_it_exists_and_no_more(scene: World) -> None:
    consultation = services.start_referral(
        programme=scene.programmes["a"],
        network=scene.networks["n1"],
        organisation=scene.bodies["school_1"],
        values=referral(),
        by=scene.personas["school_contact"],
        at=NOW,
    )
    services.refer(consultation=consultation, by=scene.personas["school_contact"], at=NOW)

    for role in ("teacher", "school_head"):
        assert SECRET not in _page(scene.personas[role], consultation)
    assert SECRET in _page(scene.personas["school_contact"], consultation)


def test_no_record_keeps_the_texts(scene: World) -> None:
    _whole(scene)

    for model in (RowHistory, AuditEvent, TransitionLog, Message, HourMovement):
        for row in model.objects.order_by("pk"):
            assert SECRET not in repr(vars(row)), model
            assert "CASO-12" not in repr(vars(row)), model


def test_the_lists_and_the_home_do_not_show_the_case(scene: World) -> None:
    _whole(scene)
    referred(scene)

    for role, user in scene.personas.items():
        client = Client()
        client.force_login(user)
        for address in (reverse("mediation:consultation-list"), reverse("mediation:consultations"), "/"):
            text = client.get(address).content.decode()
            assert SECRET not in text, (role, address)
            assert "CASO-12" not in text or role in ("service_operator", "consultant"), (role, address)
