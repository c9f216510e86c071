# SPDX-License-Identifier: EUPL-1.2
"""Messages: written once, mailed at least once, never with a header of somebody else's making."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.http import Http404
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from fami_portal.core import outbox
from fami_portal.core.enums import MailState
from fami_portal.core.models import Message
from fami_portal.core.outbox import Draft
from fami_portal.core.services import acting
from tests.core.people import a_person

pytestmark = pytest.mark.django_db


def queue(recipient: Any, key: str = "k", **fields: Any) -> Message:
    values = {"kind": "test", "subject": "Report returned", "body": "See the comment.", "url": "/reports/1/"} | fields
    with acting(None):
        outbox.queue_message(key=key, recipient=recipient, **values)
    return Message.objects.get(key=key)


def test_a_message_is_written_once_per_key() -> None:
    anna = a_person()

    first = queue(anna, subject="One")
    second = queue(anna, subject="Two")

    assert first.pk == second.pk
    assert second.subject == "One"
    assert list(outbox.inbox(anna)) == [first]


def test_many_messages_cost_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    people = [a_person(f"person{number}") for number in range(30)]
    drafts = [Draft(f"k{p.pk}", "test", p, "Subject", "Body", mail=False) for p in people]

    with django_assert_num_queries(1):
        assert outbox.queue_messages(drafts) == 30
    assert outbox.queue_messages(drafts) == 0
    assert outbox.queue_messages([]) == 0
    assert set(Message.objects.values_list("mail_state", flat=True)) == {MailState.NOT_WANTED}


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_the_address_of_a_message_stays_inside_the_portal(url: str) -> None:
    with pytest.raises(ValueError, match="inside the portal"):
        queue(a_person(), url=url)


def test_reading_is_recorded_once_and_only_by_the_recipient() -> None:
    anna, bruno = a_person("anna"), a_person("bruno")
    message = queue(anna)

    with pytest.raises(Http404):
        outbox.mark_read(by=bruno, uuid=message.uuid)
    read_at = outbox.mark_read(by=anna, uuid=message.uuid).read_at

    assert read_at is not None
    assert outbox.mark_read(by=anna, uuid=message.uuid).read_at == read_at
    assert outbox.unread_count(anna) == 0


def test_all_are_read_at_once() -> None:
    anna = a_person()
    queue(anna, "a")
    queue(anna, "b")

    assert outbox.mark_all_read(by=anna) == 2
    assert outbox.unread_count(anna) == 0


def test_the_mail_carries_the_link_and_cannot_be_given_a_header() -> None:
    message = queue(a_person(), subject="Hello\r\nBcc: victim@example.org\u202e")

    assert outbox.has_due_mail()
    assert outbox.send_pending_mail() == 1

    sent = mail.outbox[0]
    assert sent.to == ["anna@example.org"]
    assert sent.bcc == []
    assert sent.subject.endswith("Hello Bcc: victim@example.org")
    assert "http://localhost:8000/reports/1/" in sent.body
    assert "Prova" not in sent.body
    assert str(message.uuid) in sent.message()["Message-ID"]
    message.refresh_from_db()
    assert (message.mail_state, message.mail_attempts) == (MailState.SENT, 1)
    assert not outbox.has_due_mail()
    assert outbox.send_pending_mail() == 0


def test_a_person_without_account_is_reached_by_address() -> None:
    queue(None, address="new@example.org")

    outbox.send_pending_mail()

    assert mail.outbox[0].to == ["new@example.org"]


def test_a_closed_account_gets_no_mail() -> None:
    message = queue(a_person(is_active=False))

    outbox.send_pending_mail()

    message.refresh_from_db()
    assert message.mail_state == MailState.NOT_WANTED
    assert mail.outbox == []


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    def install(error: Exception) -> None:
        def send_messages(self: EmailBackend, messages: Any) -> int:
            raise error

        monkeypatch.setattr(EmailBackend, "send_messages", send_messages)

    return install


@pytest.mark.parametrize("error", [ConnectionRefusedError(), smtplib.SMTPServerDisconnected(), TimeoutError()])
def test_a_mail_server_that_is_down_costs_no_attempt(failing: Callable[[Exception], None], error: Exception) -> None:
    messages = [queue(a_person(f"p{n}"), f"k{n}") for n in range(3)]
    failing(error)

    assert outbox.send_pending_mail() == 0

    for message in messages:
        message.refresh_from_db()
        assert (message.mail_state, message.mail_attempts) == (MailState.PENDING, 0)


def test_a_refused_address_fails_and_the_others_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    refused, fine = queue(a_person("refused"), "a"), queue(a_person("fine"), "b")
    send = EmailBackend.send_messages

    def send_messages(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == ["refused@example.org"]:
            raise smtplib.SMTPRecipientsRefused({"refused@example.org": (550, b"unknown")})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    outbox.send_pending_mail()

    refused.refresh_from_db()
    fine.refresh_from_db()
    assert (refused.mail_state, fine.mail_state) == (MailState.FAILED, MailState.SENT)


def test_a_passing_refusal_is_tried_later_and_given_up_in_the_end(failing: Callable[[Exception], None]) -> None:
    message = queue(a_person())
    failing(smtplib.SMTPDataError(451, b"later"))

    outbox.send_pending_mail()
    message.refresh_from_db()
    assert (message.mail_state, message.mail_attempts) == (MailState.PENDING, 1)
    assert not outbox.has_due_mail()

    Message.objects.update(created_at=timezone.now() - timedelta(days=2))
    for _attempt in range(4):
        assert outbox.has_due_mail()
        outbox.send_pending_mail()
    message.refresh_from_db()
    assert (message.mail_state, message.mail_attempts) == (MailState.FAILED, 5)


def test_mail_left_half_sent_is_given_back_until_it_has_stopped_its_sender_five_times() -> None:
    first, second = queue(a_person("anna"), "a"), queue(a_person("bruno"), "b")
    Message.objects.filter(pk=first.pk).update(mail_state=MailState.SENDING, mail_attempts=1)
    Message.objects.filter(pk=second.pk).update(mail_state=MailState.SENDING, mail_attempts=5)
    assert outbox.has_due_mail()

    outbox.recover_interrupted()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.mail_state, second.mail_state) == (MailState.PENDING, MailState.FAILED)
