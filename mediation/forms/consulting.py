# SPDX-License-Identifier: EUPL-1.2
"""What the forms of consultations, questions, translations and presences share."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, check_document
from fami_portal.core.forms import PortalForm

NO_NAMES = _("Without names, tax codes, phone numbers or addresses of people.")


class PlaceField(forms.ChoiceField):
    """From which body, in which network and programme: what the view has read already, chosen when there is only one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("For which body and network"))
        super().__init__(**kwargs)
        self.offered: dict[str, Any] = {}

    def offer(self, places: Iterable[Any]) -> None:
        """Set the places (`selectors.requests.Place`) to choose from."""
        self.offered = {place.key: place for place in places}
        rows = [
            (key, f"{place.organisation.name} – {place.network.name} ({place.programme.title})")
            for key, place in self.offered.items()
        ]
        self.choices = rows if len(rows) == 1 else [("", "---------"), *rows]
        if len(rows) == 1:
            self.initial = rows[0][0]

    def clean(self, value: Any) -> Any:
        """Return the place itself."""
        return self.offered[super().clean(value)]


class KeptFileField(forms.FileField):
    """A file checked on its way in by the rules of its kind; the service keeps it."""

    def __init__(self, *, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """Return the checked file, or None when there is none."""
        upload = super().clean(data, initial)
        if not upload or upload == initial:
            return None
        try:
            return check_document(kind=self.kind, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class NoteForm(PortalForm):
    """One text that says why or what."""

    note = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(
        self, *args: Any, label: Any = "", help_text: Any = "", submit_label: Any = "", style: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = label or self.fields["note"].label
        self.fields["note"].help_text = help_text
        self.submit_label = submit_label or self.submit_label
        self.submit_style = style or self.submit_style


class PersonForm(PortalForm):
    """One of the people to whom something may be given."""

    submit_label = _("Assign")
    person = forms.ChoiceField(label=_("To whom"))

    def __init__(
        self, *args: Any, people: Sequence[Any], label: Any, initial_id: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        rows = [(key, name_of(person)) for key, person in self.people.items()]
        field = self.fields["person"]
        field.label = label
        field.choices = rows if len(rows) == 1 else [("", "---------"), *rows]  # type: ignore[attr-defined]
        if initial_id is not None:
            field.initial = str(initial_id)

    def clean_person(self) -> Any:
        """Return the person chosen."""
        return self.people[self.cleaned_data["person"]]


def name_of(person: Any) -> str:
    """Return how a person is written in a list."""
    return f"{person.given_name} {person.family_name}".strip()
