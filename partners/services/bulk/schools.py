# SPDX-License-Identifier: EUPL-1.2
"""The ministry's registry of schools: institutes and their sites (domain reference, section 12)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, plain, where_read
from partners.enums import InformalReason, Nature, OrganisationKind
from partners.models import Municipality, Organisation
from partners.services.bulk.organisations import plan_bodies, write_organisations

FACTS = ("name", "municipality", "address", "email", "pec")
NOT_THERE = frozenset({"non disponibile", "non disponibile.", "nd", "n.d.", "-"})


@dataclass
class Registry:
    """What is known of the whole file before its first row: which institute each school has; and the municipalities."""

    institutes: dict[str, str] = field(default_factory=dict)
    known: dict[str, str | None] = field(default_factory=dict)
    places: dict[tuple[str, str], Municipality] = field(default_factory=dict)
    # Sites and their institutes, to be joined when all schools are written.
    joins: list[tuple[str, str]] = field(default_factory=list)


def read_registry() -> Registry:
    """Return an empty registry with the municipalities by region and name. One query."""
    places: dict[tuple[str, str], Municipality] = {}
    for place in Municipality.objects.order_by("pk"):
        places[plain(place.region)[:8], plain(place.name)] = place
    return Registry(places=places)


def note_school(registry: Registry, line: Line) -> None:
    """Note which institute a row gives to its school, before any row is planned."""
    code, institute = line.values.get("school_code"), line.values.get("institute_code")
    if code:
        registry.institutes[code] = institute or code


def plan_schools(*, registry: Registry, lines: Sequence[Line], by: Any) -> None:
    """Say of each row what it does. `values` are those of `partners.resources.SchoolResource`. Three queries."""
    for line in lines:
        where_read(_check_institute, registry, line)
    names = ("school_code", "institute_code")
    codes = {line.values[name] for line in lines for name in names if line.values.get(name)}
    rows = Organisation.objects.filter(school_code__in=codes).select_related("institute", "municipality")
    found = {one.school_code: one for one in rows.order_by("pk")}
    kept_facts = {code: one.institute.school_code if one.institute else "" for code, one in found.items()}
    whole = [line for line in lines if line.read()]
    for line in whole:
        line.kept = _wanted(registry, line)
    plan_bodies(lines=whole, find=lambda wanted: lambda body: found.get(body.school_code), by=by, facts=FACTS)
    for line in lines:
        if not line.read("school_code", "institute_code"):
            continue
        code, institute = line.values["school_code"], line.values["institute_code"]
        wanted = "" if institute in ("", code) else institute
        if wanted and institute not in registry.institutes and institute not in found:
            line.refuse("institute_code", _("This institute is neither in the file nor in the portal."))
        above = found.get(institute)
        if wanted and institute not in registry.institutes and above is not None and above.institute is not None:
            _refuse_site(line, institute, above.institute.school_code)
        if not line.problems and institute and kept_facts.get(code, "") != wanted:
            line.changes["institute_code"] = (kept_facts.get(code, ""), wanted)
            line.effect = RowEffect.CHANGED if line.effect == RowEffect.SAME else line.effect


def _check_institute(registry: Registry, line: Line) -> None:
    institute = line.values["institute_code"]
    above = registry.institutes.get(institute, institute)
    if institute and above != institute:
        _refuse_site(line, institute, above)


def _refuse_site(line: Line, code: str, above: str) -> None:
    line.refuse(
        "institute_code",
        _("%(code)s is a site itself: write its institute, %(above)s.") % {"code": code, "above": above},
    )


def _wanted(registry: Registry, line: Line) -> Organisation:
    values = line.values
    adults = values["school_code"][2:4] in ("CT", "CP") or "adult" in plain(values["level"] or "")
    address = " ".join(part for part in (values["address"], values["postcode"]) if part)
    return Organisation(
        name=values["name"],
        kind=OrganisationKind.ADULT_EDUCATION_CENTRE if adults else OrganisationKind.SCHOOL,
        # The file of the state schools names their institutes; that of the recognised ones has no such column.
        nature=Nature.PUBLIC if adults or values["institute_code"] else Nature.PRIVATE,
        school_code=values["school_code"],
        informal_reason=InformalReason.NOT_COLLECTED,
        municipality=registry.places.get((plain(values["region"])[:8], plain(values["municipality"]))),
        address=_there(address),
        email=_there(values["email"]),
        pec=_there(values["pec"]),
    )


def _there(text: str | None) -> str:
    return "" if not text or plain(text) in NOT_THERE else text


def write_schools(*, registry: Registry, lines: Sequence[Line], by: Any) -> None:
    """Write planned schools; which institute they belong to is written by `join_sites` when all are there."""
    for line in lines:
        if "institute_code" in line.changes:
            registry.joins.append((line.values["school_code"], line.changes["institute_code"][1]))
    write_organisations(lines=lines, by=by)


def join_sites(*, registry: Registry) -> None:
    """Let each site belong to its institute, in one statement; inside the transaction of the import."""
    if registry.joins:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE partners_organisation AS site SET institute_id = institute.id"
                "  FROM unnest(%s::text[], %s::text[]) AS told (code, above)"
                "  LEFT JOIN partners_organisation AS institute ON institute.school_code = told.above AND told.above <> ''"
                " WHERE site.school_code = told.code",
                [[code for code, _above in registry.joins], [above for _code, above in registry.joins]],
            )
