# SPDX-License-Identifier: EUPL-1.2
"""Decisions on pairs of records that may be one person."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm


class DecisionForm(PortalForm):
    """A decision with its reason."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("What you checked, without names: “same class and same month of enrolment”."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, submit_label: Any, **kwargs: Any) -> None:
        self.submit_label = submit_label
        super().__init__(*args, **kwargs)
