# SPDX-License-Identifier: EUPL-1.2
"""Registering somebody new: the pseudonymous record, the enrolment, the name in the vault, counted once; in one act.

Of pupils, and wherever a school registers, names are optional: without them a recipient is known by its codes alone, and
its twins in other bodies stay unknown. Of an adult whom a partner registers the official sheet wants name and tax code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from actions.enums import Sheet
from actions.models import Activity, TargetGroup
from beneficiaries.enums import MissingTaxCode, NoticeReceiver
from beneficiaries.models import Beneficiary, Enrolment
from beneficiaries.permissions import may_ask_papers
from beneficiaries.selectors.sheets import is_adult
from beneficiaries.services.eligibility import record_permit
from beneficiaries.services.enrolments import enrol
from beneficiaries.services.identities import NewIdentity, typed_before, write_identities
from beneficiaries.services.matching import Typed, count_once, take_turns_before
from beneficiaries.services.recipients import register_beneficiary, update_beneficiary
from beneficiaries.services.sheets import SheetFacts, ThirdCountryFacts, write_facts
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, gathering_events
from partners.models import Country, Language, Organisation, PermitKind


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
    notice_given_on: date | None,
    by: Any,
    at: datetime,
    entry_level: str = "",
    notice_given_to: str = NoticeReceiver.FAMILY,
    notice_language: Language | None = None,
    key: UUID | None = None,
    names: Names | None = None,
    facts: SheetFacts | None = None,
    permit: PermitKind | None = None,
) -> Registered:
    """Register a recipient and enrol it in one act, with its name if the body writes it.

    `facts` are what the sheet of the group asks, `permit` the kind that the person declares. Raises as
    `register_beneficiaries`, `enrol_many`, `write_identities`, `check_facts` and `record_permit`; `DomainError` where
    the name of an adult or its tax code is missing, and where one is given that may not be asked. The second half of a
    double click (`key`) writes nothing.
    """
    papers = may_ask_papers([registered_by], activity, target_group)
    check_papers(papers=papers, names=names, facts=facts, permit=permit)
    if papers and target_group.sheet == Sheet.THIRD_COUNTRY and is_adult(birth_date, enrolled_on):
        check_adult(names)
    with acting(by), gathering_events():
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
        kept = beneficiary.enrolments.filter(activity=activity).first() if key else None
        if kept is not None:
            return Registered(kept, beneficiary.merged_into_id is not None)
        enrolment = enrol(
            activity=activity,
            beneficiary=beneficiary,
            enrolled_on=enrolled_on,
            notice_version=notice_version,
            notice_given_on=notice_given_on,
            notice_given_to=notice_given_to,
            notice_language=notice_language,
            entry_level=entry_level,
            fresh=True,
            by=by,
        )
        if facts is not None:
            write_facts(beneficiary=beneficiary, facts=facts, on=enrolled_on, by=by)
        if permit is not None:
            record_permit(
                beneficiary=beneficiary, permit=permit, organisation=registered_by, on=enrolled_on, by=by, at=at
            )
        # After the enrolment: a record that became part of another cannot be enrolled.
        present = record_names(names={beneficiary: names}, organisation=registered_by, by=by, at=at) if names else set()
    return Registered(enrolment, beneficiary.pk in present)


def check_papers(*, papers: bool, names: Names | None, facts: SheetFacts | None, permit: PermitKind | None) -> None:
    """Refuse what may not be asked here, however it came."""
    if papers:
        return
    if permit is not None:
        raise DomainError(_("The permit to stay is not asked here: leave it out."), field="permit")
    if names is not None and names.tax_code:
        raise DomainError(_("The tax code is not asked here: leave it out."), field="tax_code")
    if isinstance(facts, ThirdCountryFacts):
        raise DomainError(_("A school does not ask for these facts: leave them to the partner."), field="specifics")


def check_adult(names: Names | None) -> None:
    """The official sheet wants the name of an adult, and the tax code or why there is none."""
    if names is None:
        raise DomainError(_("Write the name: the official sheet wants it for an adult."), field="given_name")
    if not names.tax_code and names.tax_code_missing == MissingTaxCode.NOT_ASKED:
        raise DomainError(_("Write the tax code, or say why there is none."), field="tax_code_missing")


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
        return count_once(people=people, by=by, at=at, fresh=True)


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
        people = [Typed(*typed) for typed in typed_before(beneficiary)] if birth_date != born else []
        if people:
            # Before its row: whoever joins records takes the same locks in this order.
            take_turns_before(people=people, birth_date=birth_date)
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
        if people:
            for one in people:
                one.identity.beneficiary.birth_date = birth_date
            count_once(people=people, by=by, at=at, renewed=True)
    return beneficiary
