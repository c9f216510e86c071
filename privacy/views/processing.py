# SPDX-License-Identifier: EUPL-1.2
"""The register of processing as a page and as a file, for each programme."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.components import Column, Link
from fami_portal.core.downloads import download_list, export_links
from partners.permissions import check_holds
from privacy.forms.processing import ProgrammeForm
from privacy.rendering.processing import register_paper
from privacy.selectors.processing import file_columns, register, roles_of


def _programme(request: HttpRequest) -> tuple[ProgrammeForm, Programme | None]:
    form = ProgrammeForm(request.GET, by=request.user)
    return form, form.cleaned_data.get("programme") if form.is_valid() else None


@require_safe
def processing(request: HttpRequest) -> HttpResponse:
    """What is processed, why, how long; with a programme, its own times and the parts of its bodies."""
    check_holds(request.user, Permission.MANAGE_RETENTION)
    form, programme = _programme(request)
    pdf = request.path.rstrip("/") + "/export.pdf"
    query = f"?programme={programme.pk}" if programme else ""
    context = {
        "filter_form": form,
        "programme": programme,
        "exports": [
            *export_links(request, "privacy:processing-export"),
            Link("PDF", pdf + query, _("download of these results")),
        ],
        "part_columns": [
            Column(_("Body")),
            Column(_("Part in the processing")),
            Column(_("Act that gives it")),
            Column(_("Contact of the data protection officer")),
        ],
        "parts": [
            [row.organisation.name, row.get_role_display(), f"{row.legal_act}, {row.act_on:%d/%m/%Y}", row.dpo_contact]
            for row in (roles_of(programme) if programme else [])
        ],
        "columns": [
            Column(_("Data")),
            Column(_("Personal data")),
            Column(_("Data of recipients")),
            Column(_("Kept")),
            Column(_("Source or reason")),
        ],
        "activities": [
            {
                "code": activity.code,
                "title": activity.purpose.title,
                "facts": [
                    (_("Purpose"), activity.purpose.purpose),
                    (_("Basis"), activity.purpose.basis),
                    (_("Of whom"), activity.purpose.subjects),
                    (_("Who receives them"), activity.purpose.recipients),
                ],
                "rows": [
                    [row.name, ", ".join(row.personal), ", ".join(row.special), row.how_long, row.why]
                    for row in activity.models
                ],
            }
            for activity in register(programme)
        ],
    }
    return render(request, "privacy/processing.html", context)


@require_safe
def processing_export(request: HttpRequest, fmt: str) -> Any:
    """The register as a file."""
    check_holds(request.user, Permission.MANAGE_RETENTION)
    _form, programme = _programme(request)
    return download_list(
        name="registro-trattamenti",
        title=_("Register of processing"),
        fmt=fmt,
        columns=file_columns(),
        rows=[row for activity in register(programme) for row in activity.models],
    )


@require_safe
def processing_pdf(request: HttpRequest) -> HttpResponse:
    """The register on paper, to be kept or shown to the authority."""
    check_holds(request.user, Permission.MANAGE_RETENTION)
    _form, programme = _programme(request)
    content = register_paper(programme, register(programme), roles_of(programme) if programme else [], at=clock.now())
    name = f"registro-trattamenti-{timezone.localdate():%Y-%m-%d}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
