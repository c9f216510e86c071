# SPDX-License-Identifier: EUPL-1.2
"""Pages of people: who works where with which role, invitations, the own profile."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, Role
from accounts.services import update_profile
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError
from partners import selectors
from partners.filters import PeopleFilter
from partners.forms.people import InvitationForm, InvitationRevokeForm, MembershipEndForm, ProfileForm
from partners.models import Invitation, Membership
from partners.permissions import (
    check_can_give_role,
    check_holds,
    managed_networks,
    managed_organisations,
    roles_to_give,
)
from partners.services.invitations import invite, revoke_invitation
from partners.services.memberships import end_membership

PAGE_SIZE = 50


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """People and roles: who works where, and which invitations wait for an answer."""
    check_holds(request.user, Permission.MANAGE_MEMBERSHIPS)
    found = PeopleFilter(request.GET, queryset=selectors.people_for(request.user))
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    roles = roles_to_give(request.user)
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": [
            Column(_("Person")),
            Column(_("Role")),
            Column(_("Body")),
            Column(_("From"), nowrap=True),
            Column(_("Validity"), nowrap=True),
            Column(_("What can be done"), hidden_label=True),
        ],
        "rows": [_membership_row(membership, roles) for membership in page],
        "buttons": [Button(_("Invite a person"), reverse("partners:invite"))],
        "invitation_columns": [
            Column(_("E-mail address")),
            Column(_("Role")),
            Column(_("Body")),
            Column(_("Expires on"), nowrap=True),
            Column(_("What can be done"), hidden_label=True),
        ],
        "invitation_rows": [_invitation_row(invitation) for invitation in selectors.invitations_for(request.user)],
    }
    return render(request, "partners/people.html", context)


def _membership_row(membership: Membership, roles: list[Role]) -> list[Any]:
    person = membership.user
    networks = ", ".join(network.name for network in membership.networks.all())
    name = person.full_name
    end = (
        Link(_("End the role"), reverse("partners:membership-end", args=[membership.uuid]), name)
        if membership.role_definition in roles and not membership.has_ended(timezone.localdate())
        else None
    )
    return [
        Lines(name, person.email),
        Lines(membership.get_role_display(), networks),
        Link(membership.organisation.name, membership.organisation.get_absolute_url()),
        membership.valid_from,
        _validity(membership),
        end,
    ]


def _validity(membership: Membership) -> Any:
    today = timezone.localdate()
    if not membership.user.is_active:
        return Pill(_("Account closed"), "danger")
    if membership.has_ended(today):
        return Lines(Pill(_("Ended"), "secondary"), _on(membership.valid_until))
    if membership.valid_from > today:
        return Pill(_("Not begun"), "warning")
    return Lines(
        Pill(_("Valid"), "success"), _("until %(day)s") % {"day": end} if (end := _on(membership.valid_until)) else ""
    )


def _on(day: date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _invitation_row(invitation: Invitation) -> list[Any]:
    expired = invitation.expires_at <= timezone.now()
    return [
        Lines(invitation.email, f"{invitation.given_name} {invitation.family_name}".strip()),
        invitation.get_role_display(),
        Link(invitation.organisation.name, invitation.organisation.get_absolute_url()),
        Pill(_("Expired"), "danger") if expired else invitation.expires_at,
        Link(
            _("Revoke the invitation"), reverse("partners:invitation-revoke", args=[invitation.uuid]), invitation.email
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: HttpRequest) -> HttpResponse:
    """Invite somebody to work in a body with a role."""
    check_holds(request.user, Permission.MANAGE_MEMBERSHIPS)
    form = InvitationForm(
        request.POST if request.method == "POST" else None,
        initial={"organisation": request.GET.get("organisation", "")},
        organisations=managed_organisations(request.user, Permission.MANAGE_MEMBERSHIPS).order_by("name", "pk"),
        roles=roles_to_give(request.user),
        networks=managed_networks(request.user, Permission.MANAGE_MEMBERSHIPS).order_by("name", "pk"),
        cancel_url=reverse("partners:people"),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            invite(
                email=data["email"],
                organisation=data["organisation"],
                role=data["role"],
                networks=data["networks"],
                given_name=data["given_name"],
                family_name=data["family_name"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The invitation is on its way. It can be used within 72 hours."))
            return redirect("partners:people")
    crumbs = [Link(_("People and roles"), reverse("partners:people")), _("Invite a person")]
    return render(request, "partners/invite.html", {"form": form, "crumbs": crumbs})


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close an invitation that nobody has used yet, after asking."""
    invitation = get_object_or_404(selectors.invitations_for(request.user), uuid=uuid)
    form = InvitationRevokeForm(
        request.POST if request.method == "POST" else None, cancel_url=reverse("partners:people")
    )
    if request.method == "POST" and form.is_valid():
        try:
            revoke_invitation(invitation=invitation, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The invitation no longer works."))
            return redirect("partners:people")
    context = {
        "form": form,
        "invitation": invitation,
        "crumbs": [Link(_("People and roles"), reverse("partners:people")), _("Revoke the invitation")],
    }
    return render(request, "partners/invitation_revoke.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def membership_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End somebody's role in a body."""
    membership = get_object_or_404(selectors.memberships_seen_by(request.user), uuid=uuid)
    check_can_give_role(
        request.user,
        organisation=membership.organisation,
        role=membership.role_definition,
        networks=membership.networks.order_by("pk"),
    )
    form = MembershipEndForm(request.POST if request.method == "POST" else None, cancel_url=reverse("partners:people"))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            end_membership(
                membership=membership,
                by=request.user,
                last_day=data["last_day"],
                at_once=data["at_once"],
                reason=data["reason"],
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The role has an end. What the person did stays where it is."))
            return redirect("partners:people")
    context = {
        "form": form,
        "membership": membership,
        "crumbs": [Link(_("People and roles"), reverse("partners:people")), _("End the role")],
    }
    return render(request, "partners/membership_end.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The person's own page: name, roles in plain words, password."""
    first = {"given_name": request.user.given_name, "family_name": request.user.family_name}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            update_profile(
                user=request.user,
                given_name=form.cleaned_data["given_name"],
                family_name=form.cleaned_data["family_name"],
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("Your name is saved."))
            return redirect("partners:profile")
    today = timezone.localdate()
    mine = list(selectors.memberships_for(request.user))
    context = {
        "form": form,
        "current": [membership for membership in mine if membership.is_valid_on(today)],
        "other_columns": [Column(_("Role")), Column(_("Body")), Column(_("From")), Column(_("Until"))],
        "other_rows": [
            [
                membership.get_role_display(),
                membership.organisation.name,
                membership.valid_from,
                membership.valid_until,
            ]
            for membership in mine
            if not membership.is_valid_on(today)
        ],
        "buttons": [Button(_("Change my password"), reverse("account_change_password"), style="outline-primary")],
    }
    return render(request, "partners/profile.html", context)
