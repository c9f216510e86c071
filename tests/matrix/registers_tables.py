# SPDX-License-Identifier: EUPL-1.2
"""Rows of tables (call, attendance, minutes, decisions, networks that take part) and of services."""

from typing import Any

from actions.models import Decision, Service, ServiceChange
from actions.selectors.activities import EVIDENCE
from fami_portal.core.documents import store_document
from fami_portal.core.services import acting
from tests.matrix import NOBODY, SIGNED_IN, On, Row
from tests.matrix.registers import ABOVE, DAY, KEEPS, OWN, WHERE, _both, _pair, _read, _uuid, _write
from tests.personas import World

# Who may close a decision is told so; the others who see the meeting are refused.
DECISION = {
    "own": On(KEEPS, OWN - KEEPS, target=_uuid("decision_own")),
    "sibling": On(NOBODY, ABOVE, target=_uuid("decision_sibling")),
    "foreign": On(NOBODY, target=_uuid("decision_foreign")),
}


def prepare(world: World) -> None:
    """Let each meeting have decided something, and each body have a service that is stronger."""
    for place in WHERE:
        meeting: Any = world.objects[f"meeting_{place}"]
        activity = meeting.activity
        with acting(None):
            world.objects[f"decision_{place}"] = Decision.objects.create(
                meeting=meeting, text="Fare", office="Segreteria"
            )
            proof = store_document(
                kind=EVIDENCE, name="orari.pdf", content=b"%PDF-1.7\n%%EOF\n", by=None, subject_id=activity.pk
            )
            service = Service.objects.create(
                programme=activity.programme, organisation=activity.organisation, title="Sportello"
            )
            world.objects[f"service_{place}"] = ServiceChange.objects.create(
                service=service,
                activity=activity,
                kind="strengthened",
                changed_on=DAY,
                minutes_before=60,
                minutes_after=120,
                evidence=proof,
            )


def _product(place: str) -> Any:
    def target(world: World, role: str) -> dict[str, Any]:
        product: Any = world.objects[f"product_{place}"]
        return {"uuid": product.activity.uuid, "kind": "product", "record": product.uuid}

    return target


ROWS = [
    *_both("actions:meeting-call", _write("meeting")),
    Row("actions:meeting-call-send", _write("meeting"), method="post"),
    *_both("actions:meeting-attendance", _write("meeting")),
    *_both("actions:meeting-minutes", _write("meeting")),
    *_both("actions:minutes-approve", _write("meeting")),
    *_both("actions:decision-create", _write("meeting")),
    *_both("actions:decision-edit", _write("decision")),
    *_both("actions:record-remove", _pair(_product)),
    Row("actions:decision-list", {"": On(SIGNED_IN)}),
    *_both("actions:decision-done", DECISION),
    *_both("actions:decision-reopen", DECISION),
    *_both("actions:activity-networks", _write("information_meeting")),
    *_both("actions:service-create", _write("information_meeting")),
    Row("actions:service-change", _read("service")),
    *_both("actions:service-edit", _write("service")),
]
