# SPDX-License-Identifier: EUPL-1.2
"""The door of every write: the acting person, the audit event, the change of state."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from fami_portal.core import clock
from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.history import ACTOR_SETTING
from fami_portal.core.models import AuditEvent, TransitionLog
from fami_portal.core.workflow import Workflow

SYSTEM = "system"
_actor: ContextVar[str | None] = ContextVar("portal_actor", default=None)
# The events that wait for the end of one act of several services.
_gathered: ContextVar[list[AuditEvent] | None] = ContextVar("portal_gathered", default=None)


def actor_label(by: Any) -> str:
    """Return the text by which history knows the person: `user:ID`, or `system` for the portal itself."""
    return SYSTEM if by is None else f"user:{by.pk}"


def _set_actor(label: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [ACTOR_SETTING, label])


@contextmanager
def acting(by: Any) -> Iterator[None]:
    """Open a service transaction in the name of `by` (a user, or None for the portal itself).

    Everything written inside is committed together or not at all, and is signed with the actor in the row history.
    May be nested: an inner one takes over and gives the name back.
    """
    label = actor_label(by)
    outer = _actor.get()
    with transaction.atomic():
        if outer != label:
            _set_actor(label)
        token = _actor.set(label)
        try:
            yield
        finally:
            _actor.reset(token)
        if outer is not None and outer != label:
            _set_actor(outer)
    if outer is None and connection.in_atomic_block:
        # Inside somebody else's transaction (every test) the name would outlive the service and sign what follows.
        _set_actor("")


@contextmanager
def gathering_events() -> Iterator[None]:
    """Write the audit events of several services that are one act in one query, at its end; inside `acting`.

    If the act fails nothing of it is written, as always.
    """
    events: list[AuditEvent] = []
    token = _gathered.set(events)
    try:
        yield
    finally:
        _gathered.reset(token)
    AuditEvent.objects.bulk_create(events)


def record_event(
    *,
    by: Any,
    verb: str,
    target: models.Model,
    reason: str = "",
    on_behalf_of: object = "",
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """Write the audit event of an act, in the transaction of the act.

    `verb` is a lower-case English word ("validated"); `data` holds ids and figures, never names.
    """
    event = AuditEvent(
        at=at or clock.now(),
        actor_id=getattr(by, "pk", None),
        actor=str(by) if by is not None else SYSTEM,
        on_behalf_of=str(on_behalf_of or ""),
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        reason=reason,
        data=data or {},
    )
    _write_events([event])
    return event


def _write_events(events: list[AuditEvent]) -> None:
    gathered = _gathered.get()
    if gathered is not None:
        gathered += events
    elif events:
        AuditEvent.objects.bulk_create(events)


def record_events(
    *, by: Any, verb: str, targets: Sequence[models.Model], reason: str = "", at: datetime | None = None
) -> None:
    """Write the audit event of one act on many records, in one query; as `record_event`."""
    _write_events(
        [
            AuditEvent(
                at=at or clock.now(),
                actor_id=getattr(by, "pk", None),
                actor=str(by) if by is not None else SYSTEM,
                verb=verb,
                target_type=target._meta.label_lower,
                target_id=str(target.pk),
                reason=reason,
            )
            for target in targets
        ]
    )


def change_state(
    *,
    instance: models.Model,
    workflow: Workflow,
    transition: str,
    by: Any,
    comment: str = "",
    on_behalf_of: object = "",
    at: datetime | None = None,
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move `instance` along its workflow inside the caller's service transaction.

    Takes the row lock, checks the table, compares and swaps the state together with `fields`, writes the
    transition log and the audit event, and refreshes `instance`. Raises `TransitionNotAllowed` when the state does
    not allow it or somebody was faster.
    """
    at = at or clock.now()
    manager = type(instance)._default_manager
    locked = manager.select_for_update(of=("self",)).get(pk=instance.pk)
    source = locked.state  # type: ignore[attr-defined]
    row = workflow.check(source, transition, comment)
    moved = manager.filter(pk=instance.pk, state=source).update(state=row.target, **fields)
    if not moved:
        raise TransitionNotAllowed(_("Somebody was faster: reload the page to see the current state."))
    TransitionLog.objects.create(
        at=at,
        entity=workflow.entity,
        entity_id=instance.pk,
        transition=transition,
        source=source,
        target=row.target,
        comment=comment.strip(),
        actor_id=getattr(by, "pk", None),
        actor=str(by) if by is not None else SYSTEM,
        on_behalf_of=str(on_behalf_of or ""),
    )
    record_event(
        by=by, verb=transition, target=instance, reason=comment.strip(), on_behalf_of=on_behalf_of, data=data, at=at
    )
    computed = [name for name, value in fields.items() if hasattr(value, "resolve_expression")]
    for name, value in {**fields, "state": row.target}.items():
        field: Any = locked._meta.get_field(name)
        if name not in computed:
            setattr(locked, field.attname, value.pk if isinstance(value, models.Model) else field.to_python(value))
    if computed:
        locked.refresh_from_db(fields=computed)  # only the database knows what they have become
    take_over(instance, locked)


def take_over(instance: models.Model, row: models.Model) -> None:
    """Make `instance` say what `row`, another copy of the same record, says: `refresh_from_db` without reading it again.

    For a row that this transaction holds locked. Records that it still points to stay at hand; what points to it is
    forgotten.
    """
    for field in instance._meta.concrete_fields:
        setattr(instance, field.attname, getattr(row, field.attname))
    relations: list[Any] = list(instance._meta.related_objects)
    for relation in relations:
        if relation.is_cached(instance):
            relation.delete_cached_value(instance)
    getattr(instance, "_prefetched_objects_cache", {}).clear()
