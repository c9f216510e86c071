# SPDX-License-Identifier: EUPL-1.2
"""The forms of the register of mediators. What the rules refuse is told by the services."""

from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.forms import RowField
from fami_portal.core.documents import CheckedFile, DocumentRefused, accepted_extensions, check_document
from fami_portal.core.forms import PortalForm
from mediation.enums import Gender, LanguageLevel, MediatorProfile, Mode, QualificationKind
from mediation.forms.phones import check_phone
from mediation.models import Mediator
from mediation.selectors.mediators import QUALIFICATION_DOCUMENT
from partners.forms.fields import MunicipalitiesField, MunicipalityField
from partners.models import Language, Organisation

# Empty rows offered below those that are filled in.
SPARE_ROWS = 3
MAX_ROWS = 30


class MediatorForm(PortalForm):
    """The facts of an entry."""

    submit_label = _("Save the mediator")
    organisation = RowField(label=_("Provider body"), help_text=_("The body for which the mediator works."))
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    gender = forms.ChoiceField(
        label=_("Gender"),
        choices=Gender.choices,
        initial=Gender.UNDECLARED,
        help_text=_("Some interventions need a woman or a man."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=30, validators=[check_phone])
    profile = forms.ChoiceField(label=_("Profile"), choices=MediatorProfile.choices, initial=MediatorProfile.MEDIATOR)
    modes = forms.MultipleChoiceField(
        label=_("Works"),
        choices=Mode.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[mode.value for mode in Mode],
    )
    home = MunicipalityField(label=_("Starts from"), required=False)
    travel_buffer = forms.IntegerField(
        label=_("Minutes of travel kept free"),
        min_value=0,
        max_value=240,
        initial=30,
        help_text=_("Before and after a session in person: nobody can plan another one in them."),
    )
    yearly_maximum = forms.IntegerField(
        label=_("Most hours in a year"), required=False, min_value=1, max_value=4000, help_text=_("Empty: no limit.")
    )
    confidentiality_signed_on = forms.DateField(
        label=_("Confidentiality agreement signed on"),
        required=False,
        help_text=_("Leave it empty if the mediator signs it in the portal."),
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].offer(organisations)  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """Group who it is, what the mediator does, and how much."""
        return [
            Fieldset(_("Who it is"), "organisation", "given_name", "family_name", "gender", "email", "phone"),
            Fieldset(_("What the mediator does"), "profile", "modes", "home", "travel_buffer"),
            Fieldset(_("Agreements"), "yearly_maximum", "confidentiality_signed_on"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take: the yearly maximum is in minutes there."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}
        hours = values.pop("yearly_maximum")
        return values | {"yearly_maximum": hours * 60 if hours else None}


def initial_of(mediator: Mediator) -> dict[str, Any]:
    """Return the facts of an entry as its form shows them."""
    names = [name for name in MediatorForm.base_fields if name != "yearly_maximum"]
    hours = mediator.yearly_maximum // 60 if mediator.yearly_maximum else None
    return {name: getattr(mediator, name) for name in names} | {"yearly_maximum": hours}


class AccountForm(PortalForm):
    """The account of an entry."""

    submit_label = _("Link the account")
    user = RowField(
        label=_("Account in the portal"), help_text=_("Who holds the role of mediator in the provider body.")
    )

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].offer(people)  # type: ignore[attr-defined]


class LanguagesForm(PortalForm):
    """The languages of a mediator, one on each row; an empty row does not count."""

    submit_label = _("Save the languages")

    def __init__(self, *args: Any, languages: Iterable[Language], present: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        count = len(present) + SPARE_ROWS
        while count < MAX_ROWS and self.data.get(f"language_{count}"):
            count += 1
        self.numbers = range(count)
        offered = list(languages)
        for number in self.numbers:
            row = present[number] if number < len(present) else None
            language = RowField(label=_("Language"), required=False, initial=row.language_id if row else None)
            language.offer(offered)
            self.fields[f"language_{number}"] = language
            self.fields[f"variety_{number}"] = forms.CharField(
                label=_("Variety"), required=False, max_length=60, initial=row.variety if row else ""
            )
            self.fields[f"level_{number}"] = forms.ChoiceField(
                label=_("Level"),
                required=False,
                choices=[("", "---------"), *LanguageLevel.choices],
                initial=row.level if row else "",
            )

    def get_layout(self) -> Sequence[Any]:
        """One group for each row."""
        return [
            Fieldset(
                _("Language %(number)d") % {"number": number + 1},
                Div(
                    Div(f"language_{number}", css_class="col-12 col-md-5"),
                    Div(f"variety_{number}", css_class="col-6 col-md-4"),
                    Div(f"level_{number}", css_class="col-6 col-md-3"),
                    css_class="row",
                ),
            )
            for number in self.numbers
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the level of each language, and for the language of each level."""
        data = super().clean() or self.cleaned_data
        seen: set[tuple[int, str]] = set()
        for number in self.numbers:
            language, variety = data.get(f"language_{number}"), (data.get(f"variety_{number}") or "").lower()
            if language is None:
                if variety or data.get(f"level_{number}"):
                    self.add_error(f"language_{number}", _("Choose the language, or empty the row."))
                continue
            if not data.get(f"level_{number}"):
                self.add_error(f"level_{number}", _("Choose the level."))
            if (language.pk, variety) in seen:
                self.add_error(
                    f"language_{number}",
                    _("%(language)s is there twice: leave it once, or write the variety.") % {"language": language},
                )
            seen.add((language.pk, variety))
        return data

    def rows(self) -> list[tuple[Language, str, str]]:
        """Return language, level and variety of the rows that are filled in."""
        data = self.cleaned_data
        return [
            (data[f"language_{number}"], data[f"level_{number}"], data[f"variety_{number}"])
            for number in self.numbers
            if data[f"language_{number}"] is not None
        ]


class TerritoriesForm(PortalForm):
    """Where a mediator works."""

    submit_label = _("Save where the mediator works")
    provinces = forms.MultipleChoiceField(
        label=_("Whole provinces"), required=False, widget=forms.CheckboxSelectMultiple
    )
    municipalities = MunicipalitiesField(label=_("Single municipalities"), required=False)

    def __init__(self, *args: Any, provinces: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provinces"].choices = [(province, province) for province in provinces]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for at least one place."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not data.get("provinces") and not data.get("municipalities"):
            self.add_error("provinces", _("Choose at least one province, or write one municipality."))
        return data


class QualificationFileField(forms.FileField):
    """The document of a qualification: checked on its way in, kept by the service."""

    def clean(self, data: Any, initial: Any = None) -> CheckedFile | None:
        """Return the checked file, or None when there is none."""
        upload = super().clean(data, initial)
        if not upload or upload == initial:
            return None
        try:
            return check_document(kind=QUALIFICATION_DOCUMENT, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class QualificationForm(PortalForm):
    """A qualification, or a check that lets the mediator work."""

    submit_label = _("Add the qualification")
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "---------"), *QualificationKind.choices])
    title = forms.CharField(
        label=_("Title"), max_length=200, help_text=_("For example: course for intercultural mediators.")
    )
    issued_by = forms.CharField(label=_("Issued by"), required=False, max_length=200)
    hours = forms.IntegerField(label=_("Hours of the course"), required=False, min_value=1, max_value=10000)
    issued_on = forms.DateField(label=_("Issued on"), required=False)
    expires_on = forms.DateField(label=_("Expires on"), required=False, help_text=_("Empty: it does not expire."))
    document = QualificationFileField(
        label=_("Document"),
        required=False,
        help_text=_("PDF or picture. Only the mediator and the coordinators open it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].widget.attrs["accept"] = accepted_extensions(QUALIFICATION_DOCUMENT)

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("submission_key", "version")}
