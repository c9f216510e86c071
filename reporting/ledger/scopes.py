# SPDX-License-Identifier: EUPL-1.2
"""Counting scopes, and the scopes that contain each activity."""

from django.db import connection

_ENSURE = """
WITH wanted AS (
    SELECT %(programme)s::bigint AS programme_id, 'programme' AS kind, NULL::bigint AS plan_id,
           NULL::bigint AS action_id, NULL::bigint AS network_id, NULL::bigint AS organisation_id
    UNION ALL
    SELECT programme_id, 'plan', id, NULL, NULL, NULL FROM actions_plan WHERE programme_id = %(programme)s
    UNION ALL
    SELECT programme_id, 'action', NULL, id, NULL, NULL FROM actions_action WHERE programme_id = %(programme)s
    UNION ALL
    (SELECT action.programme_id, 'network', NULL::bigint, NULL::bigint, carrier.network_id, NULL::bigint
       FROM actions_actionnetwork AS carrier JOIN actions_action AS action ON action.id = carrier.action_id
      WHERE action.programme_id = %(programme)s
      UNION
     SELECT programme_id, 'network', NULL::bigint, NULL::bigint, network_id, NULL::bigint
       FROM actions_activity WHERE programme_id = %(programme)s)
    UNION ALL
    SELECT DISTINCT programme_id, 'body', NULL::bigint, NULL::bigint, network_id, organisation_id
      FROM actions_activity WHERE programme_id = %(programme)s
), added AS (
    INSERT INTO reporting_countingscope (uuid, programme_id, kind, plan_id, action_id, network_id, organisation_id)
    SELECT gen_random_uuid(), wanted.*
      FROM wanted
     WHERE NOT EXISTS (
        SELECT 1 FROM reporting_countingscope AS scope
         WHERE scope.programme_id = wanted.programme_id AND scope.kind = wanted.kind
           AND (scope.plan_id, scope.action_id, scope.network_id, scope.organisation_id)
               IS NOT DISTINCT FROM (wanted.plan_id, wanted.action_id, wanted.network_id, wanted.organisation_id))
    RETURNING id, kind, plan_id, action_id, network_id, organisation_id
), scope AS (
    SELECT * FROM added
    UNION ALL
    SELECT id, kind, plan_id, action_id, network_id, organisation_id
      FROM reporting_countingscope WHERE programme_id = %(programme)s
), placed AS (
    SELECT id, plan_id, action_id, network_id, organisation_id
      FROM actions_activity AS activity
     WHERE programme_id = %(programme)s
       AND NOT EXISTS (SELECT 1 FROM reporting_activityscope WHERE activity_id = activity.id)
)
INSERT INTO reporting_activityscope (activity_id, scope_id)
SELECT placed.id, scope.id FROM placed JOIN scope ON scope.kind = 'programme'
UNION ALL
SELECT placed.id, scope.id FROM placed JOIN scope ON scope.kind = 'plan' AND scope.plan_id = placed.plan_id
UNION ALL
SELECT placed.id, scope.id FROM placed JOIN scope ON scope.kind = 'action' AND scope.action_id = placed.action_id
UNION ALL
SELECT placed.id, scope.id FROM placed JOIN scope ON scope.kind = 'network' AND scope.network_id = placed.network_id
UNION ALL
SELECT placed.id, scope.id FROM placed JOIN scope
    ON scope.kind = 'body' AND scope.network_id = placed.network_id AND scope.organisation_id = placed.organisation_id
"""


def ensure_scopes(programme_id: int) -> None:
    """Make the scopes of a programme and place its activities in them (one statement).

    Needs the head of the ledger. An activity is placed once, when a report that has it is first submitted: what has been
    counted somewhere does not move by an edit. `replace_scopes` is for the rebuild.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENSURE, {"programme": programme_id})


def replace_scopes(programme_id: int) -> None:
    """Place every activity of a programme anew; entries follow at the next reconciliation of the whole programme."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM reporting_activityscope AS placement
             USING actions_activity AS activity
             WHERE activity.id = placement.activity_id AND activity.programme_id = %(programme)s
            """,
            {"programme": programme_id},
        )
    ensure_scopes(programme_id)
