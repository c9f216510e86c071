# SPDX-License-Identifier: EUPL-1.2
"""One page, fit for a phone, on which a body files or completes its request by a link."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fami_portal.core import clock
from fami_portal.core.documents import DocumentRefused
from fami_portal.core.errors import DomainError
from mediation.enums import LinkPurpose
from mediation.forms.link_filing import FilingForm
from mediation.forms.request_steps import Choices
from mediation.models import AccessLink, MediationRequest
from mediation.selectors import following
from mediation.selectors.link_pages import countries_to_choose, filed_with, languages_to_choose
from mediation.selectors.settings import settings_of
from mediation.services import link_acts, links
from mediation.services.requests import RequestHasProblemsError
from mediation.views.links import public, request_of, resolve_link


def _choices() -> Choices:
    return Choices(languages=languages_to_choose(), countries=countries_to_choose())


def _form(request: HttpRequest, draft: MediationRequest, **kwargs: Any) -> FilingForm:
    settings = settings_of(draft.programme_id, draft.kind)
    if settings is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    files = request.FILES if request.method == "POST" else None
    return FilingForm(data, files, request=draft, choices=_choices(), settings=settings, **kwargs)


def _try(form: FilingForm, act: Callable[[], MediationRequest]) -> MediationRequest | None:
    """Do the act; a refusal shows at its fields, and everything typed stays."""
    try:
        return act()
    except links.LinkRefusedError:
        raise
    except RequestHasProblemsError as error:
        form.add_problems(error.problems)
    except DomainError as error:
        if error.field == "minutes_asked":
            error.field = "session_minutes"
        if isinstance(error, DocumentRefused):
            error.field = "attachments"  # as the form calls them
        form.add_refusal(error)
    return None


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_file(request: HttpRequest, token: str) -> HttpResponse:
    """File a request for the body of the link; the submission and its double click are one."""
    link = resolve_link(token, LinkPurpose.FILE, reading=request.method == "POST")
    draft = MediationRequest(
        kind=link.kind, programme=link.programme, network=link.network, organisation=link.organisation
    )
    form = _form(request, draft)
    if request.method == "POST" and form.is_valid():
        saved = form.saved()
        filed = _try(
            form,
            lambda: link_acts.file_request(
                token=token,
                values=saved.values | {"municipality": link.organisation.municipality},
                languages=saved.languages or [],
                slots=saved.slots or [],
                key=form.submission_key,
                files=form.cleaned_data["attachments"],
                at=clock.now(),
            ),
        )
        if filed is not None:
            return redirect(f"{reverse('mediation:link-filed', args=[token])}?number={filed.number}")
    return _page(
        request,
        form,
        programme=draft.programme,
        heading=_("Ask for an intercultural mediator"),
        kicker=link.organisation.name,
        lead=_("One page, for %(programme)s. Never write names, tax codes or phone numbers of families.")
        % {"programme": draft.programme.title},
    )


def _page(request: HttpRequest, form: FilingForm, **context: Any) -> HttpResponse:
    form.say_files_again()
    context |= {"form": form, "blocks": [], "other": None}
    return render(request, "mediation/link_form.html", context, status=422 if form.errors else 200)


@public
@require_safe
def link_filed(request: HttpRequest, token: str) -> HttpResponse:
    """The number of what was filed with the link, and what happens now."""
    link = resolve_link(token, LinkPurpose.FILE, reading=True)
    found = filed_with(link, request.GET.get("number", ""))
    if found is None:
        return redirect("mediation:link-file", token=token)
    context = {
        "found": found,
        "programme": found.programme,
        "link": link,
        "told": following.in_plain_words(found),
        "facts": following.facts_of(found),
        "again_url": _again(link, token),
    }
    return render(request, "mediation/link_filed.html", context)


def _again(link: AccessLink, token: str) -> str:
    usable = links.refusal_of(link, at=timezone.now()) is None
    return reverse("mediation:link-file", args=[token]) if usable else ""


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_complete(request: HttpRequest, token: str) -> HttpResponse:
    """Complete a request that was sent back."""
    link = resolve_link(token, LinkPurpose.FOLLOW, reading=request.method != "POST")
    found = request_of(link)
    back = reverse("mediation:link-follow", args=[token])
    if not following.may_complete(found):
        return redirect(back)
    form = _form(request, found, initial=FilingForm.initial_of(found), version=found.version, cancel_url=back)
    form.submit_label = _("Submit it again")
    if request.method == "POST" and form.is_valid():
        saved = form.saved()
        version = form.cleaned_data["version"]
        done = _try(
            form,
            lambda: link_acts.complete(
                token=token,
                values=saved.values,
                languages=saved.languages or [],
                slots=saved.slots or [],
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                files=form.cleaned_data["attachments"],
                at=clock.now(),
            ),
        )
        if done is not None:
            return redirect(back)
        found.refresh_from_db()
        form.renew_version(found.version)
    return _page(
        request,
        form,
        programme=found.programme,
        heading=_("Complete the request"),
        kicker=found.number,
        lead=following.what_to_complete(found),
    )
