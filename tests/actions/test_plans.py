# SPDX-License-Identifier: EUPL-1.2
"""Plans of a lower level, versions of targets, and the extension of a programme."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from actions.definition.loading import check
from actions.definition.parsing import read
from actions.enums import ActivityKind, ChangeReason
from actions.models import Indicator, IndicatorTarget, Period, Plan, Programme
from actions.selectors.rules import current_target
from actions.selectors.targets import targets_of, versions
from actions.services.definitions import load_definition
from actions.services.extensions import extend_programme
from actions.services.plans import create_plan, remove_plan, update_plan
from actions.services.targets import new_target_version
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from fami_portal.core.services import acting
from tests.actions.scene import END, START, Scene
from tests.actions.test_definition_file import SMALL, replaced


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refusals are read here as they are written in the code; pages as people read them."""
    with translation.override("it" if "page" in request.node.name else "en"):
        yield


def a_plan(scene: Scene, **values: Any) -> Plan:
    given: dict[str, Any] = {
        "programme": scene.programme,
        "title": "Piano dell’Ambito",
        "network": scene.network,
        "organisation": scene.cooperative,
        "starts_on": START,
        "ends_on": date(2019, 12, 31),
        "by": scene.coordinator,
    }
    return create_plan(**(given | values))


def an_indicator(scene: Scene, **values: Any) -> Indicator:
    given: dict[str, Any] = {
        "code": "PERSONE",
        "title": "Persone",
        "kind": "target",
        "measure": "persons",
        "unit": "persons",
    }
    with acting(None):
        return Indicator.objects.create(programme=scene.programme, **(given | values))


def promise(scene: Scene, indicator: Indicator, value: int, day: date = START, **values: Any) -> IndicatorTarget:
    last = IndicatorTarget.objects.filter(indicator=indicator, plan=values.get("plan"), network=None)
    newest = last.order_by("-valid_from", "-number").first()
    given: dict[str, Any] = {
        "reason": ChangeReason.REALLOCATION if newest else ChangeReason.FIRST,
        "last": newest.pk if newest else None,
        "by": scene.region,
        "at": timezone.now(),
    }
    return new_target_version(indicator=indicator, value=value, valid_from=day, **(given | values))


def test_plan_is_written_once_by_who_coordinates_and_holds_its_activities(scene: Scene) -> None:
    key = uuid.uuid4()
    plan = a_plan(scene, key=key)
    assert a_plan(scene, key=key) == plan, "a double click makes one"
    for values, field in (
        ({"title": " piano dell’ambito "}, "title"),
        ({"title": "Altro", "organisation": scene.stranger}, "organisation"),
        ({"title": "Altro", "ends_on": date(2031, 1, 1)}, "ends_on"),
    ):
        with pytest.raises(DomainError) as refused:
            a_plan(scene, **values)
        assert refused.value.field == field
    with pytest.raises(NotPermitted):
        a_plan(scene, title="Altro", by=scene.operator)
    lab = scene.activity(ActivityKind.LAB, plan=plan)
    assert lab.plan == plan
    with pytest.raises(DomainError, match="must be within it") as outside:
        scene.activity(ActivityKind.LAB, plan=plan, ends_on=END)
    assert outside.value.field == "plan"
    with pytest.raises(DomainError, match="the plan must hold it"):
        update_plan(plan=plan, version=1, title=plan.title, starts_on=START, ends_on=date(2019, 6, 1), by=scene.region)
    update_plan(plan=plan, version=1, title="Piano 2019", starts_on=START, ends_on=END, by=scene.coordinator)
    with pytest.raises(StaleError):
        update_plan(plan=plan, version=1, title="Piano", starts_on=START, ends_on=END, by=scene.coordinator)

    promised, mistaken = a_plan(scene, title="Promesso"), a_plan(scene, title="Sbagliato")
    promise(scene, an_indicator(scene), 10, plan=promised)
    for there in (plan, promised):
        with pytest.raises(DomainError, match="it stays"):
            remove_plan(plan=there, reason="Rete sbagliata", by=scene.region)
    with pytest.raises(NotPermitted):
        remove_plan(plan=mistaken, reason="Rete sbagliata", by=scene.operator)
    for _click in range(2):
        remove_plan(plan=mistaken, reason="Rete sbagliata", by=scene.coordinator)
    assert set(Plan.objects.order_by("pk")) == {plan, promised}
    assert AuditEvent.objects.get(verb="plan_removed").reason == "Sbagliato: Rete sbagliata"


def test_versions_of_a_target_stay_and_the_one_of_the_day_holds(scene: Scene) -> None:
    indicator = an_indicator(scene)
    promise(scene, indicator, 100)
    with pytest.raises(DomainError, match="number and date"):
        promise(scene, indicator, 150, date(2020, 1, 1), reason=ChangeReason.REMODULATION)
    promise(scene, indicator, 150, date(2020, 1, 1), reason=ChangeReason.REMODULATION, act="Determina 1")
    corrected = promise(scene, indicator, 140, date(2020, 1, 1), reason=ChangeReason.CORRECTION)
    assert promise(scene, indicator, 140, date(2020, 1, 1), reason=ChangeReason.CORRECTION) == corrected
    rows = versions(targets_of(scene.programme))
    assert [(row.target.value, row.until, row.corrected, row.difference) for row in rows] == [
        (100, date(2019, 12, 31), False, None),
        (150, None, True, 50),
        (140, None, False, -10),
    ]
    indicator = Indicator.objects.prefetch_related("targets").get()
    assert current_target(indicator, date(2019, 12, 31)) == 100
    assert current_target(indicator, date(2020, 1, 1)) == 140
    with pytest.raises(StaleError):
        promise(scene, indicator, 160, date(2020, 2, 1), last=None)
    with pytest.raises(DomainError, match="that day or a later one"):
        promise(scene, indicator, 160, date(2019, 2, 1))
    with pytest.raises(NotPermitted):
        promise(scene, indicator, 160, date(2020, 2, 1), by=scene.coordinator)


def test_a_file_undoes_no_version_made_in_the_portal(db: Any) -> None:
    def load(text: str) -> list[Any]:
        return load_definition(definition=check(read(text.encode(), "small.yaml")), by=None).changes

    load(SMALL)
    target = IndicatorTarget.objects.select_related("indicator__programme").order_by("pk").first()
    assert target is not None
    programme, indicator = target.indicator.programme, target.indicator
    new_target_version(
        indicator=indicator,
        value=target.value + 5,
        valid_from=target.valid_from,
        reason=ChangeReason.CORRECTION,
        last=target.pk,
        by=None,
        at=timezone.now(),
    )
    extend_programme(
        programme=programme,
        extended_to=date(programme.last_day.year + 1, 6, 30),
        deed_number="7",
        deed_on=date(2020, 1, 7),
        reason="Proroga",
        by=None,
        at=timezone.now(),
    )
    assert load(SMALL) == []
    programme.refresh_from_db()
    assert programme.extended_to is not None
    assert indicator.targets.count() == 2
    with pytest.raises(DomainError, match="made in the portal"):
        load(replaced((f"target: {target.value}", f"target: {target.value + 9}")))
    assert load(replaced((f"target: {target.value}", f"target: {target.value + 5}"))), (
        "the file says the same: it follows"
    )


def test_extension_adds_periods_and_lets_activities_run_to_it(scene: Scene) -> None:
    with acting(None):
        Period.objects.filter(programme=scene.programme).delete()
    values: dict[str, Any] = {
        "programme": scene.programme,
        "deed_number": "DD 12",
        "deed_on": date(2020, 11, 3),
        "reason": "Proroga del fondo",
        "by": scene.region,
        "at": timezone.now(),
        "key": uuid.uuid4(),
    }
    with pytest.raises(DomainError, match="must come after it") as refused:
        extend_programme(extended_to=END, **values)
    assert refused.value.field == "extended_to"
    with pytest.raises(NotPermitted):
        extend_programme(extended_to=date(2021, 6, 30), **(values | {"by": scene.coordinator}))
    with pytest.raises(DomainError, match="check the year"):
        extend_programme(extended_to=date(2202, 6, 30), **values)
    extension = extend_programme(extended_to=date(2021, 6, 30), **values)
    assert extend_programme(extended_to=date(2021, 6, 30), **values) == extension
    programme = Programme.objects.get(pk=scene.programme.pk)
    assert (programme.last_day, programme.ends_on) == (date(2021, 6, 30), END)
    assert list(programme.periods.order_by("starts_on").values_list("code", flat=True))[-2:] == ["2021-Q1", "2021-Q2"]
    assert scene.activity(ActivityKind.LAB, ends_on=date(2021, 6, 1)).ends_on == date(2021, 6, 1)
    assert AuditEvent.objects.filter(verb="programme_extended").count() == 1


def test_pages_of_plans_and_targets(scene: Scene, client: Client) -> None:
    indicator, plan = an_indicator(scene), a_plan(scene)
    scene.activity(ActivityKind.LAB, plan=plan, title="Laboratorio del piano")
    promise(scene, indicator, 1200)
    promise(scene, indicator, 60, plan=plan, by=scene.coordinator)
    client.force_login(scene.coordinator)
    address = reverse("actions:target-new", args=["prova", indicator.pk])
    data = {"scope": f"plan-{plan.pk}", "value": "80", "valid_from": "2019-06-01", "reason": "reallocation", "act": ""}
    refused = client.post(address, data | {"scope": "programme"})
    assert refused.status_code == 200, "the target of the whole programme is not offered"
    assert client.post(address, data).status_code == 302
    page = client.get(plan.get_absolute_url()).content.decode()
    assert "Laboratorio del piano" in page
    assert "80" in page
    client.force_login(scene.region)
    assert "1.200" in client.get(reverse("actions:target-list", args=["prova"])).content.decode()
    form = {"extended_to": "2020-01-01", "deed_number": "1", "deed_on": "2019-01-01", "reason": "Proroga"}
    extend = reverse("actions:programme-extend", args=["prova"])
    assert "Proroga" in client.post(extend, form).content.decode(), "what was typed is still there"
    assert client.post(extend, form | {"extended_to": "2021-03-31"}).status_code == 302
    assert "31/03/2021" in client.get(scene.programme.get_absolute_url()).content.decode()
    remove = reverse("actions:plan-remove", args=[plan.slug])
    assert remove in client.get(reverse("actions:plan-edit", args=[plan.slug])).content.decode()
    assert "quota di budget" in client.post(remove, {"reason": "Doppio"}).content.decode()


def test_page_gives_an_activity_its_plan_later_until_a_period_is_closed(scene: Scene, client: Client) -> None:
    plan = a_plan(scene)
    other = a_plan(scene, title="Piano di due mesi", ends_on=date(2019, 2, 28))
    lab = scene.activity(title="Laboratorio")
    address = reverse("actions:activity-edit", args=[lab.uuid])
    client.force_login(scene.operator)

    def send(chosen: Plan | None) -> Any:
        lab.refresh_from_db()
        values = {"title": lab.title, "starts_on": "2019-01-10", "ends_on": "2019-12-20", "venue": scene.school.pk}
        return client.post(address, {**values, "plan": chosen.pk if chosen else "", "version": lab.version})

    assert send(other).context["form"].errors["plan"], "the activity is longer than this plan"
    assert send(plan).status_code == 302
    lab.refresh_from_db()
    assert (lab.plan, client.get(address).context["form"]["plan"].value()) == (plan, plan.pk)
    scene.close(1)
    assert "2019-Q2" in str(send(None).context["form"].errors["plan"])
    assert send(plan).status_code == 302, "all else can still be corrected"
    lab.refresh_from_db()
    assert lab.plan == plan
