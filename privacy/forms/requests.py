# SPDX-License-Identifier: EUPL-1.2
"""Forms of the requests of persons. What says who a person is goes into the vault, or is compared and forgotten."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from fami_portal.core.forms import DateInput, PortalForm
from partners.models import Network, Organisation
from privacy.enums.requests import (
    Applicant,
    IdentityCheck,
    RightKind,
    RightsChannel,
    TaskAnswer,
    TaskPurpose,
)

_OFF = {"autocomplete": "off", "spellcheck": "false"}


class NewRequestForm(PortalForm):
    """A request that arrived: what, when, how, who asks, about whom."""

    submit_label = _("Open the case")
    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    kind = forms.ChoiceField(label=_("What right is exercised?"), choices=RightKind.choices, widget=forms.RadioSelect)
    received_on = forms.DateField(label=_("Received on"), widget=DateInput)
    channel = forms.ChoiceField(label=_("How it came"), choices=RightsChannel.choices)
    given_name = forms.CharField(
        label=_("Given name of the person"),
        max_length=100,
        widget=forms.TextInput(_OFF),
        help_text=_("Whose data these are. Names are sealed; opening them is recorded."),
    )
    family_name = forms.CharField(label=_("Surname of the person"), max_length=100, widget=forms.TextInput(_OFF))
    birth_date = forms.DateField(label=_("Birth date of the person"), widget=DateInput(_OFF))
    applicant = forms.ChoiceField(label=_("Who asks?"), choices=Applicant.choices, widget=forms.RadioSelect)
    applicant_name = forms.CharField(
        label=_("Name of who asks"),
        required=False,
        max_length=200,
        widget=forms.TextInput(_OFF),
        help_text=_("Where it is not the person."),
    )
    contact = forms.CharField(label=_("Where to answer"), max_length=200, widget=forms.TextInput(_OFF))
    text = forms.CharField(
        label=_("What is asked"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("In the words of who asks. Attach no copy of a document."),
    )

    def __init__(self, *args: Any, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Return what is sealed."""
        names = ("given_name", "family_name", "birth_date", "applicant_name", "contact", "text")
        return {name: self.cleaned_data[name] for name in names}


class StepForm(PortalForm):
    """An act on a case, to be confirmed."""

    def __init__(self, *args: Any, submit_label: Any, danger: bool = False, **kwargs: Any) -> None:
        self.submit_label = submit_label
        if danger:
            self.submit_style = "danger"
        super().__init__(*args, **kwargs)


class VerifyForm(StepForm):
    """How the identity of who asks was verified."""

    identity_check = forms.ChoiceField(
        label=_("How was the identity verified?"),
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
        help_text=_("What was seen, never a copy of it."),
    )


class ReasonForm(StepForm):
    """An act with its reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("As it is told to the person, without names."),
    )


class ExtendForm(ReasonForm):
    """An extension of the term."""

    told_on = forms.DateField(label=_("Person told on"), widget=DateInput)


class DeliverForm(StepForm):
    """When the copy was delivered."""

    delivered_on = forms.DateField(label=_("Copy delivered on"), widget=DateInput)


class MatchForm(PortalForm):
    """The tax code, where it is given, and the records that look alike."""

    submit_label = _("Compare and keep what was found")
    tax_code = forms.CharField(
        label=_("Tax code"),
        required=False,
        max_length=25,
        widget=forms.TextInput(_OFF),
        help_text=_("If the person gave it. It is compared and forgotten."),
    )
    chosen = forms.MultipleChoiceField(
        label=_("Records that may be of the person"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, found: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(found)
        if choices:
            self.fields["chosen"].choices = choices  # type: ignore[attr-defined]
            self.fields["chosen"].help_text = _(
                "Names and birth date agree or nearly do. Choose only what you are sure of; otherwise ask the bodies first."
            )
        else:
            del self.fields["chosen"]


class BodiesForm(PortalForm):
    """Which bodies are asked to search their files."""

    submit_label = _("Ask the bodies")
    involved = forms.ModelMultipleChoiceField(
        label=_("Bodies that registered or served the person"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    body = forms.ModelChoiceField(
        label=_("Another body"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=_("Named by who asks."),
    )
    network = forms.ModelChoiceField(
        label=_("All the bodies of a network"), queryset=Network.objects.none(), required=False
    )

    def __init__(self, *args: Any, involved: Any, bodies: Any, networks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("involved", involved), ("body", bodies), ("network", networks)):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if not involved:
            del self.fields["involved"]
        else:
            self.fields["involved"].initial = [row.pk for row in involved]


class TaskForm(PortalForm):
    """What a body answers."""

    submit_label = _("Answer")
    answer = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    codes = forms.CharField(
        label=_("Codes of your cases"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "The codes under which you know the case: of requests of mediation, consultations. One on each line."
        ),
    )
    held = forms.CharField(
        label=_("What else you hold, and where"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For instance: register of the desk, April 2019; folder 4. Without names."),
    )

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if purpose == TaskPurpose.SEARCH:
            answers: Sequence[Any] = (TaskAnswer.HELD, TaskAnswer.NOTHING)
        else:
            answers = (TaskAnswer.DONE, TaskAnswer.NOTHING)
            del self.fields["codes"]
            self.fields["held"].label = _("What you did")
            self.fields["held"].help_text = _("If something remains to be said. Without names.")
        self.fields["answer"].choices = [(one.value, one.label) for one in answers]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        return {"answer": data["answer"], "codes": data.get("codes", "").splitlines(), "held": data["held"]}
