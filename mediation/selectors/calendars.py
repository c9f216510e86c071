# SPDX-License-Identifier: EUPL-1.2
"""What a calendar says of a session or of a presence: times, place, number and body; never a name, never the case."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Model, QuerySet
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from fami_portal.core.models import RowHistory
from mediation.enums import Intervention, Mode, PresenceState, SessionState
from mediation.models import CommunityPresence, MediationSession, Mediator
from mediation.selectors.my_work import address
from partners.permissions import holds

# What the feed reaches back and forward.
PAST = timedelta(days=60)
FUTURE = timedelta(days=365)


def token_sha256(token: str) -> str:
    """Return what the portal keeps of the secret of a feed."""
    return hashlib.sha256(token.encode()).hexdigest()


def mediator_by_token(token: str) -> Mediator | None:
    """Return whose feed a secret opens; nobody when it was replaced, or the person mediates no more (three queries)."""
    if not 20 <= len(token) <= 100:
        return None
    found = Mediator.objects.filter(calendar_token_sha256=token_sha256(token)).select_related("user").first()
    if found is None or found.user is None or not found.user.is_active or not holds(found.user, Permission.MEDIATE):
        return None
    return found


def sessions_of_feed(mediator: Mediator, *, at: datetime) -> QuerySet[MediationSession]:
    """Return the sessions of the mediator from 60 days ago to a year from now, in order; cancelled ones too."""
    return (
        MediationSession.objects.filter(mediator=mediator.pk, planned_from__gte=at - PAST, planned_from__lt=at + FUTURE)
        .select_related("request", "request__organisation", "request__municipality")
        .order_by("planned_from", "pk")
    )


@dataclass(frozen=True)
class CalendarEntry:
    """One session or presence as a calendar shows it."""

    uuid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    # When something of it last changed.
    revised_at: datetime
    summary: str
    place: str
    is_cancelled: bool
    url: str


def presences_of_feed(mediator: Mediator, *, at: datetime) -> QuerySet[CommunityPresence]:
    """Return the presences of community mediation of the same span, in order; cancelled ones too."""
    return (
        CommunityPresence.objects.filter(
            mediator=mediator.pk, planned_from__gte=at - PAST, planned_from__lt=at + FUTURE
        )
        .select_related("network")
        .order_by("planned_from", "pk")
    )


def _changes(model: type[Model], rows: Iterable[Model]) -> dict[str, datetime]:
    """Return the moment of the last change of each row, by its key as text (one query)."""
    found = RowHistory.objects.filter(table_name=model._meta.db_table, row_id__in=[str(row.pk) for row in rows])
    return dict(found.order_by("row_id").values_list("row_id").annotate(Max("at")))


def presence_entries(presences: Iterable[CommunityPresence]) -> list[CalendarEntry]:
    """Turn presences into entries of a calendar (one query more). Every act on a presence is one version of it."""
    rows = list(presences)
    changes = _changes(CommunityPresence, rows)
    return [
        CalendarEntry(
            uuid=str(presence.uuid),
            sequence=presence.version - 1,
            starts_at=presence.planned_from,
            ends_at=presence.planned_until,
            revised_at=changes.get(str(presence.pk)) or presence.planned_from,
            summary=_("Community mediation · %(network)s") % {"network": presence.network.name},
            place=presence.place,
            is_cancelled=presence.state == PresenceState.CANCELLED,
            url=presence.get_absolute_url(),
        )
        for presence in rows
    ]


def feed_of(mediator: Mediator, *, at: datetime) -> list[CalendarEntry]:
    """Return all that the feed of a mediator holds, in order (four queries)."""
    found = entries(sessions_of_feed(mediator, at=at)) + presence_entries(presences_of_feed(mediator, at=at))
    return sorted(found, key=lambda entry: (entry.starts_at, entry.uuid))


def entries(sessions: Iterable[MediationSession]) -> list[CalendarEntry]:
    """Turn sessions into entries of a calendar (one query more, for the moments of the last changes)."""
    rows = list(sessions)
    changes = _changes(MediationSession, rows)
    return [
        CalendarEntry(
            uuid=str(session.uuid),
            sequence=session.sequence,
            starts_at=session.planned_from,
            ends_at=session.planned_until,
            revised_at=changes.get(str(session.pk)) or session.planned_from,
            summary=_("Mediation %(number)s · %(body)s")
            % {"number": session.request.number, "body": session.request.organisation.name},
            place=_place(session),
            is_cancelled=session.state in (SessionState.CANCELLED, SessionState.NOT_HELD),
            url=address("session", session.uuid),
        )
        for session in rows
    ]


def _place(session: MediationSession) -> str:
    request = session.request
    if request.mode != Mode.IN_PERSON:
        return str(Mode(request.mode).label)
    town = str(request.municipality) if request.municipality else ""
    # The place of a home visit is where a family lives: it is read in the portal only.
    if Intervention.HOME_VISIT in request.interventions:
        return town
    return ", ".join(part for part in (request.place, town) if part)
