# SPDX-License-Identifier: EUPL-1.2
"""Reading consultations: the list, and the figures, which are all that others than the service and the clinician see."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Sum

from accounts.permissions import Permission
from mediation.enums import ConsultationState
from mediation.models import Consultation, ConsultationSession
from partners.permissions import holds

P = Permission


def consultations_for(user: Any) -> QuerySet[Consultation]:
    """Return the consultations that the person may know of, newest first, with the minutes held."""
    return (
        Consultation.objects.visible_to(user)
        .with_parts()
        .annotate(minutes_held=Sum("sessions__minutes"))
        .order_by("-created_at", "-pk")
    )


@dataclass(frozen=True)
class ConsultationFigures:
    """Counts and hours, nothing else: by state, sessions, minutes."""

    by_state: tuple[tuple[str, int], ...]
    sessions: int
    minutes: int


def figures_for(user: Any) -> ConsultationFigures | None:
    """Return the figures of what the person oversees; None for whoever does not see figures. Two queries."""
    if not holds(user, P.VIEW_MEDIATION_FIGURES):
        return None
    seen = Consultation.objects.visible_to(user, P.VIEW_MEDIATION_FIGURES).exclude(state=ConsultationState.DRAFT)
    counts = dict(seen.order_by().values_list("state").annotate(number=Count("pk")))
    held = ConsultationSession.objects.filter(consultation__in=seen.order_by().values("pk")).aggregate(
        number=Count("pk"), minutes=Sum("minutes")
    )
    by_state = tuple((state, counts[state]) for state in ConsultationState.values if state in counts)
    return ConsultationFigures(by_state, held["number"], held["minutes"] or 0)
