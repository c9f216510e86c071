# SPDX-License-Identifier: EUPL-1.2
"""Forms of the activity report."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm, PortalModelForm
from reporting.enums import ProblemOrigin, ReopenScope
from reporting.models import ActivityReport, MergedReport

_HELP = {
    "done": _("What was done in the quarter and what came out of it."),
    "strengths": _("What worked well and could be done elsewhere."),
    "deviations": _("What was planned and not done, or done differently, and why."),
    "problems": _("What went wrong and how it was solved. Where it comes from is said in the next question."),
    "team_changes": _("Who joined and who left, by role: no names are needed."),
    "networks_built": _("Bodies involved, agreements, tables started or strengthened."),
}


class NarrativeForm(PortalModelForm):
    """The six boxes of the quarterly sheet. Drafts may be incomplete: what is missing is said at submission."""

    submit_label = _("Save the draft")
    problem_origins = forms.MultipleChoiceField(
        label=_("Origin of the problems"),
        help_text=_("The official sheet asks for it: choose one or more, if there were problems."),
        choices=ProblemOrigin,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = ActivityReport
        fields = list(ActivityReport.NARRATIVE)
        help_texts = _HELP
        widgets = {name: forms.Textarea(attrs={"rows": 5}) for name in ActivityReport.NARRATIVE}

    def __init__(self, *args: Any, draft_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["done", "strengths", "deviations", "problems", "problem_origins"])
        if draft_url:
            # The script saves what is typed there; without it the button does.
            self.helper.attrs["data-draft-url"] = draft_url

    def values(self) -> dict[str, Any]:
        """Return what was typed, for the service."""
        return {name: self.cleaned_data[name] for name in (*ActivityReport.NARRATIVE, "problem_origins")}


class MergedForm(NarrativeForm):
    """The six boxes of a network or of the region."""

    class Meta(NarrativeForm.Meta):
        model = MergedReport  # type: ignore[assignment]


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

    def __init__(self, *args: Any, comments: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if comments:
            self.fields["comment"].required = False
            self.fields["comment"].help_text = _("The comments on single items are sent with it: it may stay empty.")


class CommentForm(PortalForm):
    """A comment on one item of a report."""

    submit_label = _("Add the comment")
    submit_style = "outline-primary"
    item = forms.ChoiceField(label=_("Item"))
    text = forms.CharField(
        label=_("What must be corrected"),
        help_text=_("The body reads it when you return the report. Name no person."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": _("Write what must be corrected in this item.")},
    )

    def __init__(self, *args: Any, items: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = list(items.items())  # type: ignore[attr-defined]


class AnswerForm(PortalForm):
    """The answer of the body to a comment."""

    submit_label = _("Save the answer")
    submit_style = "outline-primary"
    text = forms.CharField(
        label=_("Your answer"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": _("Write the answer: what you corrected, or why it is right as it is.")},
    )


class ExtendForm(PortalForm):
    """More days for one body."""

    submit_label = _("Save the new day")
    due_on = forms.DateField(label=_("New day by which the report is due"))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It stays in the history of the report, and the periodic report names the body with it."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        error_messages={"required": _("Write why this body is given more days.")},
    )


class GapsForm(PortalForm):
    """Going on though reports below are missing."""

    with_gaps = forms.BooleanField(label=_("I go on without the reports that are missing."), required=False)


class MergedReasonForm(PortalForm):
    """Why the report of a network goes back, or is opened again."""

    comment = forms.CharField(
        label=_("What must be corrected"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": _("Write what must be corrected: who receives it reads it.")},
    )


class ReopenForm(PortalForm):
    """Why a validated report is opened again."""

    submit_label = _("Reopen the report")
    submit_style = "warning"
    scope = forms.ChoiceField(
        label=_("What can be corrected"),
        help_text=_("With the texts alone the registers stay closed and the figures are not touched."),
        choices=ReopenScope,
        widget=forms.RadioSelect,
        initial=ReopenScope.FIGURES,
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason for reopening"),
        help_text=_("The figures stay as they are until the new validation."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        error_messages={"required": _("Write the reason for reopening.")},
    )
