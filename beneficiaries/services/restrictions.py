# SPDX-License-Identifier: EUPL-1.2
"""Restricting the processing of a recipient's data, and lifting it (art. 18 GDPR): kept, counted, worked on by nobody."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from beneficiaries.models import Beneficiary, Restriction
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_events


def restrict(*, beneficiaries: Iterable[Beneficiary], reason: str, by: Any, at: datetime) -> list[int]:
    """Restrict the processing of records, each once; return the ids of those that were not restricted before.

    The caller has checked that the person may decide it. `reason` names nobody. Raises `DomainError` without a reason,
    or for a record that is anonymous.
    """
    text = _reason(reason)
    with acting(by):
        people = _locked(beneficiaries)
        gone = [one.pseudonym for one in people if one.anonymised_at is not None]
        if gone:
            raise DomainError(
                _("%(record)s was made anonymous: there is nothing left to restrict.") % {"record": ", ".join(gone[:3])}
            )
        new = [one for one in people if one.restricted_at is None]
        Beneficiary.objects.filter(pk__in=[one.pk for one in new]).update(restricted_at=at, version=F("version") + 1)
        for one in new:
            Restriction.objects.create(beneficiary=one, reason=text, since=at, by=by)
        record_events(by=by, verb="processing_restricted", targets=new, at=at)
    return [one.pk for one in new]


def lift(*, beneficiaries: Iterable[Beneficiary], by: Any, at: datetime) -> list[int]:
    """Lift the restriction of records; return the ids of those that were restricted. Raises nothing for the others.

    The person is told before (art. 18(3)): the caller has checked it.
    """
    with acting(by):
        held = [one for one in _locked(beneficiaries) if one.restricted_at is not None]
        ids = [one.pk for one in held]
        Beneficiary.objects.filter(pk__in=ids).update(restricted_at=None, version=F("version") + 1)
        Restriction.objects.filter(beneficiary__in=ids, lifted_at__isnull=True).update(
            lifted_at=at, lifted_by_id=getattr(by, "pk", None)
        )
        record_events(by=by, verb="restriction_lifted", targets=held, at=at)
    return ids


def _locked(beneficiaries: Iterable[Beneficiary]) -> list[Beneficiary]:
    rows = Beneficiary.objects.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in={one.pk for one in beneficiaries}).order_by("pk"))


def _reason(reason: str) -> str:
    if not reason.strip():
        raise DomainError(
            _("Write the reason, without names: whoever reads it later must understand it."), field="reason"
        )
    return reason.strip()
