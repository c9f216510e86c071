# SPDX-License-Identifier: EUPL-1.2
"""Who sees which of the lists of consultations, questions, translations and presences."""

from typing import Any

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from mediation.selectors.requests import suits
from partners.permissions import holds, organisations_with

P = Permission


def sees_consultations(user: Any) -> bool:
    """The bodies, the coordinators, the clinicians; whoever reads figures."""
    return any(holds(user, each) for each in (P.VIEW_MEDIATION_REQUESTS, P.CONSULT, P.VIEW_MEDIATION_FIGURES))


def sees_questions(user: Any) -> bool:
    """Who asks, who answers, who coordinates or checks."""
    return holds(user, P.ASK_LEGAL_QUESTIONS) or holds(user, P.CONSULT) or holds(user, P.VIEW_MEDIATION_FIGURES)


def sees_translations(user: Any) -> bool:
    """The bodies, the coordinators, the translators."""
    return holds(user, P.VIEW_MEDIATION_REQUESTS) or holds(user, P.MEDIATE)


def sees_presences(user: Any) -> bool:
    """Who coordinates or checks, and the mediators."""
    return holds(user, P.MEDIATE) or (holds(user, P.VIEW_MEDIATION_REQUESTS) and holds(user, P.VIEW_MEDIATION_FIGURES))


def asks_series(user: Any) -> bool:
    """Who files requests for a body that facilitation is made for."""
    bodies = organisations_with(user, P.FILE_MEDIATION_REQUESTS)
    return any(suits(MediationRequestKind.FACILITATION, body) for body in bodies)


def sees_requests(user: Any) -> bool:
    """Who sees the list of the requests."""
    return holds(user, P.VIEW_MEDIATION_REQUESTS)


# Who asks, who answers, who decides, who reads the figures.
_WITH_A_PART = (
    P.FILE_MEDIATION_REQUESTS,
    P.ASK_LEGAL_QUESTIONS,
    P.CONSULT,
    P.MEDIATE,
    P.COORDINATE_MEDIATION,
    P.VIEW_MEDIATION_FIGURES,
)


def has_a_part(user: Any) -> bool:
    """Whether the menu shows the entry; others of a body, its head too, would find nothing to do behind it."""
    return any(holds(user, each) for each in _WITH_A_PART)
