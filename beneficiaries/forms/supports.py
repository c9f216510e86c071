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
from beneficiaries.models import MOST_MINUTES, Support
from beneficiaries.selectors.supports import intervention_kinds
from fami_portal.core.forms import Markup, PortalForm

_EMPTY = ("", "---------")
MOST_PERSONS = 15
# More than these are not offered by name on the page of an activity: the code is typed.
MOST_OFFERED = 100


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
        # Read once: the options of a query would be read anew each time that the field is drawn.
        field.choices = [(user.pk, user.full_name) for user in operators]
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


class QuickForm(InterventionForm):
    """What was done on a day for one of those whom an activity follows: the whole household, if it is one."""

    field_order = ("support",)
    support = forms.ChoiceField(label=_("For whom"))

    def __init__(self, *args: Any, supports: Sequence[tuple[str, Support]], **kwargs: Any) -> None:
        housing = any(one.kind == SupportKind.HOUSING for _name, one in supports)
        kinds = intervention_kinds(SupportKind.HOUSING if housing else SupportKind.CASE)
        super().__init__(*args, kinds=kinds, members=(), **kwargs)
        del self.fields["note"]
        self._supports = supports
        self.offers = len(supports) <= MOST_OFFERED
        several = len({one.kind for _name, one in supports}) > 1
        field: Any = self.fields["support"]
        if not self.offers:
            text = forms.TextInput(attrs={"autocomplete": "off"})
            self.fields["support"] = field = forms.CharField(
                label=field.label, max_length=30, widget=text, help_text=_("The own code, as A-12 or N-3.")
            )
        else:
            names = [(str(one.pk), f"{name}: {one.get_kind_display()}" if several else name) for name, one in supports]
            field.choices = [_EMPTY, *names]
            field.error_messages["invalid_choice"] = _("This support has ended meanwhile: choose another.")
            if any(one.code for _name, one in supports):
                field.help_text = _(
                    "Of a household it counts for all who are in it: to choose among them, open it in the list."
                )

    def clean_support(self) -> Support:
        """Return the support that was chosen, or whose code was typed."""
        value = self.cleaned_data["support"]
        if self.offers:
            return next(one for _name, one in self._supports if str(one.pk) == value)
        found = [one for name, one in self._supports if name.casefold() == " ".join(value.split()).casefold()]
        if not found:
            raise forms.ValidationError(_("Nobody with this code is followed now in this activity: check it."))
        if len(found) > 1:
            raise forms.ValidationError(_("This person has several supports: open the one that you mean, in the list."))
        return found[0]

    def get_layout(self) -> Sequence[Any]:
        """Three short rows, in the order in which a notebook says it."""
        row = "row row-cols-1 row-cols-md-3"
        return [
            Div("support", "held_on", "minutes", css_class=row),
            Div("kind", "outcome", "operator", css_class=row),
            Div("next_step", "next_step_on", css_class=row),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes, for everybody who is in the support."""
        names = ("held_on", "minutes", "operator", "kind", "outcome", "next_step", "next_step_on")
        return {name: self.cleaned_data[name] for name in names}


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
