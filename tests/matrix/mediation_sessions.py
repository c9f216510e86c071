# SPDX-License-Identifier: EUPL-1.2
"""Rows of sessions, reports and their sheets: of the school in network n1, of the sibling network, of another programme."""

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from actions.enums import ActivityKind
from fami_portal.core import clock
from fami_portal.core.services import acting
from mediation.enums import AccountUse, AuthorisationMethod, RequestState, SignatureMethod, SignerRole
from mediation.models import MediationRequest, MediationSession, Mediator
from mediation.services import paper, reports, sessions
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, MediatorFactory, RequestKindFactory
from tests.factories.partners import LanguageFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row
from tests.personas import World

REGION = frozenset({"regional_coordinator"})
WATCH = frozenset({"technical_assistance", "auditor"})
ABOVE = REGION | WATCH
COORDINATES = REGION | {"network_coordinator"}
MEDIATOR = frozenset({"mediator"})
CONTACT = frozenset({"school_contact"})
SCHOOL = CONTACT | {"teacher", "school_head"}
SEES = ABOVE | COORDINATES | MEDIATOR | SCHOOL
CASE = COORDINATES | MEDIATOR | SCHOOL
RECORDS = COORDINATES | MEDIATOR
SIDES = RECORDS | CONTACT
# Body that asks, network, programme, body of the mediator.
PLACES = {
    "own": ("school_1", "n1", "a", "coop_1"),
    "sibling": ("coop_2", "n2", "a", "coop_2"),
    "foreign": ("school_3", "n3", "b", "coop_3"),
}
REPORT = {"summary": "Colloquio con la famiglia.", "communication": 4}
STATES = ("planned", "begun", "rescheduled", "held", "reported", "countersigned", "validated")


def prepare(world: World) -> None:
    """Write a request in each state from its confirmation on, at each place."""
    world.objects["spoken"] = LanguageFactory()
    for place, (body, network, programme, provider) in PLACES.items():
        RequestKindFactory(programme=world.programmes[programme])
        account = HourAccountFactory(
            programme=world.programmes[programme],
            network=world.networks[network],
            organisation=world.bodies[body],
            use=AccountUse.PLANNED,
            starts_on=date(2020, 1, 2),
            minutes=6000,
        )
        activity = ActivityFactory(
            activity_type=ActivityTypeFactory(action=world.actions[programme], kind=ActivityKind.MEDIATION),
            network=world.networks[network],
            organisation=world.bodies[provider],
            starts_on=date(2020, 1, 1),
        )
        mediator = _mediator(world, place, provider)
        for number, state in enumerate(STATES):
            request = MediationRequestFactory(
                programme=world.programmes[programme],
                network=world.networks[network],
                organisation=world.bodies[body],
                minutes_asked=180,
                sessions_asked=3 if state == "planned" else 1,
                language=world.objects["spoken"],
            )
            session = _confirmed(request, mediator, account, activity, number, place)
            _bring_to(state, request, session)
            world.objects[f"{state}_request_{place}"] = request
            world.objects[f"{state}_session_{place}"] = session
        world.objects[f"sheet_{place}"] = paper.print_sheet(
            session=world.objects[f"begun_session_{place}"], by=None, at=clock.now()
        )


def _mediator(world: World, place: str, provider: str) -> Mediator:
    user = world.personas["mediator"] if place == "own" else None
    kept = Mediator.objects.filter(user=user).first() if user else None
    return kept or MediatorFactory(user=user, organisation=world.bodies[provider])


def _day(number: int) -> date:
    """The day of the first request is to come, those of the others have passed."""
    return clock.today() + timedelta(days=20 if number in (0, 2) else -number - 1)


def _confirmed(
    request: MediationRequest, mediator: Mediator, account: Any, activity: Any, number: int, place: str
) -> MediationSession:
    start = timezone.make_aware(datetime.combine(_day(number), time(10 + number)))
    with acting(None):
        MediationRequest.objects.filter(pk=request.pk).update(
            number=f"M-{place}-{number}",
            state=RequestState.CONFIRMED,
            account=account,
            activity=activity,
            mediator=mediator,
            confirmed_at=start - timedelta(days=30),
            submitted_at=start - timedelta(days=31),
            state_since=start - timedelta(days=30),
            last_day=start.date(),
            authorised_at=start - timedelta(days=31),
            authorisation=AuthorisationMethod.NOT_NEEDED,
        )
        session = MediationSession.objects.create(
            request=request,
            mediator=mediator,
            planned_from=start,
            planned_until=start + timedelta(hours=1),
            busy_from=start,
            busy_until=start + timedelta(hours=1),
        )
    request.refresh_from_db()
    return session


def _bring_to(state: str, request: MediationRequest, session: MediationSession) -> None:
    at = clock.now()
    if state in ("planned", "begun"):
        return
    if state == "rescheduled":
        with acting(None):
            MediationSession.objects.filter(pk=session.pk).update(
                proposed_from=session.planned_from + timedelta(days=1),
                proposed_until=session.planned_until + timedelta(days=1),
                proposed_side=SignerRole.MEDIATOR,
            )
            MediationRequest.objects.filter(pk=request.pk).update(state=RequestState.RESCHEDULED)
        return
    sessions.record_session(
        session=session,
        actual_from=session.planned_from,
        actual_until=session.planned_until,
        version=session.version,
        by=None,
        at=at,
    )
    if state == "held":
        reports.save_report(request=request, values=REPORT, version=1, by=None, at=at)
        return
    reports.file_report(request=request, values=REPORT, version=1, by=None, at=at)
    if state in ("countersigned", "validated"):
        reports.countersign(request=request, by=None, method=SignatureMethod.LINK, name="Anna Prova", at=at)


def _at(state: str, thing: str, place: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"{state}_{thing}_{place}"].uuid}


def _places(
    state: str, thing: str, allowed: frozenset[str], *, seen: frozenset[str] = SEES, above: frozenset[str] = REGION
) -> dict[str, On]:
    """Own, sibling and foreign; `above` is who of those above is let in at the sibling's."""
    return {
        "own": On(allowed, seen - allowed, target=_at(state, thing, "own")),
        "sibling": On(above, ABOVE - above, target=_at(state, thing, "sibling")),
        "foreign": On(NOBODY, target=_at(state, thing, "foreign")),
    }


def _form(url: str, places: dict[str, On], data: Any) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post", data=data)]


def _times(days: int, hour: int = 10, **more: Any) -> Any:
    def data(world: World, role: str) -> dict[str, Any]:
        day = clock.today() + timedelta(days=days)
        found = {"day": f"{day:%d/%m/%Y}", "starts_at": f"{hour}:00", "ends_at": f"{hour}:30"}
        return found | {"on_behalf_of": "Prova", "version": "1"} | more

    return data


def _record(world: World, role: str) -> dict[str, Any]:
    language = world.objects["spoken"].pk
    people = {"break_minutes": 0, "travel_minutes": 0, "parents": 1, "pupils": 0, "operators": 1}
    return _times(-2, 11, outcome="complete", language=language, **people)(world, role)


def _fixed(**values: Any) -> Any:
    return lambda world, role: {"on_behalf_of": "Prova", **values}


def _edit(world: World, role: str) -> dict[str, Any]:
    return {"interventions": ["family_talk"], "follow_up": "none", "version": "2", "on_behalf_of": "Prova"}


def _sheet(world: World, role: str) -> dict[str, Any]:
    blank = BytesIO()
    Image.new("L", (40, 40), 200).save(blank, "png")
    file = SimpleUploadedFile("foglio.png", blank.getvalue(), content_type="image/png")
    return {"file": file, "signer_name": "Prova", "code": world.objects["sheet_own"].code}


HANDS_IN = COORDINATES | MEDIATOR

ROWS = [
    Row("mediation:session", _places("planned", "session", SEES, above=ABOVE)),
    *_form("mediation:session-record", _places("begun", "session", RECORDS), _record),
    *_form("mediation:session-not-held", _places("begun", "session", SIDES), _fixed(absent="mediator", reason="Prova")),
    *_form("mediation:session-cancel", _places("planned", "session", SIDES), _fixed(absent="other", reason="Prova")),
    *_form("mediation:session-new-time", _places("planned", "session", SIDES), _times(25, 15, reason="Prova")),
    *_form("mediation:session-new-time-answer", _places("rescheduled", "session", SIDES), _fixed(answer="no")),
    *_form("mediation:session-add", _places("planned", "request", RECORDS), _times(26, 15)),
    Row("mediation:session-finish", _places("planned", "request", RECORDS), method="post"),
    Row("mediation:session-sheet", _places("begun", "session", RECORDS), method="post"),
    Row("mediation:report", _places("reported", "request", CASE)),
    *_form("mediation:report-edit", _places("held", "request", RECORDS), _edit),
    Row("mediation:report-file", _places("held", "request", RECORDS)),
    # Without the signed sheets nobody signs for the mediator.
    Row(
        "mediation:report-file",
        _places("held", "request", MEDIATOR, above=NOBODY),
        method="post",
        data=_fixed(version="2"),
    ),
    *_form("mediation:report-countersign", _places("reported", "request", CONTACT, above=NOBODY), _fixed(rating="9")),
    Row("mediation:report-code", _places("reported", "request", MEDIATOR, above=NOBODY)),
    # The code is tried on a request whose time is over: a wrong one would be an error of the form.
    Row(
        "mediation:report-code",
        _places("countersigned", "request", MEDIATOR, above=NOBODY),
        method="post",
        data=_fixed(code="123456", name="Prova"),
    ),
    Row("mediation:report-code-send", _places("reported", "request", MEDIATOR, above=NOBODY), method="post"),
    *_form("mediation:report-validate", _places("countersigned", "request", COORDINATES), _fixed()),
    *_form("mediation:report-reopen", _places("reported", "request", SIDES), _fixed(reason="Prova")),
    Row("mediation:annex-request", _places("reported", "request", SEES, above=ABOVE)),
    Row("mediation:annex-report", _places("reported", "request", CASE)),
    Row("mediation:sheet-attach", {"": On(HANDS_IN, SIGNED_IN - HANDS_IN)}),
    Row("mediation:sheet-attach", {"": On(HANDS_IN, SIGNED_IN - HANDS_IN)}, method="post", data=_sheet),
]
