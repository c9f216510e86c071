# SPDX-License-Identifier: EUPL-1.2
"""Loading a programme, or a plan under it, from its definition."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.definition.loading import Definition, cents, ledger_value
from actions.models import Action, ActivityType, Indicator, IndicatorTarget, Plan, Programme, TargetGroup
from actions.services.budgets import sync_definition_budget
from actions.services.definition_sections import (
    registered_bodies,
    sync_actions,
    sync_activity_types,
    sync_cadence_targets,
    sync_channels,
    sync_indicators,
    sync_parts,
    sync_request_forms,
    sync_target_groups,
    sync_targets,
    sync_work_packages,
)
from actions.services.differences import Change, Differences
from actions.services.periods import generate_periods, remove_periods_outside
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from partners.models import Network
from partners.permissions import check_holds


@dataclass
class Outcome:
    """What a load did, or would do. `rules` names what changes how the ledger counts."""

    owner: Programme | Plan
    changes: list[Change] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


class _NothingWrittenError(Exception):
    """Ends a dry run: the transaction is rolled back."""


def load_definition(*, definition: Definition, by: Any, dry_run: bool = False) -> Outcome:
    """Bring a programme (or a plan) to what its definition says, in one transaction.

    A second load of the same file writes nothing. A dry run does the same work and takes it back, so it refuses what
    the load would refuse. Bodies are found by tax code, then by name, and registered when missing; those that exist
    are never changed. Raises `NotPermitted`; `DomainError` for a removal of something in use or a period that has reports.
    """
    if by is not None:
        check_holds(by, Permission.MANAGE_PROGRAMME)
    try:
        with acting(by):
            with connection.cursor() as cursor:
                # Two loads at once would both see a programme that is not there yet.
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('programme definition'))")
            outcome = (_load_plan if definition.is_plan else _load_programme)(definition, by)
            if outcome.changes:
                record_event(
                    by=by,
                    verb="definition_loaded",
                    target=outcome.owner,
                    data={
                        "sha256": definition.sha256,
                        "added": sum(change.sign == "+" for change in outcome.changes),
                        "changed": sum(change.sign == "~" for change in outcome.changes),
                        "removed": sum(change.sign == "-" for change in outcome.changes),
                        "rules": outcome.rules,
                    },
                )
            if dry_run:
                raise _NothingWrittenError
    except _NothingWrittenError:
        pass
    return outcome


# The programme


def _load_programme(definition: Definition, by: Any) -> Outcome:
    head, reporting = definition.data["programme"], definition.data["reporting"]
    differences = Differences()
    bodies = registered_bodies(definition, differences, by)
    programme = Programme.objects.select_for_update().filter(slug=head["slug"]).first() or Programme(slug=head["slug"])
    is_new = programme._state.adding
    before = (programme.calendar, programme.starts_on)
    # What an act recorded in the portal extended no file makes shorter.
    extended = programme.extensions.aggregate(day=Max("extended_to"))["day"] if not is_new else None
    differences.one(
        "programme",
        programme,
        {
            "title": head["title"],
            "fund": head["fund"],
            "objective": head.get("objective", ""),
            "project_code": head.get("project_code", ""),
            "cup": head.get("cup", ""),
            "lead": bodies[head["lead"]],
            "starts_on": head["starts_on"],
            "ends_on": head["ends_on"],
            "extended_to": max(filter(None, (head.get("extended_to"), extended)), default=None),
            "budget_cents": cents(head.get("budget")),
            "calendar": reporting["calendar"],
            "report_due_days": reporting.get("due_days", 15),
            "visibility_text": definition.data["visibility"].strip(),
            "notice_required": definition.data.get("privacy", {}).get("notice_required", True),
            "permits": dict(sorted(definition.data.get("permits", {}).items())),
            "service_levels": {
                row["code"]: {"title": row["title"], "within": row["within"], "unit": row["unit"]}
                for row in definition.rows("service_levels")
            },
            "unmeasured_indicators": [
                {"code": row["code"], "title": row["title"], "reason": row["reason"]}
                for row in definition.rows("indicators_not_measured")
            ],
        },
    )
    sync_parts(definition, differences, programme, bodies)
    actions = sync_actions(definition, differences, programme)
    packages = sync_work_packages(definition, differences, programme, actions)
    types = sync_activity_types(definition, differences, programme, None, actions)
    rules = sync_target_groups(definition, differences, programme, types)
    rules += sync_channels(definition, differences, programme)
    rules += sync_indicators(definition, differences, programme, actions, packages)
    sync_cadence_targets(definition, differences, programme, None, types)
    sync_request_forms(definition, differences, programme)
    differences.finish()
    sync_definition_budget(programme=programme, at=timezone.now())
    _periods(differences, programme, by, restart=not is_new and before != (programme.calendar, programme.starts_on))
    return _outcome(differences, programme, definition, [] if is_new else rules)


def _outcome(differences: Differences, owner: Programme | Plan, definition: Definition, rules: list[str]) -> Outcome:
    """Keep the fingerprint of the file; it is shown as a difference only when nothing else is."""
    if owner.definition_sha256 != definition.sha256:
        old, owner.definition_sha256 = owner.definition_sha256, definition.sha256
        owner.save(update_fields=["definition_sha256"])
        if not differences.changes:
            differences.changes.append(
                Change("~", "file", _("version of the file"), old[:12] or _("(empty)"), definition.sha256[:12])
            )
    return Outcome(owner, differences.changes, sorted(set(rules)))


def _periods(differences: Differences, programme: Programme, by: Any, *, restart: bool) -> None:
    for period in remove_periods_outside(programme=programme, by=by, all_of_them=restart):
        differences.changes.append(Change("-", f"periods[{period}]"))
    for period in generate_periods(programme=programme, by=by):
        differences.changes.append(Change("+", f"periods[{period}]"))


# A plan under a programme


def _load_plan(definition: Definition, by: Any) -> Outcome:
    head = definition.data["plan"]
    differences = Differences()
    programme = Programme.objects.select_for_update().get(slug=head["under"])
    bodies = registered_bodies(definition, differences, by)
    plan = Plan.objects.filter(slug=head["slug"]).first() or Plan(slug=head["slug"])
    if not plan._state.adding and plan.programme_id != programme.pk:
        raise DomainError(_("plan.slug: another programme has a plan with this name."))
    is_new = plan._state.adding
    differences.one(
        "plan",
        plan,
        {
            "programme": programme,
            "title": head["title"],
            "organisation": bodies[head["carried_out_by"]],
            "network": Network.objects.get(code=head["network"]) if "network" in head else None,
            "starts_on": head["starts_on"],
            "ends_on": head["ends_on"],
            "budget_cents": cents(head.get("budget")),
        },
    )
    actions = {action.code: action for action in Action.objects.filter(programme=programme).order_by("code")}
    own = sync_activity_types(definition, differences, programme, plan, actions)
    rules = _earned(definition, differences, programme, own)
    above = ActivityType.objects.filter(programme=programme, plan=None).order_by("code")
    sync_cadence_targets(definition, differences, programme, plan, {**{row.code: row for row in above}, **own})
    indicators = {row.code: row for row in Indicator.objects.filter(programme=programme).order_by("code")}
    sync_targets(
        differences,
        IndicatorTarget.objects.filter(plan=plan, network=None),
        [
            (
                indicators[row["indicator"]],
                plan,
                row.get("valid_from", plan.starts_on),
                ledger_value(row["value"], indicators[row["indicator"]].measure),
            )
            for row in definition.rows("targets")
        ],
    )
    differences.finish()
    outcome = _outcome(differences, plan, definition, [] if is_new else rules)
    sync_definition_budget(programme=programme, at=timezone.now())
    return outcome


def _earned(
    definition: Definition, differences: Differences, programme: Programme, types: dict[str, ActivityType]
) -> list[str]:
    groups = {group.code: group for group in TargetGroup.objects.filter(programme=programme).order_by("code")}
    touched = []
    for row in definition.rows("activity_types"):
        where = f"activity_types[{row['code']}].earns"
        if differences.many(
            where, types[row["code"]].earns, [groups[code] for code in row.get("earns", [])], within={}
        ):
            touched.append(row["code"])
    return touched
