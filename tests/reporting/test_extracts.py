# SPDX-License-Identifier: EUPL-1.2
"""The evaluator's extract: who may have it, what it shows, and that nobody can be found in it."""

import csv
import io
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.enums import BodyRole
from beneficiaries.models import Beneficiary
from fami_portal.core import clock
from fami_portal.core.documents import document_for
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.jobs import run_job
from fami_portal.core.models import AuditEvent, Job
from fami_portal.core.services import acting
from reporting import tasks
from reporting.enums import ExtractProduct
from reporting.models import CountingScope, Extract
from reporting.selectors import extracts as selectors
from reporting.selectors.anonymity import IDENTIFYING, Support, generalised, signature
from reporting.services import extracts as services
from tests.factories.actions import ProgrammeBodyFactory
from tests.factories.partners import CountryFactory, MembershipFactory, OrganisationFactory
from tests.reporting import ledger_world

AT = datetime(2020, 1, 20, 9, tzinfo=UTC)
PURPOSE = "Continuità della frequenza tra un trimestre e l’altro"
UNTIL = date(2020, 6, 30)


class Scene:
    """Two quarters, two networks, two evaluators; few men in one network, and one person of a rare kind."""

    def __init__(self, *, people: bool = False) -> None:
        self.world = world = ledger_world.build()
        self.region = world.region
        self.evaluators = [self._evaluator() for _n in range(3)]
        if people:
            self._people()
        else:
            world.meet(0, date(2019, 2, 5), [world.person()])

    def _people(self) -> None:
        world = self.world
        countries = cycle([CountryFactory(is_third_country=True) for _n in range(3)])
        self.people = [
            world.person(sex=sex, birth_date=date(2010, 1, 1) + timedelta(days=number), citizenship=next(countries))
            for number, sex in enumerate(["female"] * 12 + ["male"] * 9 + ["female"] * 8 + ["male"] * 3)
        ]
        world.meet(0, date(2019, 2, 5), self.people[:21])
        world.meet(1, date(2019, 2, 6), self.people[21:])
        world.meet(1, date(2019, 5, 7), self.people[:24])
        for place in (0, 1):
            world.validate(place, 0)
        world.validate(1, 1)

    def _evaluator(self) -> Any:
        body = OrganisationFactory()
        ProgrammeBodyFactory(programme=self.world.programme, organisation=body, role=BodyRole.EVALUATION)
        return MembershipFactory(organisation=body, role="evaluator").user

    def ask(self, product: str = "rows", *, by: int = 0, first: int = 0, last: int = 0, **more: Any) -> Extract:
        values = {"purpose": PURPOSE, "at": AT} | more
        return services.request_extract(
            programme=self.world.programme,
            product=product,
            first=self.world.periods[first],
            last=self.world.periods[last],
            by=self.evaluators[by],
            **values,
        )

    def approved(self, product: str = "rows", **more: Any) -> Extract:
        extract = services.approve_extract(extract=self.ask(product, **more), expires_on=UNTIL, by=self.region, at=AT)
        run_job(Job.objects.get(kind=selectors.JOB_KIND, subject_id=extract.pk).pk, heartbeat=False)
        extract.refresh_from_db()
        return extract


@pytest.fixture
def scene(db: Any) -> Scene:
    return Scene()


@pytest.fixture
def served(db: Any) -> Scene:
    return Scene(people=True)


def files_of(extract: Extract) -> dict[str, bytes]:
    with extract.document.file.open("rb") as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lines_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_rows_and_tables_show_nobody(served: Scene, client: Client) -> None:
    scene = served
    _rows(scene)
    _tables(scene)
    _elsewhere(scene, client)


def _elsewhere(scene: Scene, client: Client) -> None:
    """What else an evaluator opens has nothing that leads from the portal's pseudonym to the rows, and no small cell."""
    slug = scene.world.programme.slug
    network = CountingScope.objects.get(kind="network", network=scene.world.networks[1])
    pages = {}
    for person in (scene.region, scene.evaluators[0]):
        client.force_login(person)
        query = {"indicator": "pupils", "scope": str(network.uuid)}
        evidence = client.get(reverse("reporting:evidence", args=[slug]), query).content.decode()
        board = client.get(reverse("reporting:dashboard", args=[slug]), query).content.decode()
        whole = client.get(reverse("reporting:dashboard", args=[slug]), {"indicator": "pupils"}).content.decode()
        pages[person] = ("1 h 30" in evidence, 'id="crossed"' in board, 'id="crossed"' in whole)
    assert pages == {scene.region: (True, True, True), scene.evaluators[0]: (False, False, True)}


def _rows(scene: Scene) -> None:
    first = files_of(scene.approved())
    assert set(first) == {"rows.csv", "rows.xlsx", "codebook.csv", "README.txt"}
    rows = lines_of(first["rows.csv"])
    seen: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in rows:
        seen[row["person"]].append(tuple(row[name] for name in IDENTIFYING))
    sizes = Counter(tuple(sorted(mine)) for mine in seen.values())
    assert len(seen) == 32
    assert min(sizes.values()) >= 5
    # The three men of the second network lost their network, and two of the first with them: seven kept it.
    assert Counter((row["network"], row["sex"]) for row in rows)["*", "male"] == 5
    assert all(row["minutes"] == "90" and row["meetings"] == "1" for row in rows)
    # Nothing of the portal's own: neither own code nor pseudonym nor birth date, packed sheets included.
    sheets = zipfile.ZipFile(io.BytesIO(first["rows.xlsx"]))
    text = b"".join([*first.values(), *(sheets.read(name) for name in sheets.namelist())]).decode("latin-1")
    for person in Beneficiary.objects.order_by("pk"):
        for secret in (person.pseudonym, person.local_code, str(person.uuid), person.birth_date.isoformat()):
            assert secret not in text
        assert f"{person.birth_date:%d/%m/%Y}" not in text
    # The codebook explains each column, and each value of the programme's own.
    explained = lines_of(first["codebook.csv"])
    assert {row["Variabile"] for row in explained} == set(rows[0])
    # The same evaluator meets the same persons again in other periods; another evaluator cannot join.
    later = {row["person"] for row in lines_of(files_of(scene.approved(first=1, last=1))["rows.csv"])}
    assert len(later) == 24
    assert later < set(seen)
    # Who asked for the restriction of its data has no row.
    with acting(None):
        Beneficiary.objects.filter(pk=scene.people[0].pk).update(restricted_at=AT)
    others = {row["person"] for row in lines_of(files_of(scene.approved(by=1))["rows.csv"])}
    assert len(others) == 31
    assert not others & set(seen)


def _tables(scene: Scene) -> None:
    lines = lines_of(files_of(scene.approved("tables", by=2))["tables.csv"])
    shown = [int(line["persons"]) for line in lines if line["persons"] != "–"]
    assert all(count == 0 or count >= 5 for count in shown)
    by_network = [line for line in lines if line["table"] == "network × sex"]
    assert {line["persons"] for line in by_network if line["row"] and line["column"]} == {
        "–"
    }  # three men in one of them
    assert sorted(int(line["persons"]) for line in by_network if not line["row"]) == [12, 20, 32]


def test_refusals_leave_nothing_behind(scene: Scene) -> None:
    with pytest.raises(DomainError, match="ancora validato"):
        scene.ask()
    scene.world.validate(0, 0)
    with pytest.raises(DomainError, match="domanda") as no_purpose:
        scene.ask(purpose="Ricerca")
    assert no_purpose.value.field == "purpose"
    with pytest.raises(DomainError, match="non è ancora finito"):
        scene.ask(last=2, at=datetime(2019, 9, 30, 20, tzinfo=UTC))
    with pytest.raises(DomainError, match="prima"):
        scene.ask(first=1, last=0)
    with pytest.raises(NotPermitted):
        services.request_extract(
            programme=scene.world.programme,
            product="rows",
            first=scene.world.periods[0],
            last=scene.world.periods[0],
            purpose=PURPOSE,
            by=scene.region,
            at=AT,
        )
    assert not Extract.objects.exists()
    key = "6f0c2fd8-6f0f-4c6d-9d2b-8f4f3d0f8d11"
    extract = scene.ask(key=key)
    assert scene.ask(key=key) == extract  # a double click
    for overlapping in ({"last": 1}, {"product": "tables"}, {"first": 0, "last": 2}):
        with pytest.raises(DomainError, match="in comune"):
            scene.ask(**overlapping)
    scene.ask(by=1, last=1)  # another evaluator
    scene.ask(first=1, last=2)
    colleague = MembershipFactory(organisation=extract.organisation, role="evaluator").user
    for wrong in (*scene.evaluators, colleague):
        with pytest.raises(NotPermitted):
            services.approve_extract(extract=extract, expires_on=UNTIL, by=wrong, at=AT)
    for day in (AT.date(), AT.date() + timedelta(days=400)):
        with pytest.raises(DomainError, match="entro un anno"):
            services.approve_extract(extract=extract, expires_on=day, by=scene.region, at=AT)
    with pytest.raises(services.ExtractExpired):
        services.open_extract(extract=extract, by=colleague, at=AT)
    services.refuse_extract(extract=extract, reason="Lo scopo non basta", by=scene.region, at=AT)
    with pytest.raises(DomainError):
        services.approve_extract(extract=extract, expires_on=UNTIL, by=scene.region, at=AT)
    scene.ask()  # refused, so the periods are free again


def test_each_opening_is_recorded_until_the_approval_ends(scene: Scene) -> None:
    scene.world.validate(0, 0)
    extract = scene.approved()
    evaluator = scene.evaluators[0]
    document = services.open_extract(extract=extract, by=evaluator, at=AT)
    opened = AuditEvent.objects.get(verb="extract_opened")
    assert (opened.actor_id, opened.target_id, opened.data["sha256"]) == (
        evaluator.pk,
        str(extract.pk),
        document.sha256,
    )
    for wrong in (scene.region, scene.evaluators[1]):
        with pytest.raises(NotPermitted):
            services.open_extract(extract=extract, by=wrong, at=AT)
    # The address of the document alone opens nothing, not even to the evaluator.
    for person in (evaluator, scene.region):
        with pytest.raises((Http404, PermissionDenied)):
            document_for(person, document.uuid)
    late = datetime(2020, 7, 1, 9, tzinfo=UTC)
    with pytest.raises(services.ExtractExpired, match="30/06/2020"):
        services.open_extract(extract=extract, by=evaluator, at=late)
    services.approve_extract(extract=extract, expires_on=date(2020, 12, 31), by=scene.region, at=late)
    assert services.open_extract(extract=extract, by=evaluator, at=late) == document  # the same file, never a new one
    assert AuditEvent.objects.filter(verb="extract_opened").count() == 2
    assert AuditEvent.objects.filter(verb="extract_extended").count() == 1


def test_the_file_of_an_expired_extract_is_destroyed(
    scene: Scene, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    scene.world.validate(0, 0)
    extract = scene.approved()
    document, path = extract.document, extract.document.file.path
    last, over = datetime(2020, 6, 30, 21, tzinfo=UTC), datetime(2020, 6, 30, 23, tzinfo=UTC)  # in Rome, the next day
    assert services.destroy_expired(at=last) == 0
    services.approve_extract(extract=extract, expires_on=date(2020, 7, 1), by=scene.region, at=last)
    assert services.destroy_expired(at=over) == 0  # the day was moved
    over += timedelta(days=1)
    with django_capture_on_commit_callbacks(execute=True):
        assert [services.destroy_expired(at=over), services.destroy_expired(at=over)] == [1, 0]

    document.refresh_from_db()
    assert (document.destroyed_at, document.file.name, Path(path).exists()) == (over, "", False)
    assert document.sha256 == AuditEvent.objects.get(verb="extract_destroyed").data["sha256"]
    with pytest.raises(services.ExtractExpired, match="distrutto il 02/07/2020"):
        services.open_extract(extract=extract, by=scene.evaluators[0], at=last)
    with pytest.raises(DomainError, match="distrutto il 02/07/2020"):
        services.approve_extract(extract=extract, expires_on=date(2020, 12, 31), by=scene.region, at=over)
    client.force_login(scene.region)
    page = client.get(extract.get_absolute_url()).content.decode()
    assert "il file è stato distrutto il 02/07/2020" in page
    assert "File distrutto" in page
    assert document.sha256 in page
    assert reverse("reporting:extract-approve", args=[extract.uuid]) not in page
    assert [slot.name for slot in tasks.days(over)] == [f"{clock.today():%Y-%m-%d}"]


def test_pages_of_an_extract(scene: Scene, client: Client) -> None:
    evaluator, region = scene.evaluators[0], scene.region
    scene.world.validate(0, 0)
    client.force_login(evaluator)
    new = reverse("reporting:extract-new", args=[scene.world.programme.slug])
    page = client.post(new, {"product": "rows", "purpose": PURPOSE, "first_period": "2019-Q1"})
    assert page.status_code == 422
    assert "Scegli l’ultimo periodo" in page.content.decode()
    page = client.post(
        new, {"product": "rows", "purpose": PURPOSE, "first_period": "2019-Q1", "last_period": "2019-Q2"}, follow=True
    )
    extract = Extract.objects.get()
    assert page.redirect_chain[0][0] == extract.get_absolute_url()
    client.force_login(region)
    home = client.get(reverse("home")).content.decode()
    assert extract.get_absolute_url() in home
    approve = reverse("reporting:extract-approve", args=[extract.uuid])
    assert "non sono validate" not in client.get(approve).content.decode()
    assert client.post(approve, {"expires_on": "2001-01-01"}).status_code == 422
    until = (datetime.now(tz=UTC) + timedelta(days=60)).date().isoformat()
    assert client.post(approve, {"expires_on": until}).status_code == 302
    run_job(Job.objects.get(kind=selectors.JOB_KIND).pk, heartbeat=False)
    client.force_login(evaluator)
    opening = client.post(reverse("reporting:extract-open", args=[extract.uuid]))
    assert b"".join(opening.streaming_content).startswith(b"PK")
    assert "attachment" in opening["Content-Disposition"]
    for name in ("reporting:extract", "reporting:extract-codebook"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            content = client.get(reverse(name, args=[extract.uuid])).content.decode()
        assert len(queries) <= 15
    assert "outcome_language" in content
    counts = []
    for times in (0, 3):
        with acting(None):
            for _time in range(times):
                Extract.objects.create(
                    programme=extract.programme,
                    organisation=extract.organisation,
                    product=ExtractProduct.ROWS,
                    first_period=extract.first_period,
                    last_period=extract.last_period,
                    purpose=PURPOSE,
                    state="refused",
                    requested_at=AT,
                    requested_by=evaluator,
                    decided_at=AT,
                    decided_by=region,
                    reason="No",
                )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("reporting:extract-list")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


VALUES = {
    "sex": st.sampled_from(["female", "male"]),
    "age_band": st.sampled_from(["under_18", "over_60"]),
    "citizenship": st.sampled_from(["Perù", "Mali"]),
    "third_country": st.booleans(),
    "group": st.sampled_from(["a", "b"]),
    "action": st.sampled_from(["1", "2"]),
    "network": st.sampled_from(["n", "m", "o"]),
    "body": st.sampled_from(["x", "y", "z"]),
    "activity_type": st.just("lab"),
    "period": st.sampled_from(["q1", "q2"]),
}
SUPPORTS = st.lists(st.lists(st.builds(Support, **VALUES), min_size=1, max_size=2), max_size=25)


@settings(max_examples=25, deadline=None)
@given(SUPPORTS)
def test_covered_rows_are_true_and_never_of_fewer_than_five(rows: list[list[Support]]) -> None:
    before = dict(enumerate(rows))
    covered = generalised(before)
    sizes = Counter(signature(mine) for mine in covered.supports.values())
    assert all(size >= 5 for size in sizes.values())
    assert len(covered.supports) + covered.left_out == len(before)
    for person, mine in covered.supports.items():
        for told, real in zip(mine, before[person], strict=True):
            for name in IDENTIFYING:
                assert getattr(told, name) in (getattr(real, name), "*") or name == "citizenship"
    # Nobody is touched where everybody is common.
    many = dict.fromkeys(range(5), rows[0]) if rows else {}
    assert generalised(many).supports == many
