# SPDX-License-Identifier: EUPL-1.2
"""Persons and households that an activity follows, through the services."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions.enums import ActivityKind
from actions.models import Activity, ActivityType
from beneficiaries.enums import InterventionKind, InterventionOutcome, SupportKind
from beneficiaries.models import Beneficiary, Intervention, InterventionPerson, Support
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.interventions import Work, record_intervention
from beneficiaries.services.recipients import NewBeneficiary, register_beneficiaries
from beneficiaries.services.supports import open_for_each, open_support
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import pupil

OPENED = date(2019, 2, 4)
TODAY = date(2019, 3, 20)


def followed_by(
    scene: Scene, kind: str = ActivityKind.SUPPORT, supports: Sequence[str] = (), **values: Any
) -> Activity:
    """Return an activity of the cooperative that follows people one by one."""
    with acting(None):
        ActivityType.objects.filter(pk=scene.types[kind].pk).update(supports=list(supports))
        scene.types[kind].refresh_from_db()
        scene.adults.earned_by.add(scene.types[kind])
    return scene.activity(kind, **({"venue": None} | values))


def adult(scene: Scene, code: str, **values: Any) -> Beneficiary:
    """Return a registered adult."""
    return pupil(scene, code, **({"target_group": scene.adults, "birth_date": date(1985, 6, 1)} | values))


def entry(person: Beneficiary, day: date = OPENED) -> NewEnrolment:
    """Return what is needed to enrol somebody who is taken in charge."""
    return NewEnrolment(person, day, "1", date(2019, 1, 10))


def taken(
    scene: Scene, activity: Activity, *people: Beneficiary, kind: str = SupportKind.WORK, **values: Any
) -> Support:
    """Return a support of these people."""
    given: dict[str, Any] = {
        "activity": activity,
        "kind": kind,
        "entries": [entry(person) for person in people],
        "opened_on": OPENED,
        "code": "N-1" if len(people) > 1 else "",
        "by": scene.operator,
        "today": TODAY,
    }
    return open_support(**(given | values))


def work(scene: Scene, **values: Any) -> Work:
    """Return an interview of forty-five minutes."""
    given: dict[str, Any] = {
        "held_on": date(2019, 2, 11),
        "minutes": 45,
        "operator": scene.operator,
        "kind": InterventionKind.INTERVIEW,
        "outcome": InterventionOutcome.DONE,
    }
    return Work(**(given | values))


def many_taken(
    scene: Scene, activity: Activity, number: int, *, times: int = 0, name: str = "B", kind: str = SupportKind.WORK
) -> list[Support]:
    """Return supports of one adult each, with as many interventions: in few queries, however many they are."""
    new = [
        NewBeneficiary(scene.adults, f"{name}-{place}", "male", date(1985, 6, 1), scene.morocco)
        for place in range(1, number + 1)
    ]
    people = register_beneficiaries(
        programme=scene.programme, registered_by=scene.cooperative, people=new, by=scene.operator
    )
    enrolments = enrol_many(activity=activity, entries=[entry(one) for one in people], by=scene.operator)
    supports = open_for_each(
        activity=activity, people=[(one, kind) for one in enrolments], by=scene.operator, today=TODAY
    )
    with acting(None):
        rows = [
            Intervention(
                support=one,
                held_on=date(2019, 2, 10 + day),
                minutes=30,
                operator=scene.operator,
                kind=InterventionKind.INTERVIEW,
                outcome=InterventionOutcome.DONE,
                next_step="Poi",
                next_step_on=TODAY,
            )
            for one in supports
            for day in range(times)
        ]
        Intervention.objects.bulk_create(rows)
        enrolled = dict(zip([one.pk for one in supports], enrolments, strict=True))
        InterventionPerson.objects.bulk_create(
            [InterventionPerson(intervention=row, enrolment=enrolled[row.support_id]) for row in rows]
        )
    return supports


def done(
    scene: Scene, support: Support, *, key: Any = None, by: Any = None, today: date = TODAY, **values: Any
) -> Intervention:
    """Return an intervention of a support."""
    return record_intervention(
        support=support, work=work(scene, **values), by=by or scene.operator, today=today, key=key
    )
