# SPDX-License-Identifier: EUPL-1.2
"""The lives of what the privacy app keeps, by room."""

from privacy.workflow.incidents import INCIDENT
from privacy.workflow.requests import RIGHTS

__all__ = ["INCIDENT", "RIGHTS"]
