# SPDX-License-Identifier: EUPL-1.2
"""Measures an import of recipients with their enrolments against a stock django-import-export resource.

    python benchmarks/imports.py [ROWS]

One file of 22,000 rows (or as many as told) is imported twice on this machine: by our kind “recipients”, check and
writing each by itself, and by a stock `ModelResource` with foreign-key widgets and the hooks of its documentation. Both
leave the same recipients, sealed names and enrolments; ours also takes the fingerprints, looks for each person in the
programme, checks every row as a registration would and records who did it. Each side runs in a process of its own, in a
transaction that is rolled back at the end; ours also with a tenth of the rows: its memory does not grow with them.
Prints one line per measure, `name: ours …, reference …, ratio …`.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
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
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from import_export import fields, resources, widgets  # noqa: E402

from actions.models import Activity, Notice, TargetGroup  # noqa: E402
from beneficiaries.enums import MissingTaxCode  # noqa: E402
from beneficiaries.models import Beneficiary, Enrolment, Identity  # noqa: E402
from beneficiaries.services.recipients import new_pseudonym  # noqa: E402
from fami_portal.core import vault  # noqa: E402
from fami_portal.core.imports import Assessment, Place, kind_of, runs  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from partners.models import Country  # noqa: E402
from tests.actions.scene import build  # noqa: E402

ROWS = 22_000
TIMES = 5
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


def write_file(path: Path, rows: int) -> None:
    """Write the file that both read."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADERS)
        for number in range(rows):
            born = date(2005, 1, 1) + timedelta(days=number % 4000)
            writer.writerow(
                [
                    f"B-{number}", letters(1000 + number), letters(7 * number % 9000), "female", born.isoformat(), "MA",
                    "pupils", "no", f"Laboratorio {1 + number % ACTIVITIES}", "2019-02-01", "1", "2019-01-20",
                    "family", "a1",
                ]
            )  # fmt: skip


def ours(path: Path) -> dict[str, float]:
    """Check the file, then write it, as the jobs do."""
    scene = _scene()
    kind = kind_of("recipients")
    if kind is None:
        raise SystemExit("there is no import of recipients")
    place = Place("", "", {"programme": scene.programme, "organisation": scene.cooperative})
    before = _peak()
    started = perf_counter()
    with path.open("rb") as file:
        table = runs.table_of(kind, file, path.name)
        checked = runs.assess(kind.resource(user=scene.operator, place=place, at=timezone.now()), table)
        check = perf_counter() - started
        if checked.refused:
            raise SystemExit(str(checked.problems[:3]))
        promised = checked.outcome
        del checked  # it is another job's
        started = perf_counter()
        rows = kind.resource(user=scene.operator, place=place, at=timezone.now())
        written = Assessment(rows)
        with acting(scene.operator):
            for lines in rows.chunks(table):
                written.add(lines)
                rows.write(lines)
            rows.finish()
        write = perf_counter() - started
    if written.outcome != promised:
        raise SystemExit("something else was written than was checked")
    return {"check": check, "write": write, "rows": _rows(), "memory": _peak() - before}


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

    before = _peak()
    started = perf_counter()
    with path.open(encoding="utf-8") as file:
        data = tablib.Dataset().load(file, format="csv", delimiter=";")
    with acting(scene.operator):
        result = StockResource().import_data(data, raise_errors=True, use_transactions=True)
    write = perf_counter() - started
    if result.has_errors():
        raise SystemExit("the stock resource has refused rows")
    return {"check": 0, "write": write, "rows": _rows(), "memory": _peak() - before}


def _rows() -> int:
    """Return how many rows both sides must have written."""
    return Beneficiary.objects.count() + Identity.objects.count() + Enrolment.objects.count()


def _peak() -> float:
    """Return the largest size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
    """Run one side in a process of its own."""
    answer = subprocess.run([sys.executable, __file__, side, str(path)], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def main() -> None:
    """Write the file, measure both, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path, tenth = Path(folder) / "rows.csv", Path(folder) / "tenth.csv"
        write_file(path, rows)
        write_file(tenth, rows // 10)
        mine, small, other = measured("ours", path), measured("ours", tenth), measured("stock", path)
    both = mine["check"] + mine["write"]
    line(f"import of {rows:,} rows", mine["write"], other["write"], "s")
    line(f"import of {rows:,} rows, {TIMES} times faster is asked", mine["write"], other["write"] / TIMES, "s")
    line(f"check and import of {rows:,} rows, against the import alone", both, other["write"], "s")
    line(f"memory above the start, {rows:,} rows", mine["memory"], other["memory"], "MB")
    line(f"memory above the start, {rows:,} rows beside {rows // 10:,}", mine["memory"], small["memory"], "MB")
    if mine["rows"] != other["rows"]:
        raise SystemExit("the two sides have not written the same")
    print(f"rows written by each: {mine['rows']:.0f}")


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
