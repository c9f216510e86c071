# SPDX-License-Identifier: EUPL-1.2
"""Operations of migrations."""

from typing import Any

from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation


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
        """Tell the state of all of them before anything of it is drawn."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

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
