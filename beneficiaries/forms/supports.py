# SPDX-License-Identifier: EUPL-1.2
"""Forms of supports: taking in charge, an intervention, the household, the school path, the end."""

import re
from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from beneficiaries.enums import InterventionKind, InterventionOutcome, SchoolPath, SupportKind, SupportOutcome
from beneficiaries.forms.recipients import NoticeFields
from beneficiaries.models import MOST_MINUTES
from fami_portal.core.forms import Markup, PortalForm

_EMPTY = ("", "---------")
MOST_PERSONS = 15


def _labelled(choices: Any, values: Sequence[str]) -> list[tuple[str, Any]]:
    return [(value, choices(value).label) for value in values]


class OpenForm(NoticeFields, PortalForm):
    """Take one person, or a household, in charge."""

    submit_label = _("Take in charge")
    codes = forms.CharField(
        label=_("Own code, or codes"),
        max_length=400,
        help_text=_(
            "One person, or the members of one household with commas between: A-12, A-13, A-14. They are recipients "
            "that your body has registered."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Own code of the household"),
        max_length=30,
        required=False,
        help_text=_("For several persons only, as N-12. Never a surname or an address."),
    )
    kind = forms.ChoiceField(label=_("What for"))
    opened_on = forms.DateField(label=_("Taken in charge on"))

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The enrolment begins on the day on which the person is taken in charge; no level of Italian is asked.
        del self.fields["enrolled_on"], self.fields["entry_level"]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            *([_EMPTY] if len(kinds) > 1 else []),
            *_labelled(SupportKind, kinds),
        ]

    def get_layout(self) -> Sequence[Any]:
        """Who and what for, then the notice for whoever is new in the activity."""
        note = Markup('<p class="form-text">{}</p>', _("Only for whoever is not enrolled in this activity yet."))
        notice = ("notice_version", "notice_given_on", "notice_given_to", "notice_language")
        return [
            Fieldset(_("Who"), "codes", "code"),
            Fieldset(_("Support"), "kind", "opened_on"),
            Fieldset(_("Privacy notice"), note, *notice),
        ]

    def typed_codes(self) -> list[str]:
        """Return the codes of a valid form, as they were typed."""
        return [" ".join(code.split()) for code in re.split(r"[,;\n]", self.cleaned_data["codes"]) if code.strip()]

    def notice_values(self) -> dict[str, Any]:
        """Return what the service takes of the notice."""
        names = ("notice_version", "notice_given_on", "notice_given_to", "notice_language")
        return {name: self.cleaned_data[name] for name in names}


class InterventionForm(PortalForm):
    """What was done on a day; short enough for the end of an interview."""

    submit_label = _("Record the intervention")
    held_on = forms.DateField(label=_("Day"))
    minutes = forms.IntegerField(label=_("Minutes"), help_text=_("From 1 to %(most)s.") % {"most": MOST_MINUTES})
    kind = forms.ChoiceField(label=_("What was done"))
    outcome = forms.ChoiceField(label=_("What came of it"), choices=[_EMPTY, *InterventionOutcome.choices])
    operator = forms.ModelChoiceField(label=_("Operator"), queryset=User.objects.none(), empty_label=None)
    persons = forms.MultipleChoiceField(label=_("For whom"), widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("If it helps who goes on with it. Without names.")
    )
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False, help_text=_("Without names."))
    next_step_on = forms.DateField(label=_("By"), required=False)

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[str],
        operators: QuerySet[User],
        members: Sequence[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [_EMPTY, *_labelled(InterventionKind, kinds)]  # type: ignore[attr-defined]
        field: Any = self.fields["operator"]
        field.queryset = operators
        field.label_from_instance = lambda user: user.full_name
        # Of one person there is nothing to choose.
        if len(members) > 1:
            self.fields["persons"].choices = [(str(pk), code) for pk, code in members]  # type: ignore[attr-defined]
        else:
            del self.fields["persons"]

    def get_layout(self) -> Sequence[Any]:
        """The short answers side by side."""
        row = "row row-cols-1 row-cols-md-2"
        return [
            Div("held_on", "minutes", css_class=row),
            Div("kind", "outcome", css_class=row),
            "operator",
            *(["persons"] if "persons" in self.fields else []),
            "note",
            Div("next_step", "next_step_on", css_class=row),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        data = self.cleaned_data
        names = ("held_on", "minutes", "operator", "kind", "outcome", "note", "next_step", "next_step_on")
        persons = [int(pk) for pk in data["persons"]] if "persons" in data else None
        return {name: data[name] for name in names} | {"persons": persons}


class CorrectionForm(InterventionForm):
    """The correction of an intervention."""

    submit_label = _("Save the correction")


class EndForm(PortalForm):
    """The end of a support."""

    submit_label = _("End the support")
    submit_style = "danger"
    ended_on = forms.DateField(label=_("Last day"))
    outcome = forms.ChoiceField(label=_("How did it end?"), choices=[_EMPTY, *SupportOutcome.choices])
    note = forms.CharField(label=_("Note"), max_length=300, required=False, help_text=_("Without names."))


class MemberForm(PortalForm):
    """Somebody joins the household."""

    submit_label = _("Add to the household")
    enrolment = forms.ChoiceField(label=_("Who"))
    since = forms.DateField(label=_("In the household since"))

    def __init__(self, *args: Any, enrolled: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [_EMPTY, *((str(pk), code) for pk, code in enrolled)]
        self.fields["enrolment"].choices = choices  # type: ignore[attr-defined]


class LeaveForm(PortalForm):
    """Somebody leaves the household."""

    submit_label = _("Record that the person left")
    submit_style = "danger"
    until = forms.DateField(label=_("Last day in the household"))


class PathForm(PortalForm):
    """The path advised and the path chosen; never shown again of one pupil."""

    submit_label = _("Record the path")
    path_advised = forms.ChoiceField(
        label=_("Path advised by the school"), choices=[_EMPTY, *SchoolPath.choices], required=False
    )
    path_chosen = forms.ChoiceField(
        label=_("Path chosen by the family"), choices=[_EMPTY, *SchoolPath.choices], required=False
    )
