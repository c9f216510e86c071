# SPDX-License-Identifier: EUPL-1.2
"""Writing a report as a draft: incomplete as often as the mediator wants, never over somebody else's words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.services import acting, record_event
from mediation.enums import INTERVENTIONS, FollowUp, RequestState
from mediation.models import InterventionReport, MediationRequest
from mediation.selectors.free_text import refusals
from mediation.selectors.reports import FREE_TEXT, SERVICE_FIELDS, WRITABLE, is_service, prefilled
from mediation.selectors.settings import RequestSettings
from mediation.services.requests.common import lock_request
from mediation.services.sessions.common import check_may_record, settings_for

# The version that a page carries while nobody has saved the report.
NOT_BEGUN = 1
WRITING_STATES = (RequestState.HELD, RequestState.REOPENED)


def save_report(
    *,
    request: MediationRequest,
    values: Mapping[str, Any],
    version: int,
    by: Any,
    at: datetime,
    on_behalf_of: str = "",
) -> InterventionReport:
    """Save some or all of the boxes of a report; a draft may be incomplete.

    The first saving begins from what the request says (`version` `NOT_BEGUN`). For the mediator, or a coordinator who names the
    mediator. Raises `StaleError` when it was saved meanwhile, `TransitionNotAllowed` before the sessions are recorded and
    after the filing, `DomainError` at the field, `NotPermitted`.
    """
    with acting(by):
        locked = lock_request(request)
        check_may_record(by, locked, on_behalf_of)
        report = write(locked, values, version)
        record_event(by=by, verb="report_saved", target=locked, on_behalf_of=on_behalf_of.strip(), at=at)
    return report


def write(request: MediationRequest, values: Mapping[str, Any], version: int) -> InterventionReport:
    """Write the values into the report of a locked request, inside the caller's transaction."""
    check_is_time(request)
    report = InterventionReport.objects.select_for_update(of=("self",)).filter(request=request.pk).first()
    if (report.version if report is not None else NOT_BEGUN) != version:
        raise StaleError
    cleaned = _clean(request, values, settings_for(request))
    if report is None:
        return InterventionReport.objects.create(
            request=request, version=NOT_BEGUN + 1, **(prefilled(request) | cleaned)
        )
    InterventionReport.objects.filter(pk=report.pk).update(**cleaned, version=report.version + 1)
    report.refresh_from_db()
    return report


def check_is_time(request: MediationRequest) -> None:
    """Raise `TransitionNotAllowed` while the report cannot be written: too early, or signed already."""
    if request.state in WRITING_STATES:
        return
    if request.state in (RequestState.CONFIRMED, RequestState.RESCHEDULED):
        raise TransitionNotAllowed(_("The report is written when the sessions are over: record them first."))
    raise TransitionNotAllowed(
        _("This is now “%(state)s”: the report can no longer be changed. Reload the page to see what can be done.")
        % {"state": request.get_state_display()}
    )


def _clean(request: MediationRequest, values: Mapping[str, Any], settings: RequestSettings) -> dict[str, Any]:
    unknown = set(values) - set(WRITABLE)
    if unknown:
        raise ValueError(f"not boxes of the report: {sorted(unknown)}")
    cleaned = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if not is_service(request):
        cleaned = {name: value for name, value in cleaned.items() if name not in SERVICE_FIELDS}
    for name, value in cleaned.items():
        _check_box(name, value)
    offered = {str(code) for code in INTERVENTIONS.get(request.kind, ())}  # type: ignore[call-overload]
    _check_choices(cleaned.get("interventions"), offered | set(request.interventions), "interventions")
    _check_choices(cleaned.get("need_codes"), {code for code, _title in settings.needs}, "need_codes")
    return cleaned


def _check_box(name: str, value: Any) -> None:
    if name in FREE_TEXT:
        for sentence in refusals(value):
            raise DomainError(sentence, field=name)
    longest = getattr(InterventionReport._meta.get_field(name), "max_length", None) if isinstance(value, str) else None
    if longest is not None and len(value) > longest:
        raise DomainError(_("At most %(longest)s characters.") % {"longest": longest}, field=name)
    if name == "communication" and value is not None and value not in range(1, 6):
        raise DomainError(_("Choose a value from 1 to 5."), field=name)
    if name == "follow_up" and value not in FollowUp.values:
        raise DomainError(_("Choose one of the answers."), field=name)


def _check_choices(chosen: Any, offered: set[str], field: str) -> None:
    if chosen is not None and set(chosen) - offered:
        raise DomainError(_("One of the choices is no longer offered: choose again."), field=field)
