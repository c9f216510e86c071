# SPDX-License-Identifier: EUPL-1.2
"""The lives of what the mediation service does (design 4): one table for each entity.

Who may do each act is said in `permissions.py`; what else must be true (hours, times, signatures) in the services.
"""

from django.utils.translation import gettext_lazy as _

from fami_portal.core.workflow import Workflow, register, transitions
from mediation.enums import (
    ConsultationState,
    LegalQuestionState,
    PresenceState,
    RequestState,
    SessionState,
    TranslationState,
)

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

_CLINICIAN = _("the clinician")
_CONSULTANT = _("the consultant")
_TRANSLATOR = _("the translator")
_OPERATOR = _("the operator who asked")
C = ConsultationState

# No comment is asked of those who read the case: what is written about a case is a field that only the service and the clinician read, and
# the log of the acts is read by others too.
CONSULTATION = register(
    Workflow(
        entity="mediation.consultation",
        states=ConsultationState,
        initial=C.DRAFT,
        owners={
            C.DRAFT: _REQUESTER,
            C.REFERRED: _CLINICIAN,
            C.TO_COMPLETE: _REQUESTER,
            C.ACCEPTED: _CLINICIAN,
            C.ASSESSMENT: _CLINICIAN,
            C.RESTITUTION: _CLINICIAN,
            C.CLOSED: _NOBODY,
            C.REOPENED: _CLINICIAN,
            C.NOT_PERTINENT: _NOBODY,
            C.CANCELLED: _NOBODY,
        },
        colours={
            C.DRAFT: "secondary",
            C.REFERRED: "info",
            C.TO_COMPLETE: "warning",
            C.ACCEPTED: "primary",
            C.ASSESSMENT: "primary",
            C.RESTITUTION: "primary",
            C.CLOSED: "success",
            C.REOPENED: "warning",
            C.NOT_PERTINENT: "danger",
            C.CANCELLED: "secondary",
        },
        transitions=transitions(
            ("refer", {C.DRAFT}, C.REFERRED, _("Case referred"), False),
            ("assign", {C.REFERRED}, C.REFERRED, _("Clinician assigned"), False),
            ("ask_to_complete", {C.REFERRED}, C.TO_COMPLETE, _("Sent back to complete"), False),
            ("complete", {C.TO_COMPLETE}, C.REFERRED, _("Referral completed"), False),
            ("accept", {C.REFERRED}, C.ACCEPTED, _("Case accepted"), False),
            ("turn_down", {C.REFERRED}, C.NOT_PERTINENT, _("Found not pertinent"), False),
            ("assess", {C.ACCEPTED}, C.ASSESSMENT, _("Assessment begun"), False),
            ("give_back", {C.ASSESSMENT}, C.RESTITUTION, _("Restitution given"), False),
            ("close", {C.RESTITUTION, C.REOPENED}, C.CLOSED, _("Consultation closed"), False),
            ("interrupt", {C.ACCEPTED, C.ASSESSMENT, C.REOPENED}, C.CLOSED, _("Consultation interrupted"), False),
            # The coordinators do not read the case: their reason is about the hours.
            ("reopen", {C.CLOSED}, C.REOPENED, _("Consultation reopened"), True),
            ("cancel", {C.REFERRED, C.TO_COMPLETE, C.ACCEPTED}, C.CANCELLED, _("Referral withdrawn"), False),
        ),
    )
)

Q = LegalQuestionState

LEGAL_QUESTION = register(
    Workflow(
        entity="mediation.legalquestion",
        states=LegalQuestionState,
        initial=Q.DRAFT,
        owners={
            Q.DRAFT: _OPERATOR,
            Q.ASKED: _COORDINATOR,
            Q.ASSIGNED: _CONSULTANT,
            Q.TO_CLARIFY: _OPERATOR,
            Q.ANSWERED: _OPERATOR,
            Q.PUBLISHED: _NOBODY,
            Q.WITHDRAWN: _NOBODY,
        },
        colours={
            Q.DRAFT: "secondary",
            Q.ASKED: "info",
            Q.ASSIGNED: "info",
            Q.TO_CLARIFY: "warning",
            Q.ANSWERED: "success",
            Q.PUBLISHED: "success",
            Q.WITHDRAWN: "secondary",
        },
        transitions=transitions(
            ("ask", {Q.DRAFT}, Q.ASKED, _("Question asked"), False),
            ("assign", {Q.ASKED, Q.ASSIGNED}, Q.ASSIGNED, _("Assigned to a consultant"), False),
            ("ask_to_clarify", {Q.ASSIGNED}, Q.TO_CLARIFY, _("Clarification asked of the operator"), False),
            ("clarify", {Q.TO_CLARIFY}, Q.ASSIGNED, _("Clarification given"), False),
            ("answer", {Q.ASSIGNED}, Q.ANSWERED, _("Question answered"), False),
            ("ask_again", {Q.ANSWERED}, Q.ASSIGNED, _("Clarification asked of the consultant"), False),
            ("accept", {Q.ANSWERED}, Q.ANSWERED, _("Answer accepted"), False),
            ("publish", {Q.ANSWERED}, Q.PUBLISHED, _("Published in the archive"), False),
            ("take_down", {Q.PUBLISHED}, Q.ANSWERED, _("Taken out of the archive"), True),
            ("withdraw", {Q.ASKED, Q.ASSIGNED, Q.TO_CLARIFY}, Q.WITHDRAWN, _("Question withdrawn"), True),
        ),
    )
)

T = TranslationState

TRANSLATION = register(
    Workflow(
        entity="mediation.translation",
        states=TranslationState,
        initial=T.DRAFT,
        owners={
            T.DRAFT: _REQUESTER,
            T.SUBMITTED: _COORDINATOR,
            T.ASSIGNED: _TRANSLATOR,
            T.RETURNED: _REQUESTER,
            T.TO_REVISE: _TRANSLATOR,
            T.ACCEPTED: _COORDINATOR,
            T.VALIDATED: _NOBODY,
            T.REJECTED: _NOBODY,
            T.CANCELLED: _NOBODY,
        },
        colours={
            T.DRAFT: "secondary",
            T.SUBMITTED: "info",
            T.ASSIGNED: "primary",
            T.RETURNED: "info",
            T.TO_REVISE: "warning",
            T.ACCEPTED: "info",
            T.VALIDATED: "success",
            T.REJECTED: "danger",
            T.CANCELLED: "secondary",
        },
        transitions=transitions(
            ("submit", {T.DRAFT}, T.SUBMITTED, _("Translation asked for"), False),
            ("assign", {T.SUBMITTED, T.ASSIGNED}, T.ASSIGNED, _("Assigned to a translator"), False),
            ("give_back", {T.ASSIGNED}, T.SUBMITTED, _("Given back by the translator"), True),
            ("return", {T.ASSIGNED, T.TO_REVISE}, T.RETURNED, _("Translated file returned"), False),
            ("revise", {T.RETURNED}, T.TO_REVISE, _("Asked to revise"), True),
            ("accept", {T.RETURNED}, T.ACCEPTED, _("Accepted by the requester"), False),
            ("validate", {T.ACCEPTED}, T.VALIDATED, _("Translation validated"), False),
            ("reopen", {T.ACCEPTED, T.VALIDATED}, T.TO_REVISE, _("Translation reopened"), True),
            ("reject", {T.SUBMITTED}, T.REJECTED, _("Request rejected"), True),
            ("cancel", {T.SUBMITTED, T.ASSIGNED}, T.CANCELLED, _("Request cancelled"), True),
        ),
    )
)

PRESENCE = register(
    Workflow(
        entity="mediation.communitypresence",
        states=PresenceState,
        initial=PresenceState.PLANNED,
        owners={
            PresenceState.PLANNED: _MEDIATOR,
            PresenceState.HELD: _COORDINATOR,
            PresenceState.VALIDATED: _NOBODY,
            PresenceState.CANCELLED: _NOBODY,
        },
        colours={
            PresenceState.PLANNED: "info",
            PresenceState.HELD: "primary",
            PresenceState.VALIDATED: "success",
            PresenceState.CANCELLED: "secondary",
        },
        transitions=transitions(
            ("hold", {PresenceState.PLANNED}, PresenceState.HELD, _("Presence recorded"), False),
            ("correct", {PresenceState.HELD}, PresenceState.HELD, _("Presence corrected"), False),
            ("send_back", {PresenceState.HELD}, PresenceState.PLANNED, _("Sent back to correct"), True),
            ("validate", {PresenceState.HELD}, PresenceState.VALIDATED, _("Presence validated"), False),
            ("reopen", {PresenceState.VALIDATED}, PresenceState.HELD, _("Presence reopened"), True),
            ("cancel", {PresenceState.PLANNED}, PresenceState.CANCELLED, _("Presence cancelled"), True),
        ),
    )
)
