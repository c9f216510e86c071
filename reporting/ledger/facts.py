# SPDX-License-Identifier: EUPL-1.2
"""Facts: what the live registers of a report prove, and the frozen copies of it.

One SELECT reads the registers; drafts, frozen facts and the fingerprint of the registers all come from it, so they
cannot disagree.
"""

from collections.abc import Sequence

from django.db import connection

from actions.enums import ActivityKind, BodyAttendance, Citizenship, MeetingState, ProductKind, ServiceChangeKind
from beneficiaries.enums import COUNTING_ELIGIBILITY, AgeBand, AttendanceState
from reporting.enums import ActivityReportState, FactKind, ReopenScope, UnitKind
from reporting.ledger.outcomes import OUTCOMES
from reporting.ledger.roles import in_role
from reporting.ledger.supports import SERVED, SUPPORTS, WORKED
from reporting.models import Posting

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

_KEY = ["kind", "source_id", "activity_id", "unit_id", "month"]


def _columns_of(relation: str) -> str:
    return ", ".join(f"{relation}.{name.strip()}" for name in COLUMNS.split(","))


# The same fact, column by column: a new validation leaves alone what it confirms.
_SAME = (
    " AND ".join(f"fresh.{name} = frozen.{name}" for name in _KEY)
    + f" AND ({_columns_of('fresh')}) IS NOT DISTINCT FROM ({_columns_of('frozen')})"
)

_FREEZE = f"""
WITH RECURSIVE {{source}}, again AS MATERIALIZED (
    SELECT * FROM fresh
), frozen AS MATERIALIZED (
    SELECT id, {COLUMNS} FROM reporting_validatedfact WHERE report_id = ANY(%(reports)s) AND superseded_in_id IS NULL
), superseded AS (
    UPDATE reporting_validatedfact SET superseded_in_id = %(posting)s
     WHERE id IN (SELECT id FROM frozen WHERE NOT EXISTS (SELECT 1 FROM again AS fresh WHERE {_SAME}))
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {COLUMNS}, %(posting)s
  FROM again AS fresh
 WHERE NOT EXISTS (SELECT 1 FROM frozen WHERE {_SAME})
 ORDER BY kind, first_on, activity_id, unit_id
"""

_FREEZE_FIRST = f"""
WITH RECURSIVE {REGISTERS}
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {COLUMNS}, %(posting)s FROM fresh
"""


def freeze(report_ids: Sequence[int], posting: Posting, *, first: bool = False, submitted: bool = False) -> int:
    """Copy what the registers of the reports prove into facts; return how many are new.

    Earlier live facts of the reports that the registers no longer show are superseded in the same posting; those that
    they still show stay as they are. `first` says that the reports have no facts yet (bulk loads), `submitted` that
    the drafts are known to say what the registers say: they are copied then, which costs a tenth.
    """
    sql = _FREEZE_FIRST if first else _FREEZE.format(source=SUBMITTED if submitted else REGISTERS)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"reports": list(report_ids), "posting": posting.pk})
        return cursor.rowcount


_DRAFT = f"""
WITH RECURSIVE {REGISTERS}
INSERT INTO reporting_draftfact ({COLUMNS})
SELECT {COLUMNS} FROM fresh ORDER BY kind, first_on, activity_id, unit_id
"""


def draft(report_id: int) -> int:
    """Copy what the registers of a submitted report show into draft facts; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAFT, {"reports": [report_id]})
        return cursor.rowcount


def drop_drafts(report_id: int) -> None:
    """Take the draft facts of a report away."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reporting_draftfact WHERE report_id = %s", [report_id])


# What the registers proved when the report was submitted, in the place of `REGISTERS`.
SUBMITTED = f"fresh AS (SELECT {COLUMNS} FROM reporting_draftfact WHERE report_id = ANY(%(reports)s))"

# What stands validated of the reports, in the place of `REGISTERS`.
VALIDATED = (
    f"fresh AS (SELECT {COLUMNS} FROM reporting_validatedfact "
    "WHERE report_id = ANY(%(reports)s) AND superseded_in_id IS NULL)"
)

_FINGERPRINT = """
WITH RECURSIVE {source}
SELECT encode(sha256(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '')::bytea), 'hex')
  FROM (SELECT fresh::text AS line FROM fresh) AS lines
"""


def fingerprint(report_id: int, *, submitted: bool = False) -> str:
    """Return the sha256 of everything that the registers of a report prove now: it changes when any fact does.

    With `submitted`, of its drafts: the same, when they have just been written, without reading the registers again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT.format(source=SUBMITTED if submitted else REGISTERS), {"reports": [report_id]})
        return cursor.fetchone()[0]


_MOVE = f"""
WITH RECURSIVE merged AS (
    SELECT merged.id, merged.merged_into_id AS person_id FROM beneficiaries_beneficiary AS merged
     WHERE merged.programme_id = %(programme)s AND merged.merged_into_id IS NOT NULL
     UNION
    SELECT merged.id, next_one.merged_into_id
      FROM merged JOIN beneficiaries_beneficiary AS next_one ON next_one.id = merged.person_id
     WHERE next_one.merged_into_id IS NOT NULL
), moved AS (
    UPDATE reporting_validatedfact AS fact SET superseded_in_id = %(posting)s
      FROM merged JOIN beneficiaries_beneficiary AS survivor ON survivor.id = merged.person_id
     WHERE fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = merged.id AND fact.superseded_in_id IS NULL
       AND survivor.merged_into_id IS NULL
    RETURNING {_columns_of("fact")}, coalesce(survivor.counted_as_id, survivor.id) AS person_id,
              survivor.sex AS person_sex
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {
    ", ".join({"unit_id": "person_id", "sex": "person_sex"}.get(n.strip(), n.strip()) for n in COLUMNS.split(","))
}, %(posting)s FROM moved
"""


def move_to_survivors(posting: Posting) -> int:
    """Give the live facts of merged records to the record that remains; return how many moved.

    A fact never changes: it is superseded and copied. The copy keeps what was true when it was validated, except the
    sex, which the remaining record corrects.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"programme": posting.programme_id, "posting": posting.pk})
        return cursor.rowcount


def merges_to_post(programme_id: int) -> bool:
    """Return whether live facts name records that have been merged into others."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (
                SELECT 1 FROM beneficiaries_beneficiary AS merged
                  JOIN reporting_validatedfact AS fact
                    ON fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = merged.id
                   AND fact.superseded_in_id IS NULL
                 WHERE merged.programme_id = %s AND merged.merged_into_id IS NOT NULL)
            """,
            [programme_id],
        )
        return bool(cursor.fetchone()[0])


_PARTED = f"""
SELECT DISTINCT fact.report_id, fact.activity_id
  FROM reporting_validatedfact AS fact
  JOIN reporting_activityreport AS report
    ON report.id = fact.report_id
   -- Of a report whose words alone are corrected no new validation will read the registers.
   AND (report.state = '{ActivityReportState.VALIDATED}' OR report.reopened_for = '{ReopenScope.TEXT}')
 WHERE fact.superseded_in_id IS NULL AND fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = ANY(%(parted)s)
   AND EXISTS (
       WITH RECURSIVE own AS (
           SELECT (%(parted)s)[1]::bigint AS id
            UNION
           SELECT merged.id FROM own JOIN beneficiaries_beneficiary AS merged ON merged.merged_into_id = own.id
       )
       SELECT 1 FROM beneficiaries_enrolment AS enrolment JOIN own ON own.id = enrolment.beneficiary_id
        WHERE enrolment.activity_id = fact.activity_id)
"""


def parted_to_post(parted: Sequence[int]) -> bool:
    """Return whether live facts were of the two records together, and may be of each of them now."""
    return bool(parted) and bool(_parted(parted))


def _parted(parted: Sequence[int]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_PARTED, {"parted": list(parted)})
        return cursor.fetchall()


_PART = f"""
WITH RECURSIVE {REGISTERS}, again AS MATERIALIZED (
    SELECT * FROM fresh
     WHERE unit_kind = '{UnitKind.PERSON}' AND unit_id = ANY(%(parted)s) AND activity_id = ANY(%(activities)s)
), frozen AS MATERIALIZED (
    SELECT id, {COLUMNS} FROM reporting_validatedfact
     WHERE report_id = ANY(%(reports)s) AND superseded_in_id IS NULL
       AND unit_kind = '{UnitKind.PERSON}' AND unit_id = ANY(%(parted)s) AND activity_id = ANY(%(activities)s)
), superseded AS (
    UPDATE reporting_validatedfact SET superseded_in_id = %(posting)s
     WHERE id IN (SELECT id FROM frozen WHERE NOT EXISTS (SELECT 1 FROM again AS fresh WHERE {_SAME}))
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {COLUMNS}, %(posting)s
  FROM again AS fresh
 WHERE NOT EXISTS (SELECT 1 FROM frozen WHERE {_SAME})
 ORDER BY kind, first_on, activity_id, unit_id
"""


def part(posting: Posting, parted: Sequence[int]) -> int:
    """Give each record of an undone merge its own facts, from the registers that validated them; return how many.

    The first of `parted` is the record that was taken out. Only the activities in which it was enrolled are read anew,
    as the persons are today. Reports that are being corrected keep their facts until their new validation.
    """
    found = _parted(parted) if parted else []
    if not found:
        return 0
    reports, activities = ({row[place] for row in found} for place in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            _PART,
            {
                "reports": sorted(reports),
                "activities": sorted(activities),
                "parted": list(parted),
                "posting": posting.pk,
            },
        )
        return cursor.rowcount


def drafts_with_merged(programme_id: int, parted: Sequence[int] = ()) -> list[int]:
    """Return the submitted reports whose drafts name records that were merged into others, or parted from others."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT fact.report_id FROM reporting_draftfact AS fact
              JOIN beneficiaries_beneficiary AS merged
                ON merged.id = fact.unit_id AND (merged.merged_into_id IS NOT NULL OR merged.id = ANY(%s::bigint[]))
             WHERE fact.programme_id = %s AND fact.unit_kind = '{UnitKind.PERSON}'
             ORDER BY 1
            """,
            [list(parted), programme_id],
        )
        return [row[0] for row in cursor.fetchall()]
