# SPDX-License-Identifier: EUPL-1.2
"""The page of those to be informed again, because a newer version of the privacy notice is in force."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from beneficiaries.forms.notices import InformAgainForm
from beneficiaries.selectors.notices import notice_in_force, to_inform_again, versions_by_programme
from beneficiaries.services.notices import inform_again
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.recipients import PAGE_SIZE
from beneficiaries.views.registers import own_bodies
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from partners.permissions import check_holds, holds


@require_http_methods(["GET", "HEAD", "POST"])
def notice_renewals(request: HttpRequest) -> HttpResponse:
    """Who is enrolled with a replaced version; those who keep the register record that the new one was given."""
    check_holds(request.user, Permission.VIEW_BENEFICIARIES)
    writes = holds(request.user, Permission.REGISTER_BENEFICIARIES)
    if request.method == "POST":
        check_holds(request.user, Permission.REGISTER_BENEFICIARIES)
    form = InformAgainForm(request.POST or None, initial={"given_on": clock.today(), "given_to": "family"})
    chosen = {int(value) for value in request.POST.getlist("enrolments") if value.isdigit()}
    if request.method == "POST" and form.is_valid():
        try:
            number = inform_again(enrolments=chosen, **form.values(), by=request.user, at=clock.now())
        except NotPermitted:
            raise
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request,
                ngettext(
                    "Recorded: one recipient informed again.",
                    "Recorded: %(number)s recipients informed again.",
                    number,
                )
                % {"number": number}
                if number
                else _("Nothing had changed."),
            )
            return redirect("beneficiaries:notice-renewals")
    page = Paginator(to_inform_again(request.user, clock.today()), PAGE_SIZE).get_page(request.GET.get("page"))
    return _page(request, page, form, chosen, writes=writes)


def _page(request: HttpRequest, page: Any, form: InformAgainForm, chosen: set[int], *, writes: bool) -> HttpResponse:
    own = own_bodies(request.user)
    rows: list[Any] = list(page)
    record_own_codes(
        by=request.user,
        own=own,
        page="beneficiaries:notice-renewals",
        subjects=[row.beneficiary for row in rows],
        at=clock.now(),
    )
    found, today = versions_by_programme(), clock.today()
    context = {
        "page": page,
        "form": form,
        "writes": writes,
        "rows": [
            {
                "pk": row.pk,
                "label": row.beneficiary.code_for(own) or row.beneficiary.pseudonym,
                "second": row.beneficiary.pseudonym if row.beneficiary.registered_by_id in own else "",
                "url": row.beneficiary.get_absolute_url(),
                "activity": row.activity,
                "old": row.notice_version,
                "old_on": row.notice_given_on,
                "new": notice_in_force(found[row.activity.programme_id], row.activity, today),
                "chosen": row.pk in chosen,
            }
            for row in rows
        ],
        "crumbs": [(_("Recipients"), reverse("beneficiaries:beneficiary-list")), _("To be informed again")],
    }
    return render(request, "beneficiaries/notice_renewals.html", context)
