# SPDX-License-Identifier: EUPL-1.2
"""The forms of the catalogue."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.forms import RowField, Rows, type_heading
from fami_portal.core import clock
from fami_portal.core.forms import PortalForm

WHAT, HOW = ("title", "description", "audience"), ("how_to_ask", "office", "office_email", "opens_on", "closes_on")


class OfferForm(PortalForm):
    """A new entry of the catalogue."""

    submit_label = _("Publish in the catalogue")
    network = RowField(label=_("Network"))
    activity_type = RowField(label=_("Activity type"))
    activity = RowField(
        label=_("Planned activity"), required=False, help_text=_("When places of one activity are offered.")
    )
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("As schools call it: Italian L2 lab."))
    description = forms.CharField(
        label=_("What it is"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    audience = forms.CharField(label=_("For whom"), max_length=200, help_text=_("For example: pupils from 6 to 13."))
    place = forms.CharField(label=_("Where"), max_length=200)
    period = forms.CharField(label=_("When"), max_length=200, help_text=_("For example: afternoons, October to May."))
    how_to_ask = forms.CharField(label=_("How to ask"), max_length=300)
    office = forms.CharField(
        label=_("Office to contact"), max_length=200, help_text=_("An office, never the name of a person.")
    )
    office_email = forms.EmailField(label=_("E-mail of the office"), required=False)
    opens_on = forms.DateField(label=_("Schools can ask from"))
    closes_on = forms.DateField(label=_("Schools can ask until"))

    def __init__(self, *args: Any, networks: Rows, activity_types: Rows, activities: Rows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].offer(networks)  # type: ignore[attr-defined]
        self.fields["activity_type"].offer(activity_types, group=type_heading)  # type: ignore[attr-defined]
        self.fields["activity"].offer(activities)  # type: ignore[attr-defined]

    def clean_closes_on(self) -> date:
        """Refuse a new entry for which no school could ask any more."""
        day: date = self.cleaned_data["closes_on"]
        if "network" in self.fields and day < clock.today():
            raise ValidationError(_("This day is past: no school could ask any more."))
        return day

    def get_layout(self) -> Sequence[Any]:
        """What it is, where and when, how to ask."""
        return [
            *([] if self.fields.get("network") is None else ["network", "activity_type", "activity"]),
            Fieldset(_("What it is"), *WHAT),
            Fieldset(_("When and where"), "place", "period"),
            Fieldset(_("How to ask"), *HOW),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


class OfferEditForm(OfferForm):
    """The words and dates of an entry."""

    submit_label = _("Save the entry")
    network = activity_type = activity = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(OfferForm, self).__init__(*args, **kwargs)


class AskForm(PortalForm):
    """A school is interested."""

    submit_label = _("Ask for it")
    organisation = RowField(label=_("School"))
    classes = forms.CharField(
        label=_("Classes"), required=False, max_length=100, help_text=_("For example: 1A and 2B.")
    )
    pupils = forms.IntegerField(label=_("Pupils, about"), required=False, min_value=1, max_value=5000)
    note = forms.CharField(
        label=_("What you need"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without names of pupils or families."),
    )

    def __init__(self, *args: Any, schools: Rows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(schools)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


class AnswerForm(PortalForm):
    """The answer of the network."""

    submit_label = _("Send the answer")
    answer = forms.CharField(
        label=_("The answer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What happens now: who calls, from when. Without names of people."),
    )
