# SPDX-License-Identifier: EUPL-1.2
"""Every component with its variants, on one page. Mounted in development and in tests only."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the gallery."""
    return render(request, "core/gallery.html", {})
