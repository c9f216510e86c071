# SPDX-License-Identifier: EUPL-1.2
"""Row history by database trigger: no bulk write and no SQL bypasses it.

Every audited model lists `row_history()` in `Meta.triggers`. The actor comes from the transaction-local setting
`portal.actor`, which only `fami_portal.core.services.acting` makes; a write outside it fails.
"""

from collections.abc import Iterable

import pgtrigger
from django.db import models

ACTOR_SETTING = "portal.actor"


class RowHistoryTrigger(pgtrigger.Trigger):
    """Writes one `RowHistory` row for each inserted, updated or deleted row of its table.

    `exclude` names the columns that history never keeps (secrets, personal data that must be erasable).
    """

    def __init__(self, *, name: str, exclude: Iterable[str] = (), condition: pgtrigger.Condition | None = None) -> None:
        self.exclude = tuple(sorted(exclude))
        super().__init__(
            name=name,
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            declare=[("actor", "text"), ("changes", "jsonb"), ("key", "text")],
            func="-- see get_func",
            condition=condition,
        )

    def get_func(self, model: type[models.Model]) -> str:
        """Return the body of the trigger function for `model`."""
        skip = "'{" + ",".join(("id", *self.exclude)) + "}'::text[]"
        return f"""
            actor := current_setting('{ACTOR_SETTING}', true);
            IF coalesce(actor, '') = '' THEN
                RAISE EXCEPTION 'write on % outside a service transaction', TG_TABLE_NAME USING ERRCODE = 'P0001';
            END IF;
            changes := '{{}}'::jsonb;
            IF TG_OP = 'UPDATE' THEN
                SELECT jsonb_object_agg(new_value.key, jsonb_build_array(old_value.value, new_value.value))
                  INTO changes
                  FROM jsonb_each(to_jsonb(NEW) - {skip}) new_value
                  JOIN jsonb_each(to_jsonb(OLD) - {skip}) old_value USING (key)
                 WHERE new_value.value IS DISTINCT FROM old_value.value;
                IF changes IS NULL THEN
                    RETURN NULL;
                END IF;
            ELSIF TG_OP = 'DELETE' THEN
                changes := to_jsonb(OLD) - {skip};
            END IF;
            IF TG_OP = 'DELETE' THEN key := to_jsonb(OLD) ->> 'id'; ELSE key := to_jsonb(NEW) ->> 'id'; END IF;
            INSERT INTO core_rowhistory (table_name, row_id, operation, changes, actor, at)
            VALUES (TG_TABLE_NAME, key, lower(TG_OP), changes, actor, now());
            RETURN NULL;
        """  # noqa: S608  (every part is a constant of ours)


def row_history(*, exclude: Iterable[str] = ()) -> RowHistoryTrigger:
    """Return the trigger that keeps the history of a model's rows, without the columns in `exclude`."""
    return RowHistoryTrigger(name="row_history", exclude=exclude)
