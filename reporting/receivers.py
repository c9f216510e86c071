# SPDX-License-Identifier: EUPL-1.2
"""The ledger hears what the mediation service has validated (the one upward signal, see `mediation.signals`)."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from mediation.signals import figures_changed, figures_changing
from reporting.ledger import postings
from reporting.services.mediation import post_mediation


@receiver(figures_changing, dispatch_uid="reporting.take_head")
def take_head(*, programme_id: int, **_kwargs: Any) -> None:
    """Take the head of the ledger first, so that every act that moves figures takes its locks in the same order."""
    postings.take_head(programme_id)


@receiver(figures_changed, dispatch_uid="reporting.post_mediation")
def post(*, source_type: str, source_id: int, programme_id: int, by: Any, at: datetime, **_kwargs: Any) -> None:
    """Post what has been validated, in the transaction of the validation."""
    post_mediation(programme_id=programme_id, source_type=source_type, source_ids=[source_id], by=by, at=at)
