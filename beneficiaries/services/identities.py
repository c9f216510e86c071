# SPDX-License-Identifier: EUPL-1.2
"""The door of the vault: names and tax codes are written and read here and nowhere else (design 6).

Whoever may read by another right than that of the registering body checks that right first
and calls `read_sealed`, which is the only place where an identity is opened for somebody to see.
"""

import logging
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from beneficiaries.enums import MissingTaxCode, ReadKind
from beneficiaries.models import Beneficiary, Identity, ReadEntry
from beneficiaries.permissions import bodies_opening, check_can_open_identities
from beneficiaries.selectors.matching import TaxCodeError, read_tax_code
from beneficiaries.services.reading import record_reading
from beneficiaries.workflow import check_can_work_on
from fami_portal.core import vault
from fami_portal.core.bulk import insert_rows
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from fami_portal.core.vault import VaultError
from partners.models import Organisation

logger = logging.getLogger(__name__)

SEALED_FIELDS = ("given_name", "family_name", "tax_code")
LONGEST_NAME = 100
LONGEST_PURPOSE = 300
# Asked of every row of an import: an enumeration makes its list anew each time.
_MISSING = frozenset(MissingTaxCode.values)


@dataclass(frozen=True, repr=False)
class NewIdentity:
    """What a body typed about who a recipient is. Its `repr` says nothing: it ends up in error reports."""

    beneficiary: Beneficiary
    given_name: str
    family_name: str
    tax_code: str = ""
    tax_code_missing: str = ""
    # Registered in this same act: nobody can have changed it meanwhile.
    fresh: bool = False


@dataclass(frozen=True, repr=False)
class OpenedIdentity:
    """An identity that was opened, with the entry that says so. Never kept, never logged; its `repr` says nothing."""

    identity: Identity
    given_name: str
    family_name: str
    tax_code: str
    reading: ReadEntry | None = None

    @property
    def full_name(self) -> str:
        """Given name and surname, as on a printed register."""
        return f"{self.given_name} {self.family_name}"

    @property
    def short_name(self) -> str:
        """Given name and initial of the surname, as “Amina R.”: what a shared register shows."""
        return f"{self.given_name} {self.family_name[:1]}."


def mask(given_name: str, family_name: str) -> str:
    """Return the initials alone, as “M••• R.”, always as long as any other."""
    return f"{given_name[:1]}••• {family_name[:1]}."


def write_identity(
    *,
    beneficiary: Beneficiary,
    organisation: Organisation,
    given_name: str,
    family_name: str,
    tax_code: str = "",
    tax_code_missing: str = "",
    by: Any,
) -> Identity:
    """Seal the identity of one recipient for the body that writes it. Raises as `write_identities`."""
    entry = NewIdentity(beneficiary, given_name, family_name, tax_code, tax_code_missing)
    return write_identities(entries=[entry], organisation=organisation, by=by)[0]


def write_identities(*, entries: Sequence[NewIdentity], organisation: Organisation, by: Any) -> list[Identity]:
    """Seal the identities of recipients for one body, all or none, in a constant number of queries.

    For the services of registration and correction, inside their transaction and after their own checks. An identity
    that the body wrote before is written anew. `tax_code_missing` is one of `MissingTaxCode` where there is no code.
    Raises `DomainError` at the field for an empty name, a tax code together with the reason of its absence or neither,
    a tax code that cannot be one, an identity that was destroyed. Its sentences repeat nothing of what was typed.
    """
    cleaned = [checked_identity(entry) for entry in entries]
    with acting(by):
        people = Beneficiary.objects.select_for_update(of=("self",), no_key=True)
        older = [entry.beneficiary.pk for entry in cleaned if not entry.fresh]
        for person in people.filter(pk__in=older).order_by("pk") if older else []:
            check_can_work_on(person, field="given_name")
        known = {
            identity.beneficiary_id: identity
            for identity in Identity.objects.select_for_update(of=("self",))
            .filter(organisation=organisation, beneficiary__in=older)
            .order_by("pk")
        }
        new, changed = [], []
        for entry in cleaned:
            identity = known.get(entry.beneficiary.pk)
            if identity is None:
                identity = Identity(beneficiary=entry.beneficiary, organisation=organisation)
                new.append(identity)
            else:
                if identity.destroyed_at is not None:
                    raise DomainError(
                        _("The name of this recipient was destroyed for good: register the person anew."),
                        field="given_name",
                    )
                identity.version += 1
                changed.append(identity)
            _seal(identity, entry.given_name, entry.family_name, entry.tax_code)
            identity.tax_code_missing = entry.tax_code_missing
            known[entry.beneficiary.pk] = identity
        insert_rows(new)
        if changed:
            Identity.objects.bulk_update(changed, [*SEALED_FIELDS, "tax_code_missing", "key_id", "version"], 500)
        for identity in changed:
            record_event(by=by, verb="identity_rewritten", target=identity, on_behalf_of=organisation)
    return [known[entry.beneficiary.pk] for entry in cleaned]


def checked_identity(entry: NewIdentity) -> NewIdentity:
    """Return what was typed of an identity, cleaned; raises `DomainError` at the field, as `write_identities` says."""
    given_name, family_name = (" ".join(name.split()) for name in (entry.given_name, entry.family_name))
    for field, name in (("given_name", given_name), ("family_name", family_name)):
        if not any(letter.isalpha() for letter in name):
            raise DomainError(_("Write the given name and the surname."), field=field)
        if len(name) > LONGEST_NAME:
            raise DomainError(_("This name is too long: at most 100 characters."), field=field)
    tax_code = "".join(entry.tax_code.split()).upper()
    if tax_code and entry.tax_code_missing:
        raise DomainError(_("Write the tax code, or say why there is none: not both."), field="tax_code_missing")
    if not tax_code and entry.tax_code_missing not in _MISSING:
        raise DomainError(_("Write the tax code, or say why there is none."), field="tax_code_missing")
    try:
        read_tax_code(tax_code)
    except TaxCodeError as error:
        raise DomainError(error.message, field="tax_code") from None
    return NewIdentity(entry.beneficiary, given_name, family_name, tax_code, entry.tax_code_missing, entry.fresh)


def _seal(identity: Identity, given_name: str, family_name: str, tax_code: str) -> None:
    identity.given_name = vault.seal(given_name, row=identity.uuid, field="given_name")
    identity.family_name = vault.seal(family_name, row=identity.uuid, field="family_name")
    identity.tax_code = vault.seal(tax_code, row=identity.uuid, field="tax_code") if tax_code else b""
    identity.key_id = vault.current_key_id()


def _unseal(identity: Identity, field: str) -> str:
    sealed = getattr(identity, field)
    try:
        return vault.unseal(sealed, row=identity.uuid, field=field) if sealed or field != "tax_code" else ""
    except VaultError as error:
        # The person reads the same sentence; who runs the portal must learn of it too.
        # Without the frames, which hold names.
        logger.error("identity %s, field %s: %s", identity.pk, field, error)
        raise


def typed_before(beneficiary: Beneficiary) -> list[tuple[Identity, str, str, str]]:
    """Return each identity of a recipient with given name, surname and tax code, for the portal to compare again.

    Nobody sees them: they go into fingerprints and nowhere else, so that no reading is recorded. Raises `VaultError`.
    """
    identities = Identity.objects.filter(beneficiary=beneficiary, destroyed_at__isnull=True)
    found = identities.select_related("beneficiary__programme").order_by("pk")
    return [(row, *(_unseal(row, field) for field in SEALED_FIELDS)) for row in found]  # type: ignore[misc]


def typed_of(*, identities: QuerySet[Identity]) -> dict[int, tuple[Identity, str, str, str]]:
    """Return the words of many identities by id of the recipient, for the portal to compare with what is typed again.

    As `typed_before`: nobody sees them. One query. Raises `VaultError`.
    """
    found = identities.select_related("beneficiary").order_by("pk")
    return {
        row.beneficiary_id: (row, *(_unseal(row, field) for field in SEALED_FIELDS))  # type: ignore[misc]
        for row in found
    }


def masked_identities(*, beneficiaries: Iterable[Beneficiary], by: Any) -> dict[int, str]:
    """Return the initials of the recipients whose identities the person may open, by id of the recipient.

    The page that shows them records its own reading. One that does not open is shown as such: nobody reads it here.
    """
    masked = {}
    for identity in _of_own_bodies(beneficiaries, by):
        try:
            initials = mask(_unseal(identity, "given_name"), _unseal(identity, "family_name"))
        except VaultError:
            initials = "•••"
        masked[identity.beneficiary_id] = initials
    return masked


def open_identities(
    *,
    beneficiaries: Iterable[Beneficiary],
    by: Any,
    purpose: str,
    page: str,
    at: datetime,
    kind: str = ReadKind.OPENING,
    activity: Activity | None = None,
) -> dict[int, OpenedIdentity]:
    """Open the identities that the person's own bodies wrote, by id of the recipient, and write down who read them.

    `page` is the portal's name of the page, `purpose` what the person said (at most 300 characters). Recipients whose
    name was never written or was destroyed are not in the answer. Raises `NotPermitted` when one of them belongs to
    another body, `DomainError` without a purpose, `VaultError` when one does not open: then none is.
    """
    wanted = list(beneficiaries)
    check_can_open_identities(by, wanted)
    with acting(by):
        return read_sealed(
            identities=_of_own_bodies(wanted, by),
            by=by,
            purpose=purpose,
            page=page,
            at=at,
            kind=kind,
            activity=activity,
        )


def _of_own_bodies(beneficiaries: Iterable[Beneficiary], by: Any) -> list[Identity]:
    return list(
        Identity.objects.filter(
            beneficiary__in=[beneficiary.pk for beneficiary in beneficiaries],
            organisation__in=bodies_opening(by),
            destroyed_at__isnull=True,
            beneficiary__restricted_at__isnull=True,
        )
        .select_related("organisation")
        .order_by("organisation", "pk")
    )


def read_sealed(
    *,
    identities: Iterable[Identity],
    by: Any,
    purpose: str,
    page: str,
    at: datetime,
    kind: str,
    activity: Activity | None = None,
    beside: Iterable[Beneficiary] = (),
    codes: bool = True,
    broken: set[int] | None = None,
) -> dict[int, OpenedIdentity]:
    """Open identities after the caller has checked by what right, and record the reading in the same transaction.

    One entry for each body that wrote some of them, in its own chain, with the recipients `beside` of that body, which
    the same page calls by own code. Without `codes` no tax code is opened. Where two bodies wrote who one recipient is,
    the answer holds the last. Raises as `open_identities`; with `broken`, one that does not open is left out and its
    recipient added there.
    """
    purpose = " ".join(purpose.split())
    if not purpose:
        raise DomainError(_("Say why you open the name."), field="purpose")
    if len(purpose) > LONGEST_PURPOSE:
        raise DomainError(_("Say it in fewer words: at most 300 characters."), field="purpose")
    rows: dict[int, list[Identity]] = {}
    for identity in identities:
        rows.setdefault(identity.organisation_id, []).append(identity)
    coded: dict[int, set[int]] = {}
    for person in beside:
        coded.setdefault(person.registered_by_id, set()).add(person.pk)
    fields = SEALED_FIELDS if codes else SEALED_FIELDS[:2]
    opened = {}
    # Where no name is opened there is one entry for each body and nothing that could fail after it.
    with transaction.atomic() if rows else nullcontext():
        # Always in the same order, as each chain is locked while its entry is added.
        for body in sorted(rows.keys() | coded.keys()):
            named = sorted(rows.get(body, []), key=lambda identity: identity.pk)
            entry = record_reading(
                by=by,
                organisation=body,
                kind=kind if named else ReadKind.PAGE,
                page=page,
                subjects={row.beneficiary_id for row in named} | coded.get(body, set()),
                purpose=purpose if named else "",
                activity=activity,
                at=at,
            )
            for row in named:
                try:
                    names = [_unseal(row, field) for field in fields]
                except VaultError:
                    if broken is None:
                        raise
                    broken.add(row.beneficiary_id)
                    continue
                given_name, family_name, tax_code = [*names, ""][:3]
                opened[row.beneficiary_id] = OpenedIdentity(row, given_name, family_name, tax_code, entry)
    return opened
