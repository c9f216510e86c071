# SPDX-License-Identifier: EUPL-1.2
"""Operations of migrations."""

from typing import Any

from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveConstraint,
    RemoveIndex,
)
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger, RemoveTrigger

# What changes nothing in how a table and its fields are drawn.
_BESIDE = AddIndex | RemoveIndex | AddConstraint | RemoveConstraint | AddTrigger | RemoveTrigger


class Together(Operation):
    """Creates the tables of an application, and their triggers, as one step of its migration.

    Django draws the models related to a changed one again after every operation, which for the hundreds of
    operations of our first migrations was most of the time of `migrate`, on every test run and every new machine.
    Here they are drawn once, when all are known.

    Args:
        operations: `CreateModel` (tables may point at one another in a circle); fields, indexes and constraints added;
            a field altered once; triggers. Others would meet tables that are further than they expect.
    """

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Tell the state of all of them before anything of it is drawn.

        Where no table that was there gets a new relation, those drawn before stand: the new ones are drawn beside them,
        and the changed ones again. Otherwise all are drawn again, when somebody asks.
        """
        drawn = state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if drawn is None or not all(map(self._leaves_relations, self.operations)):
            return
        state.__dict__["apps"] = drawn
        made = {operation.name_lower for operation in self.operations if isinstance(operation, CreateModel)}
        fields = [operation for operation in self.operations if isinstance(operation, AddField | AlterField)]
        changed = {operation.model_name_lower for operation in fields} - made
        drawn.render_multiple([state.models[app_label, name] for name in sorted(made)])
        state.reload_models({(app_label, name) for name in changed}, delay=True)

    def _leaves_relations(self, operation: Operation) -> bool:
        """Whether the tables that were there are related as before."""
        if isinstance(operation, AddField | AlterField):
            made = {other.name_lower for other in self.operations if isinstance(other, CreateModel)}
            field = operation.field
            return operation.model_name_lower in made or not (field.is_relation or field.unique)
        return isinstance(operation, CreateModel | _BESIDE)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Run each against the state in which all are done."""
        for operation in self._steps():
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Undo each, the last first."""
        for operation in reversed(self._steps()):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def _steps(self) -> list[Operation]:
        """Those with something to do: a table made here is made with all that is added to it here."""
        made = {operation.name_lower for operation in self.operations if isinstance(operation, CreateModel)}
        return [
            operation
            for operation in self.operations
            if not (isinstance(operation, AddField | AddIndex | AddConstraint) and operation.model_name_lower in made)
        ]

    def describe(self) -> str:
        """Return the sentence shown by `migrate --plan`."""
        return f"{len(self.operations)} operations together"
