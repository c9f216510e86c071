# SPDX-License-Identifier: EUPL-1.2
"""Rows of the rounds of an activity report and of the reports of networks and region."""

from datetime import timedelta
from typing import Any

from accounts.permissions import Permission, Scope
from fami_portal.core.services import acting
from reporting.models import MergedVersion
from reporting.services import merged_reports
from tests.factories.reporting import MergedReportFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having, reaching
from tests.matrix.reporting import (
    COORDINATORS,
    FILERS,
    INDICATOR,
    JUDGES,
    OPEN,
    READERS,
    SUBMITTED,
    VALIDATED,
    _both,
    _places,
)
from tests.personas import World, a_user

# Who opens a figure of a report down to what it counts.
OPENERS = having(Permission.VIEW_BENEFICIARIES) | having(Permission.VIEW_EVIDENCE)
ACROSS = READERS & (reaching(Scope.PROGRAMME) | reaching(Scope.NETWORK))
LEADERS = JUDGES - COORDINATORS


def prepare(world: World) -> None:
    """Add the reports of the networks: one being written in each, one submitted, that of the region."""
    period = world.objects[f"report_coop_1_{OPEN}"].period
    earlier = world.objects[f"report_coop_1_{SUBMITTED}"].period
    for network in ("n1", "n2"):
        world.objects[f"merged_{network}"] = MergedReportFactory(period=period, network=world.networks[network])
    world.objects["merged_region"] = MergedReportFactory(period=period, network=None)
    world.objects["merged_n3"] = MergedReportFactory(
        period=world.objects["report_coop_3"].period, network=world.networks["n3"]
    )
    sent = MergedReportFactory(period=earlier, network=world.networks["n1"])
    merged_reports.submit(
        report=sent, by=_lead(world), at=world.objects[f"report_coop_1_{SUBMITTED}"].submitted_at, with_gaps=True
    )
    world.objects["merged_sent"] = sent
    at = sent.submitted_at
    with acting(None):
        MergedVersion.objects.create(
            report=world.objects["merged_n1"],
            number=1,
            submitted_at=at,
            submitted_by=sent.submitted_by,
            frozen="{}",
            frozen_sha256="0" * 64,
            frozen_at=at,
        )


def _lead(world: World) -> Any:
    from partners.services.memberships import grant_membership

    user = a_user("lead.merged")
    grant_membership(user=user, organisation=world.bodies["region_a"], role="regional_coordinator", by=None)
    return user


def _thing(name: str, **more: Any) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid, **more}


def _with(places: dict[str, On], **more: Any) -> dict[str, On]:
    """The same places with more parameters of the address."""

    def target(place: On) -> Any:
        return lambda world, role: {**place.target(world, role), **more}

    return {name: On(place.allowed, place.refused, target(place)) for name, place in places.items()}


def _merged(who: frozenset[str], name: str = "merged_n1") -> dict[str, On]:
    return {
        "own": On(ACROSS & who, ACROSS - who, target=_thing(name)),
        "foreign": On(NOBODY, target=_thing("merged_n3")),
    }


def _more_days(world: World, role: str) -> dict[str, Any]:
    due_on = world.objects[f"report_coop_1_{OPEN}"].period.due_on
    return {
        "due_on": f"{due_on + timedelta(days=30):%Y-%m-%d}",
        "reason": "Personale assente",
        "version": f"{due_on:%Y-%m-%d}",
    }


_PLACED = ACROSS - COORDINATORS
ROWS = [
    Row(
        "reporting:activity-report-draft",
        _places(FILERS, OPEN),
        method="post",
        data=lambda world, role: {"done": "Svolto", "version": "1"},
    ),
    Row("reporting:activity-report-extend", _places(JUDGES, OPEN)),
    Row("reporting:activity-report-extend", _places(JUDGES, OPEN), method="post", data=_more_days),
    Row("reporting:activity-report-comments", _places(READERS, SUBMITTED)),
    Row(
        "reporting:activity-report-comments",
        _places(JUDGES, SUBMITTED),
        method="post",
        data=lambda world, role: {"item": "report", "text": "Da precisare"},
    ),
    Row("reporting:activity-report-figure", _with(_places(OPENERS, SUBMITTED), code=INDICATOR)),
    Row("reporting:activity-report-versions", _places(READERS, SUBMITTED)),
    Row(
        "reporting:activity-report-copy",
        _with(_places(READERS, VALIDATED), number=1, fmt="json")
        | {
            "foreign": On(NOBODY, target=_thing("report_coop_3", number=1, fmt="json")),
        },
    ),
    Row("reporting:merged-report-list", {"": On(ACROSS, SIGNED_IN - ACROSS)}),
    Row(
        "reporting:merged-report-export",
        {"": On(ACROSS, SIGNED_IN - ACROSS, target=lambda world, role: {"fmt": "csv"})},
    ),
    Row(
        "reporting:merged-report",
        {
            **_merged(ACROSS),
            "sibling": On(_PLACED, target=_thing("merged_n2")),
            "region": On(_PLACED, target=_thing("merged_region")),
        },
    ),
    *_both("reporting:merged-report-write", _merged(JUDGES), done="Svolto", version="1"),
    Row(
        "reporting:merged-report-draft",
        _merged(JUDGES),
        method="post",
        data=lambda world, role: {"done": "Svolto", "version": "1"},
    ),
    Row("reporting:merged-report-versions", _merged(ACROSS)),
    Row(
        "reporting:merged-report-copy",
        _with(_merged(ACROSS), number=1, fmt="json"),
    ),
    Row("reporting:merged-report-compose", _merged(JUDGES), method="post"),
    *_both("reporting:merged-report-submit", _merged(JUDGES), with_gaps="on"),
    *_both("reporting:merged-report-decide", _merged(LEADERS, "merged_sent")),
    *_both("reporting:merged-report-return", _merged(LEADERS, "merged_sent"), comment="Da rivedere"),
]
