# SPDX-License-Identifier: EUPL-1.2
"""Consultations, translations and presences opened again: the hours go back, the figures stand until the new end."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from actions.enums import Measure, MediationRequestKind, Unit
from actions.models import ClosedPeriod, Period
from actions.workflow import ClosedPeriodError
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.models import Message, TransitionLog
from fami_portal.core.services import acting
from mediation.enums import ConsultationOutcome, ConsultationState, PresenceState, TranslationState
from mediation.models import CommunityPresence, Consultation, Mediator, Translation
from mediation.selectors.consulting_work import consulting_panel
from mediation.services import community, consultation_sessions, translations
from mediation.signals import figures_changing
from reporting.enums import FactKind
from reporting.ledger.reconcile import check
from reporting.models import ResultEntry, ValidatedFact
from tests.factories.actions import IndicatorFactory
from tests.mediation import test_community as presences
from tests.mediation import test_consultations as cases
from tests.mediation import test_translations as files
from tests.mediation.consulting import NOW, figures, offer, the_mediator
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db

K = MediationRequestKind
KINDS = ("presence", "consultation", "translation")
LATER = NOW + timedelta(days=30)
# What each of them was worth at first, and once corrected.
WORTH = {"presence": (105, 60), "consultation": (270, 180), "translation": (100, 70)}
ACCOUNTS = {"presence": K.COMMUNITY, "consultation": K.ETHNOCLINICAL, "translation": K.TRANSLATION}


def prepare() -> World:
    """All kinds on offer, a mediator with Arabic, an indicator of each measure of the mediation."""
    world = build_world()
    offer(world, kinds=ACCOUNTS.values())
    the_mediator(world, "ar", "fr")
    for code, measure, unit in (
        ("hours", Measure.MEDIATION_HOURS, Unit.HOURS),
        ("sessions", Measure.MEDIATION_SESSIONS, Unit.SESSIONS),
        ("mediators", Measure.MEDIATORS, Unit.MEDIATORS),
    ):
        IndicatorFactory(programme=world.programmes["a"], code=code, measure=measure, unit=unit, rule={})
    return world


def coordinator(world: World) -> Any:
    return world.personas["network_coordinator"]


def done(world: World, kind: str) -> Any:
    """Return a thing of a kind that was validated, or closed."""
    if kind == "presence":
        (presence,) = presences.plan(world)
        presences.record(world, presence)
        community.validate(presence=presence, by=coordinator(world), at=LATER)
        return presence
    if kind == "consultation":
        case = cases.accepted(world)
        cases.assess(world, case)
        cases.restitution(world, case)
        close(world, case)
        return case
    found = files.returned(world)
    translations.accept(translation=found, by=world.personas["school_contact"], at=NOW)
    translations.validate(translation=found, by=coordinator(world), at=NOW)
    return found


def close(world: World, case: Consultation, outcome: str = ConsultationOutcome.CONCLUDED) -> None:
    consultation_sessions.close(consultation=case, outcome=outcome, by=cases.clinician(world), at=NOW)


def reopen(world: World, kind: str, thing: Any, by: Any = None, reason: str = "Minuti da correggere") -> None:
    shared = {"reason": reason, "by": by or coordinator(world), "at": LATER}
    if kind == "presence":
        community.reopen(presence=thing, **shared)
    elif kind == "consultation":
        consultation_sessions.reopen(consultation=thing, **shared)
    else:
        translations.reopen(translation=thing, **shared)


def correct(world: World, kind: str, thing: Any) -> None:
    """Correct the minutes, as whoever recorded them."""
    if kind == "presence":
        presences.record(world, thing, actual_until=thing.planned_from + timedelta(hours=1))
    elif kind == "consultation":
        for session in thing.sessions.filter(kind="assessment").order_by("pk"):
            consultation_sessions.remove_assessment(session=session, by=cases.clinician(world), at=NOW)
        cases.assess(world, thing, minutes=30)
    else:
        translations.return_file(
            translation=thing, file=files.file(), minutes=70, by=world.personas["mediator"], at=LATER
        )


def finish(world: World, kind: str, thing: Any) -> None:
    """Bring a corrected thing to its end again."""
    if kind == "presence":
        community.validate(presence=thing, by=coordinator(world), at=LATER)
    elif kind == "consultation":
        close(world, thing)
    else:
        translations.accept(translation=thing, by=world.personas["school_contact"], at=LATER)
        translations.validate(translation=thing, by=coordinator(world), at=LATER)


def total(world: World, code: str) -> int:
    """Return what an indicator of the programme counts today."""
    rows = ResultEntry.objects.filter(indicator__code=code, scope__kind="programme", reversed_in=None)
    return sum(rows.order_by("pk").values_list("quantity", flat=True))


def live(kind: str) -> list[tuple[str, int]]:
    rows = ValidatedFact.objects.filter(source_type=kind, superseded_in=None).order_by("kind", "pk")
    return [(row.kind, row.minutes) for row in rows]


def assert_true_ledger(world: World) -> None:
    assert check(world.programmes["a"].pk) == []


@pytest.mark.parametrize("kind", KINDS)
def test_hours_go_back_and_figures_stand_until_the_correction_is_validated(scene: World, kind: str) -> None:
    first, corrected = WORTH[kind]
    thing = done(scene, kind)
    assert figures(scene, ACCOUNTS[kind]) == (0, first)
    counted = total(scene, "hours")
    assert counted == first
    before = live(kind)

    reopen(scene, kind, thing)

    assert figures(scene, ACCOUNTS[kind]) == (first, 0)
    assert (live(kind), total(scene, "hours")) == (before, counted)
    assert TransitionLog.objects.get(transition="reopen").comment == "Minuti da correggere"
    correct(scene, kind, thing)
    assert (live(kind), total(scene, "hours")) == (before, counted)

    finish(scene, kind, thing)

    assert figures(scene, ACCOUNTS[kind]) == (0, corrected)
    assert total(scene, "hours") == corrected
    own = [minutes for fact, minutes in live(kind) if fact != FactKind.MEDIATOR]
    assert sum(own) == corrected
    assert_true_ledger(scene)

    # A second time, unchanged: the hours move, the figures do not.
    reopen(scene, kind, thing)
    if kind == "translation":
        correct(scene, kind, thing)
    finish(scene, kind, thing)
    assert figures(scene, ACCOUNTS[kind]) == (0, corrected)
    assert sum(minutes for fact, minutes in live(kind) if fact != FactKind.MEDIATOR) == corrected
    assert_true_ledger(scene)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_coordinators_open_again_and_say_why_and_a_ledger_that_fails_undoes_it(
    scene: World, kind: str
) -> None:
    thing = done(scene, kind)
    for role, person in scene.personas.items():
        if role not in ("network_coordinator", "regional_coordinator"):
            with pytest.raises(NotPermitted):
                reopen(scene, kind, thing, by=person)
    for reason in (" ", "RSSMRA85T10A562S"):
        with pytest.raises(DomainError):
            reopen(scene, kind, thing, reason=reason)
    thing.refresh_from_db()
    assert thing.state in (PresenceState.VALIDATED, ConsultationState.CLOSED, TranslationState.VALIDATED)
    assert figures(scene, ACCOUNTS[kind]) == (0, WORTH[kind][0])

    def fail(**_kwargs: Any) -> None:
        raise RuntimeError("the ledger is not there")

    figures_changing.connect(fail)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            reopen(scene, kind, thing)
    finally:
        figures_changing.disconnect(fail)
    assert figures(scene, ACCOUNTS[kind]) == (0, WORTH[kind][0])

    thing.refresh_from_db()
    reopen(scene, kind, thing)
    with pytest.raises(TransitionNotAllowed):
        reopen(scene, kind, thing)
    assert figures(scene, ACCOUNTS[kind]) == (WORTH[kind][0], 0)
    message = Message.objects.get(kind=f"{kind}_reopened")
    assert message.recipient == scene.personas["consultant" if kind == "consultation" else "mediator"]


@pytest.mark.parametrize("kind", KINDS)
def test_opened_again_in_a_closed_period_nothing_of_it_is_corrected(scene: World, kind: str) -> None:
    thing = done(scene, kind)
    with acting(None):
        period = Period.objects.create(
            programme=scene.programmes["a"],
            code="2026-Q1",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 3, 31),
            due_on=date(2026, 4, 15),
        )
        ClosedPeriod.objects.create(
            network=scene.networks["n1"], organisation=thing.activity.organisation, period=period, closed_at=LATER
        )
    reopen(scene, kind, thing)
    with pytest.raises(ClosedPeriodError):
        correct(scene, kind, thing)
    if kind == "translation":
        # The file alone may be corrected: day and minutes stay.
        translations.return_file(
            translation=thing, file=files.file(), minutes=100, by=scene.personas["mediator"], at=LATER
        )
    finish(scene, kind, thing)
    assert figures(scene, ACCOUNTS[kind]) == (0, WORTH[kind][0])
    assert_true_ledger(scene)


def test_a_translation_is_not_returned_into_a_closed_period_and_its_rows_neither(scene: World) -> None:
    found = files.assigned(scene)
    activity = Translation.objects.select_related("activity").get(pk=found.pk).activity
    assert activity is not None
    with acting(None):
        period = Period.objects.create(
            programme=scene.programmes["a"],
            code="2026-Q1",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 3, 31),
            due_on=date(2026, 4, 15),
        )
        ClosedPeriod.objects.create(
            network=scene.networks["n1"], organisation=activity.organisation, period=period, closed_at=LATER
        )
    with pytest.raises(ClosedPeriodError):
        translations.return_file(
            translation=found, file=files.file(), minutes=70, by=scene.personas["mediator"], at=NOW
        )
    found.refresh_from_db()
    assert (found.state, found.minutes) == (TranslationState.ASSIGNED, None)
    translations.return_file(translation=found, file=files.file(), minutes=70, by=scene.personas["mediator"], at=LATER)
    assert found.returned_at == LATER


def test_a_presence_that_never_was_leaves_the_figures(scene: World) -> None:
    thing = done(scene, "presence")
    assert (total(scene, "hours"), total(scene, "mediators")) == (105, 1)
    reopen(scene, "presence", thing)
    community.send_back(presence=thing, reason="Non si è tenuta", by=coordinator(scene), at=LATER)
    assert total(scene, "hours") == 105
    community.cancel(presence=thing, reason="Non si è tenuta", by=coordinator(scene), at=LATER)

    assert (total(scene, "hours"), total(scene, "sessions"), total(scene, "mediators")) == (0, 0, 0)
    assert live("presence") == []
    assert figures(scene, K.COMMUNITY) == (0, 0)
    assert_true_ledger(scene)


def test_a_consultation_interrupted_for_nothing_leaves_the_figures(scene: World) -> None:
    case = cases.accepted(scene)
    cases.assess(scene, case, 1)
    close(scene, case, ConsultationOutcome.INTERRUPTED)
    assert total(scene, "hours") == 60
    reopen(scene, "consultation", case)
    consultation_sessions.remove_assessment(session=case.sessions.get(), by=cases.clinician(scene), at=NOW)
    with pytest.raises(DomainError):
        close(scene, case)  # nothing was given back: it can only be interrupted
    close(scene, case, ConsultationOutcome.INTERRUPTED)
    assert (total(scene, "hours"), figures(scene, K.ETHNOCLINICAL)) == (0, (0, 0))
    assert_true_ledger(scene)


def test_the_clinician_finds_it_among_what_waits_and_writes_the_restitution_anew(scene: World) -> None:
    case = done(scene, "consultation")
    clinician = cases.clinician(scene)
    assert not [row for row in consulting_panel(clinician) if row.url == case.get_absolute_url()]
    reopen(scene, "consultation", case)
    assert [row.url for row in consulting_panel(clinician)] == [case.get_absolute_url()]
    page = client(scene, "consultant").get(reverse("mediation:consultation-restitution", args=[case.uuid]))
    kept = case.sessions.get(kind="restitution")
    assert kept.text in page.content.decode()
    consultation_sessions.give_back(
        consultation=case,
        held_on=kept.held_on,
        minutes=45,
        text="Testo riscritto",
        by=cases.clinician(scene),
        at=NOW,
    )
    again = case.sessions.get(kind="restitution")
    assert (again.pk, again.minutes, again.text) == (kept.pk, 45, "Testo riscritto")
    assert case.state == ConsultationState.REOPENED
    consultation_sessions.remove_assessment(
        session=case.sessions.filter(kind="assessment").first(), by=cases.clinician(scene), at=NOW
    )
    with pytest.raises(DomainError, match="3"):
        close(scene, case)


# --- pages -----------------------------------------------------------------------------------------------------------


def client(world: World, role: str) -> Client:
    found = Client()
    found.force_login(world.personas[role])
    return found


def test_the_pages_open_again_correct_and_end(scene: World) -> None:
    presence, case, translation = (done(scene, kind) for kind in KINDS)
    for name, thing in (("presence", presence), ("consultation", case), ("translation", translation)):
        address = reverse(f"mediation:{name}-reopen", args=[thing.uuid])
        assert address in client(scene, "network_coordinator").get(thing.get_absolute_url()).content.decode()
        assert client(scene, "network_coordinator").get(address).status_code == 200
        assert client(scene, "network_coordinator").post(address, {"note": ""}).status_code == 422
        assert client(scene, "network_coordinator").post(address, {"note": "Da correggere"}).status_code == 302
        assert client(scene, "network_coordinator").get(address).status_code == 302
    mediator, clinician = client(scene, "mediator"), client(scene, "consultant")

    record = reverse("mediation:presence-record", args=[presence.uuid])
    assert record in mediator.get(presence.get_absolute_url()).content.decode()
    assert "Iscrizioni, mensa" in mediator.get(record).content.decode()
    response = mediator.post(
        record, {"starts_at": "2026-03-12T15:00", "ends_at": "2026-03-12T15:50", "contacts": "4", "topics": ""}
    )
    assert response.status_code == 302
    assert CommunityPresence.objects.get().minutes == 50

    first = case.sessions.filter(kind="assessment").order_by("pk")[0]
    removal = reverse("mediation:consultation-session-remove", args=[case.uuid, first.uuid])
    assert removal in clinician.get(case.get_absolute_url()).content.decode()
    assert removal not in client(scene, "network_coordinator").get(case.get_absolute_url()).content.decode()
    assert clinician.get(removal).status_code == 200
    assert clinician.post(removal).status_code == 302
    assert not case.sessions.filter(pk=first.pk).exists()

    back = reverse("mediation:translation-return", args=[translation.uuid])
    response = mediator.post(back, {"file": SimpleUploadedFile("b.pdf", files.PDF), "minutes": "65"})
    assert response.status_code == 302
    assert Translation.objects.get().minutes == 65
    assert Mediator.objects.count() == 1
