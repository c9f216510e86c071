# SPDX-License-Identifier: EUPL-1.2
"""The municipalities of a network: those that it has, and those found by a search, each with a box to tick."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import Markup, PortalForm
from partners.models import Municipality


class PlacesField(forms.ModelMultipleChoiceField):
    """Municipalities by ISTAT code, each a box with name, province and code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Municipality.objects.none(),
            to_field_name="code",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )

    def label_from_instance(self, obj: Any) -> str:
        """Return name, province and ISTAT code."""
        return f"{obj} – {obj.code}"


class MunicipalitiesForm(PortalForm):
    """Search, tick, save; everything works by keyboard and without script: Enter in the search box searches."""

    submit_label = _("Save the municipalities")
    search = forms.CharField(
        label=_("Search a municipality"),
        required=False,
        max_length=200,
        help_text=_("Part of the name, the ISTAT code or the province as NO; several at once with commas between."),
    )
    found = PlacesField(label=_("Found: tick those to add"))
    chosen = PlacesField(label=_("Municipalities of the network: take away the tick to leave one out"))

    def __init__(
        self,
        *args: Any,
        found: QuerySet[Municipality],
        chosen: QuerySet[Municipality],
        note: Any = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["found"].queryset = found  # type: ignore[attr-defined]
        self.fields["chosen"].queryset = chosen  # type: ignore[attr-defined]
        self.note = note
        self.offered = (found.exists(), chosen.exists())

    def get_layout(self) -> Sequence[Any]:
        """Return the search with its results, then what the network has."""
        look = Markup(
            '<p><button type="submit" name="look" value="1" class="btn btn-outline-primary">{}</button></p>',
            _("Search"),
        )
        note = [Markup('<p role="status">{}</p>', self.note)] if self.note else []
        some_found, some_chosen = self.offered
        none = Markup("<p>{}</p>", _("The network has no municipality yet: search them above."))
        return [
            Fieldset(_("Add"), "search", look, *note, *(["found"] if some_found else [])),
            Fieldset(_("Of the network"), "chosen" if some_chosen else none),
        ]

    def ticked(self) -> list[Municipality]:
        """Return the municipalities ticked in both lists, each once."""
        data = self.cleaned_data
        return list({place.pk: place for place in (*data["chosen"], *data["found"])}.values())
