# SPDX-License-Identifier: EUPL-1.2
"""The models of the privacy app."""

from privacy.models.breach import Incident
from privacy.models.requests import RightsMatch, RightsRequest, RightsTask
from privacy.models.retention import (
    LegalHold,
    RetentionLine,
    RetentionNotice,
    RetentionPlan,
    RetentionRule,
    RetentionRun,
)

__all__ = [
    "Incident",
    "LegalHold",
    "RetentionLine",
    "RetentionNotice",
    "RetentionPlan",
    "RetentionRule",
    "RetentionRun",
    "RightsMatch",
    "RightsRequest",
    "RightsTask",
]
