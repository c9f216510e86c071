# SPDX-License-Identifier: EUPL-1.2
"""Messages about consultations, legal questions, translations and presences: numbers, places and days, nothing else."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope, roles_with
from fami_portal.core.outbox import Draft
from mediation.models import CommunityPresence, Consultation, LegalQuestion, Translation
from mediation.notifications.recipients import coordinators, people_of

User = get_user_model()


def _drafts(thing: Any, kind: str, people: Iterable[Any], *, subject: str, body: str, at: datetime) -> list[Draft]:
    names = {"number": str(thing), "network": thing.network.name}
    return [
        Draft(
            key=f"{kind}:{thing.pk}:{at:%Y%m%dT%H%M%S%f}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject % names,
            body=body % names,
            url=thing.get_absolute_url(),
        )
        for person in people
    ]


def _coordinators(thing: Any) -> list[Any]:
    return coordinators(programme_id=thing.programme_id, network_id=thing.network_id)


def _office(thing: Any, permission: Permission = Permission.FILE_MEDIATION_REQUESTS) -> list[Any]:
    return people_of(roles=roles_with(permission), scope=Scope.BODY, organisation_id=thing.organisation_id)


def _one(user_id: int | None) -> list[Any]:
    return list(User.objects.filter(pk=user_id, is_active=True).order_by("pk")) if user_id else []


# --- consultations ---------------------------------------------------------------------------------------------------


def referred(consultation: Consultation, at: datetime) -> list[Draft]:
    """Tell the clinician, or the coordinators while there is none, that a case was referred or completed."""
    people = _one(consultation.consultant_id) or _coordinators(consultation)
    return _drafts(
        consultation,
        "consultation_referred",
        people,
        subject=_("Ethnoclinical consultation %(number)s: a referral waits"),
        body=_("A referral of %(network)s waits for you. Open it in the portal."),
        at=at,
    )


def case_assigned(consultation: Consultation, at: datetime) -> list[Draft]:
    """Tell the clinician that a case is to be read."""
    return _drafts(
        consultation,
        "consultation_assigned",
        _one(consultation.consultant_id),
        subject=_("Ethnoclinical consultation %(number)s is assigned to you"),
        body=_("Read the referral of %(network)s: accept it, ask what is missing, or say that it is not pertinent."),
        at=at,
    )


def triaged(consultation: Consultation, at: datetime) -> list[Draft]:
    """Tell the service what the clinician decided."""
    return _drafts(
        consultation,
        "consultation_triaged",
        _office(consultation),
        subject=_("Ethnoclinical consultation %(number)s: the clinician answered"),
        body=_("The clinician read your referral. Open it to see the answer and what comes next."),
        at=at,
    )


def given_back(consultation: Consultation, at: datetime) -> list[Draft]:
    """Tell the service that the restitution can be read."""
    return _drafts(
        consultation,
        "consultation_given_back",
        _office(consultation),
        subject=_("Ethnoclinical consultation %(number)s: the restitution is ready"),
        body=_("The clinician wrote the restitution. Only your office and the clinician can read it, in the portal."),
        at=at,
    )


def case_ended(consultation: Consultation, at: datetime) -> list[Draft]:
    """Tell the other side and the coordinators that a consultation ended."""
    people = {
        person.pk: person
        for person in (*_office(consultation), *_one(consultation.consultant_id), *_coordinators(consultation))
    }
    return _drafts(
        consultation,
        "consultation_ended",
        people.values(),
        subject=_("Ethnoclinical consultation %(number)s has ended"),
        body=_("The consultation %(number)s of %(network)s has ended: its hours are settled."),
        at=at,
    )


def case_reopened(consultation: Consultation, at: datetime) -> list[Draft]:
    """Tell the clinician that days and hours are to be corrected."""
    return _reopened(consultation, "consultation_reopened", consultation.consultant_id, at)


def _reopened(thing: Any, kind: str, user_id: int | None, at: datetime) -> list[Draft]:
    return _drafts(
        thing,
        kind,
        _one(user_id),
        subject=_("Mediation in %(network)s: something is open again"),
        body=_("The coordinator opened what you had recorded again, with the reason. Open it to correct it."),
        at=at,
    )


# --- legal questions -------------------------------------------------------------------------------------------------


def question_asked(question: LegalQuestion, at: datetime) -> list[Draft]:
    """Tell the coordinators that a question waits for a consultant."""
    return _drafts(
        question,
        "legal_asked",
        _coordinators(question),
        subject=_("Legal question %(number)s to assign"),
        body=_("An operator of %(network)s asked a legal question. Assign it to a consultant."),
        at=at,
    )


def question_assigned(question: LegalQuestion, at: datetime) -> list[Draft]:
    """Tell the consultant that a question waits, or that a clarification came."""
    return _drafts(
        question,
        "legal_assigned",
        _one(question.consultant_id),
        subject=_("Legal question %(number)s waits for your answer"),
        body=_("A question of %(network)s is with you. Open it to read it and answer."),
        at=at,
    )


def question_turned(question: LegalQuestion, at: datetime) -> list[Draft]:
    """Tell the operators that the consultant answered or asked to clarify."""
    return _drafts(
        question,
        "legal_turned",
        _office(question, Permission.ASK_LEGAL_QUESTIONS),
        subject=_("Legal question %(number)s: the consultant wrote"),
        body=_("The consultant wrote about your question. Open it to read and go on."),
        at=at,
    )


def question_to_publish(question: LegalQuestion, at: datetime) -> list[Draft]:
    """Tell the coordinators that a reviewed text waits for the archive."""
    return _drafts(
        question,
        "legal_to_publish",
        _coordinators(question),
        subject=_("Legal question %(number)s: text for the archive to publish"),
        body=_("The consultant prepared the text for the archive. Read it once more and publish it."),
        at=at,
    )


# --- translations ----------------------------------------------------------------------------------------------------


def translation_waits(translation: Translation, at: datetime) -> list[Draft]:
    """Tell the coordinators that a translation is to be assigned, or to be validated."""
    return _drafts(
        translation,
        "translation_waits",
        _coordinators(translation),
        subject=_("Translation %(number)s waits for you"),
        body=_("The translation %(number)s in %(network)s waits for the coordinator. Open it to go on."),
        at=at,
    )


def translation_assigned(translation: Translation, at: datetime) -> list[Draft]:
    """Tell the translator that a file is to be translated, or to be revised."""
    return _drafts(
        translation,
        "translation_assigned",
        _one(translation.mediator.user_id if translation.mediator else None),
        subject=_("Translation %(number)s is with you"),
        body=_("A file waits for you in %(network)s. Open it in the portal to see what is asked and by when."),
        at=at,
    )


def translation_turned(translation: Translation, at: datetime) -> list[Draft]:
    """Tell the requester that something happened: returned, rejected."""
    return _drafts(
        translation,
        "translation_turned",
        _office(translation),
        subject=_("Translation %(number)s: news"),
        body=_("There is news about the translation %(number)s. Open it in the portal."),
        at=at,
    )


def translation_reopened(translation: Translation, at: datetime) -> list[Draft]:
    """Tell the translator that file or minutes are to be corrected."""
    return _reopened(
        translation, "translation_reopened", translation.mediator.user_id if translation.mediator else None, at
    )


# --- presences -------------------------------------------------------------------------------------------------------


def presence_planned(presences: list[CommunityPresence], at: datetime) -> list[Draft]:
    """Tell the mediator of presences planned together: one message for all."""
    first = presences[0]
    day = timezone.localtime(first.planned_from)
    return _drafts(
        first,
        "presence_planned",
        _one(first.mediator.user_id),
        subject=_("Community mediation: presences planned in %(network)s"),
        body=_("Presences planned: %(count)s, the first on %(day)s. Open it in the portal.")
        % {"count": len(presences), "day": f"{day:%d/%m/%Y}"},
        at=at,
    )


def presence_recorded(presence: CommunityPresence, at: datetime) -> list[Draft]:
    """Tell the coordinators that a presence is to be validated."""
    return _drafts(
        presence,
        "presence_recorded",
        _coordinators(presence),
        subject=_("Community mediation: a presence to validate in %(network)s"),
        body=_("A mediator recorded a presence in %(network)s. Check it and validate it."),
        at=at,
    )


def presence_turned(presence: CommunityPresence, at: datetime) -> list[Draft]:
    """Tell the mediator that a presence came back to correct, or was cancelled."""
    return _drafts(
        presence,
        "presence_turned",
        _one(presence.mediator.user_id),
        subject=_("Community mediation: a presence in %(network)s changed"),
        body=_("A presence of yours in %(network)s was sent back or cancelled. Open it to read the reason."),
        at=at,
    )


def presence_reopened(presence: CommunityPresence, at: datetime) -> list[Draft]:
    """Tell the mediator that what was recorded may be corrected."""
    return _reopened(presence, "presence_reopened", presence.mediator.user_id, at)
