# SPDX-License-Identifier: EUPL-1.2
"""A class of pupils: registered and enrolled through the services."""

from datetime import date
from typing import Any

from actions.models import Activity
from beneficiaries.enums import Eligibility
from beneficiaries.models import Beneficiary, Enrolment
from beneficiaries.services.enrolments import NewEnrolment, enrol, enrol_many
from beneficiaries.services.recipients import NewBeneficiary, register_beneficiaries, register_beneficiary
from tests.actions.scene import Scene

FIRST = date(2019, 1, 15)


def pupil(scene: Scene, code: str = "3B-01", **values: Any) -> Beneficiary:
    """Return a registered pupil of ten years."""
    return register_beneficiary(
        **{
            "programme": scene.programme,
            "registered_by": scene.cooperative,
            "target_group": scene.pupils,
            "local_code": code,
            "sex": "female",
            "birth_date": date(2009, 1, 1),
            "citizenship": scene.morocco,
            "eligibility": Eligibility.DECLARED,
            "by": scene.operator,
        }
        | values
    )


def enrolled(scene: Scene, activity: Activity, beneficiary: Beneficiary, **values: Any) -> Enrolment:
    """Return the enrolment of a pupil, notice given before."""
    return enrol(
        **{
            "activity": activity,
            "beneficiary": beneficiary,
            "enrolled_on": FIRST,
            "notice_version": "1",
            "notice_given_on": date(2019, 1, 10),
            "by": scene.operator,
        }
        | values
    )


def class_of(scene: Scene, activity: Activity, number: int, name: str = "3B") -> list[Enrolment]:
    """Return the enrolments of a whole class."""
    people = [
        NewBeneficiary(
            scene.pupils, f"{name}-{place:02d}", "male", date(2009, 1, 1), scene.morocco, Eligibility.DECLARED
        )
        for place in range(1, number + 1)
    ]
    registered = register_beneficiaries(
        programme=scene.programme, registered_by=scene.cooperative, people=people, by=scene.operator
    )
    entries = [NewEnrolment(one, FIRST, "1", date(2019, 1, 10)) for one in registered]
    return enrol_many(activity=activity, entries=entries, by=scene.operator)
