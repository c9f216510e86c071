# SPDX-License-Identifier: EUPL-1.2
"""The forms of the legal questions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm
from mediation.enums import LegalArea
from mediation.forms.consulting import NO_NAMES, PlaceField


class QuestionForm(PortalForm):
    """A question, without the person."""

    submit_label = _("Save the draft")
    area = forms.ChoiceField(label=_("Area"), choices=[("", "---------"), *LegalArea.choices])
    title = forms.CharField(label=_("Title"), max_length=150, help_text=_("The question in one line."))
    question = forms.CharField(
        label=_("Question"), max_length=3000, widget=forms.Textarea(attrs={"rows": 8}), help_text=NO_NAMES
    )

    def get_layout(self) -> Sequence[Any]:
        """From where first, then the question."""
        return [*(["place"] if "place" in self.fields else []), "area", "title", "question"]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: self.cleaned_data[name] for name in ("area", "title", "question")}


class NewQuestionForm(QuestionForm):
    """A question with the body and network from which it comes."""

    place = PlaceField()

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].offer(places)  # type: ignore[attr-defined]


class _ConfirmsNames(PortalForm):
    """Lets the person say that what looks like a name is none; asked only after it was found."""

    no_names = forms.BooleanField(label=_("I have checked: these words are not the name of a person"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.hide_confirmation()

    def hide_confirmation(self) -> None:
        """Do not ask before something was found."""
        self.fields["no_names"].widget = forms.HiddenInput()


class AskForm(_ConfirmsNames):
    """Sends the question."""

    submit_label = _("Ask the question")


class ArchiveForm(_ConfirmsNames):
    """The text of the archive: the case is not in it."""

    submit_label = _("Save and give it to the coordinator")
    archive_title = forms.CharField(label=_("Title in the archive"), max_length=150)
    archive_question = forms.CharField(
        label=_("Question in the archive"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Rewritten so that nobody can tell whose case it was: no names, places, dates."),
    )
    archive_answer = forms.CharField(
        label=_("Answer in the archive"), max_length=8000, widget=forms.Textarea(attrs={"rows": 12})
    )

    def get_layout(self) -> Sequence[Any]:
        """The texts, then the confirmation."""
        return ["archive_title", "archive_question", "archive_answer", "no_names"]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: self.cleaned_data[name] for name in ("archive_title", "archive_question", "archive_answer")}


class AnswerForm(PortalForm):
    """The answer of the consultant."""

    submit_label = _("Send the answer")
    note = forms.CharField(label=_("Answer"), max_length=8000, widget=forms.Textarea(attrs={"rows": 12}))
