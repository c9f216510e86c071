# SPDX-License-Identifier: EUPL-1.2
"""The page that opens an identity: asked by POST with a reason, shown once in the answer, kept nowhere."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from beneficiaries.forms.identities import OpenIdentityForm
from beneficiaries.permissions import check_can_open_identities
from beneficiaries.services.identities import OpenedIdentity, open_identities
from beneficiaries.views.recipients import beneficiary_for, crumbs
from fami_portal.core import clock
from fami_portal.core.errors import DomainError

# What the record of readings calls this page.
PAGE = "beneficiaries:identity"


@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask why, then show who the recipient is. The name stands in no address, title, message or cache."""
    found = beneficiary_for(request, uuid)
    check_can_open_identities(request.user, [found])
    form = OpenIdentityForm(request.POST or None, cancel_url=found.get_absolute_url())
    context = {
        "beneficiary": found,
        "crumbs": crumbs((found.pseudonym, found.get_absolute_url()), _("Open the name")),
        "form": form,
    }
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_identities(
                beneficiaries=[found],
                by=request.user,
                purpose=form.purpose_text(),
                page=PAGE,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            context["facts"] = _facts(opened.get(found.pk))
            answer = render(request, "beneficiaries/identity.html", context)
            answer["Cache-Control"] = "private, no-store"
            return answer
    return render(request, "beneficiaries/identity_form.html", context)


def _facts(opened: OpenedIdentity | None) -> list[tuple[object, object]]:
    if opened is None:
        return []
    return [
        (_("Given name"), opened.given_name),
        (_("Surname"), opened.family_name),
        (_("Tax code"), opened.tax_code or opened.identity.get_tax_code_missing_display()),
    ]
