# SPDX-License-Identifier: EUPL-1.2
"""The mail that carries a link to the mailbox of a body: the number of the request, places and days, no person."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fami_portal.core.outbox import queue_message
from mediation.enums import LinkPurpose
from mediation.models import AccessLink

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
_CARE = _(
    "Valid until %(until)s. The address is meant for %(body)s alone: do not pass it on to others. Opening it changes "
    "nothing."
)


def address_of(link: AccessLink, token: str) -> str:
    """Return the address of a link inside the portal."""
    return reverse(_VIEWS[LinkPurpose(link.purpose)], args=[token])


def send_link(link: AccessLink, token: str) -> None:
    """Queue the mail of a link, once; its text is wiped when it has left (core.outbox)."""
    facts = {
        "body": link.organisation.name,
        "number": link.request.number if link.request is not None else "",
        "programme": link.programme.title if link.programme is not None else "",
        "network": link.network.name if link.network is not None else "",
        "until": formats.date_format(timezone.localtime(link.expires_at), "SHORT_DATETIME_FORMAT"),
    }
    fill: Callable[[Promise], str] = lambda text: str(text) % facts  # noqa: E731
    queue_message(
        key=f"access-link:{link.uuid}",
        kind="access_link",
        recipient=None,
        address=link.address,
        subject=fill(_SUBJECTS[link.purpose]),
        body=f"{fill(_BODIES[link.purpose])}\n\n{fill(_CARE)}",
        url=address_of(link, token),
    )
