# SPDX-License-Identifier: EUPL-1.2
"""What may be written in the six boxes of a report, at every level."""

from collections.abc import Mapping
from typing import Any

from reporting.enums import ProblemOrigin
from reporting.models.narrative import Narrative


def check_boxes(values: Mapping[str, Any]) -> None:
    """Raise `ValueError` for values that are not boxes of the narrative: a mistake of ours, never of a person."""
    unknown = set(values) - {*Narrative.NARRATIVE, "problem_origins"}
    unknown |= set(values.get("problem_origins", ())) - set(ProblemOrigin.values)
    if unknown:
        raise ValueError(f"not boxes of the narrative: {sorted(unknown)}")
