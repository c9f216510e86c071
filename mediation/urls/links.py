# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the room “links”: pages without an account, and who looks after links and delegations."""

from django.urls import path

from mediation.views import access, link_filing, links, outside

urlpatterns = [
    path("mediation/link/", links.link_ask, name="link-ask"),
    path("mediation/link/asked/", links.link_asked, name="link-asked"),
    path("mediation/link/<str:token>/request/", link_filing.link_file, name="link-file"),
    path("mediation/link/<str:token>/filed/", link_filing.link_filed, name="link-filed"),
    path("mediation/link/<str:token>/complete/", link_filing.link_complete, name="link-complete"),
    path("mediation/link/<str:token>/follow/", links.link_follow, name="link-follow"),
    path("mediation/link/<str:token>/cancel/", links.link_cancel, name="link-cancel"),
    path("mediation/link/<str:token>/authorise/", links.link_authorise, name="link-authorise"),
    path("mediation/link/<str:token>/decline/", links.link_decline, name="link-decline"),
    path("mediation/link/<str:token>/countersign/", links.link_countersign, name="link-countersign"),
    path("mediation/access/", access.access_list, name="access-list"),
    path("mediation/access/<uuid:uuid>/", access.access, name="access"),
    path("mediation/access/<uuid:uuid>/links/new/", access.link_send, name="link-send"),
    path("mediation/access/<uuid:uuid>/delegations/new/", access.delegation_give, name="delegation-give"),
    path("mediation/access/<uuid:uuid>/delegations/paper/", access.delegation_paper, name="delegation-paper"),
    path("mediation/access/<uuid:uuid>/outside/", outside.request_outside, name="request-outside"),
    path("mediation/access/links/<uuid:uuid>/revoke/", access.link_revoke, name="link-revoke"),
    path("mediation/access/delegations/<uuid:uuid>/revoke/", access.delegation_revoke, name="delegation-revoke"),
    path("mediation/requests/<uuid:uuid>/head-link/", outside.head_link, name="head-link"),
]
