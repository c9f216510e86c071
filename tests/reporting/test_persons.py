# SPDX-License-Identifier: EUPL-1.2
"""Persons reached: gross beside unique, by place and period, from totals alone."""

import csv
import io
from datetime import date
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reporting.enums import ScopeKind
from reporting.models import CountingScope, OpenPairTotal
from reporting.selectors import persons
from tests.factories.partners import MembershipFactory
from tests.reporting import ledger_world


def test_gross_and_unique_by_place_and_period(db: Any, client: Client) -> None:
    world = ledger_world.build()
    people = [world.person() for _n in range(6)]
    world.meet(0, date(2019, 2, 5), people[:4])
    world.meet(1, date(2019, 2, 6), people[2:5])
    world.meet(1, date(2019, 5, 6), people[3:])
    for place, quarter in ((0, 0), (1, 0), (1, 1)):
        world.validate(place, quarter)
    whole = CountingScope.objects.get(programme=world.programme, kind=ScopeKind.PROGRAMME)
    OpenPairTotal.objects.create(scope=whole, indicator=world.indicators["pupils"], quantity=2)

    first = persons.overview(world.region, world.programme, indicator="pupils", period="2019-Q1")
    assert [(line[1].new, line[1].to_date, line[1].gross_to_date) for line in first.lines] == [(4, 4, 4), (3, 3, 3)]
    assert (first.gross.new, first.gross.to_date) == (7, 7)
    assert first.whole is not None
    assert first.whole[1] == persons.Reached(new=5, to_date=5, gross_new=7, gross_to_date=7, open_pairs=2)
    last = persons.overview(world.region, world.programme, indicator="pupils", period="2019-Q2")
    assert [(line[1].new, line[1].to_date) for line in last.lines] == [(0, 4), (1, 4)]
    assert last.whole is not None
    assert last.whole[1] == persons.Reached(new=1, to_date=6, gross_new=1, gross_to_date=8, open_pairs=2)
    actions = persons.overview(world.region, world.programme, level="action", indicator="pupils")
    assert [(line[0].kind, line[1].to_date) for line in actions.lines[:1]] == [("action", 6)]
    assert [line[1].gross_to_date for line in actions.lines] == [8, None, None, None]

    # An indicator that counts several actions: each has the networks that carry it out, none where one of them does not
    # tell its actions apart; what one network alone carries out is its own part.
    def several() -> list[tuple[int, int | None]]:
        shown = persons.overview(world.region, world.programme, level="action", indicator="people")
        return [(reached.to_date, reached.gross_to_date) for _scope, reached in shown.lines]

    assert several() == [(6, 8), (0, 0), (0, 0), (0, 0)]

    # The page links each unique figure to its evidence, and the file has the same lines; few queries, always as many.
    client.force_login(world.region)
    address = reverse("reporting:persons", args=[world.programme.slug])
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address, {"indicator": "pupils", "by": "body"}).content.decode()
    assert len(queries) <= 15
    assert "Somma delle righe (lordo)" in page
    assert f"scope={whole.uuid}" in page.replace("&amp;", "&")
    evidence = reverse("reporting:evidence", args=[world.programme.slug])
    for scope, gross in ((whole, 8), (actions.lines[0][0], 8), (actions.lines[1][0], None), (first.lines[0][0], 4)):
        facts = dict(client.get(evidence, {"indicator": "pupils", "scope": scope.uuid}).context["facts"])
        assert facts.get("Lordo: somma delle parti") == gross
    file = client.get(
        reverse("reporting:persons-export", args=[world.programme.slug, "csv"]), {"indicator": "pupils", "by": "body"}
    )
    lines = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert [line[5:] for line in lines[1:]] == [
        ["0", "", "4", "", "0"],
        ["1", "", "4", "", "0"],
        ["1", "1", "6", "8", "2"],
    ]

    world.meet(0, date(2019, 5, 7), people[:1], kind="course")
    world.validate(0, 1)
    assert several() == [(6, None), (1, 1), (0, 0), (0, 0)]

    # Who coordinates one network sees that one and its bodies, never the programme.
    coordinator = MembershipFactory(organisation=world.bodies[0], role="network_coordinator")
    coordinator.networks.add(world.networks[0])
    own = persons.overview(coordinator.user, world.programme, indicator="pupils")
    assert [line[0].network for line in own.lines] == [world.networks[0]]
    assert own.whole is None


def test_empty_programme_has_an_empty_page(db: Any, client: Client) -> None:
    world = ledger_world.build()
    client.force_login(world.region)
    page = client.get(reverse("reporting:persons", args=[world.programme.slug]))
    assert page.status_code == 200
