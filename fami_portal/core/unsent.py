# SPDX-License-Identifier: EUPL-1.2
"""Nothing typed is lost when a session ends: the refused form is kept, encrypted, for the person who typed it.

The signed cookie says whose browser this was and grants nothing. The form waits in the anonymous session; after the
sign-in the page `core:unsent` shows it to the same person, and to nobody else, and sends it again on request.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

COOKIE = "portal_browser"
SALT = "portal.unsent"
KEY = "unsent"
MAX_BYTES = 512 * 1024
MAX_AGE_SECONDS = 3600
NEVER_KEPT = ("csrfmiddlewaretoken",)


@dataclass(frozen=True)
class Unsent:
    """A form that could not be sent: where it was going, what was typed, the file fields to choose again."""

    user_id: str
    path: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


def _cipher() -> Fernet:
    digest = hashlib.sha256(f"{SALT}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def remember_browser(request: HttpRequest, response: HttpResponse) -> None:
    """Write the signed cookie that names the signed-in person, when the browser does not have it yet."""
    user_id = str(request.user.pk)
    if request.get_signed_cookie(COOKIE, default="", salt=SALT) != user_id:
        response.set_signed_cookie(
            COOKIE,
            user_id,
            salt=SALT,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def forget_browser(response: HttpResponse) -> None:
    """Drop the cookie: the person signed out on purpose."""
    response.delete_cookie(COOKIE, samesite="Lax")


def collect(request: HttpRequest) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what was typed, without tokens and passwords, and the names of the file fields."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NEVER_KEPT and "password" not in name
        for value in values
    ]
    return fields, [name for name, file in request.FILES.items() if file]


def keep(request: HttpRequest) -> bool:
    """Keep the refused form in the anonymous session; False when there is nobody to keep it for, or it is too big."""
    user_id = request.get_signed_cookie(COOKIE, default="", salt=SALT)
    if not user_id:
        return False
    fields, files = collect(request)
    content = json.dumps({"user": user_id, "path": request.get_full_path(), "fields": fields, "files": files}).encode()
    if not fields or len(content) > MAX_BYTES:
        return False
    request.session[KEY] = _cipher().encrypt(content).decode()
    return True


def read(request: HttpRequest, user: Any = None) -> Unsent | None:
    """Return the form kept for the signed-in person; None when there is none, it is old or it is another's."""
    user = user or request.user
    token = request.session.get(KEY)
    if not token:
        return None
    try:
        content: dict[str, Any] = json.loads(_cipher().decrypt(token.encode(), ttl=MAX_AGE_SECONDS))
    except (InvalidToken, ValueError):
        return None
    path = content["path"]
    same_person = content["user"] == str(user.pk)
    if not same_person or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return None
    return Unsent(
        content["user"], path, tuple((name, value) for name, value in content["fields"]), tuple(content["files"])
    )


def discard(request: HttpRequest) -> None:
    """Throw the kept form away."""
    request.session.pop(KEY, None)


def forget_if_sent(request: HttpRequest) -> None:
    """Throw the kept form away once its own address receives a form, or when it belongs to somebody else."""
    if request.session.get(KEY):
        kept = read(request)
        if kept is None or kept.path == request.get_full_path():
            discard(request)


def forget_if_of_another(request: HttpRequest, user: Any) -> None:
    """Throw the kept form away when somebody else signs in on the same browser."""
    if request.session.get(KEY) and read(request, user) is None:
        discard(request)
