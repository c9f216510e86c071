# SPDX-License-Identifier: EUPL-1.2
"""The ledger hears what the mediation service has validated and which records of recipients are one person.

See `mediation.signals` and `beneficiaries.signals`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from actions.models import Programme
from beneficiaries.services.grouping import Moved
from beneficiaries.signals import persons_changed, persons_changing
from mediation.signals import figures_changed, figures_changing
from reporting.ledger import postings
from reporting.services.ledger import post_merges
from reporting.services.mediation import post_mediation


@receiver([figures_changing, persons_changing], dispatch_uid="reporting.take_head")
def take_head(*, programme_id: int, **_kwargs: Any) -> None:
    """Take the head of the ledger first, so that every act that moves figures takes its locks in the same order."""
    postings.take_head(programme_id)


@receiver(figures_changed, dispatch_uid="reporting.post_mediation")
def post(*, source_type: str, source_id: int, programme_id: int, by: Any, at: datetime, **_kwargs: Any) -> None:
    """Post what has been validated, in the transaction of the validation."""
    post_mediation(programme_id=programme_id, source_type=source_type, source_ids=[source_id], by=by, at=at)


@receiver(persons_changed, dispatch_uid="reporting.post_persons")
def post_persons(
    *, programme_id: int, parted: Sequence[int], moved: Sequence[Moved], by: Any, at: datetime, **_kwargs: Any
) -> None:
    """Count the records that were joined as one, or those parted as two, in the transaction of the act."""
    post_merges(programme=Programme.objects.get(pk=programme_id), parted=parted, moved=moved, by=by, at=at)
