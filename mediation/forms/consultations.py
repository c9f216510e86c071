# SPDX-License-Identifier: EUPL-1.2
"""The forms of the ethnoclinical consultation (A.5)."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm
from mediation.enums import AgeRange, ConsultationOutcome, GeographicArea, Urgency
from mediation.forms.consulting import NO_NAMES, PlaceField
from partners.models import Language

_EMPTY = [("", "---------")]


class ReferralForm(PortalForm):
    """A case by its code; a draft may be incomplete."""

    submit_label = _("Save the draft")
    contact_name = forms.CharField(label=_("Operator who refers"), max_length=150, required=False)
    contact_email = forms.EmailField(label=_("E-mail for the answer"), required=False)
    case_code = forms.CharField(
        label=_("Code of the case"),
        max_length=30,
        required=False,
        help_text=_("The code that your service uses for the case: never initials, never a tax code."),
    )
    age_range = forms.ChoiceField(label=_("Age"), choices=[*_EMPTY, *AgeRange.choices], required=False)
    language = forms.ModelChoiceField(
        label=_("Language"), queryset=Language.objects.order_by("name", "pk"), required=False
    )
    area = forms.ChoiceField(
        label=_("Geographic area of origin"), choices=[*_EMPTY, *GeographicArea.choices], required=False
    )
    question = forms.CharField(
        label=_("Question"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "What you ask of the clinician. Only your office and the clinician read it. No diagnosis, no names."
        ),
    )
    services_involved = forms.CharField(
        label=_("Services already involved"), max_length=500, required=False, help_text=NO_NAMES
    )
    consent_given = forms.BooleanField(label=_("The person gave the informed consent"), required=False)
    consent_on = forms.DateField(label=_("Consent given on"), required=False)
    urgency = forms.ChoiceField(
        label=_("Urgency"),
        choices=[(value, label) for value, label in Urgency.choices if value != Urgency.NEW_ARRIVAL],
        initial=Urgency.ORDINARY,
    )
    urgency_reason = forms.CharField(label=_("Reason of the urgency"), max_length=300, required=False)
    availability = forms.CharField(
        label=_("Days and times possible"),
        max_length=300,
        required=False,
        help_text=_("For the first session, for example: Tuesdays and Thursdays after 15."),
    )

    def get_layout(self) -> Sequence[Any]:
        """Group who asks, the case, the question, consent and times."""
        return [
            *(["place"] if "place" in self.fields else []),
            Fieldset(_("Who refers"), "contact_name", "contact_email"),
            Fieldset(_("The case"), "case_code", "age_range", "language", "area"),
            Fieldset(_("The question"), "question", "services_involved"),
            Fieldset(_("Consent"), "consent_given", "consent_on"),
            Fieldset(_("When"), "urgency", "urgency_reason", "availability"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        apart = ("submission_key", "version", "place")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


class NewReferralForm(ReferralForm):
    """A referral with the body and network from which it comes."""

    place = PlaceField()

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].offer(places)  # type: ignore[attr-defined]


class TriageForm(PortalForm):
    """What the clinician answers to a referral."""

    submit_label = _("Answer")
    decision = forms.ChoiceField(
        label=_("Your answer"),
        widget=forms.RadioSelect,
        choices=[
            ("accept", _("I accept the case")),
            ("ask_to_complete", _("Something is missing")),
            ("turn_down", _("It is not pertinent")),
        ],
    )
    minutes = forms.IntegerField(
        label=_("Minutes planned in all"),
        required=False,
        min_value=1,
        help_text=_(
            "Sessions and restitution together, when you accept: they are reserved in the account of the hours."
        ),
    )
    note = forms.CharField(
        label=_("Note for the service"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is missing, or why it is not pertinent. Only the service and you read it."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what each answer needs."""
        data = super().clean() or self.cleaned_data
        decision = data.get("decision")
        if decision == "accept" and not data.get("minutes") and "minutes" not in self.errors:
            self.add_error("minutes", _("Write how many minutes are planned in all."))
        if decision in ("ask_to_complete", "turn_down") and not data.get("note"):
            self.add_error("note", _("Write the reason: whoever receives it must know what to do."))
        return data


class AssessmentForm(PortalForm):
    """A session of assessment: day, minutes, who was there by number."""

    submit_label = _("Record a session")
    held_on = forms.DateField(label=_("Day"))
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=720)
    professionals = forms.IntegerField(label=_("Professionals present"), min_value=1, max_value=50, initial=1)
    with_mediator = forms.BooleanField(label=_("A mediator was there"), required=False)

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


class RestitutionForm(AssessmentForm):
    """The restitution, with what is given back."""

    submit_label = _("Give the restitution")
    text = forms.CharField(
        label=_("What is given back to the service"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Only the service that referred the case and you can read it."),
    )


class RemoveSessionForm(PortalForm):
    """Nothing to write: the session is named above."""

    submit_label = _("Take the session away")
    submit_style = "danger"


class CloseForm(PortalForm):
    """How the consultation ended, for the administration."""

    submit_label = _("Close the consultation")
    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect, choices=ConsultationOutcome.choices)

    def __init__(self, *args: Any, given_back: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not given_back:
            interrupted = ConsultationOutcome.INTERRUPTED
            self.fields["outcome"].choices = [(interrupted.value, interrupted.label)]  # type: ignore[attr-defined]
            self.fields["outcome"].initial = interrupted.value
