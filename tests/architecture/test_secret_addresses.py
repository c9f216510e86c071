# SPDX-License-Identifier: EUPL-1.2
"""An address that lets whoever reads it act stays out of every log, of error pages and of what browsers pass on."""

import io
import logging
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import urlencode

from fami_portal.core.logs import RequestIdFilter, without_secrets
from mediation.services import links

ROOT = settings.BASE_DIR
# Parts of addresses that are no secret: keys of records, and words that a page shows anyway.
OPEN_CONVERTERS = ("uuid", "int", "slug")
OPEN_NAMES = ("code", "fmt")
SECRET_NAMES = ("token", "key")
REFERRER = ("strict-origin", "same-origin", "no-referrer")


def _patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        else:
            yield path, entry


def _secret_paths() -> list[tuple[str, str]]:
    """Return each address with a secret in it, as the URLconf writes it, with the secret that stands in it."""
    found = []
    for pattern, entry in _patterns(get_resolver()):
        if not any(name in entry.pattern.regex.groupindex for name in SECRET_NAMES):
            continue
        if "(?P<key>" in pattern:
            secret = f"1z-{secrets.token_hex(16)}"
            path = re.sub(r"\^?\(\?P<uidb36>.*\)-\(\?P<key>.*\)", secret, pattern.replace("^", "")).rstrip("$")
        else:
            secret = secrets.token_urlsafe(32)
            path = re.sub(r"<(str:)?token>", secret, pattern)
        assert "<" not in path, f"fill in the other parts of {pattern}"
        found.append((f"/{path}", secret))
    return found


SECRET_PATHS = _secret_paths()
IDS = [path.replace(secret, "SECRET") for path, secret in SECRET_PATHS]
each_secret = pytest.mark.parametrize(("path", "secret"), SECRET_PATHS, ids=IDS)


def test_there_are_secret_addresses() -> None:
    kinds = {path.split("/")[1] for path, _secret in SECRET_PATHS}
    assert {"mediation", "invitations", "account"} <= kinds
    assert len(SECRET_PATHS) >= 11


def test_no_other_part_of_an_address_can_be_a_secret() -> None:
    """Whoever adds an address with free text in it says here whether it is a secret."""
    for pattern, entry in _patterns(get_resolver()):
        for converter, name in re.findall(r"<(?:(\w+):)?(\w+)>", pattern):
            if name in SECRET_NAMES or "(?P<key>" in pattern or converter in OPEN_CONVERTERS:
                continue
            assert name in OPEN_NAMES, f"{pattern} ({entry.name})"


# --- the proxy -------------------------------------------------------------------------------------------------------


def _proxy() -> str:
    return (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def _logged(uri: str) -> str:
    """Return what the proxy writes of an address: the first rule of its map that fits."""
    rules = re.findall(r'^\s+"~(\^.+\$)" "(\$before\*\*\*\$after)";$', _proxy(), flags=re.MULTILINE)
    assert rules, "the map of nginx.conf has changed its shape"
    for rule, _result in rules:
        match = re.match(rule.replace("(?<", "(?P<"), uri)
        if match:
            return f"{match['before']}***{match['after']}"
    return uri


@each_secret
def test_the_proxy_masks_the_secret(path: str, secret: str) -> None:
    for uri in (path, f"{path}?page=2", path.rstrip("/"), f"{path}%3E", path.replace(secret, f"{secret}%20")):
        assert secret not in _logged(uri), uri
        assert _logged(uri).startswith(path.split(secret)[0] + "***")


# From the page of a new password nobody is sent to sign in.
@pytest.mark.parametrize(
    ("path", "secret"),
    [row for row in SECRET_PATHS if not row[0].startswith("/account/")],
    ids=[name for name in IDS if not name.startswith("/account/")],
)
def test_the_proxy_masks_it_where_another_address_carries_it(path: str, secret: str) -> None:
    assert secret not in _logged(f"/account/login/?{urlencode({'next': path})}")
    assert secret not in _logged(f"/account/login/?next={path}")


def test_the_proxy_writes_other_addresses_as_they_are() -> None:
    for uri in ("/", "/mediation/requests/?state=held", "/mediation/requests/0b6e8a5e-9c65-4a7e-8f5e-3f8f8f8f8f8f/"):
        assert _logged(uri) == uri


def test_the_proxy_logs_neither_referrer_nor_the_plain_address() -> None:
    text = _proxy()
    log_format = re.search(r"log_format (\w+) '(.+)';", text)
    assert log_format is not None
    assert "$logged_uri" in log_format[2]
    assert not re.search(r"\$(request|request_uri|uri|http_referer|args|query_string)\b", log_format[2])
    logs = re.findall(r"access_log (.+);", text)
    assert logs
    assert all(line.split()[-1] in (log_format[1], "off") for line in logs)


@each_secret
def test_the_error_log_of_the_proxy_is_silent_there(path: str, secret: str) -> None:
    """Its lines carry the address as it came, and no format can change them."""
    places = re.findall(r"location ~ (\S+) \{\s+error_log /dev/null crit;", _proxy())
    assert any(re.search(place, path) for place in places)


# --- the portal ------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the portal's own log says, through the filter and the format of the settings."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(logging.Formatter(settings.LOGGING["formatters"]["line"]["format"]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db
@each_secret
def test_the_portal_neither_logs_nor_shows_nor_passes_it_on(path: str, secret: str, lines: io.StringIO) -> None:
    """A secret that is not known, one sent in a way that the page does not have, one inside an address of no page."""
    client = Client()
    for answer in (client.get(path), client.put(path), client.get(path + "x/")):
        assert secret not in answer.content.decode()
        assert secret not in answer.headers.get("Location", "")
        assert answer.headers["Referrer-Policy"] in REFERRER
    assert secret not in lines.getvalue()


def test_a_line_without_secrets_stays_as_it_is() -> None:
    line = "Not Found: /mediation/requests/0b6e8a5e-9c65-4a7e-8f5e-3f8f8f8f8f8f/"
    assert without_secrets(line) == line


@pytest.mark.django_db
def test_an_error_in_the_page_of_a_link_tells_no_secret(monkeypatch: pytest.MonkeyPatch, lines: io.StringIO) -> None:
    def broken(**facts: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(links, "resolve", broken)
    secret = secrets.token_urlsafe(32)
    answer = Client(raise_request_exception=False).get(f"/mediation/link/{secret}/follow/")
    assert answer.status_code == 500
    assert secret not in answer.content.decode()
    assert "RuntimeError: broken" in lines.getvalue()
    assert "/mediation/link/***/follow/" in lines.getvalue()
    assert secret not in lines.getvalue()
