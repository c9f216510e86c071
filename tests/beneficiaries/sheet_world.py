# SPDX-License-Identifier: EUPL-1.2
"""The scene with groups that fill official sheets, and the closed lists of the sheets."""

from typing import Any

from actions.enums import ActivityKind, Sheet, TargetGroupKind
from actions.models import TargetGroup
from fami_portal.core.services import acting
from partners.models import EducationTitle, OriginWork, PermitKind, TargetSpecific
from partners.services.official_lists import EDUCATION_TITLES, ORIGIN_WORKS, PERMIT_KINDS, TARGET_SPECIFICS
from tests.actions.scene import Scene
from tests.beneficiaries.test_register_pages import new_pupil

# Born on 3 May 1980, a woman: invented, with the check character of its own.
CODE = "HXXXXX80E43Z100T"
NAMED = {"given_name": "Zuleikha", "family_name": "Quasimodi"}
EXCLUDED, ADMITTED = "na_forced_return", "family"


def load_lists() -> None:
    """Load the closed lists of the sheets alone."""
    with acting(None):
        for model, labels in (
            (PermitKind, PERMIT_KINDS),
            (EducationTitle, EDUCATION_TITLES),
            (OriginWork, ORIGIN_WORKS),
            (TargetSpecific, TARGET_SPECIFICS),
        ):
            model.objects.bulk_create(
                [
                    model(code=code, official_label=label, position=place)
                    for place, (code, label) in enumerate(labels.items())
                ],
                ignore_conflicts=True,
            )


def with_sheets(scene: Scene) -> TargetGroup:
    """Say which sheet each group fills; return the group of operators, in which an adult may be too."""
    load_lists()
    with acting(None):
        TargetGroup.objects.filter(pk__in=[scene.pupils.pk, scene.background.pk]).update(sheet=Sheet.PUPILS)
        TargetGroup.objects.filter(pk=scene.adults.pk).update(sheet=Sheet.THIRD_COUNTRY, may_overlap=["operators"])
        operators = TargetGroup.objects.create(
            programme=scene.programme,
            code="operators",
            title="Operatori",
            kind=TargetGroupKind.OPERATORS,
            sheet=Sheet.OPERATORS,
            may_overlap=["adults"],
            position=9,
        )
        operators.earned_by.add(scene.types[ActivityKind.TRAINING])
        scene.adults.earned_by.add(scene.types[ActivityKind.SUPPORT], scene.types[ActivityKind.LAB])
        scene.programme.permits = {ADMITTED: "admitted", EXCLUDED: "excluded"}
        scene.programme.save()
    for group in (scene.pupils, scene.background, scene.adults):
        group.refresh_from_db()
    return operators


def permit(code: str) -> PermitKind:
    return PermitKind.objects.get(code=code)


def specific(*codes: str) -> list[TargetSpecific]:
    return [TargetSpecific.objects.get(code=code) for code in codes]


def adult(scene: Scene, **values: Any) -> dict[str, Any]:
    """Return what the form of an adult is sent."""
    typed: dict[str, Any] = {
        "target_group": scene.adults.pk,
        "birth_date": "03/05/1980",
        **NAMED,
        "tax_code": CODE,
        "permit": permit(ADMITTED).pk,
        "specifics": [specific("vulnerability")[0].pk],
        "education": EducationTitle.objects.get(code="primary").pk,
        "origin_work": OriginWork.objects.get(code="clerk").pk,
    }
    given = new_pupil(scene, local_code="A-07") | typed | values
    given.pop("declared", None)
    return given
