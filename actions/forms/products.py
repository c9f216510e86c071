# SPDX-License-Identifier: EUPL-1.2
"""The forms of products delivered and of services opened or strengthened."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.enums import ProductKind, ServiceChangeKind
from actions.forms import EvidenceField
from fami_portal.core.forms import PortalForm
from partners.models import Language, Organisation


class NamesField(forms.CharField):
    """Rows by their names, separated by commas: nobody looks for three among fifty check boxes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)
        self.rows: dict[str, Any] = {}

    def offer(self, rows: Iterable[Any]) -> None:
        """Set the rows that can be named."""
        self.rows = {" ".join(row.name.replace(",", ", ").split()).casefold(): row for row in rows}

    def clean(self, value: Any) -> list[Any]:
        """Return the rows named, each once; raises `ValidationError` with the names that are unknown."""
        parts = [name for part in super().clean(value).split(",") if (name := " ".join(part.split()))]
        found, unknown = {}, []
        while parts:
            # A name may have a comma of its own: the longest one that is known is meant.
            lengths = (n for n in range(len(parts), 0, -1) if ", ".join(parts[:n]).casefold() in self.rows)
            length = next(lengths, 0)
            if length:
                row = self.rows[", ".join(parts[:length]).casefold()]
                found[row.pk] = row
            else:
                unknown.append(parts[0])
            del parts[: length or 1]
        if unknown:
            raise ValidationError(self.error_messages["unknown"], params={"names": ", ".join(dict.fromkeys(unknown))})
        return list(found.values())

    def prepare_value(self, value: Any) -> Any:
        """Accept rows as the initial value."""
        return value if isinstance(value, str) or value is None else ", ".join(row.name for row in value)


class LanguagesField(NamesField):
    """Languages by their names."""

    default_error_messages = {
        "unknown": _("Not in the list of languages: %(names)s. Write their Italian names, separated by commas.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Their names, separated by commas: italiano, arabo, cinese."))
        super().__init__(**kwargs)


class PartiesField(NamesField):
    """Bodies by their names."""

    default_error_messages = {
        "unknown": _(
            "The portal does not know: %(names)s. Write the names as the bodies have them, with commas between."
        )
    }


class ProductForm(PortalForm):
    """A product that was delivered; a protocol has its parties and its repertory number."""

    submit_label = _("Save the product")
    kind = forms.ChoiceField(label=_("Kind"), choices=ProductKind.choices, initial=ProductKind.SIMPLIFIED_FORM)
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("For example: simplified residence form."))
    delivered_on = forms.DateField(
        label=_("Delivered on"), help_text=_("Of a protocol the day of the signature. For example 15/03/2026")
    )
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=10000, initial=1)
    languages = LanguagesField(label=_("Languages"))
    parties = PartiesField(
        label=_("Who signed it"), help_text=_("Only of a protocol: the bodies by name, separated by commas.")
    )
    repertory_number = forms.CharField(
        label=_("Repertory number"), required=False, max_length=50, help_text=_("Only of a protocol.")
    )
    url = forms.URLField(label=_("Address of the published page"), required=False, assume_scheme="https")
    evidence = EvidenceField()

    def __init__(
        self, *args: Any, languages: Iterable[Language], bodies: Iterable[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"].offer(languages)  # type: ignore[attr-defined]
        self.fields["parties"].offer(bodies)  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """What it is, the protocol, the proof."""
        return [
            Fieldset(_("What it is"), "kind", "title", "delivered_on", "quantity", "languages"),
            Fieldset(_("If it is a protocol"), "parties", "repertory_number"),
            Fieldset(_("Where it can be seen"), "url", "evidence"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}


MOMENTS = (("before", _("Before")), ("after", _("Now")))


class ServiceForm(PortalForm):
    """A service opened or strengthened: what it offered before, and what it offers now."""

    submit_label = _("Save the service")
    title = forms.CharField(
        label=_("Name of the service"),
        max_length=200,
        help_text=_("Always the same: a service counts once, however often it is strengthened."),
    )
    kind = forms.ChoiceField(
        label=_("What became of it"), choices=ServiceChangeKind.choices, initial=ServiceChangeKind.STRENGTHENED
    )
    changed_on = forms.DateField(label=_("Since"), help_text=_("The first day on which the public had it."))
    note = forms.CharField(label=_("What else changed"), required=False, max_length=500)
    evidence = EvidenceField()

    def __init__(self, *args: Any, languages: Iterable[Language], fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = list(languages)
        if fixed:
            del self.fields["title"], self.fields["kind"]
        for moment, words in MOMENTS:
            for name, field in _offer_fields().items():
                field.label_alone = f"{words}, {field.label}"
                self.fields[f"{name}_{moment}"] = field
                field.widget.attrs["inputmode"] = "decimal" if name == "hours" else "numeric"
            named = LanguagesField(label=_("Languages"))
            named.label_alone = f"{words}, {named.label}"  # type: ignore[attr-defined]
            named.offer(languages)
            self.fields[f"languages_{moment}"] = named
        for name, value in (self.initial or {}).items():
            if name in self.fields:
                self.fields[name].initial = value

    def get_layout(self) -> Sequence[Any]:
        """The service, then two columns: before and now."""
        head = [name for name in ("title", "kind", "changed_on") if name in self.fields]
        columns = [
            Div(
                Fieldset(words, *(f"{name}_{moment}" for name in (*_offer_fields(), "languages"))),
                css_class="col-md-6",
            )
            for moment, words in MOMENTS
        ]
        return [
            Fieldset(_("The service"), *head),
            Div(*columns, css_class="row"),
            Fieldset(_("What proves it"), "note", "evidence"),
        ]

    def offer(self, moment: str) -> dict[str, Any]:
        """Return what the service offers at a moment, as the service layer takes it: minutes, not hours."""
        data = self.cleaned_data
        return {
            "minutes": int((data[f"hours_{moment}"] or Decimal(0)) * 60),
            **{name: data[f"{name}_{moment}"] or 0 for name in ("evenings", "staff", "sites")},
            "languages": [language.pk for language in data[f"languages_{moment}"]],
        }


def _offer_fields() -> dict[str, Any]:
    def whole(label: Any, most: int) -> forms.IntegerField:
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=most, widget=forms.TextInput())

    return {
        "hours": forms.DecimalField(
            label=_("Hours a week"),
            required=False,
            min_value=0,
            max_value=168,
            decimal_places=2,
            localize=True,
            widget=forms.TextInput(),
        ),
        "evenings": whole(_("Evenings a week"), 7),
        "staff": whole(_("Operators"), 1000),
        "sites": whole(pgettext_lazy("service", "Sites"), 1000),
    }
