# SPDX-License-Identifier: EUPL-1.2
"""The head lets the requests of the body pass without a turn of their own: between two days, up to some minutes.

Whoever has an account gives it in the portal; the coordinator enters what was signed on paper, with the sheet. What
does not fit in what is left goes to the head as usual: nothing is refused for that. What a request took goes back when
it ends without having been held; takings and returns are rows that are only added.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from fami_portal.core.documents import store_document
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.services import acting, record_event
from mediation.enums import DelegationAct
from mediation.models import DelegationUse, HeadDelegation, MediationRequest, MediationSession
from mediation.permissions import belongs_to
from mediation.selectors.access import coordinates_body
from mediation.selectors.link_pages import DELEGATION_SHEET
from mediation.selectors.settings import settings_of
from partners.models import Organisation

LONGEST = timedelta(days=366)
MOST_MINUTES = 60_000


def give(
    *, organisation: Organisation, starts_on: date, ends_on: date, maximum_minutes: int, by: Any, at: datetime
) -> HeadDelegation:
    """Give a delegation with the head's own account: first and last day, most minutes of the requests that pass.

    Raises `NotPermitted` for others than the head of the body; `DomainError` at the field for days and minutes that
    make no sense.
    """
    if not belongs_to(by, organisation.pk, Permission.AUTHORISE_MEDIATION_REQUESTS):
        raise NotPermitted(_("Only the head of this school or service gives a delegation."))
    _check(starts_on, ends_on, maximum_minutes, timezone.localdate(at))
    with acting(by):
        delegation = HeadDelegation.objects.create(
            organisation=organisation,
            given_by=by,
            given_by_name=by.get_full_name(),
            given_at=at,
            starts_on=starts_on,
            ends_on=ends_on,
            maximum_minutes=maximum_minutes,
        )
        _record(delegation, "delegation_given", by=by, at=at)
    return delegation


def record_paper(
    *,
    organisation: Organisation,
    given_by_name: str,
    starts_on: date,
    ends_on: date,
    maximum_minutes: int,
    name: str,
    content: Any,
    by: Any,
    at: datetime,
) -> HeadDelegation:
    """Enter a delegation that the head signed on paper, with the sheet (`name` and `content` of the file).

    Raises `NotPermitted` for others than a coordinator of the body; `DocumentRefused`; `DomainError` at the field.
    """
    if not coordinates_body(by, organisation.pk):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    given_by_name = " ".join(given_by_name.split())
    if not given_by_name:
        raise DomainError(_("Write who signed the delegation."), field="given_by_name")
    _check(starts_on, ends_on, maximum_minutes, timezone.localdate(at))
    with acting(by):
        document = store_document(kind=DELEGATION_SHEET, name=name, content=content, by=by, subject_id=organisation.pk)
        delegation = HeadDelegation.objects.create(
            organisation=organisation,
            given_by_name=given_by_name,
            given_at=at,
            starts_on=starts_on,
            ends_on=ends_on,
            maximum_minutes=maximum_minutes,
            document=document,
            recorded_by=by,
        )
        _record(delegation, "delegation_recorded", by=by, at=at, on_behalf_of=organisation.name)
    return delegation


def _check(starts_on: date, ends_on: date, maximum_minutes: int, today: date) -> None:
    if ends_on < starts_on:
        raise DomainError(_("The end comes before the start."), field="ends_on")
    if ends_on < today:
        raise DomainError(_("The last day has passed already."), field="ends_on")
    if ends_on - starts_on > LONGEST:
        raise DomainError(_("A delegation lasts at most one year: give another one when it ends."), field="ends_on")
    if not 0 < maximum_minutes <= MOST_MINUTES:
        raise DomainError(_("Write how many hours may pass, at least one."), field="maximum_minutes")


def _record(delegation: HeadDelegation, verb: str, *, by: Any, at: datetime, on_behalf_of: str = "") -> None:
    record_event(
        by=by,
        verb=verb,
        target=delegation,
        at=at,
        on_behalf_of=on_behalf_of,
        data={"organisation": delegation.organisation_id, "minutes": delegation.maximum_minutes},
    )


def can_revoke(user: Any, delegation: HeadDelegation) -> bool:
    """Whether the person may end the delegation: the head, and the coordinators who may have entered it."""
    return belongs_to(user, delegation.organisation_id, Permission.AUTHORISE_MEDIATION_REQUESTS) or coordinates_body(
        user, delegation.organisation_id
    )


def revoke(*, delegation: HeadDelegation, by: Any, at: datetime) -> None:
    """End a delegation at once; what passed under it stays authorised. Raises `NotPermitted`, `DomainError`."""
    if not can_revoke(by, delegation):
        raise NotPermitted(_("Only the head and the coordinator can end this delegation."))
    with acting(by):
        locked = _locked(HeadDelegation.objects.filter(pk=delegation.pk)).get()
        if locked.revoked_at is not None:
            raise DomainError(_("This delegation was ended already."))
        HeadDelegation.objects.filter(pk=locked.pk).update(revoked_at=at)
        _record(locked, "delegation_revoked", by=by, at=at)
    delegation.refresh_from_db()


def _locked(delegations: "QuerySet[HeadDelegation]") -> "QuerySet[HeadDelegation]":
    """Take the rows: two requests for the last hour follow one another, and the second reads what the first took."""
    return delegations.select_for_update(of=("self",))


def use_delegation(*, request: MediationRequest, by: Any, at: datetime) -> HeadDelegation | None:
    """Let a request pass under a delegation of the head, and return it; None when it waits for the head.

    Called by the submission, in its transaction. The delegation that ends first and has room for all the minutes asked
    is taken, once per request: a request that was sent back and comes again with more minutes takes the difference.
    """
    rules = settings_of(request.programme_id, request.kind)
    if rules is None or not rules.head_by_delegation:
        return None
    day = timezone.localdate(at)
    with acting(by):
        valid = HeadDelegation.objects.filter(
            organisation=request.organisation_id, starts_on__lte=day, ends_on__gte=day, revoked_at=None
        )
        before = _movements(request).first()
        if before is not None:
            valid = valid.filter(pk=before.delegation_id)
        for delegation in _locked(valid.order_by("ends_on", "pk")):
            more = request.minutes_asked - _taken(request)
            if delegation.used_minutes + more > delegation.maximum_minutes:
                continue
            if rules.delegation_maximum_minutes and (
                _passed(delegation, request.programme_id) + more > rules.delegation_maximum_minutes
            ):
                continue
            act = DelegationAct.PASSED if before is None else DelegationAct.CHANGED
            _move(delegation, request, act, more, at)
            record_event(
                by=by,
                verb="delegation_used",
                target=delegation,
                at=at,
                data={"request": request.pk, "minutes": request.minutes_asked},
            )
            return delegation
    return None


def _passed(delegation: HeadDelegation, programme_id: int) -> int:
    uses = DelegationUse.objects.filter(delegation=delegation.pk, request__programme=programme_id)
    return uses.aggregate(minutes=Sum("minutes"))["minutes"] or 0


def _movements(request: MediationRequest) -> "QuerySet[DelegationUse]":
    return DelegationUse.objects.filter(request=request.pk).order_by("pk")


def _taken(request: MediationRequest) -> int:
    """Return the minutes that a request holds of its delegation: what it took, less what went back."""
    return _movements(request).aggregate(minutes=Sum("minutes"))["minutes"] or 0


def _move(delegation: HeadDelegation, request: MediationRequest, act: str, minutes: int, at: datetime) -> None:
    if minutes or act == DelegationAct.PASSED:
        DelegationUse.objects.create(delegation=delegation, request=request, act=act, minutes=minutes, at=at)
        HeadDelegation.objects.filter(pk=delegation.pk).update(used_minutes=F("used_minutes") + minutes)
    delegation.refresh_from_db()


def give_back(*, request: MediationRequest, by: Any, at: datetime) -> int:
    """Give the delegation back what a request took that ends without having been held; returns the minutes.

    Called by the acts that end a request, in their transaction, after what is charged is known: what a late cancellation
    or an absence cost stays used. Doing it twice gives back once; without a delegation nothing happens.
    """
    with acting(by):
        first = _movements(request).first()
        if first is None:
            return 0
        delegation = _locked(HeadDelegation.objects.filter(pk=first.delegation_id))[0]
        if _movements(request).filter(act=DelegationAct.RETURNED).exists():
            return 0
        sessions = MediationSession.objects.filter(request=request.pk)
        charged = sessions.aggregate(minutes=Sum("charged_minutes"))["minutes"] or 0
        minutes = _taken(request) - charged
        if minutes <= 0:
            return 0
        _move(delegation, request, DelegationAct.RETURNED, -minutes, at)
        record_event(
            by=by,
            verb="delegation_returned",
            target=delegation,
            at=at,
            data={"request": request.pk, "minutes": minutes},
        )
    return minutes
