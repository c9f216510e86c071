# SPDX-License-Identifier: EUPL-1.2
"""Calls, agendas, minutes and decisions of tables, networks that take part, services before and after, kinds of products,
typed metrics."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from fami_portal.core.operations import Together

# The metric of a channel was a free text.
METRICS = """
SELECT set_config('portal.actor', 'migration', true);
UPDATE actions_reachchannel SET metric = CASE
    WHEN metric ILIKE '%iscritt%' THEN 'subscribers'
    WHEN metric ILIKE '%visual%' THEN 'views'
    WHEN metric ILIKE '%copi%' THEN 'copies'
    WHEN metric ILIKE '%partecip%' THEN 'attendees'
    ELSE 'unique_users' END;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0007_plans_and_budgets"),
        ("core", "0003_imports"),
        ("partners", "0003_network_deeds"),
    ]

    operations = [
        migrations.RunSQL(METRICS, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="campaignmeasure",
            name="actions_campaignmeasure_day_once",
        ),
        Together(
            [
                migrations.CreateModel(
                    name="ActivityNetwork",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("since", models.DateField(verbose_name="takes part since")),
                    ],
                    options={
                        "verbose_name": "network that takes part",
                        "verbose_name_plural": "networks that take part",
                    },
                ),
                migrations.CreateModel(
                    name="AgendaItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="number")),
                        ("text", models.CharField(max_length=300, verbose_name="point")),
                    ],
                    options={
                        "verbose_name": "point of the agenda",
                        "verbose_name_plural": "points of the agenda",
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("text", models.CharField(max_length=500, verbose_name="what was decided")),
                        ("office", models.CharField(blank=True, max_length=100, verbose_name="role that does it")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="by")),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "To be done"), ("done", "Done")],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("done_on", models.DateField(blank=True, null=True, verbose_name="done on")),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "decision",
                        "verbose_name_plural": "decisions",
                    },
                ),
                migrations.CreateModel(
                    name="MeetingCall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField(blank=True, verbose_name="text of the call")),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("in_person", "In person"),
                                    ("online", "Online"),
                                    ("mixed", "In person and online"),
                                ],
                                default="in_person",
                                max_length=10,
                                verbose_name="how it is held",
                            ),
                        ),
                        ("link", models.URLField(blank=True, max_length=500, verbose_name="link to join")),
                        ("sent_on", models.DateField(blank=True, null=True, verbose_name="sent on")),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "call of a meeting",
                        "verbose_name_plural": "calls of meetings",
                    },
                ),
                migrations.CreateModel(
                    name="MeetingMinutes",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.TextField(blank=True, verbose_name="text of the minutes")),
                        ("approved_on", models.DateField(blank=True, null=True, verbose_name="approved on")),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "minutes of a meeting",
                        "verbose_name_plural": "minutes of meetings",
                    },
                ),
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("title", models.CharField(max_length=200, verbose_name="name of the service")),
                    ],
                    options={
                        "verbose_name": "service",
                        "verbose_name_plural": "services",
                    },
                ),
                migrations.CreateModel(
                    name="ServiceChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("new", "New service"), ("strengthened", "Strengthened service")],
                                max_length=12,
                                verbose_name="new or strengthened",
                            ),
                        ),
                        ("changed_on", models.DateField(verbose_name="since")),
                        (
                            "minutes_before",
                            models.PositiveIntegerField(default=0, verbose_name="minutes a week, before"),
                        ),
                        ("minutes_after", models.PositiveIntegerField(default=0, verbose_name="minutes a week, after")),
                        (
                            "evenings_before",
                            models.PositiveSmallIntegerField(default=0, verbose_name="evenings a week, before"),
                        ),
                        (
                            "evenings_after",
                            models.PositiveSmallIntegerField(default=0, verbose_name="evenings a week, after"),
                        ),
                        ("staff_before", models.PositiveSmallIntegerField(default=0, verbose_name="staff, before")),
                        ("staff_after", models.PositiveSmallIntegerField(default=0, verbose_name="staff, after")),
                        ("sites_before", models.PositiveSmallIntegerField(default=0, verbose_name="sites, before")),
                        ("sites_after", models.PositiveSmallIntegerField(default=0, verbose_name="sites, after")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="what else changed")),
                        ("version", models.PositiveIntegerField(default=1)),
                    ],
                    options={
                        "verbose_name": "new or strengthened service",
                        "verbose_name_plural": "new or strengthened services",
                    },
                ),
                migrations.AddField(
                    model_name="campaignmeasure",
                    name="metric",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("unique_users", "unique users"),
                            ("subscribers", "subscribers"),
                            ("views", "views"),
                            ("copies", "copies"),
                            ("attendees", "attendees"),
                        ],
                        max_length=15,
                        verbose_name="metric",
                    ),
                ),
                migrations.AddField(
                    model_name="deliverable",
                    name="kind",
                    field=models.CharField(
                        choices=[
                            ("simplified_form", "Simplified form"),
                            ("material", "Information material"),
                            ("guidelines", "Guidelines"),
                            ("protocol", "Protocol signed"),
                            ("other", "Another product"),
                        ],
                        default="material",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                migrations.AddField(
                    model_name="deliverable",
                    name="languages",
                    field=models.ManyToManyField(
                        blank=True, related_name="+", to="partners.language", verbose_name="languages"
                    ),
                ),
                migrations.AddField(
                    model_name="deliverable",
                    name="parties",
                    field=models.ManyToManyField(
                        blank=True, related_name="protocols", to="partners.organisation", verbose_name="parties"
                    ),
                ),
                migrations.AddField(
                    model_name="deliverable",
                    name="repertory_number",
                    field=models.CharField(blank=True, max_length=50, verbose_name="repertory number"),
                ),
                migrations.AddField(
                    model_name="meetingbody",
                    name="attendance",
                    field=models.CharField(
                        choices=[
                            ("called", "Called"),
                            ("present", "Present"),
                            ("absent", "Absent"),
                            ("justified", "Absent, with notice"),
                        ],
                        db_default="present",
                        default="present",
                        max_length=10,
                        verbose_name="attendance",
                    ),
                ),
                migrations.AlterField(
                    model_name="indicator",
                    name="measure",
                    field=models.CharField(
                        choices=[
                            ("persons", "Persons, each once"),
                            ("organisations", "Bodies, each once"),
                            ("activities", "Activities"),
                            ("meetings", "Meetings held"),
                            ("hours", "Hours held"),
                            ("networks", "Networks, each once"),
                            ("deliverables", "Products delivered"),
                            ("protocols", "Protocols signed"),
                            ("services", "New or strengthened services, each once"),
                            ("campaigns", "Contents and campaigns published"),
                            ("reach", "Contacts reached, not persons"),
                            ("mediation_hours", "Hours of mediation validated"),
                            ("mediation_sessions", "Mediation sessions validated"),
                            ("mediators", "Mediators involved, each once"),
                            ("positive_outcomes", "Persons with a positive outcome, each once"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                migrations.AlterField(
                    model_name="indicator",
                    name="unit",
                    field=models.CharField(
                        choices=[
                            ("persons", "persons"),
                            ("organisations", "bodies"),
                            ("hours", "hours"),
                            ("meetings", "meetings"),
                            ("activities", "activities"),
                            ("networks", "networks"),
                            ("products", "products"),
                            ("contents", "contents"),
                            ("services", "services"),
                            ("contacts", "contacts"),
                            ("sessions", "sessions"),
                            ("mediators", "mediators"),
                        ],
                        max_length=20,
                        verbose_name="unit",
                    ),
                ),
                migrations.AlterField(
                    model_name="reachchannel",
                    name="metric",
                    field=models.CharField(
                        choices=[
                            ("unique_users", "unique users"),
                            ("subscribers", "subscribers"),
                            ("views", "views"),
                            ("copies", "copies"),
                            ("attendees", "attendees"),
                        ],
                        max_length=15,
                        verbose_name="metric",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaignmeasure",
                    constraint=models.UniqueConstraint(
                        fields=("campaign", "metric", "measured_on"),
                        name="actions_campaignmeasure_day_once",
                        violation_error_message="There is a value of this day already.",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="deliverable",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "protocol"), ("quantity", 1)),
                            models.Q(models.Q(("kind", "protocol"), _negated=True), ("repertory_number", "")),
                            _connector="OR",
                        ),
                        name="actions_deliverable_protocol",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meetingbody",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("attendance", "present"), ("people", 0), _connector="OR"),
                        name="actions_meetingbody_people",
                    ),
                ),
                migrations.AddField(
                    model_name="activitynetwork",
                    name="activity",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="actions.activity",
                    ),
                ),
                migrations.AddField(
                    model_name="activitynetwork",
                    name="network",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to="partners.network",
                        verbose_name="network",
                    ),
                ),
                migrations.AddField(
                    model_name="agendaitem",
                    name="meeting",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agenda", to="actions.meeting"
                    ),
                ),
                migrations.AddField(
                    model_name="decision",
                    name="meeting",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="actions.meeting"
                    ),
                ),
                migrations.AddField(
                    model_name="decision",
                    name="organisation",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="partners.organisation",
                        verbose_name="body that does it",
                    ),
                ),
                migrations.AddField(
                    model_name="meetingcall",
                    name="meeting",
                    field=models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="call", to="actions.meeting"
                    ),
                ),
                migrations.AddField(
                    model_name="meetingminutes",
                    name="document",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.document",
                        verbose_name="file of the minutes",
                    ),
                ),
                migrations.AddField(
                    model_name="meetingminutes",
                    name="meeting",
                    field=models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="written_minutes",
                        to="actions.meeting",
                    ),
                ),
                migrations.AddField(
                    model_name="service",
                    name="organisation",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="partners.organisation",
                        verbose_name="body",
                    ),
                ),
                migrations.AddField(
                    model_name="service",
                    name="programme",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="actions.programme"
                    ),
                ),
                migrations.AddField(
                    model_name="servicechange",
                    name="activity",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_changes",
                        to="actions.activity",
                    ),
                ),
                migrations.AddField(
                    model_name="servicechange",
                    name="evidence",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.document",
                        verbose_name="evidence",
                    ),
                ),
                migrations.AddField(
                    model_name="servicechange",
                    name="languages_after",
                    field=models.ManyToManyField(
                        blank=True, related_name="+", to="partners.language", verbose_name="languages, after"
                    ),
                ),
                migrations.AddField(
                    model_name="servicechange",
                    name="languages_before",
                    field=models.ManyToManyField(
                        blank=True, related_name="+", to="partners.language", verbose_name="languages, before"
                    ),
                ),
                migrations.AddField(
                    model_name="servicechange",
                    name="service",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="actions.service"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="activitynetwork",
                    constraint=models.UniqueConstraint(
                        fields=("activity", "network"), name="actions_activitynetwork_once"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="activitynetwork",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="1e8c44c542e3fdc26f956580835a442047ce972d",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_5bc87",
                            table="actions_activitynetwork",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="agendaitem",
                    constraint=models.UniqueConstraint(fields=("meeting", "position"), name="actions_agendaitem_once"),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="agendaitem",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="ecb8c57cb41ef2bc74b39da5b7c9ba646f4bd9fc",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_b52ca",
                            table="actions_agendaitem",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="decision",
                    index=models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["organisation", "due_on"],
                        name="actions_decision_open",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decision",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("organisation__isnull", False), models.Q(("office", ""), _negated=True), _connector="OR"
                        ),
                        name="actions_decision_owner",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decision",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_on__isnull", False), ("state", "done")),
                            models.Q(("done_on__isnull", True), ("state", "open")),
                            _connector="OR",
                        ),
                        name="actions_decision_done",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="decision",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="9a86b8d3b6f983858961326df8690442e6157128",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_e40d1",
                            table="actions_decision",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meetingcall",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("mode", "in_person"), models.Q(("link", ""), _negated=True), _connector="OR"
                        ),
                        name="actions_meetingcall_link",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="meetingcall",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="5ce1c54917030edb4bfcdf4c95cdf76939a2dd2f",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_e3dce",
                            table="actions_meetingcall",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="meetingminutes",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text", ""), _negated=True), ("document__isnull", False), _connector="OR"
                        ),
                        name="actions_minutes_something",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="meetingminutes",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="eb97a5ada89f5665d057e256a45bb7b2dcd14b56",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_0033e",
                            table="actions_meetingminutes",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="service",
                    constraint=models.UniqueConstraint(
                        models.F("programme"),
                        models.F("organisation"),
                        django.db.models.functions.text.Lower("title"),
                        name="actions_service_once",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="service",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="7648882165e8ac8ce776e94732b47aa109b26324",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_d449e",
                            table="actions_service",
                            when="AFTER",
                        ),
                    ),
                ),
                migrations.AddIndex(
                    model_name="servicechange",
                    index=models.Index(fields=["activity", "changed_on", "id"], name="actions_servicechange_day"),
                ),
                migrations.AddConstraint(
                    model_name="servicechange",
                    constraint=models.UniqueConstraint(
                        fields=("service", "activity", "changed_on"), name="actions_servicechange_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="servicechange",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "new"), _negated=True),
                            models.Q(
                                ("evenings_before", 0), ("minutes_before", 0), ("sites_before", 0), ("staff_before", 0)
                            ),
                            _connector="OR",
                        ),
                        name="actions_servicechange_new",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="servicechange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="row_history",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            declare="DECLARE actor text; changes jsonb; key text;",
                            func="\n            actor := current_setting('portal.actor', true);\n            IF coalesce(actor, '') = '' THEN\n                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';\n            END IF;\n            changes := '{}'::jsonb;\n            IF TG_OP = 'UPDATE' THEN\n                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))\n                  INTO changes\n                  FROM jsonb_each(to_jsonb(NEW) - '{id}'::text[]) new_value\n                  JOIN jsonb_each(to_jsonb(OLD) - '{id}'::text[]) old_value USING (key)\n                 WHERE new_value.value IS DISTINCT FROM old_value.value;\n                IF changes IS NULL THEN\n                    RETURN NULL;\n                END IF;\n            ELSIF TG_OP = 'DELETE' THEN\n                changes := to_jsonb(OLD) - '{id}'::text[];\n            END IF;\n            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;\n            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)\n            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());\n            RETURN NULL;\n        ",
                            hash="fe237350b2fcb3e4f8231e7e4968e79caad346ee",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_row_history_2c6a0",
                            table="actions_servicechange",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
