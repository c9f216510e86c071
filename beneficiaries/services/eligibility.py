# SPDX-License-Identifier: EUPL-1.2
"""Decisions on whether a recipient counts for the fund: each says what was seen and where it is kept, never a copy.

Source: domain reference, section 4. Schools may not ask for the permit to stay: they record the declaration of the
family, and the partner or the coordinator verifies later.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import Admission, Sheet
from beneficiaries.enums import COUNTING_ELIGIBILITY, SCHOOL_SEEN, Eligibility, SeenDocument
from beneficiaries.models import Beneficiary, EligibilityCheck
from beneficiaries.permissions import asks_no_papers, check_can_change_eligibility, deciding_body, verifies_permits
from beneficiaries.selectors.sheets import admission_of, permit_problem, support_began
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Organisation, PermitKind


def change_eligibility(
    *,
    beneficiary: Beneficiary,
    eligibility: str,
    version: int,
    by: Any,
    at: datetime,
    seen: str = "",
    expires_on: date | None = None,
    kept_at: str = "",
    reason: str = "",
    permit: PermitKind | None = None,
) -> EligibilityCheck:
    """Say whether a recipient counts for the fund, and keep the decision beside those before it.

    `seen` is a `SeenDocument`, `kept_at` the place of the paper (a folder, an office), `expires_on` its last day.
    `permit` is its kind, which the programme admits, excludes or leaves to be verified. Saying the same again on another
    paper is a new decision. Raises `NotPermitted`, `StaleError`, `DomainError` at the field: nothing seen, no place, an
    expired paper, no reason, a paper that a school may not ask for, a permit that does not count.
    """
    seen, kept_at, reason = seen.strip(), " ".join(kept_at.split()), reason.strip()
    _check_values(eligibility, seen, kept_at, reason)
    if expires_on is not None:
        _check_expiry(eligibility, seen, expires_on, at)
    with acting(by):
        locked = (
            Beneficiary.objects.select_for_update(of=("self",))
            .select_related("registered_by", "programme", "target_group")
            .get(pk=beneficiary.pk)
        )
        if by is not None:
            check_can_change_eligibility(by, locked)
        body = deciding_body(by, locked)
        if body is not None and asks_no_papers(body):
            _check_school(eligibility, seen, permit)
        _check_permit(locked, eligibility, seen, permit, by, at)
        if locked.version != version:
            raise StaleError
        check_can_work_on(locked)
        check = EligibilityCheck.objects.create(
            beneficiary=locked,
            source=locked.eligibility,
            outcome=eligibility,
            seen=seen,
            permit=permit,
            expires_on=expires_on,
            kept_at=kept_at,
            reason=reason,
            at=at,
            by=by,
            on_behalf_of=body,
        )
        Beneficiary.objects.filter(pk=locked.pk).update(eligibility=eligibility, version=F("version") + 1)
        record_event(
            by=by,
            verb="eligibility_changed",
            target=locked,
            reason=reason,
            on_behalf_of=body or "",
            data={"from": locked.eligibility, "to": eligibility},
        )
    beneficiary.refresh_from_db()
    return check


def record_declarations(
    *, beneficiaries: Iterable[Beneficiary], organisation: Organisation, by: Any, at: datetime
) -> None:
    """Keep the declarations with which recipients were registered; inside the act that registers them. One query."""
    EligibilityCheck.objects.bulk_create(
        EligibilityCheck(
            beneficiary=beneficiary,
            source=Eligibility.UNVERIFIED,
            outcome=Eligibility.DECLARED,
            seen=SeenDocument.SELF_DECLARATION,
            at=at,
            by=by,
            on_behalf_of=organisation,
        )
        for beneficiary in beneficiaries
        if beneficiary.eligibility == Eligibility.DECLARED
    )


def record_permit(
    *, beneficiary: Beneficiary, permit: PermitKind, organisation: Organisation, on: date, by: Any, at: datetime
) -> EligibilityCheck:
    """Keep the kind of permit that a recipient just registered declares; inside the act that registers it.

    It makes the recipient declared, or not eligible where the programme excludes the permit: it is served all the same.
    `on` is the first day of the support. Raises `DomainError` for a kind that somebody of this age cannot have.
    """
    problem = permit_problem(permit, birth_date=beneficiary.birth_date, on=on)
    if problem:
        raise DomainError(problem, field="permit")
    excluded = admission_of(beneficiary.programme, permit) == Admission.EXCLUDED
    outcome = Eligibility.NOT_ELIGIBLE if excluded else Eligibility.DECLARED
    with acting(by):
        check = EligibilityCheck.objects.create(
            beneficiary=beneficiary,
            source=beneficiary.eligibility,
            outcome=outcome,
            seen=SeenDocument.SELF_DECLARATION,
            permit=permit,
            reason=_("The programme does not admit this kind of permit.") if excluded else "",
            at=at,
            by=by,
            on_behalf_of=organisation,
        )
        Beneficiary.objects.filter(pk=beneficiary.pk).update(eligibility=outcome)
        beneficiary.eligibility = outcome
    return check


def _check_values(eligibility: str, seen: str, kept_at: str, reason: str) -> None:
    if eligibility not in Eligibility.values:
        raise DomainError(_("Choose one of the values of the list."), field="eligibility")
    if seen and seen not in SeenDocument.values:
        raise DomainError(_("Choose one of the values of the list."), field="seen")
    if eligibility == Eligibility.VERIFIED and not seen:
        raise DomainError(_("Say what you saw: “verified” needs it."), field="seen")
    if eligibility == Eligibility.VERIFIED and not kept_at:
        raise DomainError(
            _("Write where the paper is kept, as “folder 12, office of the partner”: a check must find it."),
            field="kept_at",
        )
    if eligibility == Eligibility.DECLARED and seen != SeenDocument.SELF_DECLARATION:
        raise DomainError(
            _("“Declared” needs the declaration of the family or of the person: choose it, if you have it."),
            field="seen",
        )
    if eligibility in (Eligibility.NOT_ELIGIBLE, Eligibility.UNVERIFIED) and not reason:
        raise DomainError(_("Write the reason: whoever reads it later must understand it."), field="reason")


def _check_expiry(eligibility: str, seen: str, expires_on: date, at: datetime) -> None:
    if not seen:
        raise DomainError(_("Say which paper is valid until this day."), field="seen")
    if eligibility == Eligibility.VERIFIED and expires_on < timezone.localdate(at):
        raise DomainError(
            _("This paper is no longer valid: check the day, or look at another paper."), field="expires_on"
        )


def _check_permit(
    beneficiary: Beneficiary, eligibility: str, seen: str, permit: PermitKind | None, by: Any, at: datetime
) -> None:
    sheet = beneficiary.target_group.sheet
    if permit is None:
        if sheet == Sheet.THIRD_COUNTRY and seen == SeenDocument.PERMIT:
            raise DomainError(_("Say which kind of permit you saw."), field="permit")
        return
    if sheet == Sheet.PUPILS:
        raise DomainError(_("Nobody asks a pupil for the permit: leave it empty."), field="permit")
    problem = permit_problem(
        permit, birth_date=beneficiary.birth_date, on=support_began(beneficiary, timezone.localdate(at))
    )
    if problem:
        raise DomainError(problem, field="permit")
    admission = admission_of(beneficiary.programme, permit)
    if admission == Admission.EXCLUDED and eligibility in COUNTING_ELIGIBILITY:
        raise DomainError(
            _(
                "In this programme “%(permit)s” does not count: choose “not eligible”. The person takes part all the same."
            )
            % {"permit": permit.official_label},
            field="permit",
        )
    if (
        admission == Admission.TO_VERIFY
        and eligibility == Eligibility.VERIFIED
        and by is not None
        and not verifies_permits(by, beneficiary)
    ):
        raise DomainError(
            _("For “%(permit)s” the programme wants a coordinator to look: choose “declared”, which counts until then.")
            % {"permit": permit.official_label},
            field="permit",
        )


def _check_school(eligibility: str, seen: str, permit: PermitKind | None) -> None:
    if permit is not None or (seen and seen not in SCHOOL_SEEN):
        raise DomainError(
            _("A school does not ask for the permit or for an identity card: record the declaration of the family."),
            field="seen",
        )
    if eligibility == Eligibility.VERIFIED:
        raise DomainError(
            _("A school records the declaration: the partner or the coordinator verifies later."), field="eligibility"
        )
