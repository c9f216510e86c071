# SPDX-License-Identifier: EUPL-1.2
"""Measures an import of recipients with their enrolments against a stock django-import-export resource.

    python benchmarks/imports.py [ROWS]

One file of 22,000 rows (or as many as told) is imported on this machine by our kind “recipients”, as the portal does it:
sent, checked by its job, confirmed, written by its job with the file that says what became of each row; and by a stock
`ModelResource` with foreign-key widgets and the hooks of its documentation. Both leave the same recipients, sealed names
and enrolments; ours also takes the fingerprints, looks for each person in the programme, checks every row as a
registration would and records who did it. Ours also reads the same rows out of a workbook, and files of 5,000 and 50,000
rows: what its process takes above its start does not grow with them. Each run is a process of its own, in a transaction
that is rolled back at the end. Prints one line per measure, `name: ours …, reference …, ratio …`.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

from fami_portal import embedded

embedded.ensure()

import django  # noqa: E402

django.setup()

import tablib  # noqa: E402
import xlsxwriter  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from import_export import fields, resources, widgets  # noqa: E402

from actions.models import Activity, Notice, TargetGroup  # noqa: E402
from beneficiaries.enums import MissingTaxCode  # noqa: E402
from beneficiaries.models import Beneficiary, Enrolment, Identity  # noqa: E402
from beneficiaries.services.recipients import new_pseudonym  # noqa: E402
from fami_portal.core import jobs, vault  # noqa: E402
from fami_portal.core.enums import ImportState  # noqa: E402
from fami_portal.core.imports import confirm_import, kind_of, start_import  # noqa: E402
from fami_portal.core.imports.runs import job_of  # noqa: E402
from fami_portal.core.models import ImportRun  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from partners.models import Country  # noqa: E402
from tests.actions.scene import build  # noqa: E402

ROWS = 22_000
TIMES = 5
# How long the files are whose memory is compared.
SHORT, LONG = 5_000, 50_000
ACTIVITIES = 20
HEADERS = (
    "local_code", "given_name", "family_name", "sex", "birth_date", "citizenship", "target_group", "declared",
    "activity", "enrolled_on", "notice_version", "notice_given_on", "notice_given_to", "entry_level",
)  # fmt: skip


def letters(number: int) -> str:
    """Return a word that is no name."""
    word = ""
    while number or not word:
        number, rest = divmod(number, 12)
        word += "bdflmnrstcje"[rest] + "aeiou"[rest % 5]
    return word


def table(rows: int) -> Iterator[Sequence[str]]:
    """Give the headers and the rows that both read."""
    yield HEADERS
    for number in range(rows):
        born = date(2005, 1, 1) + timedelta(days=number % 4000)
        yield [
            f"B-{number}", letters(1000 + number), letters(7 * number % 9000), "female", born.isoformat(), "MA",
            "pupils", "no", f"Laboratorio {1 + number % ACTIVITIES}", "2019-02-01", "1", "2019-01-20", "family", "a1",
        ]  # fmt: skip


def write_file(path: Path, rows: int) -> Path:
    """Write a file, as its ending says."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";").writerows(table(rows))
        return path
    # The texts are written once and shared by the cells, as spreadsheets do.
    book = xlsxwriter.Workbook(path)
    kind = kind_of("recipients")
    page = book.add_worksheet(str(kind.resource.sheet) if kind is not None else None)
    for number, row in enumerate(table(rows)):
        page.write_row(number, 0, row)
    book.close()
    return path


def ours(path: Path) -> dict[str, float]:
    """Send the file, have it checked, confirm it, have it written."""
    scene = _scene()
    # A worker that has worked already: what it loads once is no matter of the file.
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        _imported(scene, write_file(Path(folder) / f"first{path.suffix}", 20))
        transaction.set_rollback(True)
    before = _size("VmRSS", again=True)
    check, write = _imported(scene, path)
    return {"check": check, "write": write, "rows": _rows(), "memory": _size("VmHWM") - before}


def _imported(scene: Any, path: Path) -> tuple[float, float]:
    """Bring a file in; return how many seconds the check and the writing took."""
    kind = kind_of("recipients")
    if kind is None or kind.places is None:
        raise SystemExit("there is no import of recipients")
    with path.open("rb") as file:
        run = start_import(
            kind=kind, place=kind.places(scene.operator)[0], name=path.name, content=file, by=scene.operator,
            at=timezone.now(),
        )  # fmt: skip
    run, check = _worked(run)
    if run.state != ImportState.READY:
        raise SystemExit(str(run.report)[:500])
    confirm_import(run=run, version=run.version, by=scene.operator, at=timezone.now())
    run, write = _worked(run)
    if run.state != ImportState.DONE:
        raise SystemExit(str(run.report)[:500])
    return check, write


def _worked(run: ImportRun) -> tuple[ImportRun, float]:
    """Do what the import waits for; return it, and how many seconds that took."""
    job = job_of(run)
    if job is None:
        raise SystemExit("nothing waits to be done")
    started = perf_counter()
    jobs.run_job(job.pk, heartbeat=False)
    return ImportRun.objects.get(pk=run.pk), perf_counter() - started


def stock(path: Path) -> dict[str, float]:
    """Import the file as the documentation of django-import-export shows it."""
    scene = _scene()

    class StockResource(resources.ModelResource):
        citizenship = fields.Field("citizenship", "citizenship", widgets.ForeignKeyWidget(Country, "code"))
        target_group = fields.Field("target_group", "target_group", widgets.ForeignKeyWidget(TargetGroup, "code"))

        class Meta:
            model = Beneficiary
            import_id_fields = ("local_code",)
            skip_unchanged = True
            fields = ("local_code", "sex", "birth_date", "citizenship", "target_group")

        def get_queryset(self) -> Any:
            return super().get_queryset().filter(programme=scene.programme, registered_by=scene.cooperative)

        def before_import(self, dataset: Any, **kwargs: Any) -> None:
            self.activities = {one.title: one for one in Activity.objects.filter(programme=scene.programme).order_by()}
            self.notices = {one.code: one for one in Notice.objects.filter(programme=scene.programme).order_by()}

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.programme, instance.registered_by = scene.programme, scene.cooperative
            instance.pseudonym = instance.pseudonym or new_pseudonym()

        def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            found = Identity.objects.filter(beneficiary=instance, organisation=scene.cooperative).order_by("pk").first()
            identity = found or Identity(beneficiary=instance, organisation=scene.cooperative)
            for name in ("given_name", "family_name"):
                setattr(identity, name, vault.seal(row[name], row=identity.uuid, field=name))
            identity.tax_code, identity.tax_code_missing = b"", MissingTaxCode.NOT_ASKED
            identity.key_id = vault.current_key_id()
            identity.save()
            Enrolment.objects.get_or_create(
                activity=self.activities[row["activity"]],
                beneficiary=instance,
                defaults={
                    "target_group": instance.target_group,
                    "enrolled_on": row["enrolled_on"],
                    "notice": self.notices[row["notice_version"]],
                    "notice_version": row["notice_version"],
                    "notice_given_on": row["notice_given_on"],
                    "notice_given_to": row["notice_given_to"],
                    "entry_level": row["entry_level"],
                },
            )

    before = _size("VmRSS", again=True)
    started = perf_counter()
    with path.open(encoding="utf-8") as file:
        data = tablib.Dataset().load(file, format="csv", delimiter=";")
    with acting(scene.operator):
        result = StockResource().import_data(data, raise_errors=True, use_transactions=True)
    write = perf_counter() - started
    if result.has_errors():
        raise SystemExit("the stock resource has refused rows")
    return {"check": 0, "write": write, "rows": _rows(), "memory": _size("VmHWM") - before}


def _rows() -> int:
    """Return how many rows both sides must have written."""
    return Beneficiary.objects.count() + Identity.objects.count() + Enrolment.objects.count()


def _size(which: str, *, again: bool = False) -> float:
    """Return how much memory this process has (VmRSS) or had at most (VmHWM), in MB; `again` forgets the most so far."""
    if again:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{which}:")) / 1024


def _scene() -> Any:
    scene = build()
    for _number in range(ACTIVITIES):
        scene.activity()
    return scene


def line(name: str, ours: float, reference: float, unit: str, decimals: int = 1) -> None:
    """Print one measure."""
    ratio = reference / ours if ours else float("nan")
    print(f"{name}: ours {ours:.{decimals}f} {unit}, reference {reference:.{decimals}f} {unit}, ratio {ratio:.1f}")


def measured(side: str, path: Path) -> dict[str, float]:
    """Run one side in a process of its own, with a folder of its own for the files that it keeps."""
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run(
            [sys.executable, __file__, side, str(path)], check=True, capture_output=True, text=True,
            env={**os.environ, "DOCUMENTS_ROOT": folder},
        )  # fmt: skip
    return json.loads(answer.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def main() -> None:
    """Write the files, measure all, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    mine: dict[tuple[str, int], dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("csv", "xlsx"):
            for number in sorted({SHORT, rows, LONG}):
                path = write_file(Path(folder) / f"{number}.{ending}", number)
                mine[ending, number] = measured("ours", path)
        other = measured("stock", Path(folder) / f"{rows}.csv")
    csv_file, workbook = mine["csv", rows], mine["xlsx", rows]
    line(f"import of {rows:,} rows", csv_file["write"], other["write"], "s")
    line(f"import of {rows:,} rows, {TIMES} times faster is asked", csv_file["write"], other["write"] / TIMES, "s")
    line(f"import of {rows:,} rows from a workbook", workbook["write"], other["write"], "s")
    both = csv_file["check"] + csv_file["write"]
    line(f"check and import of {rows:,} rows, against the import alone", both, other["write"], "s")
    for ending, name in (("csv", "CSV"), ("xlsx", "XLSX")):
        for number in sorted({SHORT, rows, LONG}):
            memory = mine[ending, number]["memory"]
            line(
                f"memory above the start, {name} of {number:,} rows, beside the stock’s {rows:,}",
                memory,
                other["memory"],
                "MB",
            )
        short, long = mine[ending, SHORT]["memory"], mine[ending, LONG]["memory"]
        line(f"memory above the start, {name} of {LONG:,} rows beside {SHORT:,}", long, short, "MB")
    if csv_file["rows"] != other["rows"] or workbook["rows"] != other["rows"]:
        raise SystemExit("the two sides have not written the same")
    print(f"rows written by each: {csv_file['rows']:.0f}")


def one_side() -> None:
    """Measure one side and print its figures; nothing of it stays."""
    with transaction.atomic():
        found = {"ours": ours, "stock": stock}[sys.argv[1]](Path(sys.argv[2]))
        transaction.set_rollback(True)
    print(json.dumps(found))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        one_side()
    else:
        main()
