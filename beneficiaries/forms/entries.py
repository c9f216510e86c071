# SPDX-License-Identifier: EUPL-1.2
"""The form that corrects the day of an enrolment."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm


class EnrolmentDayForm(PortalForm):
    """The right day, and why the old one was wrong."""

    submit_label = _("Correct the day")
    enrolled_on = forms.DateField(label=_("Enrolled on"))
    reason = forms.CharField(
        label=_("Why it is corrected"),
        max_length=200,
        help_text=_("It stays in the record of acts. Without names."),
    )
