# SPDX-License-Identifier: EUPL-1.2
"""Filing a request: the beginning, the four steps with their draft, the check of one's answers, the submission."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.components import Link, Pill, Task
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from mediation.enums import RequestState
from mediation.forms.request_acts import ConfirmForm
from mediation.forms.request_steps import Choices, StepForm
from mediation.forms.requests import STEP_FORMS, StartForm
from mediation.models import MediationRequest
from mediation.permissions import can_file, check_can_file, check_can_prepare
from mediation.selectors import request_facts as facts
from mediation.selectors import request_lists as lists
from mediation.selectors.request_rules import CASE, STEPS, WHAT, WHEN, Problem
from mediation.selectors.requests import NotOfferedError, places_for, problems, settings_for
from mediation.services import requests as services
from mediation.views.requests import crumbs_of, pill_of, request_for, title_of
from partners.permissions import check_holds, organisations_with

WRITABLE = (RequestState.DRAFT, RequestState.TO_COMPLETE)


# --- the beginning ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def request_new(http: HttpRequest) -> HttpResponse:
    """Choose for whom the request is, only when several bodies, networks, programmes or forms fit."""
    check_holds(http.user, Permission.PREPARE_MEDIATION_REQUESTS)
    bodies = organisations_with(http.user, Permission.PREPARE_MEDIATION_REQUESTS)
    places = places_for(bodies, lists.FORM_KINDS, at=clock.now())
    form = StartForm(
        http.POST if http.method == "POST" else None, places=places, cancel_url=reverse("mediation:request-list")
    )
    if http.method == "POST" and places and form.is_valid():
        place = form.chosen
        try:
            request = services.start_draft(
                kind=place.kind,
                programme=place.programme,
                network=place.network,
                organisation=place.organisation,
                by=http.user,
                at=clock.now(),
                key=form.submission_key,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect("mediation:request-step", request.uuid, STEPS[0])
    title = _("Ask for a mediator")
    return render(
        http,
        "mediation/request_new.html",
        {
            "form": form,
            "places": places,
            "only": places[0] if len(places) == 1 else None,
            "title": title,
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(_("Mediation requests"), reverse("mediation:request-list")),
                Link(title, ""),
            ],
        },
        status=422 if form.errors else 200,
    )


# --- the steps -------------------------------------------------------------------------------------------------------


def _form_of(http: HttpRequest, request: MediationRequest, step: int) -> StepForm:
    known: dict[str, Any] = {}
    settings = settings_for(request)
    if step == WHAT:
        mediators = lists.mediators_known_to(request.organisation_id)
        known["choices"] = Choices(languages=lists.languages(), mediators=mediators)
    elif step == WHEN:
        known["choices"] = Choices(municipalities=lists.municipalities_near(request))
        known["settings"] = settings
    elif step == CASE:
        known["choices"] = Choices(languages=lists.languages(), countries=lists.countries())
    form_class = STEP_FORMS[step]
    initial = form_class.initial_of(request)
    if step == CASE and not initial.get("notice_version"):
        initial["notice_version"] = lists.latest_notice(request.organisation_id)
    return form_class(
        http.POST if http.method == "POST" else None,
        request=request,
        initial=initial,
        version=request.version,
        **known,
    )


def _writable(http: HttpRequest, uuid: UUID) -> MediationRequest:
    """Return a request of a body for which the person prepares requests; others who see it get 403."""
    request = request_for(http, uuid)
    check_can_prepare(http.user, request.organisation_id)
    return request


@require_http_methods(["GET", "HEAD", "POST"])
def request_step(http: HttpRequest, uuid: UUID, step: int) -> HttpResponse:
    """One step: what is valid is saved, what is missing is said, nothing typed is lost."""
    if step not in STEPS:
        raise Http404
    request = _writable(http, uuid)
    if request.state not in WRITABLE:
        if http.method == "POST":
            messages.error(http, _("The request has been submitted: it cannot be changed until it is sent back."))
        return redirect(request)
    try:
        form = _form_of(http, request, step)
    except NotOfferedError:
        messages.error(http, _("The programme does not offer this kind of request any more."))
        return redirect(request)
    if http.method == "POST":
        answer = _save(http, request, form)
        if answer is not None:
            return answer
    title = facts.block_title(step)
    found = problems(request_for(http, uuid), settings_for(request), at=clock.now())
    return render(
        http,
        "mediation/request_step.html",
        {
            "form": form,
            "programme": request.programme,
            "heading": title,
            "kicker": _("Step %(step)s of %(all)s · %(request)s")
            % {"step": step, "all": len(STEPS), "request": title_of(request)},
            "steps": _steps(request, found, current=step),
            "crumbs": crumbs_of(request, title),
        },
        status=422 if form.errors else 200,
    )


def _save(http: HttpRequest, request: MediationRequest, form: StepForm) -> HttpResponse | None:
    """Save what is valid; return where to go, or None to show the step again with what is wrong."""
    later = http.POST.get("then") == "later"
    complete = form.is_valid()
    version = form.data.get("version", "")
    saved = form.saved()
    try:
        services.save_draft(
            request=request,
            values=saved.values,
            languages=saved.languages,
            slots=saved.slots,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
            step=form.step,
            by=http.user,
        )
    except StaleError as error:
        request.refresh_from_db()
        form.add_refusal(error, version=request.version)
        return None
    except DomainError as error:
        error.field = form.renamed.get(error.field or "", error.field)
        form.add_refusal(error, version=request.version)
        return None
    if later and (complete or form.only_incomplete()):
        messages.success(http, _("Draft saved: you find it on your home page."))
        return redirect(request)
    request = request_for(http, request.uuid)
    hints: list[str] = []
    if complete and not later:
        found = problems(request, settings_for(request), at=clock.now())
        form.add_problems(row for row in found if row.blocking and row.field != "minutes_asked")
        if form.step == WHEN:  # an odd day or hour is seen best by whoever has just typed it
            hints = [row.sentence for row in found if row.field.startswith("slot_") and not row.blocking]
    if form.errors:
        form.move_to(request.version)
        messages.info(http, _("What is right has been saved. Mend what is marked."))
        return None
    for sentence in hints:
        messages.warning(http, sentence)
    following = form.step + 1
    if following in STEPS:
        return redirect("mediation:request-step", request.uuid, following)
    return redirect("mediation:request-check", request.uuid)


def _steps(request: MediationRequest, found: list[Problem], *, current: int = 0) -> list[Task]:
    """The four steps and the check, each with its state in words."""
    blocked = {problem.step for problem in found if problem.blocking}
    tasks = []
    for step in STEPS:
        if step == current:
            state = Pill(_("You are here"), "primary")
        elif request.step < step and step in blocked:
            state = Pill(_("Not begun"), "secondary")
        elif step in blocked:
            state = Pill(_("To complete"), "warning")
        else:
            state = Pill(_("Done"), "success")
        url = reverse("mediation:request-step", args=[request.uuid, step]) if step != current else ""
        tasks.append(Task(facts.block_title(step), url, state.label, state.colour))
    check = _("Check your answers and submit")
    tasks.append(
        Task(
            check,
            reverse("mediation:request-check", args=[request.uuid]),
            _("Not yet") if blocked else _("Ready"),
            "secondary" if blocked else "success",
        )
    )
    return tasks


# --- the check -------------------------------------------------------------------------------------------------------


def _field_url(request: MediationRequest, step: int, field: str) -> str:
    """Return the address of a field in its step."""
    name = STEP_FORMS[step].renamed.get(field, field)
    if name in ("interventions", "urgency", "mode", "case_kind"):
        name += "_0"
    return reverse("mediation:request-step", args=[request.uuid, step]) + f"#id_{name}"


@require_http_methods(["GET", "HEAD", "POST"])
def request_check(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everything that was answered, every problem at once, and the button that submits."""
    request = _writable(http, uuid)
    if request.state not in WRITABLE:
        if http.method == "POST":
            messages.error(http, _("The request has been submitted already."))
        return redirect(request)
    try:
        found = problems(request, settings_for(request), at=clock.now())
    except NotOfferedError:
        messages.error(http, _("The programme does not offer this kind of request any more."))
        return redirect(request)
    files = can_file(http.user, request.organisation_id)
    form = ConfirmForm(
        http.POST if http.method == "POST" else None,
        warnings=any(problem.names for problem in found),
        submit_label=_("Submit the request") if request.state == RequestState.DRAFT else _("Submit it again"),
        cancel_url=request.get_absolute_url(),
    )
    form.helper.form_show_errors = False
    if http.method == "POST":
        check_can_file(http.user, request.organisation_id)
    if http.method == "POST" and form.is_valid():
        answer = _submit(http, request, form)
        if answer is not None:
            return answer
    blocking = [problem for problem in found if problem.blocking]
    context = {
        "form": form if files and not blocking else None,
        "errors": form,
        "programme": request.programme,
        "heading": _("Check your answers"),
        "kicker": title_of(request),
        "pill": pill_of(request),
        "files": files,
        "blocking": [
            Task(row.sentence, _field_url(request, row.step, row.field), _("To mend"), "danger") for row in blocking
        ],
        "warnings": [
            Task(row.sentence, _field_url(request, row.step, row.field), _("To check"), "warning")
            for row in found
            if not row.blocking
        ],
        "count": ngettext("%(number)s thing to mend", "%(number)s things to mend", len(blocking))
        % {"number": len(blocking)},
        "blocks": [
            {
                "title": block.title,
                "anchor": f"block-{block.step}",
                "rows": [
                    (label, value, Link(_("Change"), _field_url(request, block.step, field), hidden=label))
                    for label, value, field in block.facts
                ],
            }
            for block in facts.blocks(request)
        ],
        "crumbs": crumbs_of(request, _("Check your answers")),
    }
    return render(http, "mediation/request_check.html", context, status=422 if form.errors else 200)


def _submit(http: HttpRequest, request: MediationRequest, form: ConfirmForm) -> HttpResponse | None:
    act = services.submit if request.state == RequestState.DRAFT else services.complete
    try:
        act(request=request, by=http.user, at=clock.now())
    except TransitionNotAllowed as error:
        messages.error(http, str(error))
        return redirect(request)
    except services.RequestHasProblemsError:
        form.add_refusal(DomainError(_("The request cannot be submitted yet: mend what the list marks.")))
        return None
    except DomainError as error:
        form.add_refusal(error)
        return None
    messages.success(
        http, _("Request %(number)s submitted. %(next)s") % {"number": request.number, "next": facts.what_next(request)}
    )
    return redirect(request)
