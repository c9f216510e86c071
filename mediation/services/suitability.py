# SPDX-License-Identifier: EUPL-1.2
"""To whom a request may be given at all. What is only less good the suggestions say; what must not be is refused here."""

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind, Unit
from actions.selectors.rules import amount
from fami_portal.core.errors import DomainError
from mediation.enums import OCCUPYING_STATES, MediatorProfile, QualificationKind
from mediation.models import (
    MediationRequest,
    MediationSession,
    Mediator,
    MediatorLanguage,
    MediatorQualification,
    RequestLanguage,
)
from mediation.selectors.settings import settings_of

# Where there are minors: whoever goes there has a valid certificate, if one with an expiry has been recorded.
WITH_MINORS = (MediationRequestKind.SCHOOL, MediationRequestKind.FACILITATION)
FACILITATORS = (MediatorProfile.FACILITATOR, MediatorProfile.BOTH)
MEDIATORS = (MediatorProfile.MEDIATOR, MediatorProfile.BOTH)


class UnsuitableError(DomainError):
    """The request must not be given to this person; the sentence says why."""


def check_time(
    *, request: MediationRequest, starts_at: datetime, ends_at: datetime, at: datetime, past_too: bool = False
) -> None:
    """Raise `DomainError` at the field for a time outside the programme, in the past, or of the wrong length.

    `past_too` is for what was arranged outside the portal and may have been held already.
    """
    if ends_at <= starts_at:
        raise DomainError(_("The end comes before the start."), field="ends_at")
    if starts_at <= at and not past_too:
        raise DomainError(_("This time has already passed: choose another one."), field="starts_at")
    programme = request.programme
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if not programme.starts_on <= timezone.localdate(moment) <= programme.last_day:
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


def check_suitable(*, request: MediationRequest, mediator: Mediator, starts_at: datetime, ends_at: datetime) -> None:
    """Raise `UnsuitableError` when the request must not be given to the mediator for that time.

    The mediator must be active in the network of the request, of the right profile, bound to confidentiality, speak one
    of the languages asked, have no expired criminal record certificate where there are minors, and stay within the
    yearly maximum. Whether the time is free the database decides (`planning`).
    """
    day = timezone.localdate(starts_at)
    if not mediator.is_active:
        raise UnsuitableError(_("This mediator is not available for assignments at the moment."))
    if not Mediator.objects.serving(request.network_id).filter(pk=mediator.pk).exists():
        raise UnsuitableError(_("The body of this mediator is not in the network of the request."))
    facilitation = request.kind == MediationRequestKind.FACILITATION
    if mediator.profile not in (FACILITATORS if facilitation else MEDIATORS):
        raise UnsuitableError(
            _("This request needs a language facilitator.")
            if facilitation
            else _("This request needs an intercultural mediator: this person is a language facilitator.")
        )
    if mediator.confidentiality_signed_on is None or mediator.confidentiality_signed_on > day:
        raise UnsuitableError(_("This mediator has not signed the confidentiality agreement."))
    asked = RequestLanguage.objects.filter(request=request.pk).values("language")
    if not MediatorLanguage.objects.filter(mediator=mediator.pk, language__in=asked).exists():
        raise UnsuitableError(_("This mediator does not speak any of the languages asked."))
    if request.kind in WITH_MINORS and _certificate_expired(mediator, day):
        raise UnsuitableError(
            _("The criminal record certificate of this mediator has expired: it is needed where there are minors.")
        )
    _check_yearly_maximum(mediator, day, minutes_between(starts_at, ends_at))


def minutes_between(starts_at: datetime, ends_at: datetime) -> int:
    """Return the whole minutes between two moments, as the clock of the world counts them."""
    return int((ends_at - starts_at) / timedelta(minutes=1))


def _certificate_expired(mediator: Mediator, day: date) -> bool:
    kept = MediatorQualification.objects.filter(mediator=mediator.pk, kind=QualificationKind.CRIMINAL_RECORD)
    valid = kept.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day))
    return kept.exists() and not valid.exists()


def minutes_of_year(mediator: Mediator, year: int) -> int:
    """Return the minutes held, or planned and not yet held, of the sessions of a mediator in a solar year."""
    rows = MediationSession.objects.filter(
        mediator=mediator.pk, state__in=OCCUPYING_STATES, planned_from__year=year
    ).order_by("pk")
    return sum(
        minutes_between(start, end) if minutes is None else minutes
        for minutes, start, end in rows.values_list("minutes", "planned_from", "planned_until")
    )


def _check_yearly_maximum(mediator: Mediator, day: date, minutes: int) -> None:
    if mediator.yearly_maximum is None:
        return
    worked = minutes_of_year(mediator, day.year)
    if worked + minutes > mediator.yearly_maximum:
        raise UnsuitableError(
            _("This mediator would pass the yearly maximum of %(maximum)s: %(worked)s are held or planned already.")
            % {"maximum": amount(mediator.yearly_maximum, Unit.HOURS), "worked": amount(worked, Unit.HOURS)}
        )
