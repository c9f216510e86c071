# SPDX-License-Identifier: EUPL-1.2
"""Registering somebody new: the pseudonymous record, the enrolment, the name in the vault, counted once; in one act.

Names are optional: without them a recipient is known by its codes alone, and its twins in other bodies stay unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from actions.models import Activity, TargetGroup
from beneficiaries.models import Beneficiary, Enrolment, Identity
from beneficiaries.services.enrolments import enrol
from beneficiaries.services.identities import NewIdentity, typed_before, write_identities
from beneficiaries.services.matching import Typed, count_once
from beneficiaries.services.recipients import register_beneficiary, update_beneficiary
from fami_portal.core.services import acting
from partners.models import Country, Organisation


@dataclass(frozen=True, repr=False)
class Names:
    """Who a recipient is, as typed: the tax code, or one of `MissingTaxCode`. Its `repr` says nothing."""

    given_name: str
    family_name: str
    tax_code: str = ""
    tax_code_missing: str = ""


@dataclass(frozen=True)
class Registered:
    """The enrolment, and whether the person was in the programme already: nobody is told where."""

    enrolment: Enrolment
    already_present: bool


def register_and_enrol(
    *,
    activity: Activity,
    registered_by: Organisation,
    target_group: TargetGroup,
    local_code: str,
    sex: str,
    birth_date: date,
    citizenship: Country,
    eligibility: str,
    enrolled_on: date,
    notice_version: str,
    notice_given_on: date,
    by: Any,
    at: datetime,
    entry_level: str = "",
    key: UUID | None = None,
    names: Names | None = None,
) -> Registered:
    """Register a recipient and enrol it in one act, with its name if the body writes it.

    Raises as `register_beneficiaries`, `enrol_many` and `write_identities`. The second half of a double click (`key`)
    writes nothing.
    """
    with acting(by):
        beneficiary = register_beneficiary(
            programme=activity.programme,
            registered_by=registered_by,
            target_group=target_group,
            local_code=local_code,
            sex=sex,
            birth_date=birth_date,
            citizenship=citizenship,
            eligibility=eligibility,
            key=key,
            by=by,
            at=at,
        )
        if key and Identity.objects.filter(beneficiary=beneficiary, organisation=registered_by).exists():
            return Registered(beneficiary.enrolments.get(activity=activity), beneficiary.merged_into_id is not None)
        enrolment = enrol(
            activity=activity,
            beneficiary=beneficiary,
            enrolled_on=enrolled_on,
            notice_version=notice_version,
            notice_given_on=notice_given_on,
            entry_level=entry_level,
            fresh=True,
            by=by,
        )
        # After the enrolment: a record that became part of another cannot be enrolled.
        present = record_names(names={beneficiary: names}, organisation=registered_by, by=by, at=at) if names else set()
    return Registered(enrolment, beneficiary.pk in present)


def record_names(*, names: Mapping[Beneficiary, Names], organisation: Organisation, by: Any, at: datetime) -> set[int]:
    """Seal the names of recipients just registered by a body and look for them in the programme.

    Inside the act that registers them; all are of one programme. Returns the ids of the recipients that were in the
    programme already. Raises as `write_identities`.
    """
    entries = [
        NewIdentity(beneficiary, who.given_name, who.family_name, who.tax_code, who.tax_code_missing, True)
        for beneficiary, who in names.items()
    ]
    with acting(by):
        identities = write_identities(entries=entries, organisation=organisation, by=by)
        people = [
            Typed(identity, who.given_name, who.family_name, who.tax_code)
            for identity, who in zip(identities, names.values(), strict=True)
        ]
        return count_once(people=people, by=by, at=at)


def correct_recipient(
    *,
    beneficiary: Beneficiary,
    version: int,
    target_group: TargetGroup,
    local_code: str,
    sex: str,
    birth_date: date,
    citizenship: Country,
    by: Any,
    at: datetime,
) -> Beneficiary:
    """Correct a recipient, and compare it anew with the programme when its birth date was wrong.

    The fingerprints of the names hold the birth date: old ones would find the twins of a person who does not exist.
    Raises as `update_beneficiary`, and `VaultError` when the name does not open: then nothing is corrected.
    """
    born = beneficiary.birth_date
    with acting(by):
        update_beneficiary(
            beneficiary=beneficiary,
            version=version,
            target_group=target_group,
            local_code=local_code,
            sex=sex,
            birth_date=birth_date,
            citizenship=citizenship,
            by=by,
        )
        if birth_date != born:
            people = [Typed(*typed) for typed in typed_before(beneficiary)]
            count_once(people=people, by=by, at=at, renewed=True)
    return beneficiary
