# SPDX-License-Identifier: EUPL-1.2
"""What was agreed by phone, or has been held already, entered by a coordinator for the body: the author is the body.

The head authorises it as usual, also after the fact; the coordinator confirms it with its mediator; report and
signatures are the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from fami_portal.core.errors import NotPermitted
from fami_portal.core.services import acting
from mediation.enums import RequestChannel, RequestState
from mediation.models import MediationRequest
from mediation.permissions import coordinates
from mediation.services import requests
from mediation.services.requests.drafts import Slot
from partners.models import Network, Organisation

LAST_STEP = 4


def enter_arranged(
    *,
    kind: str,
    programme: Programme,
    network: Network,
    organisation: Organisation,
    values: Mapping[str, Any],
    languages: Sequence[tuple[Any, str]],
    slots: Sequence[Slot],
    key: UUID | None,
    by: Any,
    at: datetime,
) -> MediationRequest:
    """File for a body what was arranged outside the portal: `values` hold the reason, and the mediator who was asked.

    The same `key` again (a double click) is the same request. Raises `NotPermitted` for others than the coordinators,
    `RequestHasProblemsError`, `DomainError` at the field: nothing is written then.
    """
    if not coordinates(by, programme_id=programme.pk, network_id=network.pk):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    author = organisation.name
    with acting(by):
        request = requests.start_draft(
            kind=kind,
            programme=programme,
            network=network,
            organisation=organisation,
            by=by,
            at=at,
            key=key,
            on_behalf_of=author,
        )
        if request.state != RequestState.DRAFT:
            return request
        requests.save_draft(
            request=request,
            values={**values, "channel": RequestChannel.OUTSIDE},
            version=request.version,
            step=LAST_STEP,
            by=by,
            languages=languages,
            slots=slots,
            on_behalf_of=author,
        )
        requests.submit(request=request, by=by, at=at, on_behalf_of=author)
    return request
