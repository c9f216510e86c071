# SPDX-License-Identifier: EUPL-1.2
"""What the steps of the form of a request share: a step may be left incomplete, and what is valid of it is kept."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import Markup, PortalForm
from mediation.models import MediationRequest
from mediation.selectors.free_text import refusals
from mediation.selectors.request_rules import FREE_TEXT

_NOT_VALUES = ("submission_key", "version")


class MonthField(forms.CharField):
    """A month, written as 09/2018; it becomes the first day of that month."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Month and year, for example 09/2018"))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> date | None:  # type: ignore[override]
        """Return the first day of the month, or None."""
        text = super().clean(value)
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,2})\s*[/.-]\s*(\d{4})", text) or re.fullmatch(r"(\d{4})-(\d{1,2})", text)
        if found:
            first, second = (int(part) for part in found.groups())
            month, year = (first, second) if second > 12 else (second, first)
            if 1 <= month <= 12 and 1900 <= year <= 2100:
                return date(year, month, 1)
        raise ValidationError(_("Write the month and the year, for example 09/2018."))

    def prepare_value(self, value: Any) -> Any:
        """Show a month as people write it."""
        return f"{value:%m/%Y}" if isinstance(value, date) else value


@dataclass(frozen=True)
class Choices:
    """The rows to choose from, read by the view."""

    languages: Sequence[Any] = ()
    countries: Sequence[Any] = ()
    municipalities: Sequence[Any] = ()
    mediators: Sequence[Any] = ()


@dataclass(frozen=True)
class Saved:
    """What of a step can be kept: values of the request, and its languages and times when they are all valid."""

    values: dict[str, Any]
    languages: list[tuple[Any, str]] | None = None
    slots: list[tuple[date, time | None, time | None]] | None = None


class StepForm(PortalForm):
    """One step of the form; subclasses say which fields, and what the service takes."""

    step = 0
    # Fields of the form that carry another name than the fact in which a rule finds a problem.
    renamed: dict[str, str] = {}

    def __init__(self, *args: Any, request: MediationRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    @classmethod
    def initial_of(cls, request: MediationRequest) -> dict[str, Any]:
        """Return what the request says already."""
        return {name: getattr(request, name) for name in cls.base_fields if hasattr(request, name)}

    def clean(self) -> dict[str, Any]:
        """Refuse what identifies a person in free text, at its field."""
        data = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if name in FREE_TEXT or name.startswith("variety")]:
            for sentence in refusals(str(data.get(name) or "")):
                self.add_error(name, sentence)
        return data

    def only_incomplete(self) -> bool:
        """Whether nothing is wrong except what is missing: then it can be kept for later."""
        return all(error.code == "required" for errors in self.errors.as_data().values() for error in errors)

    def kept(self) -> dict[str, Any]:
        """Return the valid values; what was emptied becomes empty."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in _NOT_VALUES}
        for name, errors in self.errors.as_data().items():
            if name in self.fields and all(error.code == "required" for error in errors):
                found[name] = ""
        return found

    def saved(self) -> Saved:
        """Return what the service takes."""
        return Saved({name: value for name, value in self.kept().items() if name in self.base_fields})

    def add_problems(self, problems: Iterable[Any]) -> None:
        """Show at their fields the problems of this step that nothing else says."""
        for problem in problems:
            name = self.renamed.get(problem.field, problem.field)
            if problem.step == self.step and name in self.fields and name not in self.errors:
                self.add_error(name, problem.sentence)

    def move_to(self, version: int) -> None:
        """Carry the version of what has just been saved, for the form that is shown again."""
        data = self.data.copy()
        data[self.add_prefix("version")] = str(version)
        self.data = data

    def _foot(self) -> list[Any]:
        button = '<button type="submit" name="then" value="{}" class="btn btn-{}">{}</button>'
        return [
            Div(
                Markup(button, "on", "primary", _("Save and go on")),
                Markup(button, "later", "outline-primary", _("Save and come back later")),
                css_class="form-buttons",
            )
        ]
