# SPDX-License-Identifier: EUPL-1.2
"""Field by field: who sees what of one pupil on the pages and the paper that show somebody something of it."""

from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import pypdf
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from beneficiaries.services.sharing import revoke_sharing
from fami_portal.core import errorpages
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import enrolled
from tests.beneficiaries.people import known
from tests.beneficiaries.shared import AT, OVER, Lab, share

CODE = "RSSMRA80A01H501U"
FIELDS = {
    "own code": "3B-07",
    "short name": "Amina B.",
    "full name": "Benmoussa",
    "tax code": CODE,
    "birth date": "17/05/2009",
}
EVERYTHING = set(FIELDS)
NOTHING: set[str] = set()


def the_pupil(scene: Scene) -> Lab:
    """Return a lab of the cooperative with one pupil of the school, of whom everything is known."""
    activity = scene.activity()
    meeting = scene.meeting(activity)
    amina = known(
        scene, "Amina", "Benmoussa", CODE, body=scene.school, local_code="3B-07", birth_date=date(2009, 5, 17)
    )
    enrolled(scene, activity, amina)
    return Lab(scene, activity, meeting, amina, amina)


def seen(lab: Lab, person: Any, *, exceptionally: bool = False) -> set[str]:
    """Return which fields a person finds who opens those pages, asks for the name and for the paper."""
    client = Client()
    client.force_login(person)
    one, activity = [lab.amina.uuid], [lab.activity.uuid]

    def at(name: str, *args: Any) -> str:
        return reverse(f"beneficiaries:{name}", args=args)

    answers = [
        client.get(at("register", *activity)),
        client.get(at("beneficiary", *one)),
        client.post(at("identity", *one), {"purpose": "check"}),
    ]
    words = " ".join(answer.content.decode() for answer in answers if answer.status_code == 200)
    paper = client.post(at("register-print", *activity), {"content": "blank", "meeting": ""})
    if paper.status_code == 200:
        words += " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(paper.content)).pages)
    if exceptionally:
        asked = {"reason": "safety", "details": "Il tribunale chiede di lei", "submission_key": str(uuid4())}
        answer = client.post(at("break-glass-open", *one), asked)
        words += answer.content.decode() if answer.status_code == 200 else ""
    return {field for field, text in FIELDS.items() if text in words}


def test_who_sees_which_field(scene: Scene, time_machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errorpages, "render", lambda request, template, context, status: HttpResponse(status=status))

    def on(moment: datetime) -> None:
        time_machine.move_to(moment)

    on(AT)
    lab = the_pupil(scene)
    officer = scene.user("data_protection_officer", scene.lead)
    found = {"operator without act": seen(lab, scene.operator)}
    act = share(lab)
    found |= {
        "school": seen(lab, scene.contact),
        "head of the school": seen(lab, scene.user("school_head", scene.school)),
        "teacher": seen(lab, scene.teacher, exceptionally=True),
        "operator with act": seen(lab, scene.operator, exceptionally=True),
        "coordinator": seen(lab, scene.coordinator, exceptionally=True),
        "region": seen(lab, scene.region),
        "region by break-glass": seen(lab, scene.region, exceptionally=True),
        "evaluator": seen(lab, scene.user("evaluator", scene.lead), exceptionally=True),
        "officer": seen(lab, officer, exceptionally=True),
        "other body": seen(lab, scene.outsider, exceptionally=True),
    }
    on(OVER)
    found["operator after the end"] = seen(lab, scene.operator)
    on(AT)
    revoke_sharing(act=act, version=1, reason="Non serve più", by=scene.contact, at=AT)
    found["operator after the revocation"] = seen(lab, scene.operator)

    # The birth date is on the page of a recipient for all who may see it, as the age decides who counts.
    assert found == {
        "school": EVERYTHING,
        "head of the school": NOTHING,
        "teacher": NOTHING,
        "operator without act": {"birth date"},
        "operator with act": {"own code", "short name", "full name", "birth date"},
        "operator after the end": {"birth date"},
        "operator after the revocation": {"birth date"},
        "coordinator": {"birth date"},
        "region": {"birth date"},
        "region by break-glass": {"full name", "tax code", "birth date"},
        "evaluator": NOTHING,
        "officer": NOTHING,
        "other body": NOTHING,
    }
