# SPDX-License-Identifier: EUPL-1.2
"""The time of mediators: one session in one place, travel included.

An exclusion constraint (migration 0002) decides; what is asked here only finds the words. The row of the mediator is
locked first, so that two sessions of one mediator wait for one another instead of running into a deadlock.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError
from mediation.enums import OCCUPYING_STATES, Mode
from mediation.models import MediationRequest, MediationSession, Mediator, Proposal
from mediation.selectors.elapsed import moment

ONE_PLACE = "mediation_session_one_place"


class MediatorBusyError(DomainError):
    """The mediator has another session at that time; the sentence says when, and nothing else of it."""

    def __init__(self, clash: MediationSession | None) -> None:
        if clash is None:
            text = _("The mediator is not free at that time: choose another time or another mediator.")
        else:
            text = _(
                "The mediator already has a session on %(day)s from %(start)s to %(end)s, travel apart: choose another "
                "time or another mediator."
            ) % {
                "day": f"{timezone.localtime(clash.planned_from):%d/%m/%Y}",
                "start": f"{timezone.localtime(clash.planned_from):%H:%M}",
                "end": f"{timezone.localtime(clash.planned_until):%H:%M}",
            }
        super().__init__(text, field="starts_at")


def busy_range(*, mediator: Mediator, mode: str, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a session takes the mediator's time: in person with the minutes of travel around it."""
    travel = timedelta(minutes=mediator.travel_buffer if mode == Mode.IN_PERSON else 0)
    return moment(starts_at) - travel, moment(ends_at) + travel


def clash_of(
    *, mediator_id: int, busy_from: datetime, busy_until: datetime, but: int | None = None
) -> MediationSession | None:
    """Return the first session of the mediator that overlaps, `but` one (its id)."""
    found = MediationSession.objects.filter(
        mediator=mediator_id, state__in=OCCUPYING_STATES, busy_from__lt=busy_until, busy_until__gt=busy_from
    )
    return found.exclude(pk=but).order_by("planned_from", "pk").first()


def check_is_free(*, mediator: Mediator, mode: str, starts_at: datetime, ends_at: datetime) -> None:
    """Raise `MediatorBusyError` when another session overlaps now. Whoever writes still meets the constraint."""
    busy_from, busy_until = busy_range(mediator=mediator, mode=mode, starts_at=starts_at, ends_at=ends_at)
    clash = clash_of(mediator_id=mediator.pk, busy_from=busy_from, busy_until=busy_until)
    if clash is not None:
        raise MediatorBusyError(clash)


def plan_session(
    *,
    request: MediationRequest,
    mediator: Mediator,
    starts_at: datetime,
    ends_at: datetime,
    proposal: Proposal | None = None,
) -> MediationSession:
    """Write a planned session, inside the caller's service transaction and with the request locked.

    Raises `MediatorBusyError` when the mediator is elsewhere, `DomainError` when the end does not follow the start.
    """
    _check_order(starts_at, ends_at)
    held = lock_mediator(mediator.pk)
    busy_from, busy_until = busy_range(mediator=held, mode=request.mode, starts_at=starts_at, ends_at=ends_at)
    last = MediationSession.objects.filter(request=request.pk).aggregate(last=Max("position"))["last"] or 0
    session = MediationSession(
        request=request,
        proposal=proposal,
        mediator=held,
        position=last + 1,
        planned_from=starts_at,
        planned_until=ends_at,
        busy_from=busy_from,
        busy_until=busy_until,
    )
    try:
        with transaction.atomic():
            session.save(force_insert=True)
    except IntegrityError as error:
        _busy_or_raise(error, mediator_id=held.pk, busy_from=busy_from, busy_until=busy_until)
    return session


def change_time(*, session: MediationSession, starts_at: datetime, ends_at: datetime) -> None:
    """Move a planned session, inside the caller's service transaction; a time under discussion is no longer so.

    Its calendar sequence grows. Raises as `plan_session`; the session then stays where it was.
    """
    _check_order(starts_at, ends_at)
    mediator = lock_mediator(session.mediator_id)
    busy_from, busy_until = busy_range(
        mediator=mediator, mode=session.request.mode, starts_at=starts_at, ends_at=ends_at
    )
    try:
        with transaction.atomic():
            MediationSession.objects.filter(pk=session.pk).update(
                planned_from=starts_at,
                planned_until=ends_at,
                busy_from=busy_from,
                busy_until=busy_until,
                proposed_from=None,
                proposed_until=None,
                proposed_side="",
                sequence=F("sequence") + 1,
                version=F("version") + 1,
            )
    except IntegrityError as error:
        _busy_or_raise(error, mediator_id=mediator.pk, busy_from=busy_from, busy_until=busy_until, but=session.pk)
    session.refresh_from_db()


def lock_mediator(mediator_id: int) -> Mediator:
    """Take the lock of a mediator: sums over their sessions stay true until the commit."""
    return Mediator.objects.select_for_update(of=("self",), no_key=True).get(pk=mediator_id)


def _check_order(starts_at: datetime, ends_at: datetime) -> None:
    if moment(ends_at) <= moment(starts_at):
        raise DomainError(_("The end comes before the start."), field="ends_at")


def _busy_or_raise(
    error: IntegrityError, *, mediator_id: int, busy_from: datetime, busy_until: datetime, but: int | None = None
) -> None:
    diagnosis = getattr(error.__cause__, "diag", None)
    if getattr(diagnosis, "constraint_name", "") != ONE_PLACE:
        raise error
    clash = clash_of(mediator_id=mediator_id, busy_from=busy_from, busy_until=busy_until, but=but)
    raise MediatorBusyError(clash) from error
