# SPDX-License-Identifier: EUPL-1.2
"""The private calendar of a mediator: its address, the feed that calendars read, one session as a file."""

import hashlib
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fami_portal.core import clock
from fami_portal.core.components import Button
from mediation.models import CommunityPresence, MediationSession
from mediation.rendering.calendars import CONTENT_TYPE, calendar
from mediation.selectors import calendars as selectors
from mediation.services import calendars as services
from mediation.views.my_work import not_registered, own_crumbs, own_entry


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def my_calendar(request: HttpRequest) -> HttpResponse:
    """Say whether there is an address; a POST makes one and shows it this once."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    address = ""
    if request.method == "POST":
        token = services.make_address(mediator=mediator, by=request.user, at=clock.now())
        address = request.build_absolute_uri(reverse("mediation:calendar-feed", args=[token]))
    has_one = bool(mediator.calendar_token_sha256)
    heading = gettext_lazy("Calendar on the phone")
    make = Button(
        gettext_lazy("Make a new address") if has_one else gettext_lazy("Make the address"),
        reverse("mediation:my-calendar"),
        method="post",
        style="outline-primary" if has_one else "primary",
    )
    stop = Button(
        gettext_lazy("Stop the calendar"), reverse("mediation:my-calendar-stop"), method="post", style="outline-danger"
    )
    context = {
        "heading": heading,
        "crumbs": own_crumbs(heading),
        "address": address,
        # Telephones open this one in their calendar.
        "open_address": "webcal://" + address.split("://", 1)[1] if address else "",
        "has_one": has_one,
        "buttons": [make, stop] if has_one else [make],
    }
    return render(request, "mediation/my_calendar.html", context)


@require_POST
def my_calendar_stop(request: HttpRequest) -> HttpResponse:
    """Let the address stop working."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    services.stop_address(mediator=mediator, by=request.user, at=clock.now())
    messages.success(request, gettext_lazy("The calendar is stopped: its address works no more."))
    return redirect("mediation:my-calendar")


@login_not_required
@sensitive_variables("token")
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The sessions and presences of the mediator to whom the address was given; reading is all that it can do."""
    mediator = selectors.mediator_by_token(token)
    if mediator is None:
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        body = calendar(selectors.feed_of(mediator, at=clock.now()), name=_("Mediation sessions"))
    return _answer(request, body, "sessioni.ics")


@require_safe
def session_invitation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One session as a file for any calendar."""
    session = get_object_or_404(
        MediationSession.objects.visible_to(request.user)
        .select_related("request", "request__organisation", "request__municipality")
        .order_by("pk"),
        uuid=uuid,
    )
    with translation.override(settings.LANGUAGE_CODE):
        entry = selectors.entries([session])
        body = calendar(entry, name=entry[0].summary)
    return _answer(request, body, f"{session.request.number or 'sessione'}.ics")


@require_safe
def presence_invitation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One presence as a file for any calendar."""
    presence = get_object_or_404(
        CommunityPresence.objects.visible_to(request.user).select_related("network").order_by("pk"), uuid=uuid
    )
    with translation.override(settings.LANGUAGE_CODE):
        entry = selectors.presence_entries([presence])
        body = calendar(entry, name=entry[0].summary)
    return _answer(request, body, "presenza.ics")


def _answer(request: HttpRequest, body: bytes, filename: str) -> HttpResponse:
    """Answer with a calendar, or with nothing when the reader has this one already."""
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
