# SPDX-License-Identifier: EUPL-1.2
"""Two colleagues ask at once for periods that overlap: one of them is refused. Without the lock both are let in."""

import threading
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.db import connections

from fami_portal.core.errors import DomainError
from reporting.models import Extract
from reporting.selectors import extracts as selectors
from reporting.services import extracts as services
from tests.factories.partners import MembershipFactory
from tests.reporting.test_extracts import AT, Scene


@pytest.mark.django_db(transaction=True)
def test_overlapping_requests_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.world.validate(0, 0)
    colleague = MembershipFactory(
        organisation=scene.evaluators[0].memberships.get().organisation, role="evaluator"
    ).user
    scene.evaluators.append(colleague)

    def both(*windows: tuple[int, int]) -> list[Any]:
        """Ask from two connections; each goes on only when both have looked, or when the other is held up."""
        looked, given = threading.Barrier(2), selectors.in_the_way

        def look(**asked: Any) -> Any:
            found = given(**asked)
            with suppress(threading.BrokenBarrierError):
                looked.wait(timeout=0.5)
            return found

        def ask(number: int, who: int, window: tuple[int, int]) -> None:
            try:
                results[number] = scene.ask(by=who, first=window[0], last=window[1])
            except Exception as error:
                results[number] = error
            finally:
                connections.close_all()

        results: list[Any] = [None, None]
        with monkeypatch.context() as patch:
            patch.setattr(selectors, "in_the_way", look)
            acts = [partial(ask, 0, 0, windows[0]), partial(ask, 1, -1, windows[1])]
            threads = [threading.Thread(target=act) for act in acts]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=30)
        return results

    with monkeypatch.context() as patch:
        patch.setattr(services, "_one_at_a_time", lambda programme: None)
        control = both((0, 1), (1, 2))
    assert [type(result) for result in control] == [Extract, Extract]
    for extract in Extract.objects.order_by("pk"):
        services.refuse_extract(extract=extract, reason="Si sovrappongono", by=scene.region, at=AT)

    results = both((0, 1), (1, 2))
    assert sorted(type(result).__name__ for result in results) == ["DomainError", "Extract"]
    assert Extract.objects.filter(state="requested").count() == 1
    assert any(isinstance(result, DomainError) for result in results)
