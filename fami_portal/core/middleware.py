# SPDX-License-Identifier: EUPL-1.2
"""Request id, limits of the session, sign-in required everywhere but where a view says otherwise.

A view opens itself to everybody with Django's `login_not_required` decorator; no list of paths is kept here.
"""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import urlencode

from fami_portal.core import unsent
from fami_portal.core.errorpages import error_page
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.logs import current_request_id

GetResponse = Callable[[HttpRequest], HttpResponse]

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# Pages that refresh themselves send this header: a forgotten tab must not keep a session alive.
BACKGROUND_HEADER = "X-Portal-Background"
# The time of the last request is written at most this often: a page view should not cost a write.
SEEN_EVERY_SECONDS = 30


class RequestIdMiddleware:
    """Gives each request an id: on the log lines, on the error pages, in the answer's `X-Request-ID`."""

    acceptable = re.compile(r"[A-Za-z0-9-]{8,64}")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if self.acceptable.fullmatch(given) else uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
        # Not reset at the end: Django writes its own line about the answer after the last middleware.
        current_request_id.set(request.id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


def start_clock(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Note when the person signed in; drop a form kept for somebody else (receiver of `user_logged_in`)."""
    if request is not None and hasattr(request, "session"):
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time.time())
        unsent.forget_if_of_another(request, user)


user_logged_in.connect(start_clock, dispatch_uid="portal.start_clock")


def seconds_left(request: HttpRequest) -> int:
    """Return how long the session lasts if nothing more is done; at most zero when it is over."""
    now = int(time.time())
    idle = request.session.get(SEEN_AT, now) + settings.SESSION_IDLE_SECONDS - now
    absolute = request.session.get(SIGNED_IN_AT, now) + settings.SESSION_ABSOLUTE_SECONDS - now
    return min(idle, absolute)


class SessionLimitMiddleware:
    """Ends sessions that are idle or old, and remembers in a signed cookie whose browser this was.

    The cookie grants nothing: it lets `SignInRequiredMiddleware` keep the form that somebody was filling in when the
    session ended, for that person alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_expired = False  # type: ignore[attr-defined]
        was_signed_in = request.user.is_authenticated
        if was_signed_in:
            self._check(request)
        if request.method == "POST" and request.user.is_authenticated:
            unsent.forget_if_sent(request)
        response = self.get_response(request)
        if request.user.is_authenticated:
            unsent.remember_browser(request, response)
        elif was_signed_in and not request.session_expired:  # type: ignore[attr-defined]
            unsent.forget_browser(response)  # the person chose to sign out
        return response

    def _check(self, request: HttpRequest) -> None:
        now = int(time.time())
        valid_from = getattr(request.user, "sessions_valid_from", None)
        signed_in_at = request.session.setdefault(SIGNED_IN_AT, now)
        withdrawn = valid_from is not None and signed_in_at < int(valid_from.timestamp())
        if withdrawn or seconds_left(request) <= 0:
            logout(request)
            request.session_expired = True  # type: ignore[attr-defined]
        elif BACKGROUND_HEADER not in request.headers and now - request.session.get(SEEN_AT, 0) >= SEEN_EVERY_SECONDS:
            request.session[SEEN_AT] = now


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Sends strangers to the sign-in page; what a person was sending when the session ended is kept for them."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:
        following = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("home")
        if request.method == "POST" and unsent.keep(request):
            following = reverse("core:unsent")
        elif request.method == "GET" and request.headers.get("HX-Request"):
            following = reverse("home")
        address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': following})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"sign_in": address}, status=401)
        return HttpResponse(status=302, headers={"Location": address})


class RefusalMiddleware:
    """Turns refusals that no view has caught, and methods that no view takes, into pages that say what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = error_page(request, 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 403 to `NotPermitted` and 409 to any other `DomainError`, with its sentence."""
        if isinstance(exception, NotPermitted):
            return error_page(request, 403, detail=str(exception))
        if isinstance(exception, DomainError):
            return error_page(request, 409, detail=str(exception))
        return None
