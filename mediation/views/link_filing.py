# SPDX-License-Identifier: EUPL-1.2
"""One page, fit for a phone, on which a body files or completes its request by a link."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from mediation.enums import LinkPurpose
from mediation.views.links import public, resolve_link


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_file(request: HttpRequest, token: str) -> HttpResponse:
    """File a request."""
    resolve_link(token, LinkPurpose.FILE)
    return HttpResponse("")


@public
@require_safe
def link_filed(request: HttpRequest, token: str) -> HttpResponse:
    """The number."""
    return HttpResponse("")


@public
@require_http_methods(["GET", "HEAD", "POST"])
def link_complete(request: HttpRequest, token: str) -> HttpResponse:
    """Complete."""
    return HttpResponse("")
