# SPDX-License-Identifier: EUPL-1.2
"""Pages of recipients: list, export, page, correction, eligibility. Pseudonyms only."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.enums import Sheet
from beneficiaries import selectors
from beneficiaries.enums import Eligibility, ReadKind
from beneficiaries.filters import BeneficiaryFilter
from beneficiaries.forms.recipients import BeneficiaryForm, EligibilityForm, version_of
from beneficiaries.models import Beneficiary, EligibilityCheck
from beneficiaries.permissions import (
    asks_no_papers,
    can_break_glass,
    can_change_beneficiary,
    can_change_eligibility,
    can_see_readings,
    check_can_change_beneficiary,
    check_can_change_eligibility,
    check_can_read,
    deciding_body,
    sees_own_code,
)
from beneficiaries.selectors.recipients import counted
from beneficiaries.selectors.sheets import permit_of, sheet_facts, sheets_of
from beneficiaries.services.eligibility import change_eligibility
from beneficiaries.services.identities import masked_identities
from beneficiaries.services.reading import record_own_codes, record_readings
from beneficiaries.services.registration import correct_recipient
from beneficiaries.views.outcomes import outcome_table
from beneficiaries.views.registers import own_bodies
from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.exports import CellType
from fami_portal.core.exports import Column as FileColumn
from partners.permissions import check_holds, holds

PAGE_SIZE = 50
COLOURS = {
    Eligibility.UNVERIFIED: "secondary",
    Eligibility.DECLARED: "info",
    Eligibility.VERIFIED: "success",
    Eligibility.NOT_ELIGIBLE: "danger",
}


def _pill(beneficiary: Beneficiary) -> Pill:
    if beneficiary.anonymised_at is not None:
        return Pill(_("made anonymous"), "secondary")
    if beneficiary.restricted_at is not None:
        return Pill(_("processing restricted"), "warning")
    eligibility = Eligibility(beneficiary.eligibility)
    return Pill(eligibility.label, COLOURS[eligibility])


@require_safe
def beneficiary_list(request: HttpRequest) -> HttpResponse:
    """The recipients that the person may see, with filters."""
    check_holds(request.user, Permission.VIEW_BENEFICIARIES)
    found = BeneficiaryFilter(request.GET, queryset=selectors.beneficiaries_for(request.user), request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    every = Beneficiary.objects.visible_to(request.user)
    figure = counted(found.filter_queryset(every) if found.form.is_valid() else every)
    own = own_bodies(request.user)
    record_own_codes(by=request.user, own=own, page="beneficiaries:beneficiary-list", subjects=page, at=clock.now())
    columns = [
        Column(_("Recipient"), nowrap=True),
        Column(_("Target group")),
        Column(_("Registered by")),
        Column(_("Enrolments"), numeric=True),
        Column(_("Eligibility")),
    ]
    rows = [
        [
            Lines(Link(row.pseudonym, row.get_absolute_url()), row.code_for(own)),
            Lines(row.target_group.title, row.programme.title),
            row.registered_by.name,
            row.activities,
            _pill(row),
        ]
        for row in page
    ]
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": columns,
        "rows": rows,
        "exports": export_links(request, "beneficiaries:beneficiary-export"),
        "facts": [(_("Persons (unique)"), figure.persons), (_("Records (gross)"), figure.records)],
        "buttons": [
            Button(_("Served but not counted"), reverse("beneficiaries:not-counted-list"), style="outline-primary"),
            Button(_("To be informed again"), reverse("beneficiaries:notice-renewals"), style="outline-primary"),
            *(
                [Button(_("Official sheets"), reverse("beneficiaries:sheet-list"), style="outline-primary")]
                if holds(request.user, Permission.OPEN_IDENTITIES)
                else []
            ),
        ],
    }
    return render(request, "beneficiaries/beneficiary_list.html", context)


@require_safe
def beneficiary_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file, without birth dates; own codes only to the body that gave them."""
    check_holds(request.user, Permission.VIEW_BENEFICIARIES)
    found = BeneficiaryFilter(request.GET, queryset=selectors.beneficiaries_for(request.user), request=request)
    own = own_bodies(request.user)
    columns = [
        FileColumn(_("Pseudonym"), "pseudonym"),
        FileColumn(_("Own code"), lambda row: row.code_for(own) or None),
        FileColumn(_("Programme"), "programme.title", width=30),
        FileColumn(_("Target group"), "target_group.title", width=40),
        FileColumn(_("Registered by"), "registered_by.name", width=40),
        FileColumn(_("Registered on"), "created_at", CellType.DATE),
        FileColumn(_("Enrolments"), "activities", CellType.INTEGER),
        FileColumn(_("Eligibility"), lambda row: row.get_eligibility_display()),
    ]
    record_own_codes(
        by=request.user,
        own=own,
        kind=ReadKind.EXPORT,
        page="beneficiaries:beneficiary-export",
        subjects=selectors.with_own_code(found.qs.order_by().values("pk"), own),
        at=clock.now(),
    )
    rows = found.qs.iterator(chunk_size=1000)
    return download_list(name="destinatari", title=_("Recipients"), fmt=fmt, columns=columns, rows=rows)


def beneficiary_for(request: HttpRequest, uuid: UUID) -> Beneficiary:
    """Return the recipient if the person may see it; strangers find nothing."""
    found = get_object_or_404(
        Beneficiary.objects.visible_to(request.user).select_related(
            "programme", "target_group", "citizenship", "registered_by"
        ),
        uuid=uuid,
    )
    check_can_read(request.user, found)
    return found


def crumbs(*more: Any) -> list[Any]:
    """Return the way back: the list, then what is given."""
    return [(_("Recipients"), reverse("beneficiaries:beneficiary-list")), *more]


def _seen(request: HttpRequest, found: Beneficiary, page: str) -> None:
    """Record that birth date and citizenship of a recipient are shown."""
    record_readings(by=request.user, kind=ReadKind.PAGE, page=page, subjects=[found], at=clock.now())


@require_safe
def beneficiary(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One recipient by pseudonym: facts, enrolments, history."""
    found = beneficiary_for(request, uuid)
    _seen(request, found, "beneficiaries:beneficiary")
    enrolments = list(selectors.enrolments_for(request.user, found))
    for enrolment in enrolments:
        enrolment.beneficiary = found
    earning = selectors.earning_types({selectors.group_of(one).pk for one in enrolments})
    buttons = []
    sheets = sheets_of(found)
    masked = masked_identities(beneficiaries=[found], by=request.user)
    if masked:
        identity = reverse("beneficiaries:identity", args=[found.uuid])
        buttons.append(Button(_("Open the name"), identity, style="outline-primary"))
    if not masked and can_break_glass(request.user, found):
        exceptional = reverse("beneficiaries:break-glass-open", args=[found.uuid])
        buttons.append(Button(_("Open the name exceptionally"), exceptional, style="outline-danger"))
    if can_change_beneficiary(request.user, found):
        for sheet in sheets:
            address = reverse("beneficiaries:sheet", args=[found.uuid]) + f"?sheet={sheet}"
            label = _("Official sheet: %(sheet)s") % {"sheet": Sheet(sheet).label}
            buttons.append(Button(label, address, style="outline-primary"))
        edit = reverse("beneficiaries:beneficiary-edit", args=[found.uuid])
        buttons.append(Button(_("Correct the recipient"), edit, style="outline-primary"))
    # The permit and the particular conditions are for who decides on them.
    decides = can_change_eligibility(request.user, found)
    if decides:
        change = reverse("beneficiaries:eligibility", args=[found.uuid])
        buttons.append(Button(_("Change the eligibility"), change, style="outline-primary"))
    if can_see_readings(request.user, found):
        read = reverse("beneficiaries:recipient-readings", args=[found.uuid])
        buttons.append(Button(_("Who has seen these data"), read, style="outline-primary"))
    outcome_columns, outcome_rows = outcome_table(request.user, found)
    context = {
        "beneficiary": found,
        "programme": found.programme,
        "outcome_columns": outcome_columns,
        "outcome_rows": outcome_rows,
        "pill": _pill(found),
        "crumbs": crumbs(found.pseudonym),
        "facts": [
            *((_("Name"), initials) for initials in masked.values()),
            *([(_("Own code"), found.local_code)] if sees_own_code(request.user, found) else []),
            (_("Programme"), found.programme.title),
            (_("Target group"), found.target_group.title),
            (_("Gender"), found.get_sex_display()),
            (_("Birth date"), found.birth_date),
            (_("Citizenship"), found.citizenship.name),
            (_("Registered by"), found.registered_by.name),
            *(sheet_facts(found, sheets) if decides else []),
        ],
        "buttons": buttons,
        "columns": [
            Column(_("Activity")),
            Column(_("Body and network")),
            Column(_("Enrolled on"), nowrap=True),
            Column(_("Age at the start"), nowrap=True),
            Column(_("Withdrawn on"), nowrap=True),
            Column(_("Presences"), numeric=True),
            Column(_("Counted")),
        ],
        "rows": [_enrolment_row(enrolment, earning) for enrolment in enrolments],
        "check_columns": [
            Column(_("When"), nowrap=True),
            Column(_("Outcome")),
            Column(_("What was seen")),
            Column(_("Where the paper is kept")),
            Column(_("Who")),
        ],
        "check_rows": [_check_row(check) for check in selectors.checks_of(found)],
        "history": [
            Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
            for entry in timeline(found, limit=50)
        ],
    }
    return render(request, "beneficiaries/beneficiary.html", context)


def _check_row(check: EligibilityCheck) -> list[Any]:
    until = _("valid until %(day)s") % {"day": f"{check.expires_on:%d/%m/%Y}"} if check.expires_on else ""
    outcome = Eligibility(check.outcome)
    return [
        check.at,
        Lines(Pill(outcome.label, COLOURS[outcome]), check.reason),
        Lines(check.get_seen_display(), until) if check.seen else "",
        check.kept_at,
        Lines(
            check.by.full_name if check.by else _("The portal"), check.on_behalf_of.name if check.on_behalf_of else ""
        ),
    ]


def _enrolment_row(enrolment: Any, earning: Any) -> list[Any]:
    activity = enrolment.activity
    age = selectors.age_on(enrolment.beneficiary.birth_date, enrolment.enrolled_on)
    reasons = selectors.why_enrolment_not_counted(enrolment, earning)
    role = enrolment.target_group
    kind = _("%(kind)s, as %(role)s") % {"kind": activity.activity_type.title, "role": role.title} if role else ""
    return [
        Lines(Link(activity.title, activity.get_absolute_url()), kind or activity.activity_type.title),
        Lines(activity.organisation.name, activity.network.name),
        enrolment.enrolled_on,
        Lines(age, selectors.age_band(age).label),
        enrolment.withdrawn_on,
        enrolment.times_present,
        Lines(Pill(_("not counted"), "warning"), "; ".join(str(reason) for reason in reasons))
        if reasons
        else Pill(_("yes"), "success"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def beneficiary_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a recipient of the own body."""
    found = beneficiary_for(request, uuid)
    check_can_change_beneficiary(request.user, found)
    if request.method != "POST":
        _seen(request, found, "beneficiaries:beneficiary-edit")
    form = BeneficiaryForm(
        request.POST or None,
        groups=selectors.groups_of_persons(found.programme_id),
        countries=selectors.countries(),
        version=found.version,
        initial={
            "local_code": found.local_code,
            "target_group": found.target_group_id,
            "sex": found.sex,
            "birth_date": found.birth_date,
            "citizenship": found.citizenship_id,
        },
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            correct_recipient(
                beneficiary=found, version=version_of(form), **form.values(), by=request.user, at=clock.now()
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The recipient is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Correct the recipient"),
        "lead": _("Reports that were validated keep what they said."),
        "kicker": found.pseudonym,
        "crumbs": crumbs((found.pseudonym, found.get_absolute_url()), _("Correct the recipient")),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def eligibility(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say whether a recipient counts for the fund."""
    found = beneficiary_for(request, uuid)
    check_can_change_eligibility(request.user, found)
    body = deciding_body(request.user, found)
    papers = body is None or not asks_no_papers(body)
    form = EligibilityForm(
        request.POST or None,
        papers=papers,
        permits=papers and found.target_group.sheet == Sheet.THIRD_COUNTRY,
        version=found.version,
        initial={"eligibility": found.eligibility, "permit": permit_of(found)},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_eligibility(
                beneficiary=found, **form.values(), version=version_of(form), by=request.user, at=clock.now()
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The eligibility is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Change the eligibility"),
        "lead": _("Only “declared” and “verified” count. Whoever is not eligible takes part all the same.")
        if papers
        else _("A school asks for no papers: it records the declaration of the family. Everybody takes part."),
        "kicker": found.pseudonym,
        "crumbs": crumbs((found.pseudonym, found.get_absolute_url()), _("Change the eligibility")),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)
