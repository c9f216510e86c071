# SPDX-License-Identifier: EUPL-1.2
"""Forms of people: invite, accept, end a role, correct the own name."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Role
from fami_portal.core.forms import PortalForm
from partners.models import Network, Organisation


class InvitationForm(PortalForm):
    """Whom to invite, where, with which role."""

    submit_label = _("Send the invitation")
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, help_text=_("The address of the person at work, not a shared one.")
    )
    given_name = forms.CharField(label=_("Given name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=100, required=False)
    organisation = forms.ModelChoiceField(label=_("Body"), queryset=Organisation.objects.none(), to_field_name="uuid")
    role = forms.ChoiceField(label=_("Role"))
    networks = forms.ModelMultipleChoiceField(
        label=_("Networks"),
        queryset=Network.objects.none(),
        to_field_name="uuid",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for network coordinators: the networks that the person follows."),
    )

    def __init__(
        self,
        *args: Any,
        organisations: QuerySet[Organisation],
        roles: Iterable[Role],
        networks: QuerySet[Network],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", "---------"), *((role.code, role.name) for role in roles)]  # type: ignore[attr-defined]
        self.fields["networks"].queryset = networks  # type: ignore[attr-defined]


class AcceptNewForm(PortalForm):
    """A new person: names and a password."""

    submit_label = _("Open my account")
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; three or four words in a row are easy to remember and hard to guess."),
    )
    password_again = forms.CharField(
        label=_("Password, again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        """The two passwords must be equal."""
        data = super().clean() or self.cleaned_data
        if data.get("password") and data.get("password_again") and data["password"] != data["password_again"]:
            self.add_error("password_again", _("The two passwords are different: type them again."))
        return data


class AcceptKnownForm(PortalForm):
    """Who has an account already only says yes."""

    submit_label = _("Accept the invitation")


class InvitationRevokeForm(PortalForm):
    """Asks once before an invitation is closed."""

    submit_label = _("Revoke the invitation")
    submit_style = "danger"


class MembershipEndForm(PortalForm):
    """When a role ends and why."""

    submit_label = _("End the role")
    submit_style = "danger"
    last_day = forms.DateField(label=_("Last day"), initial=timezone.localdate)
    at_once = forms.BooleanField(
        label=_("Take the rights away at once, without waiting for the end of the day"), required=False
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class ProfileForm(PortalForm):
    """The person's own name."""

    submit_label = _("Save my name")
    given_name = forms.CharField(label=_("Given name"), max_length=100)
    family_name = forms.CharField(label=_("Family name"), max_length=100)
