# SPDX-License-Identifier: EUPL-1.2
"""The PDF of consultations, translations and presences: what they say, to whom."""

from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse

from fami_portal.core.services import acting
from mediation.models import Consultation
from mediation.rendering import consulting_sheets as sheets
from mediation.services import translations
from tests.guard import undrawn
from tests.mediation import test_community as presences
from tests.mediation import test_consultations as cases
from tests.mediation import test_translations as files
from tests.mediation.consulting import NOW, SECRET, another, offer, the_mediator
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db


def prepare() -> World:
    """All kinds on offer, in a programme with its codes."""
    world = build_world()
    offer(world)
    the_mediator(world, "ar", "fr")
    programme = world.programmes["a"]
    with acting(None):
        type(programme).objects.filter(pk=programme.pk).update(project_code="PROG-2479", cup="H69F18000310007")
    programme.refresh_from_db()
    return world


def get(person: Any, name: str, thing: Any) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse(f"mediation:{name}", args=[thing.uuid]))


def read(response: Any) -> str:
    """Return what the sheet says; it is tagged, in Italian, and bears the visibility block of its programme."""
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in response["Cache-Control"]
    pdf = pypdf.PdfReader(BytesIO(response.content))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "it"
    text = " ".join("\n".join(page.extract_text() for page in pdf.pages).split())
    for words in ("Progetto cofinanziato dall’Unione europea", "PROG-2479", "CUP H69F18000310007"):
        assert words in text
    return text


def given_back(world: World) -> Consultation:
    case = cases.accepted(world)
    cases.assess(world, case)
    cases.restitution(world, case)
    return case


def test_the_consultation_is_printed_for_the_service_and_the_clinician_alone(scene: World) -> None:
    case = given_back(scene)
    restitution = case.sessions.get(kind="restitution")

    for role in ("service_operator", "consultant"):
        response = get(scene.personas[role], "consultation-sheet", case)
        text = read(response)
        for words in (case.number, "Allegato A.5", "CASO-12", SECRET, restitution.text, "10/03/2026"):
            assert words in text, words
        assert case.number in response["Content-Disposition"]

    for role, person in scene.personas.items():
        if role not in ("service_operator", "consultant"):
            response = get(person, "consultation-sheet", case)
            with undrawn():
                seen = get(person, "consultation", case).status_code
            assert response.status_code == (403 if seen == 200 else 404), role
            assert SECRET not in response.content.decode(errors="replace")
    assert get(scene.personas["network_coordinator"], "consultation-sheet", case).status_code == 403
    other = another(scene, "consultant", "region_a", "altra.consulente")
    assert get(other, "consultation-sheet", case).status_code == 404
    for role in ("service_operator", "network_coordinator"):
        page = get(scene.personas[role], "consultation", case).content.decode()
        address = reverse("mediation:consultation-sheet", args=[case.uuid])
        assert (address in page) is (role == "service_operator")


def test_a_draft_has_no_sheet(scene: World) -> None:
    case, translation = cases.draft_referral(scene), files.draft(scene)
    assert get(scene.personas["service_operator"], "consultation-sheet", case).status_code == 302
    assert get(scene.personas["school_contact"], "translation-sheet", translation).status_code == 302


def test_the_translation_says_how_long_it_took_and_its_note_to_those_of_the_file(scene: World) -> None:
    found = files.draft(scene, note="Usare il tu")
    translations.submit(translation=found, by=scene.personas["school_contact"], at=NOW)
    translations.assign(
        translation=found,
        mediator=files.Mediator.objects.get(),
        by=scene.personas["network_coordinator"],
        at=NOW,
    )
    translations.return_file(translation=found, file=files.file(), minutes=95, by=scene.personas["mediator"], at=NOW)
    for role, reads in (("school_contact", True), ("mediator", True), ("auditor", False)):
        text = read(get(scene.personas[role], "translation-sheet", found))
        for words in (found.number, "Avviso per l'assemblea", "1 h 35", "Istituto comprensivo Uno"):
            assert words in text, words
        assert ("Usare il tu" in text) is reads
    assert get(scene.personas["desk_operator"], "translation-sheet", found).status_code == 404


def test_the_presence_is_printed_once_recorded(scene: World) -> None:
    (presence,) = presences.plan(scene)
    assert get(scene.personas["mediator"], "presence-sheet", presence).status_code == 302
    presences.record(scene, presence)
    for role in ("mediator", "network_coordinator", "auditor"):
        text = read(get(scene.personas[role], "presence-sheet", presence))
        for words in ("12/03/2026, 15:00–17:00", "Giardini pubblici", "1 h 45", "Iscrizioni, mensa"):
            assert words in text, words
    assert get(scene.personas["school_contact"], "presence-sheet", presence).status_code == 404
    presence.refresh_from_db()
    assert sheets.presence_sheet(presence) == sheets.presence_sheet(presence)
