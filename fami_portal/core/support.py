# SPDX-License-Identifier: EUPL-1.2
"""Reports of problems: they leave through the outbox, with the reference of the page they speak of."""

import uuid
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from fami_portal.core import outbox
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting

LIMIT = 5
LIMIT_SECONDS = 600


def check_not_too_many(origin: str) -> None:
    """Raise `DomainError` when too many reports came from one origin in the last minutes; Redis down means no limit."""
    key = f"report-problem:{origin}"
    try:
        cache.add(key, 0, LIMIT_SECONDS)
        count = cache.incr(key)
    except Exception:  # the limit is a courtesy to the support desk, never a reason to refuse
        return
    if count > LIMIT:
        raise DomainError(_("You sent many reports in a few minutes: wait ten minutes, then try again."))


def report_problem(*, by: Any, text: str, page: str, reference: str, reply_to: str, key: uuid.UUID | None) -> None:
    """Queue the report for the support desk; the same `key` twice (a double click) is one report.

    Parameters: `by` the signed-in person or None; `page` and `reference` identify what the person saw.
    """
    facts = (
        (_("Page:"), page),
        (_("Reference:"), reference),
        (_("Account number:"), str(by.pk) if by is not None else ""),
        (_("Answer to:"), reply_to),
    )
    body = "\n".join((text.strip(), "", *(f"{label} {value or '-'}" for label, value in facts)))
    with acting(by):
        outbox.queue_message(
            key=f"problem:{key or uuid.uuid4()}",
            kind="problem_report",
            recipient=None,
            address=settings.SUPPORT_EMAIL,
            subject=_("Problem reported on the portal (%(reference)s)") % {"reference": reference or "-"},
            body=body,
        )
