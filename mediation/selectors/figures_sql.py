# SPDX-License-Identifier: EUPL-1.2
"""The statements behind the figures of the mediation service. Each begins with the requests that are looked at (`reach`)."""

from mediation.enums import (
    ConsultationState,
    PresenceState,
    RequestChannel,
    RequestState,
    SessionState,
    TranslationState,
)

_ENDED = f"'{RequestState.REJECTED}', '{RequestState.EXPIRED}', '{RequestState.CANCELLED}'"
_ASSIGNED_FROM_HERE = f"confirmed_at IS NOT NULL AND channel <> '{RequestChannel.OUTSIDE}'"
_WAITED = "extract(epoch FROM confirmed_at - submitted_at)::float / 3600"
_FIRST = "extract(epoch FROM first_held - submitted_at)::float / 3600"

# What was arranged outside waited for nobody here: it is left out of the waiting.
REQUESTS = f"""
WITH reach (id) AS ({{reach}}), asked AS (
    SELECT request.*, date_trunc('month', request.submitted_at AT TIME ZONE 'Europe/Rome')::date AS month,
           (SELECT language_id FROM mediation_requestlanguage AS row WHERE row.request_id = request.id
             ORDER BY position, id LIMIT 1) AS language_id,
           (SELECT min(actual_from) FROM mediation_mediationsession AS session
             WHERE session.request_id = request.id AND session.state = '{SessionState.HELD}') AS first_held,
           (SELECT coalesce(sum(charged_minutes), 0) FROM mediation_mediationsession AS session
             WHERE session.request_id = request.id AND session.state = '{SessionState.CANCELLED}') AS late_minutes
      FROM mediation_mediationrequest AS request
     WHERE request.id IN (SELECT reach.id FROM reach)
       AND (request.submitted_at AT TIME ZONE 'Europe/Rome')::date BETWEEN %s AND %s
)
SELECT grouping(asked.month, asked.kind, asked.language_id, asked.organisation_id) AS level, asked.month, asked.kind,
       asked.language_id, min(language.name), asked.organisation_id, min(organisation.name), count(*),
       count(*) FILTER (WHERE confirmed_at IS NOT NULL),
       count(*) FILTER (WHERE unmet),
       count(*) FILTER (WHERE confirmed_at IS NULL
                          AND (unmet OR (asked.state = '{RequestState.EXPIRED}' AND authorised_at IS NOT NULL))),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {_WAITED}) FILTER (WHERE {_ASSIGNED_FROM_HERE}),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {_FIRST})
           FILTER (WHERE first_held IS NOT NULL AND {_ASSIGNED_FROM_HERE}),
       count(*) FILTER (WHERE confirmed_at IS NULL AND asked.state NOT IN ({_ENDED})),
       count(*) FILTER (WHERE asked.state = '{RequestState.REJECTED}'),
       count(*) FILTER (WHERE asked.state = '{RequestState.EXPIRED}'),
       count(*) FILTER (WHERE asked.state = '{RequestState.CANCELLED}'),
       count(*) FILTER (WHERE asked.state = '{RequestState.CANCELLED}' AND late_minutes > 0)
  FROM asked
  JOIN partners_organisation AS organisation ON organisation.id = asked.organisation_id
  LEFT JOIN partners_language AS language ON language.id = asked.language_id
 GROUP BY GROUPING SETS ((), (asked.month), (asked.kind), (asked.language_id), (asked.organisation_id))
 ORDER BY 1, 2, 3, 5, 7, 4, 6
"""  # noqa: S608  our own words and enum values

SESSIONS = f"""
WITH reach (id) AS ({{reach}}), done AS (
    SELECT session.state, session.absent, session.minutes, session.charged_minutes, request.kind,
           request.organisation_id, session.language_id, request.state = '{RequestState.VALIDATED}' AS validated,
           (coalesce(session.actual_from, session.planned_from) AT TIME ZONE 'Europe/Rome')::date AS day
      FROM mediation_mediationsession AS session
      JOIN mediation_mediationrequest AS request ON request.id = session.request_id
     WHERE request.id IN (SELECT reach.id FROM reach) AND session.state <> '{SessionState.PLANNED}'
)
SELECT grouping(date_trunc('month', day), done.kind, language_id, organisation_id, done.state) AS level,
       date_trunc('month', day)::date, done.kind, language_id, min(language.name), organisation_id, min(organisation.name),
       done.state, absent, count(*), coalesce(sum(minutes), 0)::bigint,
       coalesce(sum(minutes) FILTER (WHERE validated), 0)::bigint, coalesce(sum(charged_minutes), 0)::bigint
  FROM done
  JOIN partners_organisation AS organisation ON organisation.id = done.organisation_id
  LEFT JOIN partners_language AS language ON language.id = done.language_id
 WHERE day BETWEEN %s AND %s
 GROUP BY GROUPING SETS ((done.state, absent), (done.state, date_trunc('month', day)), (done.state, done.kind),
                         (done.state, language_id), (done.state, organisation_id))
 ORDER BY 1, 2, 3, 5, 7, 8, 9, 4, 6
"""  # noqa: S608

# A request may name several types: each has all of its sessions, and the rows do not add up.
TYPES = f"""
WITH reach (id) AS ({{reach}}), named AS (
    SELECT request.id, type.code, (request.submitted_at AT TIME ZONE 'Europe/Rome')::date AS asked_on
      FROM mediation_mediationrequest AS request
     CROSS JOIN LATERAL jsonb_array_elements_text(request.interventions) AS type (code)
     WHERE request.id IN (SELECT reach.id FROM reach)
)
SELECT named.code, count(DISTINCT named.id) FILTER (WHERE named.asked_on BETWEEN %s AND %s),
       count(session.id), coalesce(sum(session.minutes), 0)::bigint
  FROM named
  LEFT JOIN mediation_mediationsession AS session
    ON session.request_id = named.id AND session.state = '{SessionState.HELD}'
   AND (session.actual_from AT TIME ZONE 'Europe/Rome')::date BETWEEN %s AND %s
 GROUP BY named.code
HAVING count(session.id) > 0
    OR count(DISTINCT named.id) FILTER (WHERE named.asked_on BETWEEN %s AND %s) > 0
 ORDER BY 4 DESC, 2 DESC, 1
"""  # noqa: S608

# What is done without a request of mediation: what, how many, minutes, minutes validated. A presence serves no single
# body, a consultation and a translation do.
OTHER_WORK = f"""
SELECT kind, count(*), coalesce(sum(minutes), 0)::bigint, coalesce(sum(minutes) FILTER (WHERE validated), 0)::bigint
  FROM (
    SELECT 'community' AS kind, programme_id, network_id, NULL::bigint AS organisation_id, minutes,
           state = '{PresenceState.VALIDATED}' AS validated, (actual_from AT TIME ZONE 'Europe/Rome')::date AS day
      FROM mediation_communitypresence WHERE actual_from IS NOT NULL
    UNION ALL
    SELECT 'ethnoclinical', programme_id, network_id, organisation_id, session.minutes,
           consultation.state = '{ConsultationState.CLOSED}', session.held_on
      FROM mediation_consultation AS consultation
      JOIN mediation_consultationsession AS session ON session.consultation_id = consultation.id
    UNION ALL
    SELECT 'translation', programme_id, network_id, organisation_id, minutes,
           state = '{TranslationState.VALIDATED}', (returned_at AT TIME ZONE 'Europe/Rome')::date
      FROM mediation_translation WHERE returned_at IS NOT NULL
  ) AS work
 WHERE day BETWEEN %(first)s AND %(last)s
   AND (network_id = ANY(%(networks)s::bigint[]) OR programme_id = ANY(%(programmes)s::bigint[]))
   AND (%(programme)s::bigint IS NULL OR programme_id = %(programme)s)
   AND (%(network)s::bigint IS NULL OR network_id = %(network)s)
   AND (%(organisation)s::bigint IS NULL OR organisation_id = %(organisation)s)
   AND (%(kind)s = '' OR kind = %(kind)s)
 GROUP BY kind
 ORDER BY kind
"""  # noqa: S608
