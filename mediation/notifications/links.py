# SPDX-License-Identifier: EUPL-1.2
"""The mail that carries a link to the mailbox of a body: the number of the request, places and days, no person."""

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fami_portal.core.outbox import queue_message
from mediation.enums import LinkPurpose, RequestState
from mediation.models import AccessLink, MediationSession
from mediation.selectors.following import in_plain_words, when_in_words

_VIEWS = {
    LinkPurpose.FILE: "mediation:link-file",
    LinkPurpose.FOLLOW: "mediation:link-follow",
    LinkPurpose.AUTHORISE: "mediation:link-authorise",
    LinkPurpose.COUNTERSIGN: "mediation:link-countersign",
}
_SUBJECTS: dict[str, Promise] = {
    LinkPurpose.FILE: _("Ask for an intercultural mediator"),
    LinkPurpose.FOLLOW: _("Request %(number)s: follow it"),
    LinkPurpose.AUTHORISE: _("Request %(number)s: to be authorised by the head"),
    LinkPurpose.COUNTERSIGN: _("Request %(number)s: report to countersign"),
}
_BODIES: dict[str, Promise] = {
    LinkPurpose.FILE: _(
        "With the address below %(body)s asks for a mediator, without an account.\n"
        "Programme: %(programme)s. Network: %(network)s."
    ),
    LinkPurpose.FOLLOW: _(
        "We received request %(number)s of %(body)s.\nWith the address below you see how far it is, complete it or "
        "cancel it, without an account."
    ),
    LinkPurpose.AUTHORISE: _(
        "%(body)s has submitted request %(number)s for an intercultural mediator: it waits for the head.\nPlease give "
        "this message to the head, who reads the request at the address below and authorises it, without an account."
    ),
    LinkPurpose.COUNTERSIGN: _(
        "The mediator has filed the report of request %(number)s of %(body)s.\nAt the address below whoever was there "
        "reads it and countersigns it, without an account."
    ),
}
# A request that has moved on: the same link, with what is new.
_NEWS_SUBJECT = _("Request %(number)s: there is news")
_NEWS_BODY = _("Request %(number)s of %(body)s: %(told)s\nWith the address below you see it, without an account.")
_ARRIVED = (RequestState.SUBMITTED, RequestState.AUTHORISED)
_CARE = _(
    "Valid until %(until)s. The address is meant for %(body)s alone: do not pass it on to others. Opening it changes "
    "nothing."
)


def address_of(link: AccessLink, token: str) -> str:
    """Return the address of a link inside the portal."""
    return reverse(_VIEWS[LinkPurpose(link.purpose)], args=[token])


def added(session: MediationSession) -> str:
    """Say that another session is planned."""
    return gettext("Another meeting is planned for %(when)s.") % {"when": _planned(session)}


def new_time(session: MediationSession) -> str:
    """Say that another time is proposed."""
    return gettext(
        "Instead of %(old)s the meeting could take place on %(new)s. Until the new time is confirmed the old one "
        "stands: tell the coordinator of the network whether it suits you."
    ) % {"old": _planned(session), "new": when_in_words(session.proposed_from, session.proposed_until)}


def new_time_answered(session: MediationSession, *, accepted: bool) -> str:
    """Say which time stands."""
    if accepted:
        return gettext("The meeting is now planned for %(when)s.") % {"when": _planned(session)}
    return gettext("The new time was not accepted: the meeting stays on %(when)s.") % {"when": _planned(session)}


def cancelled(session: MediationSession) -> str:
    """Say that one session is cancelled."""
    return gettext("The meeting of %(when)s is cancelled.") % {"when": _planned(session)}


def not_held(session: MediationSession) -> str:
    """Say that a session was not held."""
    return gettext("The meeting of %(when)s was not held.") % {"when": _planned(session)}


def _planned(session: MediationSession) -> str:
    return when_in_words(session.planned_from, session.planned_until)


def send_link(link: AccessLink, token: str, *, told: str = "") -> None:
    """Queue the mail of a link, once; its text is wiped when it has left (core.outbox).

    `told` is what has happened to a request that is followed; without it the mail says how far the request is.
    """
    facts = {
        "body": link.organisation.name,
        "number": link.request.number if link.request is not None else "",
        "programme": link.programme.title if link.programme is not None else "",
        "network": link.network.name if link.network is not None else "",
        "until": formats.date_format(timezone.localtime(link.expires_at), "SHORT_DATETIME_FORMAT"),
    }
    subject, body = _SUBJECTS[link.purpose], _BODIES[link.purpose]
    followed = link.request if link.purpose == LinkPurpose.FOLLOW else None
    if followed is not None and (told or followed.state not in _ARRIVED):
        subject, body = _NEWS_SUBJECT, _NEWS_BODY
        facts["told"] = told or in_plain_words(followed)
    queue_message(
        key=f"access-link:{link.uuid}",
        kind="access_link",
        recipient=None,
        address=link.address,
        subject=str(subject) % facts,
        body=f"{str(body) % facts}\n\n{str(_CARE) % facts}",
        url=address_of(link, token),
    )
