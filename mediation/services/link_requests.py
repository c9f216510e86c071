# SPDX-License-Identifier: EUPL-1.2
"""Somebody without an account asks for a link: whoever asks learns nothing, and nobody's mailbox is flooded."""

import hashlib
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fami_portal.core import clock
from fami_portal.core.errors import DomainError
from mediation.enums import LinkPurpose
from mediation.selectors.access import bodies_at, offers_for
from mediation.services.links import issue_link

VALID_FOR = timedelta(days=3)
MAXIMUM_USES = 3
# One mailbox may serve a few bodies, each in a few programmes; more than this is a mistake of the registers.
MOST_AT_ONCE = 6
# How often in ten minutes: from one computer, and for one mailbox.
LIMIT_SECONDS = 600
PER_ORIGIN = 10
PER_MAILBOX = 2


def _count(key: str) -> int:
    """Count one more attempt; without the cache nobody is counted, because asking must stay possible."""
    try:
        cache.add(key, 0, LIMIT_SECONDS)
        return cache.incr(key)
    except Exception:
        return 0


def ask_for_link(*, address: str, origin: str) -> int:
    """Send the mailbox of a body that may ask for mediation its links for filing; returns how many.

    `origin` is the computer that asks. The page says the same sentence whatever happened. Raises `DomainError` when
    too many were asked for from there; for one mailbox the surplus is dropped in silence.
    """
    if _count(f"link-origin:{origin}") > PER_ORIGIN:
        raise DomainError(_("Too many links were asked for from here: wait ten minutes, then try again."))
    address = address.strip().lower()
    if _count(f"link-mailbox:{hashlib.sha256(address.encode()).hexdigest()}") > PER_MAILBOX:
        return 0
    sent = 0
    for organisation in bodies_at(address)[:MOST_AT_ONCE]:
        for offer in offers_for(organisation, at=clock.now()):
            if sent == MOST_AT_ONCE:
                return sent
            issue_link(
                purpose=LinkPurpose.FILE,
                organisation=organisation,
                address=address,
                programme=offer.programme,
                network=offer.network,
                kind=offer.kind,
                by=None,
                at=timezone.now(),
                valid_for=VALID_FOR,
                maximum_uses=MAXIMUM_USES,
            )
            sent += 1
    return sent
