# SPDX-License-Identifier: EUPL-1.2
"""Opening an identity: why, in words that somebody else will read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import OpeningPurpose
from fami_portal.core.forms import PortalForm


class OpenIdentityForm(PortalForm):
    """Why a name is opened: one of the usual reasons, with details where they are needed."""

    submit_label = _("Open the name")
    purpose = forms.ChoiceField(
        label=_("Why do you open it?"), choices=OpeningPurpose.choices, widget=forms.RadioSelect
    )
    details = forms.CharField(
        label=_("Details"),
        required=False,
        max_length=200,
        help_text=_("Needed for “something else”. Without names."),
    )

    def get_layout(self) -> Sequence[Any]:
        """The reason, then the details."""
        return ["purpose", "details"]

    def clean(self) -> dict[str, Any]:
        """Ask for details where the reason alone says nothing."""
        data = super().clean() or self.cleaned_data
        if data.get("purpose") == OpeningPurpose.OTHER and not data.get("details", "").strip():
            self.add_error("details", _("Write why: whoever reads it later must understand it."))
        return data

    def purpose_text(self) -> str:
        """Return the reason as it is recorded."""
        reason = OpeningPurpose(self.cleaned_data["purpose"]).label
        details = self.cleaned_data["details"].strip()
        return f"{reason}: {details}" if details else str(reason)
