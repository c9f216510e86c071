# SPDX-License-Identifier: EUPL-1.2
"""Who looks after the links and the delegations of a body: sent, given, used, revoked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.components import Bar, Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.forms import PortalForm
from mediation.forms.links import DelegationForm, PaperDelegationForm, RevokeForm, SendLinkForm
from mediation.models import AccessLink, HeadDelegation
from mediation.permissions import belongs_to, can_file
from mediation.selectors import access as selectors
from mediation.selectors.hours import in_hours
from mediation.selectors.request_rules import hours
from mediation.services import delegations, links
from partners.models import Organisation
from partners.permissions import check_holds

PAGE_SIZE = 30
LOG_LENGTH = 20
ACTS = {
    "filed": lambda: _("Request filed"),
    "authorised": lambda: _("Request authorised"),
    "declined": lambda: _("Request not authorised"),
    "cancelled": lambda: _("Request cancelled"),
    "completed": lambda: _("Request completed"),
    "countersigned": lambda: _("Report countersigned"),
}


def _body_for(request: HttpRequest, uuid: UUID) -> Organisation:
    """Return the body if the person looks after its links or its delegations; others find nothing."""
    return get_object_or_404(selectors.bodies_for(request.user), uuid=uuid)


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Home"), reverse("home")), (_("Access without an account"), reverse("mediation:access-list")), *more]


def _page_of(body: Organisation) -> str:
    return reverse("mediation:access", args=[body.uuid])


@require_safe
def access_list(request: HttpRequest) -> HttpResponse:
    """The schools and services, with the links and delegations that are valid."""
    if not selectors.own_bodies(request.user):
        check_holds(request.user, Permission.COORDINATE_MEDIATION)
    bodies = selectors.bodies_with_counts(request.user, at=timezone.now(), today=clock.today())
    page = Paginator(bodies, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "crumbs": [(_("Home"), reverse("home")), _("Access without an account")],
        "columns": [
            Column(_("School or service")),
            Column(_("Mailbox")),
            Column(_("Valid links"), numeric=True),
            Column(_("Valid delegations"), numeric=True),
        ],
        "rows": [
            (
                Link(body.name, _page_of(body)),
                next(iter(selectors.mailboxes_of(body)), ""),
                body.valid_links,
                body.valid_delegations,
            )
            for body in page
        ],
    }
    return render(request, "mediation/access_list.html", context)


@require_safe
def access(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One body: its delegations, its links, what was done with both."""
    body = _body_for(request, uuid)
    coordinates = selectors.coordinates_body(request.user, body.pk)
    is_head = belongs_to(request.user, body.pk, Permission.AUTHORISE_MEDIATION_REQUESTS)
    files = can_file(request.user, body.pk)
    context = {
        "body": body,
        "crumbs": _crumbs(body.name),
        "facts": [
            (_("E-mail"), body.email),
            (_("Certified e-mail (PEC)"), body.pec),
            (_("Head with an account"), selectors.has_head_account(body.pk)),
        ],
        "buttons": _buttons(body, coordinates=coordinates, is_head=is_head),
        "delegation_columns": [
            Column(_("Days")),
            Column(_("Hours used")),
            Column(_("Given by")),
            Column(_("State")),
            Column(_("Acts"), hidden_label=True),
        ],
        "delegation_rows": [
            _delegation_row(row, may_end=coordinates or is_head) for row in selectors.delegations_of(body)
        ],
        "delegation_log_columns": [
            Column(_("Date")),
            Column(_("Request")),
            Column(_("What was done")),
            Column(_("Hours"), numeric=True),
        ],
        "delegation_log": [
            (
                use.at,
                Link(use.request.number, use.request.get_absolute_url()),
                use.get_act_display(),
                in_hours(use.minutes, signed=True),
            )
            for use in selectors.delegation_uses_of(body)[:LOG_LENGTH]
        ],
        "link_columns": [
            Column(_("Link")),
            Column(_("Sent on")),
            Column(_("Valid until")),
            Column(_("Uses")),
            Column(_("State")),
            Column(_("Acts"), hidden_label=True),
        ],
        "link_rows": [_link_row(row, may_revoke=coordinates or files) for row in selectors.links_of(body)[:50]],
        "link_log_columns": [Column(_("Date")), Column(_("What was done")), Column(_("Request"))],
        "link_log": [
            (
                use.at,
                ACTS[use.act]() if use.act in ACTS else use.act,
                Link(use.request.number, use.request.get_absolute_url()) if use.request is not None else "",
            )
            for use in selectors.uses_of(body)[:LOG_LENGTH]
        ],
    }
    return render(request, "mediation/access.html", context)


def _buttons(body: Organisation, *, coordinates: bool, is_head: bool) -> list[Button]:
    buttons = []
    if is_head:
        buttons.append(Button(_("Give a delegation"), reverse("mediation:delegation-give", args=[body.uuid])))
    if coordinates:
        missing = "" if selectors.mailboxes_of(body) else _("The body has no mailbox: write it in its page first.")
        buttons.append(
            Button(
                _("Send a link for filing"), reverse("mediation:link-send", args=[body.uuid]), disabled_reason=missing
            )
        )
        buttons.append(
            Button(
                _("Enter a delegation received on paper"),
                reverse("mediation:delegation-paper", args=[body.uuid]),
                style="outline-primary",
            )
        )
        buttons.append(
            Button(
                _("Enter what was arranged outside"),
                reverse("mediation:request-outside", args=[body.uuid]),
                style="outline-primary",
            )
        )
    return buttons


def _delegation_row(row: HeadDelegation, *, may_end: bool) -> list[Any]:
    today = clock.today()
    days = _("%(start)s – %(end)s") % {
        "start": formats.date_format(row.starts_on, "SHORT_DATE_FORMAT"),
        "end": formats.date_format(row.ends_on, "SHORT_DATE_FORMAT"),
    }
    used = _("%(used)s of %(all)s") % {"used": hours(row.used_minutes), "all": hours(row.maximum_minutes)}
    if row.revoked_at is not None:
        state = Pill(_("Revoked"), "danger")
    elif row.ends_on < today:
        state = Pill(_("Ended"), "secondary")
    elif row.used_minutes >= row.maximum_minutes:
        state = Pill(_("Used up"), "warning")
    else:
        state = Pill(_("Valid"), "success") if row.starts_on <= today else Pill(_("To come"), "info")
    paper = _("on paper, entered by %(name)s") % {"name": row.recorded_by.get_full_name()} if row.recorded_by else ""
    ends = may_end and row.revoked_at is None and row.ends_on >= today
    return [
        Lines(Link(days, row.document.get_absolute_url()), _("signed sheet")) if row.document is not None else days,
        Bar(row.used_minutes, row.maximum_minutes, _("Hours used"), used),
        Lines(row.given_by_name, paper),
        state,
        Link(_("Revoke"), reverse("mediation:delegation-revoke", args=[row.uuid]), days) if ends else "",
    ]


def _link_row(row: AccessLink, *, may_revoke: bool) -> list[Any]:
    refusal = links.refusal_of(row, at=timezone.now())
    if row.revoked_at is not None:
        state = Pill(_("Revoked"), "danger")
    elif isinstance(refusal, links.ExpiredLinkError):
        state = Pill(_("Expired"), "secondary")
    else:
        state = Pill(_("Valid"), "success") if refusal is None else Pill(_("Used up"), "secondary")
    subject = row.request.number if row.request is not None else row.programme.title if row.programme else ""
    return [
        Lines(row.get_purpose_display(), f"{subject} · {row.address}"),
        row.created_at,
        row.expires_at,
        _("%(used)s of %(all)s") % {"used": row.uses, "all": row.maximum_uses},
        state,
        Link(_("Revoke"), reverse("mediation:link-revoke", args=[row.uuid]), row.get_purpose_display())
        if may_revoke and refusal is None
        else "",
    ]


def _form_page(
    request: HttpRequest, body: Organisation, form: PortalForm, *, heading: str, lead: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "kicker": body.name,
        "crumbs": _crumbs((body.name, _page_of(body)), heading),
        "blocks": [],
        "other": None,
    }
    return render(request, "mediation/link_form.html", context, status=422 if form.errors else 200)


def _done(request: HttpRequest, body: Organisation, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(_page_of(body))


@require_http_methods(["GET", "HEAD", "POST"])
def link_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A coordinator sends the link by which a body files."""
    body = _body_for(request, uuid)
    if not selectors.coordinates_body(request.user, body.pk):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    form = SendLinkForm(
        request.POST if request.method == "POST" else None,
        offers=selectors.offers_for(body, at=clock.now()),
        mailboxes=selectors.mailboxes_of(body),
        cancel_url=_page_of(body),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            links.send_filing_link(
                organisation=body,
                programme=form.chosen.programme,
                network=form.chosen.network,
                kind=form.chosen.kind,
                address=data["address"],
                days=data["days"],
                maximum_uses=data["maximum_uses"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _done(request, body, _("The link is on its way to the mailbox."))
    return _form_page(
        request,
        body,
        form,
        heading=_("Send a link for filing"),
        lead=_("Whoever reads that mailbox files for the body, without an account. You can revoke it at any time."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def link_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a link back."""
    link = get_object_or_404(
        AccessLink.objects.filter(organisation__in=selectors.bodies_for(request.user)).select_related("organisation"),
        uuid=uuid,
    )
    if not links.may_revoke(request.user, link):
        raise NotPermitted(_("Only the coordinator, and who files for the body, can revoke its links."))
    body = link.organisation
    form = RevokeForm(request.POST if request.method == "POST" else None, cancel_url=_page_of(body))
    if request.method == "POST" and form.is_valid():
        try:
            links.revoke(link=link, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _done(request, body, _("The link is revoked."))
    return _form_page(
        request,
        body,
        form,
        heading=_("Revoke the link"),
        lead=_("The address in the mail stops working at once. What was filed with it stays."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delegation_give(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The head gives a delegation with the own account."""
    body = _body_for(request, uuid)
    if not belongs_to(request.user, body.pk, Permission.AUTHORISE_MEDIATION_REQUESTS):
        raise NotPermitted(_("Only the head of this school or service gives a delegation."))
    form = DelegationForm(
        request.POST if request.method == "POST" else None,
        initial={"starts_on": clock.today()},
        cancel_url=_page_of(body),
    )
    if request.method == "POST" and form.is_valid():
        try:
            delegations.give(organisation=body, by=request.user, at=clock.now(), **form.values())  # type: ignore[arg-type]
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _done(request, body, _("The delegation is given."))
    return _form_page(
        request,
        body,
        form,
        heading=_("Give a delegation"),
        lead=_("Requests of the school or service pass without waiting for you. You can end it at any time."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delegation_paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A coordinator enters a delegation that was signed on paper."""
    body = _body_for(request, uuid)
    if not selectors.coordinates_body(request.user, body.pk):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    form = PaperDelegationForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        cancel_url=_page_of(body),
    )
    if request.method == "POST" and form.is_valid():
        sheet = form.cleaned_data["sheet"]
        try:
            delegations.record_paper(
                organisation=body,
                given_by_name=form.cleaned_data["given_by_name"],
                name=sheet.name,
                content=sheet,
                by=request.user,
                at=clock.now(),
                **form.values(),  # type: ignore[arg-type]
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _done(request, body, _("The delegation is entered."))
    return _form_page(request, body, form, heading=_("Enter a delegation received on paper"))


@require_http_methods(["GET", "HEAD", "POST"])
def delegation_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a delegation."""
    found = get_object_or_404(
        HeadDelegation.objects.filter(organisation__in=selectors.bodies_for(request.user)).select_related(
            "organisation"
        ),
        uuid=uuid,
    )
    if not delegations.can_revoke(request.user, found):
        raise NotPermitted(_("Only the head and the coordinator can end this delegation."))
    body = found.organisation
    form = RevokeForm(request.POST if request.method == "POST" else None, cancel_url=_page_of(body))
    if request.method == "POST" and form.is_valid():
        try:
            delegations.revoke(delegation=found, by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _done(request, body, _("The delegation is ended."))
    return _form_page(
        request,
        body,
        form,
        heading=_("End the delegation"),
        lead=_("New requests wait for the head again. What has passed stays authorised."),
    )
