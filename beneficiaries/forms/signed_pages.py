# SPDX-License-Identifier: EUPL-1.2
"""The form of a signed page of a register."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.models import Meeting
from beneficiaries.selectors.signed_pages import KIND
from fami_portal.core.documents import CheckedFile, DocumentRefused, accepted_extensions, check_document
from fami_portal.core.forms import PortalForm


class PageForm(PortalForm):
    """A scan, and the meetings that stand on it."""

    submit_label = _("Attach the page")
    file = forms.FileField(label=_("Scan or photograph of the signed page"), help_text=_("PDF, JPEG or PNG."))
    meetings = forms.MultipleChoiceField(
        label=_("Meetings that stand on it"), widget=forms.CheckboxSelectMultiple, help_text=_("A sheet holds several.")
    )

    def __init__(self, *args: Any, meetings: Sequence[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(meeting.pk): meeting for meeting in meetings}
        self.fields["file"].widget.attrs["accept"] = accepted_extensions(KIND)
        self.fields["meetings"].choices = [  # type: ignore[attr-defined]
            (key, f"{one.held_on:%d/%m/%Y}, {one.starts_at:%H:%M}") for key, one in self.offered.items()
        ]

    def clean_file(self) -> CheckedFile:
        """Look inside the file before anything is written."""
        upload = self.cleaned_data["file"]
        try:
            return check_document(kind=KIND, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None

    @property
    def chosen(self) -> list[Meeting]:
        """The meetings of a valid form."""
        return [self.offered[key] for key in self.cleaned_data["meetings"]]
