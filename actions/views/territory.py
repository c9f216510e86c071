# SPDX-License-Identifier: EUPL-1.2
"""The territory of a whole programme: the municipalities of all its networks, drawn and in a table."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from actions.selectors.programmes import networks_carrying
from actions.views.budgets import crumbs_of, programme_of
from fami_portal.core import clock
from fami_portal.core.downloads import export_links
from partners.selectors.territory import territory_of
from partners.views.territory import territory_context, territory_file


@require_safe
def programme_territory(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the work of a programme arrives, in the networks of it that the person sees."""
    found = programme_of(request, slug)
    land = territory_of(request.user, networks_carrying(request.user, found), today=clock.today())
    context = {
        **territory_context(land, name=found.title),
        "programme": found,
        "kicker": found.title,
        "lead": _("Where the work of the programme arrives, municipality by municipality."),
        "buttons": [],
        "exports": export_links(request, "actions:programme-territory-export", slug=found.slug),
        "crumbs": crumbs_of(found, _("Map of the territory")),
    }
    return render(request, "partners/territory.html", context)


@require_safe
def programme_territory_export(request: HttpRequest, slug: str, fmt: str) -> Any:
    """The table of the territory of a programme as a file."""
    found = programme_of(request, slug)
    land = territory_of(request.user, networks_carrying(request.user, found), today=clock.today())
    return territory_file(land, name=f"territorio-{found.slug}", fmt=fmt)
