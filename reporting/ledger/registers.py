# SPDX-License-Identifier: EUPL-1.2
"""What the live registers of a report prove, as one SELECT: the WITH items that end in `fresh`.

Drafts, frozen facts, figures and the fingerprint of the registers all come from it (`reporting.ledger.facts`), so they
cannot disagree.
"""

from collections.abc import Sequence

from actions.enums import ActivityKind, BodyAttendance, Citizenship, MeetingState, ProductKind, ServiceChangeKind
from beneficiaries.enums import COUNTING_ELIGIBILITY, AgeBand, AttendanceState
from reporting.enums import FactKind, UnitKind
from reporting.ledger.outcomes import OUTCOMES
from reporting.ledger.roles import in_role
from reporting.ledger.supports import SERVED, SUPPORTS, WORKED

# The kinds of activity whose recipients are enrolled one by one.
REGISTER_KINDS = (ActivityKind.LAB, ActivityKind.SUPPORT, ActivityKind.TRAINING)

COLUMNS = (
    "programme_id, report_id, kind, activity_id, action_id, activity_type_id, network_id, organisation_id, unit_kind, "
    "unit_id, month, first_on, last_on, meetings, minutes, quantity, sex, age_band, eligible, target_group_id, "
    "channel_id, audience, organisation_kind, source_type, source_id"
)

_PLACE = (
    "place.programme_id, place.report_id, '{kind}'::text AS kind, place.activity_id, place.action_id, "
    "place.activity_type_id, place.network_id, place.organisation_id, '{unit}'::text AS unit_kind"
)
_NOBODY = "''::text AS sex, ''::text AS age_band, true AS eligible, NULL::bigint AS target_group_id"
_NO_CHANNEL = "NULL::bigint AS channel_id, ''::text AS audience"


def _quoted(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _month(day: str) -> str:
    return f"date_trunc('month', {day})::date"


def _services(fact: FactKind, change: ServiceChangeKind) -> str:
    """Return the SELECT of the services that were opened, or strengthened: a service is one unit however often."""
    return f"""
    SELECT {_PLACE.format(kind=fact, unit=UnitKind.SERVICE)}, change.service_id, {_month("change.changed_on")},
           change.changed_on, change.changed_on, 0, 0, 1, {_NOBODY}, {_NO_CHANNEL}, '', 'servicechange', change.id
      FROM place
      JOIN actions_servicechange AS change
        ON change.activity_id = place.activity_id AND change.changed_on BETWEEN place.starts_on AND place.ends_on
       AND change.kind = '{change}'"""


# The age in whole years on the day on which the support starts (design 6).
_AGE = "extract(year FROM age(presence.started_on, person.birth_date))"

REGISTERS = f"""
twin AS (
    -- Where each merged record leads, however many merges it takes.
    SELECT merged.id, merged.merged_into_id AS person_id
      FROM beneficiaries_beneficiary AS merged
     WHERE merged.merged_into_id IS NOT NULL
       AND merged.programme_id IN (SELECT programme_id FROM reporting_activityreport WHERE id = ANY(%(reports)s))
     UNION
    SELECT twin.id, next_one.merged_into_id
      FROM twin JOIN beneficiaries_beneficiary AS next_one ON next_one.id = twin.person_id
     WHERE next_one.merged_into_id IS NOT NULL
), merged AS (
    SELECT twin.id, twin.person_id
      FROM twin JOIN beneficiaries_beneficiary AS survivor ON survivor.id = twin.person_id
     WHERE survivor.merged_into_id IS NULL
), place AS (
    SELECT report.id AS report_id, report.programme_id, period.starts_on, period.ends_on, activity.id AS activity_id,
           activity.action_id, activity.activity_type_id, activity_type.kind, activity.network_id,
           activity.organisation_id
      FROM reporting_activityreport AS report
      JOIN actions_period AS period ON period.id = report.period_id
      JOIN actions_activity AS activity
        ON activity.programme_id = report.programme_id AND activity.network_id = report.network_id
       AND activity.organisation_id = report.organisation_id
      JOIN actions_activitytype AS activity_type ON activity_type.id = activity.activity_type_id
     WHERE report.id = ANY(%(reports)s)
), held AS (
    SELECT place.report_id, place.activity_id, place.kind, meeting.id AS meeting_id, meeting.held_on, meeting.minutes
      FROM place
      JOIN actions_meeting AS meeting
        ON meeting.activity_id = place.activity_id AND meeting.state = '{MeetingState.HELD}'
       AND meeting.held_on BETWEEN place.starts_on AND place.ends_on
), {WORKED}, support AS (
    -- Each enrolment with the person it is about today and the day on which that person's support here began.
    SELECT enrolment.id, coalesce(merged.person_id, enrolment.beneficiary_id) AS person_id,
           min(enrolment.enrolled_on) OVER (
               PARTITION BY enrolment.activity_id, coalesce(merged.person_id, enrolment.beneficiary_id)) AS started_on
      FROM beneficiaries_enrolment AS enrolment
      LEFT JOIN merged ON merged.id = enrolment.beneficiary_id
     WHERE enrolment.activity_id IN (SELECT activity_id FROM place)
), attended AS (
    -- A person recorded twice at one meeting, by two records since merged, was there once.
    SELECT held.report_id, held.activity_id, support.person_id, held.meeting_id, held.held_on,
           max(attendance.minutes) AS minutes, min(support.started_on) AS started_on, min(support.id) AS enrolment_id
      FROM held
      JOIN beneficiaries_attendance AS attendance
        ON attendance.meeting_id = held.meeting_id AND attendance.state = '{AttendanceState.PRESENT}'
      JOIN support ON support.id = attendance.enrolment_id
     WHERE held.kind IN ({_quoted(REGISTER_KINDS)})
     GROUP BY 1, 2, 3, 4, 5
     UNION ALL
    {SERVED}
), presence AS (
    SELECT report_id, activity_id, person_id, {_month("held_on")} AS month, min(held_on) AS first_on,
           max(held_on) AS last_on, count(*) AS meetings, sum(minutes) AS minutes, min(started_on) AS started_on,
           min(enrolment_id) AS enrolment_id
      FROM attended
     GROUP BY 1, 2, 3, 4
), fresh AS (
    -- Whoever is in an undecided pair keeps facts of its own, which count as those of the other (ADR 21).
    SELECT {_PLACE.format(kind=FactKind.ATTENDANCE, unit=UnitKind.PERSON)},
           coalesce(person.counted_as_id, person.id) AS unit_id,
           presence.month, presence.first_on, presence.last_on, presence.meetings::int AS meetings,
           presence.minutes::int AS minutes, 1::bigint AS quantity, person.sex::text AS sex,
           CASE WHEN {_AGE} < 18 THEN '{AgeBand.UNDER_18}' WHEN {_AGE} <= 60 THEN '{AgeBand.FROM_18_TO_60}'
                ELSE '{AgeBand.OVER_60}' END AS age_band,
           person.eligibility IN ({_quoted(COUNTING_ELIGIBILITY)})
               AND {_AGE} >= coalesce(target_group.minimum_age, 0) AND {_AGE} <= coalesce(target_group.maximum_age, 999)
               AND (target_group.citizenship <> '{Citizenship.THIRD_COUNTRY}' OR country.is_third_country) AS eligible,
           target_group.id AS target_group_id, {_NO_CHANNEL}, ''::text AS organisation_kind, 'enrolment'::text AS source_type,
           presence.enrolment_id AS source_id
      FROM presence
      JOIN place ON place.report_id = presence.report_id AND place.activity_id = presence.activity_id
      JOIN beneficiaries_beneficiary AS person ON person.id = presence.person_id
      JOIN partners_country AS country ON country.id = person.citizenship_id
      {in_role("presence.enrolment_id")}
    UNION ALL
    {OUTCOMES}
    UNION ALL
    SELECT {_PLACE.format(kind=FactKind.MEETING, unit=UnitKind.MEETING)}, held.meeting_id, {_month("held.held_on")},
           held.held_on, held.held_on, 1, held.minutes, 1, {_NOBODY}, {_NO_CHANNEL}, '', 'meeting', held.meeting_id
      FROM held
      JOIN place ON place.report_id = held.report_id AND place.activity_id = held.activity_id
    UNION ALL
    {SUPPORTS}
    UNION ALL
    SELECT {_PLACE.format(kind=FactKind.BODY_PRESENCE, unit=UnitKind.ORGANISATION)}, organisation.id,
           {_month("held.held_on")}, held.held_on, held.held_on, 1, held.minutes, body.people, {_NOBODY}, {_NO_CHANNEL},
           organisation.kind, 'meetingbody', body.id
      FROM held
      JOIN place ON place.report_id = held.report_id AND place.activity_id = held.activity_id
      JOIN actions_meetingbody AS body
        ON body.meeting_id = held.meeting_id AND body.attendance = '{BodyAttendance.PRESENT}'
      JOIN partners_organisation AS organisation ON organisation.id = body.organisation_id
    UNION ALL
    -- A table over several networks is at work in each of them.
    SELECT {_PLACE.format(kind=FactKind.NETWORK, unit=UnitKind.NETWORK)}, other.network_id, {_month("held.held_on")},
           held.held_on, held.held_on, 1, held.minutes, 1, {_NOBODY}, {_NO_CHANNEL}, '', 'meeting', held.meeting_id
      FROM held
      JOIN place ON place.report_id = held.report_id AND place.activity_id = held.activity_id
      JOIN actions_activitynetwork AS other
        ON other.activity_id = held.activity_id AND other.since <= held.held_on
       AND other.network_id <> place.network_id
    UNION ALL
    SELECT {_PLACE.format(kind=FactKind.DELIVERABLE, unit=UnitKind.DELIVERABLE)}, product.id,
           {_month("product.delivered_on")}, product.delivered_on, product.delivered_on, 0, 0, product.quantity,
           {_NOBODY}, {_NO_CHANNEL}, '', 'deliverable', product.id
      FROM place
      JOIN actions_deliverable AS product
        ON product.activity_id = place.activity_id AND product.delivered_on BETWEEN place.starts_on AND place.ends_on
       AND product.kind <> '{ProductKind.PROTOCOL}'
    UNION ALL
    SELECT {_PLACE.format(kind=FactKind.PROTOCOL, unit=UnitKind.DELIVERABLE)}, product.id,
           {_month("product.delivered_on")}, product.delivered_on, product.delivered_on, 0, 0, 1,
           {_NOBODY}, {_NO_CHANNEL}, '', 'deliverable', product.id
      FROM place
      JOIN actions_deliverable AS product
        ON product.activity_id = place.activity_id AND product.delivered_on BETWEEN place.starts_on AND place.ends_on
       AND product.kind = '{ProductKind.PROTOCOL}'
    UNION ALL
    {_services(FactKind.NEW_SERVICE, ServiceChangeKind.NEW)}
    UNION ALL
    {_services(FactKind.SERVICE, ServiceChangeKind.STRENGTHENED)}
    UNION ALL
    SELECT {_PLACE.format(kind=FactKind.CAMPAIGN, unit=UnitKind.CAMPAIGN)}, campaign.id,
           {_month("campaign.published_on")}, campaign.published_on, campaign.published_on, 0, 0, 1, {_NOBODY},
           campaign.channel_id, campaign.audience, '', 'campaign', campaign.id
      FROM place
      JOIN actions_campaign AS campaign
        ON campaign.activity_id = place.activity_id AND campaign.published_on BETWEEN place.starts_on AND place.ends_on
    UNION ALL
    -- A measure belongs to the period in which it was read, whenever the content was published. Those of another metric
    -- than the channel's are only kept to be read.
    SELECT {_PLACE.format(kind=FactKind.REACH, unit=UnitKind.MEASURE)}, measure.id, {_month("measure.measured_on")},
           measure.measured_on, measure.measured_on, 0, 0, measure.value, {_NOBODY}, campaign.channel_id,
           campaign.audience, '', 'campaignmeasure', measure.id
      FROM place
      JOIN actions_campaign AS campaign ON campaign.activity_id = place.activity_id
      JOIN actions_campaignmeasure AS measure
        ON measure.campaign_id = campaign.id AND measure.measured_on BETWEEN place.starts_on AND place.ends_on
       AND measure.metric = ''
)"""

# What the registers proved when the report was submitted, in the place of `REGISTERS`.
SUBMITTED = f"fresh AS (SELECT {COLUMNS} FROM reporting_draftfact WHERE report_id = ANY(%(reports)s))"

# What stands validated of the reports, in the place of `REGISTERS`.
VALIDATED = (
    f"fresh AS (SELECT {COLUMNS} FROM reporting_validatedfact "
    "WHERE report_id = ANY(%(reports)s) AND superseded_in_id IS NULL)"
)
