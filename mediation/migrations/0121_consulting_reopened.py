# SPDX-License-Identifier: EUPL-1.2
"""Consultations open again, reminders of the other kinds, and closed periods of translations."""

from django.db import migrations, models

# A translation belongs to the day on which it was returned. Until it is accepted its day may still move, so of the old
# row only an accepted one is asked; the new day always is. What makes no figures (an acceptance, a validation) passes.
TRANSLATIONS = """
CREATE FUNCTION mediation_translation_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id, touched.day
                   FROM old_rows AS before
                   JOIN new_rows AS after USING (id)
                  CROSS JOIN LATERAL (VALUES
                            (before.activity_id, CASE WHEN before.accepted_at IS NOT NULL THEN
                                (before.returned_at AT TIME ZONE 'Europe/Rome')::date END),
                            (after.activity_id, (after.returned_at AT TIME ZONE 'Europe/Rome')::date)
                        ) AS touched (activity_id, day)
                   JOIN actions_activity AS activity ON activity.id = touched.activity_id
                  WHERE touched.day IS NOT NULL
                    AND (before.returned_at, before.minutes, before.mediator_id, before.activity_id)
                        IS DISTINCT FROM
                        (after.returned_at, after.minutes, after.mediator_id, after.activity_id)) AS found;
    ELSE
        PERFORM actions_refuse_closed_period(
            array_agg(programme_id), array_agg(network_id), array_agg(organisation_id), array_agg(day))
           FROM (SELECT DISTINCT activity.programme_id, activity.network_id, activity.organisation_id,
                        (row.returned_at AT TIME ZONE 'Europe/Rome')::date AS day
                   FROM touched_rows AS row
                   JOIN actions_activity AS activity ON activity.id = row.activity_id
                  WHERE row.returned_at IS NOT NULL) AS found;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER closed_period_insert AFTER INSERT ON mediation_translation
    REFERENCING NEW TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION mediation_translation_closed_period();
CREATE TRIGGER closed_period_update AFTER UPDATE ON mediation_translation
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_translation_closed_period();
CREATE TRIGGER closed_period_delete AFTER DELETE ON mediation_translation
    REFERENCING OLD TABLE AS touched_rows FOR EACH STATEMENT EXECUTE FUNCTION mediation_translation_closed_period();
"""

TRANSLATIONS_REVERSE = """
DROP TRIGGER closed_period_insert ON mediation_translation;
DROP TRIGGER closed_period_update ON mediation_translation;
DROP TRIGGER closed_period_delete ON mediation_translation;
DROP FUNCTION mediation_translation_closed_period();
"""

STATES = [
    ("draft", "Draft"),
    ("referred", "Referred"),
    ("to_complete", "To complete"),
    ("accepted", "Accepted"),
    ("assessment", "Under assessment"),
    ("restitution", "Restitution given"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("not_pertinent", "Not pertinent"),
    ("cancelled", "Cancelled"),
]

EVENTS = [
    ("authorisation", "Request waiting for the head of the school"),
    ("triage", "Request to take in charge"),
    ("completion", "Request to complete"),
    ("proposal", "Proposal to answer"),
    ("session", "Planned session"),
    ("report", "Report to file"),
    ("countersignature", "Report to countersign"),
    ("validation", "Report to validate"),
    ("case_answer", "Referral to an ethnoclinical consultation to answer"),
    ("case_session", "First session of a consultation to hold"),
    ("case_restitution", "Next session or restitution of a consultation"),
    ("case_close", "Consultation to close"),
    ("legal_answer", "Legal question to answer"),
    ("translation_return", "Translation to return"),
    ("presence", "Planned presence"),
    ("qualification", "Qualification that expires"),
]


class Migration(migrations.Migration):
    """A state of consultations, events of reminders, the guard of translations."""

    dependencies = [
        ("mediation", "0120_links_delegation_movements"),
        ("actions", "0002_closed_period_guard"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="consultation", name="mediation_consultation_accepted"),
        migrations.AlterField(
            model_name="consultation",
            name="state",
            field=models.CharField(choices=STATES, default="draft", max_length=15, verbose_name="state"),
        ),
        migrations.AlterField(
            model_name="reminderrule",
            name="event",
            field=models.CharField(choices=EVENTS, max_length=20, verbose_name="event"),
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("accepted", "assessment", "restitution", "reopened")), _negated=True),
                    models.Q(
                        ("accepted_at__isnull", False),
                        ("account__isnull", False),
                        ("activity__isnull", False),
                        ("consultant__isnull", False),
                        ("minutes_planned__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="mediation_consultation_accepted",
            ),
        ),
        migrations.RunSQL(TRANSLATIONS, TRANSLATIONS_REVERSE),
    ]
