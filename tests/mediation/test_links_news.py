# SPDX-License-Identifier: EUPL-1.2
"""What the mailbox of a body without an account is told: times that change, endings by others; once, without people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fami_portal.core.errors import DomainError
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import Absent
from mediation.models import MediationSession
from mediation.selectors.following import when_in_words
from mediation.services import requests, sessions
from mediation.services.requests.endings import expire_overdue
from partners.models import Membership, Organisation
from tests.mediation.session_world import END, NOW, START, SessionWorld

pytestmark = pytest.mark.django_db
prepare = SessionWorld

MAILBOX = "segreteria@scuola-uno.example"
LATER = {"starts_at": START + timedelta(days=1), "ends_at": END + timedelta(days=1)}
IN_WORDS = when_in_words(LATER["starts_at"], LATER["ends_at"])


@pytest.fixture
def school(scene: SessionWorld) -> Organisation:
    """A school with a mailbox where nobody has an account."""
    school = scene.world.bodies["school_1"]
    with acting(None):
        Organisation.objects.filter(pk=school.pk).update(email=MAILBOX)
        Membership.objects.filter(organisation=school.pk).update(
            withdrawn_at=timezone.now() - timedelta(days=2), valid_until="2019-01-01"
        )
    return school


def _news(after: int) -> list[Message]:
    return list(Message.objects.filter(kind="access_link", pk__gt=after).order_by("pk"))


def _last() -> int:
    return Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _confirmed(scene: SessionWorld, **fields: Any) -> MediationSession:
    found = scene.confirmed(**fields)
    found.request.organisation.refresh_from_db()
    return found


def _added(scene: SessionWorld, session: MediationSession) -> None:
    sessions.add_session(request=session.request, by=scene.user, at=NOW, **LATER)


def _proposed(scene: SessionWorld, session: MediationSession) -> None:
    sessions.propose_new_time(session=session, reason="Un altro impegno", by=scene.user, at=NOW, **LATER)


def _agreed(scene: SessionWorld, session: MediationSession) -> None:
    _proposed(scene, session)
    sessions.answer_new_time(session=session, accept=True, by=scene.coordinator, at=NOW, on_behalf_of="La segreteria")


def _kept(scene: SessionWorld, session: MediationSession) -> None:
    _proposed(scene, session)
    sessions.answer_new_time(session=session, accept=False, by=scene.user, at=NOW)


def _one_less(scene: SessionWorld, session: MediationSession) -> None:
    _added(scene, session)
    sessions.cancel_session(session=session, reason="Non serve", by=scene.user, at=NOW)


def _missed(scene: SessionWorld, session: MediationSession) -> None:
    sessions.mark_not_held(
        session=session, absent=Absent.MEDIATOR, reason="Treno soppresso", by=scene.user, at=END + timedelta(hours=1)
    )


def _given_up(scene: SessionWorld, session: MediationSession) -> None:
    requests.cancel(request=session.request, reason="Chiusura della scuola", by=scene.coordinator, at=NOW)


@pytest.mark.parametrize(
    ("act", "mails", "said"),
    [
        (_added, 1, IN_WORDS),
        (_proposed, 1, IN_WORDS),
        (_agreed, 2, IN_WORDS),
        (_kept, 2, when_in_words(START, END)),
        (_one_less, 2, when_in_words(START, END)),
        (_missed, 1, when_in_words(START, END)),
        (_given_up, 1, "annullata"),
    ],
)
def test_the_mailbox_hears_of_each_change_once(
    client: Client, scene: SessionWorld, school: Organisation, act: Any, mails: int, said: str
) -> None:
    session = _confirmed(scene, minutes_asked=120)
    before = _last()

    act(scene, session)
    news = _news(before)
    assert [message.address for message in news] == [MAILBOX] * mails
    assert said in news[-1].body
    assert session.request.number in news[-1].subject
    for message in news:
        text = f"{message.subject} {message.body}"
        assert scene.mediator.family_name not in text
        assert not re.search(r"Treno|Chiusura|impegno|segreteria@", text)
    # The link of the mail shows how far it is, and reading it changes nothing.
    assert client.get(news[-1].url).status_code == 200
    assert len(_news(before)) == mails

    # The same act again is refused, and nothing leaves a second time.
    if act not in (_added, _kept):
        with pytest.raises(DomainError):
            act(scene, MediationSession.objects.get(pk=session.pk))
        assert len(_news(before)) == mails


def test_the_new_time_is_read_on_the_page(client: Client, scene: SessionWorld, school: Organisation) -> None:
    session = _confirmed(scene)
    _proposed(scene, session)

    page = client.get(_news(0)[-1].url).content.decode()
    assert IN_WORDS in page
    assert when_in_words(START, END) in page


def test_a_request_that_expires_tells_the_mailbox_once(scene: SessionWorld, school: Organisation) -> None:
    request = scene.board.taken()
    before = _last()

    far = START + timedelta(days=365)
    expire_overdue(at=far)
    expire_overdue(at=far)
    assert [request.number in message.subject for message in _news(before)] == [True]


def test_who_has_an_account_gets_no_link(scene: SessionWorld) -> None:
    with acting(None):
        Organisation.objects.filter(pk=scene.world.bodies["school_1"].pk).update(email=MAILBOX)
    session = _confirmed(scene, minutes_asked=120)
    before = _last()

    _agreed(scene, session)
    _given_up(scene, session)
    assert not _news(before)
    assert Message.objects.filter(pk__gt=before, recipient=scene.contact).exists()


def test_killed_between_the_change_and_its_mail_nothing_is_lost_or_doubled(
    monkeypatch: pytest.MonkeyPatch, scene: SessionWorld, school: Organisation
) -> None:
    """The new time and the mail are one transaction: the process dies before the mail, and the time was never proposed."""

    class Killed(BaseException):
        """The process ends here."""

    def killed(**_facts: Any) -> None:
        raise Killed

    session = _confirmed(scene)
    before = _last()
    with monkeypatch.context() as patch:
        patch.setattr("mediation.services.links.send_follow_link", killed)
        with pytest.raises(Killed):
            _proposed(scene, session)
    session.refresh_from_db()
    assert session.proposed_from is None
    assert _last() == before

    _proposed(scene, session)
    assert len(_news(before)) == 1
