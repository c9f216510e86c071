# SPDX-License-Identifier: EUPL-1.2
"""Pages behind a link: public, because their reader has no account. Opening one changes nothing; only a POST acts."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from fami_portal.core import clock
from fami_portal.core.components import Pill
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import PortalForm
from mediation.enums import LinkPurpose, RequestState
from mediation.forms.links import AskForm, CancelForm, DeclineForm, HeadForm, SignForm
from mediation.models import AccessLink, MediationRequest
from mediation.selectors import following
from mediation.selectors.reports import is_service, report_of
from mediation.selectors.requests import cancellation_cost, settings_for
from mediation.services import link_acts
from mediation.services import links as services
from mediation.services.link_requests import ask_for_link
from mediation.services.requests import CostChangedError
from mediation.views.reports import facts_of, session_lines
from mediation.workflow import REQUEST

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Open a page to whoever has its address, and keep the address to them.

    Nothing is stored on the way, nothing is indexed, and the path never travels as a referrer. (Not `no-referrer`:
    with it browsers send `Origin: null`, and no form would pass the protection against forged requests.)
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except services.LinkRefusedError as refusal:
            response = _closed(request, refusal)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return login_not_required(never_cache(sensitive_variables("token")(guarded)))


def _closed(request: HttpRequest, refusal: services.LinkRefusedError) -> HttpResponse:
    return render(request, "mediation/link_closed.html", {"reason": str(refusal)}, status=refusal.status)


def resolve_link(token: str, purpose: str, *, reading: bool = False) -> AccessLink:
    """Return the link behind the address of a page."""
    return services.resolve(token=token, purpose=purpose, at=timezone.now(), reading=reading)


def request_of(link: AccessLink) -> MediationRequest:
    """Return the request of a link with its parts."""
    return MediationRequest.objects.with_parts().get(pk=link.request_id)


def _origin(request: HttpRequest) -> str:
    if settings.SECURE_PROXY_SSL_HEADER:
        # The proxy adds the last address itself; what stands before it anybody can write.
        forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return request.META.get("REMOTE_ADDR", "")


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_ask(request: HttpRequest) -> HttpResponse:
    """A school or service without an account asks for its link: the answer is the same whatever the address."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_link(address=form.cleaned_data["address"], origin=_origin(request))
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect("mediation:link-asked")
    return render(request, "mediation/link_ask.html", {"form": form}, status=422 if form.errors else 200)


@public
@require_safe
def link_asked(request: HttpRequest) -> HttpResponse:
    """What to do now, whether a mail is on its way or not."""
    return render(request, "mediation/link_asked.html", {})


# --- following ------------------------------------------------------------------------------------------------------


def pill_of(found: MediationRequest) -> Pill:
    """Return the pill of the state of a request."""
    return Pill(REQUEST.states(found.state).label, REQUEST.colours[found.state])


@public
@require_safe
def link_follow(request: HttpRequest, token: str) -> HttpResponse:
    """How far a request is, in plain words."""
    link = resolve_link(token, LinkPurpose.FOLLOW, reading=True)
    found = request_of(link)
    can_act = services.refusal_of(link, at=timezone.now()) is None
    context = {
        "found": found,
        "programme": found.programme,
        "pill": pill_of(found),
        "told": following.in_plain_words(found),
        "asked": following.what_to_complete(found),
        "facts": following.facts_of(found),
        "steps": following.steps_of(found),
        "complete_url": _url("link-complete", token) if can_act and following.may_complete(found) else "",
        "cancel_url": _url("link-cancel", token) if can_act and following.may_cancel(found) else "",
    }
    return render(request, "mediation/link_follow.html", context)


def _url(name: str, token: str) -> str:
    return reverse(f"mediation:{name}", args=[token])


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Give a request up, knowing what it costs."""
    link = resolve_link(token, LinkPurpose.FOLLOW, reading=request.method != "POST")
    found = request_of(link)
    back = _url("link-follow", token)
    if not following.may_cancel(found):
        return redirect(back)
    now = clock.now()
    form = CancelForm(
        request.POST if request.method == "POST" else None,
        cancel_url=back,
        version=cancellation_cost(found, settings_for(found), at=now).minutes,
    )
    if request.method == "POST" and form.is_valid():
        try:
            link_acts.cancel(token=token, reason=form.cleaned_data["reason"], at=now, told=form.told)
        except services.LinkRefusedError:
            raise
        except CostChangedError as error:
            form.add_refusal(error, version=error.minutes)
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect(back)
    return _form_page(
        request,
        found,
        form,
        heading=_("Cancel the request"),
        lead=following.cost_in_words(found, at=now),
    )


def _form_page(
    request: HttpRequest,
    found: MediationRequest,
    form: PortalForm,
    *,
    heading: str,
    lead: str,
    blocks: Any = (),
    other: Any = None,
) -> HttpResponse:
    context = {
        "form": form,
        "programme": found.programme,
        "heading": heading,
        "lead": lead,
        "kicker": found.number,
        "blocks": blocks,
        "other": other,
    }
    return render(request, "mediation/link_form.html", context, status=422 if form.errors else 200)


# --- the head -------------------------------------------------------------------------------------------------------


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_authorise(request: HttpRequest, token: str) -> HttpResponse:
    """The head reads what is asked and authorises it: name, declaration, one button."""
    link = resolve_link(token, LinkPurpose.AUTHORISE, reading=True)
    found = request_of(link)
    if request.method != "POST" and not _open_to_head(link, found):
        return _over(request, found)
    form = HeadForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link_acts.authorise(token=token, name=form.cleaned_data["name"], at=clock.now())
        except services.UsedLinkError:
            return redirect(request.path)
        except services.LinkRefusedError:
            raise
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect(request.path)
    return _form_page(
        request,
        found,
        form,
        heading=_("Authorise a request of mediation"),
        lead=_("Read what is asked. Nothing happens until you press the button at the end."),
        blocks=[(block.title, [fact[:2] for fact in block.facts]) for block in following.everything_of(found)],
        other=(_("I do not authorise it"), _url("link-decline", token)),
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_decline(request: HttpRequest, token: str) -> HttpResponse:
    """The head does not authorise, and says why."""
    link = resolve_link(token, LinkPurpose.AUTHORISE, reading=True)
    found = request_of(link)
    back = _url("link-authorise", token)
    if request.method != "POST" and not _open_to_head(link, found):
        return redirect(back)
    form = DeclineForm(request.POST if request.method == "POST" else None, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            link_acts.decline(token=token, name=data["name"], comment=data["comment"], at=clock.now())
        except services.UsedLinkError:
            return redirect(back)
        except services.LinkRefusedError:
            raise
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect(back)
    return _form_page(
        request,
        found,
        form,
        heading=_("Do not authorise the request"),
        lead=_("The request ends, and its hours are free again. Whoever filed it is told."),
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_countersign(request: HttpRequest, token: str) -> HttpResponse:
    """The body reads the report and countersigns it: name, declaration, one button."""
    link = resolve_link(token, LinkPurpose.COUNTERSIGN, reading=True)
    found = request_of(link)
    report = report_of(found)
    open_ = found.state == RequestState.REPORTED and services.refusal_of(link, at=timezone.now()) is None
    if report is None or (request.method != "POST" and not open_):
        return _over(request, found)
    form = SignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            link_acts.countersign(
                token=token,
                name=data["name"],
                rating=data["rating"],
                rating_note=data["rating_note"],
                at=clock.now(),
            )
        except services.UsedLinkError:
            return redirect(request.path)
        except services.LinkRefusedError:
            raise
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect(request.path)
    meetings = [
        (_("Meeting"), f"{line['when']} · {line['minutes'] or line['pill'].label}") for line in session_lines(found)
    ]
    facts = facts_of(request.user, found, report)
    if is_service(found):
        # Whoever signs reads all that is signed; the link went to the service itself.
        facts.append((_("Cultural elements useful to read the case"), report.cultural_elements))
    return _form_page(
        request,
        found,
        form,
        heading=_("Countersign a report of mediation"),
        lead=_("Read the report of the mediator. Nothing happens until you press the button at the end."),
        blocks=[(_("Meetings"), meetings), (_("The report"), facts)],
    )


def _open_to_head(link: AccessLink, found: MediationRequest) -> bool:
    return following.waits_for_head(found) and services.refusal_of(link, at=timezone.now()) is None


def _over(request: HttpRequest, found: MediationRequest) -> HttpResponse:
    """What has become of the request, when there is nothing left to do with the link."""
    context = {
        "found": found,
        "programme": found.programme,
        "pill": pill_of(found),
        "told": following.in_plain_words(found),
        "facts": following.facts_of(found),
    }
    return render(request, "mediation/link_over.html", context)
