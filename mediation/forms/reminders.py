# SPDX-License-Identifier: EUPL-1.2
"""The forms of the rules of reminders: people say before or after, the rule keeps a sign."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalForm
from mediation.enums import ReminderAudience, ReminderEvent
from mediation.models import ReminderRule

BEFORE, AFTER = "before", "after"


class RuleEditForm(PortalForm):
    """When a rule reminds, and whether it does."""

    submit_label = _("Save the rule")
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=60)
    side = forms.ChoiceField(
        label=_("Before or after"),
        choices=[(BEFORE, _("Before")), (AFTER, _("After"))],
        initial=AFTER,
        widget=forms.RadioSelect,
        help_text=_(
            "Before: only for what has a day of its own (sessions, presences, proposals, translations, qualifications)."
        ),
    )
    is_active = forms.BooleanField(label=_("The rule is active"), required=False, initial=True)

    def signed_days(self) -> int:
        """Return the days as the rule keeps them: negative is before."""
        days = self.cleaned_data["days"]
        return -days if self.cleaned_data["side"] == BEFORE else days


class RuleForm(RuleEditForm):
    """A new rule."""

    submit_label = _("Add the rule")
    field_order = ["event", "audience", "days", "side"]
    is_active = None  # type: ignore[assignment]
    event = forms.ChoiceField(label=_("Of what"), choices=ReminderEvent.choices)
    audience = forms.ChoiceField(label=_("To whom"), choices=ReminderAudience.choices, widget=forms.RadioSelect)


def initial_of(rule: ReminderRule) -> dict[str, Any]:
    """Return a rule as its form shows it."""
    return {"days": abs(rule.days), "side": BEFORE if rule.days < 0 else AFTER, "is_active": rule.is_active}
