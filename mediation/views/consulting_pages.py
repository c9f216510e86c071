# SPDX-License-Identifier: EUPL-1.2
"""What the pages of consultations, questions, translations and presences share: a thing, an act on it, a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Pill
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.forms import PortalForm
from fami_portal.core.workflow import Workflow

PAGE_SIZE = 25
REOPENING = _("The hours go back into the reserve. What is in the results stands until the correction is validated.")


@dataclass(frozen=True)
class Section:
    """A part of the page of a thing: facts, a text, or a table."""

    id: str
    title: Any
    facts: Sequence[Any] = ()
    text: str = ""
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[Any]] = ()
    note: Any = ""


def posted(request: HttpRequest) -> Any:
    """Return what was posted for a form, also when it is empty; None for a page that is only opened."""
    return request.POST if request.method == "POST" else None


def pill_of(state: str, workflow: Workflow) -> Pill:
    """Return the pill of a state."""
    return Pill(workflow.states(state).label, workflow.colours[state])


def name_of_thing(thing: Any) -> str:
    """Return how a thing is called on its pages: its number, or that it is a draft."""
    return getattr(thing, "number", "") or str(_("Draft"))


def download(url: str) -> Button:
    """Return the button that downloads the sheet of a thing."""
    return Button(_("Download the PDF"), url, style="outline-primary")


def history_of(thing: Any) -> list[Entry]:
    """Return the history of a thing for its page."""
    return [
        Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
        for entry in timeline(thing, limit=50)
    ]


def crumbs(*more: Any) -> list[Any]:
    """Return the way back to the overview, and what follows."""
    return [
        (_("Home"), reverse("home")),
        (_("Consultations and questions"), reverse("mediation:consultations")),
        *more,
    ]


def version_of(form: Any) -> int:
    """Return the version with which the page was opened; -1, which nothing has, for a text that is none."""
    text = form.cleaned_data.get("version") or ""
    return int(text) if text.isdigit() and len(text) < 10 else -1


def thing_page(
    request: HttpRequest,
    thing: Any,
    *,
    workflow: Workflow,
    list_link: tuple[Any, str],
    kicker: Any,
    sections: Sequence[Section],
    buttons: Sequence[Button],
    lead: Any = "",
    alert: tuple[Any, Any] = ("", ""),
    heading: Any = "",
) -> HttpResponse:
    """Draw the page of one thing: what it is, what can be done, its parts, its history."""
    context = {
        "programme": thing.programme,
        "heading": heading or str(thing),
        "kicker": kicker,
        "lead": lead,
        "pill": pill_of(thing.state, workflow),
        "crumbs": crumbs(list_link, heading or str(thing)),
        "buttons": list(buttons),
        "alert_heading": alert[0],
        "alert_text": alert[1],
        "sections": list(sections),
        "history": history_of(thing),
    }
    return render(request, "mediation/consulting_thing.html", context)


def form_page(
    request: HttpRequest, *, form: Any, heading: Any, trail: Sequence[Any], lead: Any = "", kicker: Any = ""
) -> HttpResponse:
    """Draw a page with one form."""
    context = {"form": form, "heading": heading, "lead": lead, "kicker": kicker, "crumbs": crumbs(*trail, heading)}
    return render(request, "mediation/consulting_form.html", context, status=422 if form.errors else 200)


def start_page(
    request: HttpRequest,
    *,
    form: Any,
    start: Callable[..., Any],
    done: Any,
    heading: Any,
    trail: Sequence[Any],
    lead: Any = "",
    extra: Sequence[str] = (),
) -> HttpResponse:
    """Draw the page that begins a thing where the form says; `start` is the service, `extra` fields it takes besides."""
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data["place"]
        try:
            thing = start(
                programme=place.programme,
                network=place.network,
                organisation=place.organisation,
                values=form.values(),
                by=request.user,
                at=clock.now(),
                key=form.submission_key,
                **{name: form.cleaned_data[name] for name in extra},
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, str(done))
            return redirect(thing)
    return form_page(request, form=form, heading=heading, trail=trail, lead=lead)


def act_page(
    request: HttpRequest,
    thing: Any,
    *,
    form: Any,
    act: Callable[[], Any],
    done: Any,
    heading: Any,
    list_link: tuple[Any, str],
    lead: Any = "",
    name: str = "",
    possible: bool = True,
) -> HttpResponse:
    """A page on which one thing is done to a thing; the person's right has been checked.

    An old link leads to the thing itself, so does an act that somebody else did first.
    """
    if request.method != "POST" and not possible:
        messages.info(request, _("This is no longer to be done: here is the present state."))
        return redirect(thing)
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except NotPermitted:
            raise
        except TransitionNotAllowed as error:
            messages.error(request, str(error))
            return redirect(thing)
        except StaleError as error:
            thing.refresh_from_db()
            form.add_refusal(error, version=thing.version)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, str(done))
            return redirect(thing)
    form.cancel_url = thing.get_absolute_url()
    name = name or name_of_thing(thing)
    return form_page(
        request,
        form=form,
        heading=heading,
        trail=[list_link, (name, thing.get_absolute_url())],
        lead=lead,
        kicker=name,
    )


def post_act(request: HttpRequest, thing: Any, *, act: Callable[[], Any], done: Any, to: Any = None) -> HttpResponse:
    """An act that needs nothing typed: done, or refused with its sentence."""
    try:
        act()
    except NotPermitted:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(done))
        return redirect(to or thing)
    return redirect(thing)


def discard_page(
    request: HttpRequest, thing: Any, *, act: Callable[[], Any], list_link: tuple[Any, str]
) -> HttpResponse:
    """Ask before a draft is thrown away; the person's right has been checked."""
    if request.method == "POST":
        return post_act(request, thing, act=act, done=_("The draft is gone."), to=list_link[1])
    if thing.state != type(thing)._meta.get_field("state").default:
        messages.info(request, _("This is no longer to be done: here is the present state."))
        return redirect(thing)
    form = PortalForm(cancel_url=thing.get_absolute_url())
    form.submit_label = _("Delete the draft")
    form.submit_style = "danger"
    return form_page(
        request,
        form=form,
        heading=_("Delete the draft"),
        lead=_("What has been written in it is lost."),
        trail=[list_link, (name_of_thing(thing), thing.get_absolute_url())],
    )


def list_page(
    request: HttpRequest,
    *,
    heading: Any,
    lead: Any,
    filters: Any,
    columns: Sequence[Column],
    row: Callable[[Any], Sequence[Any]],
    noun: Any,
    empty: tuple[Any, Any],
    buttons: Sequence[Button] = (),
    sections: Sequence[Section] = (),
) -> HttpResponse:
    """Draw a list with its filters in the address."""
    page = Paginator(filters.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "heading": heading,
        "lead": lead,
        "crumbs": crumbs(heading),
        "filter_form": filters.form,
        "noun": noun,
        "page": page,
        "columns": list(columns),
        "rows": [list(row(thing)) for thing in page],
        "empty_title": empty[0],
        "empty_text": empty[1],
        "buttons": list(buttons),
        "sections": list(sections),
    }
    return render(request, "mediation/consulting_list.html", context)
