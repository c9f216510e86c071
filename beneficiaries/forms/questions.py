# SPDX-License-Identifier: EUPL-1.2
"""What a body says of its own recipient, so that each person counts once."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from beneficiaries.enums import Sibling
from beneficiaries.selectors.questions import Answers
from fami_portal.core.forms import PortalForm
from partners.models import Organisation

_UNKNOWN = _("I do not know")


class QuestionForm(PortalForm):
    """School, class, month of enrolment, brothers and sisters: what is not known stays empty."""

    submit_label = _("Confirm")
    site = forms.ModelChoiceField(
        label=_("School or centre that the recipient attends"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("I do not know, or none"),
    )
    group = forms.CharField(
        label=_("Class or group"),
        max_length=30,
        required=False,
        help_text=_("As the school calls it: 3B. Leave it empty if you do not know it."),
    )
    enrolled_month = forms.TypedChoiceField(
        label=_("Month of the enrolment in that school or centre"),
        required=False,
        coerce=date.fromisoformat,
        empty_value=None,
    )
    sibling = forms.ChoiceField(
        label=_("Is there a brother or a sister in the same school year?"),
        choices=Sibling.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, schools: QuerySet[Organisation], months: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = schools  # type: ignore[attr-defined]
        self.fields["enrolled_month"].choices = [  # type: ignore[attr-defined]
            ("", _UNKNOWN),
            *((month.isoformat(), date_format(month, "F Y")) for month in months),
        ]

    def clean_group(self) -> str:
        """A class, not a person."""
        group = " ".join(self.cleaned_data["group"].split())
        if len([word for word in group.split() if len(word) > 3 and word.isalpha()]) > 1:
            raise forms.ValidationError(_("This looks like a name. Write the class alone, as 3B."))
        return group

    def answers(self) -> Answers:
        """Return what was said."""
        site = self.cleaned_data["site"]
        return Answers(
            site.pk if site else None,
            self.cleaned_data["group"],
            self.cleaned_data["enrolled_month"],
            self.cleaned_data["sibling"],
        )
