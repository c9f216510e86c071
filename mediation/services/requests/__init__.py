# SPDX-License-Identifier: EUPL-1.2
"""The life of a request of mediation: drafts, submission and authorisation, the ways in which it ends early."""

from mediation.services.requests.attachments import add_attachment, add_attachments, remove_attachment
from mediation.services.requests.common import RequestHasProblemsError, move_request
from mediation.services.requests.drafts import copy_request, discard_draft, save_draft, start_draft
from mediation.services.requests.endings import (
    CostChangedError,
    ask_to_complete,
    cancel,
    cancel_planned_sessions,
    decline,
    expire_overdue,
    reject,
    withdraw_proposals,
)
from mediation.services.requests.submission import authorise, authorise_by_document, complete, submit

__all__ = [
    "CostChangedError",
    "RequestHasProblemsError",
    "add_attachment",
    "add_attachments",
    "ask_to_complete",
    "authorise",
    "authorise_by_document",
    "cancel",
    "cancel_planned_sessions",
    "complete",
    "copy_request",
    "decline",
    "discard_draft",
    "expire_overdue",
    "move_request",
    "reject",
    "remove_attachment",
    "save_draft",
    "start_draft",
    "submit",
    "withdraw_proposals",
]
