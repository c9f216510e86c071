# SPDX-License-Identifier: EUPL-1.2
"""Acts on a request by people with an account, for those without: what was arranged outside, the link of the head."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.forms.link_filing import OutsideForm
from mediation.forms.request_steps import Choices
from mediation.models import MediationRequest, Mediator
from mediation.permissions import can_authorise, can_coordinate, can_file
from mediation.selectors import access as selectors
from mediation.selectors.link_pages import countries_to_choose, languages_to_choose
from mediation.selectors.settings import settings_of
from mediation.services import links
from mediation.services.outside import enter_arranged
from mediation.services.requests import RequestHasProblemsError


@require_http_methods(["GET", "HEAD", "POST"])
def request_outside(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The whole request on one page, with its mediator, its time and the reason."""
    body = get_object_or_404(selectors.bodies_for(request.user), uuid=uuid)
    if not selectors.coordinates_body(request.user, body.pk):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    back = reverse("mediation:access", args=[body.uuid])
    offers = {offer.key: offer for offer in selectors.offers_for(body, at=clock.now())}
    place = offers.get(request.GET.get("offer", ""), next(iter(offers.values()), None))
    settings = settings_of(place.programme.pk, place.kind) if place is not None else None
    if place is None or settings is None:
        messages.error(request, _("No programme offers its form to this body today."))
        return redirect(back)
    draft = MediationRequest(
        kind=place.kind, programme=place.programme, network=place.network, organisation=place.organisation
    )
    serving = Mediator.objects.visible_to(request.user).serving(place.network.pk)
    form = OutsideForm(
        request.POST if request.method == "POST" else None,
        request=draft,
        choices=Choices(
            languages=languages_to_choose(),
            countries=countries_to_choose(),
            mediators=list(serving.order_by("family_name", "given_name", "pk")),
        ),
        settings=settings,
        cancel_url=back,
    )
    if request.method == "POST" and form.is_valid():
        saved = form.saved()
        try:
            entered = enter_arranged(
                kind=place.kind,
                programme=place.programme,
                network=place.network,
                organisation=body,
                values=saved.values | {"municipality": body.municipality},
                languages=saved.languages or [],
                slots=saved.slots or [],
                key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except RequestHasProblemsError as error:
            form.add_problems(error.problems)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request, _("Entered for %(body)s: the head authorises it, then you confirm it.") % {"body": body.name}
            )
            return redirect(entered)
    heading = _("Enter what was arranged outside")
    others = [offer for key, offer in offers.items() if offer is not place]
    context = {
        "form": form,
        "programme": place.programme,
        "heading": heading,
        "lead": _("For %(programme)s. The author is the body, you are the typist; the same signatures are asked.")
        % {"programme": place.programme.title},
        "kicker": body.name,
        "crumbs": [
            (_("Home"), reverse("home")),
            (_("Access without an account"), reverse("mediation:access-list")),
            (body.name, back),
            heading,
        ],
        "blocks": [],
        "other": (
            _("For %(programme)s instead") % {"programme": others[0].programme.title},
            f"{request.path}?offer={others[0].key}",
        )
        if others
        else None,
    }
    return render(request, "mediation/link_form.html", context, status=422 if form.errors else 200)


@require_POST
def head_link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the head the one-time link again: for the contact of the body, and for its coordinators."""
    found = get_object_or_404(MediationRequest.objects.visible_to(request.user).with_parts(), uuid=uuid)
    if not (
        can_file(request.user, found.organisation_id)
        or can_authorise(request.user, found)
        or can_coordinate(request.user, found)
    ):
        raise NotPermitted(_("Only the contact of the body and its coordinators can do this."))
    sent = links.invite_head(request=found, by=request.user, again=True)
    if sent is None:
        messages.error(
            request,
            _(
                "No link was sent: the request does not wait for the head, the programme does not allow it, or the body has no mailbox."
            ),
        )
    else:
        messages.success(
            request, _("A new link for the head is on its way to %(address)s.") % {"address": sent.address}
        )
    return redirect(found)
