# SPDX-License-Identifier: EUPL-1.2
"""Rows of the shell: home, sign-in, the person's own things, public information."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from fami_portal.core import outbox
from fami_portal.core.enums import JobState
from fami_portal.core.models import Job, Message
from fami_portal.core.services import acting
from tests.matrix import EVERYBODY, NOBODY, SIGNED_IN, On, Row
from tests.personas import World

OWNER = frozenset({"partner_operator"})
NOWHERE = UUID("7f6b2c34-0000-4000-8000-000000000000")


def prepare(world: World) -> None:
    """Give one person a stopped job and a notification."""
    owner = world.personas["partner_operator"]
    with acting(None):
        world.objects["job"] = Job.objects.create(
            kind="matrix", state=JobState.DEAD, finished_at=timezone.now(), requested_by=owner
        )
        outbox.queue_message(key="matrix", kind="matrix", recipient=owner, subject="Prova", body="Prova", mail=False)
    world.objects["message"] = Message.objects.get(key="matrix")


def _of(name: str) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid}


def _nowhere(world: World, role: str) -> dict[str, Any]:
    return {"uuid": NOWHERE}


def _reset_key(world: World, role: str) -> dict[str, Any]:
    return {"uidb36": "a", "key": "b"}


def _page(name: str, who: frozenset[str], *methods: str, target: Any = None) -> list[Row]:
    place = On(who, target=target) if target else On(who)
    return [Row(name, {"": place}, method=method) for method in methods]


ROWS = [
    *_page("home", SIGNED_IN, "get"),
    *_page("livez", EVERYBODY, "get"),
    *_page("readyz", EVERYBODY, "get"),
    *_page("account_login", EVERYBODY, "get", "post"),
    *_page("account_logout", EVERYBODY, "get", "post"),
    *_page("account_signup", EVERYBODY, "get", "post"),
    *_page("account_inactive", EVERYBODY, "get"),
    *_page("account_reauthenticate", SIGNED_IN, "get", "post"),
    *_page("account_change_password", SIGNED_IN, "get", "post"),
    *_page("account_reset_password", EVERYBODY, "get", "post"),
    *_page("account_reset_password_done", EVERYBODY, "get"),
    *_page("account_reset_password_from_key", EVERYBODY, "get", "post", target=_reset_key),
    *_page("account_reset_password_from_key_done", EVERYBODY, "get"),
    *_page("core:job-list", SIGNED_IN, "get"),
    *_page("core:job", OWNER, "get", target=_of("job")),
    *_page("core:job-retry", OWNER, "post", target=_of("job")),
    *_page("core:notifications", SIGNED_IN, "get"),
    *_page("core:notifications-read", SIGNED_IN, "post"),
    *_page("core:notification-open", OWNER, "post", target=_of("message")),
    # Who may open a document is said by its kind, in the rows of the app that makes it.
    *_page("core:document", NOBODY, "get", "post", target=_nowhere),
    *_page("core:session", SIGNED_IN, "get", "post"),
    *_page("core:unsent", SIGNED_IN, "get"),
    *_page("core:unsent-discard", SIGNED_IN, "post"),
    *_page("core:privacy", EVERYBODY, "get"),
    *_page("core:legal-notes", EVERYBODY, "get"),
    *_page("core:faq", EVERYBODY, "get"),
    *_page("core:report-problem", EVERYBODY, "get", "post"),
    *_page("core:report-problem-sent", EVERYBODY, "get"),
]
