# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the partners app."""

from django.urls import path

from partners.views import invitations, networks, organisations, people

app_name = "partners"
urlpatterns = [
    path("bodies/", organisations.organisation_list, name="organisations"),
    path("bodies/export.<export:fmt>", organisations.organisations_export, name="organisations-export"),
    path("bodies/new/", organisations.organisation_new, name="organisation-new"),
    path("bodies/<uuid:uuid>/", organisations.organisation, name="organisation"),
    path("bodies/<uuid:uuid>/edit/", organisations.organisation_edit, name="organisation-edit"),
    path("networks/", networks.network_list, name="networks"),
    path("networks/export.<export:fmt>", networks.networks_export, name="networks-export"),
    path("networks/new/", networks.network_new, name="network-new"),
    path("networks/<uuid:uuid>/", networks.network, name="network"),
    path("networks/<uuid:uuid>/edit/", networks.network_edit, name="network-edit"),
    path("networks/<uuid:uuid>/members/new/", networks.member_new, name="member-new"),
    path("network-members/<uuid:uuid>/end/", networks.member_end, name="member-end"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite_person, name="invite"),
    path("people/invitations/<uuid:uuid>/revoke/", people.invitation_revoke, name="invitation-revoke"),
    path("people/<uuid:uuid>/end/", people.membership_end, name="membership-end"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("profile/", people.profile, name="profile"),
]
