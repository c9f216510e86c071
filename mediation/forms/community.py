# SPDX-License-Identifier: EUPL-1.2
"""The forms of community mediation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fami_portal.core.forms import PortalForm
from mediation.forms.consulting import NO_NAMES


class NetworkForm(PortalForm):
    """In which network of which programme the presences are planned."""

    submit_label = _("Go on")
    where = forms.ChoiceField(label=_("Network"))

    def __init__(self, *args: Any, pairs: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = {f"{programme.pk}:{network.pk}": (programme, network) for programme, network in pairs}
        rows = [(key, f"{network.name} ({programme.title})") for key, (programme, network) in self.pairs.items()]
        field = self.fields["where"]
        field.choices = rows if len(rows) == 1 else [("", "---------"), *rows]  # type: ignore[attr-defined]

    def clean_where(self) -> Any:
        """Return the pair of programme and network."""
        return self.pairs[self.cleaned_data["where"]]


class PresenceForm(PortalForm):
    """A presence, or one every week."""

    submit_label = _("Plan presences")
    mediator = forms.ChoiceField(label=_("Mediator"))
    place = forms.CharField(
        label=_("Place"), max_length=200, help_text=_("For example: the gate of the school, the public gardens.")
    )
    day = forms.DateField(label=_("Day"))
    starts_at = forms.TimeField(label=pgettext_lazy("hour", "From"))
    ends_at = forms.TimeField(label=pgettext_lazy("hour", "Until"))
    until = forms.DateField(
        label=_("Every week until"),
        required=False,
        help_text=_("Leave it empty for a single presence. Public holidays are left out."),
    )

    def __init__(self, *args: Any, mediators: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mediators = {str(mediator.pk): mediator for mediator in mediators}
        rows = [(key, mediator.name) for key, mediator in self.mediators.items()]
        self.fields["mediator"].choices = [("", "---------"), *rows]  # type: ignore[attr-defined]

    def clean_mediator(self) -> Any:
        """Return the mediator chosen."""
        return self.mediators[self.cleaned_data["mediator"]]

    def get_layout(self) -> Sequence[Any]:
        """Who and where, when, how often."""
        return [
            Fieldset(_("Who and where"), "mediator", "place"),
            Fieldset(_("When"), "day", "starts_at", "ends_at", "until"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        return {name: self.cleaned_data[name] for name in ("mediator", "place", "day", "starts_at", "ends_at", "until")}


class RecordPresenceForm(PortalForm):
    """What really happened."""

    submit_label = _("Record the presence")
    starts_at = forms.DateTimeField(label=_("Began"))
    ends_at = forms.DateTimeField(label=_("End"))
    contacts = forms.IntegerField(label=_("People met"), min_value=0, max_value=5000, help_text=_("How many, not who."))
    topics = forms.CharField(label=_("Topics"), required=False, max_length=300, help_text=NO_NAMES)

    def values(self) -> dict[str, Any]:
        """Return what the services take."""
        data = self.cleaned_data
        return {
            "actual_from": _aware(data["starts_at"]),
            "actual_until": _aware(data["ends_at"]),
            "contacts": data["contacts"],
            "topics": data["topics"],
        }


def _aware(moment: datetime) -> datetime:
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


class CancelPresenceForm(PortalForm):
    """The reason, and whether the later ones go too."""

    submit_label = _("Cancel the presence")
    submit_style = "danger"
    note = forms.CharField(label=_("Reason"), max_length=300)
    whole_series = forms.BooleanField(label=_("Also the later presences of the series"), required=False)
