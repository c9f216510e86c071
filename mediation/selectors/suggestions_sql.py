# SPDX-License-Identifier: EUPL-1.2
"""The statement that judges a whole register of mediators for one request at one time.

Availability is computed with multiranges of local time: the ordinary week, minus what is away, plus what is extra.
Points only order those who may be asked: language up to 65, continuity 65, place 18, fair load 20, the rest less.
"""

# Points: languages by their place in the request and by level; then the variety.
_SPOKEN = """
spoken AS (
    SELECT DISTINCT ON (matched.mediator_id) matched.*
      FROM (
        SELECT known.mediator_id, known.id, language.name AS language, known.variety, known.level, asked.position,
               CASE WHEN asked.variety = '' THEN 'any'
                    WHEN lower(btrim(known.variety)) = asked.variety THEN 'same'
                    WHEN btrim(known.variety) = '' THEN 'unknown'
                    ELSE 'other' END AS variety_match,
               greatest(30 - 10 * asked.position, 5)
               + CASE known.level WHEN 'mother_tongue' THEN 20 WHEN 'c2' THEN 16 WHEN 'c1' THEN 12 WHEN 'b2' THEN 6
                                  ELSE 0 END
               + CASE WHEN asked.variety = '' THEN 0
                      WHEN lower(btrim(known.variety)) = asked.variety THEN 15
                      WHEN btrim(known.variety) = '' THEN 0
                      ELSE -15 END AS points
          FROM mediation_mediatorlanguage AS known
          JOIN (SELECT language_id, lower(btrim(variety)) AS variety, position
                  FROM mediation_requestlanguage WHERE request_id = %(request)s) AS asked USING (language_id)
          JOIN partners_language AS language ON language.id = known.language_id) AS matched
     ORDER BY matched.mediator_id, matched.points DESC, matched.id
)"""

_AVAILABILITY = """
week AS (
    SELECT row.mediator_id,
           range_agg(tsrange(
               day.day + row.starts_at,
               day.day + CASE WHEN row.ends_at >= '23:45' THEN time '24:00' ELSE row.ends_at END)) AS usual
      FROM mediation_weeklyavailability AS row
      JOIN unnest(%(days)s::date[]) AS day (day) ON row.weekday = extract(isodow FROM day.day)::int - 1
     GROUP BY row.mediator_id
), exception AS (
    SELECT piece.mediator_id,
           range_agg(piece.span) FILTER (WHERE NOT piece.is_available) AS away,
           range_agg(piece.span) FILTER (WHERE piece.is_available) AS extra
      FROM (
        SELECT row.mediator_id, row.is_available,
               tsrange(day.day + coalesce(row.starts_at, time '00:00'),
                       day.day + CASE WHEN coalesce(row.ends_at, time '24:00') >= '23:45' THEN time '24:00'
                                      ELSE row.ends_at END) AS span
          FROM mediation_availabilityexception AS row
          JOIN unnest(%(days)s::date[]) AS day (day) ON day.day BETWEEN row.starts_on AND row.ends_on) AS piece
     GROUP BY piece.mediator_id
)"""

_FACTS = """
work AS (
    -- No travel takes a day: what is further away from the hour cannot clash with it.
    SELECT mediator_id,
           (sum(minutes) FILTER (WHERE planned_from >= %(load_from)s))::int AS load_minutes,
           (sum(minutes) FILTER (WHERE planned_from >= %(year_from)s AND planned_from < %(year_until)s))::int
               AS year_minutes,
           range_agg(tstzrange(busy_from, busy_until)) FILTER (
               WHERE busy_from < %(day_after)s AND busy_until > %(day_before)s) AS taken
      FROM (
        SELECT session.mediator_id, session.planned_from, session.busy_from, session.busy_until,
               coalesce(session.minutes,
                        (date_part('epoch', session.planned_until - session.planned_from) / 60)::int) AS minutes
          FROM mediation_mediationsession AS session
         WHERE session.state IN ('planned', 'held') AND session.planned_from >= %(since)s
           AND (%(only)s::bigint[] IS NULL OR session.mediator_id = ANY (%(only)s::bigint[]))) AS worked
     GROUP BY mediator_id
), place AS (
    SELECT mediator_id,
           coalesce(bool_or(municipality_id = %(municipality)s), false) AS here,
           bool_or(province = %(province)s AND municipality_id IS NULL) AS around,
           bool_or(province = %(province)s) AS near
      FROM mediation_mediatorterritory GROUP BY mediator_id
), proof AS (
    SELECT mediator_id,
           bool_or(kind IN ('degree', 'course', 'experience', 'register')) AS qualified,
           bool_or(kind IN ('degree', 'course', 'experience', 'register') AND lasting) AS qualification_valid,
           bool_or(kind = 'criminal_record') AS certified,
           bool_or(kind = 'criminal_record' AND lasting) AS certificate_valid
      FROM (SELECT mediator_id, kind, expires_on IS NULL OR expires_on >= %(day)s AS lasting
              FROM mediation_mediatorqualification) AS kept
     GROUP BY mediator_id
), followed AS (
    SELECT DISTINCT mediator_id FROM mediation_mediationrequest
     WHERE organisation_id = %(body)s AND case_code = %(case_code)s AND case_code <> '' AND id <> %(request)s
       AND mediator_id IS NOT NULL
), answer AS (
    SELECT DISTINCT ON (mediator_id) mediator_id, state FROM mediation_proposal
     WHERE request_id = %(request)s AND state IN ('refused', 'expired', 'withdrawn')
     ORDER BY mediator_id, answered_at DESC, id DESC
), elsewhere AS (
    SELECT DISTINCT mediator_id FROM mediation_proposal
     WHERE state = 'proposed' AND request_id <> %(request)s
       AND starts_at < %(ends_at)s AND ends_at > %(starts_at)s
)"""

_JUDGED = """
judged AS (
    SELECT candidate.id AS mediator_id, candidate.uuid, candidate.given_name, candidate.family_name, candidate.provider,
           candidate.has_account,
           array_remove(ARRAY[
               CASE WHEN NOT candidate.is_active THEN 'inactive' END,
               CASE WHEN NOT candidate.profile = ANY (%(profiles)s::text[]) THEN %(profile_refusal)s END,
               CASE WHEN spoken.mediator_id IS NULL THEN 'language' END,
               CASE WHEN candidate.confidentiality_signed_on IS NULL OR candidate.confidentiality_signed_on > %(day)s
                    THEN 'confidentiality' END,
               CASE WHEN %(minors)s AND proof.certified AND NOT proof.certificate_valid THEN 'certificate' END,
               CASE WHEN coalesce(work.year_minutes, 0) + %(minutes)s > candidate.yearly_maximum THEN 'maximum' END,
               CASE WHEN work.taken && tstzrange(candidate.busy_from, candidate.busy_until) THEN 'busy' END]::text[], NULL) AS refusals,
           spoken.language, spoken.variety, spoken.level, spoken.position, spoken.variety_match,
           CASE WHEN NOT %(in_person)s THEN 'no_matter'
                WHEN place.mediator_id IS NULL THEN 'not_declared'
                WHEN place.here THEN 'municipality'
                WHEN place.around THEN 'province'
                WHEN place.near THEN 'near'
                ELSE 'elsewhere' END AS place,
           candidate.home_id = %(municipality)s AS at_home,
           CASE WHEN (coalesce(week.usual, '{}') - coalesce(exception.away, '{}') + coalesce(exception.extra, '{}'))
                     @> tsrange(%(local_from)s, %(local_until)s) THEN 'free'
                WHEN exception.away && tsrange(%(local_from)s, %(local_until)s) THEN 'away'
                WHEN NOT candidate.has_week THEN 'not_declared'
                ELSE 'outside' END AS free,
           coalesce(work.load_minutes, 0) AS load_minutes,
           coalesce(work.year_minutes, 0) AS year_minutes,
           candidate.yearly_maximum,
           coalesce(candidate.id = %(same_mediator)s, false) AS chosen_again,
           followed.mediator_id IS NOT NULL AS knows_case,
           CASE WHEN proof.qualification_valid THEN 'valid' WHEN proof.qualified THEN 'expired' ELSE 'missing' END
               AS qualification,
           CASE WHEN NOT %(minors)s THEN 'no_matter' WHEN proof.certificate_valid THEN 'valid'
                WHEN proof.certified THEN 'expired' ELSE 'missing' END AS certificate,
           CASE WHEN %(gender)s IN ('', 'undeclared') THEN 'any' WHEN candidate.gender = %(gender)s THEN 'same'
                WHEN candidate.gender = 'undeclared' THEN 'unknown' ELSE 'other' END AS gender_match,
           candidate.modes = '[]'::jsonb OR candidate.modes ? %(mode)s AS mode_match,
           answer.state AS answered,
           elsewhere.mediator_id IS NOT NULL AS other_offer,
           coalesce(spoken.points, 0) AS language_points
      FROM candidate
      LEFT JOIN spoken ON spoken.mediator_id = candidate.id
      LEFT JOIN week ON week.mediator_id = candidate.id
      LEFT JOIN exception ON exception.mediator_id = candidate.id
      LEFT JOIN work ON work.mediator_id = candidate.id
      LEFT JOIN place ON place.mediator_id = candidate.id
      LEFT JOIN proof ON proof.mediator_id = candidate.id
      LEFT JOIN followed ON followed.mediator_id = candidate.id
      LEFT JOIN answer ON answer.mediator_id = candidate.id
      LEFT JOIN elsewhere ON elsewhere.mediator_id = candidate.id
)"""

SUGGESTIONS = f"""
WITH candidate AS MATERIALIZED (
    SELECT mediator.id, mediator.uuid, mediator.given_name, mediator.family_name, body.name AS provider,
           mediator.user_id IS NOT NULL AS has_account, mediator.is_active, mediator.profile, mediator.gender,
           mediator.modes, mediator.home_id, mediator.yearly_maximum, mediator.confidentiality_signed_on,
           EXISTS (SELECT FROM mediation_weeklyavailability AS row WHERE row.mediator_id = mediator.id) AS has_week,
           %(starts_at)s - CASE WHEN %(in_person)s THEN mediator.travel_buffer ELSE 0 END * interval '1 minute'
               AS busy_from,
           %(ends_at)s + CASE WHEN %(in_person)s THEN mediator.travel_buffer ELSE 0 END * interval '1 minute'
               AS busy_until
      FROM mediation_mediator AS mediator
      JOIN partners_organisation AS body ON body.id = mediator.organisation_id
     WHERE mediator.organisation_id IN (
            SELECT organisation_id FROM partners_networkmember
             WHERE network_id = %(network)s AND entered_on <= %(day)s AND (left_on IS NULL OR left_on >= %(day)s))
       AND (%(only)s::bigint[] IS NULL OR mediator.id = ANY (%(only)s::bigint[]))
), {_SPOKEN}, {_AVAILABILITY}, {_FACTS}, {_JUDGED}, ranked AS (
    SELECT judged.*,
           CASE WHEN refusals <> '{{}}' THEN 2
                WHEN variety_match = 'other' OR free IN ('away', 'outside') OR gender_match = 'other' OR NOT mode_match
                     OR answered IS NOT NULL OR other_offer OR NOT has_account THEN 1
                ELSE 0 END AS fit,
           language_points
           + CASE place WHEN 'municipality' THEN 15 WHEN 'province' THEN 10 WHEN 'near' THEN 6 ELSE 0 END
           + CASE WHEN at_home AND place <> 'no_matter' THEN 3 ELSE 0 END
           + CASE free WHEN 'free' THEN 20 WHEN 'not_declared' THEN 5 ELSE 0 END
           + CASE WHEN chosen_again THEN 40 ELSE 0 END + CASE WHEN knows_case THEN 25 ELSE 0 END
           + CASE qualification WHEN 'valid' THEN 5 WHEN 'expired' THEN -10 ELSE 0 END
           + CASE certificate WHEN 'missing' THEN -5 ELSE 0 END
           + CASE gender_match WHEN 'same' THEN 10 WHEN 'other' THEN -30 ELSE 0 END
           + CASE WHEN mode_match THEN 0 ELSE -20 END
           + CASE WHEN answered IS NULL THEN 0 ELSE -40 END + CASE WHEN other_offer THEN -10 ELSE 0 END
           + coalesce(20 - 20 * load_minutes / nullif(max(load_minutes) OVER (), 0), 20) AS points
      FROM judged
)
SELECT mediator_id, uuid, given_name, family_name, provider, has_account, fit, points, refusals, language, variety, level,
       position, variety_match, place, free, load_minutes, year_minutes, yearly_maximum, chosen_again, knows_case,
       qualification, certificate, gender_match, mode_match, answered, other_offer,
       count(*) OVER () AS total, count(*) FILTER (WHERE fit = 0) OVER () AS suitable
  FROM ranked
 ORDER BY fit, points DESC, load_minutes, family_name, given_name, mediator_id
 LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608  constants
