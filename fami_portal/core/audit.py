# SPDX-License-Identifier: EUPL-1.2
"""Reading the records: the timeline of one object, and the changes of its fields.

These answer "what happened to this"; whether the reader may know it is decided by the page that asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core.models import AuditEvent, RowHistory, TransitionLog
from fami_portal.core.services import SYSTEM
from fami_portal.core.workflow import REGISTRY, Workflow

_verbs: dict[str, object] = {
    "stored": gettext_lazy("File stored"),
    "destroyed": gettext_lazy("File destroyed"),
    "retried": gettext_lazy("Started again"),
}


def register_verbs(labels: Mapping[str, object]) -> None:
    """Make the labels of audit verbs known ("stored" → _("File stored")); called by each app when it is ready."""
    _verbs.update(labels)


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened: when, what, by whom, on whose behalf, why, and between which states."""

    at: datetime
    label: str
    actor: str
    on_behalf_of: str
    comment: str
    source: str = ""
    target: str = ""
    colour: str = "secondary"


@dataclass(frozen=True)
class FieldChange:
    """One field of a row that changed, with the values as people read them."""

    at: datetime
    actor: str
    operation: str
    field: str
    before: str
    after: str


def timeline(instance: models.Model, *, limit: int = 100) -> list[TimelineEntry]:
    """Return what happened to the object, newest first: changes of state and other audited acts. Two queries."""
    name, pk = instance._meta.label_lower, str(instance.pk)
    workflow = _workflow_of(instance)
    moves = (
        list(TransitionLog.objects.filter(entity=workflow.entity, entity_id=instance.pk).order_by("-id")[:limit])
        if workflow
        else []
    )
    told = {(move.transition, move.at) for move in moves}
    events = AuditEvent.objects.filter(target_type=name, target_id=pk).order_by("-id")[:limit]
    entries = [_move_entry(workflow, move) for move in moves if workflow]
    entries += [_event_entry(event) for event in events if (event.verb, event.at) not in told]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _workflow_of(instance: models.Model) -> Workflow | None:
    meta = instance._meta
    for entity in (meta.label_lower, meta.label, meta.object_name, meta.model_name):
        if entity in REGISTRY:
            return REGISTRY[entity]
    return None


def _move_entry(workflow: Workflow, move: TransitionLog) -> TimelineEntry:
    transition = workflow.transitions.get(move.transition)
    return TimelineEntry(
        at=move.at,
        label=str(transition.label) if transition else move.transition,
        actor=_person(move.actor),
        on_behalf_of=move.on_behalf_of,
        comment=move.comment,
        source=_state(workflow, move.source),
        target=_state(workflow, move.target),
        colour=workflow.colours.get(move.target, "secondary"),
    )


def _event_entry(event: AuditEvent) -> TimelineEntry:
    return TimelineEntry(
        at=event.at,
        label=str(_verbs.get(event.verb, event.verb)),
        actor=_person(event.actor),
        on_behalf_of=event.on_behalf_of,
        comment=event.reason,
    )


def _state(workflow: Workflow, value: str) -> str:
    return str(workflow.states(value).label) if value in workflow.states.values else value


def _person(actor: str) -> str:
    """Return the name without the e-mail address that accompanies it in the record."""
    if actor == SYSTEM:
        return _("The portal")
    return actor.split(" <", 1)[0].strip() or actor.strip("<> ")


def field_changes(instance: models.Model, *, limit: int = 200) -> list[FieldChange]:
    """Return the changes of the object's own row, newest first, one per field. Two queries."""
    rows = list(
        RowHistory.objects.filter(table_name=instance._meta.db_table, row_id=str(instance.pk)).order_by("-id")[:limit]
    )
    people = _people(row.actor for row in rows)
    changes = []
    for row in rows:
        actor = people.get(row.actor, row.actor)
        if row.operation != "update":
            changes.append(FieldChange(row.at, actor, row.operation, "", "", ""))
            continue
        for column, (before, after) in sorted(row.changes.items()):
            field = _field(instance, column)
            label = str(field.verbose_name) if field is not None else column
            changes.append(FieldChange(row.at, actor, "update", label, _value(field, before), _value(field, after)))
    return changes[:limit]


def _people(actors: Iterable[str]) -> dict[str, str]:
    labels = set(actors)
    ids = {label.removeprefix("user:") for label in labels if label.startswith("user:")}
    found = {f"user:{user.pk}": _person(str(user)) for user in get_user_model()._default_manager.filter(pk__in=ids)}
    return found | {SYSTEM: _("The portal")}


def _field(instance: models.Model, column: str) -> "models.Field[Any, Any] | None":
    try:
        return instance._meta.get_field(column)  # type: ignore[return-value]
    except FieldDoesNotExist:
        return next((f for f in instance._meta.concrete_fields if f.column == column), None)


def _value(field: "models.Field[Any, Any] | None", value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    for key, label in getattr(field, "flatchoices", ()) or ():
        if key == value:
            return str(label)
    return str(value)
