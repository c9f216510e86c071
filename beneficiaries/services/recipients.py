# SPDX-License-Identifier: EUPL-1.2
"""Writes on recipients: always by pseudonym, never by name (domain reference, sections 4 and 13)."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import TargetGroupKind
from actions.models import Programme, TargetGroup
from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary
from beneficiaries.permissions import check_can_change_beneficiary, check_can_register
from beneficiaries.selectors import may_be_in_both
from beneficiaries.services.eligibility import record_declarations
from beneficiaries.workflow import check_can_work_on
from fami_portal.core import clock
from fami_portal.core.bulk import insert_rows
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Country, Organisation

# Without the letters and digits that are taken for one another (0 O, 1 I L) and without U: 30 symbols, 7 places.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
OLDEST = timedelta(days=110 * 365)

_DIGIT = "[0-9LMNPQRSTUV]"
_TAX_CODE = re.compile(rf"[A-Z]{{6}}{_DIGIT}{{2}}[A-Z]{_DIGIT}{{2}}[A-Z]{_DIGIT}{{3}}[A-Z]")
_PHONE = re.compile(r"(\+|00)?\d{9,}")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class NewBeneficiary:
    """What is needed to register a recipient."""

    target_group: TargetGroup
    local_code: str
    sex: str
    birth_date: date
    citizenship: Country
    eligibility: str = Eligibility.UNVERIFIED
    uuid: UUID | None = None


def new_pseudonym() -> str:
    """Return a pseudonym that nobody can guess and a person can read aloud, as `K7Q4-M2X`."""
    drawn = "".join(secrets.choice(ALPHABET) for _place in range(7))
    return f"{drawn[:4]}-{drawn[4:]}"


def check_local_code(code: str) -> str:
    """Return the own code without surplus blanks; raises `DomainError` when it says who the person is."""
    code = " ".join(code.split())
    joined = re.sub(r"[\s.\-/]", "", code).upper()
    if not code:
        raise DomainError(_("Write the code by which your body knows the recipient."), field="local_code")
    if _TAX_CODE.search(joined):
        raise DomainError(
            _("This looks like a tax code. Write a code of your own, as 3B-07: it must not say who the person is."),
            field="local_code",
        )
    if "@" in code or _PHONE.fullmatch(joined):
        raise DomainError(
            _("This looks like a telephone number or an address. Write a code of your own, as 3B-07."),
            field="local_code",
        )
    if len(_WORD.findall(code)) > 1 or not any(c.isdigit() for c in code):
        raise DomainError(
            _("This looks like a name. Write a code of your own with at least one digit, as 3B-07: names stay out."),
            field="local_code",
        )
    return code


def register_beneficiary(
    *,
    programme: Programme,
    registered_by: Organisation,
    target_group: TargetGroup,
    local_code: str,
    sex: str,
    birth_date: date,
    citizenship: Country,
    by: Any,
    eligibility: str = Eligibility.UNVERIFIED,
    key: UUID | None = None,
    at: datetime | None = None,
) -> Beneficiary:
    """Register one recipient of a programme in the name of a body. Raises as `register_beneficiaries`.

    `key` is the submission key of the form: the second half of a double click gets the recipient of the first.
    """
    new = NewBeneficiary(target_group, local_code, sex, birth_date, citizenship, eligibility, key)
    return register_beneficiaries(programme=programme, registered_by=registered_by, people=[new], by=by, at=at)[0]


def register_beneficiaries(
    *,
    programme: Programme,
    registered_by: Organisation,
    people: Sequence[NewBeneficiary],
    by: Any,
    at: datetime | None = None,
) -> list[Beneficiary]:
    """Register recipients, all or none, each with a new pseudonym, in a constant number of queries.

    `at` is when the declarations were recorded: now, unless told.
    Raises `NotPermitted`; `DomainError` at the field for a code that says who the person is, a code that the body uses
    already, a group of another programme, an impossible birth date.
    """
    if by is not None:
        check_can_register(by, registered_by)
    kept = _of_keys(programme, registered_by, [new.uuid for new in people if new.uuid])
    if kept and len(kept) == len(people):
        return kept
    codes = [check_local_code(new.local_code) for new in people]
    for new in people:
        check_person(programme, new.target_group, new.birth_date)
        if new.eligibility not in (Eligibility.UNVERIFIED, Eligibility.DECLARED):
            raise DomainError(_("A new recipient is not verified yet: choose “declared” at most."), field="eligibility")
    try:
        with acting(by):
            pseudonyms = _pseudonyms(programme, registered_by, people, codes)
            rows = [
                Beneficiary(
                    programme=programme,
                    registered_by=registered_by,
                    pseudonym=pseudonym,
                    local_code=code,
                    target_group=new.target_group,
                    sex=new.sex,
                    birth_date=new.birth_date,
                    citizenship=new.citizenship,
                    eligibility=new.eligibility,
                    **({"uuid": new.uuid} if new.uuid else {}),
                )
                for new, code, pseudonym in zip(people, codes, pseudonyms, strict=True)
            ]
            insert_rows(rows)
            record_declarations(beneficiaries=rows, organisation=registered_by, by=by, at=at or clock.now())
            for row in rows[:1] if len(rows) == 1 else []:
                record_event(by=by, verb="beneficiary_registered", target=row, on_behalf_of=registered_by, at=at)
            if len(rows) > 1:
                record_event(
                    by=by,
                    verb="beneficiaries_registered",
                    target=programme,
                    on_behalf_of=registered_by,
                    data={"first": rows[0].pk, "number": len(rows)},
                    at=at,
                )
    except IntegrityError:
        # Both halves of a double click at once: the first one has written.
        kept = _of_keys(programme, registered_by, [new.uuid for new in people if new.uuid])
        if kept and len(kept) == len(people):
            return kept
        raise DomainError(_("Your body has a recipient with this code already."), field="local_code") from None
    return rows


def _of_keys(programme: Programme, registered_by: Organisation, keys: Sequence[UUID]) -> list[Beneficiary]:
    if not keys:
        return []
    found = Beneficiary.objects.filter(uuid__in=keys, programme=programme, registered_by=registered_by)
    return list(found.order_by("pk"))


def check_person(programme: Programme, group: TargetGroup, birth_date: date) -> None:
    """Raise `DomainError` for a group of another programme or not of persons, and for an impossible birth date."""
    if group.programme_id != programme.pk:
        raise DomainError(_("This group belongs to another programme."), field="target_group")
    if group.kind not in (TargetGroupKind.PERSONS, TargetGroupKind.OPERATORS):
        raise DomainError(_("This group is not made of persons."), field="target_group")
    today = timezone.localdate()
    if not today - OLDEST < birth_date <= today:
        raise DomainError(_("This birth date is not possible: check the year."), field="birth_date")


def _pseudonyms(
    programme: Programme, registered_by: Organisation, people: Sequence[NewBeneficiary], codes: Sequence[str]
) -> list[str]:
    """Return new pseudonyms after looking, in the same query, whether the codes are free."""
    if len(set(codes)) < len(codes):
        raise DomainError(_("The same code is there twice."), field="local_code")
    drawn: set[str] = set()
    while len(drawn) < len(people):
        drawn |= {new_pseudonym() for _place in range(len(people) - len(drawn))}
        known = Beneficiary.objects.filter(programme=programme).filter(
            Q(pseudonym__in=drawn) | Q(registered_by=registered_by, local_code__in=codes)
        )
        found = list(known.select_related("target_group").order_by("pk"))
        _check_codes_free([one for one in found if one.registered_by_id == registered_by.pk], people, codes)
        drawn -= {one.pseudonym for one in found}
    return list(drawn)


def _check_codes_free(own: Sequence[Beneficiary], people: Sequence[NewBeneficiary], codes: Sequence[str]) -> None:
    taken = {other.local_code: other for other in own}
    for new, code in zip(people, codes, strict=True):
        other = taken.get(code)
        if other is None:
            continue
        if not may_be_in_both(other.target_group, new.target_group):
            raise DomainError(
                _("This recipient is registered already, in the group “%(group)s”: nobody can be in both groups.")
                % {"group": other.target_group.title},
                field="local_code",
            )
        raise DomainError(
            _("Your body has a recipient with this code already: %(pseudonym)s.") % {"pseudonym": other.pseudonym},
            field="local_code",
        )


def update_beneficiary(
    *,
    beneficiary: Beneficiary,
    version: int,
    target_group: TargetGroup,
    local_code: str,
    sex: str,
    birth_date: date,
    citizenship: Country,
    by: Any,
) -> Beneficiary:
    """Correct a recipient. What was validated before stays as it was reported, until the report is corrected.

    Raises `NotPermitted`, `StaleError`, `DomainError` at the field that must change.
    """
    code = check_local_code(local_code)
    try:
        with acting(by):
            locked = (
                Beneficiary.objects.select_for_update(of=("self",)).select_related("programme").get(pk=beneficiary.pk)
            )
            if by is not None:
                check_can_change_beneficiary(by, locked)
            if locked.version != version:
                raise StaleError
            check_can_work_on(locked)
            check_person(locked.programme, target_group, birth_date)
            if locked.enrolments.filter(enrolled_on__lt=birth_date).exists():
                raise DomainError(
                    _("This person was enrolled before this birth date: check the year."), field="birth_date"
                )
            changed = [
                name
                for name, value in (
                    ("target_group_id", target_group.pk),
                    ("local_code", code),
                    ("sex", sex),
                    ("birth_date", birth_date),
                    ("citizenship_id", citizenship.pk),
                )
                if getattr(locked, name) != value
            ]
            Beneficiary.objects.filter(pk=locked.pk).update(
                target_group=target_group,
                local_code=code,
                sex=sex,
                birth_date=birth_date,
                citizenship=citizenship,
                version=F("version") + 1,
            )
            record_event(by=by, verb="beneficiary_updated", target=locked, data={"fields": changed})
    except IntegrityError:
        raise DomainError(_("Your body has a recipient with this code already."), field="local_code") from None
    beneficiary.refresh_from_db()
    return beneficiary
