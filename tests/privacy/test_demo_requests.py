# SPDX-License-Identifier: EUPL-1.2
"""The requests of the demonstration: each state that the officer meets, through the services."""

import pytest

from fami_portal.core.services import acting
from privacy.models import RightsRequest, RightsTask
from reporting.demo import rights, world
from tests.actions.scene import build
from tests.beneficiaries import dump
from tests.beneficiaries.people import known
from tests.privacy.cases import officer


@pytest.mark.django_db
def test_the_cases_of_the_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build()
    for place, given in enumerate(("Amina", "Bakari", "Chidera", "Dragana", "Emeka")):
        known(scene, given, f"Zhelyazkova{'bdfgt'[place]}", body=(scene.cooperative, scene.school)[place % 2])
    with acting(None):
        type(scene.region).objects.filter(pk=officer(scene).pk).update(email=f"privacy{world.DOMAIN}")
    monkeypatch.setattr(rights, "programme", lambda: scene.programme)
    monkeypatch.setattr(rights, "FIRST", 0)
    monkeypatch.setattr(rights, "STEP", 1)

    rights.requests_of_persons()

    states = list(RightsRequest.objects.order_by("number").values_list("state", flat=True))
    assert sorted(states) == ["closed", "extended", "identity", "in_progress", "in_progress"]
    assert RightsTask.objects.filter(answer="").count() == 1
    assert dump.in_database(["Zhelyazkova"]) == {}
