# SPDX-License-Identifier: EUPL-1.2
"""What every page knows about the portal. Everything that costs a query is lazy."""

from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fami_portal.core import clock, nav
from fami_portal.core.logs import without_secrets
from fami_portal.core.middleware import seconds_left
from fami_portal.core.models import Message


def portal_version() -> str:
    """Return the version of the installed package, or of the source tree."""
    try:
        return version("fami-portal")
    except PackageNotFoundError:
        return settings.PORTAL_VERSION


class Portal:
    """The `portal` variable of the templates."""

    name = settings.PORTAL_NAME
    body = settings.PORTAL_BODY
    body_url = settings.PORTAL_BODY_URL
    support_email = settings.SUPPORT_EMAIL
    accessibility_url = settings.ACCESSIBILITY_DECLARATION_URL
    demo = settings.DEMO
    debug = settings.DEBUG
    warn_seconds = 120

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def request_id(self) -> str:
        """The id of this request, on the error pages and in reports of problems."""
        return getattr(self._request, "id", "")

    @property
    def path(self) -> str:
        """The open page, as reports of problems name it: without the secret of a link."""
        return without_secrets(self._request.path)

    @cached_property
    def version(self) -> str:
        return portal_version()

    @property
    def today(self) -> Any:
        """The day of the data on the page: pages are made at each request."""
        return clock.today()

    @cached_property
    def menu(self) -> list[nav.NavItem | nav.NavGroup]:
        user = getattr(self._request, "user", None)
        return nav.menu_for(user, self._request.path) if user is not None else []

    @cached_property
    def unread(self) -> int:
        """How many notifications the person has not read."""
        user = getattr(self._request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        return Message.objects.visible_to(user).unread().count()

    @property
    def session_seconds(self) -> int:
        """After how many seconds the session ends if nothing more is done."""
        return max(seconds_left(self._request), 0)


def portal(request: HttpRequest) -> dict[str, Any]:
    """Give every template the `portal` variable."""
    return {"portal": Portal(request)}
