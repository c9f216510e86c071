# SPDX-License-Identifier: EUPL-1.2
"""Writes on what a mediator knows and where the mediator works: languages, territories, qualifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, destroy_document, store_document
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from mediation.models import Mediator, MediatorLanguage, MediatorQualification, MediatorTerritory
from mediation.permissions import check_can_manage_mediator
from mediation.selectors.mediators import QUALIFICATION_DOCUMENT
from mediation.services.mediators import changed, lock
from partners.models import Language, Municipality

_QUALIFICATION = UUID("3a5f8a0c-52b4-4a0b-8f63-4b0a5f0e7d21")


@dataclass(frozen=True)
class Spoken:
    """A language that the mediator speaks, with its variety and level."""

    language: Language
    level: str
    variety: str = ""


def set_languages(
    *, mediator: Mediator, languages: Sequence[Spoken], by: Any, at: datetime, version: int | None = None
) -> None:
    """Write the languages of a mediator, in place of those of before.

    Raises `StaleError`, `NotPermitted`, `DomainError` for the same language and variety twice.
    """
    wanted: dict[tuple[int, str], Spoken] = {}
    for spoken in languages:
        variety = " ".join(spoken.variety.split())
        key = (spoken.language.pk, variety.lower())
        if key in wanted:
            raise DomainError(
                _("%(language)s is there twice: leave it once, or write the variety.") % {"language": spoken.language}
            )
        wanted[key] = Spoken(spoken.language, spoken.level, variety)
    with acting(by):
        locked = lock(mediator, version)
        if by is not None:
            check_can_manage_mediator(by, locked)
        present = {(row.language_id, row.variety.lower()): row for row in locked.languages.order_by("pk")}
        for key, row in present.items():
            if key not in wanted:
                row.delete()
        for key, spoken in wanted.items():
            kept = present.get(key) or MediatorLanguage(mediator=locked, language=spoken.language)
            if kept.pk is None or (kept.level, kept.variety) != (spoken.level, spoken.variety):
                kept.level, kept.variety = spoken.level, spoken.variety
                kept.save()
        changed(locked)
        record_event(by=by, verb="mediator_languages_set", target=locked, at=at)
    mediator.refresh_from_db()


def set_territories(
    *,
    mediator: Mediator,
    provinces: Sequence[str],
    municipalities: Sequence[Municipality],
    by: Any,
    at: datetime,
    version: int | None = None,
) -> None:
    """Write where a mediator works, in place of what was there: whole provinces, and single municipalities.

    A municipality of a province that is there whole is left out. Raises `StaleError`, `NotPermitted`.
    """
    whole = set(provinces)
    wanted: dict[tuple[str, int | None], Municipality | None] = {(province, None): None for province in sorted(whole)}
    for place in municipalities:
        if place.province not in whole:
            wanted[place.province, place.pk] = place
    with acting(by):
        locked = lock(mediator, version)
        if by is not None:
            check_can_manage_mediator(by, locked)
        present = {(row.province, row.municipality_id): row for row in locked.territories.order_by("pk")}
        for key, row in present.items():
            if key not in wanted:
                row.delete()
        for (province, _pk), municipality in wanted.items():
            if (province, _pk) not in present:
                MediatorTerritory.objects.create(mediator=locked, province=province, municipality=municipality)
        changed(locked)
        record_event(by=by, verb="mediator_territories_set", target=locked, at=at)
    mediator.refresh_from_db()


def add_qualification(
    *,
    mediator: Mediator,
    kind: str,
    title: str,
    by: Any,
    at: datetime,
    issued_by: str = "",
    hours: int | None = None,
    issued_on: date | None = None,
    expires_on: date | None = None,
    document: CheckedFile | None = None,
    key: UUID | None = None,
) -> MediatorQualification:
    """Add a qualification or a check, with its document; `hours` are those of the course.

    `key` is the submission key: the second half of a double click gets the qualification of the first. Raises
    `NotPermitted`, `DomainError` at the field, `DocumentRefused`.
    """
    row = MediatorQualification(
        uuid=uuid5(_QUALIFICATION, str(key)) if key else uuid4(),
        mediator=mediator,
        kind=kind,
        title=" ".join(title.split()),
        issued_by=" ".join(issued_by.split()),
        hours=hours,
        issued_on=issued_on,
        expires_on=expires_on,
    )
    if issued_on and expires_on and expires_on < issued_on:
        raise DomainError(_("The day of expiry comes before the day of issue."), field="expires_on")
    try:
        row.clean_fields(exclude=["document"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise DomainError(problems[0], field=field) from None
    with acting(by):
        locked = lock(mediator)
        if by is not None:
            check_can_manage_mediator(by, locked)
        kept = MediatorQualification.objects.filter(uuid=row.uuid).first()
        if kept is not None:
            return kept
        if document is not None:
            row.document = store_document(
                kind=QUALIFICATION_DOCUMENT, name=document.name, content=document, by=by, subject_id=locked.pk
            )
        row.save(force_insert=True)
        record_event(by=by, verb="mediator_qualification_added", target=locked, data={"qualification": row.pk}, at=at)
    return row


def remove_qualification(*, qualification: MediatorQualification, by: Any, at: datetime) -> None:
    """Take a qualification away; does nothing when it is gone. Its document is destroyed.

    Raises `NotPermitted`.
    """
    with acting(by):
        locked = lock(qualification.mediator)
        if by is not None:
            check_can_manage_mediator(by, locked)
        kept = MediatorQualification.objects.select_related("document").filter(pk=qualification.pk).first()
        removed, _by_model = MediatorQualification.objects.filter(pk=qualification.pk).delete()
        if removed:
            record_event(
                by=by,
                verb="mediator_qualification_removed",
                target=locked,
                data={"qualification": qualification.pk, "kind": qualification.kind},
                at=at,
            )
            if kept is not None and kept.document is not None:
                destroy_document(document=kept.document, by=by, at=at, reason="qualification removed")
