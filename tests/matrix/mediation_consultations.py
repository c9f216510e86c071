# SPDX-License-Identifier: EUPL-1.2
"""Rows of consultations, legal questions, translations, presences and weekly series."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.permissions import Permission
from actions.enums import ActivityKind, MediationRequestKind
from fami_portal.core import clock
from mediation.enums import OTHER_KINDS, LegalArea
from mediation.models import Mediator
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.consulting import (
    PDF,
    CommunityPresenceFactory,
    ConsultationFactory,
    ConsultationSessionFactory,
    LegalQuestionFactory,
    PublishedAnswerFactory,
    TranslationFactory,
)
from tests.factories.mediation import MediatorFactory, MediatorLanguageFactory, RequestKindFactory
from tests.factories.partners import LanguageFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.mediation.board_world import BoardWorld
from tests.mediation.consulting import another
from tests.personas import World

P = Permission
K = MediationRequestKind
ABOVE = frozenset({"regional_coordinator", "technical_assistance", "auditor"})
SCHOOL = frozenset({"teacher", "school_contact", "school_head"})
COORDINATES = frozenset({"regional_coordinator", "network_coordinator"})
REGION = frozenset({"regional_coordinator"})
CONTACT = frozenset({"school_contact"})
ASKS = frozenset({"desk_operator", "service_operator"})
CONSULTANT = frozenset({"consultant"})
MEDIATOR = frozenset({"mediator"})
FILES = having(P.FILE_MEDIATION_REQUESTS)
ARCHIVE = having(P.ASK_LEGAL_QUESTIONS) | having(P.CONSULT) | having(P.COORDINATE_MEDIATION)
# Who sees the things of network n1.
SEES = {
    "case": ABOVE | SCHOOL | {"network_coordinator", "consultant"},
    "question": ABOVE | ASKS | {"network_coordinator", "consultant"},
    "translation": ABOVE | SCHOOL | {"network_coordinator", "mediator"},
    "presence": ABOVE | {"network_coordinator", "mediator"},
}
# Body that asks, body of the mediator, network, programme.
WHERE = {
    "own": ("school_1", "coop_1", "n1", "a"),
    "sibling": ("coop_2", "coop_2", "n2", "a"),
    "foreign": ("school_3", "coop_3", "n3", "b"),
}


def prepare(world: World) -> None:
    """Write one thing of each kind at each place."""
    # A consultant of the programme, who may be given what any of its networks asks.
    world.objects["consultant_of_all"] = another(world, "consultant", "region_a", "consultant.of.all")
    for key in ("a", "b"):
        for kind in OTHER_KINDS:
            RequestKindFactory(programme=world.programmes[key], kind=kind)
    for place, (body, provider, network, programme) in WHERE.items():
        shared = {"programme": world.programmes[programme], "network": world.networks[network]}
        asked = shared | {"organisation": world.bodies[body]}
        own = place == "own"
        consultant = world.personas["consultant"] if own else None
        activity = ActivityFactory(
            activity_type=ActivityTypeFactory(action=world.actions[programme], kind=ActivityKind.MEDIATION),
            network=shared["network"],
            organisation=world.bodies[provider],
        )
        mediator = _mediator(world, provider, own=own)
        MediatorLanguageFactory(mediator=mediator, language=LanguageFactory(code="fr", name="francese"))
        question = asked | ({"organisation": world.bodies["service_1"], "consultant": consultant} if own else {})
        board = BoardWorld(world, LanguageFactory())
        world.objects |= {
            f"case_{place}": ConsultationFactory(**asked, consultant=consultant),
            f"question_{place}": LegalQuestionFactory(**question),
            f"published_{place}": PublishedAnswerFactory(**asked),
            f"translation_{place}": TranslationFactory(**asked, activity=activity, mediator=mediator),
            f"presence_{place}": CommunityPresenceFactory(
                **shared, activity=activity, mediator=mediator, planned_from=clock.now() - timedelta(hours=5)
            ),
            f"series_{place}": board.request(
                kind=K.FACILITATION,
                network=network,
                organisation=world.bodies[body],
                series_until=clock.today() + timedelta(weeks=4),
            ),
        }

    world.objects["case_session"] = ConsultationSessionFactory(consultation=world.objects["case_own"])


def _mediator(world: World, provider: str, *, own: bool) -> Mediator:
    # Other rooms give the persona an entry too: one account has one.
    kept = Mediator.objects.filter(user=world.personas["mediator"]).first() if own else None
    user = world.personas["mediator"] if own else None
    return kept or MediatorFactory(user=user, organisation=world.bodies[provider])


def _target(thing: str, place: str) -> Callable[[World, str], dict[str, Any]]:
    return lambda world, role: {"uuid": world.objects[f"{thing}_{place}"].uuid}


def _page(thing: str) -> dict[str, On]:
    """A page that all who see the thing may open."""
    return {
        "own": On(SEES[thing], target=_target(thing, "own")),
        "sibling": On(ABOVE, target=_target(thing, "sibling")),
        "foreign": On(NOBODY, target=_target(thing, "foreign")),
    }


def _act(thing: str, who: frozenset[str], above: frozenset[str] = NOBODY) -> dict[str, On]:
    """A page for some; the others who see the thing are refused."""
    return {
        "own": On(who, SEES[thing] - who, target=_target(thing, "own")),
        "sibling": On(above, ABOVE - above, target=_target(thing, "sibling")),
        "foreign": On(NOBODY, target=_target(thing, "foreign")),
    }


def _both(url: str, places: dict[str, On], data: Callable[[World, str], dict[str, Any]]) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post", data=data)]


def _some(allowed: frozenset[str]) -> dict[str, On]:
    """A page without a thing: who may open it, all others are refused."""
    return {"": On(allowed, SIGNED_IN - allowed)}


def _values(**values: Any) -> Callable[[World, str], dict[str, Any]]:
    return lambda world, role: dict(values)


def _place(world: World, kind: str, body: str) -> str:
    return f"{kind}:{world.bodies[body].pk}:{world.networks['n1'].pk}:{world.programmes['a'].pk}"


def _consultant(world: World, role: str) -> dict[str, Any]:
    return {"person": world.objects["consultant_of_all"].pk}


def _body(role: str) -> str:
    return "service_1" if role in ASKS else "school_1"


def _referral(world: World, role: str) -> dict[str, Any]:
    return {"place": _place(world, K.ETHNOCLINICAL, _body(role)), "urgency": "ordinary"}


def _question(world: World, role: str) -> dict[str, Any]:
    place = _place(world, K.LEGAL, _body(role))
    return {"place": place, "area": LegalArea.WORK, "title": "Domanda", "question": "Testo"}


def _translation(world: World, role: str) -> dict[str, Any]:
    row = world.objects["translation_own"]
    return {
        "place": _place(world, K.TRANSLATION, _body(role)),
        "title": "Avviso",
        "pages": 1,
        "due_on": f"{clock.today():%Y-%m-%d}",
        "source_language": row.source_language_id,
        "target_language": row.target_language_id,
    }


def _returned(world: World, role: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.pdf", PDF), "minutes": 30}


def _translator(place: str) -> Callable[[World, str], dict[str, Any]]:
    return lambda world, role: {"person": world.objects[f"translation_{place}"].mediator_id}


def _times(world: World, role: str) -> dict[str, Any]:
    begin = timezone.localtime(world.objects["presence_own"].planned_from)
    end = begin + timedelta(hours=1)
    return {"starts_at": f"{begin:%Y-%m-%dT%H:%M}", "ends_at": f"{end:%Y-%m-%dT%H:%M}", "contacts": 1}


def _presence(world: World, role: str) -> dict[str, Any]:
    # Whoever has several networks chooses one first; whoever has one plans at once.
    return {
        "where": f"{world.programmes['a'].pk}:{world.networks['n1'].pk}",
        "mediator": world.objects["translation_own"].mediator_id,
        "place": "Giardini",
        "day": f"{clock.today() + timedelta(days=50):%Y-%m-%d}",
        "starts_at": "10:00",
        "ends_at": "11:00",
    }


def _series(world: World, role: str) -> dict[str, Any]:
    first = clock.today() + timedelta(days=30)
    return {
        "place_of_request": _place(world, K.FACILITATION, "school_1"),
        "contact_name": "Maria Prova",
        "contact_email": "a@scuola.example",
        "field_contact_name": "Anna Prova",
        "field_contact_email": "b@scuola.example",
        "language": world.objects["translation_own"].source_language_id,
        "reason": "Studio",
        "place": "Aula",
        "day": f"{first:%Y-%m-%d}",
        "starts_at": "10:00",
        "ends_at": "11:00",
        "until": f"{first + timedelta(weeks=5):%Y-%m-%d}",
    }


def _removal() -> dict[str, On]:
    """A session recorded in the own case."""

    def target(world: World, role: str) -> dict[str, Any]:
        session = world.objects["case_session"]
        return {"uuid": session.consultation.uuid, "session": session.uuid}

    return {"own": On(CONSULTANT, SEES["case"] - CONSULTANT, target=target)}


NOTE = _values(note="Motivo")
NOTHING = _values()
TODAY = {"held_on": "2026-01-01", "minutes": 60, "professionals": 1}
TEXTS = {"archive_title": "Titolo", "archive_question": "Domanda", "archive_answer": "Risposta"}
case, question, translation, presence = (
    partial(_act, thing) for thing in ("case", "question", "translation", "presence")
)
M = "mediation:"

ROWS = [
    Row(M + "consultations", {"": On(SIGNED_IN)}),
    Row(
        M + "consultation-list",
        _some(having(P.VIEW_MEDIATION_REQUESTS) | having(P.CONSULT) | having(P.VIEW_MEDIATION_FIGURES)),
    ),
    *_both(M + "consultation-create", _some(FILES), _referral),
    Row(M + "consultation", _page("case")),
    *_both(M + "consultation-edit", case(CONTACT), _values(urgency="ordinary")),
    *(Row(M + f"consultation-{act}", case(CONTACT), method="post") for act in ("refer", "cancel")),
    *_both(M + "consultation-discard", case(CONTACT), NOTHING),
    *_both(M + "consultation-assign", case(COORDINATES, REGION), _consultant),
    *_both(M + "consultation-triage", case(CONSULTANT), _values(decision="turn_down", note="Motivo")),
    *_both(M + "consultation-session", case(CONSULTANT), _values(**TODAY)),
    *_both(M + "consultation-restitution", case(CONSULTANT), _values(**TODAY, text="Testo")),
    *_both(M + "consultation-close", case(CONSULTANT), _values(outcome="interrupted")),
    # Nobody who oversees: the case is of the service and the clinician.
    Row(M + "consultation-sheet", case(CONTACT | CONSULTANT)),
    *_both(M + "consultation-reopen", case(COORDINATES, REGION), NOTE),
    *_both(M + "consultation-session-remove", _removal(), NOTHING),
    Row(
        M + "legal-question-list",
        _some(having(P.ASK_LEGAL_QUESTIONS) | having(P.CONSULT) | having(P.VIEW_MEDIATION_FIGURES)),
    ),
    *_both(M + "legal-question-create", _some(having(P.ASK_LEGAL_QUESTIONS)), _question),
    Row(M + "legal-archive", _some(ARCHIVE)),
    Row(
        M + "legal-archived",
        {
            "own": On(ARCHIVE, SIGNED_IN - ARCHIVE, target=_target("published", "own")),
            "foreign": On(NOBODY, SIGNED_IN - ARCHIVE, target=_target("published", "foreign")),
        },
    ),
    Row(M + "legal-question", _page("question")),
    *_both(M + "legal-question-edit", question(ASKS), _question),
    *_both(M + "legal-question-ask", question(ASKS), NOTHING),
    *_both(M + "legal-question-discard", question(ASKS), NOTHING),
    *_both(M + "legal-question-assign", question(COORDINATES, REGION), _consultant),
    *_both(M + "legal-question-clarify", question(ASKS | CONSULTANT), NOTE),
    *_both(M + "legal-question-answer", question(CONSULTANT), NOTE),
    Row(M + "legal-question-accept", question(ASKS), method="post"),
    *_both(M + "legal-question-withdraw", question(ASKS), NOTE),
    *_both(M + "legal-question-review", question(CONSULTANT), _values(**TEXTS)),
    Row(M + "legal-question-publish", question(COORDINATES, REGION), method="post"),
    *_both(M + "legal-question-take-down", question(COORDINATES, REGION), NOTE),
    Row(M + "translation-list", _some(having(P.VIEW_MEDIATION_REQUESTS) | MEDIATOR)),
    *_both(M + "translation-create", _some(FILES), _translation),
    Row(M + "translation", _page("translation")),
    *_both(M + "translation-edit", translation(CONTACT), _translation),
    *(Row(M + f"translation-{act}", translation(CONTACT), method="post") for act in ("submit", "accept")),
    *_both(M + "translation-discard", translation(CONTACT), NOTHING),
    Row(M + "translation-assign", translation(COORDINATES, REGION)),
    *(
        Row(
            M + "translation-assign",
            {place: translation(COORDINATES, REGION)[place]},
            method="post",
            data=_translator(place),
        )
        for place in WHERE
    ),
    *_both(M + "translation-give-back", translation(MEDIATOR), NOTE),
    *_both(M + "translation-return", translation(MEDIATOR), _returned),
    *_both(M + "translation-revise", translation(CONTACT), NOTE),
    Row(M + "translation-validate", translation(COORDINATES, REGION), method="post"),
    Row(M + "translation-sheet", _page("translation")),
    *_both(M + "translation-reopen", translation(COORDINATES, REGION), NOTE),
    *_both(M + "translation-reject", translation(COORDINATES, REGION), NOTE),
    *_both(M + "translation-cancel", translation(CONTACT), NOTE),
    Row(
        M + "presence-list",
        _some((having(P.VIEW_MEDIATION_REQUESTS) & having(P.VIEW_MEDIATION_FIGURES)) | MEDIATOR),
    ),
    *_both(M + "presence-create", _some(having(P.COORDINATE_MEDIATION)), _presence),
    Row(M + "presence", _page("presence")),
    *_both(M + "presence-record", presence(MEDIATOR), _times),
    *_both(M + "presence-send-back", presence(COORDINATES, REGION), NOTE),
    Row(M + "presence-sheet", _page("presence")),
    Row(M + "presence-invitation", _page("presence")),
    *_both(M + "presence-reopen", presence(COORDINATES, REGION), NOTE),
    Row(M + "presence-validate", presence(COORDINATES, REGION), method="post"),
    *_both(M + "presence-cancel", presence(COORDINATES, REGION), NOTE),
    *_both(M + "facilitation-create", _some(CONTACT), _series),
    *_both(
        M + "facilitation-sign",
        {
            "own": On(
                CONTACT,
                (ABOVE | SCHOOL | {"network_coordinator"}) - CONTACT,
                target=_target("series", "own"),
            ),
            "sibling": On(NOBODY, ABOVE, target=_target("series", "sibling")),
            "foreign": On(NOBODY, target=_target("series", "foreign")),
        },
        NOTHING,
    ),
]
