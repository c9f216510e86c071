# SPDX-License-Identifier: EUPL-1.2
"""The form of a contact of a desk: under a minute, nothing by which the person could be found again."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import AgeBand, ContactChannel, ContactOutcome, DeskTopic, Sex
from fami_portal.core.forms import PortalForm
from partners.models import Country, Language

_NOT_SAID = ("", _("not said"))


class ContactForm(PortalForm):
    """A contact as it is counted."""

    submit_label = _("Count the contact")
    held_on = forms.DateField(label=_("Day"))
    minutes = forms.IntegerField(label=_("Minutes"))
    channel = forms.ChoiceField(label=_("How"), choices=ContactChannel.choices)
    outcome = forms.ChoiceField(label=_("What came of it"), choices=ContactOutcome.choices)
    topics = forms.MultipleChoiceField(
        label=_("What was asked"),
        choices=DeskTopic.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each is one service given."),
    )
    first_access = forms.BooleanField(
        label=_("First time at this desk"), required=False, help_text=_("Ask, when you do not know.")
    )
    with_mediator = forms.BooleanField(label=_("With a mediator"), required=False)
    sex = forms.ChoiceField(label=_("Gender"), choices=[_NOT_SAID, *Sex.choices], required=False)
    age_band = forms.ChoiceField(label=_("Age"), choices=[_NOT_SAID, *AgeBand.choices], required=False)
    citizenship = forms.ModelChoiceField(
        label=_("Citizenship"), queryset=Country.objects.none(), required=False, empty_label=_("not said")
    )
    language = forms.ModelChoiceField(
        label=_("Language spoken"), queryset=Language.objects.none(), required=False, empty_label=_("not said")
    )

    def __init__(self, *args: Any, countries: QuerySet[Country], languages: QuerySet[Language], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["citizenship"].queryset = countries  # type: ignore[attr-defined]
        self.fields["language"].queryset = languages  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """The short answers side by side; what nobody has to say comes last."""
        row = "row row-cols-1 row-cols-md-2"
        return [
            "topics",
            Div("outcome", "minutes", css_class=row),
            "first_access",
            "with_mediator",
            Div("channel", "held_on", css_class=row),
            Div("sex", "age_band", css_class=row),
            Div("citizenship", "language", css_class=row),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


class ContactCorrectionForm(ContactForm):
    """The correction of a contact."""

    submit_label = _("Save the correction")
