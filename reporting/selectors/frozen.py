# SPDX-License-Identifier: EUPL-1.2
"""What an output report copies because it may change later: titles, targets, names, missing reports, contents."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from actions.enums import Measure
from actions.models import ActionNetwork, Campaign, Indicator, IndicatorTarget, Period, Programme
from partners.models import Network
from reporting.enums import FactKind, ScopeKind
from reporting.models import ActivityReport, CountingScope, DueExtension, OpenPairTotal, ValidatedFact
from reporting.selectors.as_of import AsOf


def freeze(programme: Programme, period: Period, at: AsOf) -> dict[str, Any]:
    """Return the frozen part of the report of a period: plain values, no object of the database."""
    return {
        "posting": at.number,
        "programme": _programme(programme),
        "period": _period(period) | {"due_on": period.due_on.isoformat()},
        "periods": [
            _period(row)
            for row in Period.objects.filter(programme=programme, starts_on__lte=period.starts_on).order_by("starts_on")
        ],
        "scopes": _scopes(programme),
        "indicators": _indicators(programme, period),
        "target_groups": list(programme.target_groups.order_by("position", "code").values("code", "title")),
        "gaps": gaps(programme, period),
        "undecided": undecided_pairs(programme),
        "campaigns": _campaigns(period, at),
    }


def _programme(programme: Programme) -> dict[str, Any]:
    return {
        "slug": programme.slug,
        "title": programme.title,
        "fund": programme.fund,
        "objective": programme.objective,
        "project_code": programme.project_code,
        "cup": programme.cup,
        "lead": programme.lead.name,
        "starts_on": programme.starts_on.isoformat(),
        "last_day": programme.last_day.isoformat(),
        "visibility_text": programme.visibility_text,
    }


def _period(period: Period) -> dict[str, Any]:
    return {"code": period.code, "starts_on": period.starts_on.isoformat(), "ends_on": period.ends_on.isoformat()}


def network_key(network: Network) -> str:
    """Return the key of a network inside a report."""
    return f"network/{network.code}"


def _scopes(programme: Programme) -> list[dict[str, Any]]:
    """The programme, its plans, actions and networks, each with the uuid of its counting scope if it has one."""
    uuids = {
        (scope.kind, scope.plan_id or scope.action_id or scope.network_id): str(scope.uuid)
        for scope in CountingScope.objects.filter(programme=programme).exclude(kind=ScopeKind.BODY).order_by("pk")
    }
    rows: list[dict[str, Any]] = [
        {
            "key": "programme",
            "kind": "programme",
            "code": "",
            "name": programme.title,
            "scope": uuids.get(("programme", None), ""),
        }
    ]
    rows += [
        {
            "key": f"plan/{plan.slug}",
            "kind": "plan",
            "code": plan.slug,
            "name": plan.title,
            "scope": uuids.get(("plan", plan.pk), ""),
        }
        for plan in programme.plans.order_by("slug")
    ]
    rows += [
        {
            "key": f"action/{action.code}",
            "kind": "action",
            "code": action.code,
            "name": action.title,
            "scope": uuids.get(("action", action.pk), ""),
        }
        for action in programme.actions.order_by("position", "code")
    ]
    actions: dict[int, list[str]] = {}
    for pair in (
        ActionNetwork.objects.filter(action__programme=programme)
        .order_by("action__position", "action__code", "pk")
        .values_list("network", "action__code")
    ):
        actions.setdefault(pair[0], []).append(pair[1])
    known = {key[1] for key in uuids if key[0] == ScopeKind.NETWORK} | actions.keys()
    rows += [
        {
            "key": network_key(network),
            "kind": "network",
            "code": network.code,
            "name": network.name,
            "actions": actions.get(network.pk, []),
            "scope": uuids.get(("network", network.pk), ""),
        }
        for network in Network.objects.filter(pk__in=known).order_by("code")
    ]
    return rows


def _indicators(programme: Programme, period: Period) -> list[dict[str, Any]]:
    targets = targets_on(programme, period.ends_on)
    return [
        {
            "code": row.code,
            "title": row.title,
            "kind": row.kind,
            "measure": row.measure,
            "unit": row.unit,
            "persons": row.measure == Measure.PERSONS,
            "action": row.action.code if row.action else "",
            "actions": actions_of(row),
            "rule": row.rule,
            "bounds": row.bounds,
            "targets": targets.get(row.pk, {}),
        }
        for row in programme.indicators.select_related("action").order_by("position", "code")
    ]


def actions_of(indicator: Indicator) -> list[str]:
    """Return the codes of the actions to which the indicator is limited; none means all of them."""
    if indicator.rule.get("actions"):
        return sorted(indicator.rule["actions"])
    return [indicator.action.code] if indicator.action else []


def targets_on(programme: Programme, day: Any) -> dict[int, dict[str, int]]:
    """Return the targets valid on a day, by indicator and key of scope."""
    found: dict[int, dict[str, int]] = {}
    rows = (
        IndicatorTarget.objects.filter(indicator__programme=programme, valid_from__lte=day)
        .select_related("plan", "network")
        .order_by("valid_from", "number", "pk")
    )
    for row in rows:  # the latest comes last and stays
        key = f"plan/{row.plan.slug}" if row.plan else network_key(row.network) if row.network else "programme"
        found.setdefault(row.indicator_id, {})[key] = row.value
    return found


def undecided_pairs(programme: Programme) -> dict[str, int]:
    """Return how many undecided pairs of records the figures of the whole programme hold, by code of the indicator."""
    rows = OpenPairTotal.objects.filter(scope__programme=programme, scope__kind=ScopeKind.PROGRAMME, quantity__gt=0)
    return dict(rows.order_by("indicator__code").values_list("indicator__code", "quantity"))


def gaps(programme: Programme, period: Period) -> list[dict[str, str]]:
    """Return the activity reports of the period, and of the ones before it, that are not validated."""
    rows = (
        ActivityReport.objects.filter(Q(period=period) | Q(period__ends_on__lt=period.starts_on), programme=programme)
        .without_figures()
        .order_by("period__starts_on", "network__code", "organisation__name", "pk")
        .values_list("period__code", "network__code", "network__name", "organisation__name", "state", "due_on")
        .annotate(granted=Exists(DueExtension.objects.filter(report=OuterRef("pk"))))
    )
    return [
        {"period": code, "network": f"network/{network}", "network_name": name, "body": body, "state": state}
        # A body that was given more days is named with them.
        | ({"granted_until": due_on.isoformat()} if granted else {})
        for code, network, name, body, state, due_on, granted in rows
    ]


def _campaigns(period: Period, at: AsOf) -> list[dict[str, Any]]:
    """The contents published in the period, from the facts of the reports validated up to the posting."""
    proved = (
        ValidatedFact.objects.filter(
            programme=at.programme_id,
            kind=FactKind.CAMPAIGN,
            posted_in__lte=at.id,
            first_on__range=(period.starts_on, period.ends_on),
        )
        .filter(Q(superseded_in=None) | Q(superseded_in__gt=at.id))
        .values("unit_id")
    )
    return [
        {
            "published_on": row.published_on.isoformat(),
            "title": row.title,
            "channel": row.channel.title,
            "audience": row.audience,
            "body": row.activity.organisation.name,
        }
        for row in Campaign.objects.filter(pk__in=proved)
        .select_related("channel", "activity__organisation")
        .order_by("published_on", "title", "pk")
    ]
