# SPDX-License-Identifier: EUPL-1.2
"""The page behind the address of an invitation: public, because its reader has no account yet."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.models import User
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import PortalForm
from partners import selectors
from partners.forms.people import AcceptKnownForm, AcceptNewForm
from partners.models import Invitation
from partners.services.invitations import accept_invitation, refusal_of, token_hash


@never_cache
@login_not_required
@sensitive_post_parameters("password", "password_again")
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; a POST takes it up."""
    found = selectors.invitation_by_hash(token_hash(token))
    if found is None:
        raise Http404
    refusal = refusal_of(found, at=timezone.now())
    if refusal:
        return render(request, "partners/invitation_closed.html", {"reason": refusal}, status=410)
    person = User.objects.filter(email__iexact=found.email).first()
    if person is not None and person != request.user:
        return _sign_in_first(request, found)
    form: PortalForm
    if person is None:
        first = {"given_name": found.given_name, "family_name": found.family_name}
        form = AcceptNewForm(request.POST if request.method == "POST" else None, initial=first)
    else:
        form = AcceptKnownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            accept_invitation(
                token=token,
                by=person,
                given_name=data.get("given_name", ""),
                family_name=data.get("family_name", ""),
                password=data.get("password", ""),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            if person is None:
                messages.success(request, _("Your account is open. Sign in with your address and your password."))
                return redirect("account_login")
            messages.success(request, _("You have a new role."))
            return redirect("partners:profile")
    context = {"form": form, "invitation": found, "is_new": person is None, "facts": _facts(found)}
    return render(request, "partners/invitation.html", context)


def _facts(found: Invitation) -> list[tuple[object, object]]:
    role = found.role_definition
    facts = [(_("Body"), found.organisation.name), (_("Role"), role.name), (_("What it is"), role.description)]
    networks = [network.name for network in found.networks.order_by("name")]
    if networks:
        facts.append((_("Networks"), ", ".join(networks)))
    return [*facts, (_("Your e-mail address"), found.email), (_("To be used by"), found.expires_at)]


def _sign_in_first(request: HttpRequest, found: Invitation) -> HttpResponse:
    following = urlencode({"next": request.get_full_path()})
    context = {
        "facts": _facts(found),
        "signed_in": request.user.is_authenticated,
        "sign_in_url": f"{reverse('account_login')}?{following}",
    }
    return render(request, "partners/invitation_sign_in.html", context)
