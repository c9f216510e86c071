# SPDX-License-Identifier: EUPL-1.2
"""Certificates: of a course for who reached the share, of guidance for who received some; all in one file, or one at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from beneficiaries.forms.certificates import CertificatesForm, PaperForm, ShareForm
from beneficiaries.permissions import certifying_bodies, check_can_certify
from beneficiaries.rendering.certificates import hours_in_words
from beneficiaries.selectors.certificates import (
    CERTIFIED_STATES,
    KEPT,
    Attended,
    attended_by,
    certified_elsewhere,
    own_files,
)
from beneficiaries.selectors.guidance import certifies_guidance
from beneficiaries.services import certificates as services
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.enrolments import enrolment_for
from beneficiaries.views.registers import activity_for, own_bodies
from fami_portal.core import clock
from fami_portal.core.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def certificates(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who attended how much; those who reached the share are proposed, the others may be added.

    Of guidance there is no share: whoever received some is proposed, and nobody else is on the page.
    """
    activity = activity_for(request, uuid)
    check_can_certify(request.user, activity)
    bodies = certifying_bodies(request.user, activity)
    named = attended_by(activity, bodies)
    elsewhere = certified_elsewhere(activity, bodies)
    guidance = certifies_guidance(activity)
    people = [one for one in named if one.minutes] if guidance else named
    asked = ShareForm(request.GET if "share" in request.GET and not guidance else None)
    share = 0 if guidance else asked.chosen
    form = CertificatesForm(
        request.POST if request.method == "POST" else None, ids=[one.enrolment.pk for one in people]
    )
    if request.method == "POST" and form.is_valid():
        try:
            job = services.ask_certificates(
                activity=activity,
                enrolments=form.cleaned_data["enrolments"],
                birth_date=form.cleaned_data["birth_date"],
                key=form.submission_key,
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return redirect(job)
    own = own_bodies(request.user)
    record_own_codes(
        by=request.user,
        own=own,
        page=services.PAGE,
        subjects=[one.enrolment.beneficiary for one in people],
        activity=activity,
        at=clock.now(),
    )
    typed = set(request.POST.getlist("enrolments")) if request.method == "POST" else None
    rows = [_row(one, share, typed, own) for one in people]
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": form,
        "asked": asked,
        "share": share,
        "share_typed": request.GET.get("share", share),
        "held": hours_in_words(people[0].held) if people else "",
        "reached": [row for row in rows if row["reached"]],
        "below": [row for row in rows if not row["reached"]],
        "rows": rows,
        "nameless": activity.enrolled - len(named) - sum(number for _body, number in elsewhere),  # type: ignore[attr-defined]
        "elsewhere": ", ".join(f"{body} ({number})" for body, number in elsewhere),
        "guidance": guidance,
        "heading": _("Certificates of guidance") if guidance else _("Certificates of attendance"),
        "open": activity.state in CERTIFIED_STATES,
        "files": own_files(request.user, activity),
        "kept": KEPT.days,
        "address": reverse("beneficiaries:certificates", args=[activity.uuid]),
        "crumbs": [
            (_("Activities"), reverse("actions:activity-list")),
            (activity.title, activity.get_absolute_url()),
            (_("Persons followed"), reverse("beneficiaries:supports", args=[activity.uuid]))
            if guidance
            else (_("Register"), reverse("beneficiaries:register", args=[activity.uuid])),
            _("Certificates of guidance") if guidance else _("Certificates of attendance"),
        ],
    }
    return render(request, "beneficiaries/certificates.html", context)


def _row(one: Attended, share: int, typed: set[str] | None, own: set[int]) -> dict[str, Any]:
    person = one.enrolment.beneficiary
    reached = bool(one.minutes) and one.percent >= share
    return {
        "pk": one.enrolment.pk,
        "label": person.code_for(own) or person.pseudonym,
        "second": person.pseudonym if person.code_for(own) else "",
        "attended": hours_in_words(one.minutes),
        "percent": one.percent,
        "times": one.guided.times if one.guided else 0,
        "present": bool(one.minutes),
        "reached": reached,
        "chosen": str(one.enrolment.pk) in typed if typed is not None else reached,
        "certificates": one.certificates,
        "url": reverse("beneficiaries:certificate", args=[one.enrolment.pk]),
    }


@require_POST
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the certificate of one enrolment, recorded; nothing of it is kept but its number."""
    enrolment = enrolment_for(request, pk)
    check_can_certify(request.user, enrolment.activity)
    form = PaperForm(request.POST)
    at = clock.now()
    try:
        paper = services.certificate_for(
            enrolment=enrolment,
            birth_date=form.is_valid() and form.cleaned_data["birth_date"],
            by=request.user,
            at=at,
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("beneficiaries:certificates", enrolment.activity.uuid)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="attestato-{timezone.localdate(at):%Y-%m-%d}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
