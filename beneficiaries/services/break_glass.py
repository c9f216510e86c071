# SPDX-License-Identifier: EUPL-1.2
"""The exceptional opening: the Region reads one name of another body, says why, and the officer examines it (design 6)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from beneficiaries.enums import BreakGlassReason, ReadKind
from beneficiaries.models import Beneficiary, BreakGlass, Identity
from beneficiaries.permissions import check_can_break_glass, check_can_examine
from beneficiaries.services.identities import OpenedIdentity, read_sealed
from beneficiaries.services.reading_alerts import officers_of
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.outbox import Draft, queue_messages
from fami_portal.core.services import acting, record_event

PAGE = "beneficiaries:break-glass-open"
KIND = "beneficiaries.break_glass"
FEWEST_WORDS = 4
LONGEST_DETAILS = 200
# The answer of one opening may get lost on its way: asked again with the same form within this time it is the same one.
VALID_FOR = timedelta(minutes=15)


def name_to_open(beneficiary: Beneficiary) -> Identity | None:
    """Return the identity that an exceptional opening would show, that of the registering body first. Opens nothing."""
    found = list(
        Identity.objects.filter(
            beneficiary=beneficiary, destroyed_at__isnull=True, beneficiary__restricted_at__isnull=True
        )
        .select_related("organisation")
        .order_by("pk")
    )
    return min(found, key=lambda one: (one.organisation_id != beneficiary.registered_by_id, one.pk), default=None)


def open_exceptionally(
    *, beneficiary: Beneficiary, reason: str, details: str, key: UUID | None, by: Any, at: datetime
) -> OpenedIdentity:
    """Open one name of one recipient, write it in the chain of the body with the reason, and tell the officers.

    `reason` is one of `BreakGlassReason`, `details` at least four words and at most 200 characters, without names;
    `key` that of the form: the same one within fifteen minutes is the same opening, later it is refused. Raises
    `NotPermitted`, `VaultError`, `DomainError` at the field.
    """
    check_can_break_glass(by, beneficiary)
    details = " ".join(details.split())
    if reason not in BreakGlassReason.values:
        raise DomainError(_("Choose the reason."), field="reason")
    if len([word for word in details.split() if any(letter.isalnum() for letter in word)]) < FEWEST_WORDS:
        raise DomainError(
            _("Write in at least four words why: the data protection officer must understand it."), field="details"
        )
    if len(details) > LONGEST_DETAILS:
        raise DomainError(_("Say it in fewer words: at most 200 characters."), field="details")
    if key is None:
        raise _again()
    with acting(by):
        identity = name_to_open(beneficiary)
        if identity is None:
            raise DomainError(_("Nobody wrote the name of this recipient, or it was destroyed: there is none to open."))
        # The entry takes the chain of the body first: two halves of a double click come one after the other.
        opened = read_sealed(
            identities=[identity],
            by=by,
            purpose=f"{BreakGlassReason(reason).label}: {details}",
            page=PAGE,
            at=at,
            kind=ReadKind.BREAK_GLASS,
        )[beneficiary.pk]
        kept = BreakGlass.objects.filter(key=key).first()
        if kept is not None:
            if (kept.beneficiary_id, kept.opened_by_id) != (beneficiary.pk, by.pk) or at > kept.at + VALID_FOR:
                raise _again()
            return opened
        act = BreakGlass.objects.create(
            key=key,
            beneficiary=beneficiary,
            organisation=identity.organisation,
            reading=opened.reading,
            reason=reason,
            details=details,
            at=at,
            opened_by=by,
        )
        record_event(by=by, verb="opened_exceptionally", target=act, at=at)
        _tell_officers(act)
    return opened


def _again() -> DomainError:
    return DomainError(_("This opening is over. To open the name again, open this page anew and say why."))


def _tell_officers(act: BreakGlass) -> None:
    queue_messages(
        Draft(
            key=f"{KIND}:{act.pk}:{membership.user_id}",
            kind=KIND,
            recipient=membership.user,
            subject=_("A name was opened exceptionally"),
            body=_(
                "The Region has opened the name of a recipient of another body. Look at who and why, ask if the reason "
                "does not convince you, then mark the opening as examined."
            ),
            url=reverse("beneficiaries:break-glass", args=[act.uuid]),
        )
        for membership in officers_of({act.beneficiary.programme_id})
    )


def examine(*, act: BreakGlass, version: int, note: str, by: Any, at: datetime) -> BreakGlass:
    """Mark an exceptional opening as examined, with a note (at most 500 characters, without names).

    Raises `NotPermitted`, `StaleError` when somebody else examined it meanwhile, `DomainError` without a note.
    """
    note = note.strip()
    if not note:
        raise DomainError(_("Write what you found, without names."), field="note")
    if len(note) > 500:
        raise DomainError(_("Say it in fewer words: at most 500 characters."), field="note")
    with acting(by):
        locked = BreakGlass.objects.select_for_update(of=("self",)).select_related("beneficiary").get(pk=act.pk)
        check_can_examine(by, locked.beneficiary.programme_id)
        if locked.version != version:
            raise StaleError
        locked.examined_at, locked.examined_by, locked.note = at, by, note
        locked.version = F("version") + 1
        locked.save(update_fields=["examined_at", "examined_by", "note", "version"])
        locked.refresh_from_db(fields=["version"])
        record_event(by=by, verb="opening_examined", target=locked, at=at)
    return locked
