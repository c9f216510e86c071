# SPDX-License-Identifier: EUPL-1.2
"""The forms of tables: call, attendance by body, minutes, decisions, networks that take part."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.enums import BodyAttendance, MeetingMode
from actions.forms import RowField
from actions.selectors.tables import MINUTES
from fami_portal.core.documents import CheckedFile, DocumentRefused, check_document
from fami_portal.core.forms import PortalForm
from partners.models import Organisation


class CallForm(PortalForm):
    """The call of a meeting: who, about what, how to join."""

    submit_label = _("Save the call")
    bodies = forms.TypedMultipleChoiceField(
        label=_("Bodies to call"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that are in the networks of the table on that day."),
        error_messages={"required": _("Choose the bodies to call.")},
    )
    agenda = forms.CharField(
        label=_("Agenda"),
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One point on each line: they are numbered by themselves."),
        error_messages={"required": _("Write at least one point of the agenda.")},
    )
    mode = forms.ChoiceField(label=_("How it is held"), choices=MeetingMode.choices)
    link = forms.URLField(
        label=_("Link to join"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Only for a meeting online, or in part."),
    )
    text = forms.CharField(
        label=_("What the bodies should know"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example what to read or bring. Without names of recipients."),
    )

    def __init__(self, *args: Any, bodies: Sequence[tuple[Organisation, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        networks = {names for _body, names in bodies}
        self.fields["bodies"].choices = [  # type: ignore[attr-defined]
            (body.pk, f"{body.name} ({names})" if len(networks) > 1 else body.name) for body, names in bodies
        ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        return {
            "bodies": data["bodies"],
            "agenda": data["agenda"].splitlines(),
            "mode": data["mode"],
            "link": data["link"],
            "text": data["text"],
        }


class AttendanceForm(PortalForm):
    """Which of the bodies came, and with how many people: two fields for each of them."""

    submit_label = _("Record the attendance")

    def __init__(self, *args: Any, rows: Sequence[Any], **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(*args, **kwargs)
        answered = [(state.value, state.label) for state in BodyAttendance if state != BodyAttendance.CALLED]
        for row in rows:
            called = row.attendance == BodyAttendance.CALLED
            attendance = forms.ChoiceField(
                label=_("Attendance"),
                choices=answered,
                initial=BodyAttendance.PRESENT if called else row.attendance,
            )
            people = forms.IntegerField(
                label=_("How many people"),
                required=False,
                min_value=0,
                max_value=1000,
                initial=1 if called else row.people or None,
                widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            )
            both: tuple[Any, ...] = (attendance, people)
            for field in both:
                field.label_alone = f"{row.organisation.name}, {field.label}"
            self.fields[f"attendance_{row.organisation_id}"] = attendance
            self.fields[f"people_{row.organisation_id}"] = people

    def get_layout(self) -> Sequence[Any]:
        """One group for each body."""
        return [
            Fieldset(
                row.organisation.name,
                Div(
                    Div(f"attendance_{row.organisation_id}", css_class="col-8 col-md-6"),
                    Div(f"people_{row.organisation_id}", css_class="col-4 col-md-3"),
                    css_class="row",
                ),
            )
            for row in self.rows
        ]

    def clean(self) -> dict[str, Any]:
        """Who was there has people."""
        data = super().clean() or self.cleaned_data
        for row in self.rows:
            name = f"people_{row.organisation_id}"
            present = data.get(f"attendance_{row.organisation_id}") == BodyAttendance.PRESENT
            if present and name not in self.errors and not data.get(name):
                self.add_error(name, _("Write how many people of the body were there, at least 1."))
        return data

    def answers(self) -> list[tuple[int, str, int]]:
        """Return body, attendance and people of each row."""
        data = self.cleaned_data
        return [
            (
                row.organisation_id,
                data[f"attendance_{row.organisation_id}"],
                data[f"people_{row.organisation_id}"] or 0,
            )
            for row in self.rows
        ]


class MinutesForm(PortalForm):
    """The minutes: a text, a file, or both."""

    submit_label = _("Save the minutes")
    text = forms.CharField(
        label=_("Text of the minutes"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("What was said, point by point. Without names of recipients."),
    )
    document = forms.FileField(
        label=_("File of the minutes"), required=False, help_text=_("PDF or Word, also the scan of the signed sheet.")
    )

    def clean_document(self) -> CheckedFile | None:
        """Return the checked file, or None when there is none."""
        upload = self.cleaned_data["document"]
        if not upload:
            return None
        try:
            return check_document(kind=MINUTES, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class ApprovalForm(PortalForm):
    """The day on which minutes were approved."""

    submit_label = _("Record the approval")
    approved_on = forms.DateField(label=_("Approved on"))


class DecisionForm(PortalForm):
    """What was decided, who does it, by when."""

    submit_label = _("Add the decision")
    text = forms.CharField(
        label=_("What was decided"), max_length=500, help_text=_("For example: send the list of the courses to all.")
    )
    organisation = RowField(label=_("Body that does it"), required=False)
    office = forms.CharField(
        label=_("Role that does it"),
        required=False,
        max_length=100,
        help_text=_("A role, not the name of a person: for example coordinator of the Ambito."),
    )
    due_on = forms.DateField(label=_("By"), required=False)

    def __init__(
        self, *args: Any, bodies: Sequence[Organisation], submit_label: Any = submit_label, **kwargs: Any
    ) -> None:
        self.submit_label = submit_label
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(bodies)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("text", "organisation", "office", "due_on")}


class DoneForm(PortalForm):
    """The day since which a decision is carried out."""

    submit_label = _("It is done")
    done_on = forms.DateField(label=_("Done on"))


class ParticipationForm(PortalForm):
    """Another network that takes part."""

    submit_label = _("Add the network")
    network = RowField(label=_("Network"))
    since = forms.DateField(label=_("Takes part since"))

    def __init__(self, *args: Any, networks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].offer(networks)  # type: ignore[attr-defined]
