# SPDX-License-Identifier: EUPL-1.2
"""Forms of the extracts for the evaluation."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models import Period
from fami_portal.core.forms import PortalForm
from reporting.enums import ExtractProduct


class ExtractForm(PortalForm):
    """What is asked, of which whole periods, and what for."""

    submit_label = _("Ask for the extract")
    product = forms.ChoiceField(
        label=_("What is asked for"),
        choices=ExtractProduct,
        widget=forms.RadioSelect,
        help_text=_("One of the two for the same periods: subtracted from one another they would show small numbers."),
        error_messages={"required": _("Choose rows or tables.")},
    )
    first_period = forms.ModelChoiceField(
        label=_("From period"),
        queryset=Period.objects.none(),
        to_field_name="code",
        empty_label=_("Choose"),
        error_messages={"required": _("Choose the first period.")},
    )
    last_period = forms.ModelChoiceField(
        label=_("To period"),
        queryset=Period.objects.none(),
        to_field_name="code",
        empty_label=_("Choose"),
        help_text=_("The same, if one period is enough. Only periods that are over can be chosen."),
        error_messages={"required": _("Choose the last period.")},
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        help_text=_("Which question of the evaluation the data answer. The coordinator and the officer read it."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        error_messages={"required": _("Write what the data are for.")},
    )

    def __init__(self, *args: Any, periods: Iterable[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queryset = Period.objects.filter(pk__in=[period.pk for period in periods]).order_by("starts_on")
        for name in ("first_period", "last_period"):
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]


class ApproveExtractForm(PortalForm):
    """Until when the evaluator may open the file."""

    submit_label = _("Approve the extract")
    expires_on = forms.DateField(
        label=_("Can be opened until"),
        help_text=_(
            "Usually the end of the assignment; at most a year from today. Until that day it can be extended; after it the "
            "file is destroyed."
        ),
        error_messages={"required": _("Write until which day.")},
    )


class RefuseExtractForm(PortalForm):
    """Why a request is refused."""

    submit_label = _("Refuse the request")
    submit_style = "danger"
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The evaluator reads it."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        error_messages={"required": _("Write why: the evaluator reads it.")},
    )
