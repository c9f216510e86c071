# SPDX-License-Identifier: EUPL-1.2
"""Forms of the retention: dates of a programme, rules, holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from beneficiaries.models import Beneficiary
from fami_portal.core.forms import PortalForm
from partners.models import Organisation
from privacy.enums.retention import Anchor, HoldScope
from privacy.selectors.retention_rules import Rule

_REASON = _("Why it is decided now; it is kept with the change.")


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), max_length=300, help_text=_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )


class DatesForm(PortalForm):
    """When a programme was closed, and until when it may be controlled."""

    submit_label = _("Save the dates")

    closed_on = forms.DateField(
        label=_("Closure of the programme"), help_text=_("The day of the last payment, or of the final report.")
    )
    control_until = forms.DateField(
        label=_("End of the control period"),
        help_text=_("Usually 31 December of the fifth year after the last payment; some circulars say ten years."),
    )
    reason = _reason()


class RuleForm(PortalForm):
    """How long a class is kept."""

    submit_label = _("Save the rule")

    months = forms.IntegerField(label=_("Months"), min_value=0, max_value=600, help_text=_("0: on the day itself."))
    anchor = forms.ChoiceField(label=_("Counted from"))
    basis = forms.CharField(
        label=_("Source"), max_length=300, help_text=_("Law, circular or act, with article and date.")
    )
    reason = _reason()

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(
            *args,
            initial={"months": rule.months, "anchor": rule.anchor.value, "basis": rule.basis},
            version=rule.version,
            **kwargs,
        )
        self.fields["anchor"].choices = [  # type: ignore[attr-defined]
            (anchor.value, anchor.label) for anchor in Anchor if anchor in rule.usual.anchors
        ]


class HoldForm(PortalForm):
    """A legal hold."""

    submit_label = _("Place the hold")

    scope = forms.ChoiceField(label=_("What is held"), choices=HoldScope.choices, widget=forms.RadioSelect)
    organisation = forms.ModelChoiceField(
        label=_("Body"), queryset=Organisation.objects.none(), required=False, help_text=_("For a hold on one body.")
    )
    pseudonym = forms.CharField(
        label=_("Pseudonym of the recipient"),
        max_length=20,
        required=False,
        help_text=_("For a hold on one recipient, as D-7K3M9Q. Never a name."),
    )
    act = forms.CharField(
        label=_("Act"),
        max_length=200,
        help_text=_("Who asks for it: “Procura di Torino, richiesta n. 12 del 3 marzo”."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("In a few words, without names."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    starts_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"), required=False, help_text=_("Empty: until somebody lifts it."))

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programme = programme
        with_people = Beneficiary.objects.filter(programme=programme).values("registered_by")
        self.fields["organisation"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            pk__in=with_people
        ).order_by("name", "pk")

    def clean_pseudonym(self) -> Beneficiary | None:
        """Return the recipient of the programme with this pseudonym."""
        typed = "".join(self.cleaned_data["pseudonym"].split()).upper()
        if not typed:
            return None
        found = Beneficiary.objects.filter(programme=self.programme, pseudonym__iexact=typed).first()
        if found is None:
            raise forms.ValidationError(_("No recipient of this programme has this pseudonym."))
        return found


class LiftForm(PortalForm):
    """The end of a hold."""

    submit_label = _("Lift the hold")

    reason = _reason()


class RunForm(PortalForm):
    """The confirmation of a destruction."""

    submit_label = _("Destroy for good")
    submit_style = "danger"

    understood = forms.BooleanField(
        label=_("I have read the numbers above: what is destroyed cannot be brought back."),
    )
