# SPDX-License-Identifier: EUPL-1.2
"""Who asks, and about whom: sealed like every identity, opened by a recorded act, destroyed when the case is over."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F

from beneficiaries.enums import OpeningPurpose, ReadKind
from beneficiaries.services.reading import record_reading
from fami_portal.core import vault
from fami_portal.core.services import acting, record_event, record_events
from fami_portal.core.vault import VaultError
from privacy.enums.requests import TaskPurpose
from privacy.models import RightsRequest, RightsTask
from privacy.models.requests import SEALED
from privacy.permissions.requests import check_can_answer, check_can_handle
from privacy.selectors.requests import matched_records

logger = logging.getLogger(__name__)


@dataclass(frozen=True, repr=False)
class Asked:
    """Who asks and about whom, in clear. Never kept, never logged; its `repr` says nothing.

    Without `applicant_name` it is the person who asks. `text` is what is asked, in the words of who asks.
    """

    given_name: str
    family_name: str
    birth_date: date
    applicant_name: str = ""
    contact: str = ""
    text: str = ""

    @property
    def full_name(self) -> str:
        """Given name and surname of the person whose data these are."""
        return f"{self.given_name} {self.family_name}"


def seal(request: RightsRequest, asked: Asked) -> None:
    """Put the sealed fields into a request that is not saved yet."""
    texts = {name: getattr(asked, name) for name in SEALED} | {"birth_date": asked.birth_date.isoformat()}
    for name, text in texts.items():
        setattr(request, name, vault.seal(text, row=request.uuid, field=name) if text else b"")
    request.key_id = vault.current_key_id()


def unseal(request: RightsRequest) -> Asked | None:
    """Return what was sealed, for the portal itself to compare; None when it was destroyed. Raises `VaultError`."""
    if request.destroyed_at is not None:
        return None
    texts = {
        name: vault.unseal(sealed, row=request.uuid, field=name) if (sealed := bytes(getattr(request, name))) else ""
        for name in SEALED
    }
    return Asked(**texts | {"birth_date": date.fromisoformat(texts["birth_date"])})  # type: ignore[arg-type]


def open_for_officer(*, request: RightsRequest, by: Any, at: datetime) -> Asked | None:
    """Open who asks, for whoever handles the case, and write it down; None when it was destroyed.

    Raises `NotPermitted`, `VaultError`.
    """
    check_can_handle(by, request)
    with acting(by):
        record_event(by=by, verb="applicant_opened", target=request, at=at)
        return unseal(request)


def open_for_body(*, task: RightsTask, by: Any, at: datetime) -> Asked | None:
    """Open about whom a body is asked, for who answers for it, and write it down; None when it was destroyed.

    Where the body has records of the person it enters the record of readings too. Where to answer is not for the body;
    the words of who asks are where it must correct. Raises `NotPermitted`, `VaultError`.
    """
    check_can_answer(by, task)
    with acting(by):
        record_event(by=by, verb="applicant_opened", target=task.request, on_behalf_of=task.organisation, at=at)
        own = [one.pk for one in matched_records(task.request) if one.registered_by_id == task.organisation_id]
        record_reading(
            by=by,
            organisation=task.organisation,
            kind=ReadKind.OPENING,
            page="privacy:task",
            subjects=own,
            purpose=f"{OpeningPurpose.REQUEST.label}: {task.request.number}",
            at=at,
        )
        asked = unseal(task.request)
    if asked is None:
        return None
    words = asked.text if task.purpose == TaskPurpose.CORRECT else ""
    return Asked(asked.given_name, asked.family_name, asked.birth_date, asked.applicant_name, text=words)


def destroy_applicants(*, requests: Iterable[RightsRequest], by: Any, at: datetime, reason: str) -> int:
    """Destroy for good who asked, and what the bodies answered of it; the case and its terms stay as evidence.

    Only of cases that are closed; others are left alone. Returns how many were destroyed. `reason` names nobody.
    """
    ids = [one.pk for one in requests]
    with acting(by):
        found = list(
            RightsRequest.objects.select_for_update(of=("self",))
            .filter(pk__in=ids, closed_at__isnull=False, destroyed_at__isnull=True)
            .order_by("pk")
        )
        rows = RightsRequest.objects.filter(pk__in=[one.pk for one in found])
        rows.update(**dict.fromkeys(SEALED, b""), destroyed_at=at, version=F("version") + 1)
        RightsTask.objects.filter(request__in=rows.values("pk")).update(codes=[], held="")
        record_events(by=by, verb="applicant_destroyed", targets=found, reason=reason, at=at)
    return len(found)


def sealed_before(key_id: str) -> int:
    """Return how many requests are sealed with another key than this one."""
    return RightsRequest.objects.filter(destroyed_at__isnull=True).exclude(key_id=key_id).count()


def seal_all_again() -> tuple[int, int]:
    """Seal every request again with the newest key, in small transactions; return how many, and how many do not open."""
    done = 0
    while batch := seal_again():
        done += batch
    return done, sealed_before(vault.current_key_id())


def seal_again(*, size: int = 200) -> int:
    """Seal again, with the newest key, at most so many requests that an older one sealed; return how many.

    One that does not open is left as it is and logged by its number.
    """
    with acting(None):
        rows = (
            RightsRequest.objects.select_for_update(of=("self",))
            .filter(destroyed_at__isnull=True)
            .exclude(key_id=vault.current_key_id())
            .order_by("pk")[:size]
        )
        sealed = [row for row in rows if _sealed_again(row)]
        RightsRequest.objects.bulk_update(sealed, [*SEALED, "key_id"], 100)
    return len(sealed)


def _sealed_again(row: RightsRequest) -> bool:
    try:
        asked = unseal(row)
    except VaultError as error:
        logger.error("request %s: %s", row.pk, error)
        return False
    if asked is not None:
        seal(row, asked)
    return True
