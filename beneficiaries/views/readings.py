# SPDX-License-Identifier: EUPL-1.2
"""Who read the data of recipients: all readings with filters, the file of them, those of one recipient.

Recipients are told by pseudonym or only counted: to look at who read is not to read.
"""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from beneficiaries.filters import ReadingFilter
from beneficiaries.models import Beneficiary, ReadEntry
from beneficiaries.permissions import check_can_see_readings
from beneficiaries.selectors.readings import (
    page_label,
    readings_for,
    readings_of,
    recipients_with_readings,
    single_recipients,
)
from fami_portal.core.components import Column, Lines, Link
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.exports import CellType
from fami_portal.core.exports import Column as FileColumn
from partners.permissions import check_holds

PAGE_SIZE = 50


def _what(entry: ReadEntry) -> Lines:
    return Lines(entry.get_kind_display(), page_label(entry))


def _why(entry: ReadEntry) -> Lines:
    return Lines(entry.purpose, entry.activity.title if entry.activity else "")


def _how_many(entry: Any, one: dict[int, UUID]) -> Any:
    """How many recipients were read; where it was one, this leads to who else has read it.

    Whose names a file carries the portal often does not know.
    """
    if not entry.persons:
        return _("not known")
    if entry.pk not in one:
        return entry.persons
    address = reverse("beneficiaries:recipient-readings", args=[one[entry.pk]])
    return Link("1", address, _("Who has seen these data"))


@require_safe
def reading_list(request: HttpRequest) -> HttpResponse:
    """The readings that the person may see, the newest first."""
    check_holds(request.user, Permission.SEE_READINGS)
    found = ReadingFilter(request.GET, queryset=readings_for(request.user), request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    one = single_recipients(request.user, page)
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": [
            Column(_("When"), nowrap=True),
            Column(_("Who")),
            Column(_("What")),
            Column(_("Recipients of")),
            Column(_("Recipients"), numeric=True),
            Column(_("Why")),
        ],
        "rows": [
            [entry.at, _person(entry), _what(entry), entry.chain.organisation.name, _how_many(entry, one), _why(entry)]
            for entry in page
        ],
        "exports": export_links(request, "beneficiaries:reading-export"),
    }
    return render(request, "beneficiaries/reading_list.html", context)


@require_safe
def reading_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file: how many recipients were read, not which."""
    check_holds(request.user, Permission.SEE_READINGS)
    found = ReadingFilter(request.GET, queryset=readings_for(request.user), request=request)
    columns = [
        FileColumn(_("Number"), "number", CellType.INTEGER),
        FileColumn(_("When"), "at", CellType.DATETIME),
        FileColumn(_("Who"), _person, width=30),
        FileColumn(_("What"), lambda row: row.get_kind_display(), width=30),
        FileColumn(_("Page or file"), lambda row: str(page_label(row)), width=30),
        FileColumn(_("Recipients of"), "chain.organisation.name", width=40),
        FileColumn(_("Recipients"), lambda row: row.persons or None, CellType.INTEGER),
        FileColumn(_("Why"), "purpose", width=60),
    ]
    rows = found.qs.iterator(chunk_size=1000)
    return download_list(name="letture", title=_("Who has read"), fmt=fmt, columns=columns, rows=rows)


def _person(entry: ReadEntry) -> str:
    return str(entry.actor.get_full_name() or _("closed account"))


@require_safe
def recipient_readings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who has read the data of one recipient."""
    found = recipients_with_readings(request.user).filter(uuid=uuid).select_related("programme").first()
    if found is None:
        seen = Beneficiary.objects.visible_to(request.user).filter(uuid=uuid).first()
        if seen is None:
            raise Http404
        check_can_see_readings(request.user, seen)
        raise Http404
    page = Paginator(readings_of(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "beneficiary": found,
        "programme": found.programme,
        "page": page,
        "columns": [Column(_("When"), nowrap=True), Column(_("Who")), Column(_("What")), Column(_("Why"))],
        "rows": [[entry.at, _person(entry), _what(entry), _why(entry)] for entry in page],
        "crumbs": [(_("Who has read"), reverse("beneficiaries:reading-list")), found.pseudonym],
    }
    return render(request, "beneficiaries/recipient_readings.html", context)
