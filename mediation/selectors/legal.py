# SPDX-License-Identifier: EUPL-1.2
"""Reading legal questions, and the archive of answers."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.permissions import Permission
from actions.models import Programme
from mediation.models import LegalQuestion
from mediation.permissions import can_ask, consults, coordinates

# What the archive shows: nothing else of the question is read.
_OF_THE_ARCHIVE = ("uuid", "area", "archive_title", "archive_question", "archive_answer", "published_at", "state")


def questions_for(user: Any) -> QuerySet[LegalQuestion]:
    """Return the questions that the person sees, newest first."""
    return LegalQuestion.objects.visible_to(user).with_parts().order_by("-created_at", "-pk")


def archive_for(user: Any) -> QuerySet[LegalQuestion]:
    """Return the published answers of the person's programmes, newest first, with the fields of the archive alone."""
    programmes = Programme.objects.filter(
        Q(pk__in=Programme.objects.visible_to(user).values("pk"))
        | Q(pk__in=Programme.objects.reached_by(user, Permission.COORDINATE_MEDIATION).values("pk"))
    )
    return (
        LegalQuestion.objects.published()
        .filter(programme__in=programmes.values("pk"))
        .only(*_OF_THE_ARCHIVE)
        .order_by("-published_at", "pk")
    )


def can_read_question(user: Any, question: LegalQuestion) -> bool:
    """Whether the person reads the question and the answer: who asked, who answers, who coordinates; the others who
    check the programme see that it exists and when it moved."""
    return (
        can_ask(user, question.organisation_id)
        or consults(user, question.consultant_id)
        or coordinates(user, programme_id=question.programme_id, network_id=question.network_id)
    )
