# SPDX-License-Identifier: EUPL-1.2
"""The life of a request of a person. The clock runs from the receipt, whatever the state (art. 12(3) GDPR)."""

from django.utils.translation import gettext_lazy as _

from fami_portal.core.workflow import Workflow, register, transitions
from privacy.enums.requests import OPEN_STATES, WORKED_STATES, RightsState

_OFFICER = _("the data protection officer")
_APPLICANT = _("who asks")
_NOBODY = _("nobody")
S = RightsState

RIGHTS = register(
    Workflow(
        entity="privacy.rightsrequest",
        states=RightsState,
        initial=S.RECEIVED,
        owners={
            S.RECEIVED: _OFFICER,
            S.IDENTITY: _APPLICANT,
            S.IN_PROGRESS: _OFFICER,
            S.EXTENDED: _OFFICER,
            S.ANSWERED: _OFFICER,
            S.REFUSED: _OFFICER,
            S.CLOSED: _NOBODY,
        },
        colours={
            S.RECEIVED: "info",
            S.IDENTITY: "warning",
            S.IN_PROGRESS: "primary",
            S.EXTENDED: "warning",
            S.ANSWERED: "success",
            S.REFUSED: "danger",
            S.CLOSED: "secondary",
        },
        transitions=transitions(
            ("ask_identity", {S.RECEIVED}, S.IDENTITY, _("Proof of identity asked"), False),
            ("verify", {S.RECEIVED, S.IDENTITY}, S.IN_PROGRESS, _("Identity verified"), False),
            ("extend", {S.IN_PROGRESS}, S.EXTENDED, _("Term extended"), True),
            ("answer", set(WORKED_STATES), S.ANSWERED, _("Answered"), False),
            ("refuse", set(OPEN_STATES), S.REFUSED, _("Refused"), True),
            ("close", {S.ANSWERED, S.REFUSED}, S.CLOSED, _("Case closed"), False),
        ),
    )
)
