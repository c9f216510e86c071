# SPDX-License-Identifier: EUPL-1.2
"""The lives of what the mediation service does (design 4): one table for each entity.

Who may do each act is said in `permissions.py`; what else must be true (hours, times, signatures) in the services.
"""

from django.utils.translation import gettext_lazy as _

from fami_portal.core.workflow import Workflow, register, transitions
from mediation.enums import RequestState, SessionState

_REQUESTER = _("the school or service")
_HEAD = _("the head of the school")
_COORDINATOR = _("the coordinator")
_MEDIATOR = _("the mediator")
_NOBODY = _("nobody")
S = RequestState

# From where the requester may still give a request up.
CANCELLABLE = (
    S.SUBMITTED,
    S.AUTHORISED,
    S.TAKEN_IN_CHARGE,
    S.TO_COMPLETE,
    S.ASSIGNING,
    S.PROPOSED,
    S.CONFIRMED,
    S.RESCHEDULED,
)

REQUEST = register(
    Workflow(
        entity="mediation.mediationrequest",
        states=RequestState,
        initial=S.DRAFT,
        owners={
            S.DRAFT: _REQUESTER,
            S.SUBMITTED: _HEAD,
            S.AUTHORISED: _COORDINATOR,
            S.TAKEN_IN_CHARGE: _COORDINATOR,
            S.TO_COMPLETE: _REQUESTER,
            S.ASSIGNING: _COORDINATOR,
            S.PROPOSED: _MEDIATOR,
            S.CONFIRMED: _MEDIATOR,
            S.RESCHEDULED: _MEDIATOR,
            S.HELD: _MEDIATOR,
            S.REPORTED: _REQUESTER,
            S.COUNTERSIGNED: _COORDINATOR,
            S.VALIDATED: _NOBODY,
            S.REOPENED: _MEDIATOR,
            S.REJECTED: _NOBODY,
            S.CANCELLED: _NOBODY,
            S.NOT_HELD: _NOBODY,
            S.EXPIRED: _NOBODY,
        },
        colours={
            S.DRAFT: "secondary",
            S.SUBMITTED: "info",
            S.AUTHORISED: "info",
            S.TAKEN_IN_CHARGE: "info",
            S.TO_COMPLETE: "warning",
            S.ASSIGNING: "info",
            S.PROPOSED: "info",
            S.CONFIRMED: "primary",
            S.RESCHEDULED: "warning",
            S.HELD: "primary",
            S.REPORTED: "info",
            S.COUNTERSIGNED: "info",
            S.VALIDATED: "success",
            S.REOPENED: "warning",
            S.REJECTED: "danger",
            S.CANCELLED: "secondary",
            S.NOT_HELD: "warning",
            S.EXPIRED: "danger",
        },
        transitions=transitions(
            ("submit", {S.DRAFT}, S.SUBMITTED, _("Request submitted"), False),
            ("authorise", {S.SUBMITTED}, S.AUTHORISED, _("Request authorised"), False),
            ("decline", {S.SUBMITTED}, S.REJECTED, _("Not authorised by the head of the school"), True),
            ("take_in_charge", {S.AUTHORISED}, S.TAKEN_IN_CHARGE, _("Request taken in charge"), False),
            (
                "ask_to_complete",
                {S.AUTHORISED, S.TAKEN_IN_CHARGE, S.ASSIGNING},
                S.TO_COMPLETE,
                _("Sent back to complete"),
                True,
            ),
            ("complete", {S.TO_COMPLETE}, S.SUBMITTED, _("Request completed"), False),
            ("assign", {S.TAKEN_IN_CHARGE}, S.ASSIGNING, _("Search of a mediator begun"), False),
            ("propose", {S.TAKEN_IN_CHARGE, S.ASSIGNING}, S.PROPOSED, _("Proposed to a mediator"), False),
            ("seek_next", {S.PROPOSED}, S.ASSIGNING, _("Next candidate sought"), False),
            ("confirm", {S.PROPOSED}, S.CONFIRMED, _("Confirmed by the mediator"), False),
            # What was agreed by phone: the slot is known, nobody needs to be asked.
            ("confirm_arranged", {S.TAKEN_IN_CHARGE, S.ASSIGNING}, S.CONFIRMED, _("Entered as arranged outside"), True),
            ("reschedule", {S.CONFIRMED}, S.RESCHEDULED, _("New time proposed"), True),
            ("confirm_new_time", {S.RESCHEDULED}, S.CONFIRMED, _("New time confirmed"), False),
            ("keep_old_time", {S.RESCHEDULED}, S.CONFIRMED, _("New time refused: the old one stands"), False),
            ("give_back", {S.CONFIRMED, S.RESCHEDULED}, S.ASSIGNING, _("Given back by the mediator"), True),
            ("hold", {S.CONFIRMED}, S.HELD, _("Sessions recorded"), False),
            ("not_hold", {S.CONFIRMED}, S.NOT_HELD, _("Not held"), True),
            ("report", {S.HELD, S.REOPENED}, S.REPORTED, _("Report filed and signed by the mediator"), False),
            ("countersign", {S.REPORTED}, S.COUNTERSIGNED, _("Report countersigned"), False),
            ("validate", {S.COUNTERSIGNED}, S.VALIDATED, _("Report validated"), False),
            ("reopen", {S.REPORTED, S.COUNTERSIGNED, S.VALIDATED}, S.REOPENED, _("Report reopened"), True),
            (
                "reject",
                {S.SUBMITTED, S.AUTHORISED, S.TAKEN_IN_CHARGE, S.ASSIGNING},
                S.REJECTED,
                _("Request rejected"),
                True,
            ),
            ("cancel", CANCELLABLE, S.CANCELLED, _("Request cancelled"), True),
            (
                "expire",
                {S.SUBMITTED, S.AUTHORISED, S.TAKEN_IN_CHARGE, S.TO_COMPLETE, S.ASSIGNING, S.PROPOSED},
                S.EXPIRED,
                _("Expired: the last day asked for has passed"),
                False,
            ),
        ),
    )
)

SESSION = register(
    Workflow(
        entity="mediation.mediationsession",
        states=SessionState,
        initial=SessionState.PLANNED,
        owners={
            SessionState.PLANNED: _MEDIATOR,
            SessionState.HELD: _NOBODY,
            SessionState.NOT_HELD: _NOBODY,
            SessionState.CANCELLED: _NOBODY,
        },
        colours={
            SessionState.PLANNED: "info",
            SessionState.HELD: "success",
            SessionState.NOT_HELD: "warning",
            SessionState.CANCELLED: "secondary",
        },
        transitions=transitions(
            ("hold", {SessionState.PLANNED}, SessionState.HELD, _("Session recorded"), False),
            ("not_hold", {SessionState.PLANNED}, SessionState.NOT_HELD, _("Session not held"), True),
            ("cancel", {SessionState.PLANNED}, SessionState.CANCELLED, _("Session cancelled"), True),
            # Only while the report is open again.
            ("correct", {SessionState.HELD, SessionState.NOT_HELD}, SessionState.HELD, _("Session corrected"), False),
        ),
    )
)
