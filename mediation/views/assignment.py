# SPDX-License-Identifier: EUPL-1.2
"""Finding a mediator: suggestions for a time, one proposal or many at once, what was arranged outside."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.enums import Unit
from actions.selectors.rules import amount
from fami_portal.core import clock
from fami_portal.core.components import Pill
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from mediation.enums import Urgency
from mediation.forms.board import AnswerByForm, ArrangedForm, TimeForm
from mediation.models import MediationRequest, Mediator, Proposal
from mediation.selectors.board_page import length_warning
from mediation.selectors.suggestions import Fit, Suggestion, suggestions
from mediation.services import assignment as services
from mediation.views.board import local_times
from mediation.views.requests import crumbs_of, title_of
from mediation.views.triage import coordinated, form_page, too_late

PAGE_SIZE = 20
# To so many at once a request may be offered: more would wear the mediators out.
MOST_AT_ONCE = 15
_FIT = {
    Fit.SUITABLE: ("success", lambda: _("Suitable")),
    Fit.DOUBTFUL: ("warning", lambda: _("With reservations")),
    Fit.UNSUITABLE: ("danger", lambda: _("Not possible")),
}


def _query(start: datetime, end: datetime) -> dict[str, str]:
    first, last = timezone.localtime(start), timezone.localtime(end)
    return {"day": f"{first:%Y-%m-%d}", "starts_at": f"{first:%H:%M}", "ends_at": f"{last:%H:%M}"}


def _slots(request: MediationRequest, form: TimeForm | None) -> list[dict[str, Any]]:
    """Return the times that the body proposed, each as a link that looks for it."""
    chosen = form.data if form is not None else {}
    found = []
    for slot in request.slots.all():
        if slot.starts_at is None:
            # Only a day: the coordinator sets the hour.
            query = {"day": f"{slot.day:%Y-%m-%d}"}
            text = _("%(day)s, hour to agree") % {"day": f"{slot.day:%d/%m/%Y}"}
        else:
            query = {
                "day": f"{slot.day:%Y-%m-%d}",
                "starts_at": f"{slot.starts_at:%H:%M}",
                "ends_at": f"{slot.ends_at:%H:%M}",
            }
            text = f"{slot.day:%d/%m/%Y} {slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}"
        current = all(chosen.get(name) == value for name, value in query.items())
        found.append({"text": text, "url": f"?{urlencode(query)}", "current": bool(chosen) and current})
    return found


def _time_form(http: HttpRequest, request: MediationRequest) -> TimeForm:
    """Return the form of the time: as the address says it, or the first time that the body proposed."""
    if http.GET.get("day"):
        return TimeForm(http.GET)
    slot = next(iter(request.slots.all()), None)
    if slot is None:
        return TimeForm(None)
    values = {"day": f"{slot.day:%Y-%m-%d}"}
    if slot.starts_at is not None:
        values |= {"starts_at": f"{slot.starts_at:%H:%M}", "ends_at": f"{slot.ends_at:%H:%M}"}
        return TimeForm(values)
    return TimeForm(None, initial=values)


@require_safe
def request_suggestions(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mediators for a time, the most suitable first, each with the reasons; nobody is hidden."""
    request = coordinated(http, uuid)
    if too_late(http, request, "propose"):
        return redirect(request)
    form = _time_form(http, request)
    number = http.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < int(number) < 1000 else 1
    rows: list[Suggestion] = []
    query = {}
    passed, warning = False, ""
    if form.is_bound and form.is_valid():
        start, end = form.moments()
        if end > start:
            query = _query(start, end)
            passed = start <= clock.now()
            warning = length_warning(request, start, end)
        if passed:
            form.add_error("starts_at", services.passed())
        elif query:
            rows = suggestions(
                request, starts_at=start, ends_at=end, at=clock.now(), limit=PAGE_SIZE, offset=PAGE_SIZE * (page - 1)
            )
        else:
            form.add_error("ends_at", _("The end comes before the start."))
    total = rows[0].total if rows else 0
    suitable = rows[0].suitable if rows else 0
    context = {
        "request_": request,
        "programme": request.programme,
        "heading": _("Find a mediator"),
        "kicker": title_of(request),
        "lead": ", ".join(
            f"{row.language.name} ({row.variety})" if row.variety else row.language.name
            for row in request.languages.all()
        ),
        "crumbs": crumbs_of(request, _("Find a mediator")),
        "form": form,
        "slots": _slots(request, form),
        "found": bool(query) and not passed,
        "passed": services.passed() if passed else "",
        "warning": warning,
        "cards": [_card(request, row, query) for row in rows],
        "total": total,
        "suitable": suitable,
        "offer_url": _address("request-offer", request, query=query) if suitable > 1 else "",
        "fast": request.urgency != Urgency.ORDINARY,
        "arranged_url": _address("request-arranged", request, query=query),
        "unmet_url": "" if request.unmet else reverse("mediation:request-unmet", args=[request.uuid]),
        "earlier": f"?{urlencode({**query, 'page': page - 1})}" if rows and page > 1 else "",
        "later": f"?{urlencode({**query, 'page': page + 1})}" if page * PAGE_SIZE < total else "",
    }
    return render(http, "mediation/board_suggestions.html", context, status=422 if form.errors and not passed else 200)


def _address(name: str, request: MediationRequest, *args: Any, query: dict[str, str]) -> str:
    return reverse(f"mediation:{name}", args=[request.uuid, *args]) + (f"?{urlencode(query)}" if query else "")


def _card(request: MediationRequest, row: Suggestion, query: dict[str, str]) -> dict[str, Any]:
    colour, label = _FIT[row.fit]
    return {
        "name": row.name,
        "url": reverse("mediation:mediator", args=[row.uuid]),
        "provider": row.provider,
        "pill": Pill(label(), colour),
        "reasons": row.reasons,
        "propose_url": _address("request-propose", request, row.uuid, query=query) if row.may_be_asked else "",
    }


def _time_of(http: HttpRequest) -> tuple[datetime, datetime] | None:
    form = TimeForm(http.GET)
    return form.moments() if form.is_valid() else None


def _answer_form(http: HttpRequest, request: MediationRequest, start: datetime, label: str) -> AnswerByForm:
    usual = services.usual_answer_by(request=request, starts_at=start, at=clock.now())
    form = AnswerByForm(
        http.POST if http.method == "POST" else None,
        initial={"expires_at": timezone.localtime(usual).replace(second=0, microsecond=0)},
        cancel_url=_address("request-suggestions", request, query={k: v for k, v in http.GET.items() if k != "page"}),
    )
    form.submit_label = label
    return form


@require_http_methods(["GET", "HEAD", "POST"])
def request_propose(http: HttpRequest, uuid: UUID, mediator: UUID) -> HttpResponse:
    """Check and propose: who, when, why, until when the answer is awaited."""
    request = coordinated(http, uuid)
    who = get_object_or_404(Mediator.objects.visible_to(http.user).select_related("user"), uuid=mediator)
    time = _time_of(http)
    if time is None or too_late(http, request, "propose"):
        return redirect(request)
    start, end = time
    if http.method != "POST" and start <= clock.now():
        return redirect(_address("request-suggestions", request, query=_query(start, end)))
    rows = suggestions(request, starts_at=start, ends_at=end, at=clock.now(), only=[who.pk])
    form = _answer_form(http, request, start, _("Propose"))
    if http.method == "POST" and form.is_valid():
        try:
            services.propose(
                request=request,
                mediator=who,
                starts_at=start,
                ends_at=end,
                expires_at=form.cleaned_data["expires_at"],
                explanation=rows[0].explanation if rows else (),
                by=http.user,
                at=clock.now(),
            )
        except TransitionNotAllowed as error:
            messages.error(http, str(error))
            return redirect(request)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(http, _("Proposed to %(name)s: the answer is awaited.") % {"name": who.name})
            return redirect(request)
    facts = [(_("Mediator"), who.name), (_("Time"), local_times(start, end))]
    return form_page(
        http,
        request,
        form,
        _("Propose to %(name)s") % {"name": who.name},
        facts=facts,
        warning=length_warning(request, start, end),
        reasons=rows[0].reasons if rows else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def request_offer(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """The fast lane: offer to all suitable mediators at once; the first who accepts has it."""
    request = coordinated(http, uuid)
    time = _time_of(http)
    if time is None or too_late(http, request, "propose"):
        return redirect(request)
    start, end = time
    if http.method != "POST" and start <= clock.now():
        return redirect(_address("request-suggestions", request, query=_query(start, end)))
    found = suggestions(request, starts_at=start, ends_at=end, at=clock.now(), limit=MOST_AT_ONCE)
    rows = [row for row in found if row.fit == Fit.SUITABLE]
    form = _answer_form(http, request, start, _("Offer to all"))
    if http.method == "POST" and form.is_valid():
        ids = [row.mediator_id for row in rows]
        try:
            made = services.offer_to_all(
                request=request,
                mediators=Mediator.objects.visible_to(http.user)
                .filter(pk__in=ids)
                .select_related("user")
                .order_by("pk"),
                starts_at=start,
                ends_at=end,
                expires_at=form.cleaned_data["expires_at"],
                by=http.user,
                at=clock.now(),
            )
        except TransitionNotAllowed as error:
            messages.error(http, str(error))
            return redirect(request)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                http, _("Offered to %(number)s mediators: the first who accepts has it.") % {"number": len(made)}
            )
            return redirect(request)
    facts = [
        (_("Time"), local_times(start, end)),
        (_("Suitable mediators"), ", ".join(row.name for row in rows) or _("nobody")),
    ]
    return form_page(
        http,
        request,
        form,
        _("Offer to all suitable mediators"),
        _("The first who accepts has it."),
        facts=facts,
        warning=length_warning(request, start, end),
    )


@require_POST
def proposal_withdraw(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a proposal back before it is answered."""
    visible = MediationRequest.objects.visible_to(http.user).values("pk")
    proposal = get_object_or_404(
        Proposal.objects.filter(request__in=visible).select_related("request", "mediator"), uuid=uuid
    )
    try:
        services.withdraw(proposal=proposal, by=http.user, at=clock.now())
    except services.ProposalClosedError as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("Proposal withdrawn: the mediator has been told."))
    return redirect(proposal.request)


@require_http_methods(["GET", "HEAD", "POST"])
def request_arranged(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Enter what was agreed by phone, or has been held already; it gets the same signatures."""
    request = coordinated(http, uuid)
    if too_late(http, request, "confirm_arranged"):
        return redirect(request)
    serving = (
        Mediator.objects.visible_to(http.user).serving(request.network_id).order_by("family_name", "given_name", "pk")
    )
    slot = next(iter(request.slots.all()), None)
    asked = {"day": slot.day, "starts_at": slot.starts_at, "ends_at": slot.ends_at} if slot else {}
    asked |= {"mediator": request.same_mediator_id, "reason": request.outside_reason}
    form = ArrangedForm(
        http.POST if http.method == "POST" else None,
        mediators=serving,
        initial=asked | {key: http.GET[key] for key in ("day", "starts_at", "ends_at") if http.GET.get(key)},
        cancel_url=request.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():
        start, end = form.moments()
        try:
            services.confirm_arranged(
                request=request,
                mediator=form.cleaned_data["mediator"],
                starts_at=start,
                ends_at=end,
                reason=form.cleaned_data["reason"],
                by=http.user,
                at=clock.now(),
            )
        except TransitionNotAllowed as error:
            messages.error(http, str(error))
            return redirect(request)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(http, _("Entered as arranged outside: the school or service has been told."))
            return redirect(request)
    lead = _("The request asks for %(hours)s. Nobody is asked again; report and signatures are the same.") % {
        "hours": amount(request.minutes_asked, Unit.HOURS)
    }
    return form_page(http, request, form, _("Arranged outside"), lead)
