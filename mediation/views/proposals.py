# SPDX-License-Identifier: EUPL-1.2
"""The mediator's side: proposals to answer, read on a phone first. Before accepting, nothing of the case is shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.enums import Unit
from actions.selectors.rules import amount
from fami_portal.core import clock
from fami_portal.core.components import Button, Link, Pill
from fami_portal.core.errors import DomainError
from mediation.enums import Intervention, Mode, ProposalState
from mediation.forms.board import RefuseForm
from mediation.models import MediationRequest, Proposal
from mediation.permissions import check_can_answer, mediator_of
from mediation.selectors.board_page import PROPOSAL_COLOURS, length_warning
from mediation.services import assignment as services
from mediation.views.board import local_times
from partners.permissions import check_holds

PAGE_SIZE = 20


def proposal_pill(proposal: Proposal) -> Pill:
    """Return the state of a proposal; one that nobody answered in time is expired before the sweep says so."""
    state = ProposalState(proposal.state)
    if state == ProposalState.PROPOSED and proposal.expires_at <= clock.now():
        state = ProposalState.EXPIRED
    return Pill(state.label, PROPOSAL_COLOURS[state])


def _waits(proposal: Proposal) -> bool:
    return proposal.state == ProposalState.PROPOSED and proposal.expires_at > clock.now()


def proposal_for(http: HttpRequest, uuid: UUID) -> Proposal:
    """Return the proposal for the mediator asked: 404 for strangers, 403 for others who see the request."""
    visible = MediationRequest.objects.visible_to(http.user).values("pk")
    proposal = get_object_or_404(
        Proposal.objects.filter(Q(request__in=visible) | Q(mediator__user=http.user.pk)).select_related(
            "request",
            "request__organisation",
            "request__network",
            "request__municipality",
            "request__programme",
            "mediator",
        ),
        uuid=uuid,
    )
    check_can_answer(http.user, proposal)
    return proposal


def _crumbs(*here: Any) -> list[Any]:
    found = [Link(_("Home"), reverse("home")), Link(_("My sessions"), reverse("mediation:my-day"))]
    return [*found, Link(_("Proposals"), reverse("mediation:proposal-list") if here else ""), *here]


@require_safe
def proposal_list(http: HttpRequest) -> HttpResponse:
    """What the mediator was asked: what waits first, the nearest to expire at the top."""
    check_holds(http.user, Permission.MEDIATE)
    mediator = mediator_of(http.user)
    own = Proposal.objects.filter(mediator=mediator.pk if mediator else None).select_related(
        "request", "request__organisation", "request__municipality"
    )
    now = clock.now()
    waiting = own.filter(state=ProposalState.PROPOSED, expires_at__gt=now).order_by("expires_at", "pk")
    answered = own.exclude(state=ProposalState.PROPOSED, expires_at__gt=now).order_by("-proposed_at", "-pk")
    page = Paginator(answered, PAGE_SIZE).get_page(http.GET.get("page"))
    return render(
        http,
        "mediation/board_proposals.html",
        {
            "waiting": [_item(row) for row in waiting[:PAGE_SIZE]],
            "answered": [_item(row) for row in page],
            "page": page,
            "crumbs": _crumbs(),
        },
    )


def _item(proposal: Proposal) -> dict[str, Any]:
    return {
        "number": proposal.request.number,
        "when": local_times(proposal.starts_at, proposal.ends_at),
        "body": proposal.request.organisation.name,
        "where": _where(proposal.request),
        "until": proposal.expires_at,
        "pill": proposal_pill(proposal),
        "url": reverse("mediation:proposal", args=[proposal.uuid]),
        "waits": _waits(proposal),
    }


def _where(request: MediationRequest) -> str:
    if request.mode != Mode.IN_PERSON:
        return str(request.get_mode_display())
    return ", ".join(str(part) for part in (request.place, request.municipality) if part) or request.organisation.name


def _facts(proposal: Proposal) -> list[tuple[Any, Any]]:
    """What may be known before accepting: language, place, time and kind; nothing of the case."""
    request = proposal.request
    languages = request.languages.select_related("language").order_by("position", "pk")
    facts = [
        (_("Time"), local_times(proposal.starts_at, proposal.ends_at)),
        (_("Answer by"), proposal.expires_at),
        (_("School or service"), request.organisation.name),
        (_("Where"), _where(request)),
        (_("How"), request.get_mode_display()),
        (
            _("Languages"),
            ", ".join(
                f"{row.language.name} ({row.variety})" if row.variety else row.language.name for row in languages
            ),
        ),
        (
            _("Types of intervention"),
            ", ".join(str(Intervention(code).label) for code in request.interventions if code in Intervention.values),
        ),
        (_("Urgency"), request.get_urgency_display()),
        (_("Hours asked"), amount(request.minutes_asked, Unit.HOURS)),
    ]
    if request.sessions_asked > 1:
        facts.append((_("Sessions asked"), request.sessions_asked))
    if request.series_until:
        facts.append((_("Every week until"), request.series_until))
    return facts


@require_safe
def proposal(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """One proposal: what is known before accepting, and the two answers."""
    found = proposal_for(http, uuid)
    request = found.request
    buttons = []
    if _waits(found):
        buttons = [
            Button(_("Accept"), reverse("mediation:proposal-accept", args=[found.uuid]), method="post"),
            Button(_("Refuse"), reverse("mediation:proposal-refuse", args=[found.uuid]), style="outline-danger"),
        ]
    elif found.state == ProposalState.ACCEPTED:
        buttons = [Button(_("Open the request"), request.get_absolute_url())]
    return render(
        http,
        "mediation/board_proposal.html",
        {
            "heading": local_times(found.starts_at, found.ends_at),
            "kicker": _("Proposal for the request %(number)s") % {"number": request.number},
            "lead": request.organisation.name,
            "programme": request.programme,
            "pill": proposal_pill(found),
            "facts": _facts(found),
            "warning": length_warning(request, found.starts_at, found.ends_at) if _waits(found) else "",
            "buttons": buttons,
            "waits": _waits(found),
            "crumbs": _crumbs(Link(request.number, "")),
        },
    )


@require_POST
def proposal_accept(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept: the session is planned, and the whole request can be read."""
    found = proposal_for(http, uuid)
    try:
        services.accept(proposal=found, by=http.user, at=clock.now())
    except DomainError as error:
        messages.error(http, str(error))
        return redirect("mediation:proposal", uuid=found.uuid)
    messages.success(http, _("Accepted: the session is in your calendar. Now you can read the whole request."))
    return redirect(found.request)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_refuse(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Refuse, with a reason: the coordinator asks somebody else."""
    found = proposal_for(http, uuid)
    back = reverse("mediation:proposal", args=[found.uuid])
    if http.method != "POST" and not _waits(found):
        return redirect(back)
    form = RefuseForm(http.POST if http.method == "POST" else None, cancel_url=back)
    form.submit_style = "danger"
    if http.method == "POST" and form.is_valid():
        try:
            services.refuse(
                proposal=found,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                by=http.user,
                at=clock.now(),
            )
        except services.ProposalClosedError as error:
            messages.error(http, str(error))
            return redirect(back)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(http, _("Refused: the coordinator has been told. Thank you for answering."))
            return redirect("mediation:proposal-list")
    context = {
        "form": form,
        "heading": _("Refuse the proposal"),
        "lead": local_times(found.starts_at, found.ends_at),
        "kicker": _("Proposal for the request %(number)s") % {"number": found.request.number},
        "programme": found.request.programme,
        "facts": [],
        "reasons": [],
        "crumbs": _crumbs(Link(found.request.number, back), Link(_("Refuse the proposal"), "")),
    }
    return render(http, "mediation/board_form.html", context, status=422 if form.errors else 200)
