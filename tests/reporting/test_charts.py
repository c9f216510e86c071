# SPDX-License-Identifier: EUPL-1.2
"""Pictures with axes: served as images, kept by posting, closed to strangers."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from reporting.enums import ScopeKind
from reporting.models import CountingScope
from reporting.rendering import charts
from tests.reporting.output_scene import OutputScene, build_output


def prepare() -> OutputScene:
    made = build_output()
    made.validate("RETE-1", 0)
    return made


@pytest.fixture
def scene(fresh: OutputScene) -> OutputScene:
    return fresh


def address(indicator: str = "D.1") -> str:
    scope = CountingScope.objects.get(kind=ScopeKind.PROGRAMME)
    return f"{reverse('reporting:trend', args=['prova'])}?scope={scope.uuid}&indicator={indicator}"


def test_image_is_drawn_once_for_each_posting(
    scene: OutputScene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(scene.base.region)
    drawn: list[Any] = []
    draw = charts.trend_svg
    monkeypatch.setattr(charts, "trend_svg", lambda chart: (drawn.append(chart), draw(chart))[1])

    first, second = client.get(address()), client.get(address())
    scene.validate("RETE-2", 0)
    client.get(address())

    assert first["Content-Type"] == "image/svg+xml"
    assert first.content == second.content
    assert b"2019-Q1" in first.content
    assert len(drawn) == 2
    cache.clear()


@pytest.mark.parametrize(("person", "status"), [("coordinator", 404), ("operator", 403), ("stranger", 404)])
def test_image_of_a_scope_that_is_not_theirs_is_refused(
    scene: OutputScene, client: Client, person: str, status: int
) -> None:
    client.force_login(scene.person(person))

    assert client.get(address()).status_code == status


def test_image_needs_a_place(scene: OutputScene, client: Client) -> None:
    client.force_login(scene.base.region)

    for query in ("", "?scope=x", "?scope=" + "1" * 32):
        assert client.get(reverse("reporting:trend", args=["prova"]) + query).status_code == 404
