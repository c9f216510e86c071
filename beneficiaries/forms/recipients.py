# SPDX-License-Identifier: EUPL-1.2
"""Recipients and enrolments: a name only if the body that registers writes it."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from actions.models import TargetGroup
from actions.selectors.notices import Version
from beneficiaries.enums import (
    SCHOOL_SEEN,
    Eligibility,
    LanguageLevel,
    LevelTest,
    MissingTaxCode,
    NoticeReceiver,
    SeenDocument,
    Sex,
    WithdrawalReason,
)
from beneficiaries.selectors.matching import read_tax_code, tax_code_warnings
from beneficiaries.selectors.sheets import permit_kinds
from fami_portal.core.forms import Markup, PortalForm
from partners.models import Country, Language, Organisation, PermitKind

CODE_HELP = _("The code by which your body knows the recipient, as 3B-07. Never a name, a tax code or a telephone.")


class PersonFields(forms.Form):
    """What the portal knows of a recipient."""

    local_code = forms.CharField(label=_("Own code"), max_length=30, help_text=CODE_HELP)
    target_group = forms.ModelChoiceField(label=_("Target group"), queryset=TargetGroup.objects.none())
    sex = forms.ChoiceField(label=_("Gender"), choices=Sex.choices, widget=forms.RadioSelect)
    birth_date = forms.DateField(label=_("Birth date"))
    citizenship = forms.ModelChoiceField(label=_("Citizenship"), queryset=Country.objects.none())


PERSON = ("local_code", "target_group", "sex", "birth_date", "citizenship")


class NameFields(forms.Form):
    """Who the recipient is, for the body that registers it; sealed, and never asked twice."""

    given_name = forms.CharField(
        label=_("Given name"), required=False, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    family_name = forms.CharField(
        label=_("Surname"), required=False, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    tax_code = forms.CharField(
        label=_("Tax code"),
        required=False,
        max_length=25,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("16 letters and digits, or the provisional one of 11 digits."),
    )
    tax_code_missing = forms.ChoiceField(
        label=_("If there is no tax code, why"),
        required=False,
        choices=[
            ("", "---------"),
            *(choice for choice in MissingTaxCode.choices if choice[0] != MissingTaxCode.NOT_ASKED),
        ],
    )


NAMES_HELP = Markup(
    '<p class="form-text">{}</p>',
    _("Only your body reads it, and every time it is opened is written down. It helps to count each person once."),
)
NAMES = ("given_name", "family_name")
CODES = ("tax_code", "tax_code_missing")


class NoticeFields(forms.Form):
    """The enrolment, after the family was informed."""

    enrolled_on = forms.DateField(label=_("Enrolled on"))
    notice_version = forms.ChoiceField(label=_("Version of the privacy notice"), required=False)
    notice_given_on = forms.DateField(label=_("Notice given on"), required=False)
    notice_given_to = forms.ChoiceField(label=_("Given to"), choices=NoticeReceiver.choices, widget=forms.RadioSelect)
    notice_language = forms.ModelChoiceField(
        label=_("In which language"), queryset=Language.objects.none(), required=False, empty_label="---------"
    )
    entry_level = forms.ChoiceField(
        label=_("Level of Italian at entry"), required=False, choices=[("", "---------"), *LanguageLevel.choices]
    )

    def __init__(self, *args: Any, versions: Sequence[Version] = (), **kwargs: Any) -> None:
        """Offer the published `versions` (with their languages); what is required is said by the service."""
        super().__init__(*args, **kwargs)
        self.fields["notice_version"].choices = [  # type: ignore[attr-defined]
            ("", "---------"),
            *((version.notice.code, version_label(version)) for version in versions),
        ]
        languages = {text.language_id for version in versions for text in version.notice.texts.all()}
        self.fields["notice_language"].queryset = Language.objects.filter(  # type: ignore[attr-defined]
            pk__in=languages
        ).order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        """Ask for the language of a notice that was given."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("notice_version") and not data.get("notice_language"):
            self.add_error("notice_language", _("Choose the language of the notice that was given."))
        return data


def version_label(version: Version) -> Any:
    """Return a version of the notice as a form offers it."""
    notice = version.notice
    names = {
        "code": f"{notice.code} ({notice.organisation.name})" if notice.organisation else notice.code,
        "start": f"{notice.valid_from:%d/%m/%Y}",
        "end": f"{version.until:%d/%m/%Y}" if version.until else "",
    }
    return (
        _("%(code)s, in force from %(start)s to %(end)s") if version.until else _("%(code)s, in force from %(start)s")
    ) % names


NOTICE = ("enrolled_on", "notice_version", "notice_given_on", "notice_given_to", "notice_language", "entry_level")


class EnrolKnownForm(NoticeFields, PortalForm):
    """Enrol somebody that is registered already."""

    submit_label = _("Enrol")
    code = forms.CharField(
        label=_("Own code or pseudonym"),
        max_length=30,
        help_text=_("Your own code, or the pseudonym that the other body gave you, as K7Q4-M2X."),
    )

    def get_layout(self) -> Sequence[Any]:
        """Who, then the notice and the enrolment."""
        return [Fieldset(_("Who"), "code"), Fieldset(_("Privacy notice and enrolment"), *NOTICE)]

    def enrolment_values(self) -> dict[str, Any]:
        """Return what the service takes of the enrolment."""
        return {name: self.cleaned_data[name] for name in NOTICE}


class EnrolNewForm(PersonFields, NameFields, NoticeFields, PortalForm):
    """Register a recipient and enrol it."""

    submit_label = _("Register and enrol")
    registered_by = forms.ModelChoiceField(label=_("Your body"), queryset=Organisation.objects.none())
    declared = forms.BooleanField(
        label=_("The family has declared the conditions of the group"),
        required=False,
        help_text=_("No document is asked: without the declaration the recipient takes part and does not count yet."),
    )

    def __init__(
        self,
        *args: Any,
        bodies: Sequence[Organisation],
        groups: QuerySet[TargetGroup],
        countries: QuerySet[Country],
        codes: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # A school or a lab asks for no tax code: the fields are not there at all.
        for name in () if codes else CODES:
            del self.fields[name]
        self.fields["target_group"].queryset = groups  # type: ignore[attr-defined]
        self.fields["citizenship"].queryset = countries  # type: ignore[attr-defined]
        self.bodies = bodies
        if len(bodies) == 1:
            del self.fields["registered_by"]
        else:
            field = self.fields["registered_by"]
            field.queryset = Organisation.objects.filter(pk__in=[body.pk for body in bodies]).order_by("name", "pk")  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """Who, then the notice and the enrolment."""
        own = ["registered_by"] if "registered_by" in self.fields else []
        return [
            Fieldset(_("Who"), *own, *PERSON, "declared"),
            Fieldset(_("Name, if you write it"), NAMES_HELP, *(name for name in NAMES + CODES if name in self.fields)),
            Fieldset(_("Privacy notice and enrolment"), *NOTICE),
        ]

    def person_values(self) -> dict[str, Any]:
        """Return what the service takes of the person."""
        data = self.cleaned_data
        return {name: data[name] for name in PERSON} | {
            "registered_by": data.get("registered_by") or self.bodies[0],
            "eligibility": Eligibility.DECLARED if data.get("declared") else Eligibility.UNVERIFIED,
        }

    def name_values(self) -> dict[str, str] | None:
        """Return what was typed of the name; None when nothing was."""
        data = self.cleaned_data
        if not any(data.get(name) for name in (*NAMES, "tax_code")):
            return None
        if "tax_code" not in self.fields:
            return {name: data[name] for name in NAMES} | {"tax_code_missing": MissingTaxCode.NOT_ASKED}
        return {name: data[name] for name in NAMES + CODES}

    def warnings(self) -> Sequence[Any]:
        """Return where the tax code and what was typed disagree; after the service has taken it."""
        data = self.cleaned_data
        code = read_tax_code(data.get("tax_code") or "")
        return tax_code_warnings(code, birth_date=data["birth_date"], sex=data["sex"])

    def enrolment_values(self) -> dict[str, Any]:
        """Return what the service takes of the enrolment."""
        return {name: self.cleaned_data[name] for name in NOTICE}


class BeneficiaryForm(PersonFields, PortalForm):
    """The correction of a recipient."""

    submit_label = _("Save the recipient")

    def __init__(self, *args: Any, groups: QuerySet[TargetGroup], countries: QuerySet[Country], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target_group"].queryset = groups  # type: ignore[attr-defined]
        self.fields["citizenship"].queryset = countries  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        return {name: self.cleaned_data[name] for name in PERSON}


class EligibilityForm(PortalForm):
    """Whether a recipient counts for the fund, and what was seen; a school is not asked for papers."""

    submit_label = _("Save the eligibility")
    eligibility = forms.ChoiceField(label=_("Eligibility"), choices=Eligibility.choices, widget=forms.RadioSelect)
    seen = forms.ChoiceField(
        label=_("What was seen"),
        required=False,
        choices=[("", _("Nothing")), *SeenDocument.choices],
        help_text=_("The kind of paper: its copy and its number stay out of the portal."),
    )
    permit = forms.ModelChoiceField(
        label=_("Kind of permit to stay"),
        queryset=PermitKind.objects.none(),
        required=False,
        empty_label="---------",
    )
    expires_on = forms.DateField(label=_("Valid until"), required=False, help_text=_("If the paper says so."))
    kept_at = forms.CharField(
        label=_("Where the paper is kept"),
        required=False,
        max_length=200,
        help_text=_("As “folder 12, office of the partner”. Without names. Needed for “verified”."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("Needed for “not eligible” and “not verified”. Without names."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, papers: bool, permits: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if permits:
            self.fields["permit"].queryset = permit_kinds()  # type: ignore[attr-defined]
        else:
            del self.fields["permit"]
        if not papers:
            del self.fields["expires_on"]
            choices: Any = [("", _("Nothing")), *((one.value, one.label) for one in SCHOOL_SEEN)]
            self.fields["seen"].choices = choices  # type: ignore[attr-defined]
            self.fields["seen"].help_text = ""
            self.fields["kept_at"].help_text = _("As “folder 12, office of the school”. Without names.")
            self.fields["eligibility"].choices = [  # type: ignore[attr-defined]
                choice for choice in Eligibility.choices if choice[0] != Eligibility.VERIFIED
            ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        return {name: data[name] for name in ("eligibility", "seen", "kept_at", "reason")} | {
            "expires_on": data.get("expires_on"),
            "permit": data.get("permit"),
        }


class WithdrawForm(PortalForm):
    """The end of an enrolment."""

    submit_label = _("Record the withdrawal")
    code = forms.ChoiceField(
        label=_("Why did the recipient leave?"),
        choices=[("", "---------"), *WithdrawalReason.choices],
        help_text=_("Who was enrolled by mistake and never came leaves the register: no last day is needed."),
        error_messages={"required": _("Choose why the recipient left.")},
    )
    withdrawn_on = forms.DateField(label=_("Last day"), required=False)
    reason = forms.CharField(
        label=_("In your words"),
        max_length=200,
        required=False,
        help_text=_("Needed for “Other” alone. Without names."),
    )


class LevelsForm(PortalForm):
    """The levels of Italian of an enrolled recipient, the test and the certificate."""

    submit_label = _("Save")
    entry_level = forms.ChoiceField(
        label=_("Level of Italian at entry"), required=False, choices=[("", "---------"), *LanguageLevel.choices]
    )
    test_kind = forms.ChoiceField(
        label=_("How was it found?"), required=False, choices=[("", "---------"), *LevelTest.choices]
    )
    test_on = forms.DateField(label=_("Day of the test"), required=False)
    exit_level = forms.ChoiceField(
        label=_("Level of Italian at exit"), required=False, choices=[("", "---------"), *LanguageLevel.choices]
    )
    certificate_body = forms.CharField(
        label=_("Certificate: body that issued it"),
        max_length=200,
        required=False,
        help_text=_("As “CPIA 2 Torino”. The paper stays where it is, never a copy here."),
    )
    certificate_number = forms.CharField(label=_("Certificate: number"), max_length=60, required=False)
    certificate_on = forms.DateField(label=_("Certificate: date"), required=False)


def version_of(form: PortalForm) -> int:
    """Return the version with which the page was opened; -1, which nothing has, for a text that is none."""
    text = form.cleaned_data.get("version") or ""
    return int(text) if text.isdigit() else -1
