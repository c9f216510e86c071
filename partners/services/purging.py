# SPDX-License-Identifier: EUPL-1.2
"""What the retention takes from invitations: who was invited, once it is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from fami_portal.core.redaction import redact_reasons
from fami_portal.core.services import acting
from partners.models import Invitation


def forget_invitations(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Take name and address from invitations that were accepted, revoked or expired; returns how many.

    Which role of which body was offered and when stays. One that expired counts as revoked.
    """
    with acting(by):
        rows = Invitation.objects.filter(pk__in=ids).exclude(email="")
        rows.filter(accepted_at__isnull=True).update(revoked_at=Coalesce(F("revoked_at"), at))
        number = rows.update(email="", given_name="", family_name="")
        redact_reasons(Invitation, ids)
    return number
