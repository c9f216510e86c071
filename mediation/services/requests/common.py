# SPDX-License-Identifier: EUPL-1.2
"""What the acts on a request share: the lock, the change of state, the refusal with everything that is missing."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError
from fami_portal.core.services import change_state
from mediation.enums import NUMBER_PREFIXES
from mediation.models import MediationRequest
from mediation.selectors.free_text import check_comment
from mediation.selectors.request_rules import Problem
from mediation.selectors.requests import NotOfferedError, settings_for
from mediation.selectors.settings import RequestSettings
from mediation.workflow import REQUEST


class RequestHasProblemsError(DomainError):
    """The request cannot be submitted yet; `problems` holds everything that blocks it."""

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__(
            _("The request cannot be submitted yet: %(reasons)s") % {"reasons": " ".join(row.sentence for row in found)}
        )


def rules_of(request: MediationRequest) -> RequestSettings:
    """Return the settings of the kind of the request; raises `DomainError` when the programme does not offer it."""
    try:
        return settings_for(request)
    except NotOfferedError as error:
        raise DomainError(
            _("The programme does not offer this kind of request. Ask the coordinator of the network which one to use.")
        ) from error


def lock_request(request: MediationRequest) -> MediationRequest:
    """Take the row lock of the request and return it as it is now, with its parts."""
    return MediationRequest.objects.select_for_update(of=("self",)).with_parts().get(pk=request.pk)


def move_request(
    *,
    request: MediationRequest,
    transition: str,
    by: Any,
    at: datetime,
    comment: str = "",
    on_behalf_of: object = "",
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move a request along its workflow and note since when it waits there (see `change_state`).

    The comment stays in the history and travels in messages: raises `DomainError` when it holds a tax code, a phone
    number or an e-mail address.
    """
    check_comment(comment)
    change_state(
        instance=request,
        workflow=REQUEST,
        transition=transition,
        by=by,
        comment=comment,
        on_behalf_of=on_behalf_of,
        at=at,
        data=data,
        state_since=at,
        **fields,
    )


def next_number(kind: str, at: datetime) -> str:
    """Take the next number of a kind in the year, such as `A1-2019-00042`: without gaps, because a refused submission
    gives it back."""
    prefix, year = NUMBER_PREFIXES[kind], timezone.localdate(at).year  # type: ignore[index]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mediation_requestcounter AS counter (prefix, year, last_number) VALUES (%s, %s, 1)
            ON CONFLICT (prefix, year) DO UPDATE SET last_number = counter.last_number + 1
            RETURNING last_number
            """,
            [prefix, year],
        )
        return f"{prefix}-{year}-{cursor.fetchone()[0]:05d}"
