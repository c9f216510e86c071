# SPDX-License-Identifier: EUPL-1.2
"""What is due in consultations, legal questions, translations and presences, for the reminders.

Numbers, bodies and networks, nothing of a case. What waits for its coordinator or for the body is on their home page.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from mediation.enums import ConsultationState, LegalQuestionState, PresenceState, ReminderEvent, TranslationState
from mediation.models import CommunityPresence, Consultation, LegalQuestion, Translation
from mediation.selectors.my_work import day_bounds

E, C, T = ReminderEvent, ConsultationState, TranslationState
# What waits in a state is counted from the day on which the state began.
CASES = {
    E.CASE_ANSWER: (C.REFERRED,),
    E.CASE_SESSION: (C.ACCEPTED,),
    E.CASE_CLOSE: (C.RESTITUTION, C.REOPENED),
}


def consulting_due(event: str, programme_id: int, first: date, last: date) -> Iterator[dict[str, Any]]:
    """Yield the things of a programme whose day is in a span, as the fields of `selectors.reminders.Due` (one query)."""
    kind, rows, day = _READ[ReminderEvent(event)](ReminderEvent(event), programme_id, first, last)
    for row in rows:
        body = getattr(row, "organisation", None)
        yield {
            "subject_type": kind,
            "subject_id": row.pk,
            "due_on": day(row),
            "number": getattr(row, "number", ""),
            "body": body.name if body is not None else row.network.name,
            "organisation_id": body.pk if body is not None else 0,
            "network_id": row.network_id,
            "person": row.mediator.user if hasattr(row, "mediator") else row.consultant,
            "url": row.get_absolute_url(),
        }


_Read = tuple[str, QuerySet[Any], Callable[[Any], date]]


def _since(row: Any) -> date:
    return timezone.localdate(row.state_since)


def _waiting(model: Any, states: tuple[str, ...], programme_id: int, first: date, last: date) -> QuerySet[Any]:
    since, until = day_bounds(first, last)
    found = model.objects.filter(
        programme=programme_id, state__in=states, state_since__gte=since, state_since__lt=until
    )
    return found.select_related("organisation", "consultant").order_by("state_since", "pk")


def _cases(event: ReminderEvent, programme_id: int, first: date, last: date) -> _Read:
    return "consultation", _waiting(Consultation, CASES[event], programme_id, first, last), _since


def _assessments(event: ReminderEvent, programme_id: int, first: date, last: date) -> _Read:
    rows = (
        Consultation.objects.filter(programme=programme_id, state=C.ASSESSMENT)
        .annotate(last_step=Coalesce(Max("sessions__held_on"), TruncDate("state_since")))
        .filter(last_step__gte=first, last_step__lte=last)
        .select_related("organisation", "consultant")
        .order_by("last_step", "pk")
    )
    return "consultation", rows, lambda row: row.last_step


def _questions(event: ReminderEvent, programme_id: int, first: date, last: date) -> _Read:
    return "legal_question", _waiting(LegalQuestion, (LegalQuestionState.ASSIGNED,), programme_id, first, last), _since


def _translations(event: ReminderEvent, programme_id: int, first: date, last: date) -> _Read:
    rows = Translation.objects.filter(
        programme=programme_id, state__in=(T.ASSIGNED, T.TO_REVISE), due_on__gte=first, due_on__lte=last
    )
    return (
        "translation",
        rows.select_related("organisation", "mediator__user").order_by("due_on", "pk"),
        lambda row: row.due_on,
    )


def _presences(event: ReminderEvent, programme_id: int, first: date, last: date) -> _Read:
    since, until = day_bounds(first, last)
    rows = CommunityPresence.objects.filter(
        programme=programme_id, state=PresenceState.PLANNED, planned_from__gte=since, planned_from__lt=until
    )
    return (
        "presence",
        rows.select_related("network", "mediator__user").order_by("planned_from", "pk"),
        lambda row: timezone.localdate(row.planned_from),
    )


_READ: dict[ReminderEvent, Callable[[ReminderEvent, int, date, date], _Read]] = {
    E.CASE_ANSWER: _cases,
    E.CASE_SESSION: _cases,
    E.CASE_RESTITUTION: _assessments,
    E.CASE_CLOSE: _cases,
    E.LEGAL_ANSWER: _questions,
    E.TRANSLATION_RETURN: _translations,
    E.PRESENCE: _presences,
}
