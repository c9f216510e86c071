# SPDX-License-Identifier: EUPL-1.2
"""Who teaches at which meeting, planned and in the place of whom; one teacher is in one place at a time."""

import uuid
from importlib import import_module

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from fami_portal.core.operations import Together

# One teacher in one place. Day and times of a meeting are copied by the database, whoever writes the meeting, so that an
# exclusion constraint can look at them; the teacher's number fills the high bits of the range, as that of a mediator
# does (docs/adr, 15), so that no extension is needed. The times are those of the clock on the wall: a register has no
# meetings in the hour that October repeats.
ONE_PLACE = """
CREATE FUNCTION actions_teaching(teacher bigint, day date, starts_at time, ends_at time) RETURNS int8range
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8range(
        (teacher << 34) + extract(epoch FROM day + starts_at)::bigint,
        (teacher << 34) + extract(epoch FROM day + ends_at)::bigint)
$$;
ALTER TABLE actions_meetingteacher ADD CONSTRAINT actions_teacher_one_place
    EXCLUDE USING gist (actions_teaching(teacher_id, held_on, starts_at, ends_at) WITH &&)
    WHERE (NOT replaced AND NOT cancelled);

CREATE FUNCTION actions_meetingteacher_times() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT held_on, meeting.starts_at, meeting.ends_at, state = 'cancelled'
      INTO NEW.held_on, NEW.starts_at, NEW.ends_at, NEW.cancelled
      FROM actions_meeting AS meeting WHERE id = NEW.meeting_id FOR SHARE;
    RETURN NEW;
END
$$;
CREATE TRIGGER times_of_meeting BEFORE INSERT OR UPDATE ON actions_meetingteacher
    FOR EACH ROW EXECUTE FUNCTION actions_meetingteacher_times();

CREATE FUNCTION actions_meeting_moves_teachers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE actions_meetingteacher
       SET held_on = NEW.held_on, starts_at = NEW.starts_at, ends_at = NEW.ends_at, cancelled = NEW.state = 'cancelled'
     WHERE meeting_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER moves_teachers AFTER UPDATE ON actions_meeting FOR EACH ROW
    WHEN ((OLD.held_on, OLD.starts_at, OLD.ends_at, OLD.state = 'cancelled')
          IS DISTINCT FROM (NEW.held_on, NEW.starts_at, NEW.ends_at, NEW.state = 'cancelled'))
    EXECUTE FUNCTION actions_meeting_moves_teachers();
"""

ONE_PLACE_REVERSE = """
DROP TRIGGER moves_teachers ON actions_meeting;
DROP FUNCTION actions_meeting_moves_teachers();
DROP TRIGGER times_of_meeting ON actions_meetingteacher;
DROP FUNCTION actions_meetingteacher_times();
ALTER TABLE actions_meetingteacher DROP CONSTRAINT actions_teacher_one_place;
DROP FUNCTION actions_teaching(bigint, date, time, time);
"""

# Who taught at a meeting of a closed period has been reported with it.
DAYS = (
    "SELECT meeting.activity_id, meeting.held_on AS day FROM {rows} touched_row "
    "JOIN actions_meeting meeting ON meeting.id = touched_row.meeting_id"
)
GUARD = import_module("actions.migrations.0002_closed_period_guard")


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0005_sheets"),
        ("partners", "0002_official_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Teacher",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("given_name", models.CharField(max_length=100, verbose_name="given name")),
                        ("family_name", models.CharField(max_length=100, verbose_name="family name")),
                        ("is_active", models.BooleanField(default=True, verbose_name="can be assigned")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teachers",
                                to="partners.organisation",
                                verbose_name="body",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teacher",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "teacher",
                        "verbose_name_plural": "teachers",
                    },
                ),
                migrations.CreateModel(
                    name="MeetingTeacher",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("replaced", models.BooleanField(default=False, verbose_name="did not come")),
                        ("held_on", models.DateField(editable=False)),
                        ("starts_at", models.TimeField(editable=False)),
                        ("ends_at", models.TimeField(editable=False)),
                        ("cancelled", models.BooleanField(default=False, editable=False)),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teachers",
                                to="actions.meeting",
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="actions.meetingteacher",
                                verbose_name="in the place of",
                            ),
                        ),
                        (
                            "teacher",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="actions.teacher",
                                verbose_name="teacher",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "teacher at a meeting",
                        "verbose_name_plural": "teachers at meetings",
                    },
                ),
                migrations.AddConstraint(
                    model_name="teacher",
                    constraint=models.UniqueConstraint(
                        fields=("organisation", "family_name", "given_name"),
                        name="actions_teacher_once",
                        violation_error_message="This teacher is there already.",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="teacher",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="443842836c89933692ac343e09b294b7aac6f4b0",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_51241",
                            table="actions_teacher",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meetingteacher",
                    constraint=models.UniqueConstraint(
                        fields=("meeting", "teacher"),
                        name="actions_meetingteacher_once",
                        violation_error_message="This teacher is there already.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meetingteacher",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("replaces__isnull", True), ("replaced", False), _connector="OR"),
                        name="actions_meetingteacher_one_step",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="meetingteacher",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id,cancelled,ends_at,held_on,starts_at}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id,cancelled,ends_at,held_on,starts_at}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id,cancelled,ends_at,held_on,starts_at}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="fdd5943c79f2428d64984b3848c62cfe2b02e128",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_a994f",
                            table="actions_meetingteacher",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
        migrations.RunSQL(ONE_PLACE, ONE_PLACE_REVERSE),
        migrations.RunSQL(GUARD.guard("actions_meetingteacher", DAYS), GUARD.guard_reverse("actions_meetingteacher")),
    ]
