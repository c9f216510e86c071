# SPDX-License-Identifier: EUPL-1.2
"""Forms of the dashboard and of the output report."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fami_portal.core.forms import PortalFilterForm, PortalForm


class BoardForm(PortalFilterForm):
    """What the dashboard shows: a place, and one figure in detail."""

    scope = forms.ChoiceField(label=_("Place"), required=False)
    indicator = forms.ChoiceField(label=_("Figure in detail"), required=False)

    def __init__(
        self, *args: Any, scopes: Iterable[tuple[str, Any]], indicators: Iterable[tuple[str, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = list(scopes)
        self.fields["indicator"].choices = list(indicators)


class PersonsForm(PortalFilterForm):
    """Which persons, by which places, in which period."""

    indicator = forms.ChoiceField(label=_("Figure"), required=False)
    by = forms.ChoiceField(label=_("Rows"), required=False)
    period = forms.ChoiceField(label=_("Period"), required=False)

    def __init__(
        self,
        *args: Any,
        indicators: Iterable[tuple[str, Any]],
        levels: Iterable[tuple[str, Any]],
        periods: Iterable[tuple[str, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("indicator", indicators), ("by", levels), ("period", periods)):
            self.fields[name].choices = list(choices)


class TransmitForm(PortalForm):
    """The last word before a report is sent: with reports missing, whoever sends it says so."""

    submit_label = _("Transmit the report")
    with_gaps = forms.BooleanField(
        label=_("I know that these activity reports are missing, and transmit without them"), required=False
    )

    def __init__(self, *args: Any, gaps: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not gaps:
            del self.fields["with_gaps"]
