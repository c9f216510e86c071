# SPDX-License-Identifier: EUPL-1.2
"""A weekly series of language facilitation of the demonstration: approved and reserved once, each session signed.

LAB'IMPACT offers it to schools beside mediation; the school and the facilitator are invented, as their territory is.
"""

from datetime import datetime, time, timedelta

from accounts.models import User
from accounts.services import create_account
from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core import clock
from mediation.enums import (
    AccountUse,
    Gender,
    LanguageLevel,
    MediatorProfile,
    Mode,
    QualificationKind,
    RequestState,
)
from mediation.models import MediationRequest, MediationSession, Mediator
from mediation.selectors.availability import WeeklyRow
from mediation.services import (
    assignment,
    availability,
    facilitation,
    hour_accounts,
    mediator_facts,
    mediators,
    requests,
)
from mediation.services import sessions as session_acts
from mediation.services.mediator_facts import Spoken
from partners.models import Language, Network, Organisation
from partners.services.memberships import grant_membership
from reporting.demo import ambito, world
from reporting.demo.consultations import THURSDAY, TUESDAY, on
from reporting.demo.mediation_plan import MEDIANDO
from reporting.demo.mediation_stories import HEAD, local

HOURS = 60
BEGINS, ENDS = time(14, 30), time(16)
# Held, and then to come: weeks before and after the present one.
FIRST_WEEK, LAST_WEEK = -4, 3


def language_facilitation() -> None:
    """A class has learned Italian for study every Tuesday for a month: the school has signed all but the last session."""
    programme = Programme.objects.get(slug=ambito.PROGRAMME)
    network = Network.objects.get(code=ambito.CODE)
    school = Organisation.objects.get(name=ambito.SCHOOL.name)
    since = programme.starts_on + timedelta(days=30)
    entered = local(since, time(11))
    contact = _person("alzaia", "Rosa", "Altavalle", school, "school_contact", entered)
    facilitator = _facilitator(entered)
    hour_accounts.open_account(
        programme=programme,
        network=network,
        kind=MediationRequestKind.FACILITATION,
        use=AccountUse.PLANNED,
        starts_on=since,
        ends_on=programme.ends_on,
        by=None,
        at=entered,
        minutes=HOURS * 60,
        reason="Assegnazione all’Ambito",
    )
    request = _asked(programme, network, school, contact)
    _approved(request, facilitator)
    _held_and_signed(request, facilitator, contact)


def _person(name: str, given_name: str, family_name: str, body: Organisation, role: str, at: datetime) -> User:
    user = create_account(
        email=f"{name}{world.DOMAIN}", given_name=given_name, family_name=family_name, password=None, by=None
    )
    grant_membership(user=user, organisation=body, role=role, valid_from=at.date(), by=None)
    return user


def _facilitator(at: datetime) -> Mediator:
    """Enter a language facilitator in the register, with an account."""
    body = Organisation.objects.get(name=MEDIANDO)
    who = {"given_name": "Teresa", "family_name": "Valchiara"}
    found = mediators.register_mediator(
        values={
            **who,
            "organisation": body,
            "email": f"facilitatrice{world.DOMAIN}",
            "gender": Gender.FEMALE,
            "profile": MediatorProfile.FACILITATOR,
            "modes": [str(Mode.IN_PERSON)],
            "home": Organisation.objects.select_related("municipality").get(name=ambito.SCHOOL.name).municipality,
            "travel_buffer": 30,
            "confidentiality_signed_on": at.date(),
        },
        by=None,
        at=at,
    )
    spoken = [Spoken(Language.objects.get(code="ar"), LanguageLevel.B2, "")]
    mediator_facts.set_languages(mediator=found, languages=spoken, by=None, at=at)
    mediator_facts.set_territories(mediator=found, provinces=["MI"], municipalities=[], by=None, at=at)
    mediator_facts.add_qualification(
        mediator=found,
        kind=QualificationKind.COURSE,
        title="Corso per facilitatori linguistici",
        hours=200,
        issued_on=at.date() - timedelta(days=400),
        expires_on=None,
        by=None,
        at=at,
    )
    week = [WeeklyRow(day, time(14), time(18)) for day in range(5)]
    availability.set_weekly_availability(mediator=found, rows=week, by=None, at=at)
    user = _person("facilitatrice", who["given_name"], who["family_name"], body, "mediator", at)
    mediators.link_account(mediator=found, user=user, by=None, at=at)
    return found


def _asked(programme: Programme, network: Network, school: Organisation, contact: User) -> MediationRequest:
    at = on(FIRST_WEEK - 2, TUESDAY, 11)
    request = facilitation.start_series(
        programme=programme,
        network=network,
        organisation=school,
        values={
            "contact_name": contact.get_full_name(),
            "contact_email": contact.email,
            "field_contact_name": "Insegnante della classe",
            "field_contact_role": "Docente",
            "field_contact_email": f"presenza{world.DOMAIN}",
            "reason": "Italiano per lo studio: capire i testi di storia e di scienze.",
            "mode": Mode.IN_PERSON,
            "place": "Aula 3",
            "municipality": school.municipality,
            "is_group": True,
            "families": 6,
            "operator_present": True,
        },
        language=Language.objects.get(code="ar"),
        day=on(FIRST_WEEK, TUESDAY).date(),
        starts_at=BEGINS,
        ends_at=ENDS,
        until=on(LAST_WEEK, TUESDAY).date(),
        by=contact,
        at=at,
    )
    requests.submit(request=request, by=contact, at=at)
    if request.state == RequestState.SUBMITTED:
        requests.authorise(request=request, by=None, at=at + timedelta(hours=20), method="link", name=HEAD)
    return request


def _approved(request: MediationRequest, facilitator: Mediator) -> None:
    """Take the whole series in charge, propose it and let the facilitator accept it, once for all."""
    coordinator = ambito.user("rete.servizi")
    at = on(FIRST_WEEK - 2, THURSDAY)
    first = on(FIRST_WEEK, TUESDAY)
    assignment.take_in_charge(request=request, by=coordinator, at=at)
    proposal = assignment.propose(
        request=request,
        mediator=facilitator,
        starts_at=local(first.date(), BEGINS),
        ends_at=local(first.date(), ENDS),
        by=coordinator,
        at=at + timedelta(hours=1),
    )
    assignment.accept(proposal=proposal, by=facilitator.user, at=at + timedelta(hours=6))
    request.refresh_from_db()


def _held_and_signed(request: MediationRequest, facilitator: Mediator, contact: User) -> None:
    rows = MediationSession.objects.filter(request=request, planned_until__lt=clock.now() - timedelta(hours=2))
    held = list(rows.order_by("planned_from"))
    for number, session in enumerate(held):
        at = session.planned_until + timedelta(hours=1)
        session_acts.record_session(
            session=session,
            actual_from=session.planned_from,
            actual_until=session.planned_until,
            version=session.version,
            pupils=5 + number % 2,
            by=facilitator.user,
            at=at,
        )
    facilitation.sign_sessions(request=request, sessions=held[:-1], by=contact, at=on(-1, THURSDAY, 12))
