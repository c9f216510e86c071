# SPDX-License-Identifier: EUPL-1.2
"""The form that sends a file to import."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core import documents
from fami_portal.core.forms import PortalForm
from fami_portal.core.imports.registry import ImportKind, Place


class ImportForm(PortalForm):
    """On whose behalf, and the file."""

    submit_label = _("Send and check")
    place = forms.ChoiceField(label=_("On behalf of"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("The template filled in, in XLSX, or a CSV with the same headers. Nothing is written yet."),
    )

    def __init__(self, *args: Any, kind: ImportKind, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {place.code: place for place in places}
        self.fields["file"].widget.attrs["accept"] = documents.accepted_extensions(kind.upload_kind)
        if len(places) > 1:
            choices = [("", "---------"), *((place.code, place.label) for place in places)]
            self.fields["place"].choices = choices  # type: ignore[attr-defined]
            self.fields["place"].label = kind.place_label
        else:
            del self.fields["place"]

    def chosen_place(self) -> Place | None:
        """Return the place that was chosen, or the only one."""
        if "place" in self.fields:
            return self.places.get(self.cleaned_data["place"])
        return next(iter(self.places.values()), None)
