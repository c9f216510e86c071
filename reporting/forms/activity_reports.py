# SPDX-License-Identifier: EUPL-1.2
"""Forms of the activity report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm, PortalModelForm
from reporting.models import ActivityReport

_HELP = {
    "done": _("What was done in the quarter and what came out of it."),
    "strengths": _("What worked well and could be done elsewhere."),
    "deviations": _("What was planned and not done, or done differently, and why."),
    "problems": _("For each problem: where it comes from (the body, others, the context) and how it was solved."),
    "team_changes": _("Who joined and who left, by role: no names are needed."),
    "networks_built": _("Bodies involved, agreements, tables started or strengthened."),
}


class NarrativeForm(PortalModelForm):
    """The six boxes of the quarterly sheet. Drafts may be incomplete: what is missing is said at submission."""

    submit_label = _("Save the draft")

    class Meta:
        model = ActivityReport
        fields = list(ActivityReport.NARRATIVE)
        help_texts = _HELP
        widgets = {name: forms.Textarea(attrs={"rows": 5}) for name in ActivityReport.NARRATIVE}


class ReturnForm(PortalForm):
    """Why a report goes back to the body."""

    submit_label = _("Return the report")
    comment = forms.CharField(
        label=_("What must be corrected"),
        help_text=_("The body reads this text: say what to change and where."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": _("Write what must be corrected: the body reads it.")},
    )


class ReopenForm(PortalForm):
    """Why a validated report is opened again."""

    submit_label = _("Reopen the report")
    submit_style = "warning"
    reason = forms.CharField(
        label=_("Reason for reopening"),
        help_text=_("The figures stay as they are until the new validation."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": _("Write the reason for reopening.")},
    )
