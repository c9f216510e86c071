# SPDX-License-Identifier: EUPL-1.2
"""What the official sheets ask of an adult or of an operator; nothing of it stands in the form of a pupil."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import Eligibility, OperatorTraining
from beneficiaries.forms.recipients import CODES, NAMES, NAMES_HELP, NOTICE, PERSON, EnrolNewForm
from beneficiaries.selectors import sheets
from fami_portal.core.forms import Markup, PortalForm
from partners.enums import Nature
from partners.models import EducationTitle, OriginWork, PermitKind, TargetSpecific

EMPTY = "---------"
PERMIT_HELP = _("As the person says. Its copy and its number stay out of the portal; empty if you do not know it yet.")


class ThirdCountryFields(forms.Form):
    """Particular conditions, education, work."""

    specifics = forms.ModelMultipleChoiceField(
        label=_("Particular conditions"),
        queryset=TargetSpecific.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At most three. Of a vulnerability only that there is one: never which."),
    )
    education = forms.ModelChoiceField(
        label=_("Level of education"), queryset=EducationTitle.objects.none(), required=False, empty_label=EMPTY
    )
    origin_work = forms.ModelChoiceField(
        label=_("Work in the country of origin"),
        queryset=OriginWork.objects.none(),
        required=False,
        empty_label=EMPTY,
    )
    permit_note = forms.CharField(
        label=_("Note on the permit"),
        required=False,
        max_length=200,
        help_text=_("Only if the permit is missing for a time. Without names and without numbers of papers."),
    )

    def fill_lists(self) -> None:
        """Give the fields the lists of the official sheet."""
        lists = {
            "specifics": sheets.target_specifics(),
            "education": sheets.education_titles(),
            "origin_work": sheets.origin_works(),
        }
        for name, rows in lists.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """Return what the service takes of the sheet."""
        return {name: self.cleaned_data[name] for name in THIRD_COUNTRY}


THIRD_COUNTRY = ("specifics", "education", "origin_work", "permit_note")


class OperatorFields(forms.Form):
    """For whom an operator works, and what the training is about."""

    employer = forms.CharField(label=_("Body where the person works"), max_length=200)
    nature = forms.ChoiceField(label=_("This body is"), choices=Nature.choices, widget=forms.RadioSelect)
    public_body = forms.CharField(
        label=_("Public body where the person works"),
        required=False,
        max_length=200,
        help_text=_("Only for who works for a private body inside a public one, as a mediator in a hospital."),
    )
    trainings = forms.MultipleChoiceField(
        label=_("What the training is about"), choices=OperatorTraining.choices, widget=forms.CheckboxSelectMultiple
    )

    def facts(self) -> dict[str, Any]:
        """Return what the service takes of the sheet."""
        return {name: self.cleaned_data[name] for name in OPERATOR}


OPERATOR = ("employer", "nature", "public_body", "trainings")


class EnrolThirdCountryForm(ThirdCountryFields, EnrolNewForm):
    """Register an adult of a third country, whose sheet asks for the name, the permit and some facts."""

    permit = forms.ModelChoiceField(
        label=_("Kind of permit to stay"),
        queryset=PermitKind.objects.none(),
        required=False,
        empty_label=EMPTY,
        help_text=PERMIT_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The permit says what the tick of the family says of a pupil.
        del self.fields["declared"]
        self.fill_lists()
        self.fields["permit"].queryset = sheets.permit_kinds()  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """Who, the name, what the sheet asks, then the notice and the enrolment."""
        own = ["registered_by"] if "registered_by" in self.fields else []
        help_text = Markup(
            '<p class="form-text">{}</p>',
            _("The official sheet wants name and tax code of every adult. Only your body reads them, and every opening "
              "is written down."),
        )  # fmt: skip
        return [
            Fieldset(_("Who"), *own, *PERSON),
            Fieldset(_("Name"), help_text, *NAMES, *CODES),
            Fieldset(_("For the official sheet"), "permit", "permit_note", "specifics", "education", "origin_work"),
            Fieldset(_("Privacy notice and enrolment"), *(name for name in NOTICE if name in self.fields)),
        ]

    def warnings(self) -> Sequence[Any]:
        """Return where the tax code or the age and what was typed disagree; after the service has taken it."""
        data = self.cleaned_data
        codes = [one.code for one in data["specifics"]]
        asked = sheets.specifics_warnings(codes, birth_date=data["birth_date"], on=data["enrolled_on"])
        return [*super().warnings(), *asked]


class EnrolOperatorForm(OperatorFields, EnrolNewForm):
    """Register an operator who attends a training: of any citizenship, without permit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["declared"]

    def get_layout(self) -> Sequence[Any]:
        """Who, the name, the body and the training, then the notice and the enrolment."""
        own = ["registered_by"] if "registered_by" in self.fields else []
        names = [name for name in NAMES + CODES if name in self.fields]
        return [
            Fieldset(_("Who"), *own, *PERSON),
            Fieldset(_("Name, if you write it"), NAMES_HELP, *names),
            Fieldset(_("Work and training"), *OPERATOR),
            Fieldset(_("Privacy notice and enrolment"), *(name for name in NOTICE if name in self.fields)),
        ]

    def person_values(self) -> dict[str, Any]:
        """Return what the service takes of the person: that it works as an operator is declared by its body."""
        return super().person_values() | {"eligibility": Eligibility.DECLARED}


class ThirdCountrySheetForm(ThirdCountryFields, PortalForm):
    """The correction of what the sheet of third-country nationals asks."""

    submit_label = _("Save the sheet")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fill_lists()

    def get_layout(self) -> Sequence[Any]:
        """The facts in the order of the registration."""
        return ["permit_note", "specifics", "education", "origin_work"]


class OperatorSheetForm(OperatorFields, PortalForm):
    """The correction of what the sheet of operators asks."""

    submit_label = _("Save the sheet")

    def get_layout(self) -> Sequence[Any]:
        """The facts in the order of the registration."""
        return list(OPERATOR)
