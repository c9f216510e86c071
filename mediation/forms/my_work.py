# SPDX-License-Identifier: EUPL-1.2
"""The forms of the mediator's own pages: the ordinary week, exceptions, contacts."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm, TimeInput
from mediation.forms.phones import check_phone
from mediation.models import Mediator, WeeklyAvailability
from mediation.selectors.availability import MAX_PER_DAY, STEP, WeeklyRow, week_problems

# Stretches offered for each day even when fewer are written: morning and afternoon.
OFFERED = 2
MONDAY, FRIDAY = 0, 4


def _quarters() -> TimeInput:
    return TimeInput(attrs={"step": STEP * 60})


class WeekForm(PortalForm):
    """The stretches of an ordinary week, day by day; an empty one does not count."""

    submit_label = _("Save the week")
    as_monday = forms.BooleanField(
        label=_("From Tuesday to Friday as on Monday"),
        required=False,
        help_text=_("Write Monday only: its hours go to the other four days, in place of what is there."),
    )

    def __init__(self, *args: Any, week: Sequence[WeeklyAvailability] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places: list[tuple[int, int]] = []
        for weekday, name in WEEKDAYS.items():
            present = [row for row in week if row.weekday == weekday]
            # One empty stretch always follows the last, so that more can be added without a script; and what was typed
            # in a page that has grown old is still there.
            count = min(max(len(present) + 1, OFFERED), max(MAX_PER_DAY, len(present)))
            while count < MAX_PER_DAY and self.data.get(f"d{weekday}_{count}_from"):
                count += 1
            for number in range(count):
                row = present[number] if number < len(present) else None
                day = {"day": name, "number": number + 1}
                for part, label, value in (
                    ("from", _("%(day)s %(number)d, from"), row and row.starts_at),
                    ("until", _("%(day)s %(number)d, until"), row and row.ends_at),
                ):
                    self.fields[f"d{weekday}_{number}_{part}"] = forms.TimeField(
                        label=label % day, required=False, widget=_quarters(), initial=value
                    )
                self.places.append((weekday, number))

    def get_layout(self) -> Sequence[Any]:
        """One group for each day, from and until side by side."""
        days = []
        for weekday, name in WEEKDAYS.items():
            lines = [
                Div(
                    Div(f"d{weekday}_{number}_from", css_class="col-6"),
                    Div(f"d{weekday}_{number}_until", css_class="col-6"),
                    css_class="row week-row",
                )
                for day, number in self.places
                if day == weekday
            ]
            extra = ["as_monday"] if weekday == MONDAY else []
            days.append(Fieldset(str(name).capitalize(), *lines, *extra))
        return days

    def clean(self) -> dict[str, Any]:
        """Say everything that is wrong, each at its own time."""
        data = super().clean() or self.cleaned_data
        written: list[tuple[str, WeeklyRow]] = []
        for weekday, number in self.places:
            name = f"d{weekday}_{number}"
            if f"{name}_from" not in data or f"{name}_until" not in data:
                continue  # not a time: said already
            begin, end = data[f"{name}_from"], data[f"{name}_until"]
            copied = data.get("as_monday") and MONDAY < weekday <= FRIDAY
            if (begin or end) and not copied:
                written.append((name, WeeklyRow(weekday, begin, end)))
        for problem in week_problems([row for _name, row in written]):
            part = "from" if problem.part == "starts_at" else "until"
            self.add_error(f"{written[problem.position][0]}_{part}", problem.sentence)
        self._rows = [row for _name, row in written]
        if data.get("as_monday"):
            monday = [row for row in self._rows if row.weekday == MONDAY]
            self._rows += [
                WeeklyRow(weekday, row.starts_at, row.ends_at)
                for weekday in range(MONDAY + 1, FRIDAY + 1)
                for row in monday
            ]
        return data

    def rows(self) -> list[WeeklyRow]:
        """Return the stretches that are written."""
        return self._rows


class ExceptionForm(PortalForm):
    """Days that are not as every week."""

    submit_label = _("Add the exception")
    is_available = forms.TypedChoiceField(
        label=_("On these days"),
        choices=[("no", _("I am not free")), ("yes", _("I am free, although usually not"))],
        initial="no",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
    )
    starts_on = forms.DateField(label=_("From the day"))
    ends_on = forms.DateField(label=_("To the day"), required=False, help_text=_("Empty: that day only."))
    starts_at = forms.TimeField(
        label=_("From time"), required=False, widget=_quarters(), help_text=_("Empty: the whole day.")
    )
    ends_at = forms.TimeField(label=_("Until time"), required=False, widget=_quarters())

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}
        return values | {"ends_on": values["ends_on"] or values["starts_on"]}


class ContactsForm(PortalForm):
    """What the mediator may change of the own entry."""

    submit_label = _("Save my contacts")
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=30, validators=[check_phone])


def contacts_of(mediator: Mediator) -> dict[str, Any]:
    """Return the contacts as their form shows them."""
    return {"email": mediator.email, "phone": mediator.phone}
