# SPDX-License-Identifier: EUPL-1.2
"""Pages of the catalogue: what schools can ask for, the asking, the answer of the network."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.enums import OfferState
from actions.forms import version_of
from actions.forms.offers import AnswerForm, AskForm, OfferEditForm, OfferForm
from actions.models import Offer
from actions.selectors import offers as selectors
from actions.services import offers as services
from actions.views.pages import form_page, history_of, pill_of
from actions.workflow import OFFER
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from partners.permissions import check_holds


def _offer(request: HttpRequest, uuid: UUID) -> Offer:
    found: Offer = get_object_or_404(selectors.offer_for(request.user), uuid=uuid)
    return found


def _managed(request: HttpRequest, uuid: UUID) -> Offer:
    found = _offer(request, uuid)
    if not selectors.manages(request.user, found):
        raise NotPermitted(_("Only the coordinator of the network, and the Region, write its catalogue."))
    return found


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Catalogue for schools"), reverse("actions:offer-list")), *more]


def _days(offer: Offer) -> Any:
    return _("from %(start)s until %(end)s") % {
        "start": date_format(offer.opens_on, "SHORT_DATE_FORMAT"),
        "end": date_format(offer.closes_on, "SHORT_DATE_FORMAT"),
    }


@require_safe
def offer_list(request: HttpRequest) -> HttpResponse:
    """The entries that the person manages, or that are offered to the own schools."""
    check_holds(request.user, Permission.VIEW_ACTIVITIES)
    publishes = bool(selectors.networks_to_publish(request.user))
    rows: list[Any] = list(selectors.offers_for(request.user))
    context = {
        "crumbs": [_("Catalogue for schools")],
        "publishes": publishes,
        "buttons": [Button(_("Publish an entry"), reverse("actions:offer-new"))] if publishes else [],
        "columns": [
            Column(_("Entry")),
            Column(_("For whom")),
            Column(_("Where and when")),
            Column(_("Schools can ask"), nowrap=False),
            *([Column(_("Requests"), numeric=True), Column(_("To answer"), numeric=True)] if publishes else []),
            Column(_("State")),
        ],
        "rows": [
            [
                Lines(Link(row.title, row.get_absolute_url()), row.network.name),
                row.audience,
                Lines(row.place, row.period),
                _days(row),
                *([row.asked, row.waiting or None] if publishes else []),
                pill_of(row.state, OFFER),
            ]
            for row in rows
        ],
    }
    return render(request, "actions/offer_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def offer_new(request: HttpRequest) -> HttpResponse:
    """Publish an entry in the catalogue of a network."""
    networks = selectors.networks_to_publish(request.user)
    if not networks:
        raise NotPermitted(_("Only the coordinator of the network, and the Region, write its catalogue."))
    form = OfferForm(
        request.POST or None,
        networks=networks,
        activity_types=selectors.types_to_publish(networks),
        activities=selectors.activities_to_publish(networks),
        initial={"opens_on": clock.today()},
        cancel_url=reverse("actions:offer-list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.publish_offer(**form.values(), key=form.submission_key, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The entry is published: the schools of the area see it."))
            return redirect(made)
    context = {
        "form": form,
        "heading": _("Publish an entry"),
        "lead": _("The schools of the municipalities of the network read it, and ask."),
        "crumbs": _crumbs(_("Publish an entry")),
    }
    return form_page(request, context)


@require_safe
def offer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One entry: what it is and how to ask; for schools the form, for the network who asked."""
    return _page(request, _offer(request, uuid))


def _page(request: HttpRequest, found: Offer, form: AskForm | None = None) -> HttpResponse:
    manages = selectors.manages(request.user, found)
    schools = [] if manages else selectors.schools_of(request.user)
    asked = selectors.requests_of(found, None if manages else schools)
    left = [body for body in schools if body.pk not in {row.organisation_id for row in asked}]
    is_open = found.state == OfferState.PUBLISHED and found.opens_on <= clock.today() <= found.closes_on
    mediation = selectors.is_mediation(found)
    if form is None and left and is_open and not mediation:
        form = AskForm(schools=left)
    if form is not None:
        form.helper.form_action = reverse("actions:offer-ask", args=[found.uuid])
    context = {
        "offer": found,
        "programme": found.programme,
        "crumbs": _crumbs(found.title),
        "pill": pill_of(found.state, OFFER),
        "buttons": _buttons(found) if manages else [],
        "facts": [
            (_("Network"), found.network.name),
            (_("What it is"), found.description),
            (_("Activity"), found.activity.title if found.activity else found.activity_type.title),
            (_("For whom"), found.audience),
            (_("Where"), found.place),
            (_("When"), found.period),
            (_("How to ask"), found.how_to_ask),
            (_("Office to contact"), found.office),
            (_("E-mail of the office"), found.office_email),
            (_("Schools can ask"), _days(found)),
        ],
        "form": form,
        "mediation_url": _mediation_url() if mediation and schools else "",
        "closed": bool(left) and not is_open,
        "manages": manages,
        "columns": [
            Column(_("School")),
            Column(_("Asked on"), nowrap=True),
            Column(_("Classes")),
            Column(_("Pupils, about"), numeric=True),
            Column(_("What it needs")),
            Column(_("The answer")),
        ],
        "rows": [_request_row(found, row, manages=manages) for row in asked],
        "history": history_of(found) if manages else [],
    }
    return render(request, "actions/offer.html", context)


def _mediation_url() -> str:
    try:
        return reverse("mediation:request-new")
    except NoReverseMatch:  # a portal without mediation
        return ""


def _buttons(found: Offer) -> list[Button]:
    if found.state != OfferState.PUBLISHED:
        return [Button(_("Publish it again"), reverse("actions:offer-publish", args=[found.uuid]), method="post")]
    return [
        Button(_("Correct the entry"), reverse("actions:offer-edit", args=[found.uuid]), style="outline-primary"),
        Button(
            _("Withdraw the entry"),
            reverse("actions:offer-withdraw", args=[found.uuid]),
            method="post",
            style="outline-danger",
        ),
    ]


def _request_row(found: Offer, row: Any, *, manages: bool) -> list[Any]:
    answer: Any = row.answer
    if not answer:
        address = reverse("actions:offer-answer", args=[found.uuid, row.pk])
        answer = Link(_("Answer"), address, row.organisation.name) if manages else _("waiting for an answer")
    return [row.organisation.name, row.asked_at.date(), row.classes, row.pupils, row.note, answer]


@require_http_methods(["GET", "HEAD", "POST"])
def offer_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the words and dates of an entry."""
    found = _managed(request, uuid)
    names = [name for name in OfferEditForm.base_fields if hasattr(found, name)]
    form = OfferEditForm(
        request.POST or None,
        version=found.version,
        initial={name: getattr(found, name) for name in names},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_offer(offer=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            found.refresh_from_db()
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The entry is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Correct the entry"),
        "kicker": found.title,
        "crumbs": _crumbs((found.title, found.get_absolute_url()), _("Correct the entry")),
    }
    return form_page(request, context)


@require_POST
def offer_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an entry out of the catalogue."""
    found = _managed(request, uuid)
    try:
        services.withdraw_offer(offer=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The entry is withdrawn: schools do not see it any more."))
    return redirect(found)


@require_POST
def offer_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put an entry back into the catalogue."""
    found = _managed(request, uuid)
    try:
        services.publish_again(offer=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The entry is published: the schools of the area see it."))
        if found.closes_on < clock.today():
            messages.warning(request, _("Its last day is past: correct the dates, so that schools can ask."))
    return redirect(found)


@require_POST
def offer_ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A school asks for an entry."""
    found = _offer(request, uuid)
    schools = selectors.schools_of(request.user)
    if not schools:
        raise NotPermitted(_("Only the contact and the head of a school ask for it."))
    form = AskForm(request.POST, schools=schools)
    if form.is_valid():
        try:
            services.ask_offer(offer=found, **form.values(), by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("Your request is recorded and the network has been told."))
            return redirect(found)
    return _page(request, found, form)


@require_http_methods(["GET", "HEAD", "POST"])
def offer_answer(request: HttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    """Answer a school."""
    found = _managed(request, uuid)
    asked = next((row for row in selectors.requests_of(found) if row.pk == pk), None)
    if asked is None:
        raise Http404
    asked.offer = found
    form = AnswerForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_request(request=asked, answer=form.cleaned_data["answer"], by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The school has been answered."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Answer the school"),
        "lead": asked.organisation.name,
        "kicker": found.title,
        "crumbs": _crumbs((found.title, found.get_absolute_url()), _("Answer the school")),
    }
    return form_page(request, context)
