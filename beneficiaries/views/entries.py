# SPDX-License-Identifier: EUPL-1.2
"""The page that corrects the day of an enrolment."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from beneficiaries.forms.entries import EnrolmentDayForm
from beneficiaries.permissions import check_can_enrol
from beneficiaries.services.entries import correct_enrolment_day
from beneficiaries.views.enrolments import crumbs_of, enrolment_for
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
        "kicker": found.beneficiary.pseudonym,
        "crumbs": crumbs_of(found.activity, (found.beneficiary.pseudonym, address), _("Correct the day")),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)
