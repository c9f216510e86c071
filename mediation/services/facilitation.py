# SPDX-License-Identifier: EUPL-1.2
"""Language facilitation: a weekly series asked, approved and reserved once, each of its sessions signed by the school."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from mediation.enums import SignatureMethod, SignerRole
from mediation.models import MediationRequest, MediationSession, Signature
from mediation.permissions import check_can_file
from mediation.selectors.elapsed import minutes_between
from mediation.selectors.facilitation import MOST_MEETINGS, is_series, series_days, session_fingerprint, to_sign
from mediation.services.planning import MediatorBusyError, plan_session
from mediation.services.requests.drafts import save_draft, start_draft
from partners.models import Network, Organisation

KIND = MediationRequestKind.FACILITATION


def start_series(
    *,
    programme: Programme,
    network: Network,
    organisation: Organisation,
    values: Mapping[str, Any],
    language: Any,
    day: date,
    starts_at: time,
    ends_at: time,
    until: date,
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> MediationRequest:
    """Begin the request of a weekly series as a complete draft: `check` and `submit` are those of every request.

    `values` holds fields of a draft (contacts, reason, place, the case). The minutes asked are the length of a meeting
    times the meetings, public holidays left out. Raises `DomainError` at the field, and as `start_draft`.
    """
    if ends_at <= starts_at:
        raise DomainError(_("The end comes before the start."), field="ends_at")
    days = series_days(day, until)
    if len(days) < 2:
        raise DomainError(_("A weekly series lasts at least two weeks: write a later day."), field="until")
    if len(days) > MOST_MEETINGS:
        raise DomainError(
            _("A series has at most %(number)s meetings: choose a nearer last day.") % {"number": MOST_MEETINGS},
            field="until",
        )
    length = (ends_at.hour - starts_at.hour) * 60 + ends_at.minute - starts_at.minute
    with acting(by):
        request = start_draft(
            kind=KIND, programme=programme, network=network, organisation=organisation, by=by, at=at, key=key
        )
        if request.series_until is not None:  # the other half of a double click
            return request
        save_draft(
            request=request,
            values={
                **values,
                "series_until": until,
                "sessions_asked": len(days),
                "minutes_asked": length * len(days),
            },
            version=request.version,
            step=4,
            by=by,
            languages=[(language, "")],
            slots=[(days[0], starts_at, ends_at)],
        )
    return request


def plan_following(*, request: MediationRequest, first: MediationSession) -> list[MediationSession]:
    """Plan the other sessions of a series after its first: same weekday and hour on the wall, public holidays left out.

    Inside the transaction of the acceptance, with the request locked; all or none. Nothing for other requests. Raises
    `MediatorBusyError` with the day on which the mediator is elsewhere.
    """
    if not is_series(request) or request.series_until is None:
        return []
    begin, end = timezone.localtime(first.planned_from), timezone.localtime(first.planned_until)
    days = [day for day in series_days(begin.date(), request.series_until) if day > begin.date()]
    planned = []
    for day in days[: request.sessions_asked - 1]:
        start = timezone.make_aware(datetime.combine(day, begin.time()))
        # The end on the wall too: a lesson lasts as long in every season.
        stop = timezone.make_aware(datetime.combine(day, end.time())) if end.date() == begin.date() else None
        try:
            planned.append(
                plan_session(
                    request=request,
                    mediator=first.mediator,
                    starts_at=start,
                    ends_at=stop or start + timedelta(minutes=minutes_between(first.planned_from, first.planned_until)),
                    proposal=first.proposal,
                )
            )
        except MediatorBusyError as error:
            raise DomainError(
                _("The series cannot be accepted whole: on %(day)s there is another appointment. %(reason)s")
                % {"day": f"{day:%d/%m/%Y}", "reason": str(error)}
            ) from error
    return planned


def sign_sessions(
    *, request: MediationRequest, sessions: Iterable[MediationSession], by: Any, at: datetime
) -> list[Signature]:
    """Sign, for the school, sessions of a series that were held; those signed already as they are stay as they are.

    Raises `DomainError` for a session that is not of the series or was not held, `NotPermitted` for whoever does not
    file for the body.
    """
    check_can_file(by, request.organisation_id)
    with acting(by):
        waiting = {row.pk: row for row in to_sign(request)}
        chosen = [row.pk for row in sessions]
        rows = list(
            MediationSession.objects.select_for_update(of=("self",))
            .filter(pk__in=chosen, request=request.pk, actual_from__isnull=False)
            .order_by("pk")
        )
        if len(rows) != len(set(chosen)):
            raise DomainError(_("Only sessions of this series that were held can be signed."))
        signed = []
        for row in rows:
            if row.pk not in waiting:
                continue
            signed.append(
                Signature.objects.create(
                    session=row,
                    attempt=row.signatures.filter(role=SignerRole.REQUESTER).count() + 1,
                    role=SignerRole.REQUESTER,
                    method=SignatureMethod.ACCOUNT,
                    signer=by,
                    signer_name=by.get_full_name()[:150],
                    signed_at=at,
                    content_sha256=session_fingerprint(row),
                )
            )
        if signed:
            record_event(
                by=by,
                verb="sessions_signed",
                target=request,
                at=at,
                data={"sessions": [row.session_id for row in signed]},
            )
    return signed


def check_signed(request: MediationRequest) -> None:
    """Raise `DomainError` while the school has not signed all held sessions of a series; nothing for other requests."""
    if not is_series(request):
        return
    number = len(to_sign(request))
    if number:
        raise DomainError(
            ngettext(
                "One session of the series is not signed yet: sign it before the report.",
                "%(number)s sessions of the series are not signed yet: sign them before the report.",
                number,
            )
            % {"number": number}
        )
