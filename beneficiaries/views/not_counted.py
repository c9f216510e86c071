# SPDX-License-Identifier: EUPL-1.2
"""Who is served and not counted: a list with the reasons, and its export. Pseudonyms only."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from beneficiaries.enums import ReadKind
from beneficiaries.filters import NotCountedFilter
from beneficiaries.models import Enrolment
from beneficiaries.selectors import age_band, with_own_code
from beneficiaries.selectors.not_counted import reasons_of, served_not_counted
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.recipients import PAGE_SIZE
from beneficiaries.views.registers import own_bodies
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.exports import CellType
from fami_portal.core.exports import Column as FileColumn
from partners.permissions import check_holds

CHUNK = 1000


def _found(request: HttpRequest) -> NotCountedFilter:
    check_holds(request.user, Permission.VIEW_BENEFICIARIES)
    return NotCountedFilter(request.GET, queryset=served_not_counted(request.user), request=request)


def _sentence(reasons: list[Any]) -> str:
    return "; ".join(str(reason) for reason in reasons)


@require_safe
def not_counted_list(request: HttpRequest) -> HttpResponse:
    """Those who took part and do not count, enrolment by enrolment."""
    found = _found(request)
    figures = found.qs.order_by().aggregate(number=Count("pk"), persons=Count("beneficiary", distinct=True))
    paginator = Paginator(found.qs, PAGE_SIZE)
    paginator.count = figures["number"]  # kept from here: the page asks no second time
    page = paginator.get_page(request.GET.get("page"))
    own = own_bodies(request.user)
    shown: Any = list(page)
    record_own_codes(
        by=request.user,
        own=own,
        page="beneficiaries:not-counted-list",
        subjects=[row.beneficiary for row in shown],
        at=clock.now(),
    )
    reasons = reasons_of(shown)
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": [
            Column(_("Recipient"), nowrap=True),
            Column(_("Target group")),
            Column(_("Activity")),
            Column(_("Age at the start"), nowrap=True),
            Column(_("Presences"), numeric=True),
            Column(_("Why it does not count")),
        ],
        "rows": [
            [
                Lines(
                    Link(row.beneficiary.pseudonym, row.beneficiary.get_absolute_url()),
                    row.beneficiary.code_for(own),
                ),
                Lines(row.beneficiary.target_group.title, row.activity.programme.title),
                Lines(Link(row.activity.title, row.activity.get_absolute_url()), row.activity.network.name),
                Lines(row.age, age_band(row.age).label),
                row.times_present,
                _sentence(reasons[row.pk]),
            ]
            for row in shown
        ],
        "persons": figures["persons"],
        "exports": export_links(request, "beneficiaries:not-counted-export"),
        "crumbs": [(_("Recipients"), reverse("beneficiaries:beneficiary-list")), _("Served but not counted")],
    }
    return render(request, "beneficiaries/not_counted.html", context)


@require_safe
def not_counted_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file, without birth dates; own codes only to the body that gave them."""
    found = _found(request)
    own = own_bodies(request.user)

    def own_code(row: Any) -> str | None:
        return row.beneficiary.code_for(own) or None

    record_own_codes(
        by=request.user,
        own=own,
        kind=ReadKind.EXPORT,
        page="beneficiaries:not-counted-export",
        subjects=with_own_code(found.qs.order_by().values("beneficiary"), own),
        at=clock.now(),
    )
    columns = [
        FileColumn(_("Pseudonym"), "beneficiary.pseudonym"),
        FileColumn(_("Own code"), own_code),
        FileColumn(_("Programme"), "activity.programme.title", width=30),
        FileColumn(_("Network"), "activity.network.name", width=30),
        FileColumn(_("Body"), "activity.organisation.name", width=40),
        FileColumn(_("Activity"), "activity.title", width=40),
        FileColumn(_("Target group"), "beneficiary.target_group.title", width=40),
        FileColumn(_("Enrolled on"), "enrolled_on", CellType.DATE),
        FileColumn(_("Age band at the start"), lambda row: age_band(row.age).label),
        FileColumn(_("Presences"), "times_present", CellType.INTEGER),
        FileColumn(_("Why it does not count"), lambda row: _sentence(row.reasons), width=60),
    ]
    return download_list(
        name="serviti-non-contati",
        title=_("Served but not counted"),
        fmt=fmt,
        columns=columns,
        rows=_with_reasons(found.qs.iterator(chunk_size=CHUNK)),
    )


def _with_reasons(rows: Iterator[Any]) -> Iterator[Enrolment]:
    while chunk := list(islice(rows, CHUNK)):
        reasons = reasons_of(chunk)
        for row in chunk:
            row.reasons = reasons[row.pk]
            yield row
