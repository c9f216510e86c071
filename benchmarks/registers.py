# SPDX-License-Identifier: EUPL-1.2
"""Measures a register of 25 pupils by 30 meetings: opening it, and saving a row of it.

    python benchmarks/registers.py

The lab is written in one transaction that is rolled back at the end, so nothing of it stays. Prints one line per measure,
`name: ours …, reference …, ratio …`, measured side by side in this run:

* the queries of the page, against the 12 that we hold ourselves to;
* the server time of the page, against the bare SQL that reads its cells;
* the server time of a row of 30 cells that is saved, against the 80 ms that we hold ourselves to, and against bare SQL;
* a pasted block of all 750 cells, from the text to the preview, against one bare read of them.
"""

import os
import sys
from collections.abc import Callable
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

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from actions.models import Meeting  # noqa: E402
from beneficiaries.models import Enrolment  # noqa: E402
from beneficiaries.services.registers import Cell, record_attendance  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from tests.actions.scene import build  # noqa: E402
from tests.beneficiaries.class_of import class_of  # noqa: E402

PUPILS, MEETINGS = 25, 30
QUERIES, MILLISECONDS = 12, 80
SAMPLES = 15
BARE_CELLS = "SELECT meeting_id, enrolment_id, state, minutes FROM beneficiaries_attendance WHERE meeting_id = ANY(%s)"
BARE_ROW = """
INSERT INTO beneficiaries_attendance (meeting_id, enrolment_id, state, minutes)
SELECT meeting, %s, %s, %s FROM unnest(%s) AS meeting
ON CONFLICT (meeting_id, enrolment_id) DO UPDATE SET state = excluded.state, minutes = excluded.minutes
"""


def line(name: str, ours: float, reference: float, unit: str = "ms", decimals: int = 1) -> None:
    """Print one measure."""
    ratio = ours / reference if reference else float("nan")
    print(f"{name}: ours {ours:.{decimals}f} {unit}, reference {reference:.{decimals}f} {unit}, ratio {ratio:.2f}")


def milliseconds(act: Callable[[int], object]) -> float:
    """Return the quickest run of an act, which is told its number: others on the machine only make it slower."""
    times = []
    for number in range(SAMPLES):
        start = perf_counter()
        act(number)
        times.append((perf_counter() - start) * 1000)
    return min(times)


def bare(sql: str, values: list[Any]) -> None:
    """Run bare SQL in the name of the portal."""
    with acting(None), connection.cursor() as cursor:
        cursor.execute(sql, values)
        if cursor.description:
            cursor.fetchall()


def measure(client: Client, address: str, meetings: list[Meeting], pupils: list[Enrolment]) -> None:
    """Print the measures of one register."""
    ids = [meeting.pk for meeting in meetings]
    page = reverse("beneficiaries:register", args=[address])
    client.get(page)
    with CaptureQueriesContext(connection) as found:
        client.get(page)
    line("queries to open 25 by 30", len(found), QUERIES, "queries", 0)
    read = milliseconds(lambda _number: bare(BARE_CELLS, [ids]))
    line("opening 25 by 30", milliseconds(lambda _number: client.get(page)), read)

    cells = reverse("beneficiaries:register-cells", args=[address])

    def row(number: int) -> None:
        text = "AP"[number % 2]
        answer = client.post(cells, {f"cell-{meeting}-{pupils[0].pk}": text for meeting in ids})
        if any(cell["error"] for cell in answer.json()["cells"]):
            sys.exit("a cell was not saved")

    saved = milliseconds(row)
    line("saving a row of 30 cells, against the limit", saved, MILLISECONDS)
    line(
        "saving a row of 30 cells, against bare SQL",
        saved,
        milliseconds(
            lambda number: bare(BARE_ROW, [pupils[1].pk, ("absent", "present")[number % 2], (0, 90)[number % 2], ids])
        ),
    )
    block = "\n".join("\t".join("AP"[place % 2] for place in range(MEETINGS)) for _pupil in pupils)
    data = {"act": "paste", "text": block, "meeting": ids[0], "enrolment": pupils[0].pk}
    address = reverse("beneficiaries:register-block", args=[address])
    line("preview of a pasted block of 750 cells", milliseconds(lambda _number: client.post(address, data)), read)


def main() -> None:
    """Write the lab, measure, and take everything back."""
    setup_test_environment(debug=False)
    # Pages over plain HTTP, with static files as they lie in their folders.
    settings.SESSION_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.STORAGES |= {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with transaction.atomic():
        scene = build()
        lab = scene.activity()
        pupils = class_of(scene, lab, PUPILS)
        meetings = [scene.meeting(lab, date(2019, 2, 5) + timedelta(days=day)) for day in range(MEETINGS)]
        record_attendance(
            activity=lab,
            cells=[Cell(meeting.pk, pupil.pk, "present") for meeting in meetings for pupil in pupils],
            by=scene.operator,
        )
        client = Client()
        client.force_login(scene.operator, backend="allauth.account.auth_backends.AuthenticationBackend")
        measure(client, str(lab.uuid), meetings, pupils)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
