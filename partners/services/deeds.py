# SPDX-License-Identifier: EUPL-1.2
"""Writes on the deeds of networks."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from fami_portal.core.documents import CheckedFile, store_document
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.enums import DeedKind
from partners.models import Network, NetworkDeed, Organisation
from partners.permissions import check_can_keep_deeds
from partners.selectors.deeds import DEED

# The deeds that are about one body.
ABOUT_ONE = frozenset({DeedKind.ACCESSION, DeedKind.EXIT})


def record_deed(
    *,
    network: Network,
    kind: str,
    signed_on: date,
    today: date,
    by: Any,
    repertory_number: str = "",
    organisation: Organisation | None = None,
    signatories: Iterable[Organisation] = (),
    file: CheckedFile | None = None,
    notes: str = "",
    key: UUID | None = None,
) -> NetworkDeed:
    """Record a signed deed of a network, with its file where it is at hand.

    `key` is the submission key of the form: the second half of a double click gets the deed of the first. Raises
    `NotPermitted`; `DomainError` at the field for a day to come, an accession or exit without its body, or a deed that
    is there already; `DocumentRefused`.
    """
    check_can_keep_deeds(by, network)
    kept = NetworkDeed.objects.filter(uuid=key, network=network).first() if key else None
    if kept is not None:
        return kept
    deed = NetworkDeed(
        network=network,
        kind=kind,
        signed_on=signed_on,
        repertory_number=" ".join(repertory_number.split()),
        organisation=organisation,
        notes=notes.strip(),
        **({"uuid": key} if key else {}),
    )
    _check(deed, today)
    try:
        with acting(by):
            deed.save(force_insert=True)
            deed.signatories.set(signatories)
            _keep_file(deed, file, by)
            record_event(by=by, verb="network_deed_recorded", target=network, reason=deed.title)
    except IntegrityError:
        kept = NetworkDeed.objects.filter(uuid=key, network=network).first() if key else None
        if kept is None:
            raise _there_already() from None
        return kept
    return deed


def update_deed(
    *,
    deed: NetworkDeed,
    version: int,
    kind: str,
    signed_on: date,
    today: date,
    by: Any,
    repertory_number: str = "",
    organisation: Organisation | None = None,
    signatories: Iterable[Organisation] = (),
    file: CheckedFile | None = None,
    notes: str = "",
) -> NetworkDeed:
    """Correct a deed, or add the file that was missing; without a new file the old one stays.

    A stay that begins or ends by the deed keeps it: a deed about another body is refused. Raises as `record_deed`, and
    `StaleError`.
    """
    with acting(by):
        locked = NetworkDeed.objects.select_for_update(of=("self",)).select_related("network").get(pk=deed.pk)
        check_can_keep_deeds(by, locked.network)
        if locked.version != version:
            raise StaleError
        locked.kind, locked.signed_on, locked.organisation = kind, signed_on, organisation
        locked.repertory_number, locked.notes = " ".join(repertory_number.split()), notes.strip()
        _check(locked, today)
        stays = [*locked.entries.all(), *locked.exits.all()]
        if organisation is not None and any(stay.organisation_id != organisation.pk for stay in stays):
            raise DomainError(_("The stay of another body begins or ends by this deed."), field="organisation")
        locked.version += 1
        locked.save()
        locked.signatories.set(signatories)
        _keep_file(locked, file, by)
        record_event(by=by, verb="network_deed_changed", target=locked.network, reason=locked.title)
    return locked


def _check(deed: NetworkDeed, today: date) -> None:
    if deed.signed_on > today:
        raise DomainError(_("A deed cannot be signed in the future."), field="signed_on")
    if deed.kind in ABOUT_ONE and deed.organisation is None:
        raise DomainError(_("Say which body the deed is about."), field="organisation")
    try:
        deed.clean_fields(exclude=["network", "organisation", "file"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise DomainError(problems[0], field=field) from None
    same = NetworkDeed.objects.filter(
        network=deed.network, kind=deed.kind, repertory_number=deed.repertory_number, signed_on=deed.signed_on
    )
    if deed.repertory_number and same.exclude(pk=deed.pk).exists():
        raise _there_already()


def _there_already() -> DomainError:
    return DomainError(_("This deed is there already: same kind, number and date."), field="repertory_number")


def _keep_file(deed: NetworkDeed, file: CheckedFile | None, by: Any) -> None:
    if file is None:
        return
    deed.file = store_document(kind=DEED, name=file.name, content=file, by=by, subject_id=deed.pk)
    NetworkDeed.objects.filter(pk=deed.pk).update(file=deed.file)
