# SPDX-License-Identifier: EUPL-1.2
"""The form of a new version of the budget: a table of amounts, and why it changes."""

import re
from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from actions.enums import ChangeReason
from actions.selectors.budgets import BudgetTable, Line
from fami_portal.core.forms import PortalForm

_LARGEST = 10**14


def read_euro(text: str) -> int:
    """Return the cents of an amount as people write it: 1.234,50 – 1234.5 – € 1 234. Raises `ValidationError`."""
    plain = re.sub(r"[€\s\u00a0'’]", "", text)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d{1,2})?|\d+(,\d{1,2})?", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif not re.fullmatch(r"\d+(\.\d{1,2})?|\d{1,3}(,\d{3})+(\.\d{1,2})?", plain):
        raise ValidationError(_("Write an amount in euro, as 1.234,50."))
    whole, _point, part = plain.replace(",", "").partition(".")
    cents = int(whole) * 100 + int((part + "00")[:2])
    if cents > _LARGEST:
        raise ValidationError(_("This amount is too large."))
    return cents


def written_euro(cents: int | None) -> str:
    """Write an amount as it is typed: 1.234,50."""
    return "" if not cents else number_format(cents / 100, 2, force_grouping=True)


class EuroField(forms.CharField):
    """An amount in euro; its value is whole cents, nothing written is zero."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(max_length=30, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return cents."""
        text = super().clean(value)
        return read_euro(text) if text else 0


class _Grid:
    """The table of amounts inside the layout of the form."""

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        return render_to_string("actions/_budget_grid.html", {"grid": form.grid()})


class BudgetForm(PortalForm):
    """A new version of the whole table, or of the lines of the networks that one coordinates."""

    submit_label = _("Save the version")
    total = EuroField(label=_("Total of the programme"), help_text=_("In euro, as 237.170,00."))
    valid_from = forms.DateField(label=_("Valid from"))
    reason = forms.ChoiceField(label=_("Why it changes"))
    act = forms.CharField(
        label=_("Act that approves it"),
        required=False,
        max_length=200,
        help_text=_("Number and date, as “Determina 12 del 3/2/2026”. Needed for a change approved or an extension."),
    )

    def __init__(self, *args: Any, table: BudgetTable, whole: bool, **kwargs: Any) -> None:
        self.table = table
        super().__init__(*args, version=table.budget.number if table.budget else 0, **kwargs)
        reasons = [choice for choice in ChangeReason.choices if (choice[0] == ChangeReason.FIRST) == (not table.budget)]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        if not whole:
            del self.fields["total"]
        for row in table.rows:
            for action in table.columns:
                if action not in row.actions:
                    continue
                field = EuroField(
                    label=f"{row.label} – {table.action_label(action)}",
                    required=False,
                    initial=written_euro(table.cells.get((row.line, action))),
                )
                if not whole and row.line == Line(row.line.network):
                    field.disabled = True
                self.fields[self.name_of(row.line, action)] = field

    @staticmethod
    def name_of(line: Line, action: int | None) -> str:
        """Return the name of the field of a cell."""
        return f"c-{line.key}-{action or 0}"

    def get_layout(self) -> Sequence[Any]:
        """The table first, then why it changes."""
        head = ["total"] if "total" in self.fields else []
        return [*head, _Grid(), Fieldset(_("Why and from when"), "reason", "act", "valid_from")]

    def grid(self) -> dict[str, Any]:
        """Return what the template of the table shows."""
        table = self.table
        return {
            "columns": [str(table.action_label(action)).capitalize() for action in table.columns],
            "rows": [
                {
                    "row": row,
                    "parent": row.line.parent.key if row.line.parent else "",
                    "key": row.line.key,
                    "cells": [
                        self[self.name_of(row.line, action)] if action in row.actions else None
                        for action in table.columns
                    ],
                    "total": written_euro(table.total(row.line)),
                }
                for row in table.rows
            ],
        }

    def cells(self) -> dict[tuple[Line, int | None], int]:
        """Return the amounts by line and action."""
        return {
            (row.line, action): self.cleaned_data[self.name_of(row.line, action)]
            for row in self.table.rows
            for action in self.table.columns
            if action in row.actions
        }

    def has_amounts(self) -> bool:
        """Whether all amounts were read, whatever else is missing: then the sums can be told."""
        if not self.is_bound:
            return False
        names = {*([] if "total" not in self.fields else ["total"]), *(n for n in self.fields if n.startswith("c-"))}
        return self.is_bound and not names & self.errors.keys()

    def total_cents(self, last: Any) -> int:
        """Return the total in cents: what was written, or that of the last version for who divides a share."""
        if "total" in self.fields:
            return int(self.cleaned_data["total"])
        return int(last.total_cents) if last else 0

    def add_sums(self, error: Any) -> None:
        """Show every sum that does not come out, at the amount that its parts should make."""
        if error is None or not error.sums:
            return
        self.add_error(None, str(error))
        for wrong in error.sums:
            name = "total" if wrong.column == -1 else self.name_of(wrong.line, wrong.column)
            self.add_error(name if name in self.fields else None, str(wrong))
