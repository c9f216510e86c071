# SPDX-License-Identifier: EUPL-1.2
"""A lab of the cooperative in the school, with pupils of both, named; and the act by which the school shares names."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from actions.models import Activity, Meeting
from beneficiaries.models import Beneficiary, SharingAct
from beneficiaries.services.sharing import record_sharing
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import enrolled
from tests.beneficiaries.people import known

AT = datetime(2019, 3, 1, 9, tzinfo=UTC)
# The lab ends on 20 December 2019: names are read until 19 January 2020.
LAST = datetime(2020, 1, 19, 20, tzinfo=UTC)
OVER = datetime(2020, 1, 20, 9, tzinfo=UTC)


@dataclass
class Lab:
    """The activity, one meeting, a pupil whom the school registered, one of the cooperative."""

    scene: Scene
    activity: Activity
    meeting: Meeting
    amina: Beneficiary
    ours: Beneficiary


def lab_with_names(scene: Scene) -> Lab:
    """Return the lab, without any act."""
    activity = scene.activity()
    meeting = scene.meeting(activity)
    amina = known(scene, "Amina", "Benmoussa", body=scene.school, local_code="3B-07", birth_date=date(2009, 5, 17))
    ours = known(scene, "Drita", "Çelaj", local_code="COOP-2", birth_date=date(2009, 8, 2))
    for one in (amina, ours):
        enrolled(scene, activity, one)
    return Lab(scene, activity, meeting, amina, ours)


def share(lab: Lab, **values: Any) -> SharingAct:
    """Return the act of the school, in force at `AT`."""
    given: dict[str, Any] = {
        "activity": lab.activity,
        "organisation": lab.scene.school,
        "keeper": lab.scene.cooperative,
        "notice_version": "1",
        "notice_given_on": date(2019, 1, 10),
        "purpose": "keep_register",
        "starts_on": date(2019, 2, 1),
        "by": lab.scene.contact,
        "at": AT,
    }
    return record_sharing(**(given | values))
