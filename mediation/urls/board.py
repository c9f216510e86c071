# SPDX-License-Identifier: EUPL-1.2
"""Addresses of triage and assignment: the board, a mediator for a request, the mediator's answers."""

from django.urls import path

from mediation.views import assignment, board, proposals, triage

_REQUEST = "mediation/requests/<uuid:uuid>/"
_PROPOSAL = "mediation/proposals/<uuid:uuid>/"

urlpatterns = [
    path("mediation/board/", board.board, name="board"),
    path(_REQUEST + "take-in-charge/", triage.request_take, name="request-take"),
    path(_REQUEST + "ask-to-complete/", triage.request_ask_to_complete, name="request-ask-to-complete"),
    path(_REQUEST + "reject/", triage.request_reject, name="request-reject"),
    path(_REQUEST + "no-mediator/", triage.request_unmet, name="request-unmet"),
    path(_REQUEST + "give-back/", triage.request_give_back, name="request-give-back"),
    path(_REQUEST + "mediators/", assignment.request_suggestions, name="request-suggestions"),
    path(_REQUEST + "mediators/<uuid:mediator>/propose/", assignment.request_propose, name="request-propose"),
    path(_REQUEST + "mediators/offer/", assignment.request_offer, name="request-offer"),
    path(_REQUEST + "arranged-outside/", assignment.request_arranged, name="request-arranged"),
    path("mediation/proposals/", proposals.proposal_list, name="proposal-list"),
    path(_PROPOSAL, proposals.proposal, name="proposal"),
    path(_PROPOSAL + "accept/", proposals.proposal_accept, name="proposal-accept"),
    path(_PROPOSAL + "refuse/", proposals.proposal_refuse, name="proposal-refuse"),
    path(_PROPOSAL + "withdraw/", assignment.proposal_withdraw, name="proposal-withdraw"),
]
