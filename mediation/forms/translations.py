# SPDX-License-Identifier: EUPL-1.2
"""The forms of the written translations."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm
from mediation.forms.consulting import NO_NAMES, KeptFileField, PlaceField
from mediation.selectors.translations import DOCUMENT
from partners.models import Language


class TranslationForm(PortalForm):
    """What is to be translated, from what into what, by when."""

    submit_label = _("Save the draft")
    title = forms.CharField(
        label=_("What the file is"),
        max_length=150,
        help_text=_("For example: notice of the parents’ assembly. No names."),
    )
    file = KeptFileField(
        kind=DOCUMENT,
        label=_("File to translate"),
        required=False,
        help_text=_("PDF, Word or picture. Take out the names of people, if the translation does not need them."),
    )
    pages = forms.IntegerField(label=_("Pages"), min_value=1, max_value=500)
    source_language = forms.ModelChoiceField(
        label=_("From the language"), queryset=Language.objects.order_by("name", "pk")
    )
    target_language = forms.ModelChoiceField(
        label=_("Into the language"), queryset=Language.objects.order_by("name", "pk")
    )
    due_on = forms.DateField(label=_("Needed by"))
    note = forms.CharField(label=_("Note for the translator"), required=False, max_length=300, help_text=NO_NAMES)

    def get_layout(self) -> Sequence[Any]:
        """The file, the languages, the time."""
        return [
            *(["place"] if "place" in self.fields else []),
            Fieldset(_("The file"), "title", "file", "pages"),
            Fieldset(_("The languages"), "source_language", "target_language"),
            Fieldset(_("When"), "due_on", "note"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take, beside the file."""
        apart = ("submission_key", "version", "place", "file")
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


class NewTranslationForm(TranslationForm):
    """A translation with the body and network that asks."""

    place = PlaceField()

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].offer(places)  # type: ignore[attr-defined]


class ReturnForm(PortalForm):
    """The translated file, and how long it took."""

    submit_label = _("Return the file")
    file = KeptFileField(kind=DOCUMENT, label=_("Translated file"), help_text=_("PDF, Word or picture."))
    minutes = forms.IntegerField(
        label=_("Minutes worked"), min_value=1, max_value=30_000, help_text=_("In all, revisions included.")
    )
