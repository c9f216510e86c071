# SPDX-License-Identifier: EUPL-1.2
"""Bodies, many at a time. An empty cell leaves what is there; a body is found by its code, an informal one by name."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, sound
from fami_portal.core.services import acting, gathering_events, record_events
from partners.enums import PUBLIC_KINDS, InformalReason, Nature
from partners.models import Organisation
from partners.permissions import managed_organisations

FACTS = (
    "name",
    "kind",
    "nature",
    "fiscal_code",
    "vat_number",
    "school_code",
    "ipa_code",
    "runts_number",
    "informal_reason",
    "municipality",
    "address",
    "pec",
    "email",
)
BATCH = 500


def plan_organisations(*, lines: Sequence[Line], by: Any) -> None:
    """Say of each row what it does. `values` are those of `partners.resources.OrganisationResource`. Four queries."""
    for line in lines:
        line.kept = _wanted(line)
        if not line.read():
            check_cells(line)
    plan_bodies(lines=[line for line in lines if line.read()], find=_known, by=by, facts=FACTS)


def _wanted(line: Line) -> Organisation:
    values = {name: line.values.get(name) for name in FACTS}
    body = Organisation(
        **{name: value or None if name == "municipality" else value or "" for name, value in values.items()}
    )
    body.normalise()
    return body


def _known(wanted: Sequence[Organisation]) -> Callable[[Organisation], Organisation | None]:
    """Return how a wanted body is found among those of the portal. Three queries."""
    schools = [one.school_code for one in wanted if one.school_code]
    codes = [one.fiscal_code for one in wanted if one.fiscal_code and not one.school_code]
    names = [one.name.lower() for one in wanted if not one.fiscal_code and not one.school_code]
    rows = Organisation.objects.select_related("municipality").order_by("pk")
    by_school = {one.school_code: one for one in (rows.filter(school_code__in=schools) if schools else ())}
    by_code = {one.fiscal_code: one for one in (rows.filter(fiscal_code__in=codes, school_code="") if codes else ())}
    named = rows.annotate(lower=Lower("name")).filter(lower__in=names, school_code="") if names else ()
    by_name = {(one.name.lower(), one.kind): one for one in named}

    def find(body: Organisation) -> Organisation | None:
        if body.school_code:
            return by_school.get(body.school_code)
        return by_code.get(body.fiscal_code) if body.fiscal_code else by_name.get((body.name.lower(), body.kind))

    return find


def plan_bodies(
    *,
    lines: Sequence[Line],
    find: Callable[[Sequence[Organisation]], Callable[[Organisation], Organisation | None]],
    by: Any,
    facts: Sequence[str],
) -> None:
    """Compare rows, whose `kept` are the wanted bodies, with those of the portal; `kept` becomes what is to be written."""
    known = find([line.kept for line in lines])
    found = {line.number: known(line.kept) for line in lines}
    ids = [one.pk for one in found.values() if one is not None]
    managed = set(
        managed_organisations(by, Permission.MANAGE_ORGANISATIONS).filter(pk__in=ids).values_list("pk", flat=True)
        if by is not None and ids
        else ids
    )
    for line in lines:
        kept, wanted = found[line.number], line.kept
        if kept is None:
            wanted.nature = wanted.nature or (
                Nature.PUBLIC if wanted.kind in PUBLIC_KINDS or wanted.school_code else Nature.PRIVATE
            )
            line.effect = RowEffect.NEW
            _check(line, wanted)
            continue
        before = {name: getattr(kept, name) for name in facts}
        for name in facts:
            if getattr(wanted, name):
                setattr(kept, name, getattr(wanted, name))
        if kept.fiscal_code and kept.informal_reason == InformalReason.NOT_COLLECTED:
            kept.informal_reason = ""
        line.kept = kept
        line.compare((name, before[name], getattr(kept, name)) for name in facts)
        if line.effect == RowEffect.CHANGED:
            if kept.pk not in managed:
                line.refuse(
                    "", _("This body takes part in programmes that you do not coordinate: ask the administrator.")
                )
            _check(line, kept)


def check_cells(line: Line) -> None:
    """Refuse a row, of which some cells were not read, for the problems of the others."""
    try:
        line.kept.clean_fields(
            exclude=[one.name for one in Organisation._meta.get_fields() if not line.values.get(one.name)]
        )
    except ValidationError as error:
        for name, told in error.message_dict.items():
            line.refuse(name, told[0])


def _check(line: Line, body: Organisation) -> None:
    """Refuse a row for every problem that the checks of a body find."""
    problems: dict[str, list[str]] = {}
    try:
        body.clean_fields(exclude=["municipality", "institute"])
    except ValidationError as error:
        problems |= error.message_dict
    try:
        body.clean()
    except ValidationError as error:
        problems |= {name: told for name, told in error.message_dict.items() if name not in problems}
    for name, told in problems.items():
        line.refuse(name if name in line.values else "", told[0])


def write_organisations(*, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows: one statement for the new bodies, one for each batch of changed ones.

    Inside the transaction of the import. A body that somebody registered meanwhile ends it: nothing is written.
    """
    with acting(by), gathering_events():
        new = [line.kept for line in sound(lines) if line.effect == RowEffect.NEW]
        changed = [line.kept for line in sound(lines) if line.effect == RowEffect.CHANGED]
        Organisation.objects.bulk_create(new, batch_size=BATCH)
        for body in changed:
            body.version += 1
        Organisation.objects.bulk_update(changed, [*FACTS, "version"], batch_size=BATCH)
        record_events(by=by, verb="organisation_registered", targets=new)
        record_events(by=by, verb="organisation_changed", targets=changed)
