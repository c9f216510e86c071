# SPDX-License-Identifier: EUPL-1.2
"""What the tests of consultations, legal questions, translations and presences begin with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from actions.enums import ActivityKind, MediationRequestKind
from actions.models import RequestKind
from fami_portal.core.services import acting
from mediation.enums import OTHER_KINDS, AccountUse, AgeRange, GeographicArea
from mediation.models import Consultation, HourAccount, Mediator
from mediation.services import consultations as services
from partners.services.memberships import grant_membership
from tests.factories.actions import ActivityTypeFactory
from tests.factories.mediation import HourAccountFactory, MediatorFactory, MediatorLanguageFactory, RequestKindFactory
from tests.factories.partners import LanguageFactory
from tests.personas import World, a_user

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
# Words that must be read by nobody but those who may.
SECRET = "quesitoriservato"


def offer(world: World, *, minutes: int = 1200, kinds: Any = OTHER_KINDS) -> None:
    """Let programme A offer the kinds, with hours for network n1, and n2 and B alike without hours."""
    for key in ("a", "b"):
        ActivityTypeFactory(action=world.actions[key], kind=ActivityKind.MEDIATION, title="Mediazione")
        for kind in kinds:
            RequestKindFactory(programme=world.programmes[key], kind=kind)
    for kind in kinds:
        use = AccountUse.PLANNED if kind == MediationRequestKind.COMMUNITY else AccountUse.ON_CALL
        world.objects[f"account_{kind}"] = HourAccountFactory(
            programme=world.programmes["a"], network=world.networks["n1"], kind=kind, use=use, minutes=minutes
        )


def settings(world: World, kind: str, **values: Any) -> None:
    """Change the settings of a kind in programme A."""
    with acting(None):
        RequestKind.objects.filter(programme=world.programmes["a"], kind=kind).update(settings=values)


def account(world: World, kind: str) -> HourAccount:
    """Return the account of a kind as it is now."""
    return HourAccount.objects.get(pk=world.objects[f"account_{kind}"].pk)


def figures(world: World, kind: str) -> tuple[int, int]:
    """Return the minutes reserved and consumed of a kind."""
    row = account(world, kind)
    return row.reserved, row.consumed


def the_mediator(world: World, *languages: str, **values: Any) -> Mediator:
    """Return the mediator of the personas with these languages."""
    mediator = MediatorFactory(
        user=world.personas["mediator"], organisation=world.bodies["coop_1"], travel_buffer=30, **values
    )
    for code in languages:
        MediatorLanguageFactory(mediator=mediator, language=LanguageFactory(code=code, name=f"lingua {code}"))
    return mediator


def another(world: World, role: str, body: str, name: str = "") -> Any:
    """Return one more person with a role in a body."""
    user = a_user(name or f"other.{role.replace('_', '.')}")
    with acting(None):
        grant_membership(
            user=user,
            organisation=world.bodies[body],
            role=role,
            networks=[world.networks["n2"]] if role == "network_coordinator" else [],
            valid_from=date(2018, 9, 1),
            by=None,
        )
    return user


def referral(**values: Any) -> dict[str, Any]:
    """Return the values of a complete referral."""
    return {
        "contact_name": "Operatrice Prova",
        "contact_email": "operatrice@comune.example",
        "case_code": "CASO-12",
        "age_range": AgeRange.TEENAGER,
        "language": LanguageFactory(code="ar", name="arabo"),
        "area": GeographicArea.NORTH_AFRICA,
        "question": f"Come leggere il silenzio del ragazzo? {SECRET}",
        "services_involved": f"Neuropsichiatria {SECRET}",
        "consent_given": True,
        "consent_on": date(2026, 3, 1),
        "availability": f"Il martedì pomeriggio {SECRET}",
    } | values


def draft_referral(world: World, **values: Any) -> Consultation:
    """Return a complete draft of the service in network n1."""
    return services.start_referral(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["service_1"],
        values=referral(**values),
        by=world.personas["service_operator"],
        at=NOW,
    )


def referred(world: World, **values: Any) -> Consultation:
    """Return a referral that the clinician of the personas has to answer."""
    consultation = draft_referral(world, **values)
    services.refer(consultation=consultation, by=world.personas["service_operator"], at=NOW)
    services.assign(
        consultation=consultation,
        consultant=world.personas["consultant"],
        by=world.personas["network_coordinator"],
        at=NOW,
    )
    return consultation


def days(number: int) -> timedelta:
    """Return some days."""
    return timedelta(days=number)
