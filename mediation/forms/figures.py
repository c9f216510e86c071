# SPDX-License-Identifier: EUPL-1.2
"""The filters of the figures, kept in the address: days, programme, network, school or service, kind of request."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.enums import MediationRequestKind
from fami_portal.core.forms import PortalFilterForm
from mediation.selectors.figures import Chosen, reached_places

SCHOOL_YEAR_BEGINS = 9


def school_year(day: date) -> tuple[date, date]:
    """Return the first and the last day of the school year of a day: September to August."""
    first = day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1
    return date(first, SCHOOL_YEAR_BEGINS, 1), date(first + 1, 8, 31)


class FiguresFilterForm(PortalFilterForm):
    """What the figures are about; without days, the present school year."""

    starts_on = forms.DateField(label=_("From"), required=False)
    ends_on = forms.DateField(label=_("Until"), required=False)
    programme = forms.ModelChoiceField(
        label=_("Programme"), required=False, empty_label=_("Any"), queryset=None, to_field_name="slug"
    )
    network = forms.ModelChoiceField(
        label=_("Network"), required=False, empty_label=_("Any"), queryset=None, to_field_name="code"
    )
    body = forms.ModelChoiceField(
        label=_("School or service"), required=False, empty_label=_("Any"), queryset=None, to_field_name="uuid"
    )
    kind = forms.ChoiceField(
        label=_("Kind of request"), required=False, choices=[("", _("Any")), *MediationRequestKind.choices]
    )

    def __init__(self, data: Mapping[str, Any], *, user: Any, today: date, **kwargs: Any) -> None:
        self._year = school_year(today)
        first, last = self._year
        given = {name: data.get(name) for name in self.base_fields if data.get(name)}
        shown = {"starts_on": first.isoformat(), "ends_on": last.isoformat(), **given}
        super().__init__(shown, **kwargs)
        programmes, networks, bodies = reached_places(user)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
        self.fields["network"].queryset = networks  # type: ignore[attr-defined]
        self.fields["body"].queryset = bodies  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The last day does not come before the first."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day comes before the first."))
        return cleaned

    def chosen(self) -> Chosen | None:
        """Return what is looked at; None when what the address says cannot be read."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        return Chosen(
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            programme=values["programme"],
            network=values["network"],
            organisation=values["body"],
            kind=values["kind"],
        )
