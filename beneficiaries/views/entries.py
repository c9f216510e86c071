# SPDX-License-Identifier: EUPL-1.2
"""Pages that end an enrolment, or correct it: the withdrawal, its cancellation, the day."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from beneficiaries.enums import WithdrawalReason
from beneficiaries.forms.entries import EnrolmentDayForm
from beneficiaries.forms.recipients import WithdrawForm
from beneficiaries.permissions import check_can_enrol
from beneficiaries.services import enrolments as services
from beneficiaries.services.entries import correct_enrolment_day
from beneficiaries.views.enrolments import crumbs_of, enrolment_for
from beneficiaries.views.registers import called
from fami_portal.core.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the day on which a recipient was enrolled, with the reason."""
    found = enrolment_for(request, pk)
    check_can_enrol(request.user, found.activity)
    address = reverse("beneficiaries:enrolment", args=[found.pk])
    form = EnrolmentDayForm(request.POST or None, initial={"enrolled_on": found.enrolled_on}, cancel_url=address)
    if request.method == "POST" and form.is_valid():
        try:
            correct_enrolment_day(
                enrolment=found,
                enrolled_on=form.cleaned_data["enrolled_on"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The day of the enrolment is corrected."))
            return redirect(address)
    context = {
        "form": form,
        "heading": _("Correct the day of the enrolment"),
        "lead": _("Not after a presence, and not across a period that is closed: what was reported stays as it is."),
        "kicker": called(request.user, found),
        "crumbs": crumbs_of(found.activity, (found.beneficiary.pseudonym, address), _("Correct the day")),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a recipient left."""
    found = enrolment_for(request, pk)
    check_can_enrol(request.user, found.activity)
    form = WithdrawForm(request.POST or None, cancel_url=reverse("beneficiaries:enrolment", args=[found.pk]))
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(
                enrolment=found,
                withdrawn_on=form.cleaned_data["withdrawn_on"],
                code=form.cleaned_data["code"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request,
                _("The recipient is not in the register any more.")
                if found.withdrawal_code == WithdrawalReason.MISTAKE
                else _("The withdrawal is recorded."),
            )
            return redirect("beneficiaries:register", found.activity.uuid)
    context = {
        "form": form,
        "heading": _("Record the withdrawal"),
        "lead": _("From the day after, the register has no cells for this recipient. Presences stay."),
        "kicker": called(request.user, found),
        "crumbs": crumbs_of(
            found.activity,
            (found.beneficiary.pseudonym, reverse("beneficiaries:enrolment", args=[found.pk])),
            _("Record the withdrawal"),
        ),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)


@require_POST
def withdrawal_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a withdrawn recipient take part again."""
    found = enrolment_for(request, pk)
    check_can_enrol(request.user, found.activity)
    try:
        services.cancel_withdrawal(enrolment=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The recipient takes part again."))
    return redirect("beneficiaries:enrolment", found.pk)
