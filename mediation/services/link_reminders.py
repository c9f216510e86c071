# SPDX-License-Identifier: EUPL-1.2
"""Reminders to the mailbox of a body where nobody has an account: one mail a day, each thing with a fresh link."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from fami_portal.core.models import Message
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting
from mediation.enums import LinkPurpose, ReminderEvent
from mediation.models import AccessLink, MediationRequest, ReminderSent
from mediation.notifications.reminders import body_digest, body_key
from mediation.selectors.access import mailboxes_of
from mediation.selectors.reminders import STATES, Due
from mediation.services import links
from partners.models import Organisation

Fresh = tuple[AccessLink, str]


def remind_body(organisation_id: int, things: Sequence[Due], *, at: datetime) -> bool:
    """Send the mailbox of a body the things not told before; whether there was something to send.

    Links, mail and the record of what was told are one transaction: whatever stops the work, nothing is sent twice and
    what is left is sent by the next run.
    """
    today = timezone.localdate(at)
    with acting(None):
        # Two runs at once follow one another here.
        body = Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=organisation_id)
        mailboxes = mailboxes_of(body)
        if not mailboxes or Message.objects.filter(key=body_key(body.pk, today=today)).exists():
            return False
        told = set(
            ReminderSent.objects.filter(organisation=body.pk, rule__in={thing.rule.pk for thing in things})
            .order_by("pk")
            .values_list("rule", "subject_id", "due_on")
        )
        fresh = [
            (thing, *link)
            for thing in things
            if (thing.rule.pk, thing.subject_id, thing.due_on) not in told
            and (link := _fresh_link(thing, mailboxes[0]))
        ]
        if not fresh:
            return False
        queue_messages([body_digest(body.pk, mailboxes[0], fresh, today=today)])
        ReminderSent.objects.bulk_create(
            ReminderSent(
                rule=thing.rule,
                organisation=body,
                subject_type=thing.subject_type,
                subject_id=thing.subject_id,
                due_on=thing.due_on,
                sent_at=at,
            )
            for thing, _link, _token in fresh
        )
        return True


def _fresh_link(thing: Due, address: str) -> Fresh | None:
    """Make the link for what waits; nothing when it has been done meanwhile, or has no way without an account."""
    event = ReminderEvent(thing.rule.event)
    MediationRequest.objects.select_for_update(of=("self",)).get(pk=thing.subject_id)
    request = MediationRequest.objects.with_parts().get(pk=thing.subject_id)
    if request.state not in STATES[event]:
        return None
    if event == ReminderEvent.COMPLETION:
        return links.issue_link(
            purpose=LinkPurpose.FOLLOW,
            organisation=request.organisation,
            address=address,
            request=request,
            by=None,
            at=timezone.now(),
            valid_for=links.FOLLOWING,
            maximum_uses=links.FOLLOWING_USES,
            mail=False,
        )
    if event == ReminderEvent.COUNTERSIGNATURE:
        purpose, valid_for = LinkPurpose.COUNTERSIGN, links.COUNTERSIGNING
    elif links.heads_mailbox(request):
        purpose, valid_for = LinkPurpose.AUTHORISE, links.HEAD
    else:
        return None
    return links.replace_link(request, purpose, address, by=None, valid_for=valid_for, mail=False)
