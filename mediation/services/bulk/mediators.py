# SPDX-License-Identifier: EUPL-1.2
"""Mediators of one body, many at a time: found again by e-mail, or by name. An empty cell leaves what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from beneficiaries.services.reading import record_file_opening
from fami_portal.core.bulk import insert_rows
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, plain, sound
from fami_portal.core.models import Document, ImportRun
from fami_portal.core.services import acting, gathering_events, record_events
from mediation.models import Mediator, MediatorLanguage
from mediation.services.mediators import check_provider
from partners.models import Language, Organisation

FACTS = ("given_name", "family_name", "email", "phone", "gender", "profile", "home", "confidentiality_signed_on")


@dataclass
class Register:
    """The entries of a body, by e-mail and by name, with the languages of each."""

    body: Organisation
    entries: dict[Any, list[Mediator]]
    languages: dict[int, dict[int, MediatorLanguage]]


def read_register(body: Organisation) -> Register:
    """Return the register of a body. Two queries."""
    entries: dict[Any, list[Mediator]] = {}
    rows = list(Mediator.objects.filter(organisation=body).select_related("home").order_by("pk"))
    for one in rows:
        for key in filter(None, (one.email.lower(), _name(one.given_name, one.family_name))):
            entries.setdefault(key, []).append(one)
    languages: dict[int, dict[int, MediatorLanguage]] = {one.pk: {} for one in rows}
    spoken = MediatorLanguage.objects.filter(mediator__in=rows, variety="").select_related("language")
    for row in spoken.order_by("pk"):
        languages[row.mediator_id][row.language_id] = row
    return Register(body, entries, languages)


def _name(given_name: str, family_name: str) -> tuple[str, str]:
    return plain(given_name), plain(family_name)


def plan_mediators(*, register: Register, lines: Sequence[Line]) -> None:
    """Say of each row what it does. `values` are those of `mediation.resources.MediatorResource`. No query."""
    for line in lines:
        if not line.read():
            _check(line, Mediator(**{name: line.values[name] for name in FACTS if line.values.get(name)}))
            continue
        values = line.values
        name = _name(values["given_name"], values["family_name"])
        found = register.entries.get(values["email"].lower()) if values["email"] else None
        found = found or [
            one
            for one in register.entries.get(name, [])
            if not (one.email and values["email"]) or one.email.lower() == values["email"].lower()
        ]
        if len(found) > 1:
            line.refuse("email", _("Several mediators have this name: write the e-mail that the register has."))
            continue
        known = found[0] if found else None
        entry = known or Mediator(organisation=register.body)
        before = {field: getattr(entry, field) for field in FACTS}
        for field in FACTS:
            if values[field] not in (None, ""):
                setattr(entry, field, values[field])
        _check(line, entry)
        spoken = _spoken(register.languages.get(entry.pk, {}).values())
        wanted = _spoken_words(
            {**_levels(register.languages.get(entry.pk, {}).values()), **(values["languages"] or {})}
        )
        if line.problems:
            continue
        line.kept = entry
        if known is None:
            line.effect = RowEffect.NEW
        else:
            line.compare(
                [*((field, before[field], getattr(entry, field)) for field in FACTS), ("languages", spoken, wanted)]
            )


def _levels(rows: Any) -> dict[Language, str]:
    return {row.language: row.level for row in rows}


def _spoken(rows: Any) -> str:
    return _spoken_words(_levels(rows))


def _spoken_words(levels: dict[Language, str]) -> str:
    return "; ".join(sorted(f"{language.name}: {level}" for language, level in levels.items()))


def _check(line: Line, entry: Mediator) -> None:
    try:
        unread = [name for name in line.cells if not line.read(name)]
        entry.clean_fields(exclude=["user", "calendar_token_sha256", "organisation", "modes", *unread])
    except ValidationError as error:
        for field, told in error.message_dict.items():
            line.refuse(field if field in line.cells else "", told[0])


def write_mediators(*, register: Register, lines: Sequence[Line], by: Any, at: datetime) -> None:
    """Write planned rows: entries in one statement each, then languages. Inside the transaction of the import."""
    check_provider(by, register.body)
    with acting(by), gathering_events():
        new = [line.kept for line in sound(lines) if line.effect == RowEffect.NEW]
        changed = [line.kept for line in sound(lines) if line.effect == RowEffect.CHANGED]
        insert_rows(new)
        for entry in changed:
            entry.version += 1
        Mediator.objects.bulk_update(changed, [*FACTS, "version"], batch_size=500)
        _write_languages(register, sound(lines))
        record_events(by=by, verb="mediator_registered", targets=new, at=at)
        record_events(by=by, verb="mediator_updated", targets=changed, at=at)


def _write_languages(register: Register, lines: Sequence[Line]) -> None:
    added, levelled = [], []
    for line in lines:
        known = register.languages.get(line.kept.pk, {})
        for language, level in (line.values["languages"] or {}).items():
            row = known.get(language.pk)
            if row is None:
                added.append(MediatorLanguage(mediator=line.kept, language=language, level=level))
            elif row.level != level:
                row.level = level
                levelled.append(row)
    insert_rows(added)
    MediatorLanguage.objects.bulk_update(levelled, ["level"], batch_size=500)


def record_import_opening(*, by: Any, document: Document, purpose: str, at: datetime) -> None:
    """Write that somebody opens the result of an import of mediators, and why, in the chain of their body."""
    run = ImportRun.objects.get(pk=document.subject_id)
    record_file_opening(by=by, document=document, organisation=int(run.place), programme=None, purpose=purpose, at=at)
