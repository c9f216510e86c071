# SPDX-License-Identifier: EUPL-1.2
"""Pages of the official sheets: what they ask of one recipient, and the sheets of a body to be handed in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.enums import Sheet
from beneficiaries.enums import ReadKind
from beneficiaries.forms.recipients import version_of
from beneficiaries.forms.sheets import OperatorSheetForm, ThirdCountrySheetForm
from beneficiaries.permissions import check_can_change_beneficiary
from beneficiaries.selectors.official_sheets import ROWS, OfficialSheet, official_sheet, sheets_offered
from beneficiaries.selectors.sheets import kept_sheet, sheet_initial, sheet_warnings, sheets_of
from beneficiaries.services.official_sheets import hand_out_sheet
from beneficiaries.services.reading import record_readings
from beneficiaries.services.sheets import OperatorFacts, ThirdCountryFacts, write_sheet
from beneficiaries.views.recipients import beneficiary_for, crumbs
from fami_portal.core import clock
from fami_portal.core.components import Button
from fami_portal.core.downloads import XLSX_TYPE
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds

FORMS: dict[str, Any] = {
    Sheet.THIRD_COUNTRY: (ThirdCountrySheetForm, ThirdCountryFacts),
    Sheet.OPERATORS: (OperatorSheetForm, OperatorFacts),
}


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct what the official sheet asks of one recipient of the own body."""
    found = beneficiary_for(request, uuid)
    check_can_change_beneficiary(request.user, found)
    offered = sheets_of(found)
    asked = request.GET.get("sheet", offered[0] if offered else "")
    if asked not in offered:
        raise Http404
    if request.method != "POST":
        record_readings(
            by=request.user, kind=ReadKind.PAGE, page="beneficiaries:sheet", subjects=[found], at=clock.now()
        )
    kept = kept_sheet(found, asked)
    form_class, facts_class = FORMS[asked]
    form = form_class(
        request.POST or None,
        version=kept.version if kept else 0,
        initial=sheet_initial(kept),
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        facts = facts_class(**form.facts())
        try:
            write_sheet(beneficiary=found, facts=facts, version=version_of(form), by=request.user, at=clock.now())
        except DomainError as error:
            kept = kept_sheet(found, asked)
            form.add_refusal(error, version=(kept.version if kept else 0) if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The sheet is saved."))
            for warning in sheet_warnings(found, timezone.localdate()):
                messages.warning(request, warning)
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Official sheet: %(sheet)s") % {"sheet": Sheet(asked).label},
        "lead": _("What the fund asks of this recipient beside what you wrote, and no more."),
        "kicker": found.pseudonym,
        "crumbs": crumbs((found.pseudonym, found.get_absolute_url()), _("Official sheet")),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)


@require_safe
def sheet_list(request: HttpRequest) -> HttpResponse:
    """The official sheets of the own bodies, to be handed in: how many rows, who is left out, what is missing."""
    check_holds(request.user, Permission.OPEN_IDENTITIES)
    today = timezone.localdate()
    found = [
        official_sheet(programme=programme, body=body, sheet=kind, today=today)
        for programme, body, kind in sheets_offered(request.user)
    ]
    context = {
        "sheets": [_card(one) for one in found],
        "rows": ROWS,
        "crumbs": crumbs(_("Official sheets")),
        "not_counted_url": reverse("beneficiaries:not-counted-list"),
    }
    return render(request, "beneficiaries/sheet_list.html", context)


def _card(one: OfficialSheet) -> dict[str, Any]:
    nameless = ngettext(
        "%(number)s person has no name written: its cells are empty. Register the name, if you may ask for it.",
        "%(number)s people have no name written: their cells are empty. Register the names, if you may ask for them.",
        one.nameless,
    )
    permitless = ngettext(
        "Of %(number)s person the kind of permit is missing: write it on the page of its eligibility.",
        "Of %(number)s people the kind of permit is missing: write it on the page of their eligibility.",
        one.permitless,
    )
    return {
        "title": one.sheet.label,
        "programme": one.programme.title,
        "facts": [
            (_("Body"), one.body.name),
            (_("People in the sheet"), len(one.people)),
            (_("Served and left out, as not counted"), len(one.left_out)),
        ],
        "missing": [
            words % {"number": number}
            for words, number in ((nameless, one.nameless), (permitless, one.permitless))
            if number
        ],
        "buttons": [_file(one, part, fmt) for part in one.parts for fmt in ("xlsx", "csv")],
    }


def _file(one: OfficialSheet, part: int, fmt: str) -> Button:
    label = _("Download %(format)s") % {"format": fmt.upper()}
    if len(one.parts) > 1:
        label = _("Download %(format)s, file %(part)s of %(parts)s") % {
            "format": fmt.upper(),
            "part": part,
            "parts": len(one.parts),
        }
    return Button(
        label,
        reverse("beneficiaries:sheet-export", args=[one.programme.slug, one.body.uuid, one.sheet, part, fmt]),
        method="post",
        style="primary" if fmt == "xlsx" else "outline-primary",
        hidden=f"{one.sheet.label} – {one.programme.title}",
    )


@require_POST
def sheet_export(
    request: HttpRequest, slug: str, body: UUID, kind: str, part: int, fmt: str
) -> HttpResponse | StreamingHttpResponse:
    """Hand out one file with the names, recorded; nothing of it is kept."""
    check_holds(request.user, Permission.OPEN_IDENTITIES)
    offered = [row for row in sheets_offered(request.user) if (row[0].slug, row[1].uuid, row[2]) == (slug, body, kind)]
    if not offered:
        raise Http404
    programme, organisation, asked = offered[0]
    now = clock.now()
    try:
        chunks = hand_out_sheet(
            programme=programme, body=organisation, sheet=asked, part=part, fmt=fmt, by=request.user, at=now
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("beneficiaries:sheet-list")
    name = f"scheda-{asked.replace('_', '-')}-{part}-{timezone.localdate(now):%Y-%m-%d}.{fmt}"
    return StreamingHttpResponse(
        chunks,
        content_type=XLSX_TYPE if fmt == "xlsx" else "text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
