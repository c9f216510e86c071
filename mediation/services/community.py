# SPDX-License-Identifier: EUPL-1.2
"""Community mediation: presences planned by the network, recorded by the mediator, validated by the coordinator.

A mediator at a presence is nowhere else. The row of the mediator is locked before a presence is written, and the
database has the last word: presences among themselves by an exclusion constraint, presences and sessions by a trigger on
both tables (migration 0110) that refuses as the constraint does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from actions.models import Programme
from actions.workflow import closed_period_refusals
from fami_portal.core.errors import DomainError
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import AccountUse, Mode, PresenceState
from mediation.models import CommunityPresence, Mediator
from mediation.notifications import consultations as notifications
from mediation.permissions import check_coordinates, check_is_present
from mediation.selectors.hours import attempt_of
from mediation.selectors.requests import carries
from mediation.selectors.working_days import holiday_name
from mediation.services import hours
from mediation.services.consulting import account_of, activity_of, check_free_text, settings_offered
from mediation.services.planning import busy_range, lock_mediator
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import PRESENCE
from partners.models import Network

KIND = MediationRequestKind.COMMUNITY
SOURCE = "presence"
ONE_PLACE = "mediation_presence_one_place"
MOST = 60
MINUTE = timedelta(minutes=1)


class MediatorElsewhereError(DomainError):
    """The mediator has a session or another presence at that time; the sentence says which day."""

    def __init__(self, day: datetime) -> None:
        super().__init__(
            _("On %(day)s the mediator is elsewhere at that time: choose another time or another mediator.")
            % {"day": f"{timezone.localtime(day):%d/%m/%Y}"},
            field="starts_at",
        )


@dataclass(frozen=True)
class _Place:
    """What `check_coordinates` reads of a thing."""

    programme_id: int
    network_id: int


def days_of(first: date, until: date | None) -> list[date]:
    """Return the same weekday of every week, public holidays left out; without `until` only the first day."""
    if until is None:
        return [first]
    weeks = (until - first).days // 7 + 1
    return [day for week in range(weeks) if not holiday_name(day := first + timedelta(weeks=week))]


def plan_presences(
    *,
    programme: Programme,
    network: Network,
    mediator: Mediator,
    place: str,
    day: date,
    starts_at: time,
    ends_at: time,
    by: Any,
    at: datetime,
    until: date | None = None,
    key: UUID | None = None,
) -> list[CommunityPresence]:
    """Plan a presence, or one every week until a day (public holidays left out), all or none; hours are reserved.

    Times are local to Italy, so a series keeps its hour across summer time. `key` is the submission key of the form:
    the second half of a double click gets the presences of the first. Raises `MediatorElsewhereError`,
    `NotEnoughHoursError`, `DomainError` at the field, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, _Place(programme.pk, network.pk))
    series = key or uuid4()
    days = _checked_days(programme, day, until, starts_at, ends_at, at)
    check_free_text({"place": place})
    with acting(by):
        kept = list(CommunityPresence.objects.filter(series=series).order_by("planned_from"))
        if kept:
            return kept
        settings_offered(programme.pk, KIND)
        if not carries(programme, network):
            raise DomainError(_("This network does not carry out actions of the programme."))
        if not Mediator.objects.serving(network.pk).filter(pk=mediator.pk).exists():
            raise DomainError(_("Choose a mediator of the network."), field="mediator")
        activity = activity_of(programme=programme, network=network, kind=KIND, last_day=days[-1])
        held = lock_mediator(mediator.pk)
        presences = []
        for each in days:
            begin, end = _moment(each, starts_at), _moment(each, ends_at)
            busy_from, busy_until = busy_range(mediator=held, mode=Mode.IN_PERSON, starts_at=begin, ends_at=end)
            presence = CommunityPresence(
                uuid=uuid5(series, each.isoformat()),
                programme=programme,
                network=network,
                activity=activity,
                account=_account(programme.pk, network.pk, each),
                mediator=held,
                series=series,
                place=" ".join(place.split()),
                planned_from=begin,
                planned_until=end,
                busy_from=busy_from,
                busy_until=busy_until,
                planned_by=by,
            )
            _write(presence)
            hours.reserve(
                account=presence.account,
                source_type=SOURCE,
                source_id=presence.pk,
                minutes=int((end - begin) / MINUTE),
                by=by,
                at=at,
            )
            presences.append(presence)
        record_event(by=by, verb="presences_planned", target=presences[0], data={"presences": len(presences)}, at=at)
        queue_messages(notifications.presence_planned(presences, at))
    return presences


def _checked_days(
    programme: Programme, day: date, until: date | None, starts_at: time, ends_at: time, at: datetime
) -> Sequence[date]:
    if ends_at <= starts_at:
        raise DomainError(_("The end comes before the start."), field="ends_at")
    if until is not None and until < day:
        raise DomainError(_("The last day comes before the first."), field="until")
    if day < timezone.localdate(at):
        raise DomainError(_("The day has passed: plan a presence before it is held."), field="day")
    for name, each in (("day", day), ("until", until or day)):
        if not programme.starts_on <= each <= programme.last_day:
            raise DomainError(_("The programme is not running on this day."), field=name)
    days = days_of(day, until)
    if not days:
        raise DomainError(_("No day is left: all of them are public holidays."), field="until")
    if len(days) > MOST:
        raise DomainError(
            _("At most %(number)s presences can be planned at once: choose a nearer last day.") % {"number": MOST},
            field="until",
        )
    return days


def _moment(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def _account(programme_id: int, network_id: int, day: date) -> Any:
    return account_of(
        programme_id=programme_id,
        network_id=network_id,
        organisation_id=None,
        kind=KIND,
        day=day,
        uses=(AccountUse.PLANNED, AccountUse.ON_CALL),
    )


def _write(presence: CommunityPresence) -> None:
    try:
        with transaction.atomic():
            presence.save(force_insert=True)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != ONE_PLACE:
            raise
        raise MediatorElsewhereError(presence.planned_from) from error


def _move(
    *, presence: CommunityPresence, transition: str, by: Any, at: datetime, comment: str = "", **fields: Any
) -> None:
    change_state(
        instance=presence,
        workflow=PRESENCE,
        transition=transition,
        by=by,
        at=at,
        comment=comment,
        version=F("version") + 1,
        **fields,
    )


def _lock(presence: CommunityPresence) -> CommunityPresence:
    return CommunityPresence.objects.select_for_update(of=("self",)).with_parts().get(pk=presence.pk)


def record_presence(
    *,
    presence: CommunityPresence,
    actual_from: datetime,
    actual_until: datetime,
    contacts: int,
    topics: str,
    by: Any,
    at: datetime,
) -> None:
    """Record a presence that was held: true times, people met as a head count, topics; or correct what was recorded,
    until it is validated.

    Raises `DomainError` for times to come, reversed or of another day, `TransitionNotAllowed`, `ClosedPeriodError`,
    `NotPermitted` for others than its mediator.
    """
    check_is_present(by, presence)
    check_free_text({"topics": topics})
    minutes = int((actual_until - actual_from) / MINUTE)
    if minutes <= 0:
        raise DomainError(_("The end comes before the start."), field="ends_at")
    if actual_until > at:
        raise DomainError(_("The end is still to come: record the presence when it is over."), field="ends_at")
    if abs(actual_from - presence.planned_from) > timedelta(hours=12):
        raise DomainError(
            _("These times are far from the planned ones: ask the coordinator to plan it anew."), field="starts_at"
        )
    if not 0 <= contacts <= 5000:
        raise DomainError(_("Write how many people you met, 0 if nobody."), field="contacts")
    with closed_period_refusals(), acting(by):
        _move(
            presence=presence,
            transition="correct" if _lock(presence).state == PresenceState.HELD else "hold",
            by=by,
            at=at,
            data={"minutes": minutes},
            actual_from=actual_from,
            actual_until=actual_until,
            minutes=minutes,
            contacts=contacts,
            topics=topics.strip(),
            recorded_at=at,
        )
        queue_messages(notifications.presence_recorded(presence, at))


def send_back(*, presence: CommunityPresence, reason: str, by: Any, at: datetime) -> None:
    """Send a recorded presence back to be corrected. Raises `TransitionNotAllowed`, also without reason,
    `ClosedPeriodError`, `NotPermitted` for others than the coordinators."""
    check_coordinates(by, presence)
    with closed_period_refusals(), acting(by):
        _move(
            presence=presence,
            transition="send_back",
            by=by,
            at=at,
            comment=reason,
            actual_from=None,
            actual_until=None,
            minutes=None,
            contacts=None,
            topics="",
            recorded_at=None,
        )
        queue_messages(notifications.presence_turned(presence, at))


def validate(*, presence: CommunityPresence, by: Any, at: datetime) -> None:
    """Validate a recorded presence: its minutes are consumed and become results.

    Raises `NotEnoughHoursError`, `TransitionNotAllowed`, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, presence)
    with closed_period_refusals(), acting(by):
        figures_changing.send(sender=CommunityPresence, programme_id=presence.programme_id)
        locked = _lock(presence)
        _move(
            presence=presence,
            transition="validate",
            by=by,
            at=at,
            data={"minutes": locked.minutes},
            validated_at=at,
            validated_by=by,
        )
        hours.consume(
            account=locked.account,
            source_type=SOURCE,
            source_id=locked.pk,
            minutes=locked.minutes or 0,
            by=by,
            at=at,
            attempt=attempt_of(SOURCE, locked.pk),
        )
        _tell_ledger(locked, by=by, at=at)


def _tell_ledger(presence: CommunityPresence, *, by: Any, at: datetime) -> None:
    figures_changed.send(
        sender=CommunityPresence,
        source_type=SOURCE,
        source_id=presence.pk,
        programme_id=presence.programme_id,
        by=by,
        at=at,
    )


def reopen(*, presence: CommunityPresence, reason: str, by: Any, at: datetime) -> None:
    """Open a validated presence again: its minutes go back into the reserve, its mediator may correct what was recorded.

    Its figures stand until it is validated anew, or cancelled. Raises `TransitionNotAllowed`, also without reason,
    `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, presence)
    check_free_text({"note": reason})
    with closed_period_refusals(), acting(by):
        figures_changing.send(sender=CommunityPresence, programme_id=presence.programme_id)
        locked = _lock(presence)
        _move(
            presence=presence,
            transition="reopen",
            by=by,
            at=at,
            comment=reason,
            validated_at=None,
            validated_by=None,
        )
        hours.restore(
            account=locked.account,
            source_type=SOURCE,
            source_id=locked.pk,
            by=by,
            at=at,
            attempt=attempt_of(SOURCE, locked.pk),
        )
        queue_messages(notifications.presence_reopened(presence, at))


def cancel(*, presence: CommunityPresence, reason: str, by: Any, at: datetime, whole_series: bool = False) -> int:
    """Cancel a planned presence, or also the later ones of its series; hours are released. Returns how many.

    One that was validated once and opened again leaves the figures. Raises `TransitionNotAllowed`, also without reason, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, presence)
    check_free_text({"note": reason})
    with acting(by):
        figures_changing.send(sender=CommunityPresence, programme_id=presence.programme_id)
        rows = [presence]
        if whole_series:
            rows += list(
                CommunityPresence.objects.filter(
                    series=presence.series, state=PresenceState.PLANNED, planned_from__gt=presence.planned_from
                )
                .with_parts()
                .order_by("planned_from")
            )
        for row in rows:
            _move(presence=row, transition="cancel", by=by, at=at, comment=reason)
            hours.release(account=row.account, source_type=SOURCE, source_id=row.pk, by=by, at=at)
        if attempt_of(SOURCE, presence.pk) > 1:
            _tell_ledger(presence, by=by, at=at)
        queue_messages(notifications.presence_turned(presence, at))
    return len(rows)
