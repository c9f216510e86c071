# SPDX-License-Identifier: EUPL-1.2
"""Every address answers every role as `tests/matrix` says: let in, refused, or nothing there; GET never writes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any
from zlib import crc32

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.query import ModelIterable
from django.http import HttpResponse
from django.template.backends.django import Template as BackendTemplate
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.permissions import ROLES
from fami_portal.core import errorpages
from partners.models import Membership
from tests import matrix
from tests.guard import make_reader, only_reading, undone
from tests.matrix import ANONYMOUS, STRANGER, On, Row
from tests.personas import World, build_world

# Inside the transaction of the whole module each test has its own, as everywhere.
pytestmark = pytest.mark.django_db

PERSONAS = [*ROLES, STRANGER, ANONYMOUS]
# For how many roles each page is drawn whole; for the others only the answer counts.
DRAWN_FOR = 1
# So many of those refused ask at all the places of a page; the others at the nearest.
ASKING = 1
# So many of those let in at several places of a page ask at each of the farther ones.
LET_IN = 1
# Development only.
WITHOUT_ROW = {"core:gallery"}


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """Answer refusals with their code alone: thousands of them, whose page is tested elsewhere.

    Nobody looks at the contexts of the pages here, so the test client does not copy them.
    """
    logging.disable(logging.WARNING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SESSION_ENGINE", "django.contrib.sessions.backends.signed_cookies")
        patch.setattr(Template, "_render", _TestState.saved_data.template_render)
        patch.setattr(errorpages, "render", lambda request, template, context, status: HttpResponse(status=status))
        # Emptied before every request, which a server far away would make a request more.
        patch.setattr(caches._connections, "default", LocMemCache("matrix", {}), raising=False)
        # The same addresses, for every role: to find the view of one takes two hundred patterns.
        for name in ("resolve", "_reverse_with_prefix"):
            patch.setattr(URLResolver, name, _remembered(getattr(URLResolver, name)))
        yield
    logging.disable(logging.NOTSET)


def _remembered(method: Any) -> Any:
    """Return a method of resolvers of addresses that remembers its answers."""
    answers: dict[Any, Any] = {}

    def asked(resolver: URLResolver, *args: Any, **kwargs: Any) -> Any:
        key = (id(resolver), args, *sorted(kwargs.items()))
        if key not in answers:
            answers[key] = method(resolver, *args, **kwargs)
        return answers[key]

    return asked


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One data set for the whole matrix, undone at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_reader()
        made = build_world()
        for module in matrix.modules():
            getattr(module, "prepare", lambda world: None)(made)
        yield made
        transaction.set_rollback(True)


def _readers(row: Row, place: On) -> list[str]:
    """Return the roles for which a page is drawn: one of those let in, another for each page."""
    return _few(row, place.allowed, DRAWN_FOR)


@contextmanager
def _drawn(draw: bool) -> Iterator[None]:
    """Draw the pages of one's own things; of others' things, which are the same pages, only the answer counts."""
    with pytest.MonkeyPatch.context() as patch:
        if not draw:
            patch.setattr(BackendTemplate, "render", lambda self, context=None, request=None: "")
        yield


def _querysets(parent: type[QuerySet] = QuerySet) -> Iterator[type[QuerySet]]:
    for child in parent.__subclasses__():
        yield child
        yield from _querysets(child)


# By what an address names a record.
_KEYS = ("pk", "uuid", "slug")


def _get(get: Any) -> Any:
    """Return `QuerySet.get` that finds nothing, without asking the database, where what is named is not to be seen.

    Two requests in three end so, and the statements of records with all their parts are long.
    """

    def get_seen(queryset: QuerySet, *args: Any, **kwargs: Any) -> Any:
        seen = queryset._hints.get("seen")
        if seen is not None and any(name in kwargs and str(kwargs[name]) not in seen.get(name, ()) for name in _KEYS):
            raise queryset.model.DoesNotExist
        return get(queryset, *args, **kwargs)

    return get_seen


class _Nothing(ModelIterable):
    """The rows of somebody who sees none: the statement that would say so is long, and need not be written."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _Seen:
    """The rows that a person may see, asked of the database once for each right.

    Every request is undone, so they are the same in all of them: to compile and plan these long statements a thousand
    times would take most of the walk. What a row of the matrix prepares may change them: a write forgets everything,
    and within a request nothing is remembered after the first write.
    """

    def __init__(self) -> None:
        self.rows: dict[Any, dict[str, set[str]]] = {}
        self.written = False

    @contextmanager
    def watched(self, *, lasting: bool) -> Iterator[None]:
        """Within: writes are noticed; those of a preparation last, those of a request are undone."""

        def notice(execute: Any, sql: str, *args: Any) -> Any:
            if not sql.lstrip().startswith(("SELECT", "SAVEPOINT", "RELEASE", "SET")):
                self.written = True
                if lasting:
                    self.rows.clear()
            return execute(sql, *args)

        self.written = False
        with connection.execute_wrapper(notice):
            yield
        self.written = False

    def instead_of(self, visible_to: Any) -> Any:
        """Return `visible_to` which names the rows that the first question gave."""

        def named_rows(queryset: QuerySet, user: Any, *args: Any, **kwargs: Any) -> QuerySet:
            if self.written:
                return visible_to(queryset, user, *args, **kwargs)
            key = (queryset.model, getattr(user, "pk", None), args, tuple(sorted(kwargs.items())))
            if key not in self.rows:
                names = [name for name in _KEYS if name == "pk" or name in queryset.model._meta._forward_fields_map]
                rows = visible_to(queryset.model._default_manager.all(), user, *args, **kwargs).values_list(*names)
                found = list(rows)
                self.rows[key] = {name: {str(row[place]) for row in found} for place, name in enumerate(names) if found}
            seen = self.rows[key]
            named = queryset.filter(pk__in=seen.get("pk", ()))
            if not seen:
                named._iterable_class = _Nothing
            named._hints = {**named._hints, "seen": seen}
            return named

        return named_rows


_seen = _Seen()


@contextmanager
def _known(world: World, persona: str) -> Iterator[None]:
    """Hand each request a copy of the person, with the roles that do not change here, instead of reading them again."""
    _seen.rows.clear()
    with pytest.MonkeyPatch.context() as patch:
        for queryset in set(_querysets()):
            if "visible_to" in vars(queryset):
                patch.setattr(queryset, "visible_to", _seen.instead_of(vars(queryset)["visible_to"]))
        patch.setattr(QuerySet, "get", _get(QuerySet.get))
        if persona != ANONYMOUS:
            user = world.stranger if persona == STRANGER else world.personas[persona]
            user = type(user).objects.get(pk=user.pk)
            Membership.objects.kept_for(user)
            patch.setattr(
                auth, "get_user", lambda request: copy(user) if SESSION_KEY in request.session else AnonymousUser()
            )
        yield


def _client(world: World, persona: str) -> Client:
    client = Client()
    if persona != ANONYMOUS:
        client.force_login(world.stranger if persona == STRANGER else world.personas[persona])
    return client


def _ask(world: World, client: Client, persona: str, row: Row, place: On, method: str = "") -> Any:
    """Return the answer; whatever it wrote is undone, and a GET can write nothing but that something was read."""
    method = method or row.method
    with _seen.watched(lasting=True):
        query = place.query(world, persona) if callable(place.query) else place.query
        address = reverse(row.url, kwargs=place.target(world, persona)) + query
        data = row.data(world, persona) if method == "post" else None
    cache.clear()
    cookies = copy(client.cookies)
    with _seen.watched(lasting=False), only_reading() if method == "get" else undone():
        try:
            return getattr(client, method)(address, data)
        finally:
            client.cookies = cookies  # one address signs people out


def _expected(place: On, persona: str) -> str:
    if persona in place.allowed:
        return "let in"
    if persona == ANONYMOUS:
        return "sign in"
    return "refused" if persona in place.refused else "not found"


def _answer(response: Any) -> str:
    signs_in = response.status_code == 302 and response["Location"].startswith(reverse(settings.LOGIN_URL))
    if signs_in and "next=" in response["Location"]:
        return "sign in"
    return {200: "let in", 302: "let in", 403: "refused", 404: "not found"}.get(
        response.status_code, str(response.status_code)
    )


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_address_answers_the_role_as_declared(world: World, persona: str) -> None:
    client = _client(world, persona)
    with _known(world, persona):
        wrong = _wrong_answers(world, client, persona)

    assert not wrong, f"{persona}:\n" + "\n".join(wrong)


def _places(row: Row, persona: str) -> list[tuple[str, On]]:
    """Return the places at which a person asks.

    Who is let in somewhere asks everywhere else that is closed, and so do a few of those who are only refused. The
    others ask at the nearest place alone: half of all requests would else ask for things still farther from those who
    may do nothing. Of the places that are open to them, all ask at the nearest and a few at the others: those whom a
    whole programme is open to would else draw up each page three times.
    """
    places = list(row.places.items())
    nearest = next((name for name, place in places if persona in place.allowed), None)
    if nearest is not None:
        return [
            (name, place)
            for name, place in places
            if name == nearest or persona not in place.allowed or persona in _few(row, place.allowed, LET_IN)
        ]
    refusing = [(name, place) for name, place in places if persona in place.refused]
    if refusing and persona in _asking(row):
        return places
    return (refusing or places)[:1]


def _asking(row: Row) -> list[str]:
    """Return the roles that are refused and ask everywhere all the same: others for each page."""
    refused = frozenset().union(*(place.refused for place in row.places.values()))
    allowed = frozenset().union(*(place.allowed for place in row.places.values()))
    return _few(row, refused - allowed, ASKING)


def _few(row: Row, roles: frozenset[str], number: int) -> list[str]:
    return sorted(roles, key=lambda role: crc32(f"{row.url} {role}".encode()))[:number]


def _wrong_answers(world: World, client: Client, persona: str) -> list[str]:
    wrong = []
    for row in matrix.rows():
        for name, place in _places(row, persona):
            wanted = _expected(place, persona)
            try:
                with _drawn(name in ("", "own") and persona in _readers(row, place)):
                    given = _answer(_ask(world, client, persona, row, place))
            except Exception as error:
                given = f"{type(error).__name__}: {error}"
            # What is public answers everybody in its own way: an unknown token is not found, signed in or not.
            if given != wanted and not (persona == ANONYMOUS and wanted == "sign in" and given == "not found"):
                wrong.append(f"{row.method.upper()} {row.url} ({name or 'page'}): {given} instead of {wanted}")
    return wrong


def _names(resolver: Any, namespace: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _names(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def test_every_address_has_a_row() -> None:
    names = set(_names(get_resolver())) - WITHOUT_ROW
    declared = {row.url for row in matrix.rows()}

    assert not names - declared, "missing rows (tests/matrix/<app>.py):\n" + "\n".join(sorted(names - declared))
    assert not declared - names, "rows of addresses that are gone:\n" + "\n".join(sorted(declared - names))


def test_a_method_without_row_is_not_taken(world: World) -> None:
    declared = {(row.url, row.method) for row in matrix.rows()}
    wrong = []
    for row in matrix.rows():
        for method in ("get", "post"):
            if (row.url, method) in declared:
                continue
            place = next((place for place in row.places.values() if place.allowed), None)
            if place is None:
                continue
            persona = sorted(place.allowed)[0]
            response = _ask(world, _client(world, persona), persona, row, place, method)
            if response.status_code != 405:
                wrong.append(f"{method.upper()} {row.url}: {response.status_code}")

    assert not wrong, "answered without a row:\n" + "\n".join(wrong)
