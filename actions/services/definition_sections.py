# SPDX-License-Identifier: EUPL-1.2
"""The sections of a definition, each brought to what the file says. Called inside the transaction of a load."""

from typing import Any

from django.utils.translation import gettext as _

from actions.definition.loading import Definition, rule_of, targets_of
from actions.models import (
    Action,
    ActivityType,
    CadenceTarget,
    Indicator,
    IndicatorTarget,
    Plan,
    Product,
    Programme,
    ProgrammeBody,
    ReachChannel,
    RequestKind,
    TargetGroup,
    WorkPackage,
    WorkTask,
)
from actions.services.differences import Change, Differences, Wanted
from fami_portal.core.errors import DomainError
from partners.models import Organisation
from partners.services.organisations import register_organisation

# Fields that decide how the ledger counts; the others are words and targets.
COUNTING = {"kind", "measure", "rule", "action", "earned_by", "organisation_kinds", "mode"}


def registered_bodies(definition: Definition, differences: Differences, by: Any) -> dict[str, Organisation]:
    """Return the organisations of the file by the name that it gives them."""
    found: dict[str, Organisation] = {}
    for row in definition.rows("bodies"):
        code = row.get("fiscal_code", "")
        organisation = (
            Organisation.objects.filter(fiscal_code=code, school_code="").first() if code else None
        ) or Organisation.objects.filter(name__iexact=row["name"]).order_by("pk").first()
        if organisation is not None and code and organisation.fiscal_code not in ("", code):
            raise DomainError(
                _("bodies[%(name)s]: the portal knows this body with another tax code. Correct the file or the body.")
                % {"name": row["name"]}
            )
        if organisation is None:
            organisation = register_organisation(
                by=by,
                name=row["name"],
                kind=row["kind"],
                nature=row["nature"],
                fiscal_code=code,
                informal_reason=row.get("no_fiscal_code", ""),
            )
            differences.changes.append(Change("+", f"bodies[{row['name']}]"))
        found[row["name"]] = organisation
    return found


def sync_parts(
    definition: Definition, differences: Differences, programme: Programme, bodies: dict[str, Organisation]
) -> None:
    differences.rows(
        "bodies.roles",
        ProgrammeBody.objects.filter(programme=programme).select_related("organisation", "programme"),
        [
            Wanted(
                (bodies[row["name"]].pk, role),
                f"{row['name']}: {role}",
                {"programme": programme, "organisation": bodies[row["name"]], "role": role},
            )
            for row in definition.rows("bodies")
            for role in row.get("roles", [])
        ],
        key=lambda part: (part.organisation_id, part.role),
        new=ProgrammeBody,
    )


def sync_actions(definition: Definition, differences: Differences, programme: Programme) -> dict[str, Action]:
    kept, _touched = differences.rows(
        "actions",
        Action.objects.filter(programme=programme),
        [
            Wanted(
                row["code"],
                row["code"],
                {"programme": programme, "code": row["code"], "title": row["title"], "position": at},
            )
            for at, row in enumerate(definition.rows("actions"))
        ],
        key=lambda action: action.code,
        new=Action,
    )
    return kept


def sync_work_packages(
    definition: Definition, differences: Differences, programme: Programme, actions: dict[str, Action]
) -> dict[str, WorkPackage]:
    rows = definition.rows("work_packages")
    kept, _touched = differences.rows(
        "work_packages",
        WorkPackage.objects.filter(programme=programme).select_related("action"),
        [
            Wanted(
                row["code"],
                row["code"],
                {
                    "programme": programme,
                    "code": row["code"],
                    "title": row["title"],
                    "action": actions[row["action"]] if "action" in row else None,
                },
            )
            for row in rows
        ],
        key=lambda package: package.code,
        new=WorkPackage,
    )
    for section, model in (("tasks", WorkTask), ("products", Product)):
        differences.rows(
            f"work_packages.{section}",
            model.objects.filter(work_package__programme=programme).select_related("work_package"),
            [
                Wanted(
                    (row["code"], part["code"]),
                    f"{row['code']}/{part['code']}",
                    {
                        "work_package": kept[row["code"]],
                        "code": part["code"],
                        "title": part["title"],
                        **({"planned_month": part.get("planned_month")} if model is Product else {}),
                    },
                )
                for row in rows
                for part in row.get(section, [])
            ],
            key=lambda part: (part.work_package.code, part.code),
            new=model,
        )
    return kept


def sync_activity_types(
    definition: Definition,
    differences: Differences,
    programme: Programme,
    plan: Plan | None,
    actions: dict[str, Action],
) -> dict[str, ActivityType]:
    kept, _touched = differences.rows(
        "activity_types",
        ActivityType.objects.filter(programme=programme, plan=plan).select_related("action", "plan"),
        [
            Wanted(
                row["code"],
                row["code"],
                {
                    "programme": programme,
                    "plan": plan,
                    "action": actions[row["action"]],
                    "code": row["code"],
                    "title": row["title"],
                    "kind": row["kind"],
                    "is_language": row.get("language", False),
                    "supports": sorted(row.get("supports", [])),
                    "position": at,
                },
            )
            for at, row in enumerate(definition.rows("activity_types"))
        ],
        key=lambda kind: kind.code,
        new=ActivityType,
    )
    return kept


def sync_target_groups(
    definition: Definition, differences: Differences, programme: Programme, types: dict[str, ActivityType]
) -> list[str]:
    rows = definition.rows("target_groups")
    kept, touched = differences.rows(
        "target_groups",
        TargetGroup.objects.filter(programme=programme),
        [
            Wanted(
                row["code"],
                row["code"],
                {
                    "programme": programme,
                    "code": row["code"],
                    "title": row["title"],
                    "kind": row["kind"],
                    "minimum_age": row.get("minimum_age"),
                    "maximum_age": row.get("maximum_age"),
                    "citizenship": row.get("citizenship", "any"),
                    "organisation_kinds": sorted(row.get("organisation_kinds", [])),
                    "may_overlap": sorted(row.get("may_overlap", [])),
                    "outcomes": sorted(row.get("outcomes", [])),
                    "sheet": row.get("sheet", ""),
                    "position": at,
                },
            )
            for at, row in enumerate(rows)
        ],
        key=lambda group: group.code,
        new=TargetGroup,
    )
    for row in rows:
        new = "code" in touched[row["code"]]
        # What plans add to a group is theirs: only the types of the programme are compared.
        where = f"target_groups[{row['code']}].earned_by"
        wanted = [types[code] for code in row.get("earned_by", [])]
        if differences.many(where, kept[row["code"]].earned_by, wanted, within={"plan": None}, silent=new):
            touched[row["code"]].add("earned_by")
    return counting(touched)


def sync_channels(definition: Definition, differences: Differences, programme: Programme) -> list[str]:
    _kept, touched = differences.rows(
        "channels",
        ReachChannel.objects.filter(programme=programme),
        [Wanted(row["code"], row["code"], {"programme": programme, **row}) for row in definition.rows("channels")],
        key=lambda channel: channel.code,
        new=ReachChannel,
    )
    return counting(touched)


def counting(touched: dict[str, set[str]]) -> list[str]:
    """The codes of the rows whose change the ledger must follow."""
    return sorted(code for code, fields in touched.items() if fields & COUNTING)


def sync_indicators(
    definition: Definition,
    differences: Differences,
    programme: Programme,
    actions: dict[str, Action],
    packages: dict[str, WorkPackage],
) -> list[str]:
    rows = definition.rows("indicators")
    before = len(differences.removals)
    kept, touched = differences.rows(
        "indicators",
        Indicator.objects.filter(programme=programme).select_related("action", "work_package"),
        [
            Wanted(
                row["code"],
                row["code"],
                {
                    "programme": programme,
                    "code": row["code"],
                    "title": row["title"],
                    "kind": row["kind"],
                    "measure": row["measure"],
                    "unit": row["unit"],
                    "action": actions[row["action"]] if "action" in row else None,
                    "work_package": packages[row["work_package"]] if "work_package" in row else None,
                    "rule": rule_of(row),
                    "bounds": sorted(row.get("bounds", [])),
                    "position": at,
                },
            )
            for at, row in enumerate(rows)
        ],
        key=lambda indicator: indicator.code,
        new=Indicator,
    )
    gone = [row.code for _where, row in differences.removals[before:]]
    sync_targets(
        differences,
        IndicatorTarget.objects.filter(indicator__programme=programme, plan=None, network=None),
        [(kept[row["code"]], None, day, value) for row in rows for day, value in targets_of(row, programme.starts_on)],
    )
    return [*counting(touched), *gone]


def sync_targets(differences: Differences, current: Any, wanted: list[tuple[Indicator, Plan | None, Any, int]]) -> None:
    """Bring the targets of a file to what it says. Versions made in the portal stay: a file that contradicts one is refused."""
    rows = list(current.select_related("indicator").order_by("valid_from", "number"))
    file = {(row.indicator_id, row.valid_from): row.value for row in rows if row.in_file}
    portal = {(row.indicator_id, row.valid_from): row.value for row in rows if not row.in_file}
    merged = []
    for indicator, plan, day, value in wanted:
        decided = portal.get((indicator.pk, day))
        if decided is not None and decided != value and file.get((indicator.pk, day)) != value:
            raise DomainError(
                _(
                    "targets[%(code)s %(day)s]: a version made in the portal holds from this day with another value. "
                    "Write that value in the file, or give yours another day."
                )
                % {"code": indicator.code, "day": day.isoformat()}
            )
        if decided != value or (indicator.pk, day) in file:
            merged.append((indicator, plan, day, value))
    differences.rows(
        "targets",
        [row for row in rows if row.in_file],
        [
            Wanted(
                (indicator.pk, day),
                f"{indicator.code} {day.isoformat()}",
                {"indicator": indicator, "plan": plan, "valid_from": day, "value": value},
            )
            for indicator, plan, day, value in merged
        ],
        key=lambda target: (target.indicator_id, target.valid_from),
        new=IndicatorTarget,
    )


def sync_cadence_targets(
    definition: Definition,
    differences: Differences,
    programme: Programme,
    plan: Plan | None,
    types: dict[str, ActivityType],
) -> None:
    differences.rows(
        "cadence_targets",
        CadenceTarget.objects.filter(programme=programme, plan=plan).select_related("activity_type", "plan"),
        [
            Wanted(
                row["code"],
                row["code"],
                {
                    "programme": programme,
                    "plan": plan,
                    "activity_type": types[row["activity_type"]],
                    "code": row["code"],
                    "title": row["title"],
                    "cadence": row["cadence"],
                    "count": row.get("count", 1),
                },
            )
            for row in definition.rows("cadence_targets")
        ],
        key=lambda target: target.code,
        new=CadenceTarget,
    )


def sync_request_forms(definition: Definition, differences: Differences, programme: Programme) -> None:
    differences.rows(
        "request_forms",
        RequestKind.objects.filter(programme=programme).select_related("programme"),
        [
            Wanted(
                row["kind"],
                row["kind"],
                {"programme": programme, "kind": row["kind"], "settings": row.get("settings", {})},
            )
            for row in definition.rows("request_forms")
        ],
        key=lambda form: form.kind,
        new=RequestKind,
    )
