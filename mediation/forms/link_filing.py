# SPDX-License-Identifier: EUPL-1.2
"""The whole request on one page, for who files by a link: the same fields and the same checks as the four steps."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, accepted_extensions, check_document
from fami_portal.core.forms import Markup, PortalForm
from mediation.forms.request_steps import Choices, Saved, StepForm
from mediation.forms.requests import CaseForm, WhatForm, WhenForm, WhoForm
from mediation.models import MediationRequest
from mediation.selectors.request_facts import block_title
from mediation.selectors.request_rules import MAY_NAME, names_in, names_sentence
from mediation.selectors.requests import ATTACHMENT, MOST_FILES
from mediation.selectors.settings import RequestSettings


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files at once, each checked by the rules of the files of a request."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[CheckedFile]:  # type: ignore[override]
        """Return the checked files; what is wrong is said with the name of the file."""
        uploads = [each for each in data or () if each]
        if len(uploads) > MOST_FILES:
            raise ValidationError(_("At most %(most)s files: choose fewer.") % {"most": MOST_FILES})
        checked, wrong = [], []
        for upload in uploads:
            try:
                checked.append(check_document(kind=ATTACHMENT, name=upload.name, content=upload))
            except DocumentRefused as error:
                wrong.append(f"{upload.name}: {error}")
        if wrong:
            raise ValidationError(wrong)
        return checked


class FilingForm(PortalForm):
    """The four steps as one form; nothing that was typed is lost on an error."""

    submit_label: Any = _("Submit the request")
    # Of the steps, what one page without an account does not ask: the body's own town is taken, and what was agreed
    # outside the portal is entered by people with an account.
    left_out: tuple[str, ...] = ("municipality", "outside", "outside_reason", "same_mediator")
    attachments = FilesField(
        label=_("Files to attach"),
        required=False,
        help_text=_(
            "Up to 5 files in PDF, JPEG or PNG, 5 MB each. No identity papers, no health papers, no names if you can."
        ),
    )

    def __init__(
        self, *args: Any, request: MediationRequest, choices: Choices, settings: RequestSettings, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        data = self.data if self.is_bound else None
        self.parts: list[StepForm] = [
            WhoForm(data, request=request),
            WhatForm(data, request=request, choices=choices),
            WhenForm(data, request=request, choices=choices, settings=settings),
            CaseForm(data, request=request, choices=choices),
        ]
        for part in self.parts:
            for name in (*self.left_out, "submission_key"):
                part.fields.pop(name, None)
            self.fields |= part.fields
        if "attachments" in self.fields:
            self.fields["attachments"].widget.attrs["accept"] = accepted_extensions(ATTACHMENT)
            self.fields["attachments"] = self.fields.pop("attachments")  # asked last
        self._ask_about_names()

    @classmethod
    def initial_of(cls, request: MediationRequest) -> dict[str, Any]:
        """Return what a request says already, for completing it."""
        found: dict[str, Any] = {}
        for part in (WhoForm, WhatForm, WhenForm, CaseForm):
            found |= part.initial_of(request)
        return found

    def get_layout(self) -> Sequence[Any]:
        """One part for each step, with its heading."""
        layout: list[Any] = []
        for part in self.parts:
            layout.append(Markup("<h2>{}</h2>", block_title(part.step)))
            layout += [self._without(item) for item in part.get_layout()]
        if "attachments" in self.fields:
            layout += [Markup("<h2>{}</h2>", _("Files")), "attachments"]
        if "nobody_named" in self.fields:
            layout.append("nobody_named")
        return [item for item in layout if item is not None]

    def clean(self) -> dict[str, Any]:
        """Add what the steps find in several fields together."""
        data = super().clean() or self.cleaned_data
        for part in self.parts:
            for name, errors in part.errors.as_data().items():
                if name not in self.errors:
                    self.add_error(name if name in self.fields else None, errors)
        return data

    def add_problems(self, problems: Iterable[Any]) -> None:
        """Show at its field each reason why the request cannot be submitted."""
        for problem in problems:
            name = next((part.renamed[problem.field] for part in self.parts if problem.field in part.renamed), None)
            name = name or problem.field
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problem.sentence)

    def say_files_again(self) -> None:
        """Say that the files must be chosen again: a browser does not keep them on a page that is shown again."""
        if (
            self.errors
            and "attachments" in self.fields
            and self.files.getlist("attachments")
            and "attachments" not in self.errors
        ):
            self.add_error("attachments", _("The files were not kept: choose them again."))

    def renew_version(self, version: int) -> None:
        """Let the person check and send again what was refused, on the values of now."""
        data = self.data.copy()
        data["version"] = str(version)
        self.data = data

    def saved(self) -> Saved:
        """Return what the service takes: of a valid form, all of it."""
        values: dict[str, Any] = {}
        languages, slots = None, None
        for part in self.parts:
            kept = part.saved()
            values |= kept.values
            languages = kept.languages if kept.languages is not None else languages
            slots = kept.slots if kept.slots is not None else slots
        if not values.get("case_code"):
            values.pop("case_code", None)  # the one that the portal proposes
        return Saved(values, languages, slots)

    def _ask_about_names(self) -> None:
        """Point out what looks like a name, once: whoever files says that it is none, or takes it out."""
        found = dict.fromkeys(
            name
            for field in MAY_NAME
            if field in self.fields
            for name in names_in(field, str(self.data.get(field, "")))
        )
        if found:
            self.fields["nobody_named"] = forms.BooleanField(
                label=_("I have looked at what is marked: no person is named"),
                error_messages={"required": names_sentence(found)},
            )

    def _without(self, item: Any) -> Any:
        """Take the fields that this page does not ask out of a part of the layout; an empty part goes."""
        if isinstance(item, str):
            return item if item in self.fields else None
        if not hasattr(item, "fields"):
            return item
        found = copy(item)
        found.fields = [kept for kept in map(self._without, item.fields) if kept is not None]
        return found if found.fields else None


class OutsideForm(FilingForm):
    """What was agreed by phone, entered for a body: with its mediator and the reason, past days too."""

    submit_label = _("Enter the request")
    attachments = None  # type: ignore[assignment]  # they are attached on the page of the request
    left_out = (
        "municipality",
        "outside",
        "slot_1_day",
        "slot_1_starts_at",
        "slot_1_ends_at",
        "slot_2_day",
        "slot_2_starts_at",
        "slot_2_ends_at",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outside_reason"].required = True
        self.fields["outside_reason"].label = _("Why it was not asked in the portal")
        for name in ("slot_0_day", "slot_0_starts_at", "slot_0_ends_at"):
            self.fields[name].required = True
        if "same_mediator" in self.fields:
            self.fields["same_mediator"].label = _("Mediator with whom it was agreed")
            self.fields["same_mediator"].required = True
            self.fields["same_mediator"].help_text = _("The coordinator confirms it after the head has authorised it.")
