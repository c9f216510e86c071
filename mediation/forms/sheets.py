# SPDX-License-Identifier: EUPL-1.2
"""The form with which the photograph or the scan of a signed sheet is handed in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, check_document
from fami_portal.core.forms import PortalForm
from mediation.selectors.sheets import SIGNED_SHEET


class SheetField(forms.FileField):
    """A picture or a scan, checked on its way in."""

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """Return the checked file."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return check_document(kind=SIGNED_SHEET, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class AttachSheetForm(PortalForm):
    """The photograph; the code only where it cannot be read in it."""

    submit_label = _("Hand in the sheet")
    file = SheetField(
        label=_("Photograph or scan of the signed sheet"),
        help_text=_(
            "JPEG, PNG or PDF of at most 4 pages, 10 MB at most. The whole sheet, with the QR code: the portal finds the "
            "session and keeps the file there."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf"}),
    )
    signer_name = forms.CharField(
        label=_("Who signed for the school or service"), max_length=150, help_text=_("As it is read on the sheet.")
    )
    code = forms.CharField(
        label=_("Code below the QR code"),
        max_length=20,
        required=False,
        help_text=_("Only if the portal cannot read it in the picture."),
    )
