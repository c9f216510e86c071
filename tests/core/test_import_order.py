# SPDX-License-Identifier: EUPL-1.2
"""All nine kinds: the rows of a file may come in any order, in chunks of any size, and twice: the same stands there."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import ActivityKind
from actions.models import Activity, Campaign, CampaignMeasure, Meeting
from beneficiaries.models import Attendance, Enrolment, Identity
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import kinds
from fami_portal.core.imports.reading import Table
from fami_portal.core.services import acting
from mediation.models import Mediator
from partners.models import Municipality, NetworkMember, Organisation
from tests.actions.scene import Scene, build
from tests.beneficiaries.test_import_attendance import cell
from tests.beneficiaries.test_import_recipients import row
from tests.core.importing import kind
from tests.core.importing import table as table_of
from tests.factories.partners import LanguageFactory
from tests.partners.test_import_bodies import school, stay

Rows = Sequence[dict[str, Any]]
AT = datetime(2019, 9, 2, 9).astimezone()
NEAR = "80000120016"


def _lab(title: str, **values: Any) -> dict[str, Any]:
    days = {"starts_on": date(2019, 2, 1), "ends_on": "30/06/2019"}
    return {"activity_type": ActivityKind.LAB, "title": title, "hours": 40} | days | values


def _meeting(activity: str, day: int, hour: int = 14) -> dict[str, Any]:
    return {
        "activity": activity,
        "held_on": date(2019, 2, day),
        "starts_at": time(hour),
        "ends_at": time(hour + 1, 30),
    }


def _issue(title: str, value: int | None, **values: Any) -> dict[str, Any]:
    days = {"published_on": date(2019, 2, 1), "audience": "iscritti", "channel": "newsletter"}
    return {"activity": "Notiziario", "title": title, "value": value} | days | values


# In the order in which one file needs the others: each is brought in whole, its rows in any order.
FILES: dict[str, Rows] = {
    "organisations": [
        {"name": "Associazione Vicina", "kind": "third_sector", "fiscal_code": NEAR},
        {"name": "Gruppo Prova", "kind": "migrant_association", "informal_reason": "informal_group"},
        {"name": "Cooperativa Nuova", "kind": "cooperative", "fiscal_code": "80000130015"},
    ],
    # The body comes, leaves, and comes back with another part.
    "members": [
        stay("RETE-1", NEAR, role="adherent", entered_on=date(2020, 1, 1)),
        stay("RETE-1", NEAR, role="member", entered_on=date(2019, 1, 1), left_on=date(2019, 12, 31)),
        stay("RETE-2", NEAR, role="evaluator", entered_on=date(2019, 1, 1)),
    ],
    # A site may come before its institute.
    "schools": [
        school("TOEE80099D", "TOIC80099X"),
        school("TOIC80099X", "TOIC80099X"),
        school("TOEE80098C", "TOIC80099X"),
    ],
    "activities": [
        _lab("Corso 1"),
        _lab("Corso 2", places=12),
        _lab("Notiziario", activity_type=ActivityKind.CAMPAIGN),
    ],
    "meetings": [_meeting("Corso 1", 5), _meeting("Corso 1", 12), _meeting("Corso 1", 12, 16), _meeting("Corso 2", 5)],
    # The same person in two activities; a second one with the same name.
    "recipients": [
        row(1, activity="Corso 1"),
        row(1, activity="Corso 2", entry_level="A1"),
        row(2, activity="Corso 1"),
        row(12, activity="Corso 1"),
    ],
    "attendance": [
        cell(
            f"A-{number}",
            state,
            activity="Corso 1",
            held_on=date(2019, 2, day),
            **({"starts_at": hour} if hour else {}),
        )
        for number, day, hour, state in ((1, 5, None, "present"), (2, 5, None, "absent"), (2, 12, time(16), "present"))
    ],
    # Two values of one content.
    "campaigns": [
        _issue("Numero 1", 2000),
        _issue("Numero 1", 2100, measured_on=date(2019, 3, 1)),
        _issue("Numero 2", None, published_on=date(2019, 3, 1)),
    ],
    "mediators": [
        {"given_name": "Zahra", "family_name": "Prova", "email": "zahra@example.org", "languages": "Arabo: C1; fr: C1"},
        {"given_name": "Amin", "family_name": "Prova", "languages": "fr: C2"},
    ],
}


class Typed(Table):
    """A table of rows that are there already."""

    def __init__(self, rows: Rows) -> None:
        self._table = table_of(rows)
        self.height = len(rows)
        self._set_headers(self._table[0])

    def _records(self) -> Iterator[Sequence[Any]]:
        return iter(self._table)


# The same rows with something else in them.
CORRECTED: dict[str, dict[str, Any]] = {
    "organisations": {"email": "ente@example.org"},
    "schools": {"DENOMINAZIONESCUOLA": "SCUOLA DI PROVA"},
    "activities": {"hours": 50},
    "meetings": {"topic": "Numeri"},
    "recipients": {"sex": "Uomo", "entry_level": "A2"},
    "attendance": {"state": "justified"},
    "campaigns": {"url": "https://example.org/1", "value": 2200},
    "mediators": {"phone": "3331234567"},
}


def did(scene: Scene, code: str, rows: Rows, size: int, *, writes: bool = False) -> list[tuple[int, RowEffect, Any]]:
    """Check rows, or write them; return what each does."""
    wanted = kind(code)
    by = {"mediators": scene.coordinator}.get(code) or (
        scene.operator if wanted.places else scene.user("administrator", scene.lead)
    )
    resource = wanted.resource(user=by, place=wanted.places(by)[0] if wanted.places else None, at=AT)
    done: list[tuple[int, RowEffect, Any]] = []
    with acting(by):
        for lines in resource.chunks(Typed(rows), size=size):
            assert not [line.problems for line in lines if line.problems], (code, [line.problems for line in lines])
            done += [(line.number, line.effect, line.changes) for line in lines]
            if writes:
                resource.write(lines)
        if writes:
            resource.finish()
    return done


def standing() -> list[Any]:
    """Return what stands there, without what is drawn by lot."""
    facts = [
        Organisation.objects.values_list(
            "name", "kind", "fiscal_code", "school_code", "institute__school_code", "version"
        ),
        NetworkMember.objects.values_list("network__code", "organisation__name", "role", "entered_on", "left_on"),
        Activity.objects.values_list("title", "starts_on", "ends_on", "planned_minutes", "places", "version"),
        Meeting.objects.values_list("activity__title", "held_on", "starts_at", "minutes", "topic", "version"),
        Enrolment.objects.values_list("beneficiary__local_code", "activity__title", "enrolled_on", "entry_level"),
        Attendance.objects.values_list("enrolment__beneficiary__local_code", "meeting__starts_at", "state", "minutes"),
        Identity.objects.values_list("beneficiary__local_code", "organisation__name"),
        Campaign.objects.values_list("title", "published_on", "version"),
        CampaignMeasure.objects.values_list("campaign__title", "measured_on", "value"),
        Mediator.objects.values_list("given_name", "email", "languages__language__code", "languages__level", "version"),
    ]
    return [sorted(map(str, rows.order_by("pk"))) for rows in facts]


@pytest.fixture
def scene(db: Any) -> Scene:
    with acting(None):
        Municipality.objects.create(code="001272", name="Torino", province="TO", region="Piemonte")
    LanguageFactory(code="ar", name="Arabo")
    LanguageFactory(code="fr", name="Francese")
    made = build()
    # Known before the first file, which is taken back again.
    for who in (made.operator, made.coordinator, made.user("administrator", made.lead)):
        assert who.pk
    return made


@pytest.fixture
def as_written() -> list[Any]:
    """What stands there when the rows come as they are written here; found out once."""
    return []


@given(chance=st.integers(0, 10_000).map(Random), size=st.sampled_from([1, 2]))
@settings(max_examples=1, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_of_the_rows_the_same_stands_there_and_twice_changes_nothing(
    scene: Scene, as_written: list[Any], chance: Random, size: int
) -> None:
    assert set(FILES) == {found.code for found in kinds()}
    corrected = {code: [row | CORRECTED[code] for row in FILES[code]] for code in CORRECTED}
    for mixed in (False, True):
        if not mixed and as_written:
            continue
        with transaction.atomic():
            for files, wanted in ((FILES, {RowEffect.NEW}), (corrected, {RowEffect.CHANGED, RowEffect.SAME})):
                for code, rows in files.items():
                    if not mixed:
                        did(scene, code, rows, 1000, writes=True)
                        continue
                    order = chance.sample(rows, len(rows))
                    # What the check says of a row is what its writing does, whatever was written before it.
                    checked = did(scene, code, order, size)
                    assert did(scene, code, order, size, writes=True) == checked, code
                    assert {effect for _number, effect, _changes in checked} <= wanted, code
                    assert RowEffect.SAME not in {checked[0][1]}, code
                    again = did(scene, code, chance.sample(rows, len(rows)), 1000)
                    assert {effect for _number, effect, _changes in again} == {RowEffect.SAME}, code
            found = standing()
            transaction.set_rollback(True)
        if not mixed:
            as_written.extend(found)
            assert all(found)
        assert found == as_written
