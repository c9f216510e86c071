# SPDX-License-Identifier: EUPL-1.2
"""Takes a measured programme away again."""

from django.db import connection


def remove(slug: str) -> None:
    """Delete a measured programme and all that hangs from it; only with triggers off, so never a real one."""
    programme = "(SELECT id FROM actions_programme WHERE slug = %(slug)s)"
    activity = f"(SELECT id FROM actions_activity WHERE programme_id = {programme})"
    scope = f"(SELECT id FROM reporting_countingscope WHERE programme_id = {programme})"
    indicator = f"(SELECT id FROM actions_indicator WHERE programme_id = {programme})"
    meeting = f"(SELECT id FROM actions_meeting WHERE activity_id IN {activity})"
    network = f"(SELECT network_id FROM actions_activity WHERE programme_id = {programme})"
    steps = (
        f"reporting_provisionaltotal WHERE scope_id IN {scope}",
        f"reporting_resulttotal WHERE scope_id IN {scope}",
        f"reporting_resultentry WHERE scope_id IN {scope}",
        f"reporting_draftfact WHERE programme_id IN {programme}",
        f"reporting_validatedfact WHERE programme_id IN {programme}",
        f"reporting_posting WHERE programme_id IN {programme}",
        f"reporting_ledgerhead WHERE programme_id IN {programme}",
        f"reporting_activityscope WHERE scope_id IN {scope}",
        f"reporting_countingscope WHERE programme_id IN {programme}",
        f"reporting_reportversion WHERE report_id IN (SELECT id FROM reporting_activityreport WHERE programme_id = {programme})",
        f"reporting_activityreport WHERE programme_id IN {programme}",
        f"beneficiaries_attendance WHERE meeting_id IN {meeting}",
        f"beneficiaries_enrolment WHERE activity_id IN {activity}",
        f"beneficiaries_beneficiary WHERE programme_id IN {programme}",
        f"actions_meeting WHERE activity_id IN {activity}",
        f"partners_networkmember WHERE network_id IN {network}",
        f"partners_organisation WHERE id IN (SELECT organisation_id FROM actions_activity WHERE programme_id = {programme})",
        f"actions_actionnetwork WHERE network_id IN {network}",
        f"partners_network WHERE id IN {network}",
        f"actions_activity WHERE programme_id IN {programme}",
        f"actions_indicatortarget WHERE indicator_id IN {indicator}",
        f"actions_indicator WHERE programme_id IN {programme}",
        f"actions_reachchannel WHERE programme_id IN {programme}",
        f"actions_targetgroup WHERE programme_id IN {programme}",
        f"actions_activitytype WHERE programme_id IN {programme}",
        f"actions_action WHERE programme_id IN {programme}",
        f"actions_period WHERE programme_id IN {programme}",
        "partners_organisation WHERE id IN (SELECT lead_id FROM actions_programme WHERE slug = %(slug)s)",
        "actions_programme WHERE slug = %(slug)s",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM actions_programme WHERE slug = %(slug)s", {"slug": slug})
        if cursor.fetchone():
            for step in steps:
                cursor.execute(f"DELETE FROM {step}", {"slug": slug})
