# SPDX-License-Identifier: EUPL-1.2
"""Pages of the ethnoclinical consultations: the whole journey, lists, refusals."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.errors import TransitionNotAllowed
from mediation.enums import ConsultationState
from mediation.models import Consultation
from mediation.services import consultation_sessions as sessions
from mediation.services import consultations as services
from mediation.services.consultation_sessions import beyond_planned
from mediation.services.hours import NotEnoughHoursError
from tests.mediation.consulting import (
    NOW,
    draft_referral,
    figures,
    referral,
    referred,
)
from tests.mediation.test_consultations import accepted, clinician, operator, prepare
from tests.personas import World

__all__ = ["prepare"]

pytestmark = pytest.mark.django_db
KIND = MediationRequestKind.ETHNOCLINICAL


def _client(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_whole_journey_through_the_pages(scene: World) -> None:
    service = _client(operator(scene))
    place = f"{scene.networks['n1'].pk}:{scene.programmes['a'].pk}"
    values = referral() | {"place": f"{KIND.value}:{scene.bodies['service_1'].pk}:{place}"}
    values["language"] = values["language"].pk
    values["consent_on"] = "2026-03-01"
    values["urgency"] = "ordinary"

    response = service.post(reverse("mediation:consultation-create"), values)
    consultation = Consultation.objects.get()
    assert response["Location"] == consultation.get_absolute_url()
    service.post(reverse("mediation:consultation-refer", args=[consultation.uuid]))
    coordinator = _client(scene.personas["network_coordinator"])
    coordinator.post(
        reverse("mediation:consultation-assign", args=[consultation.uuid]), {"person": clinician(scene).pk}
    )
    page = _client(clinician(scene))
    page.post(
        reverse("mediation:consultation-triage", args=[consultation.uuid]), {"decision": "accept", "minutes": "240"}
    )
    consultation.refresh_from_db()
    assert consultation.state == ConsultationState.ACCEPTED
    for _number in range(3):
        response = page.post(
            reverse("mediation:consultation-session", args=[consultation.uuid]),
            {"held_on": f"{clock.today():%Y-%m-%d}", "minutes": "60", "professionals": "2", "with_mediator": "on"},
        )
        assert response.status_code == 302
    page.post(
        reverse("mediation:consultation-restitution", args=[consultation.uuid]),
        {"held_on": f"{clock.today():%Y-%m-%d}", "minutes": "60", "professionals": "2", "text": "Si restituisce."},
    )
    page.post(reverse("mediation:consultation-close", args=[consultation.uuid]), {"outcome": "concluded"})
    consultation.refresh_from_db()
    assert consultation.state == ConsultationState.CLOSED
    assert figures(scene, KIND) == (0, 240)


def test_more_hours_than_planned_are_pointed_out_before_closing_refuses_them(scene: World) -> None:
    consultation = accepted(scene, minutes=120)
    page, address = _client(clinician(scene)), reverse("mediation:consultation-session", args=[consultation.uuid])
    typed = {"held_on": f"{clock.today():%Y-%m-%d}", "minutes": "120", "professionals": "1"}

    shown = page.post(address, typed, follow=True)
    assert (shown.context["alert_text"], len(shown.context["messages"])) == ("", 1)
    shown = page.post(address, typed, follow=True)
    beyond = beyond_planned(consultation)
    assert "4 h" in beyond
    assert shown.context["alert_text"] == beyond
    assert beyond in [str(each) for each in shown.context["messages"]]
    assert beyond in page.get(address).content.decode()
    # Nobody else is warned.
    assert _client(operator(scene)).get(consultation.get_absolute_url()).context["alert_text"] != beyond

    # More than the account has: the same sentence as closing.
    for _number in range(2):
        page.post(address, typed | {"minutes": "720"})
    beyond = beyond_planned(consultation)
    with pytest.raises(NotEnoughHoursError) as refused:
        sessions.close(consultation=consultation, outcome="interrupted", by=clinician(scene), at=clock.now())
    assert str(refused.value) in beyond


def test_the_list_costs_as_many_queries_for_three_as_for_thirty(scene: World) -> None:
    client = _client(scene.personas["network_coordinator"])
    address = reverse("mediation:consultation-list")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    for _number in range(3):
        referred(scene)
    count()
    few = count()
    for _number in range(12):
        referred(scene)
    assert count() == few <= 15


def test_a_refused_act_says_why_on_the_page(scene: World) -> None:
    consultation = referred(scene)
    response = _client(clinician(scene)).post(
        reverse("mediation:consultation-triage", args=[consultation.uuid]), {"decision": "accept", "minutes": "99999"}
    )
    assert response.status_code in (200, 422)
    assert consultation.sessions.count() == 0
    consultation.refresh_from_db()
    assert consultation.state == ConsultationState.REFERRED


def test_an_old_page_leads_to_the_consultation(scene: World) -> None:
    consultation = accepted(scene)
    with pytest.raises(TransitionNotAllowed):
        services.turn_down(consultation=consultation, note="x", by=clinician(scene), at=NOW)
    response = _client(clinician(scene)).get(reverse("mediation:consultation-triage", args=[consultation.uuid]))
    assert response.status_code == 302


def test_a_draft_is_thrown_away_after_a_question(scene: World) -> None:
    draft = draft_referral(scene)
    client = _client(operator(scene))
    address = reverse("mediation:consultation-discard", args=[draft.uuid])
    assert f'href="{address}"' in client.get(draft.get_absolute_url()).content.decode()
    assert client.get(address).status_code == 200
    assert Consultation.objects.filter(pk=draft.pk).exists()
    assert client.post(address).status_code == 302
    assert not Consultation.objects.filter(pk=draft.pk).exists()
