# SPDX-License-Identifier: EUPL-1.2
"""The one page on which a weekly series of language facilitation is asked."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fami_portal.core.forms import PortalForm
from mediation.forms.consulting import NO_NAMES, PlaceField
from partners.models import Language


class SeriesForm(PortalForm):
    """Who asks, for whom (by code), which day of the week, until when."""

    submit_label = _("Go on to the check")
    place_of_request = PlaceField()
    contact_name = forms.CharField(label=_("Contact of the school"), max_length=150)
    contact_email = forms.EmailField(label=_("E-mail"))
    field_contact_name = forms.CharField(label=_("Who will be there"), max_length=150)
    field_contact_email = forms.EmailField(label=_("E-mail of who will be there"))
    language = forms.ModelChoiceField(
        label=_("Language of the pupils"), queryset=Language.objects.order_by("name", "pk")
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=1500, widget=forms.Textarea(attrs={"rows": 4}), help_text=NO_NAMES
    )
    families = forms.IntegerField(
        label=_("For a group: how many families"),
        required=False,
        min_value=1,
        max_value=500,
        help_text=_("Leave it empty for one pupil: the portal gives the case a code."),
    )
    school_class = forms.CharField(label=_("Class"), max_length=20, required=False)
    family_informed_on = forms.DateField(label=_("Family informed on"), required=False)
    notice_version = forms.CharField(label=_("Version of the notice"), max_length=20, required=False)
    place = forms.CharField(label=_("Place"), max_length=200)
    day = forms.DateField(label=_("First meeting"))
    starts_at = forms.TimeField(label=pgettext_lazy("hour", "From"))
    ends_at = forms.TimeField(label=pgettext_lazy("hour", "Until"))
    until = forms.DateField(label=_("Every week until"), help_text=_("Public holidays are left out."))
    operator_present = forms.BooleanField(label=_("Somebody of the school will be there"), required=False)

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place_of_request"].offer(places)  # type: ignore[attr-defined]

    def get_layout(self) -> Sequence[Any]:
        """Who asks, for whom, when and where."""
        return [
            Fieldset(
                _("Who asks"),
                "place_of_request",
                "contact_name",
                "contact_email",
                "field_contact_name",
                "field_contact_email",
            ),
            Fieldset(
                _("For whom"),
                "language",
                "reason",
                "families",
                "school_class",
                "family_informed_on",
                "notice_version",
            ),
            Fieldset(_("When and where"), "place", "day", "starts_at", "ends_at", "until", "operator_present"),
        ]

    def values(self) -> dict[str, Any]:
        """Return the fields of the draft."""
        names = (
            "contact_name contact_email field_contact_name field_contact_email reason school_class family_informed_on "
            "notice_version place operator_present families"
        )
        data = {name: self.cleaned_data[name] for name in names.split()}
        if data["families"]:
            data |= {"is_group": True, "school_class": ""}
        return data

    def times(self) -> dict[str, Any]:
        """Return the days and hours of the series."""
        return {name: self.cleaned_data[name] for name in ("language", "day", "starts_at", "ends_at", "until")}


class SignSessionsForm(PortalForm):
    """Which of the sessions held the school signs."""

    submit_label = _("Sign")
    sessions = forms.MultipleChoiceField(label=_("Sessions held"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, sessions: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(row.pk): row for row in sessions}
        field = self.fields["sessions"]
        field.choices = [(key, _words(row)) for key, row in self.offered.items()]  # type: ignore[attr-defined]
        field.initial = list(self.offered)

    def chosen(self) -> list[Any]:
        """Return the sessions chosen."""
        return [self.offered[key] for key in self.cleaned_data["sessions"]]


def _words(session: Any) -> str:
    begin, end = timezone.localtime(session.actual_from), timezone.localtime(session.actual_until)
    return str(_("%(day)s, from %(start)s to %(end)s, pupils: %(pupils)s")) % {
        "day": f"{begin:%d/%m/%Y}",
        "start": f"{begin:%H:%M}",
        "end": f"{end:%H:%M}",
        "pupils": session.pupils,
    }
