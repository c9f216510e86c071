# SPDX-License-Identifier: EUPL-1.2
"""Home, health and error handlers: what belongs to no app."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fami_portal.core import nav, unsent
from fami_portal.core.errorpages import CSRF_ADVICE, bare_page, error_page
from fami_portal.core.keymarks import check_keys


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person, with the deadline and one click to it."""
    return render(
        request,
        "core/home.html",
        {"waiting": nav.waiting_for(request.user), "unsent": unsent.read(request)},
    )


@never_cache
@login_not_required
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """Say that the process answers; touches nothing else."""
    return JsonResponse({"status": "ok"})


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise RuntimeError(f"{len(missing)} migrations to apply")


def _keys() -> None:
    check_keys()


def _storage() -> None:
    name = default_storage.save(f"probe/{uuid.uuid4().hex}", ContentFile(b"ready"))
    default_storage.delete(name)


def _redis() -> None:
    cache.set("readyz", "1", 10)


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether the portal can serve: database, migrations, keys, storage. Redis informs and never stops the service."""
    answer: dict[str, Any] = {}
    ready = True
    for name, probe, needed in (
        ("database", _database, True),
        ("migrations", _migrations, True),
        ("keys", _keys, True),
        ("storage", _storage, True),
        ("redis", _redis, False),
    ):
        try:
            probe()
            answer[name] = "ok"
        except Exception as error:  # any failure is an answer here
            answer[name] = type(error).__name__
            ready = ready and not needed
    return JsonResponse({"status": "ok" if ready else "not ready", **answer}, status=200 if ready else 503)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return error_page(request, 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403, with the sentence of the refusal when there is one."""
    return error_page(request, 403, detail=str(exception or ""))


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404; the exception is not shown: it may name what a stranger must not know."""
    return error_page(request, 404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without database, context processors or static files."""
    return bare_page(getattr(request, "id", ""), 500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form with an old token; when it comes from our own page, give back what was typed.

    A sign-in in another tab changes the token: the form typed before is honest, so it is shown again with a new one
    and sent only if the person says so. A form from another site is refused.
    """
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if own and request.user.is_authenticated:
        fields, files = unsent.collect(request)
        if fields:
            context = {"unsent": unsent.Unsent("", request.get_full_path(), tuple(fields), tuple(files)), "kept": False}
            return render(request, "core/unsent.html", context, status=403)
    return error_page(request, 403, advice=CSRF_ADVICE)
