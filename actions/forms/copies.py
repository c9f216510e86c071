# SPDX-License-Identifier: EUPL-1.2
"""The form that copies an activity."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm


class CopyForm(PortalForm):
    """The title of the copy and the day near which it begins."""

    submit_label = _("Copy the activity")
    title = forms.CharField(label=_("Title"), max_length=200)
    starts_on = forms.DateField(label=_("Start"))
