# SPDX-License-Identifier: EUPL-1.2
"""The pages of imports: which kinds there are, sending a file, what it changes, confirming it."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fami_portal.core import clock, jobs
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.downloads import XLSX_TYPE
from fami_portal.core.enums import ImportState, JobState, RowEffect
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.imports import runs
from fami_portal.core.imports.files import help_of, write_template
from fami_portal.core.imports.forms import ImportForm
from fami_portal.core.imports.registry import ImportKind, Place, kind_of, kinds_for
from fami_portal.core.imports.workflow import IMPORT
from fami_portal.core.middleware import BACKGROUND_HEADER
from fami_portal.core.models import ImportRun, Job

PAGE_SIZE = 25
PROBLEMS_SHOWN = 100
# So many words of a closed list are shown on the page; longer lists are in the template.
LISTED = 20
EFFECT_COLOURS = {RowEffect.NEW: "success", RowEffect.CHANGED: "warning"}
JOB_COLOURS = {JobState.QUEUED: "secondary", JobState.RUNNING: "info", JobState.DEAD: "danger"}


def _state(run: ImportRun) -> Pill:
    return Pill(ImportState(run.state).label, IMPORT.colours[run.state])


def _crumbs(*here: Any) -> list[Any]:
    return [(_("Home"), reverse("home")), (_("Imports"), reverse("core:import-list")) if here else _("Imports"), *here]


def _label(run: ImportRun) -> Any:
    kind = kind_of(run.kind)
    return kind.label if kind is not None else run.kind


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """The kinds that the person may import, and the files sent."""
    kinds = kinds_for(request.user)
    if not kinds:
        raise NotPermitted(_("Your role does not import files."))
    found = ImportRun.objects.visible_to(request.user).order_by("-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "kind_columns": [Column(_("What to import")), Column(_("Template"))],
        "kinds": [
            [
                Lines(Link(kind.label, reverse("core:import-new", args=[kind.code])), kind.help),
                Link(_("Download"), reverse("core:import-template", args=[kind.code]), kind.label),
            ]
            for kind in kinds
        ],
        "columns": [
            Column(_("Import")),
            Column(_("Sent on"), nowrap=True),
            Column(_("State")),
            Column(_("Rows"), numeric=True),
            Column(_("New"), numeric=True),
            Column(_("Changed"), numeric=True),
            Column(_("To be corrected"), numeric=True),
        ],
        "rows": [
            [
                Lines(Link(_label(run), run.get_absolute_url()), run.on_behalf_of),
                run.created_at,
                _state(run),
                run.total,
                run.new,
                run.changed,
                run.refused,
            ]
            for run in page
        ],
        "page": page,
        "crumbs": _crumbs(),
    }
    return render(request, "core/import_list.html", context)


def _help(column: Any) -> Any:
    """Say what is written in a column, with the words of a short list: who fills in a CSV has no template open."""
    choices = column.choices()
    words = help_of(column, choices)
    if not 0 < len(choices) <= LISTED:
        return words if words != str(column.label) else ""
    return Lines(words, ", ".join(choices))


def _kind(request: HttpRequest, code: str) -> ImportKind:
    kind = kind_of(code)
    if kind is None:
        raise Http404
    runs.check_may_import(kind, request.user)
    return kind


def _places(kind: ImportKind, user: Any) -> list[Place]:
    return list(kind.places(user)) if kind.places is not None else []


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Send a file of one kind, to be checked."""
    found = _kind(request, kind)
    places = _places(found, request.user)
    form = ImportForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        kind=found,
        places=places,
        cancel_url=reverse("core:import-list"),
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = runs.start_import(
                kind=found,
                place=form.chosen_place(),
                name=file.name,
                content=file,
                by=request.user,
                at=clock.now(),
                key=form.submission_key,
            )
            return redirect(run)
        except DomainError as error:
            form.add_refusal(error)
    resource = runs.resource_of(found, places[0] if len(places) == 1 else None, request.user, clock.now())
    context = {
        "kind": found,
        "form": form,
        "template_url": reverse("core:import-template", args=[found.code]),
        "homeless": found.places is not None and not places,
        "columns": [Column(_("Column")), Column(_("Required")), Column(_("What to write"))],
        "rows": [[column.label, column.required, _help(column)] for column in resource.columns.values()],
        "crumbs": _crumbs(found.label),
    }
    return render(request, "core/import_new.html", context)


@require_safe
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty workbook of a kind; its lists are those of the first place of the person."""
    found = _kind(request, kind)
    places = _places(found, request.user)
    content = write_template(runs.resource_of(found, places[0] if places else None, request.user, clock.now()))
    return HttpResponse(
        content,
        content_type=XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="modello-{found.code}.xlsx"'},
    )


def _find(request: HttpRequest, uuid: UUID) -> ImportRun:
    mine = ImportRun.objects.visible_to(request.user).select_related("result")
    return get_object_or_404(mine, uuid=uuid)


@never_cache
@require_safe
def import_run(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One import: its progress, every problem, what it changes, and the one thing to do next."""
    run = _find(request, uuid)
    job = runs.job_of(run) if run.state in (ImportState.CHECKING, ImportState.WRITING) else None
    problems = Paginator(run.report.get("problems", []), PROBLEMS_SHOWN).get_page(request.GET.get("page"))
    changes = Paginator(run.report.get("changes", []), PROBLEMS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "title": _label(run),
        "crumbs": _crumbs(_label(run)),
        "pill": _state(run),
        "facts": _facts(run),
        "notice": _notice(run),
        "buttons": _buttons(run, job),
        "reason": run.report.get("reason", ""),
        "problems": [list(row) for row in problems],
        "problem_columns": [Column(_("Row"), numeric=True), Column(_("Column")), Column(_("What to correct"))],
        "problem_page": problems,
        "untold": max(run.report.get("found", 0) - len(run.report.get("problems", [])), 0),
        "changes": [_change(row) for row in changes] if run.state in (ImportState.READY, ImportState.DONE) else [],
        "change_columns": [Column(_("Row"), numeric=True), Column(_("Effect")), Column(_("What changes"))],
        "change_page": changes,
        "unshown": max(run.new + run.changed - len(run.report.get("changes", [])), 0),
        **_progress(job),
    }
    return render(request, "core/import_run.html", context)


def _progress(job: Job | None) -> dict[str, Any]:
    if job is None or job.state == JobState.DONE:
        return {"job": None}
    return {
        "job": job,
        "job_pill": Pill(JobState(job.state).label, JOB_COLOURS[JobState(job.state)]),
        "job_label": jobs.label_of(job),
        "job_running": not job.is_finished,
        "dead": job.state == JobState.DEAD,
        # A job that stopped is started again from its own page.
        "no_buttons": [],
        "background_header": BACKGROUND_HEADER,
    }


def _facts(run: ImportRun) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [(_("On behalf of"), run.on_behalf_of)] if run.on_behalf_of else []
    facts += [(_("Sent on"), run.created_at)]
    if run.checked_at is not None:
        facts += [
            (_("Rows"), run.total),
            (_("New"), run.new),
            (_("Changed"), run.changed),
            (_("Same as now"), run.same),
            (_("To be corrected"), run.refused),
        ]
    if run.report:
        facts.append((_("Kept until"), run.expires_on))
    return facts


def _notice(run: ImportRun) -> tuple[Any, str] | None:
    """Return what the person must know first, and its colour."""
    match run.state:
        case ImportState.REFUSED:
            return (
                ngettext(
                    "%(number)s row must be corrected: nothing was written. Download the result, correct it and send "
                    "it again.",
                    "%(number)s rows must be corrected: nothing was written. Download the result, correct them and "
                    "send it again.",
                    run.refused,
                )
                % {"number": run.refused},
                "danger",
            )
        case ImportState.READY if run.report.get("again"):
            return (
                _(
                    "After you confirmed, somebody changed what these rows are about: nothing was written. Look at "
                    "what the file changes now, and confirm again."
                ),
                "warning",
            )
        case ImportState.READY if not run.new and not run.changed:
            return _("All the rows are in the portal already: there is nothing to write."), "info"
        case ImportState.READY:
            return _("No problem found. Nothing is written until you confirm."), "info"
        case ImportState.DONE:
            return _("All the rows are written."), "success"
        case ImportState.FAILED:
            return _("The file could not be imported: nothing was written."), "danger"
    return None


def _buttons(run: ImportRun, job: Job | None) -> list[Button]:
    buttons = []
    result = run.result
    kind = kind_of(run.kind)
    if run.state == ImportState.DONE and kind is not None and kind.list_url:
        buttons.append(Button(_("Open the list"), reverse(kind.list_url)))
    new = reverse("core:import-new", args=[run.kind])
    if run.state == ImportState.READY:
        nothing = not run.new and not run.changed
        if not nothing:
            buttons.append(
                Button(
                    _("Confirm the import"),
                    reverse("core:import-confirm", args=[run.uuid]),
                    method="post",
                    fields={"version": run.version},
                )
            )
        buttons.append(_give_up(run, _("Close") if nothing else _("Give up")))
    elif runs.is_stuck(run, job):
        buttons.append(_give_up(run, _("Give up")))
    elif result is not None and result.destroyed_at is None:
        style = "primary" if run.state == ImportState.REFUSED else "outline-primary"
        buttons.append(Button(_("Download the result"), result.get_absolute_url(), style=style))
    if run.state in (ImportState.REFUSED, ImportState.FAILED):
        buttons.append(Button(_("Send the corrected file"), new, style="outline-primary"))
    return buttons


def _give_up(run: ImportRun, label: str) -> Button:
    return Button(label, reverse("core:import-cancel", args=[run.uuid]), method="post", style="outline-primary")


def _change(row: list[Any]) -> list[Any]:
    number, effect, title, pairs = row
    words = "; ".join(
        _("%(column)s: from “%(before)s” to “%(after)s”") % {"column": label, "before": before, "after": after}
        if before != after
        else _("%(column)s changes") % {"column": label}
        for label, before, after in pairs
    )
    effect = RowEffect(effect)
    return [
        number,
        Pill(effect.label, EFFECT_COLOURS[effect]),
        Lines(title, words) if title and words else title or words,
    ]


@require_POST
def import_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Have a checked import written."""
    run = _find(request, uuid)
    version = request.POST.get("version", "")
    runs.confirm_import(run=run, version=int(version) if version.isdigit() else -1, by=request.user, at=clock.now())
    return redirect(run)


@require_POST
def import_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give an import up."""
    run = _find(request, uuid)
    runs.cancel_import(run=run, by=request.user, at=clock.now())
    return redirect("core:import-list")
