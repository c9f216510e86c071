# SPDX-License-Identifier: EUPL-1.2
"""The coordinator's board: what waits, for how long, and what nobody could meet."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from mediation.enums import RequestState, Urgency
from mediation.filters.board import ALL, BoardFilter
from mediation.models import MediationRequest
from mediation.selectors import board as selectors
from mediation.workflow import REQUEST
from partners.permissions import check_holds

PAGE_SIZE = 30
_URGENCY_COLOURS = {Urgency.URGENT: "danger", Urgency.NEW_ARRIVAL: "warning", Urgency.ORDINARY: "secondary"}
_LEVELS = {"in_time": "success", "soon": "warning", "late": "danger"}


@require_safe
def board(http: HttpRequest) -> HttpResponse:
    """The requests that the person coordinates, by state and urgency, with their waiting against the target."""
    check_holds(http.user, Permission.COORDINATE_MEDIATION)
    now = clock.now()
    own = selectors.board_requests(http.user)
    found = BoardFilter(http.GET, queryset=own, user=http.user)
    counts = selectors.counts(found.qs)
    listed = selectors.ranked(found.in_group(), oldest_first=found.oldest_first)
    paginator = Paginator(selectors.with_what_is_shown(listed), PAGE_SIZE)
    # The groups have been counted already: the pager need not count again.
    paginator.count = _listed(found, counts)  # type: ignore[misc]
    page = paginator.get_page(http.GET.get("page"))
    rows = list(page)
    settings = selectors.settings_by_kind(row.programme_id for row in rows)
    return render(
        http,
        "mediation/board.html",
        {
            "filter_form": found.form,
            "groups": _groups(http, found, counts),
            "page": page,
            "columns": _columns(),
            "rows": [_row(row, settings, now) for row in rows],
            "group": selectors.BY_CODE.get(found.group_code),
            "unmet": [
                Link(f"{name}: {number}", f"?{urlencode({'group': ALL, 'only': 'unmet'})}")
                for name, number in selectors.unmet_by_language(own)
            ],
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(_("Mediation requests"), reverse("mediation:request-list")),
                Link(_("Board"), ""),
            ],
        },
    )


def _listed(found: BoardFilter, counts: dict[str, int]) -> int:
    code = found.group_code
    if code == ALL:
        return sum(counts.values())
    return counts[code] if code in counts else sum(counts[name] for name in ("new", "searching", "validate"))


def _groups(http: HttpRequest, found: BoardFilter, counts: dict[str, int]) -> list[dict[str, Any]]:
    kept = {key: value for key, value in http.GET.items() if value and key not in ("group", "page")}

    def tab(code: str, label: Any, number: int) -> dict[str, Any]:
        query = urlencode({**kept, **({"group": code} if code else {})})
        return {"label": label, "number": number, "url": f"?{query}", "current": code == found.group_code}

    turn = sum(counts[name] for name in ("new", "searching", "validate"))
    return [
        tab("", _("My turn"), turn),
        *(tab(group.code, group.label, counts[group.code]) for group in selectors.GROUPS),
    ]


def _columns() -> list[Column]:
    return [
        Column(_("Request")),
        Column(_("School or service")),
        Column(_("Language")),
        Column(_("Time asked"), nowrap=True),
        Column(_("Urgency")),
        Column(_("State")),
        Column(_("Waiting for a mediator")),
        Column(_("What to do"), hidden_label=True),
    ]


def _row(request: MediationRequest, settings: Any, now: datetime) -> list[Any]:
    # The words of one choice: `get_…_display` translates all of them, for every row.
    urgency = Urgency(request.urgency)
    languages = [f"{row.language.name} ({row.variety})" if row.variety else row.language.name for row in _all(request)]
    return [
        Lines(Link(request.number, request.get_absolute_url()), MediationRequestKind(request.kind).label),
        Lines(request.organisation.name, request.network.name),
        Lines(languages[0] if languages else "", ", ".join(languages[1:])),
        _asked(request),
        Pill(urgency.label, _URGENCY_COLOURS[urgency]),
        Pill(
            _("No mediator found") if request.unmet else RequestState(request.state).label,
            "danger" if request.unmet else REQUEST.colours[request.state],
        ),
        waiting(selectors.wait_of(request, settings.get((request.programme_id, request.kind)), now=now)),
        next_step(request),
    ]


def _all(request: MediationRequest) -> list[Any]:
    return list(request.languages.all())


def _asked(request: MediationRequest) -> Any:
    slots = list(request.slots.all())
    if not slots:
        return request.last_day
    hours = [f"{slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}" if slot.starts_at else _("hour to agree") for slot in slots]
    more = _("and %(number)s other times") % {"number": len(slots) - 1} if len(slots) > 1 else ""
    return Lines(f"{slots[0].day:%d/%m/%Y} {hours[0]}", more)


def waiting(wait: selectors.Wait | None) -> Any:
    """Say how long a request waits, against its target: words first, the colour repeats them."""
    if wait is None:
        return ""
    words = {"hours": wait.minutes // 60, "target": wait.target // 60}
    match wait.level:
        case "late":
            text = _("%(hours)s h of %(target)s: late") % words
        case "soon":
            text = _("%(hours)s h of %(target)s: hurry") % words
        case _:
            text = _("%(hours)s h of %(target)s: in time") % words
    return Pill(text, _LEVELS[wait.level])


def next_step(request: MediationRequest) -> Any:
    """Return the link to what the coordinator does next with a request, if it is the coordinator's turn."""
    match request.state:
        case RequestState.AUTHORISED:
            return Link(_("Take in charge"), request.get_absolute_url(), hidden=request.number)
        case RequestState.TAKEN_IN_CHARGE | RequestState.ASSIGNING:
            url = reverse("mediation:request-suggestions", args=[request.uuid])
            return Link(_("Find a mediator"), url, hidden=request.number)
        case RequestState.COUNTERSIGNED:
            return Link(_("Validate"), request.get_absolute_url(), hidden=request.number)
    return ""


def local_times(start: datetime, end: datetime) -> str:
    """Write a stretch of time by the clock in Italy."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%d/%m/%Y %H:%M}"
    return f"{first:%d/%m/%Y} {first:%H:%M}–{until}"
