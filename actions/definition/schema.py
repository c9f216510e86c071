# SPDX-License-Identifier: EUPL-1.2
"""The shape of a definition file, as JSON schema (docs/programme-format.md says the same in words).

Beside the types of JSON there is "date": YAML reads 2018-07-01 as one.
"""

from typing import Any

from django.db.models import TextChoices

from actions.enums import (
    ActivityKind,
    Admission,
    BodyRole,
    Cadence,
    Citizenship,
    DeskCounter,
    IndicatorKind,
    Measure,
    MediationRequestKind,
    OutcomeKind,
    PeriodCalendar,
    ReachMetric,
    ReachMode,
    ServiceChangeKind,
    Sheet,
    Support,
    TargetGroupKind,
    Unit,
)
from partners.enums import InformalReason, Nature, OrganisationKind
from partners.services.official_lists import PERMIT_KINDS

Schema = dict[str, Any]

DATE: Schema = {"type": "date"}
COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": 30_000}
# A length that may be nothing: no notice, no charge.
LENGTH: Schema = {"type": "integer", "minimum": 0, "maximum": 30_000}
AGE: Schema = {"type": "integer", "minimum": 0, "maximum": 120}
MONEY: Schema = {"type": "number", "minimum": 0, "maximum": 10**12}


def text(length: int, *, empty: bool = False) -> Schema:
    return {"type": "string", "maxLength": length, **({} if empty else {"minLength": 1})}


def code(length: int) -> Schema:
    return {"type": "string", "maxLength": length, "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]*$"}


def slug() -> Schema:
    return {"type": "string", "maxLength": 60, "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$"}


def one_of(choices: type[TextChoices]) -> Schema:
    return {"enum": list(choices.values)}


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def codes(length: int = 40) -> Schema:
    return {"type": "array", "items": code(length), "uniqueItems": True}


def mapping(*required: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


BODY = mapping(
    "name",
    "kind",
    "nature",
    name=text(200),
    kind=one_of(OrganisationKind),
    nature=one_of(Nature),
    fiscal_code=text(16),
    no_fiscal_code=one_of(InformalReason),
    roles={"type": "array", "items": one_of(BodyRole), "uniqueItems": True},
)
TARGET = mapping("value", value={"type": "number", "exclusiveMinimum": 0}, valid_from=DATE)
CADENCE_TARGET = mapping(
    "code",
    "title",
    "activity_type",
    "cadence",
    code=code(40),
    title=text(300),
    activity_type=code(40),
    cadence=one_of(Cadence),
    count=COUNT,
)
ACTIVITY_TYPE = mapping(
    "code",
    "action",
    "title",
    "kind",
    code=code(40),
    action=code(10),
    title=text(300),
    kind=one_of(ActivityKind),
    language={"type": "boolean"},
    supports={"type": "array", "items": one_of(Support), "uniqueItems": True},
)
TASK = mapping("code", "title", code=code(20), title=text(300))
PRODUCT = mapping("code", "title", code=code(20), title=text(300), planned_month=COUNT)
INDICATOR = mapping(
    "code",
    "title",
    "kind",
    "measure",
    "unit",
    code=code(30),
    title=text(300),
    kind=one_of(IndicatorKind),
    measure=one_of(Measure),
    unit=one_of(Unit),
    action=code(10),
    work_package=code(20),
    rule=mapping(
        actions=codes(10),
        activity_types=codes(),
        target_groups=codes(),
        channels=codes(),
        metrics={"type": "array", "items": one_of(ReachMetric), "uniqueItems": True},
        service=one_of(ServiceChangeKind),
        counter=one_of(DeskCounter),
        minimum_minutes=COUNT,
        minimum_meetings=COUNT,
        outcome=one_of(OutcomeKind),
    ),
    bounds=codes(30),
    target=TARGET["properties"]["value"],
    targets=listed(TARGET),
)
# Minutes for what is measured in minutes, hours for notice; an absent setting has the portal's default
# (mediation.selectors.settings).
REQUEST_SETTINGS = mapping(
    minimum_notice_hours=LENGTH,
    urgent_notice_hours=LENGTH,
    session_minutes=mapping("minimum", "maximum", minimum=COUNT, maximum=COUNT, step=COUNT),
    hour_allowances=listed(
        mapping(
            "hours",
            "per",
            hours=COUNT,
            per={"enum": ["school_year", "calendar_year", "programme"]},
            body_kinds={"type": "array", "items": one_of(OrganisationKind), "uniqueItems": True},
        )
    ),
    cancellation=mapping(free_until_hours=LENGTH, late_charge_minutes=LENGTH, absence_charge_minutes=LENGTH),
    maximum_request_minutes=COUNT,
    needs_authorisation={"type": "boolean"},
    answer_within_hours=COUNT,
    activation_hours=COUNT,
    urgent_activation_hours=COUNT,
    warning_percent={"type": "integer", "minimum": 1, "maximum": 100},
    new_arrival_months=COUNT,
    needs=listed(mapping("code", "title", code=code(40), title=text(150))),
    head_by_link={"type": "boolean"},
    head_by_delegation={"type": "boolean"},
    delegation_maximum_minutes=COUNT,
    activity_type=code(40),
    minimum_assessments=COUNT,
    minutes_per_page=COUNT,
)

PROGRAMME = mapping(
    "programme",
    "reporting",
    "visibility",
    "bodies",
    "actions",
    "activity_types",
    programme=mapping(
        "slug",
        "title",
        "fund",
        "lead",
        "starts_on",
        "ends_on",
        slug=slug(),
        title=text(200),
        fund=text(100),
        objective=text(4000, empty=True),
        project_code=text(20, empty=True),
        cup=text(15, empty=True),
        lead=text(200),
        starts_on=DATE,
        ends_on=DATE,
        extended_to=DATE,
        budget=MONEY,
    ),
    reporting=mapping(
        "calendar",
        calendar=one_of(PeriodCalendar),
        due_days={"type": "integer", "minimum": 0, "maximum": 365},
    ),
    visibility=text(2000),
    privacy=mapping(notice_required={"type": "boolean"}),
    bodies=listed(BODY),
    actions=listed(mapping("code", "title", code=code(10), title=text(300))),
    work_packages=listed(
        mapping(
            "code",
            "title",
            code=code(20),
            title=text(300),
            action=code(10),
            tasks=listed(TASK),
            products=listed(PRODUCT),
        )
    ),
    activity_types=listed(ACTIVITY_TYPE),
    target_groups=listed(
        mapping(
            "code",
            "title",
            "kind",
            code=code(40),
            title=text(300),
            kind=one_of(TargetGroupKind),
            minimum_age=AGE,
            maximum_age=AGE,
            citizenship=one_of(Citizenship),
            organisation_kinds={"type": "array", "items": one_of(OrganisationKind), "uniqueItems": True},
            earned_by=codes(),
            may_overlap=codes(),
            outcomes={"type": "array", "items": one_of(OutcomeKind), "uniqueItems": True},
            sheet=one_of(Sheet),
        )
    ),
    permits=mapping(**{kind: one_of(Admission) for kind in PERMIT_KINDS}),
    channels=listed(
        mapping(
            "code",
            "title",
            "metric",
            "mode",
            code=code(40),
            title=text(200),
            metric=one_of(ReachMetric),
            mode=one_of(ReachMode),
        )
    ),
    indicators=listed(INDICATOR),
    indicators_not_measured=listed(
        mapping("code", "title", "reason", code=code(30), title=text(300), reason=text(300))
    ),
    cadence_targets=listed(CADENCE_TARGET),
    request_forms=listed(mapping("kind", kind=one_of(MediationRequestKind), settings=REQUEST_SETTINGS)),
    service_levels=listed(
        mapping(
            "code",
            "title",
            "within",
            "unit",
            code=code(40),
            title=text(300),
            within=COUNT,
            unit={"enum": ["hours", "days", "working_days"]},
        )
    ),
)

PLAN = mapping(
    "plan",
    "bodies",
    plan=mapping(
        "slug",
        "under",
        "title",
        "carried_out_by",
        "starts_on",
        "ends_on",
        slug=slug(),
        under=slug(),
        title=text(200),
        carried_out_by=text(200),
        network=code(30),
        starts_on=DATE,
        ends_on=DATE,
        budget=MONEY,
    ),
    bodies=listed(BODY),
    activity_types=listed(
        {**ACTIVITY_TYPE, "properties": {**ACTIVITY_TYPE["properties"], "earns": codes()}},
    ),
    targets=listed(mapping("indicator", "value", indicator=code(30), **TARGET["properties"])),
    cadence_targets=listed(CADENCE_TARGET),
)
