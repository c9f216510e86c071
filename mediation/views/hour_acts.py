# SPDX-License-Identifier: EUPL-1.2
"""Pages on which hours are given: an account opened, hours granted, an extra grant, hours moved."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.forms.hours import GrantForm, MoveForm, OpenAccountForm
from mediation.models import HourAccount
from mediation.selectors import hour_pages
from mediation.selectors.hours import in_hours, owner_of, purpose_of
from mediation.services import hours as services
from mediation.views.hours import crumbs_of, managed_account, other_accounts
from partners.permissions import check_holds, network_ids_with


def _form_page(
    request: HttpRequest, form: Any, *, title: str, lead: str, account: HourAccount | None = None
) -> HttpResponse:
    back = [(owner_of(account), account.get_absolute_url())] if account is not None else []
    return render(
        request,
        "mediation/hours_form.html",
        {
            "form": form,
            "programme": account.programme if account is not None else None,
            "title": title,
            "lead": lead,
            "kicker": f"{owner_of(account)} – {purpose_of(account)}" if account is not None else "",
            "crumbs": crumbs_of(*back, title),
        },
        status=422 if form.errors else 200,
    )


def _school_year(day: date) -> tuple[date, date]:
    first = day.year if day.month >= 9 else day.year - 1
    return date(first, 9, 1), date(first + 1, 8, 31)


@require_http_methods(["GET", "HEAD", "POST"])
def hour_account_new(request: HttpRequest) -> HttpResponse:
    """Open an account with its hours."""
    check_holds(request.user, Permission.MANAGE_HOUR_ACCOUNTS)
    programmes = Programme.objects.reached_by(request.user, Permission.MANAGE_HOUR_ACCOUNTS)
    carriers = hour_pages.carriers(
        network_ids_with(request.user, Permission.MANAGE_HOUR_ACCOUNTS), programmes.values("pk")
    )
    offered = hour_pages.offered_kinds({row.action.programme_id for row in carriers})
    form = OpenAccountForm(
        request.POST if request.method == "POST" else None,
        carriers=carriers,
        networks=hour_pages.networks_with_members(row.network_id for row in carriers),
        kinds=[(kind.value, kind.label) for kind in MediationRequestKind if kind in offered],
        year=_school_year(clock.today()),
        cancel_url=crumbs_of("")[1].url,
    )
    if request.method == "POST" and form.is_valid():
        try:
            account = services.open_account(**form.values(), by=request.user, at=clock.now(), key=form.submission_key)
        except NotPermitted:
            raise
        except DomainError as error:
            if error.field == "network":
                error.field = "carrier"
            form.add_refusal(error)
        else:
            messages.success(request, _("The account is open, with its hours."))
            return redirect(account)
    return _form_page(
        request,
        form,
        title=_("Open an account of hours"),
        lead=_("One account for each kind of request, use and school year."),
    )


def _grant(request: HttpRequest, uuid: UUID, *, extra: bool, title: str, lead: str, done: str) -> HttpResponse:
    account = managed_account(request, uuid)
    form = GrantForm(
        request.POST if request.method == "POST" else None, extra=extra, cancel_url=account.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            movement = services.grant(
                account=account,
                minutes=form.cleaned_data["minutes"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
                key=form.submission_key,
                extra=extra,
            )
        except NotPermitted:
            raise
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, done % {"hours": in_hours(movement.minutes)})
            return redirect(account)
    return _form_page(request, form, title=title, lead=lead, account=account)


@require_http_methods(["GET", "HEAD", "POST"])
def hour_account_grant(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Grant hours that the programme planned."""
    return _grant(
        request,
        uuid,
        extra=False,
        title=_("Grant hours"),
        lead=_("Hours that the plan of the programme provides for."),
        done=_("%(hours)s granted."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hour_account_extra(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Grant hours beyond the plan: how a refusal for lack of hours is overridden."""
    return _grant(
        request,
        uuid,
        extra=True,
        title=_("Extra grant"),
        lead=_("Hours beyond the plan, so that a request that found none can be filed. The reason stays on record."),
        done=_("%(hours)s granted beyond the plan."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hour_account_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Move free hours to another account; the address may say to which and how many."""
    account = managed_account(request, uuid)
    form = MoveForm(
        request.POST if request.method == "POST" else None,
        targets=other_accounts(request, account),
        initial={name: request.GET.get(name, "") for name in ("target", "minutes")},
        cancel_url=account.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            if form.submission_key is None:
                raise DomainError(_("Open this page again: it was not sent whole."))
            movement, _other = services.move(
                source=account,
                target=form.cleaned_data["target"],
                minutes=form.cleaned_data["minutes"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
                key=form.submission_key,
            )
        except NotPermitted:
            raise
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("%(hours)s moved.") % {"hours": in_hours(movement.minutes)})
            return redirect(account)
    return _form_page(
        request,
        form,
        title=_("Move hours"),
        lead=_("Free now in this account: %(hours)s.") % {"hours": in_hours(account.available)},
        account=account,
    )
