# SPDX-License-Identifier: EUPL-1.2
"""Pages that show the hours: the accounts and their export, one account movement by movement, what a move would do.

The pages on which hours are granted and moved are in `hour_acts`.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from fami_portal.core import clock, exports
from fami_portal.core.audit import timeline
from fami_portal.core.components import Bar, Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from mediation.filters.hours import HourAccountFilter
from mediation.forms.hours import WhatIfForm
from mediation.models import HourAccount
from mediation.permissions import can_manage_account, check_can_manage_account
from mediation.selectors import hour_forecasts, hour_pages
from mediation.selectors.hour_forecasts import Forecast, Outlook
from mediation.selectors.hours import in_hours, owner_of, purpose_of
from partners.permissions import check_holds, holds

PAGE_SIZE = 30


def crumbs_of(*more: Any) -> list[Link]:
    """Return the way to the list of accounts, or to a page under it: pairs (label, address) or a label."""
    links = [
        Link(_("Home"), reverse("home")),
        Link(_("Mediation hours"), reverse("mediation:hour-list") if more else ""),
    ]
    return [*links, *(Link(*crumb) if isinstance(crumb, tuple) else Link(crumb, "") for crumb in more)]


def readable_account(request: HttpRequest, uuid: UUID) -> HourAccount:
    """Return the account for those who may read it; strangers find nothing."""
    return get_object_or_404(HourAccount.objects.visible_to(request.user).with_parts(), uuid=uuid)


def managed_account(request: HttpRequest, uuid: UUID) -> HourAccount:
    """Return the account for those who manage it; other readers are refused."""
    account = readable_account(request, uuid)
    check_can_manage_account(request.user, account)
    return account


def other_accounts(request: HttpRequest, account: HourAccount) -> list[HourAccount]:
    """Return the accounts of the same programme with which the person may exchange hours. One query."""
    return list(
        HourAccount.objects.visible_to(request.user, Permission.MANAGE_HOUR_ACCOUNTS)
        .with_parts()
        .filter(programme=account.programme_id, ends_on__gte=clock.today())
        .exclude(pk=account.pk)
        .order_by("network__name", "organisation__name", "kind", "use", "pk")
    )


def state_of(account: HourAccount, percent: int) -> Pill:
    """Say how the account is: run out, nearly used up, in order."""
    if not account.granted:
        return Pill(_("No hours yet"), "secondary")
    if account.available <= 0:
        return Pill(_("Run out"), "danger")
    if 100 * account.used_share >= percent:
        return Pill(_("Over %(percent)s%%") % {"percent": percent}, "warning")
    return Pill(_("In order"), "success")


def bar_of(account: HourAccount) -> Bar:
    """Draw what is reserved or consumed of what was granted."""
    used = account.reserved + account.consumed
    return Bar(
        used,
        account.granted,
        _("Hours used: %(owner)s") % {"owner": owner_of(account)},
        _("%(used)s of %(granted)s (%(share)s%%)")
        % {"used": in_hours(used), "granted": in_hours(account.granted), "share": int(100 * account.used_share)},
    )


def forecast_words(forecast: Forecast, account: HourAccount) -> str:
    """Say a forecast in words."""
    match forecast.outlook:
        case Outlook.NOT_ENOUGH_DATA:
            return _("Not enough data")
        case Outlook.RUN_OUT:
            return _("Run out")
        case Outlook.UNUSED:
            return _("Not used lately")
        case Outlook.LASTS:
            return _("They last until %(day)s") % {"day": date_format(account.ends_on, "SHORT_DATE_FORMAT")}
    return date_format(forecast.runs_out_on, "SHORT_DATE_FORMAT")


def _pace_words(forecast: Forecast) -> str:
    if forecast.outlook is Outlook.NOT_ENOUGH_DATA:
        return _("It takes three weeks and three requests to tell.")
    if not forecast.per_week:
        return ""
    return _("At the pace of the last weeks: %(hours)s a week.") % {"hours": in_hours(forecast.per_week)}


# --- list ----------------------------------------------------------------------------------------------------------


def _found(request: HttpRequest) -> HourAccountFilter:
    check_holds(request.user, Permission.VIEW_HOUR_ACCOUNTS)
    return HourAccountFilter(request.GET, queryset=hour_pages.listed_accounts(request.user), user=request.user)


@require_safe
def hour_list(request: HttpRequest) -> HttpResponse:
    """The accounts that the person may read, filtered by address."""
    found = _found(request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    accounts = list(page)
    percents = hour_pages.warning_percents(accounts)
    forecasts = hour_forecasts.forecasts(accounts, clock.today())
    rows = [
        [
            Lines(
                Link(owner_of(account), account.get_absolute_url(), hidden=purpose_of(account)),
                account.network.name if account.organisation else "",
            ),
            Lines(account.get_kind_display(), f"{account.get_use_display()}, {account.school_year}"),
            bar_of(account),
            in_hours(account.available),
            state_of(account, percents.get((account.programme_id, account.kind), hour_pages.DEFAULT_WARNING)),
            forecast_words(forecasts[account.pk], account),
        ]
        for account in accounts
    ]
    columns = [
        Column(_("Whose hours")),
        Column(_("For what")),
        Column(_("Hours used")),
        Column(_("Hours free"), numeric=True, nowrap=True),
        Column(_("State")),
        Column(_("They run out on")),
    ]
    manages = holds(request.user, Permission.MANAGE_HOUR_ACCOUNTS)
    reads = holds(request.user, Permission.VIEW_MEDIATION_FIGURES)
    return render(
        request,
        "mediation/hours_list.html",
        {
            "filter_form": found.form,
            "page": page,
            "rows": rows,
            "columns": columns,
            "exports": export_links(request, "mediation:hour-list-export"),
            "buttons": [
                *([Button(_("Open an account"), reverse("mediation:hour-account-new"))] if manages else []),
                *(
                    [Button(_("See the figures"), reverse("mediation:figures"), style="outline-primary")]
                    if reads
                    else []
                ),
            ],
            "crumbs": crumbs_of(),
        },
    )


@require_safe
def hour_list_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file."""
    duration = exports.CellType.DURATION
    return download_list(
        name="ore-di-mediazione",
        title=_("Mediation hours"),
        fmt=fmt,
        columns=[
            exports.Column(_("Programme"), "programme.title", width=40),
            exports.Column(_("Network code"), "network.code"),
            exports.Column(_("Network"), "network.name", width=40),
            exports.Column(
                _("School or service"), lambda row: row.organisation.name if row.organisation else "", width=40
            ),
            exports.Column(_("Kind of request"), lambda row: row.get_kind_display(), width=40),
            exports.Column(_("Use"), lambda row: row.get_use_display()),
            exports.Column(_("School year"), "school_year"),
            exports.Column(_("Hours granted"), "granted", duration),
            exports.Column(_("Hours reserved"), "reserved", duration),
            exports.Column(_("Hours consumed"), "consumed", duration),
            exports.Column(_("Hours free"), "available", duration),
        ],
        rows=_found(request).qs.iterator(chunk_size=1000),
    )


# --- one account ----------------------------------------------------------------------------------------------------


def _buttons(request: HttpRequest, account: HourAccount) -> list[Button]:
    if not can_manage_account(request.user, account):
        return []

    def button(label: str, name: str, style: str = "outline-primary") -> Button:
        return Button(label, reverse(f"mediation:hour-account-{name}", args=[account.uuid]), style=style)

    return [
        button(_("Grant hours"), "grant", "primary"),
        button(_("Extra grant"), "extra"),
        button(_("Move hours"), "move"),
        button(_("What if we moved hours?"), "what-if"),
    ]


def _movement_rows(request: HttpRequest, movements: list[Any], *, whole: bool) -> list[list[Any]]:
    sources, names = hour_pages.sources_of(movements, request.user), hour_pages.source_names()

    def about(movement: Any) -> Any:
        found = sources.get((movement.source_type, movement.source_id))
        return Link(found.label, found.url) if found is not None else names.get(movement.source_type, "")

    return [
        [
            movement.at,
            Lines(movement.get_kind_display(), movement.reason if whole or movement.source_type else ""),
            about(movement),
            in_hours(movement.minutes),
            in_hours(movement.change, signed=True) if movement.change else "",
            *([in_hours(movement.balance)] if whole else []),
        ]
        for movement in movements
    ]


def _movements(request: HttpRequest, account: HourAccount, *, whole: bool) -> Any:
    return hour_pages.movements_of(account) if whole else hour_pages.movements_that_concern(account, request.user)


def _shares(request: HttpRequest, account: HourAccount) -> list[tuple[Any, Any]]:
    own, others = hour_pages.shares_of(account, request.user)
    return [
        (_("Of these, for your requests"), in_hours(own)),
        (_("For the other schools and services of the network"), in_hours(others)),
    ]


@require_safe
def hour_account(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One account: what is left and until when, and the balance movement by movement.

    Of a common pool a school or service reads its own part, and of the others the sum.
    """
    account = readable_account(request, uuid)
    whole = HourAccount.objects.read_whole(request.user).filter(pk=account.pk).exists()
    forecast = hour_forecasts.forecasts([account], clock.today())[account.pk]
    page = Paginator(_movements(request, account, whole=whole), PAGE_SIZE).get_page(request.GET.get("page"))
    facts = [
        (_("Hours free"), in_hours(account.available)),
        (_("Hours granted"), in_hours(account.granted)),
        (_("Hours reserved"), in_hours(account.reserved)),
        (_("Hours consumed"), in_hours(account.consumed)),
        *([] if whole else _shares(request, account)),
        (_("They run out on"), Lines(forecast_words(forecast, account), _pace_words(forecast))),
        (
            _("Valid"),
            _("from %(start)s to %(end)s")
            % {
                "start": date_format(account.starts_on, "SHORT_DATE_FORMAT"),
                "end": date_format(account.ends_on, "SHORT_DATE_FORMAT"),
            },
        ),
        (_("Programme"), account.programme.title),
    ]
    columns = [
        Column(_("When"), nowrap=True),
        Column(_("Movement")),
        Column(_("For what")),
        Column(_("Hours"), numeric=True, nowrap=True),
        Column(_("Effect on the free hours"), numeric=True, nowrap=True),
        *([Column(_("Free after it"), numeric=True, nowrap=True)] if whole else []),
    ]
    return render(
        request,
        "mediation/hours_account.html",
        {
            "account": account,
            "programme": account.programme,
            "owner": owner_of(account),
            "purpose": purpose_of(account),
            "pill": state_of(account, hour_pages.warning_percent(account)),
            "bar": bar_of(account),
            "facts": facts,
            "buttons": _buttons(request, account),
            "columns": columns,
            "rows": _movement_rows(request, list(page), whole=whole),
            "whole": whole,
            "page": page,
            "exports": export_links(request, "mediation:hour-account-export", uuid=account.uuid),
            "history": [
                Entry(entry.at, entry.label, entry.actor, entry.comment)
                for entry in (timeline(account, limit=50) if whole else ())
            ],
            "crumbs": crumbs_of(owner_of(account)),
        },
    )


@require_safe
def hour_account_export(request: HttpRequest, uuid: UUID, fmt: str) -> Any:
    """The movements of one account as a file."""
    account = readable_account(request, uuid)
    whole = HourAccount.objects.read_whole(request.user).filter(pk=account.pk).exists()
    movements = list(_movements(request, account, whole=whole))
    sources, names = hour_pages.sources_of(movements, request.user), hour_pages.source_names()

    def about(movement: Any) -> str:
        found = sources.get((movement.source_type, movement.source_id))
        return found.label if found is not None else names.get(movement.source_type, "")

    return download_list(
        name="movimenti-ore",
        title=_("Movements of hours"),
        fmt=fmt,
        columns=[
            exports.Column(_("When"), "at", exports.CellType.DATETIME),
            exports.Column(_("Movement"), lambda row: row.get_kind_display(), width=30),
            exports.Column(_("For what"), about),
            exports.Column(_("Reason"), lambda row: row.reason if whole or row.source_type else "", width=40),
            exports.Column(_("Minutes"), "minutes", exports.CellType.INTEGER),
            exports.Column(_("Effect on the free minutes"), "change", exports.CellType.INTEGER),
            *([exports.Column(_("Free minutes after it"), "balance", exports.CellType.INTEGER)] if whole else []),
        ],
        rows=movements,
    )


@require_safe
def hour_what_if(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What moving hours would do to both accounts: values in the address, nothing changes."""
    account = managed_account(request, uuid)
    asked = bool(request.GET)
    form = WhatIfForm(
        request.GET if asked else None, targets=other_accounts(request, account), cancel_url=account.get_absolute_url()
    )
    changes: Sequence[hour_forecasts.Change] = ()
    move_url = ""
    if asked and form.is_valid():
        minutes, target = form.cleaned_data["minutes"], form.cleaned_data["target"]
        changes = hour_forecasts.what_if(account, target, minutes, clock.today())
        if changes[0].possible and minutes:
            query = urlencode({"target": target.uuid, "minutes": request.GET["minutes"]})
            move_url = reverse("mediation:hour-account-move", args=[account.uuid]) + f"?{query}"
    return render(
        request,
        "mediation/hours_what_if.html",
        {
            "account": account,
            "programme": account.programme,
            "owner": owner_of(account),
            "form": form,
            "effects": [_effect(change) for change in changes],
            "possible": bool(changes) and changes[0].possible,
            "short_by": in_hours(-changes[0].available[1]) if changes and not changes[0].possible else "",
            "columns": [Column(_("Figure")), Column(_("Now"), numeric=True), Column(_("After"), numeric=True)],
            "buttons": [Button(_("Go to the move"), move_url)] if move_url else [],
            "crumbs": crumbs_of((owner_of(account), account.get_absolute_url()), _("What if we moved hours?")),
        },
    )


def _effect(change: hour_forecasts.Change) -> dict[str, Any]:
    """Return what a move would do to one account, for its table."""
    account = change.account
    return {
        "owner": owner_of(account),
        "purpose": purpose_of(account),
        "url": account.get_absolute_url(),
        "rows": [
            [_("Hours granted"), *(in_hours(value) for value in change.granted)],
            [_("Hours free"), *(in_hours(value) for value in change.available)],
            [_("They run out on"), *(forecast_words(forecast, account) for forecast in change.forecast)],
        ],
    }
