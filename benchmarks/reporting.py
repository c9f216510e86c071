# SPDX-License-Identifier: EUPL-1.2
"""Measures the ledger on the invented programmes of `manage.py load_scale`.

    python benchmarks/reporting.py --size region --size italy

Prints one line per measure, `name: ours …, reference …, ratio …`, everything measured side by side in this run:

* the check of the whole ledger against one SQL statement that counts the same pairs of unit and scope from the registers;
* the validation of a report with some 5,000 attendances (freeze, post, audit) against the 2 seconds and 25 queries that we
  hold ourselves to; it is rolled back, so it can be measured again;
* the figures of the dashboard (30 indicators, 19 scopes) against the same read on the smallest programme;
* the whole page of the dashboard, from request to response, against the 150 milliseconds that we hold ourselves to;
* the four files of an output report against 10 seconds, each file by itself beside it, and its workbook against the same
  cells written with the bare writer.
"""

import argparse
import io
import os
import statistics
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

from fami_portal import embedded

embedded.ensure()

import django  # noqa: E402

django.setup()

import xlsxwriter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from actions.enums import BodyRole  # noqa: E402
from actions.models import Indicator, Programme, ProgrammeBody  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from partners.models import Membership  # noqa: E402
from reporting.demo.scale import SIZES  # noqa: E402
from reporting.ledger.reconcile import check  # noqa: E402
from reporting.ledger.totals import figures  # noqa: E402
from reporting.models import ActivityReport, CountingScope, ResultTotal  # noqa: E402
from reporting.rendering.reading import Reading  # noqa: E402
from reporting.rendering.xlsx import render_xlsx, sheets  # noqa: E402
from reporting.services import activity_reports as services  # noqa: E402
from reporting.services.output_reports import make_package  # noqa: E402

SECONDS, QUERIES = 2.0, 25

# The same pairs, counted straight from the registers of the validated periods, in one statement.
SAME_PAIRS = """
WITH validated AS (
    SELECT activity.id AS activity_id, activity.activity_type_id, activity.network_id, meeting.id AS meeting_id
      FROM actions_activity AS activity
      JOIN actions_meeting AS meeting ON meeting.activity_id = activity.id AND meeting.state = 'held'
     WHERE activity.programme_id = %(programme)s AND meeting.held_on <= %(until)s
)
SELECT indicator.id, scope_id, count(*)
  FROM (
    SELECT DISTINCT target_group.code AS code, placement.scope_id, enrolment.beneficiary_id AS unit_id
      FROM validated
      JOIN beneficiaries_attendance AS attendance ON attendance.meeting_id = validated.meeting_id
      JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = attendance.enrolment_id
      JOIN beneficiaries_beneficiary AS person ON person.id = enrolment.beneficiary_id
      JOIN actions_targetgroup AS target_group ON target_group.id = person.target_group_id
      JOIN reporting_activityscope AS placement ON placement.activity_id = validated.activity_id
     WHERE attendance.state = 'present' AND person.eligibility IN ('declared', 'verified')
    UNION ALL
    SELECT DISTINCT 'activities-' || activity_type.code, placement.scope_id, validated.activity_id
      FROM validated
      JOIN actions_activitytype AS activity_type ON activity_type.id = validated.activity_type_id
      JOIN reporting_activityscope AS placement ON placement.activity_id = validated.activity_id
    UNION ALL
    SELECT DISTINCT 'networks-' || activity_type.code, placement.scope_id, validated.network_id
      FROM validated
      JOIN actions_activitytype AS activity_type ON activity_type.id = validated.activity_type_id
      JOIN reporting_activityscope AS placement ON placement.activity_id = validated.activity_id
  ) AS pair
  JOIN actions_indicator AS indicator ON indicator.programme_id = %(programme)s AND indicator.code = pair.code
 GROUP BY 1, 2
"""


def line(name: str, ours: float, reference: float, unit: str = "s", decimals: int = 2) -> None:
    """Print one measure."""
    ratio = ours / reference if reference else float("nan")
    print(f"{name}: ours {ours:.{decimals}f} {unit}, reference {reference:.{decimals}f} {unit}, ratio {ratio:.2f}")


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call took, and what it gave."""
    started = perf_counter()
    result = function()
    return perf_counter() - started, result


def quickest(function: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Return the shortest of some runs."""
    runs = [timed(function) for _ in range(times)]
    return min(seconds for seconds, _result in runs), runs[0][1]


def percentile(function: Callable[[], Any], times: int = 40) -> float:
    """Return the 95th percentile of some runs, in milliseconds."""
    return statistics.quantiles([timed(function)[0] for _ in range(times)], n=20)[18] * 1000


def measure_check(programme: Programme, size: str) -> None:
    """The whole ledger against one statement; they must agree before their times mean anything."""
    times = 1 if size == "italy" else 3
    until = programme.periods.order_by("-starts_on")[1].ends_on

    def reference() -> dict[tuple[int, int], int]:
        with connection.cursor() as cursor:
            cursor.execute(SAME_PAIRS, {"programme": programme.pk, "until": until})
            return {(indicator, scope): number for indicator, scope, number in cursor.fetchall()}

    theirs, counted = quickest(reference, times)
    ours, differences = quickest(lambda: check(programme.pk), times)
    totals: dict[tuple[int, int], int] = {}
    for indicator, scope, quantity in ResultTotal.objects.filter(scope__programme=programme).values_list(
        "indicator_id", "scope_id", "quantity"
    ):
        totals[indicator, scope] = totals.get((indicator, scope), 0) + quantity
    if differences or {key: value for key, value in totals.items() if value} != counted:
        raise SystemExit(f"{size}: the ledger and the registers do not agree: {differences[:3]}")
    line(f"rebuild_ledger --check, {size}, {sum(counted.values()):,} pairs", ours, theirs)


@contextmanager
def rolled_back() -> Any:
    """Undo what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def measure_validation(programme: Programme, size: str) -> None:
    """One report of 5,120 attendances, submitted and validated, then undone."""
    report = ActivityReport.objects.with_parts().filter(programme=programme).order_by("-period__starts_on", "pk")[0]
    with rolled_back():
        with acting(None):
            operator, coordinator = (
                User.objects.create(email=f"{name}@misure.example.org", given_name=name, family_name="Misura")
                for name in ("operatore", "coordinatrice")
            )
            Membership.objects.create(
                user=operator, organisation=report.organisation, role="partner_operator", valid_from=programme.starts_on
            )
            ProgrammeBody.objects.create(programme=programme, organisation=programme.lead, role=BodyRole.LEAD)
            Membership.objects.create(
                user=coordinator,
                organisation=programme.lead,
                role="regional_coordinator",
                valid_from=programme.starts_on,
            )
        submitting, _done = timed(lambda: services.submit(report=report, by=operator, at=timezone.now()))
        report = ActivityReport.objects.with_parts().get(pk=report.pk)  # as the page of the coordinator reads it
        with CaptureQueriesContext(connection) as queries:
            seconds, posting = timed(lambda: services.validate(report=report, by=coordinator, at=timezone.now()))
        attendances = report.figures["counts"]["attendances"]
        print(
            f"  {attendances:,} attendances, {posting.facts.count():,} facts, {posting.entries.count():,} entries, "
            f"{posting.reversals.count():,} reversals; submission {submitting:.2f} s"
        )
    line(f"validation of a report of {attendances:,} attendances, {size}", seconds, SECONDS)
    line(f"queries of that validation, {size}", len(queries), QUERIES, "queries", 0)
    if os.environ.get("BENCH_QUERIES"):
        for query in queries.captured_queries:
            print("   ", query["time"], " ".join(query["sql"].split())[:150])


def dashboard_read(programme: Programme, number: int) -> Callable[[], Any]:
    """Return the read of the dashboard: every indicator in the programme, its actions and some networks."""
    scopes = list(
        CountingScope.objects.filter(programme=programme, kind__in=["programme", "action", "network"])
        .order_by("pk")
        .values_list("pk", flat=True)[:number]
    )
    indicators = list(Indicator.objects.filter(programme=programme).order_by("pk").values_list("pk", flat=True))
    period = programme.periods.order_by("-starts_on")[1]
    return lambda: figures(
        scope_ids=scopes, indicator_ids=indicators, first_day=period.starts_on, last_day=period.ends_on
    )


def measure_dashboard(programme: Programme, size: str) -> None:
    """The figures that a dashboard shows, here and on the smallest programme."""
    smallest = Programme.objects.get(slug="scala-region")
    number = CountingScope.objects.filter(programme=smallest, kind__in=["programme", "action", "network"]).count()
    here, there = dashboard_read(programme, number), dashboard_read(smallest, number)
    here(), there()
    line(f"figures of the dashboard, {size} against region", percentile(here), percentile(there), "ms")


def measure_page(programme: Programme, size: str) -> None:
    """The page of the dashboard as a regional coordinator gets it, middleware and template included."""
    with rolled_back():
        with acting(None):
            person = User.objects.create(email="regia@misure.example.org", given_name="Regia", family_name="Misura")
            ProgrammeBody.objects.get_or_create(programme=programme, organisation=programme.lead, role=BodyRole.LEAD)
            Membership.objects.create(
                user=person,
                organisation=programme.lead,
                role="regional_coordinator",
                valid_from=programme.starts_on,
            )
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        client = Client(headers={"host": "localhost"})
        client.force_login(person)
        address = reverse("reporting:dashboard", args=[programme.slug])

        def page() -> None:
            if client.get(address, secure=settings.HTTPS).status_code != 200:
                raise SystemExit(f"{size}: the dashboard does not answer")

        page()
        with CaptureQueriesContext(connection) as queries:
            page()
            asked = len(queries)
        line(f"page of the dashboard, {size}", percentile(page), 150, "ms")
        line(f"queries of that page, {size}", asked, 15, "queries", 0)


def measure_package(programme: Programme, size: str) -> None:
    """The four files of the last ended period, made and not kept."""
    period = programme.periods.filter(ends_on__lt=timezone.localdate()).order_by("-starts_on")[0]
    programme = Programme.objects.select_related("lead").get(pk=programme.pk)
    parts = {}

    def tell(percent: int, step: object) -> None:
        parts[str(step)] = perf_counter()

    seconds, package = timed(lambda: make_package(programme=programme, period=period, progress=tell))
    names, ends = list(parts), [*list(parts.values())[1:], 0]
    spent = ", ".join(f"{name} {end - parts[name]:.2f} s" for name, end in zip(names, ends, strict=True) if end)
    print(f"  {spent}; " + ", ".join(f"{kind} {len(data):,} bytes" for kind, data in package.files.items()))
    line(f"four files of an output report, {size}", seconds, 10)
    pages = sheets(Reading(package.content))
    cells = [
        (sheet.name, [[column.getter()(row) for column in sheet.columns] for row in sheet.rows]) for sheet in pages
    ]
    ours, _file = quickest(lambda: render_xlsx(package.content))
    theirs, _file = quickest(lambda: bare_workbook(cells))
    rows = sum(len(rows) for _name, rows in cells)
    line(f"workbook of that report, {size}, {rows:,} rows", ours, theirs, decimals=3)


def bare_workbook(cells: list[tuple[Any, list[list[Any]]]]) -> bytes:
    """The same cells, written with nothing but the library."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in cells:
            page = book.add_worksheet(str(name)[:31])
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    page.write(number, column, value)
    return target.getvalue()


def main() -> None:
    """Measure the sizes asked for, loading what is not there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", action="append", choices=sorted(SIZES), help="may be given more than once")
    for size in dict.fromkeys(["region", *(parser.parse_args().size or [])]):
        if not Programme.objects.filter(slug=f"scala-{size}").exists():
            call_command("load_scale", size=size)
        programme = Programme.objects.get(slug=f"scala-{size}")
        measure_check(programme, size)
        measure_validation(programme, size)
        measure_dashboard(programme, size)
        measure_page(programme, size)
        measure_package(programme, size)


if __name__ == "__main__":
    main()
