# SPDX-License-Identifier: EUPL-1.2
"""The invented programmes for measuring: true ledgers, the same at every load."""

import pytest
from django.db import connection

from actions.models import Programme
from reporting.demo import scale
from reporting.ledger.reconcile import check
from reporting.models import ActivityReport, ResultTotal

pytestmark = pytest.mark.django_db

# An independent count straight from the registers: no fact, entry or rule of the portal in it.
COUNTED = """
SELECT target_group.code, activity.network_id, count(DISTINCT enrolment.beneficiary_id)
  FROM beneficiaries_attendance AS attendance
  JOIN actions_meeting AS meeting ON meeting.id = attendance.meeting_id AND meeting.state = 'held'
  JOIN actions_activity AS activity ON activity.id = meeting.activity_id
  JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = attendance.enrolment_id
  JOIN beneficiaries_beneficiary AS person ON person.id = enrolment.beneficiary_id
  JOIN actions_targetgroup AS target_group ON target_group.id = person.target_group_id
 WHERE activity.programme_id = %s AND attendance.state = 'present' AND meeting.held_on < '2021-10-01'
 GROUP BY target_group.code, GROUPING SETS ((), (activity.network_id))
"""


def _totals(programme: Programme) -> dict[tuple[str, int | None], int]:
    found: dict[tuple[str, int | None], int] = {}
    rows = ResultTotal.objects.filter(
        scope__programme=programme, scope__kind__in=["programme", "network"], indicator__measure="persons"
    ).values_list("indicator__code", "scope__network", "quantity")
    for code, network, quantity in rows:
        found[code, network] = found.get((code, network), 0) + quantity
    return found


def test_a_load_is_counted_right_and_repeats_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scale.SIZES, "region", scale.Size(labs=12, networks=2, bodies=4))
    said: list[str] = []
    loads = []
    for _time in range(2):
        scale.ScaleLoader("region", said.append).load()
        programme = Programme.objects.get(slug="scala-region")
        assert check(programme.pk) == []
        with connection.cursor() as cursor:
            cursor.execute(COUNTED, [programme.pk])
            counted = {(code, network): number for code, network, number in cursor.fetchall()}
        assert _totals(programme) == counted
        loads.append(sorted(counted.values()))
    assert loads[0] == loads[1]
    assert Programme.objects.filter(slug="scala-region").count() == 1
    assert ActivityReport.objects.filter(programme=programme, period__code="2021-Q4").count() == 1
    assert any("facts" in line for line in said)
