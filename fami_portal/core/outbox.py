# SPDX-License-Identifier: EUPL-1.2
"""Messages: a notification in the portal and, where wanted, an e-mail.

The row is written in the transaction of the act that causes it; the e-mail leaves later, from a job. Delivery is at
least once: a row is marked as being sent, and committed, before the mail server is called, so a crash in between may
send it a second time (with the same Message-ID) but never loses it. E-mails carry no personal data: callers write
subjects and texts that name works and places, not people.
"""

import logging
import re
import smtplib
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from fami_portal.core.enums import MailState
from fami_portal.core.models import Message, MessageQuerySet
from fami_portal.core.services import acting

logger = logging.getLogger(__name__)

BATCH = 50
# Refusals that may pass (full mailbox, greylisting) are tried again 3, 15, 63 and 255 minutes after the writing.
MAX_MAIL_ATTEMPTS = 5
_DUE = """mail_state = 'pending'
          AND (mail_attempts = 0
               OR created_at < clock_timestamp() - interval '1 minute' * (power(4, mail_attempts) - 1))"""


@dataclass(frozen=True)
class Draft:
    """A message to be queued. `recipient` is a user; `address` serves people who have no account yet."""

    key: str
    kind: str
    recipient: Any
    subject: object
    body: object
    url: str = ""
    mail: bool = True
    address: str = ""


def queue_message(
    *,
    key: str,
    kind: str,
    recipient: Any,
    subject: object,
    body: object,
    url: str = "",
    mail: bool = True,
    address: str = "",
) -> None:
    """Write one message in the transaction of the act; a second one with the same key is not written."""
    queue_messages([Draft(key, kind, recipient, subject, body, url, mail, address)])


def queue_messages(drafts: Iterable[Draft]) -> int:
    """Write many messages in one statement, skipping the keys that are there already; returns how many are new.

    `url` is an address inside the portal that begins with a slash. Raises ValueError on any other.
    """
    rows = []
    for draft in drafts:
        if draft.url and (not draft.url.startswith("/") or urlsplit(draft.url).netloc):
            raise ValueError(f"{draft.kind}: the address of a message stays inside the portal")
        rows.append(
            (
                draft.key,
                draft.kind,
                draft.recipient.pk if draft.recipient is not None else None,
                _one_line(draft.address, 254),
                _one_line(str(draft.subject), 200),
                str(draft.body),
                draft.url,
                MailState.PENDING.value if draft.mail else MailState.NOT_WANTED.value,
            )
        )
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_message (uuid, key, kind, recipient_id, address, subject, body, url, created_at,
                                      mail_state, mail_attempts)
            SELECT gen_random_uuid(), key, kind, recipient_id, address, subject, body, url, clock_timestamp(),
                   mail_state, 0
            FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
                        %s::text[])
                 AS draft (key, kind, recipient_id, address, subject, body, url, mail_state)
            ON CONFLICT (key) DO NOTHING
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )
        return cursor.rowcount


def _one_line(text: str, limit: int) -> str:
    """Return the text without line breaks and control characters: nothing of it can become a second mail header."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    return re.sub(r"\s+", " ", kept).strip()[:limit]


# --- the inbox in the portal ---------------------------------------------------------------------------------------


def inbox(user: Any) -> MessageQuerySet:
    """Return the messages of the user, newest first."""
    return Message.objects.visible_to(user).order_by("-id")


def unread_count(user: Any) -> int:
    """Return how many messages the user has not opened."""
    return inbox(user).unread().count()


def mark_read(*, by: Any, uuid: object) -> Message:
    """Mark one message of the user as read (once) and return it, for its `url`. Raises Http404 for other people's."""
    with acting(by):
        message = get_object_or_404(Message.objects.visible_to(by), uuid=uuid)
        if message.read_at is None:
            Message.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=timezone.now())
            message.refresh_from_db()
        return message


def mark_all_read(*, by: Any) -> int:
    """Mark every message of the user as read; returns how many were not."""
    with acting(by):
        return Message.objects.visible_to(by).unread().update(read_at=timezone.now())


# --- the mail ------------------------------------------------------------------------------------------------------


def has_due_mail() -> bool:
    """Return whether an e-mail waits to leave, or was left half-sent."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM core_message WHERE ({_DUE}) OR mail_state = 'sending')"  # noqa: S608  constant
        )
        return bool(cursor.fetchone()[0])


def recover_interrupted() -> int:
    """Give back the e-mails that a dead sender left half-sent; call it only while no other sender is at work.

    They may arrive twice; one that stopped its sender every time is given up.
    """
    half_sent = Message.objects.filter(mail_state=MailState.SENDING)
    half_sent.filter(mail_attempts__gte=MAX_MAIL_ATTEMPTS).update(mail_state=MailState.FAILED)
    return half_sent.update(mail_state=MailState.PENDING)


def send_pending_mail() -> int:
    """Send one batch of e-mails; returns how many left. 0 means there is nothing due, or no mail server answers.

    Rows are taken with SKIP LOCKED, so two senders never take the same one.
    """
    with acting(None), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE core_message SET mail_state = 'sending', mail_attempts = mail_attempts + 1 WHERE id IN (
                SELECT id FROM core_message WHERE {_DUE} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,  # noqa: S608  constant
            [BATCH],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    waiting = list(Message.objects.filter(pk__in=ids).select_related("recipient").order_by("id"))
    server = get_connection()
    sent = 0
    try:
        server.open()
        while waiting:
            state = _send(server, waiting[0])
            message = waiting.pop(0)
            sent += state == MailState.SENT
            _record(message, state)
    except (OSError, smtplib.SMTPException) as error:
        # The server, not the message: all that is left waits for the next tick, and no attempt is counted.
        logger.warning("mail server not usable (%s): %s messages wait", type(error).__name__, len(waiting))
        for message in waiting:
            _record(message, MailState.PENDING, attempts=message.mail_attempts - 1)
        return 0
    finally:
        server.close()
    return len(ids)


def _send(server: Any, message: Message) -> MailState:
    """Send one e-mail and return its new state; raises only when the server itself is not usable."""
    address = message.address
    if message.recipient is not None:
        if not message.recipient.is_active:
            return MailState.NOT_WANTED
        address = message.recipient.email
    try:
        with translation.override(settings.LANGUAGE_CODE):
            server.send_messages([_email(message, address)])
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _reason in refusal.recipients.values()]
        return _refused(message, max(codes, default=550))
    except smtplib.SMTPResponseException as refusal:
        if refusal.smtp_code == 421 or isinstance(refusal, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError):
            raise
        return _refused(message, refusal.smtp_code)
    except (ValueError, UnicodeError) as error:
        # A header that the library refuses to build: this message will never leave.
        logger.warning("message %s cannot be made into an e-mail (%s)", message.pk, type(error).__name__)
        return MailState.FAILED
    return MailState.SENT


def _refused(message: Message, code: int) -> MailState:
    passing = 400 <= code < 500 and message.mail_attempts < MAX_MAIL_ATTEMPTS
    logger.info("message %s refused with %s", message.pk, code)
    return MailState.PENDING if passing else MailState.FAILED


def _record(message: Message, state: MailState, *, attempts: int | None = None) -> None:
    # Mail to people without an account carries secret links (invitations, resets): nobody reads it in the portal, so
    # its text is not kept once it has left.
    secret = message.recipient_id is None and state in (MailState.SENT, MailState.FAILED)
    with transaction.atomic():
        Message.objects.filter(pk=message.pk, mail_state=MailState.SENDING).update(
            mail_state=state,
            mail_sent_at=timezone.now() if state == MailState.SENT else None,
            mail_attempts=message.mail_attempts if attempts is None else attempts,
            **({"body": "", "url": ""} if secret else {}),
        )


def _email(message: Message, address: str) -> EmailMessage:
    parts = [message.body.strip()]
    if message.url:
        parts.append(_("Open it in the portal:") + f"\n{settings.SITE_URL.rstrip('/')}{message.url}")
    parts.append("-- \n" + _("This message was sent by the FAMI portal. Please do not reply to it."))
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return EmailMessage(
        subject=f"[{_('FAMI portal')}] {message.subject}",
        body="\n\n".join(parts) + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={
            # The same at every attempt, so that a mail server can drop the second copy.
            "Message-ID": f"<{uuid.UUID(str(message.uuid))}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
