# SPDX-License-Identifier: EUPL-1.2
"""Forms of certificates of attendance."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from beneficiaries.selectors.certificates import DEFAULT_SHARE
from fami_portal.core.forms import PortalFilterForm, PortalForm


class ShareForm(PortalFilterForm):
    """From which share of the held hours somebody is proposed."""

    share = forms.IntegerField(label=_("Share of the hours held, in percent"), min_value=1, max_value=100)

    @property
    def chosen(self) -> int:
        """The share that was asked, or the usual one."""
        return int(self.cleaned_data["share"]) if self.is_bound and self.is_valid() else DEFAULT_SHARE


class CertificatesForm(PortalForm):
    """Who is certified, and whether the day of birth stands on the paper."""

    enrolments = forms.TypedMultipleChoiceField(
        label=_("People"), coerce=int, error_messages={"required": _("Choose at least one person.")}
    )
    birth_date = forms.BooleanField(label=_("Print the date of birth too"), required=False)

    def __init__(self, *args: Any, ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enrolments"].choices = [(str(pk), str(pk)) for pk in ids]  # type: ignore[attr-defined]


class PaperForm(PortalForm):
    """Whether the day of birth stands on one paper."""

    birth_date = forms.BooleanField(required=False)
