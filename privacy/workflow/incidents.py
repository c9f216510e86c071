# SPDX-License-Identifier: EUPL-1.2
"""The life of an incident on personal data."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fami_portal.core.workflow import Workflow, register, transitions
from privacy.enums.retention import IncidentState

S = IncidentState
_OFFICER = _("the data protection officer")

INCIDENT = register(
    Workflow(
        entity="privacy.incident",
        states=IncidentState,
        initial=S.OPEN,
        owners={S.OPEN: _OFFICER, S.NOTIFIED: _OFFICER, S.NOT_NOTIFIED: _OFFICER, S.CLOSED: _("nobody")},
        colours={S.OPEN: "danger", S.NOTIFIED: "warning", S.NOT_NOTIFIED: "secondary", S.CLOSED: "success"},
        transitions=transitions(
            ("notify", {S.OPEN, S.NOT_NOTIFIED}, S.NOTIFIED, _("Notified to the authority"), False),
            # Art. 33(1): unlikely to result in a risk; the reason is kept (art. 33(5)).
            ("do_not_notify", {S.OPEN}, S.NOT_NOTIFIED, _("Not to be notified"), True),
            ("close", {S.NOTIFIED, S.NOT_NOTIFIED}, S.CLOSED, pgettext_lazy("incident", "Closed"), True),
            ("reopen", {S.CLOSED}, S.OPEN, pgettext_lazy("incident", "Reopened"), True),
        ),
    )
)
