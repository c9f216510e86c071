# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the partners app."""

from django.urls import path

from partners.views import deeds, invitations, networks, organisations, people, stays, territory

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
    path("networks/<uuid:uuid>/members/new/", stays.member_new, name="member-new"),
    path("networks/<uuid:uuid>/lead/", stays.lead_change, name="lead-change"),
    path("networks/<uuid:uuid>/deeds/new/", deeds.deed_new, name="deed-new"),
    path("networks/<uuid:uuid>/municipalities/", territory.network_municipalities, name="network-municipalities"),
    path("networks/<uuid:uuid>/territory/", territory.territory, name="territory"),
    path("networks/<uuid:uuid>/territory/export.<export:fmt>", territory.territory_export, name="territory-export"),
    path("network-deeds/<uuid:uuid>/edit/", deeds.deed_edit, name="deed-edit"),
    path("network-members/<uuid:uuid>/entry/", stays.member_entry, name="member-entry"),
    path("network-members/<uuid:uuid>/end/", stays.member_end, name="member-end"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite_person, name="invite"),
    path("people/invitations/<uuid:uuid>/revoke/", people.invitation_revoke, name="invitation-revoke"),
    path("people/<uuid:uuid>/end/", people.membership_end, name="membership-end"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("profile/", people.profile, name="profile"),
]
