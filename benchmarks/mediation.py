# SPDX-License-Identifier: EUPL-1.2
"""Measures the coordinator's board and the suggestions of mediators on an invented network.

    python benchmarks/mediation.py

The network has 2,000 mediators with languages, territories, availability and qualifications, 10,000 requests in every
state and 20,000 sessions. It is written in one transaction that is rolled back at the end, so nothing of it stays. An
empty database gets its tables first; one that lacks some of them is left alone, with a line that says what to do.
Prints one line per measure, `name: ours …, reference …, ratio …`, measured side by side in this run:

* the suggestions of a page, with the words of each, against the bare statement;
* the whole register judged, with all its words, against the bare statement;
* the page of the suggestions, from request to response, against the 100 milliseconds that we hold ourselves to;
* what the board reads, against one bare statement for the same rows and one for the same counts;
* the page of the board against the 150 milliseconds of the dashboard, and its queries, with the session and the person, against 15.
"""

import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

from fami_portal import embedded

embedded.ensure()

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.mediation_scene import MEDIATORS, REQUESTS, Scene  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from mediation.enums import RequestState  # noqa: E402
from mediation.models import (  # noqa: E402
    MediationRequest,
)
from mediation.selectors import board  # noqa: E402
from mediation.selectors.suggestions import parameters, suggestions  # noqa: E402
from mediation.selectors.suggestions_sql import SUGGESTIONS  # noqa: E402

MILLISECONDS, PAGE_MILLISECONDS, QUERIES = 100, 150, 15

BARE_ROWS = """
SELECT request.*, body.name, network.name
  FROM mediation_mediationrequest AS request
  JOIN partners_organisation AS body ON body.id = request.organisation_id
  JOIN partners_network AS network ON network.id = request.network_id
 WHERE request.network_id = %s AND request.state = ANY (%s)
 ORDER BY array_position(ARRAY['urgent', 'new_arrival', 'ordinary'], request.urgency::text), request.submitted_at, request.id
 LIMIT 30
"""
BARE_COUNTS = """
SELECT state, count(*) FROM mediation_mediationrequest WHERE network_id = %s GROUP BY state
"""


def line(name: str, ours: float, reference: float, unit: str = "ms", decimals: int = 1) -> None:
    """Print one measure."""
    ratio = ours / reference if reference else float("nan")
    print(f"{name}: ours {ours:.{decimals}f} {unit}, reference {reference:.{decimals}f} {unit}, ratio {ratio:.2f}")


def median(function: Callable[[], Any], times: int = 15) -> float:
    """Return the median of some runs, in milliseconds, after one that warms up."""
    function()
    runs = []
    for _ in range(times):
        started = perf_counter()
        function()
        runs.append(perf_counter() - started)
    return statistics.median(runs) * 1000


def measure_suggestions(scene: Scene) -> None:
    """The statement alone, then what the pages make of it."""
    taken = next(row for row in scene.requests if row.state == RequestState.TAKEN_IN_CHARGE)
    request = MediationRequest.objects.select_related("municipality", "organisation__municipality").get(pk=taken.pk)
    when = {"starts_at": scene.start, "ends_at": scene.end, "at": scene.now}

    def bare(limit: int | None) -> Callable[[], Any]:
        values = parameters(request, **when, limit=limit)

        def run() -> Any:
            with connection.cursor() as cursor:
                cursor.execute(SUGGESTIONS, values)
                return cursor.fetchall()

        return run

    def with_words(limit: int | None) -> Callable[[], Any]:
        return lambda: [row.reasons for row in suggestions(request, **when, limit=limit)]

    found = suggestions(request, **when)
    if len(found) != MEDIATORS or not found[0].suitable:
        raise SystemExit(f"{len(found)} mediators judged, {found[0].suitable} suitable")
    line(f"20 suggestions with their words among {MEDIATORS:,} mediators", median(with_words(20)), median(bare(20)))
    line(f"all {MEDIATORS:,} mediators with their words", median(with_words(None)), median(bare(None)))
    client = _client(scene)
    local = timezone.localtime(scene.start)
    address = reverse("mediation:request-suggestions", args=[request.uuid])
    address += f"?day={local:%Y-%m-%d}&starts_at=10:00&ends_at=11:00"
    line("page of the suggestions", median(lambda: _get(client, address)), MILLISECONDS)


def measure_board(scene: Scene) -> None:
    """What the board reads for its own turn, and its whole page."""

    def ours() -> None:
        requests = board.board_requests(scene.coordinator)
        counts = board.counts(requests)
        listed = board.ranked(requests.filter(state__in=board.TURN))
        paginator = Paginator(board.with_what_is_shown(listed), 30)
        # As the page does: what is listed has been counted with the groups.
        paginator.count = sum(counts[group] for group in ("new", "searching", "validate"))  # type: ignore[misc]
        list(paginator.get_page(1))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE_COUNTS, [scene.network.pk])
            cursor.fetchall()
            cursor.execute(BARE_ROWS, [scene.network.pk, [str(state) for state in board.TURN]])
            cursor.fetchall()

    line(f"board among {REQUESTS:,} requests", median(ours), median(bare))
    client, address = _client(scene), reverse("mediation:board")
    line("page of the board", median(lambda: _get(client, address)), PAGE_MILLISECONDS)
    with CaptureQueriesContext(connection) as queries:
        _get(client, address)
        asked = len(queries)
    line("queries of the page of the board", asked, QUERIES, "queries", 0)


def _client(scene: Scene) -> Client:
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "localhost"})
    client.force_login(scene.coordinator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _get(client: Client, address: str) -> None:
    answer = client.get(address, secure=settings.HTTPS)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")


def make_tables() -> None:
    """Migrate a database without any table; one that is behind is somebody's, who decides."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if executor.loader.applied_migrations:
        raise SystemExit("This database lacks some tables: run `python manage.py migrate` first.")
    call_command("migrate", verbosity=0)


def main() -> None:
    """Write the network, measure, undo."""
    make_tables()
    with transaction.atomic():
        with acting(None):
            scene = Scene()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        measure_suggestions(scene)
        measure_board(scene)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
