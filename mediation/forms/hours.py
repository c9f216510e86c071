# SPDX-License-Identifier: EUPL-1.2
"""The forms of the accounts of hours. Hours are typed as people write them and leave as whole minutes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actions.forms import RowField
from actions.models import ActionNetwork
from fami_portal.core.forms import PortalFilterForm, PortalForm
from mediation.enums import AccountUse
from mediation.models import HourAccount
from mediation.selectors.hours import in_hours, owner_of, purpose_of
from partners.models import Network

_DECIMAL = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?\s*(?:h|ore|ora|hours?)?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,6})\s*(?:h|:)\s*([0-5]?\d)", re.IGNORECASE)


class HoursField(forms.CharField):
    """Hours as people write them: `40`, `40,5`, `1:30`, `1 h 30`. Gives whole minutes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("For example 40, or 1:30 for an hour and a half."))
        super().__init__(max_length=20, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return minutes, or None for nothing."""
        text = super().to_python(value)
        if not text:
            return None
        if found := _CLOCK.fullmatch(text):
            return 60 * int(found[1]) + int(found[2])
        if found := _DECIMAL.fullmatch(text):
            hundredths = (found[2] or "").ljust(2, "0")
            return 60 * int(found[1]) + round(60 * int(hundredths) / 100)
        raise ValidationError(_("Write the hours as a number, such as 40 or 1:30."))

    def run_validators(self, value: Any) -> None:
        """Nothing more: the services know how much is too much."""

    def prepare_value(self, value: Any) -> Any:
        """Show minutes as hours; what was typed stays as it was."""
        if isinstance(value, int):
            hours, minutes = divmod(value, 60)
            return f"{hours}:{minutes:02d}" if minutes else str(hours)
        return value


def _reason(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the account. Do not write names of people."),
    )


class GrantForm(PortalForm):
    """Hours for an account, and why."""

    minutes = HoursField(label=_("Hours"))
    reason = _reason(_("Reason"))

    def __init__(self, *args: Any, extra: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit_label = _("Grant the extra hours") if extra else _("Grant the hours")


class OpenAccountForm(PortalForm):
    """Whose hours, for what, for how long, how many."""

    submit_label = _("Open the account")
    carrier = RowField(label=_("Network"))
    organisation = forms.ChoiceField(
        label=_("Whose hours"),
        required=False,
        help_text=_("Who has no account of its own draws on the common pool of the network."),
    )
    kind = forms.ChoiceField(label=_("For which requests"))
    use = forms.ChoiceField(label=_("Use"), choices=AccountUse.choices, initial=AccountUse.ON_CALL)
    starts_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"))
    minutes = HoursField(label=_("Hours"))
    reason = _reason(_("On what basis"))

    def __init__(
        self,
        *args: Any,
        carriers: Iterable[ActionNetwork],
        networks: Iterable[Network],
        kinds: Sequence[tuple[str, Any]],
        year: tuple[date, date],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = list(carriers)
        several = len({row.action.programme_id for row in rows}) > 1
        self.fields["carrier"].offer(  # type: ignore[attr-defined]
            rows,
            label=lambda row: f"{row.network.name} – {row.action.programme.title}" if several else row.network.name,
        )
        self._bodies: dict[str, Any] = {}
        self.fields["organisation"].choices = self._choices(networks)  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["starts_on"].initial, self.fields["ends_on"].initial = year

    def _choices(self, networks: Iterable[Network]) -> list[Any]:
        choices: list[Any] = [("", _("Common pool of the network"))]
        for network in networks:
            members = {stay.organisation_id: stay.organisation for stay in network.members.all()}
            self._bodies |= {str(pk): body for pk, body in members.items()}
            bodies = sorted(members.values(), key=lambda body: body.name)
            choices.append((network.name, [(str(body.pk), body.name) for body in bodies]))
        return choices

    def get_layout(self) -> Sequence[Any]:
        """Group whose they are and for what, when, how many."""
        return [
            Fieldset(_("Whose hours and for what"), "carrier", "organisation", "kind", "use"),
            Fieldset(_("School year"), "starts_on", "ends_on"),
            Fieldset(_("Hours granted"), "minutes", "reason"),
        ]

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        values = {
            name: self.cleaned_data[name] for name in ("kind", "use", "starts_on", "ends_on", "minutes", "reason")
        }
        carrier = self.cleaned_data["carrier"]
        return values | {
            "programme": carrier.action.programme,
            "network": carrier.network,
            "organisation": self._bodies.get(self.cleaned_data["organisation"]),
        }


def account_label(account: HourAccount) -> str:
    """Say an account in one line of a list of choices, with what is free in it."""
    free = _("%(hours)s free") % {"hours": in_hours(account.available)}
    return f"{owner_of(account)} – {purpose_of(account)} ({free})"


class _TargetField(forms.ChoiceField):
    """Another account, known by its public number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("To the account"), **kwargs)
        self.accounts: Mapping[str, HourAccount] = {}

    def offer(self, accounts: Iterable[HourAccount]) -> None:
        """Give the accounts to choose from."""
        self.accounts = {str(account.uuid): account for account in accounts}
        self.choices = [("", "---------")] + [(key, account_label(row)) for key, row in self.accounts.items()]

    def clean(self, value: Any) -> HourAccount | None:
        """Return the account."""
        return self.accounts.get(super().clean(value))


class MoveForm(PortalForm):
    """How many hours move from the account to which other, and why."""

    submit_label = _("Move the hours")
    target = _TargetField()
    minutes = HoursField(label=_("Hours"))
    reason = _reason(_("Reason"))

    def __init__(self, *args: Any, targets: Iterable[HourAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].offer(targets)  # type: ignore[attr-defined]


class WhatIfForm(PortalFilterForm):
    """What would happen: in the address, changes nothing."""

    submit_label = _("Show the effect")
    target = _TargetField()
    minutes = HoursField(label=_("Hours to move"))

    def __init__(self, *args: Any, targets: Iterable[HourAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].offer(targets)  # type: ignore[attr-defined]
        self.helper.form_method = "get"
        self.helper.disable_csrf = True
