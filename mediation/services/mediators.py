# SPDX-License-Identifier: EUPL-1.2
"""Writes on the entries of the register of mediators (reference: domain, 5.7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting, record_event
from mediation.enums import Mode
from mediation.models import Mediator
from mediation.permissions import check_can_manage_mediator, check_is_oneself
from mediation.selectors.mediators import mediates_for, providers_for
from partners.models import Organisation

# What the coordinators write; contacts may be changed by the mediator too.
FIELDS = (
    "organisation",
    "given_name",
    "family_name",
    "email",
    "phone",
    "gender",
    "profile",
    "modes",
    "home",
    "travel_buffer",
    "yearly_maximum",
    "confidentiality_signed_on",
)
_ENTRY = UUID("9d0a2c2e-6d0c-4b1c-9a63-1a1d2f5f0b11")


def lock(mediator: Mediator, version: int | None = None) -> Mediator:
    """Take the row lock of an entry inside a service transaction and return it as it is now.

    Raises `StaleError` when somebody changed it since `version`.
    """
    locked = Mediator.objects.select_for_update(of=("self",)).get(pk=mediator.pk)
    if version is not None and locked.version != version:
        raise StaleError
    return locked


def changed(mediator: Mediator, **values: Any) -> None:
    """Write fields of a locked entry and count the change, so that an older page does not overwrite it."""
    Mediator.objects.filter(pk=mediator.pk).update(**values, version=F("version") + 1)


def check_provider(by: Any, organisation: Organisation) -> None:
    """Raise `NotPermitted` unless the body is in a network whose mediators the person keeps."""
    if by is not None and not providers_for(by).filter(pk=organisation.pk).exists():
        raise NotPermitted(_("Only the coordinators of the networks of this body register its mediators."))


def register_mediator(*, values: Mapping[str, Any], by: Any, at: datetime, key: UUID | None = None) -> Mediator:
    """Enter a mediator in the register; the account may come later.

    `values` holds some of `FIELDS`, at least body, given name and family name; `travel_buffer` and `yearly_maximum`
    are minutes. `key` is the submission key: the second half of a double click gets the entry of the first.
    Raises `NotPermitted`, `DomainError` at the field that must change.
    """
    mediator = Mediator(uuid=uuid5(_ENTRY, str(key)) if key else uuid4())
    _fill(mediator, values)
    check_provider(by, mediator.organisation)
    with acting(by):
        try:
            with transaction.atomic():
                mediator.save(force_insert=True)
        except IntegrityError as error:
            if "uuid" not in str(error):
                raise
            return Mediator.objects.get(uuid=mediator.uuid)
        record_event(by=by, verb="mediator_registered", target=mediator, at=at)
    return mediator


def update_mediator(*, mediator: Mediator, values: Mapping[str, Any], version: int, by: Any, at: datetime) -> Mediator:
    """Correct the facts of an entry (any of `FIELDS`), if nobody changed it since `version`.

    Raises `StaleError`, `NotPermitted`, `DomainError` at the field: also when the entry has an account whose role is
    in another body.
    """
    with acting(by):
        locked = lock(mediator, version)
        if by is not None:
            check_can_manage_mediator(by, locked)
        before = locked.organisation_id
        _fill(locked, values)
        if locked.organisation_id != before:
            check_provider(by, locked.organisation)
            if locked.user is not None and not mediates_for(locked.user, locked.organisation_id):
                raise DomainError(
                    _("The account of this entry is not a mediator of that body: unlink it first."),
                    field="organisation",
                )
        changed(locked, **{name: getattr(locked, name) for name in FIELDS if name in values})
        record_event(by=by, verb="mediator_updated", target=locked, at=at)
    mediator.refresh_from_db()
    return mediator


def update_own_contacts(*, mediator: Mediator, email: str, phone: str, version: int, by: Any, at: datetime) -> Mediator:
    """Let the mediator write the own e-mail and phone. Raises `StaleError`, `NotPermitted`, `DomainError`."""
    with acting(by):
        locked = lock(mediator, version)
        check_is_oneself(by, locked)
        _fill(locked, {"email": email, "phone": phone})
        changed(locked, email=locked.email, phone=locked.phone)
        record_event(by=by, verb="mediator_contacts_changed", target=locked, at=at)
    mediator.refresh_from_db()
    return mediator


def _fill(mediator: Mediator, values: Mapping[str, Any]) -> None:
    """Set the fields and run the checks of the model; the first problem becomes a refusal at its field."""
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"not a fact of a mediator: {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(mediator, name, " ".join(value.split()) if isinstance(value, str) else value)
    unknown_modes = set(mediator.modes) - set(Mode.values)
    if unknown_modes:
        raise DomainError(_("Choose among the modes offered."), field="modes")
    mediator.modes = [mode.value for mode in Mode if mode.value in mediator.modes]
    if not mediator.modes and "modes" in values:
        raise DomainError(_("Choose at least one way of working."), field="modes")
    if mediator.travel_buffer > 240:
        raise DomainError(_("At most 240 minutes, four hours, can be kept free."), field="travel_buffer")
    try:
        mediator.clean_fields(exclude=["user", "calendar_token_sha256"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise DomainError(problems[0], field=field if field in FIELDS else None) from None


def link_account(*, mediator: Mediator, user: User, by: Any, at: datetime) -> Mediator:
    """Give the entry its account: a person who holds the role of mediator in the provider body.

    From then on the person answers proposals, records sessions and keeps the availability. Raises `NotPermitted`;
    `DomainError` when the person has not the role, or the entry or the person is linked already.
    """
    with acting(by):
        locked = lock(mediator)
        if by is not None:
            check_can_manage_mediator(by, locked)
        if locked.user_id == user.pk:
            return mediator
        if locked.user_id is not None:
            raise DomainError(_("This entry has an account already: unlink it first."), field="user")
        if not mediates_for(user, locked.organisation_id):
            raise DomainError(
                _("This person is not a mediator of the provider body: invite them with that role first."), field="user"
            )
        if Mediator.objects.filter(user=user.pk).exists():
            raise DomainError(_("This person has another entry in the register already."), field="user")
        changed(locked, user=user)
        record_event(by=by, verb="mediator_account_linked", target=locked, data={"user": user.pk}, at=at)
    mediator.refresh_from_db()
    return mediator


def unlink_account(*, mediator: Mediator, by: Any, at: datetime) -> Mediator:
    """Take the account away from the entry; its private calendar address stops working. Does nothing without one."""
    with acting(by):
        locked = lock(mediator)
        if by is not None:
            check_can_manage_mediator(by, locked)
        if locked.user_id is not None:
            changed(locked, user=None, calendar_token_sha256="")
            record_event(by=by, verb="mediator_account_unlinked", target=locked, data={"user": locked.user_id}, at=at)
    mediator.refresh_from_db()
    return mediator


def deactivate(*, mediator: Mediator, reason: str, by: Any, at: datetime) -> Mediator:
    """Take the mediator out of the assignments, with the reason; sessions already planned stay.

    Does nothing when it is so already. Raises `NotPermitted`, `DomainError` without a reason.
    """
    if not reason.strip():
        raise DomainError(_("Write why: whoever reads it later must understand it."), field="reason")
    return _set_active(mediator, is_active=False, verb="mediator_deactivated", reason=reason.strip(), by=by, at=at)


def reactivate(*, mediator: Mediator, by: Any, at: datetime) -> Mediator:
    """Put the mediator back among those who can be given assignments. Raises `NotPermitted`."""
    return _set_active(mediator, is_active=True, verb="mediator_reactivated", reason="", by=by, at=at)


def _set_active(mediator: Mediator, *, is_active: bool, verb: str, reason: str, by: Any, at: datetime) -> Mediator:
    with acting(by):
        locked = lock(mediator)
        if by is not None:
            check_can_manage_mediator(by, locked)
        if locked.is_active != is_active:
            changed(locked, is_active=is_active)
            record_event(by=by, verb=verb, target=locked, reason=reason, at=at)
    mediator.refresh_from_db()
    return mediator


def sign_confidentiality(*, mediator: Mediator, by: Any, at: datetime) -> Mediator:
    """Let the mediator sign the confidentiality agreement in the portal; a date that is there stays.

    Raises `NotPermitted` for others.
    """
    with acting(by):
        locked = lock(mediator)
        check_is_oneself(by, locked)
        if locked.confidentiality_signed_on is None:
            changed(locked, confidentiality_signed_on=timezone.localdate(at))
            record_event(by=by, verb="mediator_confidentiality_signed", target=locked, at=at)
    mediator.refresh_from_db()
    return mediator
