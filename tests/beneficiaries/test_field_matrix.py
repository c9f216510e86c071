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


def opened(lab: Lab, person: Any) -> set[str]:
    """Return which fields a person finds who asks for an exceptional opening."""
    client = Client()
    client.force_login(person)
    asked = {"reason": "safety", "details": "Il tribunale chiede di lei", "submission_key": str(uuid4())}
    answer = client.post(reverse("beneficiaries:break-glass-open", args=[lab.amina.uuid]), asked)
    words = answer.content.decode() if answer.status_code == 200 else ""
    return {field for field, text in FIELDS.items() if text in words}


def seen(lab: Lab, person: Any) -> set[str]:
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
    return {field for field, text in FIELDS.items() if text in words}


def test_who_sees_which_field(scene: Scene, time_machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errorpages, "render", lambda request, template, context, status: HttpResponse(status=status))

    def on(moment: datetime) -> None:
        time_machine.move_to(moment)

    on(AT)
    lab = the_pupil(scene)
    found = {"operator without act": seen(lab, scene.operator)}
    share(lab)
    persons = {
        "school": scene.contact,
        "head of the school": scene.user("school_head", scene.school),
        "teacher": scene.teacher,
        "operator with act": scene.operator,
        "coordinator": scene.coordinator,
        "region": scene.region,
        "evaluator": scene.user("evaluator", scene.lead),
        "officer": scene.user("data_protection_officer", scene.lead),
        "other body": scene.outsider,
    }
    found |= {name: seen(lab, person) for name, person in persons.items()}
    exceptionally = {name: opened(lab, person) for name, person in persons.items()}
    on(OVER)
    found["operator after the end"] = seen(lab, scene.operator)

    # The birth date is on the page of a recipient for all who may see it, as the age decides who counts.
    assert found == {
        "school": EVERYTHING,
        "head of the school": NOTHING,
        "teacher": NOTHING,
        "operator without act": {"birth date"},
        "operator with act": {"own code", "short name", "full name", "birth date"},
        "operator after the end": {"birth date"},
        "coordinator": {"birth date"},
        "region": {"birth date"},
        "evaluator": NOTHING,
        "officer": NOTHING,
        "other body": NOTHING,
    }
    assert {name: fields for name, fields in exceptionally.items() if fields} == {"region": {"full name", "tax code"}}
