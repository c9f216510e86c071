# SPDX-License-Identifier: EUPL-1.2
"""The form of a request of mediation (A.1, A.3) in four steps."""

import re
from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.enums import MediationRequestKind
from actions.forms import RowField
from beneficiaries.enums import LanguageLevel, Sex
from fami_portal.core.forms import PortalForm
from mediation.enums import INTERVENTIONS, CaseKind, Gender, Intervention, Mode, RequestChannel, Urgency
from mediation.forms.phones import check_phone
from mediation.forms.request_steps import Choices, MonthField, Saved, StepForm
from mediation.models import MediationRequest
from mediation.selectors.request_rules import CASE, WHAT, WHEN, WHO, hours
from mediation.selectors.settings import RequestSettings

ROWS = range(3)
NO_NAMES = _("Never names, tax codes, phone numbers or diagnoses.")


def _in_a_row(*names: str) -> Div:
    """Put fields beside one another where there is room."""
    return Div(
        *(Div(name, css_class=f"col-12 col-md-{12 // len(names)}") for name in names), css_class="row align-items-end"
    )


class StartForm(PortalForm):
    """For whom the request is, when several bodies, networks, programmes or forms fit."""

    submit_label = _("Begin the request")
    place = forms.ChoiceField(label=_("What do you ask for?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {place.key: place for place in places}
        field = self.fields["place"]
        field.choices = [(key, place_in_words(place)) for key, place in self.places.items()]  # type: ignore[attr-defined]
        if len(self.places) == 1:
            field.initial = next(iter(self.places))
            field.widget = forms.HiddenInput()

    @property
    def chosen(self) -> Any:
        """The place that was chosen."""
        return self.places[self.cleaned_data["place"]]


def place_in_words(place: Any) -> str:
    """Say what a place to ask is: form, body, network, programme."""
    kind = MediationRequestKind(place.kind).label
    return f"{kind} · {place.organisation.name} · {place.network.name} · {place.programme.title}"


class WhoForm(StepForm):
    """Step 1: two contacts."""

    step = WHO
    contact_name = forms.CharField(label=_("Name of the contact"), max_length=150)
    contact_role = forms.CharField(label=_("Role"), max_length=100, required=False)
    contact_email = forms.EmailField(label=_("E-mail"), help_text=_("The answers go to this address."))
    contact_phone = forms.CharField(label=_("Phone"), max_length=30, required=False, validators=[check_phone])
    field_contact_name = forms.CharField(label=_("Name of who will be there"), max_length=150)
    field_contact_role = forms.CharField(label=_("Role"), max_length=100, required=False)
    field_contact_email = forms.EmailField(label=_("E-mail"), required=False)
    field_contact_phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        validators=[check_phone],
        help_text=_("At least one of e-mail and phone."),
    )

    def get_layout(self) -> Sequence[Any]:
        """The contact of the body, then whoever will be there."""
        parts = ("name", "role", "email", "phone")
        return [
            Fieldset(_("Contact of the body"), *(f"contact_{part}" for part in parts)),
            Fieldset(_("Who will be there with the mediator"), *(f"field_contact_{part}" for part in parts)),
        ]


class WhatForm(StepForm):
    """Step 2: languages, types of intervention, reason, urgency."""

    step = WHAT
    renamed = {"languages": "language_0"}
    language_0 = RowField(label=_("Language"))
    variety_0 = forms.CharField(
        label=_("Variety"), max_length=60, required=False, help_text=_("Dialect or country, for example darija.")
    )
    language_1 = RowField(label=_("Second language"), required=False)
    variety_1 = forms.CharField(label=_("Variety"), max_length=60, required=False)
    language_2 = RowField(label=_("Third language"), required=False)
    variety_2 = forms.CharField(label=_("Variety"), max_length=60, required=False)
    interventions = forms.MultipleChoiceField(
        label=_("Types of intervention"), widget=forms.CheckboxSelectMultiple, help_text=_("One or more.")
    )
    reason = forms.CharField(
        label=_("Reason of the request"), max_length=1500, help_text=NO_NAMES, widget=forms.Textarea(attrs={"rows": 4})
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, widget=forms.RadioSelect, initial=Urgency.ORDINARY
    )
    urgency_reason = forms.CharField(
        label=_("Reason of the urgency"), max_length=300, required=False, help_text=_("Only if it is urgent.")
    )
    mediator_gender = forms.ChoiceField(
        label=_("Should the mediator be a woman or a man?"),
        required=False,
        choices=[("", _("No preference")), (Gender.FEMALE, Gender.FEMALE.label), (Gender.MALE, Gender.MALE.label)],
    )
    mediator_gender_reason = forms.CharField(
        label=_("Reason of the preference"), max_length=300, required=False, help_text=_("Only with a preference.")
    )
    same_mediator = RowField(
        label=_("The same mediator again"),
        required=False,
        help_text=_("Who has worked with you before; the coordinator asks first, if you wish."),
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in ROWS:
            self.fields[f"language_{row}"].offer(choices.languages)  # type: ignore[attr-defined]
        offered = INTERVENTIONS[MediationRequestKind(self.request.kind)]
        self.fields["interventions"].choices = [  # type: ignore[attr-defined]
            (code.value, Intervention(code).label) for code in offered
        ]
        if choices.mediators:
            self.fields["same_mediator"].offer(choices.mediators, label=lambda row: row.name)  # type: ignore[attr-defined]
        else:
            del self.fields["same_mediator"]

    @classmethod
    def initial_of(cls, request: MediationRequest) -> dict[str, Any]:
        """Return what the request says, its languages by row."""
        rows = sorted(request.languages.all(), key=lambda row: (row.position, row.pk))
        found = super().initial_of(request)
        for place, row in enumerate(rows[: len(ROWS)]):
            found |= {f"language_{place}": row.language_id, f"variety_{place}": row.variety}
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse the same language twice, and a variety without its language."""
        data = super().clean()
        chosen: list[Any] = []
        for row in ROWS:
            language = data.get(f"language_{row}")
            if language is not None and language in chosen:
                self.add_error(f"language_{row}", _now("The same language is there twice: keep one."))
            elif language is None and data.get(f"variety_{row}") and f"language_{row}" not in self.errors:
                self.add_error(f"language_{row}", _now("Choose the language of this variety."))
            chosen.append(language)
        return data

    def get_layout(self) -> Sequence[Any]:
        """Languages, what for, how soon, who."""
        languages = [_in_a_row(f"language_{row}", f"variety_{row}") for row in ROWS]
        who = ["mediator_gender", "mediator_gender_reason"]
        if "same_mediator" in self.fields:
            who.append("same_mediator")
        return [
            Fieldset(_("Languages"), *languages),
            Fieldset(_("What for"), "interventions", "reason"),
            Fieldset(_("How soon"), "urgency", "urgency_reason"),
            Fieldset(_("Who"), *who),
        ]

    def saved(self) -> Saved:
        """Values, and the languages unless one of them is wrong."""
        kept = self.kept()
        values = {name: value for name, value in kept.items() if not re.fullmatch(r"(language|variety)_\d", name)}
        if values.get("interventions") == "":
            values["interventions"] = []
        wrong = any(
            error.code != "required"
            for row in ROWS
            for part in ("language", "variety")
            for error in self.errors.as_data().get(f"{part}_{row}", ())
        )
        languages = [
            (kept[f"language_{row}"], str(kept.get(f"variety_{row}") or ""))
            for row in ROWS
            if kept.get(f"language_{row}")
        ]
        return Saved(values, languages=None if wrong else languages)


class WhenForm(StepForm):
    """Step 3: length, proposed times, place, who will be there."""

    step = WHEN
    field_order = (
        "session_minutes",
        "sessions_asked",
        *(f"slot_{row}_{part}" for row in range(3) for part in ("day", "starts_at", "ends_at")),
    )
    renamed = {"minutes_asked": "session_minutes"}
    session_minutes = forms.TypedChoiceField(label=_("Length of a meeting"), coerce=int)
    sessions_asked = forms.IntegerField(label=_("Number of meetings"), min_value=1, max_value=60, initial=1)
    mode = forms.ChoiceField(label=_("How"), choices=Mode.choices, widget=forms.RadioSelect, initial=Mode.IN_PERSON)
    place = forms.CharField(
        label=_("Place"), max_length=200, required=False, help_text=_("In person: site, address, room.")
    )
    municipality = RowField(label=_("Municipality"), required=False)
    video_link = forms.URLField(
        label=_("Address of the video call"), required=False, assume_scheme="https", help_text=_("For video calls.")
    )
    operator_present = forms.BooleanField(
        label=_("Somebody of our body will be there with the mediator"),
        help_text=_("A mediator never works alone."),
    )
    outside = forms.BooleanField(
        label=_("It has been agreed outside the portal already, or it was held"),
        required=False,
        help_text=_("By phone, for example. Then past days are accepted, and the same signatures are asked."),
    )
    outside_reason = forms.CharField(
        label=_("Why it was agreed outside"), max_length=300, required=False, help_text=NO_NAMES
    )

    def __init__(self, *args: Any, choices: Choices, settings: RequestSettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lengths = range(settings.minimum_minutes, settings.maximum_minutes + 1, settings.step_minutes)
        self.fields["session_minutes"].choices = [("", "---------"), *((each, hours(each)) for each in lengths)]  # type: ignore[attr-defined]
        self.fields["municipality"].offer(choices.municipalities)  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, request: MediationRequest) -> dict[str, Any]:
        """Return what the request says, its times by row."""
        found = super().initial_of(request)
        found |= {
            "session_minutes": request.session_minutes or None,
            "municipality": request.municipality_id or request.organisation.municipality_id,
            "outside": request.channel == RequestChannel.OUTSIDE,
        }
        for slot in request.slots.all():
            for part in ("day", "starts_at", "ends_at"):
                found[f"slot_{slot.position}_{part}"] = getattr(slot, part)
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse times without a day, half a time, and an end before the start."""
        data = super().clean()
        for row in ROWS:
            day, start, end = (data.get(f"slot_{row}_{part}") for part in ("day", "starts_at", "ends_at"))
            if (start or end) and not day and f"slot_{row}_day" not in self.errors:
                self.add_error(f"slot_{row}_day", _now("Write the day of this time."))
            if bool(start) != bool(end):
                missing = f"slot_{row}_ends_at" if start else f"slot_{row}_starts_at"
                if missing not in self.errors:
                    self.add_error(missing, _now("Write both hours, or neither when the hour is to be agreed."))
            elif start and end and end <= start:
                self.add_error(
                    f"slot_{row}_ends_at",
                    _now("The end comes before the start. A meeting ends on the day on which it begins."),
                )
        return data

    def get_layout(self) -> Sequence[Any]:
        """How long, when, where, who, agreed before."""
        times = [
            Fieldset(
                title,
                _in_a_row(*(f"slot_{row}_{part}" for part in ("day", "starts_at", "ends_at"))),
            )
            for row, title in enumerate((_("First proposed time"), _("Second proposed time"), _("Third proposed time")))
        ]
        return [
            Fieldset(_("How long"), "session_minutes", "sessions_asked"),
            *times,
            Fieldset(_("Where"), "mode", "place", "municipality", "video_link", "operator_present"),
            Fieldset(_("Agreed before"), "outside", "outside_reason"),
        ]

    def saved(self) -> Saved:
        """Values, minutes as the sum of all meetings, and the times unless one of them is wrong."""
        kept = self.kept()
        names = ("mode", "place", "municipality", "video_link", "operator_present", "outside_reason")
        values = {name: kept[name] for name in names if name in kept}
        values["operator_present"] = bool(kept.get("operator_present"))
        if "outside" in kept:
            values["channel"] = RequestChannel.OUTSIDE if kept["outside"] else RequestChannel.PORTAL
        number = kept.get("sessions_asked") or 1
        if "session_minutes" in kept:
            values |= {"sessions_asked": number, "minutes_asked": (kept["session_minutes"] or 0) * number}
        wrong = any(name.startswith("slot_") for name in self.errors)
        slots = [
            (kept[f"slot_{row}_day"], kept.get(f"slot_{row}_starts_at"), kept.get(f"slot_{row}_ends_at"))
            for row in ROWS
            if kept.get(f"slot_{row}_day")
        ]
        return Saved(values, slots=None if wrong else slots)


# What the labels of a proposed time are called in the list of what is wrong, where the three stand together.
_ALONE = (
    (_("First proposed time, day"), _("First proposed time, from"), _("First proposed time, until")),
    (_("Second proposed time, day"), _("Second proposed time, from"), _("Second proposed time, until")),
    (_("Third proposed time, day"), _("Third proposed time, from"), _("Third proposed time, until")),
)
for _row in ROWS:
    WhenForm.base_fields[f"slot_{_row}_day"] = forms.DateField(label=_("Day"), required=False)
    WhenForm.base_fields[f"slot_{_row}_starts_at"] = forms.TimeField(
        label=pgettext_lazy("hour", "From"),
        required=False,
        help_text=_("Leave the hours empty when they are to be agreed."),
    )
    WhenForm.base_fields[f"slot_{_row}_ends_at"] = forms.TimeField(label=pgettext_lazy("hour", "Until"), required=False)
    for _part, _words in zip(("day", "starts_at", "ends_at"), _ALONE[_row], strict=True):
        WhenForm.base_fields[f"slot_{_row}_{_part}"].label_alone = _words  # type: ignore[attr-defined]


class CaseForm(StepForm):
    """Step 4: the case by its code, and the family."""

    step = CASE
    is_group = forms.BooleanField(
        label=_("For a group, without a single case"),
        required=False,
        help_text=_("A class assembly, for example: then nothing is asked about a single pupil."),
    )
    families = forms.IntegerField(label=_("Families expected"), min_value=1, max_value=500, required=False)
    case_code = forms.CharField(
        label=_("Code of the case"),
        max_length=30,
        required=False,
        help_text=_("The portal proposes one; you may write your own. Keep the list of names at your office."),
    )
    case_kind = forms.ChoiceField(
        label=_("Who the support is for"), choices=CaseKind.choices, widget=forms.RadioSelect, required=False
    )
    school_class = forms.CharField(label=_("Class"), max_length=20, required=False)
    birth_year = forms.IntegerField(label=_("Year of birth"), required=False, min_value=1900, max_value=2100)
    sex = forms.ChoiceField(label=_("Sex"), choices=[("", "---------"), *Sex.choices], required=False)
    citizenship = RowField(label=_("Citizenship"), required=False)
    mother_tongue = RowField(label=_("Mother tongue"), required=False)
    other_language = RowField(label=_("Other language understood"), required=False)
    arrived_on = MonthField(label=_("Arrived in Italy"), required=False)
    italian_level = forms.ChoiceField(
        label=_("Level of Italian"), choices=[("", "---------"), *LanguageLevel.choices], required=False
    )
    judicial = forms.BooleanField(
        label=_("A proceeding of the judicial authority is open"),
        required=False,
        help_text=_("Only yes or no. Seen by your service and by the coordinators alone."),
    )
    family_informed_on = forms.DateField(label=_("Family informed on"), required=False)
    notice_version = forms.CharField(
        label=_("Version of the notice"), max_length=20, required=False, help_text=_("As written on the notice itself.")
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["citizenship"].offer(choices.countries)  # type: ignore[attr-defined]
        for name in ("mother_tongue", "other_language"):
            self.fields[name].offer(choices.languages)  # type: ignore[attr-defined]
        for name in self._absent():
            del self.fields[name]
        if self.request.kind == MediationRequestKind.SERVICE:
            self.fields["is_group"].help_text = _("A meeting of several families, for example: then no case is asked.")

    def _absent(self) -> tuple[str, ...]:
        if self.request.kind == MediationRequestKind.SERVICE:
            return ("school_class",)
        return ("case_kind", "judicial")

    @classmethod
    def initial_of(cls, request: MediationRequest) -> dict[str, Any]:
        """Return what the request says."""
        found = super().initial_of(request)
        for name in ("citizenship", "mother_tongue", "other_language"):
            found[name] = getattr(request, f"{name}_id")
        return found

    def get_layout(self) -> Sequence[Any]:
        """A group or a case, what is known of it, the family."""
        case = ["case_code", "case_kind", "school_class", "birth_year", "sex", "citizenship", "mother_tongue"]
        case += ["other_language", "arrived_on", "italian_level", "judicial"]
        return [
            Fieldset(_("A group"), "is_group", "families"),
            Fieldset(_("A single case"), *(name for name in case if name in self.fields)),
            Fieldset(_("The family"), "family_informed_on", "notice_version"),
        ]


STEP_FORMS: dict[int, type[StepForm]] = {WHO: WhoForm, WHAT: WhatForm, WHEN: WhenForm, CASE: CaseForm}
