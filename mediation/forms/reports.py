# SPDX-License-Identifier: EUPL-1.2
"""The forms of reports and of their signatures."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm
from mediation.enums import FollowUp
from mediation.forms.request_acts import WithReason
from mediation.forms.sessions import OnBehalfForm
from mediation.selectors.reports import SERVICE_FIELDS, WRITABLE

_NO_NAMES = _("Without names, phone numbers, diagnoses or judicial details.")
COMMUNICATION = [
    ("", _("Choose…")),
    (5, _("5 – everything was understood")),
    (4, _("4 – nearly everything")),
    (3, _("3 – the essential")),
    (2, _("2 – with difficulty")),
    (1, _("1 – hardly anything")),
]


class ReportForm(OnBehalfForm):
    """The report of an intervention (A.2, A.4); a draft may be incomplete."""

    submit_label = _("Save and check")
    interventions = forms.MultipleChoiceField(
        label=_("What was done"), required=False, widget=forms.CheckboxSelectMultiple
    )
    operator_name = forms.CharField(label=_("Teacher or operator who was there"), max_length=150, required=False)
    operator_role = forms.CharField(label=_("Role"), max_length=100, required=False)
    summary = forms.CharField(
        label=_("Summary of the intervention"),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_NO_NAMES,
    )
    topics = forms.CharField(label=_("Topics"), max_length=300, required=False)
    communication = forms.TypedChoiceField(
        label=_("How well people understood one another"),
        choices=COMMUNICATION,
        coerce=int,
        empty_value=None,
        required=False,
    )
    needs = forms.CharField(
        label=_("Needs that emerged"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_NO_NAMES,
    )
    need_codes = forms.MultipleChoiceField(
        label=_("Needs, from the list of the programme"), required=False, widget=forms.CheckboxSelectMultiple
    )
    cultural_elements = forms.CharField(
        label=_("Cultural elements useful to read the case"),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read by the service and by the mediator alone."),
    )
    follow_up = forms.ChoiceField(
        label=_("What comes next"), choices=FollowUp.choices, initial=FollowUp.NONE, widget=forms.RadioSelect
    )
    follow_up_note = forms.CharField(label=_("Note on what comes next"), max_length=300, required=False)

    def __init__(
        self,
        *args: Any,
        interventions: Iterable[tuple[str, Any]],
        needs: Iterable[tuple[str, str]],
        is_service: bool,
        asks_author: bool,
        author: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["interventions"].choices = list(interventions)  # type: ignore[attr-defined]
        self.fields["need_codes"].choices = list(needs)  # type: ignore[attr-defined]
        if not is_service:
            for name in SERVICE_FIELDS:
                del self.fields[name]
        self.ask_for_author(asks_author, author)

    def get_layout(self) -> list[Any]:
        """Name and role side by side."""
        names = [name for name in super().get_layout() if name not in ("operator_name", "operator_role")]
        who = Div(
            Div("operator_name", css_class="col-sm-7"), Div("operator_role", css_class="col-sm-5"), css_class="row"
        )
        return [names[0], who, *names[1:]]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in WRITABLE if name in self.cleaned_data}


class CountersignForm(PortalForm):
    """The signature of the school or service, with an evaluation for whoever wants to give one."""

    submit_label = _("Countersign the report")
    rating = forms.TypedChoiceField(
        label=_("Your evaluation of the mediation"),
        choices=[("", _("No evaluation")), *((value, str(value)) for value in range(10, 0, -1))],
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("From 1 (poor) to 10 (excellent), if you want."),
    )
    rating_note = forms.CharField(
        label=_("Note on the evaluation"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_NO_NAMES,
    )


class CodeForm(CountersignForm):
    """The same on the mediator's phone, with the code that came by mail."""

    submit_label = _("Sign with the code")
    code = forms.CharField(
        label=_("Code of six digits"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    name = forms.CharField(label=_("Name of the person who signs"), max_length=150)
    field_order = ("name", "code", "rating", "rating_note")


class ReasonForm(WithReason):
    """What must be corrected."""

    submit_style = "danger"
    reason = forms.CharField(
        label=_("What must be corrected"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The mediator reads it. Without names."),
    )
