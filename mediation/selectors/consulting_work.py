# SPDX-License-Identifier: EUPL-1.2
"""What waits for a person in consultations, legal questions, translations and presences.

Each kind costs one query for each part that the person has in it, whatever the number of rows; nobody is shown the case.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import MediationRequestKind as K
from fami_portal.core import clock
from fami_portal.core.nav import Waiting
from mediation.enums import ConsultationState as C
from mediation.enums import LegalQuestionState as L
from mediation.enums import PresenceState, TranslationState
from mediation.models import CommunityPresence, Consultation, LegalQuestion, Translation
from mediation.permissions import mediator_of
from mediation.workflow import CONSULTATION, LEGAL_QUESTION, PRESENCE, TRANSLATION
from partners.permissions import holds, network_ids_with, organisations_with

P = Permission
MOST = 20
T = TranslationState


def _bodies(user: Any, permission: Permission) -> list[int]:
    return [body.pk for body in organisations_with(user, permission)]


def _coordinated(user: Any) -> Q:
    """The networks that the person coordinates; who leads the programme is not called for each of its networks."""
    return Q(network__in=network_ids_with(user, P.COORDINATE_MEDIATION))


def _row(thing: Any, title: str, workflow: Any, due: Any = None) -> Waiting:
    return Waiting(
        title=(title % {"number": getattr(thing, "number", "")}).strip(),
        url=thing.get_absolute_url(),
        due=due,
        status=workflow.states(thing.state).label,
        colour=workflow.colours[thing.state],
        context=f"{thing.programme.title} – {thing.network.name}",
    )


def _rows(
    found: QuerySet[Any], title: Callable[[Any], str], workflow: Any, due: Callable[[Any], Any] = lambda row: None
) -> Iterator[Waiting]:
    for thing in found.select_related("programme", "network").order_by("pk")[:MOST]:
        yield _row(thing, title(thing), workflow, due(thing))


def _consultations(user: Any) -> Iterator[Waiting]:
    if bodies := _bodies(user, P.FILE_MEDIATION_REQUESTS):
        found = Consultation.objects.filter(organisation__in=bodies, state__in=[C.DRAFT, C.TO_COMPLETE])
        yield from _rows(found, lambda row: _("Complete the referral %(number)s"), CONSULTATION)
    if network_ids_with(user, P.COORDINATE_MEDIATION):
        found = Consultation.objects.filter(_coordinated(user), state=C.REFERRED, consultant__isnull=True)
        yield from _rows(found, lambda row: _("Assign a clinician to %(number)s"), CONSULTATION)
    if holds(user, P.CONSULT):
        states = [C.REFERRED, C.ACCEPTED, C.ASSESSMENT, C.RESTITUTION, C.REOPENED]
        found = Consultation.objects.filter(consultant=user.pk, state__in=states)
        yield from _rows(
            found,
            lambda row: _("Answer the referral %(number)s") if row.state == C.REFERRED else _("Go on with %(number)s"),
            CONSULTATION,
        )


def _questions(user: Any) -> Iterator[Waiting]:
    if bodies := _bodies(user, P.ASK_LEGAL_QUESTIONS):
        waits = Q(state__in=[L.DRAFT, L.TO_CLARIFY]) | Q(state=L.ANSWERED, accepted_at__isnull=True)
        found = LegalQuestion.objects.filter(waits, organisation__in=bodies)
        titles = {L.DRAFT: _("Send the question %(number)s"), L.TO_CLARIFY: _("Clarify the question %(number)s")}
        yield from _rows(found, lambda row: titles.get(row.state, _("Read the answer to %(number)s")), LEGAL_QUESTION)
    if network_ids_with(user, P.COORDINATE_MEDIATION):
        waits = Q(state=L.ASKED) | Q(state=L.ANSWERED, accepted_at__isnull=False, reviewed_at__isnull=False)
        found = LegalQuestion.objects.filter(_coordinated(user), waits)
        yield from _rows(
            found,
            lambda row: (
                _("Assign the question %(number)s") if row.state == L.ASKED else _("Publish the answer to %(number)s")
            ),
            LEGAL_QUESTION,
        )
    if holds(user, P.CONSULT):
        found = LegalQuestion.objects.filter(consultant=user.pk, state=L.ASSIGNED)
        yield from _rows(found, lambda row: _("Answer the question %(number)s"), LEGAL_QUESTION)


def _translations(user: Any) -> Iterator[Waiting]:
    if bodies := _bodies(user, P.FILE_MEDIATION_REQUESTS):
        found = Translation.objects.filter(organisation__in=bodies, state__in=[T.DRAFT, T.RETURNED])
        yield from _rows(
            found,
            lambda row: (
                _("Send the request of translation") if row.state == T.DRAFT else _("Check the translation %(number)s")
            ),
            TRANSLATION,
        )
    if network_ids_with(user, P.COORDINATE_MEDIATION):
        found = Translation.objects.filter(_coordinated(user), state__in=[T.SUBMITTED, T.ACCEPTED])
        yield from _rows(
            found,
            lambda row: (
                _("Assign the translation %(number)s")
                if row.state == T.SUBMITTED
                else _("Validate the translation %(number)s")
            ),
            TRANSLATION,
            lambda row: row.due_on if row.state == T.SUBMITTED else None,
        )
    mediator = mediator_of(user)
    if mediator is not None:
        found = Translation.objects.filter(mediator=mediator.pk, state__in=[T.ASSIGNED, T.TO_REVISE])
        yield from _rows(found, lambda row: _("Translate %(number)s"), TRANSLATION, lambda row: row.due_on)


def _presences(user: Any) -> Iterator[Waiting]:
    if network_ids_with(user, P.COORDINATE_MEDIATION):
        found = CommunityPresence.objects.filter(_coordinated(user), state=PresenceState.HELD)
        yield from _rows(found, lambda row: _("Validate a presence of community mediation"), PRESENCE)
    mediator = mediator_of(user)
    if mediator is not None:
        found = CommunityPresence.objects.filter(
            mediator=mediator.pk, state=PresenceState.PLANNED, planned_until__lte=clock.now()
        )
        yield from _rows(found, lambda row: _("Record a presence of community mediation"), PRESENCE)


PARTS: dict[str, Callable[[Any], Iterator[Waiting]]] = {
    K.ETHNOCLINICAL: _consultations,
    K.LEGAL: _questions,
    K.TRANSLATION: _translations,
    K.COMMUNITY: _presences,
}


def waiting_by_kind(user: Any) -> dict[str, list[Waiting]]:
    """Return what waits for the person, by kind."""
    return {kind: list(part(user)) for kind, part in PARTS.items()}


def consulting_panel(user: Any) -> list[Waiting]:
    """Return what waits for the person, for the home page."""
    return [thing for things in waiting_by_kind(user).values() for thing in things]
