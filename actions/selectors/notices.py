# SPDX-License-Identifier: EUPL-1.2
"""Reads over the privacy notices and the parts in the processing: what holds when, and for whom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet

from actions.enums import DataRole
from actions.models import Activity, Notice, NoticeText, ProcessingRole, Programme
from actions.selectors.programmes import usage_of
from partners.models import Language, NetworkMember, Organisation


def with_texts(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Read the languages of the notices with them, and who published."""
    texts = NoticeText.objects.select_related("language").order_by("language__name", "pk")
    return notices.select_related("organisation", "programme", "published_by").prefetch_related(
        Prefetch("texts", queryset=texts)
    )


def notices_of(programme: Programme) -> QuerySet[Notice]:
    """Return the versions of a programme, those of the whole programme first, the latest of each body first."""
    return with_texts(programme.notices.all()).order_by("organisation__name", "organisation", "-valid_from", "pk")


@dataclass(frozen=True)
class Version:
    """One version of a notice, with the last day on which it holds (None: until another one is published)."""

    notice: Notice
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.notice.valid_from <= day and (self.until is None or day <= self.until)


def versions(notices: Iterable[Notice]) -> list[Version]:
    """Return each notice with the day before the next one of the same programme and body."""
    own: dict[tuple[int, int | None], list[Notice]] = defaultdict(list)
    for notice in notices:
        own[notice.programme_id, notice.organisation_id].append(notice)
    found = []
    for rows in own.values():
        rows.sort(key=lambda notice: notice.valid_from)
        for notice, after in zip(rows, [*rows[1:], None], strict=True):
            found.append(Version(notice, after.valid_from - timedelta(days=1) if after else None))
    return found


def versions_for(activity: Activity, *, texts: bool = False) -> list[Version]:
    """Return the versions that families of an activity may have received, whenever; with their languages if asked.

    Those of the body that carries it out or of the one that hosts it, and those of the programme. One query, or two.
    """
    bodies = {activity.organisation_id, activity.venue_id, None}
    found = Notice.objects.filter(programme=activity.programme_id).order_by("pk")
    notices = with_texts(found) if texts else found
    return versions([notice for notice in notices if notice.organisation_id in bodies])


def in_force(found: Sequence[Version], day: date) -> list[Notice]:
    """Return the versions of which one is to be given on a day: the bodies' own where they have one."""
    holding = [version.notice for version in found if version.holds_on(day)]
    return [notice for notice in holding if notice.organisation_id is not None] or holding


def is_used(notice: Notice) -> bool:
    """Whether somebody was enrolled with a version: from then on it does not change."""
    return bool(usage_of(notice).keys() - {str(NoticeText._meta.verbose_name_plural)})


def all_languages() -> QuerySet[Language]:
    """Return the languages in which a notice can be written."""
    return Language.objects.order_by("name", "pk")


def missing_languages(notice: Notice) -> QuerySet[Language]:
    """Return the languages in which a version has no text yet."""
    return Language.objects.exclude(pk__in=notice.texts.values("language")).order_by("name", "pk")


def roles_in(programme: Programme) -> QuerySet[ProcessingRole]:
    """Return the parts in the processing of a programme: controllers first, then by body."""
    return programme.processing_roles.select_related("organisation").order_by("role", "organisation__name", "pk")


def roles_shown(programme_id: int, bodies: Iterable[int | None]) -> list[ProcessingRole]:
    """Return the parts that a family reads: the controllers of the programme, and those of the bodies it meets."""
    wanted = {body for body in bodies if body}
    rows = ProcessingRole.objects.filter(programme=programme_id).select_related("organisation")
    return [
        role
        for role in rows.order_by("role", "organisation__name", "pk")
        if role.organisation_id in wanted or role.role != DataRole.PROCESSOR
    ]


def bodies_of(programme: Programme) -> QuerySet[Organisation]:
    """Return the bodies that have a part in a programme, by name."""
    stays = NetworkMember.objects.filter(network__action_networks__action__programme=programme)
    return Organisation.objects.filter(
        Q(pk__in=programme.bodies.values("organisation")) | Q(pk__in=stays.values("organisation"))
    ).order_by("name", "pk")
