# SPDX-License-Identifier: EUPL-1.2
"""The base of every form: one helper, one error summary, nothing typed is lost.

    class MeetingForm(PortalForm):
        submit_label = _("Save the meeting")
        held_on = forms.DateField(label=_("Date"))

    form = MeetingForm(request.POST or None, version=meeting.version)
    ...
    except DomainError as error:
        form.add_refusal(error)

The template says `{% crispy form %}`. A page that names its form `form` gets the title prefix of the error state too.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.forms.widgets import DateTimeBaseInput
from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError

_NATIVE = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime-local": "%Y-%m-%dT%H:%M"}


class _NativeInput(DateTimeBaseInput):
    """A native picker that shows again whatever was typed: ISO where it can be read, plain text where it cannot."""

    input_type = "date"
    formats_name = "DATE_INPUT_FORMATS"
    supports_microseconds = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=_NATIVE[self.input_type])

    def format_value(self, value: Any) -> Any:
        if isinstance(value, str):
            for pattern in formats.get_format(self.formats_name):
                try:
                    read = datetime.strptime(value.strip(), pattern)  # noqa: DTZ007  wall-clock text, not a moment
                except ValueError:
                    continue
                return read.strftime(_NATIVE[self.input_type])
            return value
        return super().format_value(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown:
            try:
                datetime.strptime(shown, _NATIVE[self.input_type])  # noqa: DTZ007  wall-clock text
            except ValueError:
                context["widget"]["type"] = "text"  # a native picker would swallow what it cannot read
        return context


class DateInput(_NativeInput):
    """A day."""


class TimeInput(_NativeInput):
    """A time of day, to the minute."""

    input_type = "time"
    formats_name = "TIME_INPUT_FORMATS"


class DateTimeInput(_NativeInput):
    """A day and a time."""

    input_type = "datetime-local"
    formats_name = "DATETIME_INPUT_FORMATS"


# Field class, widget to replace, replacement, help when the field has none.
_WIDGETS: tuple[tuple[type[forms.Field], type[forms.Widget], type[forms.Widget], Any], ...] = (
    (forms.DateTimeField, forms.DateTimeInput, DateTimeInput, ""),
    (forms.DateField, forms.DateInput, DateInput, _("For example 15/03/2026")),
    (forms.TimeField, forms.TimeInput, TimeInput, _("For example 14:30")),
)


class Markup:
    """A piece of a crispy layout with its values escaped (crispy's own `HTML` would run them as a template)."""

    def __init__(self, pattern: str, *values: Any) -> None:
        self.pattern = pattern
        self.values = values

    def render(self, form: Any, context: Any, template_pack: Any = None, **kwargs: Any) -> str:
        """Return the markup, in the language of the moment."""
        return format_html(self.pattern, *self.values)


@dataclass(frozen=True)
class ErrorLine:
    """One line of the error summary: the words at the field, and the id that a link can reach."""

    target: str
    label: Any
    message: Any


def error_lines(form: forms.BaseForm) -> list[ErrorLine]:
    """Return the errors of any form in the order of its fields, those of the whole form first."""
    lines = [ErrorLine("", "", message) for message in form.non_field_errors()]
    for bound in form:
        # A group of choices has no label target: its first option is the one to reach.
        target = "" if bound.is_hidden else bound.id_for_label or f"{bound.auto_id}_0"
        # A declaration or a question is a sentence: its last mark does not stand before a colon.
        # A field whose label says enough only beside its neighbours has longer words for here.
        label = str(getattr(bound.field, "label_alone", "") or bound.label).rstrip(".?")
        lines.extend(ErrorLine(target, label, message) for message in bound.errors)
    return lines


class FormBehaviour:
    """What every form of the portal shares; mixed into `PortalForm` and `PortalModelForm`."""

    submit_label: Any = _("Save")
    submit_style = "primary"
    # Shown at the left of the button: where the person goes without saving.
    cancel_url = ""
    use_required_attribute = False

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, version: object = None, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cancel_url = cancel_url or self.cancel_url
        for field in self.fields.values():
            _prepare(field, hints=self._takes_submissions)
        if self._takes_submissions:
            self.fields["submission_key"] = forms.UUIDField(
                required=False, widget=forms.HiddenInput, initial=uuid.uuid4
            )
        if version is not None:
            self.fields["version"] = forms.CharField(required=False, widget=forms.HiddenInput, initial=str(version))

    _takes_submissions = True

    @property
    def submission_key(self) -> uuid.UUID | None:
        """The key of this filling-in: the same for both halves of a double click, for services that write once."""
        return self.cleaned_data.get("submission_key")  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """Return the crispy objects of the form; by default its visible fields in order."""
        return [name for name, field in self.fields.items() if not field.widget.is_hidden]

    @cached_property
    def helper(self) -> FormHelper:
        """The crispy helper, built once: nothing of it is repeated in the forms."""
        helper = FormHelper()
        helper.form_method = "post"
        helper.attrs = {"novalidate": True}
        helper.form_class = "portal-form"
        helper.include_media = False
        helper.render_hidden_fields = True
        helper.layout = Layout(*self._head(), *self.get_layout(), *self._foot())
        return helper

    def _head(self) -> list[Any]:
        if any(field.required and not field.widget.is_hidden for field in self.fields.values()):
            return [Markup('<p class="required-note">{}</p>', _("Fields marked with * are required."))]
        return []

    def _foot(self) -> list[Any]:
        submit = Markup('<button type="submit" class="btn btn-{}">{}</button>', self.submit_style, self.submit_label)
        cancel = Markup('<a class="btn btn-outline-primary" href="{}">{}</a>', self.cancel_url, self._way_out())
        return [Div(submit, *([cancel] if self.cancel_url else []), css_class="form-buttons")]

    def _way_out(self) -> Any:
        """Name the way back. Beside an act that cancels something, “Cancel” would say the same as the act."""
        return _("Go back") if self.submit_style == "danger" else _("Cancel")

    def add_refusal(self, error: DomainError, *, version: object = None) -> None:
        """Show the refusal of a service at its field, or at the top; everything typed stays.

        After a `StaleError` pass the current `version`, so that the person can check the values and save again.
        """
        field = error.field if error.field in self.fields else None
        self.add_error(field, str(error))  # type: ignore[attr-defined]
        if version is not None and "version" in self.fields:
            data = self.data.copy()  # type: ignore[has-type]
            data[self.add_prefix("version")] = str(version)  # type: ignore[attr-defined]
            self.data = data


class PortalForm(FormBehaviour, forms.Form):
    """A form that posts to a service."""


class PortalModelForm(FormBehaviour, forms.ModelForm):
    """A form whose fields come from a model. It never saves: services write."""

    def save(self, commit: bool = True) -> Any:
        raise NotImplementedError("forms do not write: call a service with cleaned_data")


class PortalFilterForm(FormBehaviour, forms.Form):
    """The form of a filter set (`class Meta: form = PortalFilterForm`): in the address, without submission key."""

    _takes_submissions = False


def _prepare(field: forms.Field, *, hints: bool) -> None:
    """Give a field the widget and the hint of the portal, unless the form chose its own."""
    for field_class, stock, widget, hint in _WIDGETS:
        if type(field) is field_class and type(field.widget) is stock:
            attrs = dict(field.widget.attrs)
            field.widget = widget(attrs)
            field.help_text = field.help_text or (hint if hints else "")
            return
    if isinstance(field, forms.DecimalField | forms.FloatField) and isinstance(field.widget, forms.NumberInput):
        # A number input loses what it cannot read, and refuses the comma in some browsers.
        field.localize = True
        field.widget = forms.TextInput({**field.widget.attrs, "inputmode": "decimal"})
        field.widget.is_localized = True
    elif isinstance(field, forms.IntegerField) and isinstance(field.widget, forms.NumberInput):
        field.widget = forms.TextInput({**field.widget.attrs, "inputmode": "numeric"})
