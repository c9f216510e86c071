# SPDX-License-Identifier: EUPL-1.2
"""Writes on bodies."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.enums import PUBLIC_KINDS, SCHOOL_KINDS, Nature
from partners.models import Municipality, Organisation
from partners.permissions import check_can_manage_organisation, check_holds

FIELDS = (
    "name",
    "kind",
    "nature",
    "fiscal_code",
    "vat_number",
    "school_code",
    "ipa_code",
    "runts_number",
    "informal_reason",
    "municipality",
    "institute",
    "address",
    "pec",
    "email",
)


def register_organisation(
    *,
    by: Any,
    name: str,
    kind: str,
    nature: str = "",
    fiscal_code: str = "",
    vat_number: str = "",
    school_code: str = "",
    ipa_code: str = "",
    runts_number: str = "",
    informal_reason: str = "",
    municipality: Municipality | None = None,
    institute: Organisation | None = None,
    address: str = "",
    pec: str = "",
    email: str = "",
) -> Organisation:
    """Register a body, with its official codes checked.

    Without a `nature` the usual one of its kind is taken. Raises `NotPermitted`; `DomainError` at the field for a
    wrong code, a school without its code, a body that exists already, no tax code and no reason for it, a site of a
    site.
    """
    if by is not None:
        check_holds(by, Permission.MANAGE_ORGANISATIONS)
    organisation = Organisation(
        name=name,
        kind=kind,
        nature=nature or (Nature.PUBLIC if kind in PUBLIC_KINDS or school_code else Nature.PRIVATE),
        fiscal_code=fiscal_code,
        vat_number=vat_number,
        school_code=school_code,
        ipa_code=ipa_code,
        runts_number=runts_number,
        informal_reason=informal_reason,
        municipality=municipality,
        institute=institute,
        address=address,
        pec=pec,
        email=email,
    )
    with acting(by):
        _check(organisation)
        _write(organisation, new=True)
        record_event(by=by, verb="organisation_registered", target=organisation)
    return organisation


def update_organisation(*, organisation: Organisation, by: Any, version: int, **values: Any) -> Organisation:
    """Correct the facts of a body (any of `FIELDS`), if nobody changed it since `version`.

    Raises `StaleError`, and what `register_organisation` raises.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"not a fact of a body: {', '.join(sorted(unknown))}")
    with acting(by):
        locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if by is not None:
            check_can_manage_organisation(by, locked)
        if locked.version != version:
            raise StaleError
        for field, value in values.items():
            setattr(locked, field, value)
        _check(locked)
        _write(locked, new=False)
        Organisation.objects.filter(pk=locked.pk).update(version=F("version") + 1)
        record_event(by=by, verb="organisation_changed", target=locked)
    locked.refresh_from_db()
    return locked


def _check(organisation: Organisation) -> None:
    """Run the checks of the model; the first problem becomes a refusal at its field."""
    organisation.normalise()
    _check_institute(organisation)
    try:
        organisation.full_clean(validate_unique=False)
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise DomainError(problems[0], field=field if field in FIELDS else None) from None


def _check_institute(organisation: Organisation) -> None:
    """A site belongs to an institute that is no site itself; whoever has sites is none. Two levels, as the ministry's."""
    if organisation.institute_id is None:
        return
    institute = Organisation.objects.select_for_update(no_key=True).filter(pk=organisation.institute_id).first()
    if institute is None or institute.kind not in SCHOOL_KINDS:
        raise DomainError(_("Choose the institute among the schools."), field="institute")
    if institute.pk == organisation.pk:
        raise DomainError(_("A body is not a site of itself."), field="institute")
    if institute.institute_id is not None:
        raise DomainError(
            _("%(school)s is a site itself: choose its institute, %(institute)s.")
            % {"school": institute.name, "institute": institute.institute},
            field="institute",
        )
    if organisation.pk and organisation.sites.exists():
        raise DomainError(_("This school has sites of its own: it cannot be the site of another."), field="institute")


def _write(organisation: Organisation, *, new: bool) -> None:
    try:
        organisation.save(force_insert=new)
    except IntegrityError as error:
        # Somebody registered the same body between the check and the writing.
        if "school_code_once" in str(error):
            raise DomainError(_("A school with this code exists already."), field="school_code") from None
        if "fiscal_code_once" in str(error):
            raise DomainError(_("A body with this tax code exists already."), field="fiscal_code") from None
        raise
