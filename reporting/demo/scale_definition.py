# SPDX-License-Identifier: EUPL-1.2
"""The invented programme on which the ledger is measured, whatever its size."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from actions.enums import (
    ActivityKind,
    IndicatorKind,
    Measure,
    PeriodCalendar,
    ReachMetric,
    ReachMode,
    TargetGroupKind,
    Unit,
)
from actions.models import (
    Action,
    ActivityType,
    Indicator,
    IndicatorTarget,
    Period,
    Programme,
    ReachChannel,
    TargetGroup,
)
from partners.enums import InformalReason, Nature, OrganisationKind
from partners.models import Country, Organisation


@dataclass(frozen=True)
class ScaleDefinition:
    """What the rows of a load hang from."""

    programme: Programme
    types: list[ActivityType]
    country: Country
    groups: list[TargetGroup]
    periods: list[Period]


def define(slug: str, people: int) -> ScaleDefinition:
    """Write the programme that a load measures, with its actions, rules, targets (of so many people) and quarters."""
    lead = Organisation.objects.create(
        name=f"Regione di prova ({slug})",
        kind=OrganisationKind.REGION,
        nature=Nature.PUBLIC,
        informal_reason=InformalReason.NOT_COLLECTED,
    )
    programme = Programme.objects.create(
        slug=slug,
        title=f"Programma di misura ({slug})",
        fund="Misure di velocità",
        lead=lead,
        starts_on=date(2019, 1, 1),
        ends_on=date(2021, 12, 31),
        calendar=PeriodCalendar.SOLAR_QUARTERS,
        visibility_text="Dati inventati per misurare il portale.",
    )
    actions = [
        Action.objects.create(programme=programme, code=f"0{n}", title=f"Azione 0{n}", position=n) for n in (1, 2, 3, 4)
    ]
    types = [
        ActivityType.objects.create(
            programme=programme,
            action=actions[n % 2],
            code=f"lab-{n}",
            title=f"Laboratorio {n}",
            position=n,
            kind=ActivityKind.LAB,
        )
        for n in range(6)
    ]
    country = Country.objects.filter(is_third_country=True).order_by("pk").first() or Country.objects.create(
        code="MA", name="Marocco", official_label="Marocco", is_third_country=True
    )
    groups = [
        TargetGroup.objects.create(programme=programme, code=code, title=title, kind=TargetGroupKind.PERSONS)
        for code, title in (("pupils", "Alunni"), ("adults", "Adulti"))
    ]
    ReachChannel.objects.create(
        programme=programme, code="newsletter", title="Newsletter", metric=ReachMetric.SUBSCRIBERS, mode=ReachMode.STOCK
    )
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        (group.code, Measure.PERSONS, Unit.PERSONS, {"target_groups": [group.code]}) for group in groups
    ]
    rows += [
        (f"{measure}-{row.code}", measure, unit, {"activity_types": [row.code]})
        for measure, unit in ((Measure.ACTIVITIES, Unit.ACTIVITIES), (Measure.NETWORKS, Unit.NETWORKS))
        for row in types
    ]
    rows += [
        (f"{measure}-{action.code}", measure, unit, {"actions": [action.code]})
        for measure, unit in (
            (Measure.ORGANISATIONS, Unit.ORGANISATIONS),
            (Measure.DELIVERABLES, Unit.PRODUCTS),
            (Measure.CAMPAIGNS, Unit.CONTENTS),
            (Measure.REACH, Unit.CONTACTS),
        )
        for action in actions
    ]
    for position, (code, measure, unit, rule) in enumerate(rows):
        indicator = Indicator.objects.create(
            programme=programme,
            code=code,
            title=f"Misura {code}",
            kind=IndicatorKind.OUTPUT,
            measure=measure,
            unit=unit,
            rule=rule,
            position=position,
        )
        IndicatorTarget.objects.create(indicator=indicator, value=people, valid_from=date(2019, 1, 1))
    periods = [
        Period.objects.create(
            programme=programme,
            code=f"{year}-Q{quarter}",
            starts_on=date(year, quarter * 3 - 2, 1),
            ends_on=(date(year, quarter * 3, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1),
            due_on=(date(year, quarter * 3, 28) + timedelta(days=30)),
        )
        for year in (2019, 2020, 2021)
        for quarter in (1, 2, 3, 4)
    ]
    return ScaleDefinition(programme, types, country, groups, periods)
