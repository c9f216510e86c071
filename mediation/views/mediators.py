# SPDX-License-Identifier: EUPL-1.2
"""Pages of the register of mediators for those who keep it: list, export, entry, registration, correction, account."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.forms import ReasonForm, version_of
from actions.selectors.rules import Unit, amount
from fami_portal.core import clock, exports
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from mediation.filters.mediators import MediatorFilter
from mediation.forms.mediators import AccountForm, MediatorForm, initial_of
from mediation.models import Mediator
from mediation.permissions import (
    can_edit_availability,
    can_manage_mediator,
    check_can_manage_mediator,
    is_oneself,
)
from mediation.selectors import availability
from mediation.selectors import mediators as selectors
from mediation.services import mediators as services
from partners.permissions import can_manage_memberships, check_holds, holds

PAGE_SIZE = 50


def mediator_for(request: HttpRequest, uuid: UUID) -> Mediator:
    """Return the entry if the person may see it; strangers find nothing."""
    return get_object_or_404(selectors.entry_for(request.user), uuid=uuid)


def crumbs(request: HttpRequest, *more: Any) -> list[Any]:
    """Return the way back to the register, or to one's own day, and what follows."""
    if holds(request.user, Permission.VIEW_MEDIATORS):
        return [(_("Home"), reverse("home")), (_("Mediators"), reverse("mediation:mediator-list")), *more]
    return [(_("Home"), reverse("home")), (_("My sessions"), reverse("mediation:my-day")), *more]


def entry_crumbs(request: HttpRequest, mediator: Mediator, *more: Any) -> list[Any]:
    """Return the way back to an entry, and what follows."""
    return crumbs(request, (mediator.name, mediator.get_absolute_url()), *more)


def form_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Return the page of a form: `form`, `heading`, `crumbs`, and if wanted `lead` and `kicker`."""
    return render(request, "mediation/mediator_form.html", {"lead": "", "kicker": ""} | context)


def refuse(form: Any, error: DomainError, mediator: Mediator) -> None:
    """Show the refusal of a service in a form; after a stale page the person can check and save again."""
    mediator.refresh_from_db(fields=["version"])
    form.add_refusal(error, version=mediator.version if isinstance(error, StaleError) else None)


@require_safe
def mediator_list(request: HttpRequest) -> HttpResponse:
    """The register, with filters."""
    check_holds(request.user, Permission.VIEW_MEDIATORS)
    found = MediatorFilter(request.GET, queryset=selectors.register_for(request.user), request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    columns = [
        Column(_("Mediator")),
        Column(_("Languages")),
        Column(_("Works in")),
        Column(_("Profile")),
        Column(_("Qualifications")),
        Column(_("Assignments")),
    ]
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": columns,
        "rows": [_row(mediator) for mediator in page],
        "exports": export_links(request, "mediation:mediator-export"),
        "crumbs": [(_("Home"), reverse("home")), _("Mediators")],
        "buttons": _list_buttons(request),
    }
    return render(request, "mediation/mediator_list.html", context)


def _list_buttons(request: HttpRequest) -> list[Button]:
    buttons = []
    if holds(request.user, Permission.MANAGE_MEDIATORS):
        buttons.append(Button(_("Register a mediator"), reverse("mediation:mediator-new")))
    if holds(request.user, Permission.COORDINATE_MEDIATION):
        buttons.append(Button(_("Reminders"), reverse("mediation:reminder-list"), style="outline-primary"))
    return buttons


def _row(mediator: Mediator) -> list[Any]:
    next_expiry = mediator.next_expiry  # type: ignore[attr-defined]
    state = selectors.expiry(next_expiry, clock.today())
    name = f"{mediator.family_name} {mediator.given_name}"
    return [
        Lines(Link(name, mediator.get_absolute_url()), mediator.organisation.name),
        selectors.languages_in_words(mediator),
        selectors.territories_in_words(mediator),
        mediator.get_profile_display(),
        Pill(state.words, state.colour) if next_expiry else None,
        activity_pill(mediator),
    ]


def activity_pill(mediator: Mediator) -> Pill:
    """Return the pill that says whether the mediator can be given assignments."""
    return Pill(_("Available"), "success") if mediator.is_active else Pill(_("Not available"), "secondary")


@require_safe
def mediator_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file; how to reach people stays on the page."""
    check_holds(request.user, Permission.VIEW_MEDIATORS)
    found = MediatorFilter(request.GET, queryset=selectors.register_for(request.user), request=request)
    columns = [
        exports.Column(_("Family name"), "family_name"),
        exports.Column(_("Given name"), "given_name"),
        exports.Column(_("Provider body"), "organisation.name", width=40),
        exports.Column(_("Profile"), lambda mediator: mediator.get_profile_display()),
        exports.Column(_("Languages"), selectors.languages_in_words, width=40),
        exports.Column(_("Works in"), selectors.territories_in_words, width=30),
        exports.Column(_("Works"), selectors.modes_in_words, width=30),
        exports.Column(_("Next expiry of a qualification"), "next_expiry", exports.CellType.DATE),
        exports.Column(_("Confidentiality agreement signed on"), "confidentiality_signed_on", exports.CellType.DATE),
        exports.Column(_("Most hours in a year"), "yearly_maximum", exports.CellType.DURATION),
        exports.Column(_("Available for assignments"), "is_active", exports.CellType.BOOLEAN),
    ]
    return download_list(
        name="mediatori", title=_("Mediators"), fmt=fmt, columns=columns, rows=found.qs.iterator(chunk_size=1000)
    )


@require_safe
def mediator(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One entry: facts, languages, qualifications, availability, history; what can be done with it."""
    shown = mediator_for(request, uuid)
    manages = can_manage_mediator(request.user, shown)
    own = is_oneself(request.user, shown)
    today = clock.today()
    qualifications = selectors.qualifications_of(shown)
    context = {
        "mediator": shown,
        "heading": shown.name,
        "kicker": shown.organisation.name,
        "pill": activity_pill(shown),
        "crumbs": crumbs(request, shown.name),
        "buttons": _buttons(request, shown, manages=manages),
        "missing": selectors.missing(shown, qualifications, today) if manages or own else [],
        "facts": _facts(shown, own=own),
        "language_columns": [Column(_("Language")), Column(_("Variety")), Column(_("Level"))],
        "language_rows": [[row.language.name, row.variety, row.get_level_display()] for row in shown.languages.all()],
        "languages_url": reverse("mediation:mediator-languages", args=[shown.uuid]),
        "territories": selectors.territories_in_words(shown),
        "territories_url": reverse("mediation:mediator-territories", args=[shown.uuid]),
        "qualification_columns": _qualification_columns(manages),
        "qualification_rows": [
            _qualification_row(row, today, opens=manages or own, manages=manages) for row in qualifications
        ],
        "qualification_url": reverse("mediation:mediator-qualification-new", args=[shown.uuid]),
        "week": availability.week_in_words(availability.week_of(shown)),
        "exceptions": [exception_in_words(row) for row in availability.exceptions_of(shown, since=today)],
        "availability_url": reverse("mediation:mediator-availability", args=[shown.uuid])
        if manages and can_edit_availability(request.user, shown)
        else "",
        "manages": manages,
        "history": [Entry(entry.at, entry.label, entry.actor, entry.comment) for entry in timeline(shown, limit=50)]
        if manages
        else [],
    }
    return render(request, "mediation/mediator.html", context)


def exception_in_words(row: Any) -> tuple[Any, Any]:
    """Return the days of an exception and what they are."""
    first, last = f"{row.starts_on:%d/%m/%Y}", f"{row.ends_on:%d/%m/%Y}"
    days = first if first == last else _("from %(first)s to %(last)s") % {"first": first, "last": last}
    times = f", {row.starts_at:%H:%M}–{row.ends_at:%H:%M}" if row.starts_at else ""
    return f"{days}{times}", _("free") if row.is_available else _("not free")


def _facts(shown: Mediator, *, own: bool) -> list[tuple[Any, ...]]:
    maximum = amount(shown.yearly_maximum, Unit.HOURS) if shown.yearly_maximum else _("no limit")
    facts: list[tuple[Any, ...]] = [
        (_("Provider body"), shown.organisation.name),
        (_("Profile"), shown.get_profile_display()),
        (_("Gender"), shown.get_gender_display()),
        (_("E-mail"), shown.email),
        (_("Phone"), shown.phone),
        (_("Works"), selectors.modes_in_words(shown)),
        (_("Starts from"), shown.home),
        (_("Minutes of travel kept free"), shown.travel_buffer),
        (_("Most hours in a year"), maximum),
        (_("Confidentiality agreement signed on"), shown.confidentiality_signed_on),
    ]
    if not own:
        facts.append((_("Account in the portal"), shown.user.email if shown.user else None))
    return facts


def _qualification_columns(manages: bool) -> list[Column]:
    columns = [Column(_("Qualification")), Column(_("Issued by")), Column(_("Expiry")), Column(_("Document"))]
    return [*columns, Column(_("What can be done"), hidden_label=True)] if manages else columns


def _qualification_row(row: Any, today: Any, *, opens: bool, manages: bool) -> list[Any]:
    state = selectors.expiry(row.expires_on, today)
    hours = _("%(hours)d hours") % {"hours": row.hours} if row.hours else ""
    document = Link(_("Open"), row.document.get_absolute_url(), row.title) if row.document and opens else None
    if row.document and not opens:
        document = _("kept")
    cells = [Lines(row.get_kind_display(), row.title), Lines(row.issued_by, hours), Pill(state.words, state.colour)]
    cells.append(document)
    if manages:
        cells.append(Link(_("Remove"), reverse("mediation:mediator-qualification-remove", args=[row.uuid]), row.title))
    return cells


def _buttons(request: HttpRequest, shown: Mediator, *, manages: bool) -> list[Button]:
    if not manages:
        return []
    buttons = [
        Button(_("Correct the facts"), reverse("mediation:mediator-edit", args=[shown.uuid])),
        Button(
            _("Change the account") if shown.user_id else _("Link an account"),
            reverse("mediation:mediator-account", args=[shown.uuid]),
            style="outline-primary",
        ),
    ]
    if shown.is_active:
        url = reverse("mediation:mediator-deactivate", args=[shown.uuid])
        return [*buttons, Button(_("Stop the assignments"), url, style="outline-danger")]
    url = reverse("mediation:mediator-reactivate", args=[shown.uuid])
    return [*buttons, Button(_("Start the assignments again"), url, method="post", style="outline-primary")]


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_new(request: HttpRequest) -> HttpResponse:
    """Enter a mediator in the register."""
    check_holds(request.user, Permission.MANAGE_MEDIATORS)
    form = MediatorForm(
        request.POST if request.method == "POST" else None,
        organisations=selectors.providers_for(request.user),
        cancel_url=reverse("mediation:mediator-list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register_mediator(
                values=form.values(), by=request.user, at=clock.now(), key=form.submission_key
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request, _("The mediator is in the register. Now add languages, places and qualifications.")
            )
            return redirect(made)
    heading = _("Register a mediator")
    return form_page(request, {"form": form, "heading": heading, "crumbs": crumbs(request, heading)})


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the facts of an entry."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    bodies = list(selectors.providers_for(request.user))
    if shown.organisation not in bodies:
        bodies.insert(0, shown.organisation)
    form = MediatorForm(
        request.POST if request.method == "POST" else None,
        organisations=bodies,
        initial=initial_of(shown),
        version=shown.version,
        cancel_url=shown.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_mediator(
                mediator=shown, values=form.values(), version=version_of(form), by=request.user, at=clock.now()
            )
        except DomainError as error:
            refuse(form, error, shown)
        else:
            messages.success(request, _("The facts are saved."))
            return redirect(shown)
    heading = _("Correct the facts")
    context = {"form": form, "heading": heading, "kicker": shown.name}
    return form_page(request, context | {"crumbs": entry_crumbs(request, shown, heading)})


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_account(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Link an account to the entry; the account that is there can be taken away."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    people = [membership.user for membership in selectors.accounts_to_link(shown)]
    form = AccountForm(
        request.POST if request.method == "POST" else None, people=people, cancel_url=shown.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.link_account(mediator=shown, user=form.cleaned_data["user"], by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request, _("The account is linked: the mediator finds proposals and sessions in the portal.")
            )
            return redirect(shown)
    invites = can_manage_memberships(request.user, shown.organisation)
    heading = _("Account of the mediator")
    context = {
        "form": form,
        "people": people,
        "mediator": shown,
        "heading": heading,
        "kicker": shown.name,
        "crumbs": entry_crumbs(request, shown, heading),
        "invite_url": reverse("partners:invite") if invites else "",
        "unlink": [
            Button(
                _("Unlink the account"),
                reverse("mediation:mediator-unlink", args=[shown.uuid]),
                method="post",
                style="outline-danger",
            )
        ],
    }
    return render(request, "mediation/mediator_account.html", context)


@require_POST
def mediator_unlink(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the account away from the entry."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    services.unlink_account(mediator=shown, by=request.user, at=clock.now())
    messages.success(request, _("The account is no longer linked to this entry."))
    return redirect(shown)


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_deactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the mediator out of the assignments, with the reason."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    label = _("Stop the assignments")
    form = ReasonForm(
        request.POST if request.method == "POST" else None, submit_label=label, cancel_url=shown.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.deactivate(mediator=shown, reason=form.cleaned_data["reason"], by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The mediator is given no more assignments. Sessions already planned stay."))
            return redirect(shown)
    context = {"form": form, "heading": label, "kicker": shown.name, "crumbs": entry_crumbs(request, shown, label)}
    return form_page(request, context | {"lead": _("Sessions already planned stay where they are.")})


@require_POST
def mediator_reactivate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put the mediator back among those who can be given assignments."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    services.reactivate(mediator=shown, by=request.user, at=clock.now())
    messages.success(request, _("The mediator can be given assignments again."))
    return redirect(shown)
