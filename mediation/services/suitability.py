# SPDX-License-Identifier: EUPL-1.2
"""To whom a request may be given at all. What is only less good the suggestions say; what must not be is refused here."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import Unit
from actions.selectors.rules import amount
from fami_portal.core.errors import DomainError
from mediation.models import MediationRequest, Mediator
from mediation.selectors.elapsed import minutes_between, moment
from mediation.selectors.settings import settings_of
from mediation.selectors.suggestions import refusal_sentence, suggestions
from mediation.services.planning import check_is_free


class UnsuitableError(DomainError):
    """The request must not be given to this person; the sentence says why."""


def passed() -> str:
    """Return the sentence that refuses a time that has begun already."""
    return _("This time has already passed: choose another one.")


def check_time(
    *, request: MediationRequest, starts_at: datetime, ends_at: datetime, at: datetime, past_too: bool = False
) -> None:
    """Raise `DomainError` at the field for a time outside the programme, in the past, or of the wrong length.

    `past_too` is for what was arranged outside the portal and may have been held already.
    """
    if moment(ends_at) <= moment(starts_at):
        raise DomainError(_("The end comes before the start."), field="ends_at")
    if starts_at <= at and not past_too:
        raise DomainError(passed(), field="starts_at")
    programme = request.programme
    for field, value in (("starts_at", starts_at), ("ends_at", ends_at)):
        if not programme.starts_on <= timezone.localdate(value) <= programme.last_day:
            raise DomainError(
                _("The day is outside the programme, which runs from %(start)s to %(end)s.")
                % {"start": f"{programme.starts_on:%d/%m/%Y}", "end": f"{programme.last_day:%d/%m/%Y}"},
                field=field,
            )
    minutes = minutes_between(starts_at, ends_at)
    offered = settings_of(request.programme_id, request.kind)
    longest = min(request.minutes_asked, offered.maximum_minutes) if offered else request.minutes_asked
    if minutes > longest:
        raise DomainError(
            _("This session would last %(length)s: at most %(longest)s are possible for this request.")
            % {"length": amount(minutes, Unit.HOURS), "longest": amount(longest, Unit.HOURS)},
            field="ends_at",
        )


def check_suitable(
    *, request: MediationRequest, mediators: Sequence[Mediator], starts_at: datetime, ends_at: datetime, at: datetime
) -> None:
    """Raise `UnsuitableError` or `MediatorBusyError` when one of the mediators must not be given the request.

    The mediator must be active in the network of the request, of the right profile, bound to confidentiality, speak one
    of the languages asked, have no expired criminal record certificate where there are minors, stay within the yearly
    maximum and be free. The statement of the suggestions decides; who books first, the database (`planning`).
    """
    ids = [mediator.pk for mediator in mediators]
    judged = {
        row.mediator_id: row for row in suggestions(request, starts_at=starts_at, ends_at=ends_at, at=at, only=ids)
    }
    for mediator in mediators:
        row = judged.get(mediator.pk)
        if row is None:
            raise UnsuitableError(_("The body of this mediator is not in the network of the request."))
        for code in row.refusals:
            if code == "busy":
                check_is_free(mediator=mediator, mode=request.mode, starts_at=starts_at, ends_at=ends_at)
            raise UnsuitableError(refusal_sentence(code, row))
