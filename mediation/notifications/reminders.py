# SPDX-License-Identifier: EUPL-1.2
"""The digest of a person's day: one message that names requests by number, bodies and days; never people."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.permissions import Scope, roles_with
from fami_portal.core.outbox import Draft
from mediation.enums import ReminderAudience, ReminderEvent
from mediation.models import AccessLink
from mediation.notifications.links import address_of
from mediation.notifications.recipients import coordinators, people_of
from mediation.selectors.reminders import BODY_ACTS, COORDINATOR_ACTS, Due

KIND = "mediation.reminders"
# Carries links: core.outbox wipes its text when it has left.
BODY_KIND = "mediation.body_reminders"
_CARE = gettext_lazy(
    "Each address works without an account and is meant for whoever must act: the head authorises. Opening it changes "
    "nothing. If you have more than one address to authorise or countersign the same request, only the latest works."
)
E = ReminderEvent

_SENTENCES = {
    E.AUTHORISATION: gettext_lazy("%(what)s: waits for the head of the school since %(day)s."),
    E.TRIAGE: gettext_lazy("%(what)s: to take in charge, waits since %(day)s."),
    E.COMPLETION: gettext_lazy("%(what)s: to complete, was sent back on %(day)s."),
    E.PROPOSAL: gettext_lazy("%(what)s: proposal to answer by %(day)s."),
    E.SESSION: gettext_lazy("%(what)s: session on %(day)s."),
    E.REPORT: gettext_lazy("%(what)s: report to file, since %(day)s."),
    E.COUNTERSIGNATURE: gettext_lazy("%(what)s: report to countersign, since %(day)s."),
    E.VALIDATION: gettext_lazy("%(what)s: report to validate, since %(day)s."),
    E.CASE_ANSWER: gettext_lazy("%(what)s: referral to answer, since %(day)s."),
    E.CASE_SESSION: gettext_lazy("%(what)s: first session to hold, accepted on %(day)s."),
    E.CASE_RESTITUTION: gettext_lazy("%(what)s: next session or restitution, the last step was on %(day)s."),
    E.CASE_CLOSE: gettext_lazy("%(what)s: consultation to close, since %(day)s."),
    E.LEGAL_ANSWER: gettext_lazy("%(what)s: legal question to answer, since %(day)s."),
    E.TRANSLATION_RETURN: gettext_lazy("%(what)s: translation to return by %(day)s."),
    E.PRESENCE: gettext_lazy("%(what)s: presence of community mediation on %(day)s."),
}


class Recipients:
    """Who hears of what is due; each body and each network is asked once."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[int, str], list[Any]] = {}
        self._networks: dict[tuple[int, int | None], list[Any]] = {}

    def of(self, due: Due) -> list[Any]:
        """Return the people to whom the rule sends this."""
        event = ReminderEvent(due.rule.event)
        if due.rule.audience == ReminderAudience.COORDINATOR or event in COORDINATOR_ACTS:
            return self._coordinators(due)
        if event in BODY_ACTS:
            return self._body(due, event)
        if due.person is None and event == E.CASE_ANSWER:
            # Nobody has been named to answer it yet.
            return self._coordinators(due)
        return [due.person] if due.person is not None and due.person.is_active else []

    def _body(self, due: Due, event: ReminderEvent) -> list[Any]:
        key = (due.organisation_id, event.value)
        if key not in self._bodies:
            self._bodies[key] = people_of(
                roles=roles_with(BODY_ACTS[event]), scope=Scope.BODY, organisation_id=due.organisation_id
            )
        return self._bodies[key]

    def _coordinators(self, due: Due) -> list[Any]:
        key = (due.rule.programme_id, due.network_id)
        if key not in self._networks:
            self._networks[key] = coordinators(programme_id=key[0], network_id=due.network_id or 0)
        return self._networks[key]


def line(due: Due, *, today: date) -> str:
    """Return what a digest says of one thing."""
    day = f"{due.due_on:%d/%m/%Y}"
    event = ReminderEvent(due.rule.event)
    if event == E.QUALIFICATION:
        own = due.rule.audience == ReminderAudience.ACTOR
        if own:
            return _("One of your qualifications expires on %(day)s.") % {"day": day}
        return _("A qualification of a mediator of %(body)s expires on %(day)s.") % {"day": day, "body": due.body}
    words = {"what": " · ".join(part for part in (due.number, due.body) if part), "day": day}
    if event == E.SESSION and due.due_on < today:
        return _("%(what)s: session of %(day)s to record.") % words
    if event == E.PRESENCE and due.due_on < today:
        return _("%(what)s: presence of %(day)s to record.") % words
    if event == E.TRANSLATION_RETURN and due.due_on < today:
        return _("%(what)s: translation to return, was due on %(day)s.") % words
    return str(_SENTENCES[event]) % words


def _subject(number: int) -> str:
    words = ngettext("Mediation: %(number)d thing waits for you", "Mediation: %(number)d things wait for you", number)
    return words % {"number": number}


def digest(person: Any, things: Sequence[Due], *, today: date) -> Draft:
    """Return the one message of the day for a person."""
    order = list(ReminderEvent.values)
    ordered = sorted(things, key=lambda due: (order.index(due.rule.event), due.due_on, due.subject_id))
    lines = list(dict.fromkeys(line(due, today=today) for due in ordered))
    pages = {due.url for due in ordered}
    return Draft(
        key=f"{KIND}:{person.pk}:{today:%Y-%m-%d}",
        kind=KIND,
        recipient=person,
        subject=_subject(len(lines)),
        body="\n".join(f"- {text}" for text in lines),
        url=pages.pop() if len(pages) == 1 else "/",
    )


def by_person(things: Iterable[Due]) -> list[tuple[Any, list[Due]]]:
    """Return who hears of what, by person."""
    recipients = Recipients()
    people: dict[int, Any] = {}
    found: dict[int, list[Due]] = {}
    for due in things:
        for person in recipients.of(due):
            people[person.pk] = person
            found.setdefault(person.pk, []).append(due)
    return [(people[key], found[key]) for key in sorted(found)]


def by_body(things: Iterable[Due]) -> list[tuple[int, list[Due]]]:
    """Return what waits for bodies where nobody with an account could do it, by the id of the body."""
    recipients = Recipients()
    found: dict[int, list[Due]] = {}
    for due in things:
        for_body = due.rule.audience == ReminderAudience.ACTOR and due.rule.event in BODY_ACTS
        if for_body and not recipients.of(due):
            found.setdefault(due.organisation_id, []).append(due)
    return sorted(found.items())


def body_key(organisation_id: int, *, today: date) -> str:
    """Return the key of the one message of the day for a body."""
    return f"{KIND}:body:{organisation_id}:{today:%Y-%m-%d}"


def body_digest(
    organisation_id: int, address: str, things: Sequence[tuple[Due, AccessLink, str]], *, today: date
) -> Draft:
    """Return the one message of the day for a mailbox: each thing with the link by which it is done."""
    lines = [
        f"- {line(due, today=today)}\n  {settings.SITE_URL.rstrip('/')}{address_of(link, token)}"
        for due, link, token in things
    ]
    return Draft(
        key=body_key(organisation_id, today=today),
        kind=BODY_KIND,
        recipient=None,
        address=address,
        subject=_subject(len(lines)),
        body="\n".join(lines) + f"\n\n{_CARE}",
    )
