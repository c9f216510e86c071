# SPDX-License-Identifier: EUPL-1.2
"""The page of the roles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import ROLES


@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Every role with its description, its reach and what it may do."""
    return render(request, "accounts/roles.html", {"roles": list(ROLES.values())})
