# SPDX-License-Identifier: EUPL-1.2
"""Facts of supports and of desks, beside the others of `reporting.ledger.registers`.

A person for whom an intervention was is present at it, as at a meeting: the attendance of a month adds up the meetings
of the activity and its interventions. The intervention itself, and each contact of a desk, is a fact of nobody.
"""

from reporting.enums import FactKind, UnitKind

# WITH items after `place`.
WORKED = """worked AS (
    SELECT place.report_id, place.activity_id, intervention.id AS intervention_id, intervention.held_on,
           intervention.minutes
      FROM place
      JOIN beneficiaries_support AS followed ON followed.activity_id = place.activity_id
      JOIN beneficiaries_intervention AS intervention
        ON intervention.support_id = followed.id AND intervention.held_on BETWEEN place.starts_on AND place.ends_on
), contact AS (
    SELECT place.report_id, place.activity_id, desk.id, desk.held_on, desk.minutes, desk.first_access,
           jsonb_array_length(desk.topics) AS services
      FROM place
      JOIN beneficiaries_deskcontact AS desk
        ON desk.activity_id = place.activity_id AND desk.held_on BETWEEN place.starts_on AND place.ends_on
)"""

# Who was there, in the columns of `attended`. Interventions are numbered below the meetings, which begin at one; a
# person recorded twice, by two records since merged, was there once.
SERVED = """SELECT worked.report_id, worked.activity_id, support.person_id, -worked.intervention_id, worked.held_on,
           min(worked.minutes), min(support.started_on), min(support.id)
      FROM worked
      JOIN beneficiaries_interventionperson AS served ON served.intervention_id = worked.intervention_id
      JOIN support ON support.id = served.enrolment_id
     GROUP BY 1, 2, 3, 4, 5"""


def _facts(kind: FactKind, unit: UnitKind, row: str, *, source: str, meetings: int, quantity: str) -> str:
    return f"""SELECT place.programme_id, place.report_id, '{kind}'::text, place.activity_id, place.action_id,
           place.activity_type_id, place.network_id, place.organisation_id, '{unit}'::text, {row},
           date_trunc('month', happened.held_on)::date, happened.held_on, happened.held_on, {meetings},
           happened.minutes, {quantity}::bigint, ''::text, ''::text, true, NULL::bigint, NULL::bigint, ''::text, '',
           '{source}', {row}"""


_AT = "JOIN place ON place.report_id = happened.report_id AND place.activity_id = happened.activity_id"
# Of a contact the quantity is the services given in it; first accesses have facts of their own.
SUPPORTS = f"""{
    _facts(
        FactKind.INTERVENTION,
        UnitKind.INTERVENTION,
        "happened.intervention_id",
        source="intervention",
        meetings=1,
        quantity="1",
    )
}
      FROM worked AS happened
      {_AT}
    UNION ALL
    {
    _facts(
        FactKind.DESK_CONTACT,
        UnitKind.CONTACT,
        "happened.id",
        source="deskcontact",
        meetings=0,
        quantity="happened.services",
    )
}
      FROM contact AS happened
      {_AT}
    UNION ALL
    {_facts(FactKind.FIRST_CONTACT, UnitKind.CONTACT, "happened.id", source="deskcontact", meetings=0, quantity="1")}
      FROM contact AS happened
      {_AT}
     WHERE happened.first_access"""
