# SPDX-License-Identifier: EUPL-1.2
"""Forms of links and delegations, signed in and without an account. Hours are typed, minutes are kept."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, check_document
from fami_portal.core.forms import PortalForm
from mediation.forms.reports import CountersignForm
from mediation.forms.request_acts import CostForm
from mediation.selectors.requests import Place

MINUTES = 60
_UNTICKED = {"required": _("Tick it to sign.")}


class AskForm(PortalForm):
    """Which mailbox asks for a link."""

    submit_label = _("Send me the link")
    address = forms.EmailField(
        label=_("Institutional e-mail address"),
        max_length=254,
        help_text=_("The mailbox of the school or service, ordinary or certified (PEC), not your own."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class SendLinkForm(PortalForm):
    """A coordinator sends a body the link by which it files."""

    submit_label = _("Send the link")
    offer = forms.ChoiceField(label=_("Form"))
    address = forms.ChoiceField(label=_("Mailbox"), help_text=_("The mailboxes are those in the page of the body."))
    days = forms.IntegerField(label=_("Valid for how many days"), min_value=1, max_value=366, initial=30)
    maximum_uses = forms.IntegerField(
        label=_("How many requests can be filed with it"), min_value=1, max_value=200, initial=10
    )

    def __init__(self, *args: Any, offers: Sequence[Place], mailboxes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = {offer.key: offer for offer in offers}
        self.fields["offer"].choices = [  # type: ignore[attr-defined]
            (key, f"{offer.programme.title} – {offer.network.name}") for key, offer in self.offers.items()
        ]
        self.fields["address"].choices = [(address, address) for address in mailboxes]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Place:
        """The form that was chosen, with its programme and network."""
        return self.offers[self.cleaned_data["offer"]]


class DelegationForm(PortalForm):
    """Between which days, and up to how many hours."""

    submit_label = _("Give the delegation")
    starts_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"), help_text=_("The last day, at most one year later."))
    hours = forms.DecimalField(
        label=_("Up to how many hours"),
        min_value=Decimal("0.5"),
        max_value=Decimal(1000),
        decimal_places=2,
        help_text=_("The sum of the hours of the requests that pass. What does not fit comes to the head as usual."),
    )

    def clean(self) -> dict[str, Any]:
        """The end does not come before the start."""
        data = super().clean() or self.cleaned_data
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The end comes before the start."))
        return data

    def values(self) -> dict[str, date | int]:
        """Days and minutes, as the service takes them."""
        data = self.cleaned_data
        return {
            "starts_on": data["starts_on"],
            "ends_on": data["ends_on"],
            "maximum_minutes": int(data["hours"] * MINUTES),
        }


class _SheetField(forms.FileField):
    """A signed sheet, checked on its way in and kept by the service."""

    def __init__(self, *, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> CheckedFile:
        """Return the checked file."""
        upload = super().clean(data, initial)
        try:
            return check_document(kind=self.kind, name=upload.name, content=upload)
        except DocumentRefused as error:
            raise ValidationError(str(error)) from None


class PaperDelegationForm(DelegationForm):
    """The same, from a sheet that the head signed."""

    submit_label = _("Enter the delegation")
    given_by_name = forms.CharField(label=_("Signed by"), max_length=150, help_text=_("Name of the head who signed."))
    sheet = _SheetField(
        kind="mediation_delegation", label=_("Signed sheet"), help_text=_("PDF, picture, or signed file (P7M).")
    )


class RevokeForm(PortalForm):
    """Nothing to fill in: the button says it."""

    submit_style = "danger"
    submit_label = _("Revoke")


class HeadForm(PortalForm):
    """The head without an account: name and declaration."""

    submit_label = _("Authorise the request")
    name = forms.CharField(
        label=_("Your given name and family name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    declaration = forms.BooleanField(
        label=_(
            "I am the head of this school or service, or who signs in the head’s place, and I authorise the request."
        ),
        error_messages=_UNTICKED,
    )


class DeclineForm(PortalForm):
    """The head without an account does not authorise."""

    submit_label = _("Do not authorise")
    submit_style = "danger"
    name = forms.CharField(
        label=_("Your given name and family name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    comment = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever filed the request reads it. No names of pupils or families."),
    )


class CancelForm(CostForm):
    """Give a request up."""

    submit_label = _("Cancel the request")
    submit_style = "danger"
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The coordinator reads it. No names of pupils or families."),
    )


class SignForm(CountersignForm):
    """The body without an account countersigns: the evaluation of the others, with name and declaration."""

    name = forms.CharField(
        label=_("Your given name and family name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    declaration = forms.BooleanField(
        label=_("I was there, or I answer for who was: the report is true."), error_messages=_UNTICKED
    )
    field_order = ("rating", "rating_note", "name", "declaration")
