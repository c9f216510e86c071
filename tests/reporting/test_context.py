# SPDX-License-Identifier: EUPL-1.2
"""The frozen content of a report: equal to an independent count, reproducible, and closed to later facts."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import connection

from actions.models import Indicator, IndicatorTarget
from fami_portal.core.services import acting
from partners.models import Network
from reporting.context import NotReproducible, build_context, canonical_json, first_difference, verify
from reporting.ledger import postings
from reporting.selectors import as_of
from tests.reporting.output_scene import OutputScene, build_output


def prepare() -> OutputScene:
    return build_output()


@pytest.fixture
def scene(fresh: OutputScene) -> OutputScene:
    return fresh


def content(scene: OutputScene, quarter: int) -> dict[str, Any]:
    return build_context(scene.programme, scene.quarters[quarter], as_of.latest(scene.programme))


def value(found: dict[str, Any], code: str, scope: str = "programme") -> tuple[int, int]:
    row = next(row for row in found["figures"]["indicators"] if row["code"] == code)
    cell = row["scopes"].get(scope, {"new": 0, "to_date": 0})
    return cell["new"], cell["to_date"]


# Counted from the registers alone, without a word of the ledger: pupils of third countries, once each.
INDEPENDENT = """
SELECT count(DISTINCT enrolment.beneficiary_id)
  FROM beneficiaries_attendance AS attendance
  JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = attendance.enrolment_id
  JOIN beneficiaries_beneficiary AS person ON person.id = enrolment.beneficiary_id
  JOIN actions_targetgroup AS target_group ON target_group.id = person.target_group_id
  JOIN actions_meeting AS meeting ON meeting.id = attendance.meeting_id
  JOIN actions_activity AS activity ON activity.id = meeting.activity_id
  JOIN partners_network AS network ON network.id = activity.network_id
 WHERE attendance.state = 'present' AND meeting.state = 'held' AND target_group.code = 'pupils'
   AND meeting.held_on <= %s AND (%s = '' OR network.code = %s)
"""
MINUTES = """
SELECT coalesce(sum(meeting.minutes), 0)
  FROM actions_meeting AS meeting
  JOIN actions_activity AS activity ON activity.id = meeting.activity_id
  JOIN actions_activitytype AS kind ON kind.id = activity.activity_type_id
 WHERE meeting.state = 'held' AND kind.code = 'lab' AND meeting.held_on <= %s
"""


def counted(sql: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def test_report_equals_an_independent_count_of_the_registers(scene: OutputScene) -> None:
    for network in ("RETE-1", "RETE-2"):
        for quarter in (0, 1):
            scene.validate(network, quarter)

    for quarter, day in ((0, date(2019, 3, 31)), (1, date(2019, 6, 30))):
        found = content(scene, quarter)
        assert value(found, "D.1")[1] == counted(INDEPENDENT, [day, "", ""])
        for network in ("RETE-1", "RETE-2"):
            assert value(found, "D.1", f"network/{network}")[1] == counted(INDEPENDENT, [day, network, network])
        assert value(found, "O.1")[1] == counted(MINUTES, [day])
    assert value(content(scene, 1), "D.1") == (1, 7)


def test_gross_is_the_sum_over_networks_and_unique_counts_once(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    scene.validate("RETE-2", 0)

    found = content(scene, 0)

    row = next(row for row in found["figures"]["indicators"] if row["code"] == "D.1")
    assert row["scopes"]["programme"]["to_date"] == 6
    assert row["gross_networks"]["to_date"] == 8
    assert row["share_permille"] == 300
    assert row["trend"] == [{"period": "2019-Q1", "new": 6, "to_date": 6}]


def test_bodies_contacts_and_meetings_are_in_the_report(scene: OutputScene) -> None:
    scene.validate("RETE-2", 0)
    scene.validate("RETE-2", 1)

    first, second = content(scene, 0), content(scene, 1)

    assert value(first, "D.3") == (2, 2)
    assert value(second, "D.3") == (1, 3)
    assert value(first, "D.4") == (1500, 1500)
    assert value(second, "D.4") == (600, 2100)
    assert value(second, "O.2") == (1, 2)
    assert [row["title"] for row in first["frozen"]["campaigns"]] == ["Numero 1"]
    assert second["frozen"]["campaigns"] == []


def test_served_counts_different_persons_of_the_period(scene: OutputScene) -> None:
    for network in ("RETE-1", "RETE-2"):
        for quarter in (0, 1):
            scene.validate(network, quarter)

    served = content(scene, 1)["figures"]["served"]

    # 1 and 2 in the first network, 4 and 5 in the second, and 8 who is new.
    assert served["whole"] == {"persons": 5, "eligible": 5}
    assert served["scopes"]["network/RETE-1"]["persons"] == 3
    assert served["scopes"]["network/RETE-2"]["persons"] == 2
    assert served["scopes"]["action/01"]["persons"] == 5
    assert sum(part["persons"] for part in served["by_sex_age"]) == 5
    first = content(scene, 0)["figures"]["served"]
    assert first["whole"]["persons"] == 7
    assert first["gross_networks"]["persons"] == 9


def test_persons_are_split_by_sex_and_age(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)

    row = content(scene, 0)["figures"]["indicators"][0]

    assert row["by_sex_age"] == [
        {"sex": "female", "age_band": "under_18", "new": 2, "to_date": 2},
        {"sex": "male", "age_band": "under_18", "new": 3, "to_date": 3},
    ]


def test_missing_reports_and_broken_bounds_are_named(scene: OutputScene) -> None:
    scene.validate("RETE-2", 0)
    scene.submit("RETE-1", 0)

    found = content(scene, 0)

    assert [(gap["body"], gap["state"]) for gap in found["frozen"]["gaps"]] == [("Cooperativa Prova", "submitted")]
    assert found["figures"]["warnings"] == [{"indicator": "D.2", "value": 4, "bound": "D.1", "limit": 3}]
    assert len(content(scene, 1)["frozen"]["gaps"]) == 3


def test_before_any_posting_everything_is_zero(scene: OutputScene) -> None:
    found = content(scene, 0)

    assert found["frozen"]["posting"] == 0
    assert value(found, "D.1") == (0, 0)
    assert verify(canonical_json(found)) == found


def test_time_elapsed_and_targets_are_those_of_the_last_day(scene: OutputScene) -> None:
    with acting(None):
        indicator = Indicator.objects.get(code="D.1")
        IndicatorTarget.objects.create(indicator=indicator, value=40, valid_from=date(2019, 5, 1))

    first, second = content(scene, 0), content(scene, 1)

    assert first["figures"]["time_elapsed_permille"] == 90 * 1000 // 731
    assert first["frozen"]["indicators"][0]["targets"] == {"programme": 20}
    assert second["frozen"]["indicators"][0]["targets"] == {"programme": 40}


def test_same_posting_gives_the_same_bytes_whatever_comes_later(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    kept = canonical_json(content(scene, 0))
    assert canonical_json(content(scene, 0)) == kept

    scene.validate("RETE-2", 0)
    scene.validate("RETE-1", 1)
    with acting(None):
        indicator = Indicator.objects.get(code="D.1")
        Indicator.objects.filter(pk=indicator.pk).update(title="Another title", bounds=["O.2"])
        IndicatorTarget.objects.filter(indicator=indicator).update(value=7)
        Network.objects.filter(code="RETE-1").update(name="Renamed")

    assert canonical_json(verify(kept)) == kept
    assert value(content(scene, 0), "D.1")[1] != value(json.loads(kept), "D.1")[1]


def test_late_fact_enters_the_open_period_and_is_called_late(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    transmitted = canonical_json(content(scene, 0))
    with acting(None):
        postings.mark_transmitted(programme=scene.programme, until=scene.quarters[0].ends_on)

    scene.validate("RETE-2", 0)
    scene.validate("RETE-1", 1)

    assert canonical_json(verify(transmitted)) == transmitted
    first, second = content(scene, 0), content(scene, 1)
    assert value(first, "D.1") == (5, 5)
    assert value(second, "D.1") == (2, 7)
    assert {"period": "2019-Q1", "network": "network/RETE-2", "indicator": "D.1", "added": 1, "withdrawn": 0} in second[
        "figures"
    ]["late"]
    assert first["figures"]["late"] == []
    assert second["figures"]["indicators"][0]["trend"] == [
        {"period": "2019-Q1", "new": 5, "to_date": 5},
        {"period": "2019-Q2", "new": 2, "to_date": 7},
    ]


def test_a_flipped_figure_is_found_and_named(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)
    found = content(scene, 0)
    found["figures"]["indicators"][0]["scopes"]["programme"]["to_date"] += 1

    with pytest.raises(NotReproducible) as refusal:
        verify(canonical_json(found))

    assert "figures.indicators[0].scopes.programme.to_date" in str(refusal.value)
    assert "6" in str(refusal.value)
    assert "5" in str(refusal.value)


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b"not json", b'{"format":"x"}'])
def test_other_files_are_refused(db: Any, damage: bytes) -> None:
    with pytest.raises(NotReproducible):
        verify(damage)


def test_same_figures_written_another_way_are_refused(scene: OutputScene) -> None:
    scene.validate("RETE-1", 0)

    with pytest.raises(NotReproducible, match=r"."):
        verify(json.dumps(content(scene, 0), indent=1).encode())


def test_a_posting_of_another_portal_is_refused(scene: OutputScene) -> None:
    found = content(scene, 0)
    found["frozen"]["posting"] = 99

    with pytest.raises(NotReproducible, match="99"):
        verify(canonical_json(found))


def test_first_difference_names_missing_rows() -> None:
    assert first_difference({"a": [1, 2]}, {"a": [1, 2]}) is None
    assert first_difference({"a": [1]}, {"a": [1, 2]}).path == ".a[1]"
    assert first_difference({"a": 1}, {"a": True}).path == ".a"
    assert first_difference({}, {"a": 1}).path == ".a"
