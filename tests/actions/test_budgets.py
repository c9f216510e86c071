# SPDX-License-Identifier: EUPL-1.2
"""Budgets by action: they add up at every level, or every wrong sum is said and nothing is saved."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.definition.loading import check, read_definition
from actions.definition.parsing import read
from actions.enums import ChangeReason
from actions.forms.budgets import read_euro, written_euro
from actions.models import Budget, BudgetShare, Plan
from actions.selectors.budgets import WHOLE, Line, amount_of, cells_of, table_of, wrong_sums
from actions.selectors.plans import bodies_to_plan
from actions.services.budgets import BudgetDoesNotAddUp, BudgetRefused, save_budget
from actions.services.definitions import load_definition
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting
from partners.enums import NetworkRole
from partners.models import NetworkMember
from tests.actions.scene import START, Scene
from tests.actions.test_definition_load import FOLDER


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refusals are read here as they are written in the code; pages as people read them."""
    with translation.override("it" if "page" in request.node.name else "en"):
        yield


def cells(scene: Scene, *, whole: int = 1000, network: int = 700, own: int = 400, school: int = 300) -> dict[Any, int]:
    """A table in euro: the Region keeps what the network has not, the network is divided among its two bodies."""
    action, net = scene.action.pk, scene.network.pk
    table = {
        (WHOLE, action): whole * 100,
        (Line(organisation=scene.lead.pk), action): (whole - network) * 100,
        (Line(net), action): network * 100,
        (Line(net, 0, scene.cooperative.pk), action): own * 100,
        (Line(net, 0, scene.school.pk), action): school * 100,
    }
    return {place: cents for place, cents in table.items() if cents}


def save(scene: Scene, table: dict[Any, int], **values: Any) -> Budget:
    given_values: dict[str, Any] = {
        "programme": scene.programme,
        "cells": table,
        "total_cents": 100_000,
        "valid_from": START,
        "reason": ChangeReason.FIRST,
        "number": 0,
        "by": scene.region,
        "at": timezone.now(),
    }
    return save_budget(**(given_values | values))


def test_table_that_adds_up_is_a_version_and_the_next_one_leaves_it(scene: Scene) -> None:
    first = save(scene, cells(scene))
    with pytest.raises(DomainError, match=r"number and date") as refused:
        save(scene, cells(scene, own=350, school=350), number=1, reason=ChangeReason.REMODULATION)
    assert refused.value.field == "act"
    values: dict[str, Any] = {
        "number": 1,
        "reason": ChangeReason.REMODULATION,
        "act": "Determina 1",
        "key": uuid.uuid4(),
    }
    second = save(scene, cells(scene, own=350, school=350), valid_from=date(2020, 1, 1), **values)
    assert save(scene, cells(scene), valid_from=date(2020, 1, 1), **values) == second, "a double click saves once"
    assert (second.number, cells_of(first)) == (2, cells(scene))
    with pytest.raises(StaleError):
        save(scene, cells(scene), number=1, reason=ChangeReason.CORRECTION)
    with pytest.raises(DomainError, match="that day or a later one"):
        save(scene, cells(scene), number=2, reason=ChangeReason.CORRECTION)
    assert Budget.objects.count() == 2


def test_what_else_is_wrong_is_told_together_with_the_sums(scene: Scene) -> None:
    save(scene, cells(scene))
    late = {"number": 1, "reason": ChangeReason.REMODULATION, "valid_from": date(2018, 1, 1)}
    with pytest.raises(BudgetDoesNotAddUp) as refused:
        save(scene, cells(scene, own=350), **late)
    assert [problem.field for problem in refused.value.problems] == ["act", "valid_from"]
    assert len(refused.value.sums) == 1
    with pytest.raises(BudgetRefused) as two:
        save(scene, cells(scene, own=350, school=350), **late)
    assert ([problem.field for problem in two.value.problems], two.value.sums) == (["act", "valid_from"], [])


def test_every_wrong_sum_is_named_with_its_level_and_difference(scene: Scene) -> None:
    table = cells(scene, own=350)
    table[WHOLE, scene.action.pk] = 99_000
    with pytest.raises(BudgetDoesNotAddUp) as refused:
        save(scene, table)
    said = [str(wrong).replace("\u00a0", " ") for wrong in refused.value.sums]
    assert [(wrong.expected, wrong.found) for wrong in refused.value.sums] == [
        (100_000, 99_000),
        (99_000, 100_000),
        (70_000, 75_000 - 10_000),
    ]
    assert "Rete 1" in said[2]
    assert "700,00" in said[2] or "700.00" in said[2]
    assert not Budget.objects.exists()


def test_who_joins_in_helps_or_evaluates_and_bodies_elsewhere_have_no_share(scene: Scene) -> None:
    elsewhere = cells(scene, own=700, school=0) | {(Line(scene.network.pk, 0, scene.stranger.pk), scene.action.pk): 1}
    for role in (NetworkRole.ADHERENT, NetworkRole.TECHNICAL_ASSISTANCE, NetworkRole.EVALUATOR):
        with acting(None):
            NetworkMember.objects.filter(organisation=scene.school).update(role=role)
        for table in (cells(scene), elsewhere):
            with pytest.raises(DomainError, match="no share in this action"):
                save(scene, table)
        labels = [row.label for row in table_of(scene.programme, START, None).rows]
        assert ("Cooperativa Prova" in labels, "Istituto comprensivo Prova" in labels) == (True, False)
        assert list(bodies_to_plan([scene.network])) == [scene.cooperative]


def test_coordinator_divides_the_share_of_the_own_network_alone(scene: Scene) -> None:
    save(scene, cells(scene, own=700, school=0))
    change: dict[str, Any] = {"number": 1, "reason": ChangeReason.REALLOCATION, "by": scene.coordinator}
    net, action = scene.network.pk, scene.action.pk
    own = {(Line(net), action): 70_000, (Line(net, 0, scene.cooperative.pk), action): 40_000}
    with pytest.raises(BudgetDoesNotAddUp):
        save(scene, own, **change)
    own[Line(net, remainder=True), action] = 30_000
    saved = save(scene, own, **change)
    assert cells_of(saved)[Line(organisation=scene.lead.pk), action] == 30_000, "what others have is taken over"
    change["number"] = 2
    with pytest.raises(DomainError, match="decided by the Region"):
        save(scene, own | {(Line(organisation=scene.lead.pk), action): 1}, **change)
    with pytest.raises(NotPermitted):
        save(scene, own, **(change | {"by": scene.operator}))


def test_plan_of_a_network_holds_the_shares_of_its_bodies(scene: Scene) -> None:
    with acting(None):
        plan = Plan.objects.create(
            programme=scene.programme,
            slug="ambito",
            title="Piano dell’Ambito",
            organisation=scene.cooperative,
            network=scene.network,
            starts_on=START,
            ends_on=scene.programme.ends_on,
        )
    net, action = scene.network.pk, scene.action.pk
    table = {
        (WHOLE, action): 100_000,
        (Line(net), action): 100_000,
        (Line(net, plan.pk), action): 100_000,
        (Line(net, plan.pk, scene.cooperative.pk), action): 60_000,
    }
    with pytest.raises(BudgetDoesNotAddUp) as refused:
        save(scene, table)
    assert [wrong.level for wrong in refused.value.sums] == ["Piano dell’Ambito"]
    save(scene, table | {(Line(net, plan.pk, remainder=True), action): 40_000})
    assert amount_of(plan, START) == 100_000


def test_database_refuses_shares_that_do_not_add_up(scene: Scene) -> None:
    budget = save(scene, cells(scene))
    for change in (
        lambda: BudgetShare.objects.filter(organisation=scene.school).update(cents=1),
        lambda: BudgetShare.objects.filter(organisation=scene.school).delete(),
        lambda: BudgetShare.objects.create(
            budget=budget, action=scene.action, plan=None, network=None, remainder=True, cents=5
        ),
    ):
        with pytest.raises(IntegrityError, match="do not add up"), acting(None), transaction.atomic():
            change()
    with acting(None):
        budget.delete()
    assert not BudgetShare.objects.exists()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=4), min_size=1, max_size=3),
    st.integers(0, 10),
    st.integers(-5, 5),
)
def test_sums_come_out_exactly_when_every_level_does(tree: list[list[int]], place: int, error: int) -> None:
    table: dict[tuple[Line, int | None], int] = {}
    for number, bodies in enumerate(tree, 1):
        table[Line(number), 1] = sum(bodies)
        for body, cents in enumerate(bodies, 1):
            table[Line(number, 0, body), 1] = cents
    table[WHOLE, 1] = sum(map(sum, tree))
    total = table[WHOLE, 1]
    assert wrong_sums(table, total) == []
    spoiled = sorted(table)[place % len(table)]
    if error and table[spoiled] + error > 0:
        table[spoiled] += error
        assert wrong_sums(table, total), "one wrong amount never passes"


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,50", 123_450),
        ("1234.5", 123_450),
        ("€ 1 234", 123_400),
        ("237.170", 23_717_000),
        ("0,05", 5),
        ("1,234.50", 123_450),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, cents: int) -> None:
    assert read_euro(text) == cents
    assert read_euro(written_euro(cents)) == cents


def test_pages_show_the_table_and_keep_what_was_typed(scene: Scene, client: Client) -> None:
    address = reverse("actions:budget-edit", args=["prova"])
    client.force_login(scene.outsider)
    assert client.get(address).status_code == 404
    client.force_login(scene.operator)
    assert client.get(address).status_code == 403
    assert client.get(reverse("actions:budget", args=["prova"])).status_code == 200
    client.force_login(scene.teacher)
    assert client.get(reverse("actions:budget", args=["prova"])).status_code == 403
    client.force_login(scene.region)
    assert client.get(reverse("actions:budget", args=["prova"])).status_code == 200, "before the first version too"
    page = client.get(address)
    names = {f"c-{line.key}-{action}": str(cents // 100) for (line, action), cents in cells(scene, own=350).items()}
    data = {
        **names,
        "total": "1.000,00",
        "valid_from": "2019-01-01",
        "reason": "first",
        "version": "0",
        "submission_key": str(uuid.uuid4()),
    }
    nothing_but_amounts = {name: value for name, value in data.items() if name not in ("reason", "valid_from")}
    both = client.post(address, nothing_but_amounts)
    assert {"reason", "valid_from"} <= both.context["form"].errors.keys()
    assert "€\u00a050,00" in both.content.decode(), "the wrong sums are told with what was forgotten"
    refused = client.post(address, data).content.decode()
    assert "350" in refused, "what was typed is still there"
    assert refused.count("-50,00") + refused.count("\u221250,00") + refused.count("\u2212€\u00a050,00") >= 1
    network = scene.network.pk
    data[f"c-{network}-0-{scene.cooperative.pk}-0-{scene.action.pk}"] = "400,00"
    assert client.post(address, data).status_code == 302, page.content
    shown = client.get(reverse("actions:budget", args=["prova"])).content.decode()
    assert "€\u00a0400,00" in shown


def test_definitions_give_the_first_version_and_undo_nothing_that_was_decided_in_the_portal(db: Any) -> None:
    for name in ("labimpact.yaml", "lab-impact-offertasociale.yaml"):
        load_definition(definition=read_definition(FOLDER / name), by=None)
    plan = Plan.objects.get()
    programme = plan.programme
    first = Budget.objects.get()
    assert (first.total_cents, amount_of(plan, programme.starts_on)) == (520_300_000, 6_755_500)
    assert cells_of(first)[Line(remainder=True), None] == 520_300_000 - 6_755_500
    table = cells_of(first) | {(Line(plan=plan.pk), None): 7_000_000, (Line(remainder=True), None): 513_300_000}
    save_budget(
        programme=programme,
        cells=table,
        total_cents=520_300_000,
        valid_from=date(2019, 1, 1),
        reason=ChangeReason.REALLOCATION,
        number=1,
        by=None,
        at=timezone.now(),
    )
    for name in ("labimpact.yaml", "lab-impact-offertasociale.yaml"):
        assert load_definition(definition=read_definition(FOLDER / name), by=None).changes == []
    assert (Budget.objects.count(), amount_of(plan, date(2019, 1, 1))) == (2, 7_000_000)
    text = (FOLDER / "labimpact.yaml").read_text("utf-8").replace("budget: 5203000", "budget: 5203001")
    with pytest.raises(DomainError, match="versions made in the portal"):
        load_definition(definition=check(read(text.encode(), "labimpact.yaml")), by=None)
