# SPDX-License-Identifier: EUPL-1.2
"""Pages of the territory of a network: its municipalities, and the map of what is done in each of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from fami_portal.core import clock, exports
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from partners import selectors
from partners.enums import Coverage
from partners.forms.municipalities import MunicipalitiesForm
from partners.models import Municipality, Network
from partners.permissions import can_manage_network, check_can_manage_network
from partners.rendering.territory import Shape, draw
from partners.selectors.territory import (
    MAX_FOUND,
    PlaceRow,
    Territory,
    find_municipalities,
    networks_of_territory,
    territory_of,
)
from partners.services.territory import change_municipalities
from partners.views.networks import crumbs_of

# Where several networks have more municipalities than these, the page sums them up: the map of each network names them.
MANY_PLACES = 60
COLOURS = {Coverage.REACHED: "success", Coverage.PRESENT: "info", Coverage.NOT_REACHED: "warning"}


@require_http_methods(["GET", "HEAD", "POST"])
def network_municipalities(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Search municipalities, tick them, save: “Search” keeps what is ticked and writes nothing."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, shown)
    if request.method != "POST":
        form = _municipalities_form(shown, shown.municipalities.order_by("name", "code"), "")
        return _municipalities_page(request, shown, form)
    ticked = Municipality.objects.filter(code__in=request.POST.getlist("chosen") + request.POST.getlist("found"))
    search, version = request.POST.get("search", ""), request.POST.get("version", "")
    if "look" in request.POST:
        form = _municipalities_form(shown, ticked.order_by("name", "code"), search, version=version)
        return _municipalities_page(request, shown, form)
    form = _municipalities_form(shown, ticked.order_by("name", "code"), "", version=version, data=request.POST)
    if form.is_valid():
        try:
            change_municipalities(
                network=shown,
                municipalities=form.ticked(),
                version=int(version) if version.isdigit() else -1,
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error, version=shown.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The municipalities are saved."))
            return redirect("partners:territory", shown.uuid)
    return _municipalities_page(request, shown, form)


def _municipalities_form(shown: Network, chosen: Any, search: str, *, version: str = "", data: Any = None) -> Any:
    found, total = find_municipalities(search, without=chosen.values_list("pk", flat=True))
    note: Any = ""
    if search.strip() and not total:
        note = _("No municipality found: check the spelling, or write fewer letters.")
    elif total > MAX_FOUND:
        note = _("The first %(number)s of %(total)s: write more letters.") % {"number": MAX_FOUND, "total": total}
    if data is not None:
        # What was ticked among the results counts as chosen: the page shows it so whatever the answer is.
        data = data.copy()
        data.setlist("chosen", [place.code for place in chosen])
        data.setlist("found", [])
    return MunicipalitiesForm(
        data,
        found=found,
        chosen=chosen,
        note=note,
        initial={"search": search, "chosen": [place.code for place in chosen]},
        version=version or shown.version,
        cancel_url=shown.get_absolute_url(),
    )


def _municipalities_page(request: HttpRequest, shown: Network, form: MunicipalitiesForm) -> HttpResponse:
    context = {"form": form, "network": shown, "crumbs": crumbs_of(shown, _("Municipalities"))}
    return render(request, "partners/network_municipalities.html", context)


@require_safe
def territory(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The municipalities of a network and of those that it coordinates, drawn and in a table."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    found = territory_of(request.user, networks_of_territory(request.user, shown), today=clock.today())
    buttons = []
    if can_manage_network(request.user, shown):
        address = reverse("partners:network-municipalities", args=[shown.uuid])
        buttons.append(Button(_("Choose the municipalities"), address))
    context = {
        **territory_context(found, name=shown.name),
        "kicker": shown.name,
        "lead": _("Where the work of the network arrives, municipality by municipality."),
        "buttons": buttons,
        "exports": export_links(request, "partners:territory-export", uuid=shown.uuid),
        "crumbs": crumbs_of(shown, _("Map of the territory")),
    }
    return render(request, "partners/territory.html", context)


@require_safe
def territory_export(request: HttpRequest, uuid: UUID, fmt: str) -> Any:
    """The table of the territory as a file."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    found = territory_of(request.user, networks_of_territory(request.user, shown), today=clock.today())
    return territory_file(found, name=f"territorio-{shown.code}", fmt=fmt)


def territory_context(found: Territory, *, name: str) -> dict[str, Any]:
    """Return what the page of a territory shows: the drawing, its legend, the table, the sums."""
    drawing = draw(
        [Shape(row.place.code, row.coverage.value, row.place.name, _words(row, found)) for row in found.rows],
        label=_("Map of the municipalities of %(name)s; the table below says the same") % {"name": name},
    )
    several = len({network.pk for row in found.rows for network in row.networks}) > 1
    by_network = several and len(found.rows) > MANY_PLACES
    columns = [Column(_("Municipality")), Column(_("Coverage"))]
    if several:
        columns.append(Column(_("Network")))
    columns += [Column(label, numeric=True) for label in (_("Schools"), _("Bodies"), *found.labels)]
    rows = []
    for row in () if by_network else found.rows:
        line: list[Any] = [
            Lines(str(row.place), row.place.code),
            Pill(_short(row.coverage), COLOURS[row.coverage]),
        ]
        if several:
            line.append(", ".join(network.name for network in row.networks))
        rows.append([*line, row.schools, row.bodies, *row.numbers])
    reached, number = found.with_coverage(Coverage.REACHED), len(found.rows)
    sentence = ngettext(
        "%(reached)s of %(number)s municipality is reached.",
        "%(reached)s of %(number)s municipalities are reached.",
        number,
    )
    return {
        "drawing": drawing,
        "legend": [(coverage.value, coverage.label, found.with_coverage(coverage)) for coverage in Coverage],
        "by_network": by_network,
        "columns": _network_columns(found) if by_network else columns,
        "rows": _network_rows(found) if by_network else rows,
        "sentence": sentence % {"reached": reached, "number": number},
    }


def _network_columns(found: Territory) -> list[Column]:
    labels = (
        _("Municipalities"),
        *(_short(coverage) for coverage in Coverage),
        _("Schools"),
        _("Bodies"),
        *found.labels,
    )
    return [Column(_("Network")), *(Column(label, numeric=True) for label in labels)]


def _network_rows(found: Territory) -> list[list[Any]]:
    """The sums of each network, by name; a municipality of two of them is in both."""
    networks = {network.pk: network for row in found.rows for network in row.networks}
    places: dict[int, list[PlaceRow]] = {pk: [] for pk in networks}
    for row in found.rows:
        for network in row.networks:
            places[network.pk].append(row)
    return [
        [
            Link(network.name, reverse("partners:territory", args=[network.uuid])),
            len(places[network.pk]),
            *(sum(row.coverage == coverage for row in places[network.pk]) for coverage in Coverage),
            sum(row.schools for row in places[network.pk]),
            sum(row.bodies for row in places[network.pk]),
            *(sum(row.numbers[place] for row in places[network.pk]) for place in range(len(found.labels))),
        ]
        for network in sorted(networks.values(), key=lambda one: (one.name, one.pk))
    ]


def territory_file(found: Territory, *, name: str, fmt: str) -> Any:
    """Answer with the table of a territory as a file."""
    columns = [
        exports.Column(_("ISTAT code"), lambda row: row.place.code),
        exports.Column(_("Municipality"), lambda row: row.place.name, width=40),
        exports.Column(_("Province"), lambda row: row.place.province),
        exports.Column(_("Network"), lambda row: ", ".join(network.name for network in row.networks), width=40),
        exports.Column(_("Coverage"), lambda row: _short(row.coverage)),
        exports.Column(_("Schools"), "schools", exports.CellType.INTEGER),
        exports.Column(_("Bodies"), "bodies", exports.CellType.INTEGER),
        *(
            exports.Column(label, lambda row, place=place: row.numbers[place], exports.CellType.INTEGER)
            for place, label in enumerate(found.labels)
        ),
    ]
    return download_list(name=name, title=_("Territory"), fmt=fmt, columns=columns, rows=found.rows)


def _short(coverage: Coverage) -> Any:
    return {
        Coverage.REACHED: _("Reached"),
        Coverage.PRESENT: _("Body present"),
        Coverage.NOT_REACHED: _("Not reached"),
    }[coverage]


def _words(row: PlaceRow, found: Territory) -> str:
    labels = (_("Schools"), _("Bodies"), *found.labels)
    numbers = (row.schools, row.bodies, *row.numbers)
    said = "; ".join(f"{label}: {number}" for label, number in zip(labels, numbers, strict=True))
    return f"{row.place} – {_short(row.coverage)}. {said}"
