# SPDX-License-Identifier: EUPL-1.2
"""What to say of a breach: who read whose data between two moments, with what role, and who may still (art. 33 GDPR)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from beneficiaries.enums import ReadKind
from beneficiaries.models import Beneficiary, ReadEntry
from beneficiaries.selectors.readings import recipients_with_readings
from beneficiaries.services.reading import verify_chains
from fami_portal.core.exports import CellType, Column
from fami_portal.core.models import AuditEvent
from partners.models import Membership, Organisation
from privacy.models import Incident

SIGNED_IN = "signed_in"
# Openings are what tells names: pages and files tell own codes and birth dates.
NAMES = (ReadKind.OPENING, ReadKind.DOCUMENT, ReadKind.SHARED, ReadKind.PRINT, ReadKind.BREAK_GLASS)


@dataclass
class Reader:
    """What one person did in the window."""

    user: Any
    kinds: dict[str, int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None
    persons: int = 0
    sign_ins: int = 0
    sessions: int = 0
    roles: list[str] = field(default_factory=list)

    @property
    def readings(self) -> int:
        return sum(self.kinds.values())

    @property
    def names(self) -> int:
        """How many times names were opened, printed or seen."""
        return sum(number for kind, number in self.kinds.items() if kind in NAMES)

    @property
    def exports(self) -> int:
        return self.kinds.get(ReadKind.EXPORT, 0)


@dataclass
class BodyRead:
    """How many recipients of one body were read, and whether the chain of its readings is whole."""

    organisation: Organisation
    persons: int
    readings: int
    # None: not verified here.
    broken: list[str] | None = None


@dataclass
class BreachReport:
    """All of it, for two moments."""

    since: datetime
    until: datetime
    readers: list[Reader]
    bodies: list[BodyRead]
    persons: int

    @property
    def readings(self) -> int:
        return sum(reader.readings for reader in self.readers)


def in_window(
    readings: QuerySet[ReadEntry],
    *,
    since: datetime,
    until: datetime,
    user: Any = None,
    organisation: Organisation | None = None,
) -> QuerySet[ReadEntry]:
    """Return the readings between two moments, of one reader or of one body if given."""
    found = readings.filter(at__gte=since, at__lt=until)
    if user is not None:
        found = found.filter(actor=user)
    if organisation is not None:
        found = found.filter(chain__organisation=organisation)
    return found


def breach_report(
    readings: QuerySet[ReadEntry],
    *,
    since: datetime,
    until: datetime,
    user: Any = None,
    organisation: Organisation | None = None,
    verify: bool = False,
    people: Mapping[int, Any] | None = None,
    organisations: Mapping[int, Organisation] | None = None,
) -> BreachReport:
    """Return what happened between two moments: eight queries at most, and two more with `verify`.

    Sign-ins and sessions are those of who read; with `user` also of a person who read nothing. `people` and
    `organisations` are all who may have read and whose recipients may have been read, where the caller has them.
    """
    found = in_window(readings, since=since, until=until, user=user, organisation=organisation)
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    readers = _readers(ids, user, people)
    persons, of_bodies, of_readers = _persons(ids)
    for pk, reader in readers.items():
        reader.persons = of_readers.get(pk, 0)
    _sign_ins(readers, since, until)
    _sessions(readers)
    _roles(readers, since, until)
    known = organisations or {}
    if of_bodies.keys() - known.keys():
        known = {body.pk: body for body in Organisation.objects.filter(pk__in=of_bodies).order_by("pk")}
    bodies = [BodyRead(known[pk], *of_bodies[pk]) for pk in sorted(of_bodies, key=lambda pk: (known[pk].name, pk))]
    if verify:
        broken = verify_chains(of_bodies)
        for body in bodies:
            body.broken = broken[body.organisation.pk]
    ordered = sorted(readers.values(), key=lambda reader: (-reader.persons, -reader.readings, reader.user.pk))
    return BreachReport(since, until, ordered, bodies, persons)


def _readers(ids: list[int], user: Any, known: Mapping[int, Any] | None) -> dict[int, Reader]:
    rows = (
        ReadEntry.objects.filter(pk__in=ids)
        .order_by("actor", "kind")
        .values_list("actor", "kind")
        .annotate(number=Count("pk"), first=Min("at"), last=Max("at"))
    )
    kept: dict[int, Reader] = {}
    ids_of = {row[0] for row in rows}
    if known is None or ids_of - known.keys():
        known = {one.pk: one for one in User.objects.filter(pk__in=ids_of).order_by("pk")}
    people = {pk: known[pk] for pk in sorted(ids_of)}
    if user is not None:
        people.setdefault(user.pk, user)
    for pk, one in people.items():
        kept[pk] = Reader(one)
    for pk, kind, number, first, last in rows:
        reader = kept[pk]
        reader.kinds[kind] = number
        reader.first = min(filter(None, (reader.first, first)))
        reader.last = max(filter(None, (reader.last, last)))
    return kept


def _persons(ids: list[int]) -> tuple[int, dict[int, tuple[int, int]], dict[int, int]]:
    """Return how many recipients were read: all, for each body (with its readings), for each reader. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT chain.organisation_id, entry.actor_id, count(DISTINCT read.subject), count(DISTINCT entry.id)
              FROM beneficiaries_readentry AS entry
              JOIN beneficiaries_readchain AS chain ON chain.id = entry.chain_id
              LEFT JOIN LATERAL unnest(entry.subjects) AS read (subject) ON true
             WHERE entry.id = ANY(%s)
             GROUP BY GROUPING SETS ((), (chain.organisation_id), (entry.actor_id))
            """,
            [ids],
        )
        total, bodies, readers = 0, {}, {}
        for body, reader, persons, readings in cursor.fetchall():
            if body is not None:
                bodies[body] = (persons, readings)
            elif reader is not None:
                readers[reader] = persons
            else:
                total = persons
    return total, bodies, readers


def _sign_ins(readers: dict[int, Reader], since: datetime, until: datetime) -> None:
    # Sign-ins are dated by the clock of the world.
    shift = settings.CLOCK_SHIFT
    rows = (
        AuditEvent.objects.filter(verb=SIGNED_IN, actor_id__in=readers, at__gte=since + shift, at__lt=until + shift)
        .order_by("actor_id")
        .values_list("actor_id")
        .annotate(number=Count("pk"))
    )
    for pk, number in rows:
        readers[pk].sign_ins = number


def _sessions(readers: dict[int, Reader]) -> None:
    """Count the sessions that are open now."""
    if not readers:
        return
    open_now = Session.objects.filter(expire_date__gt=timezone.now()).order_by("pk")
    for session in open_now.iterator(chunk_size=1000):
        pk = session.get_decoded().get("_auth_user_id")
        if pk is not None and int(pk) in readers:
            readers[int(pk)].sessions += 1


def _roles(readers: dict[int, Reader], since: datetime, until: datetime) -> None:
    first, last = timezone.localdate(since), timezone.localdate(until)
    rows = (
        Membership.objects.filter(user__in=readers, valid_from__lte=last)
        .exclude(valid_until__lt=first)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    for row in rows:
        readers[row.user_id].roles.append(f"{row.role_definition.name} – {row.organisation.name}")


def pseudonyms(readings: QuerySet[ReadEntry], user: Any) -> QuerySet[Beneficiary]:
    """Return the recipients who were read, as far as the person may see who read them, by body and pseudonym."""
    ids: set[int] = set()
    for subjects in readings.order_by("pk").values_list("subjects", flat=True).iterator(chunk_size=1000):
        ids |= set(subjects)
    return (
        recipients_with_readings(user)
        .filter(pk__in=ids)
        .select_related("registered_by", "programme")
        .order_by("registered_by__name", "pseudonym", "pk")
    )


def reader_columns() -> list[Column]:
    """Return the columns of the file of who read."""
    return [
        Column(_("Who"), lambda row: row.user.get_full_name() or str(_("closed account")), width=30),
        Column(_("Roles in that time"), lambda row: "; ".join(row.roles), width=60),
        Column(_("Readings"), "readings", CellType.INTEGER),
        Column(_("With names"), "names", CellType.INTEGER),
        Column(_("Files"), "exports", CellType.INTEGER),
        Column(_("Exceptional openings"), lambda row: row.kinds.get(ReadKind.BREAK_GLASS, 0), CellType.INTEGER),
        Column(_("Recipients"), "persons", CellType.INTEGER),
        Column(_("First"), "first", CellType.DATETIME),
        Column(_("Last"), "last", CellType.DATETIME),
        Column(_("Sign-ins"), "sign_ins", CellType.INTEGER),
        Column(_("Sessions open now"), "sessions", CellType.INTEGER),
    ]


def person_columns() -> list[Column]:
    """Return the columns of the list of recipients concerned: by pseudonym alone."""
    return [
        Column(_("Pseudonym"), "pseudonym", width=16),
        Column(_("Body"), "registered_by.name", width=40),
        Column(_("Programme"), "programme.title", width=40),
    ]


def incidents_for(user: Any) -> QuerySet[Incident]:
    """Return the incidents of the programmes that the person follows: those to be assessed first."""
    return Incident.objects.visible_to(user).select_related("programme", "created_by").order_by("-discovered_at", "-pk")
