# SPDX-License-Identifier: EUPL-1.2
"""The forms of sessions. What the rules refuse is told by the services, at the field."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.forms import RowField
from fami_portal.core.forms import PortalForm
from mediation.enums import Absent, SessionOutcome
from partners.models import Language

_NOTE_HELP = _("Without names, phone numbers or health data.")


def moment_of(day: date, hour: time, *, fold: int = 0) -> datetime:
    """Return the moment of a day and hour in Italy, in UTC; `fold` 1 is the second of the hour that October repeats."""
    wall = datetime.combine(day, hour).replace(fold=fold)
    return timezone.make_aware(wall).astimezone(UTC)


def span_of(day: date, begin: time, end: time) -> tuple[datetime, datetime]:
    """Return the two moments of what began on a day: an end that comes earlier is of the second repeated hour in
    October, else of the day after."""
    first = moment_of(day, begin)
    for last in (moment_of(day, end), moment_of(day, end, fold=1)):
        if last > first:
            return first, last
    return first, moment_of(day + timedelta(days=1), end)


def _exists(day: date, hour: time) -> bool:
    return timezone.localtime(moment_of(day, hour)).time() == hour


class TimesForm(PortalForm):
    """A day and two hours in Italy; an end before the start is of the day after."""

    day = forms.DateField(label=_("Day"))
    starts_at = forms.TimeField(label=_("Starts at"))
    ends_at = forms.TimeField(label=_("Ends at"))

    def clean(self) -> dict[str, Any] | None:
        """Refuse an hour that does not exist in the night in which the clocks go forward."""
        data = super().clean()
        for name in ("starts_at", "ends_at"):
            day, hour = self.cleaned_data.get("day"), self.cleaned_data.get(name)
            if day and hour and not _exists(day, hour):
                self.add_error(name, _("This hour does not exist on that day: the clocks go forward."))
        begin, end = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if begin and begin == end:
            self.add_error("ends_at", _("The end is the same as the start: correct one of the two."))
        return data

    def moments(self) -> tuple[datetime, datetime]:
        """Return the start and the end as moments."""
        data = self.cleaned_data
        return span_of(data["day"], data["starts_at"], data["ends_at"])

    @staticmethod
    def initial_of(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
        """Return what the three fields begin with."""
        start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
        return {"day": start.date(), "starts_at": start.time(), "ends_at": end.time()}

    def _times(self) -> list[Any]:
        return [
            "day",
            Div(Div("starts_at", css_class="col-6"), Div("ends_at", css_class="col-6"), css_class="row"),
        ]

    def _two(self, first: str, second: str) -> Div:
        return Div(Div(first, css_class="col-sm-6"), Div(second, css_class="col-sm-6"), css_class="row")


class OnBehalfForm(PortalForm):
    """Who did what a coordinator enters; the mediator's own forms do not ask."""

    def ask_for_author(self, asks: bool, initial: str = "") -> None:
        """Add the field for a coordinator."""
        if asks:
            self.fields["on_behalf_of"] = forms.CharField(
                label=_("On behalf of"),
                max_length=150,
                initial=initial,
                help_text=_("The person who told you: it stays written beside your name."),
            )

    @property
    def author(self) -> str:
        """What was written there."""
        return str(self.cleaned_data.get("on_behalf_of", ""))


class RecordForm(TimesForm, OnBehalfForm):
    """How a session went: as it was planned, unless changed."""

    submit_label = _("Record the session")
    break_minutes = forms.IntegerField(label=_("Minutes of break"), min_value=0, initial=0)
    travel_minutes = forms.IntegerField(
        label=_("Minutes of travel"),
        min_value=0,
        initial=0,
        help_text=_("There and back. They are not counted in the session."),
    )
    outcome = forms.ChoiceField(
        label=_("How it went"),
        choices=SessionOutcome.choices,
        initial=SessionOutcome.COMPLETE,
        widget=forms.RadioSelect,
    )
    parents = forms.IntegerField(label=_("Parents or relatives"), min_value=0, initial=0)
    pupils = forms.IntegerField(label=_("Pupils or minors"), min_value=0, initial=0)
    operators = forms.IntegerField(label=_("Teachers or operators"), min_value=0, initial=1)
    language = RowField(label=_("Language spoken"))
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_NOTE_HELP
    )

    def __init__(
        self, *args: Any, languages: Iterable[Language], asks_author: bool, author: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        if isinstance(field, RowField):
            field.offer(languages, label=lambda row: row.name)
        self.ask_for_author(asks_author, author)

    def get_layout(self) -> list[Any]:
        """Times side by side, also on a phone."""
        people = Div(
            Div("parents", css_class="col-sm-4"),
            Div("pupils", css_class="col-sm-4"),
            Div("operators", css_class="col-sm-4"),
            css_class="row",
        )
        rows = [*self._times(), self._two("break_minutes", "travel_minutes"), "outcome", people, "language", "note"]
        return [*rows, "on_behalf_of"] if "on_behalf_of" in self.fields else rows

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        begin, end = self.moments()
        names = ("break_minutes", "travel_minutes", "outcome", "parents", "pupils", "operators", "language", "note")
        return {"actual_from": begin, "actual_until": end, **{name: data[name] for name in names}}


class NotHeldForm(OnBehalfForm):
    """Because of whom nobody held the session."""

    submit_label = _("Record as not held")
    submit_style = "danger"
    absent = forms.ChoiceField(label=_("Who did not come"), choices=Absent.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("What happened"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_NOTE_HELP
    )

    def __init__(self, *args: Any, only_mediator: bool, asks_author: bool, author: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only_mediator:
            self.fields["absent"].choices = [(Absent.MEDIATOR.value, Absent.MEDIATOR.label)]  # type: ignore[attr-defined]
            self.fields["absent"].initial = Absent.MEDIATOR.value
        self.ask_for_author(asks_author, author)


class CancelSessionForm(OnBehalfForm):
    """Why one of several sessions is cancelled."""

    submit_label = _("Cancel the session")
    submit_style = "danger"
    absent = forms.ChoiceField(label=_("Because of"), choices=Absent.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_NOTE_HELP
    )

    def __init__(self, *args: Any, asks_side: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_side:
            del self.fields["absent"]


class NewTimeForm(TimesForm):
    """Another time for a session, and why."""

    submit_label = _("Propose the new time")
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_NOTE_HELP
    )

    def get_layout(self) -> list[Any]:
        """The two hours side by side."""
        return [*self._times(), "reason"]


class AddSessionForm(TimesForm):
    """Another session of a request."""

    submit_label = _("Plan the session")

    def get_layout(self) -> list[Any]:
        """The two hours side by side."""
        return self._times()


class AnswerForm(OnBehalfForm):
    """Whether the new time is confirmed."""

    submit_label = _("Send the answer")
    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[("yes", _("The new time is fine")), ("no", _("The old time stands"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, asks_author: bool, may_accept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_accept:
            self.fields["answer"].choices = [("no", _("Take the new time back: the old one stands"))]  # type: ignore[attr-defined]
            self.fields["answer"].initial = "no"
        self.ask_for_author(asks_author)
