# SPDX-License-Identifier: EUPL-1.2
"""The small forms on the pages of acts: confirm, say why, attach."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, accepted_extensions, check_document
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import PortalForm
from mediation.selectors.requests import ATTACHMENT, SIGNED_REQUEST


class ConfirmForm(PortalForm):
    """One button; with `warnings` it waits for a sign that they have been read."""

    confirmed = forms.BooleanField(
        label=_("I have looked at what is marked: no person is named"),
        error_messages={"required": _("Confirm that what is marked is not the name of a person, or take it out.")},
    )

    def __init__(self, *args: Any, warnings: bool = False, submit_label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit_label or self.submit_label
        if not warnings:
            del self.fields["confirmed"]


class WithReason(PortalForm):
    """A form that asks for a `reason` where the services speak of the `comment` of the history."""

    def add_refusal(self, error: DomainError, *, version: object = None) -> None:
        """Show what is wrong with the comment at the reason."""
        if error.field == "comment":
            error.field = "reason"
        super().add_refusal(error, version=version)


class ReasonForm(WithReason):
    """Why something is declined or cancelled; the other side reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        help_text=_("Read by the others concerned. Without names of people."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, submit_label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = submit_label
        self.submit_style = "danger"


class CostForm(WithReason):
    """A form whose page said what the act costs, in minutes: that is its version."""

    @property
    def told(self) -> int:
        """The minutes that the page said; none when it does not say any more."""
        said = str(self.cleaned_data.get("version") or "")
        return int(said) if said.isdecimal() and len(said) < len("100000") else 0


class CancelForm(CostForm, ReasonForm):
    """Why a request is given up."""


class _CheckedFileField(forms.FileField):
    """A file checked on its way in, by the rules of its kind of document."""

    def __init__(self, *, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """Return the checked file."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return check_document(kind=self.kind, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class AttachmentForm(PortalForm):
    """A file to attach."""

    submit_label = _("Attach the file")
    file = _CheckedFileField(
        kind=ATTACHMENT,
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, 5 MB at most. No identity papers, no health papers, no names if you can."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = accepted_extensions(ATTACHMENT)


class SignedRequestForm(PortalForm):
    """The request signed by the head, as a file."""

    submit_label = _("Attach and authorise")
    name = forms.CharField(label=_("Name of the head who signed"), max_length=150)
    file = _CheckedFileField(
        kind=SIGNED_REQUEST,
        label=_("Signed request"),
        help_text=_("The PDF signed digitally (PDF or P7M), or the scan of the sheet signed by hand (PDF)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = accepted_extensions(SIGNED_REQUEST)
