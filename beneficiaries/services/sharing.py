# SPDX-License-Identifier: EUPL-1.2
"""Names on a register: who may read them there, by what act, and the one door through which they are shown.

The body that keeps a register reads the names that it wrote itself, and those that another body lets it read by a
sharing act: on the screen given name and initial, in full on paper alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import ActivityState
from actions.models import Activity
from actions.permissions import can_keep_register
from actions.selectors.notices import versions_for
from actions.services.activities import lock_activity
from beneficiaries.enums import ReadKind, SharingPurpose, SharingState
from beneficiaries.models import SHARED_AFTER, Beneficiary, Enrolment, Identity, SharingAct
from beneficiaries.permissions import bodies_opening, check_can_share, keepers_of
from beneficiaries.selectors.sharing import acts_on
from beneficiaries.services.identities import OpenedIdentity, read_sealed
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Organisation
from partners.permissions import organisations_with


@dataclass(frozen=True, repr=False)
class SharedNames:
    """The names that a person reads on one page of a register, by id of the recipient. Its `repr` says nothing.

    `acts` are the acts on the activity that nobody revoked, in force or not; `broken` the recipients whose name does
    not open.
    """

    names: Mapping[int, OpenedIdentity]
    acts: list[SharingAct] = field(default_factory=list)
    broken: frozenset[int] = frozenset()


def shared_names(
    *,
    activity: Activity,
    recipients: Iterable[Beneficiary],
    by: Any,
    page: str,
    at: datetime,
    own: Iterable[int] = (),
    kind: str = ReadKind.SHARED,
) -> SharedNames:
    """Open the names that the person may read on the register of an activity, and write down who read them.

    One entry for each body whose recipients are read, with all of them: also those that the page calls by the own code
    of one of the bodies `own`. A name is read where the person keeps the register and the own body wrote the name, or
    the body that wrote it shares it with the own one today. Nobody reads the names of recipients whose processing is
    restricted. Tax codes are not opened. Two queries, and two more for each body whose recipients are read.
    """
    people = {person.pk: person for person in recipients}
    mine = set(own)
    # Where one body alone keeps the register of its own recipients there is nothing to share.
    foreign = keepers_of(activity) - mine or any(person.registered_by_id not in mine for person in people.values())
    acts = acts_on(activity) if foreign else []
    named = list(_readable(activity, people, acts, by, timezone.localdate(at)))
    purpose = _("To print the register of the activity") if kind == ReadKind.PRINT else _("To keep the register")
    broken: set[int] = set()
    opened = read_sealed(
        identities=named,
        by=by,
        purpose=purpose,
        page=page,
        at=at,
        kind=kind,
        activity=activity,
        beside=[person for person in people.values() if person.registered_by_id in mine],
        codes=False,
        broken=broken,
    )
    return SharedNames(opened, acts, frozenset(broken))


def _readable(
    activity: Activity, people: Mapping[int, Beneficiary], acts: Iterable[SharingAct], by: Any, day: date
) -> Iterable[Identity]:
    """Return one identity for each recipient whose name the person may read there, that of the own body first."""
    if not people or not can_keep_register(by, activity):
        return []
    keeping = {body.pk for body in organisations_with(by, Permission.KEEP_REGISTERS)} & keepers_of(activity)
    own = {body.pk for body in bodies_opening(by)} & keeping
    sharing = {
        act.organisation_id for act in acts if act.keeper_id in keeping and act.state_on(day) == SharingState.IN_FORCE
    }
    found = Identity.objects.filter(
        beneficiary__in=people,
        organisation__in=own | sharing,
        destroyed_at__isnull=True,
        beneficiary__restricted_at__isnull=True,
    ).order_by("pk")
    chosen: dict[int, Identity] = {}
    for identity in found:
        if identity.beneficiary_id not in chosen or identity.organisation_id in own:
            chosen[identity.beneficiary_id] = identity
    return chosen.values()


# --- the act ----------------------------------------------------------------------------------------------------------


def record_sharing(
    *,
    activity: Activity,
    organisation: Organisation,
    keeper: Organisation,
    notice_version: str,
    notice_given_on: date,
    purpose: str,
    starts_on: date,
    by: Any,
    at: datetime,
    details: str = "",
) -> SharingAct:
    """Let a body that keeps the register of an activity read the names of another's recipients enrolled there.

    `purpose` is one of `SharingPurpose`, with `details` (at most 200 characters, without names) for “something else”.
    Recording the same again returns the act that is there. Raises `NotPermitted`; `DomainError` at the field for a body
    that does not keep the register, a notice that was never published or is given later, an activity that is over, other terms than
    those of an act that nobody revoked.
    """
    terms = {
        "notice_version": notice_version.strip(),
        "notice_given_on": notice_given_on,
        "purpose": purpose,
        "details": " ".join(details.split()),
        "starts_on": starts_on,
    }
    with acting(by):
        if by is not None:
            check_can_share(by, organisation)
        locked = lock_activity(activity.pk)
        kept = SharingAct.objects.filter(
            activity=locked, organisation=organisation, keeper=keeper, revoked_at__isnull=True
        ).first()
        if kept is not None:
            if any(getattr(kept, name) != value for name, value in terms.items()):
                raise DomainError(
                    _("Your body shares these names already: revoke that sharing first, to record other terms.")
                )
            return kept
        _check_terms(locked, organisation, keeper, terms, timezone.localdate(at))
        act = SharingAct.objects.create(
            activity=locked, organisation=organisation, keeper=keeper, recorded_at=at, recorded_by=by, **terms
        )
        record_event(by=by, verb="names_shared", target=act, on_behalf_of=organisation, at=at)
    return act


def _check_terms(
    activity: Activity, organisation: Organisation, keeper: Organisation, terms: Mapping[str, Any], today: date
) -> None:
    if keeper.pk not in keepers_of(activity) or keeper.pk == organisation.pk:
        raise DomainError(_("Names are shared only with another body that keeps this register."), field="keeper")
    if not Enrolment.objects.filter(activity=activity, beneficiary__registered_by=organisation).exists():
        raise DomainError(_("None of your recipients is enrolled in this activity yet: enrol them first."))
    if activity.state == ActivityState.CANCELLED or today > activity.ends_on + SHARED_AFTER:
        raise DomainError(_("This activity is over: its names cannot be shared any more."))
    _check_notice(activity, organisation, terms["notice_version"], terms["notice_given_on"])
    if terms["notice_given_on"] > min(terms["starts_on"], today):
        raise DomainError(
            _("The families receive the notice before their names are shared: check the two days."),
            field="notice_given_on",
        )
    if terms["starts_on"] > activity.ends_on + SHARED_AFTER:
        raise DomainError(_("On that day the activity is over: choose a day before."), field="starts_on")
    if terms["purpose"] not in SharingPurpose.values:
        raise DomainError(_("Choose the purpose."), field="purpose")
    if terms["purpose"] == SharingPurpose.OTHER and not terms["details"]:
        raise DomainError(_("Write what for: whoever reads it later must understand it."), field="details")


def _check_notice(activity: Activity, organisation: Organisation, code: str, given_on: date) -> None:
    """Refuse a version that was never published for the activity; what enrolments of old say is evidence too."""
    if not code:
        raise DomainError(_("Write which version of the privacy notice the families received."), field="notice_version")
    published = [one.notice for one in versions_for(activity) if one.notice.code == code]
    if any(notice.valid_from <= given_on for notice in published):
        return
    if published:
        raise DomainError(
            _("On that day this version of the privacy notice was not in force yet: check the day."),
            field="notice_given_on",
        )
    # Enrolled before the versions were published in the portal.
    if not Enrolment.objects.filter(
        activity=activity, beneficiary__registered_by=organisation, notice__isnull=True, notice_version=code
    ).exists():
        raise DomainError(
            _("No privacy notice of this programme has this version: choose one of those that were published."),
            field="notice_version",
        )


def revoke_sharing(*, act: SharingAct, version: int, reason: str, by: Any, at: datetime) -> SharingAct:
    """End a sharing act at once: the next page of the register shows codes again.

    `reason` without names, at most 300 characters. Revoking twice changes nothing. Raises `NotPermitted`, `StaleError`,
    `DomainError` without a reason.
    """
    if not reason.strip():
        raise DomainError(_("Write the reason, without names."), field="reason")
    with acting(by):
        locked = SharingAct.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=act.pk)
        if by is not None:
            check_can_share(by, locked.organisation)
        if locked.revoked_at is not None:
            return locked
        if locked.version != version:
            raise StaleError
        locked.revoked_at, locked.revoked_by, locked.revocation_reason = at, by, reason.strip()[:300]
        locked.version = F("version") + 1
        locked.save(update_fields=["revoked_at", "revoked_by", "revocation_reason", "version"])
        locked.refresh_from_db(fields=["version"])
        record_event(by=by, verb="sharing_revoked", target=locked, on_behalf_of=locked.organisation, at=at)
    return locked
