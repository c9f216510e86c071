# SPDX-License-Identifier: EUPL-1.2
"""What consultations, legal questions, translations and presences share: what is offered, hours, activity, free text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.utils.translation import gettext as _

from actions.models import Activity, Programme
from fami_portal.core.errors import DomainError
from mediation.enums import AccountUse
from mediation.models import HourAccount, MediationRequest
from mediation.selectors.free_text import refusals
from mediation.selectors.hours import account_for
from mediation.selectors.requests import carries, is_member
from mediation.selectors.settings import RequestSettings, settings_of
from mediation.services import mediation_activity
from partners.models import Network, Organisation


@dataclass(frozen=True)
class _Asked:
    """What the activity of a request is found by."""

    kind: str
    programme: Programme
    network: Network
    last_day: date

    @property
    def programme_id(self) -> int:
        return self.programme.pk

    @property
    def network_id(self) -> int:
        return self.network.pk


def settings_offered(programme_id: int, kind: str) -> RequestSettings:
    """Return the settings of a kind; raises `DomainError` when the programme does not offer it."""
    settings = settings_of(programme_id, kind)
    if settings is None:
        raise DomainError(
            _("The programme does not offer this kind of request. Ask the coordinator of the network which one to use.")
        )
    return settings


def check_place(*, programme: Programme, network: Network, organisation: Organisation, kind: str, day: date) -> None:
    """Raise `DomainError` unless the body, in the network, may ask for this kind in the running programme."""
    settings_offered(programme.pk, kind)
    if not is_member(network, organisation) or not carries(programme, network):
        raise DomainError(_("Your body is not in a network of this programme: ask the coordinator."))
    if not programme.starts_on <= day <= programme.last_day:
        raise DomainError(_("The programme is not running on this day."))


def check_free_text(values: Mapping[str, Any]) -> None:
    """Raise `DomainError` at the field whose text holds a tax code, a phone number or an e-mail address."""
    for name, text in values.items():
        found = refusals(str(text or ""))
        if found:
            raise DomainError(" ".join(found), field=name)


def account_of(
    *,
    programme_id: int,
    network_id: int,
    organisation_id: int | None,
    kind: str,
    day: date,
    uses: tuple[str, ...] = (AccountUse.ON_CALL, AccountUse.PLANNED),
) -> HourAccount:
    """Return the account from which the hours come, the first use that has one; raises `DomainError` without any."""
    for use in uses:
        account = account_for(
            programme_id=programme_id,
            network_id=network_id,
            organisation_id=organisation_id,
            kind=kind,
            day=day,
            use=use,
        )
        if account is not None:
            return account
    raise DomainError(
        _("No hours of this kind have been assigned to the network for that day: ask the coordinator to grant them.")
    )


def activity_of(*, programme: Programme, network: Network, kind: str, last_day: date) -> Activity:
    """Return the activity of the programme to which the work belongs (see `mediation_activity`)."""
    # The function reads only these four things of a request.
    return mediation_activity.activity_for(cast("MediationRequest", _Asked(kind, programme, network, last_day)))
