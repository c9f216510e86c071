# SPDX-License-Identifier: EUPL-1.2
"""Pages of holds and of destructions: placing, lifting, confirming, reading the report."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Column, Entry, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from privacy.enums.retention import HoldScope, RunState
from privacy.forms.retention import HoldForm, LiftForm, RunForm
from privacy.models import RetentionRun
from privacy.selectors import retention as selectors
from privacy.selectors.retention_holds import holds_for
from privacy.selectors.retention_parts import part_label
from privacy.selectors.retention_reports import columns, digest_of, lines_of, rule_words
from privacy.services import retention as services
from privacy.services import retention_runs
from privacy.views.retention import (
    crumbs,
    held_thing,
    hold_pill,
    number_of,
    page_of,
    programme_of,
    title_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
def hold_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Place a legal hold on a programme, a body or a recipient."""
    programme = programme_of(request, slug)
    if programme is None:
        raise Http404
    form = HoldForm(
        request.POST or None,
        programme=programme,
        initial={"starts_on": clock.today(), "scope": HoldScope.PROGRAMME},
        cancel_url=page_of(programme),
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            hold = services.place_hold(
                programme=programme,
                scope=values["scope"],
                organisation=values["organisation"],
                beneficiary=values["pseudonym"],
                reason=values["reason"],
                act=values["act"],
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                submission_key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The hold is placed: what it keeps is not destroyed."))
            return redirect(hold)
    context = {
        "form": form,
        "heading": _("Place a legal hold"),
        "lead": _("Until it ends nothing of what it keeps is destroyed, whatever the rules say."),
        "kicker": programme.title,
        "crumbs": crumbs(programme, _("Place a legal hold")),
    }
    return render(request, "privacy/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One hold: its act, its time, its history, and the form that lifts it."""
    found = get_object_or_404(holds_for(request.user), uuid=uuid)
    form = None
    if found.lifted_at is None:
        form = LiftForm(request.POST or None, version=found.version)
        if request.method == "POST" and form.is_valid():
            try:
                services.lift_hold(
                    hold=found,
                    reason=form.cleaned_data["reason"],
                    version=number_of(form),
                    by=request.user,
                    at=clock.now(),
                )
            except DomainError as error:
                found.refresh_from_db()
                form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
            else:
                messages.success(request, _("The hold is lifted: the rules apply again."))
                return redirect(found)
    context = {
        "form": form,
        "heading": held_thing(found),
        "pill": hold_pill(found, clock.today()),
        "crumbs": crumbs(found.programme, held_thing(found)),
        "facts": [
            (_("Programme"), found.programme.title),
            (_("What is held"), HoldScope(found.scope).label),
            (_("Act"), found.act),
            (_("Reason"), found.reason),
            (_("From"), found.starts_on),
            (_("Until"), found.ends_on or _("until it is lifted")),
            *([(_("Why it was lifted"), found.lift_reason)] if found.lift_reason else []),
        ],
        "history": [
            Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
            for entry in timeline(found, limit=50)
        ],
    }
    return render(request, "privacy/hold.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def run_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Confirm a destruction after reading what it takes."""
    programme = programme_of(request, slug)
    form = RunForm(request.POST or None, cancel_url=page_of(programme))
    if request.method == "POST" and form.is_valid():
        try:
            run = retention_runs.start_run(
                programme=programme, by=request.user, at=clock.now(), submission_key=form.submission_key
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The destruction has begun: the report is written when it ends."))
            return redirect(run)
    now = selectors.situation(programme, clock.today())
    found = [row for one in selectors.outlook(now, ripe=True) for row in one.rows if row.free or row.held]
    context = {
        "form": form,
        "heading": _("Destroy what is due"),
        "kicker": title_of(programme),
        "crumbs": crumbs(programme, _("Destroy what is due")),
        "columns": [
            Column(_("Data")),
            Column(_("Records")),
            Column(_("Body")),
            Column(_("Will be destroyed"), numeric=True),
            Column(pgettext("retention", "Held"), numeric=True),
        ],
        "rows": [[row.part.data_class.label, row.part.label, row.body_name, row.free, row.held] for row in found],
    }
    return render(request, "privacy/run_form.html", context)


def _run(request: HttpRequest, uuid: UUID) -> RetentionRun:
    return get_object_or_404(selectors.runs_for(request.user), uuid=uuid)


@require_safe
def run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report of a destruction; while it runs, how far it is."""
    found = _run(request, uuid)
    lines = list(lines_of(found))
    done = found.state == RunState.DONE
    facts: list[Any] = [
        (_("Programme"), title_of(found.programme)),
        (_("Begun on"), found.at),
        (_("Ended on"), found.finished_at),
        (_("Asked by"), found.asked_by.get_full_name() if found.asked_by else _("The portal")),
        (_("Destroyed"), sum(line.destroyed for line in lines)),
        (pgettext("retention", "Held"), sum(line.held for line in lines)),
    ]
    if done:
        facts.append((_("Digest of the lines (SHA-256 of the CSV file)"), digest_of(found)))
    if found.report is not None:
        facts.append((_("Report"), Link(found.report.name, found.report.get_absolute_url())))
    context = {
        "heading": _("Destruction of %(day)s") % {"day": f"{found.at:%d/%m/%Y}"},
        "pill": Pill(RunState(found.state).label, "success" if done else "info"),
        "crumbs": crumbs(found.programme, _("Destruction of %(day)s") % {"day": f"{found.at:%d/%m/%Y}"}),
        "done": done,
        "facts": facts,
        "exports": export_links(request, "privacy:run-export", uuid=found.uuid) if done else [],
        "columns": [
            Column(_("Data")),
            Column(_("Records")),
            Column(_("Body")),
            Column(_("Destroyed"), numeric=True),
            Column(pgettext("retention", "Held"), numeric=True),
            Column(_("Rule")),
        ],
        "rows": [
            [
                line.get_data_class_display(),
                part_label(line.part),
                line.organisation.name if line.organisation else "",
                line.destroyed,
                line.held,
                rule_words(line),
            ]
            for line in lines
        ],
    }
    return render(request, "privacy/run.html", context)


@require_safe
def run_export(request: HttpRequest, uuid: UUID, fmt: str) -> Any:
    """The lines of a report as a file."""
    found = _run(request, uuid)
    return download_list(
        name=f"distruzione-{found.at:%Y-%m-%d}",
        title=_("Destruction"),
        fmt=fmt,
        columns=columns(),
        rows=lines_of(found),
    )
