# SPDX-License-Identifier: EUPL-1.2
"""As what somebody takes part: one person has one record in the end, and may have several roles over time."""


def in_role(enrolment: str) -> str:
    """Return the joins that give `target_group`, the one in which the enrolment with this id takes part.

    For a query that has `person`, the record that remains. Its own group, unless the enrolment (or the record that was
    enrolled, when it became part of another) is of a group in which the definition lets the person be too: records of
    groups that exclude one another count once, in that of the record that remains.
    """
    return f"""JOIN beneficiaries_enrolment AS taken ON taken.id = {enrolment}
      JOIN beneficiaries_beneficiary AS record ON record.id = taken.beneficiary_id
      JOIN actions_targetgroup AS own_group ON own_group.id = person.target_group_id
      JOIN actions_targetgroup AS role_group
        ON role_group.id = coalesce(taken.target_group_id, record.target_group_id)
      JOIN actions_targetgroup AS target_group
        ON target_group.id = CASE WHEN own_group.may_overlap @> to_jsonb(role_group.code)
                                  THEN role_group.id ELSE own_group.id END"""
