# SPDX-License-Identifier: EUPL-1.2
"""The forms of plans, of versions of targets, and of the extension of a programme."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.enums import ChangeReason
from actions.forms import RowField, Rows
from fami_portal.core.forms import PortalForm


class PlanForm(PortalForm):
    """A new plan of a network."""

    submit_label = _("Create the plan")
    network = RowField(label=_("Network"))
    organisation = RowField(label=_("Carried out by"), help_text=_("A member of the network with a budget."))
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("For example: Action plan 2026 of the Ambito.")
    )
    starts_on = forms.DateField(label=_("Start"))
    ends_on = forms.DateField(label=_("End"))

    def __init__(self, *args: Any, networks: Rows, organisations: Rows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].offer(networks)  # type: ignore[attr-defined]
        self.fields["organisation"].offer(organisations)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


class PlanEditForm(PlanForm):
    """The title and the dates of a plan."""

    submit_label = _("Save the plan")
    network = organisation = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(PlanForm, self).__init__(*args, **kwargs)


class TargetForm(PortalForm):
    """The next version of a target, and why."""

    submit_label = _("Save the version")
    scope = forms.ChoiceField(label=_("Target of"))
    value = forms.IntegerField(label=_("New value"), min_value=1, max_value=10**9)
    valid_from = forms.DateField(label=_("Valid from"))
    reason = forms.ChoiceField(label=_("Why it changes"))
    act = forms.CharField(
        label=_("Act that approves it"),
        required=False,
        max_length=200,
        help_text=_("Number and date, as “Determina 12 del 3/2/2026”. Needed for a change approved or an extension."),
    )

    def __init__(self, *args: Any, scopes: Sequence[tuple[str, str]], unit: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]
        self.fields["reason"].choices = ChangeReason.choices  # type: ignore[attr-defined]
        self.fields["value"].help_text = unit


class ExtensionForm(PortalForm):
    """The act that moves the end of a programme."""

    submit_label = _("Extend the programme")
    extended_to = forms.DateField(label=_("New end"))
    deed_number = forms.CharField(label=_("Number of the deed"), max_length=60)
    deed_on = forms.DateField(label=_("Date of the deed"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Whoever reads it later must understand it. Without names of people."),
    )

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in ("extended_to", "deed_number", "deed_on", "reason")}
