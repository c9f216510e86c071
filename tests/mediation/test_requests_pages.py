# SPDX-License-Identifier: EUPL-1.2
"""The pages of requests: the form in steps, the check, the page, the acts, the list."""

import uuid
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.forms import error_lines
from fami_portal.core.models import Document
from mediation.enums import Intervention, RequestState
from mediation.models import MediationRequest
from mediation.selectors.requests import ATTACHMENT
from mediation.selectors.working_days import is_working_day
from mediation.services import requests as services
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.factories.partners import LanguageFactory
from tests.opened import open_file
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db


def next_day() -> date:
    """Return a working day far enough for the notice."""
    day = clock.today() + timedelta(days=21)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def prepare() -> World:
    """A.1 is offered in programme A and network n1 has ten hours."""
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"])
    HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])
    return world


@pytest.fixture
def school(fresh: World) -> World:
    return fresh


def signed_in(world: World, role: str) -> Client:
    """Return a browser in which the person with a role is signed in."""
    client = Client()
    client.force_login(world.personas[role])
    return client


def a_request(world: World, **values: Any) -> MediationRequest:
    """Return a complete draft of school_1."""
    return MediationRequestFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        slot=(next_day(), time(10), time(11)),
        **values,
    )


def url(name: str, request: MediationRequest, *more: Any) -> str:
    """Return the address of a page of the request."""
    return reverse(f"mediation:{name}", args=[request.uuid, *more])


WHO = {
    "contact_name": "Maria Prova",
    "contact_email": "referente@scuola.example",
    "field_contact_name": "Anna Prova",
    "field_contact_phone": "011 000000",
}


def test_from_the_beginning_to_the_head(school: World) -> None:
    contact = signed_in(school, "school_contact")
    language = LanguageFactory()
    assert contact.get(reverse("mediation:request-new")).status_code == 200
    place = next(iter(contact.get(reverse("mediation:request-new")).context["form"].places))
    key = str(uuid.uuid4())
    answers = [
        contact.post(reverse("mediation:request-new"), {"place": place, "submission_key": key}) for _click in range(2)
    ]
    request = MediationRequest.objects.get()
    assert [answer["Location"] for answer in answers] == [url("request-step", request, 1)] * 2
    for step in (1, 2, 3, 4):
        assert contact.get(url("request-step", request, step)).status_code == 200
    answer = contact.post(url("request-step", request, 1), WHO | {"version": 1, "then": "on"})
    assert answer["Location"] == url("request-step", request, 2)
    what = {
        "language_0": language.pk,
        "variety_0": "darija",
        "interventions": [Intervention.FAMILY_TALK.value],
        "reason": "Colloquio di metà anno.",
        "urgency": "ordinary",
        "version": 2,
        "then": "on",
    }
    assert contact.post(url("request-step", request, 2), what)["Location"] == url("request-step", request, 3)
    when = {
        "session_minutes": 90,
        "sessions_asked": 2,
        "slot_0_day": f"{next_day():%d/%m/%Y}",
        "slot_0_starts_at": "10:00",
        "slot_0_ends_at": "11:30",
        "mode": "in_person",
        "place": "Aula magna",
        "operator_present": "on",
        "version": 3,
        "then": "on",
    }
    assert contact.post(url("request-step", request, 3), when)["Location"] == url("request-step", request, 4)
    request.refresh_from_db()
    case = {
        "case_code": request.case_code,
        "birth_year": 2010,
        "arrived_on": "09/2018",
        "family_informed_on": f"{clock.today():%d/%m/%Y}",
        "notice_version": "2018/1",
        "version": 4,
        "then": "on",
    }
    assert contact.post(url("request-step", request, 4), case)["Location"] == url("request-check", request)
    page = contact.get(url("request-check", request))
    assert page.context["form"] is not None
    assert contact.post(url("request-check", request), {"submission_key": key})["Location"] == url("request", request)
    request.refresh_from_db()
    assert (request.state, request.minutes_asked, request.arrived_on) == (RequestState.SUBMITTED, 180, date(2018, 9, 1))
    head = signed_in(school, "school_head")
    assert head.get(url("request-authorise", request)).status_code == 200
    head.post(url("request-authorise", request))
    request.refresh_from_db()
    assert request.state == RequestState.AUTHORISED
    assert head.get(url("request", request)).status_code == 200


def test_what_is_wrong_is_said_and_what_is_right_is_kept(school: World) -> None:
    contact = signed_in(school, "school_contact")
    request = a_request(school)
    typed = {
        "reason": "Chiamare 333 1234567",
        "interventions": [Intervention.FIRST_WELCOME.value],
        "urgency": "urgent",
        "version": 1,
        "then": "on",
    }
    page = contact.post(url("request-step", request, 2), typed)
    assert page.status_code == 422
    assert {"language_0", "reason"} <= set(page.context["form"].errors)
    assert "Chiamare 333 1234567" in page.content.decode()
    request.refresh_from_db()
    assert request.interventions == [Intervention.FIRST_WELCOME.value]
    assert "333" not in request.reason
    # The same page, corrected, is not stale.
    version = page.context["form"].data["version"]
    typed |= {"reason": "Colloquio.", "language_0": LanguageFactory().pk, "version": version}
    page = contact.post(url("request-step", request, 2), typed)
    assert set(page.context["form"].errors) == {"urgency_reason"}


def test_a_proposed_time_is_named_in_the_list_of_errors_and_an_odd_hour_is_pointed_out(school: World) -> None:
    contact, request = signed_in(school, "school_contact"), a_request(school)
    typed = {
        "session_minutes": 60,
        "sessions_asked": 1,
        "slot_0_day": f"{next_day():%d/%m/%Y}",
        "slot_0_starts_at": "00:00",
        "slot_0_ends_at": "01:00",
        "slot_1_day": "mai",
        "mode": "in_person",
        "place": "Aula magna",
        "operator_present": "on",
        "version": 1,
        "then": "on",
    }
    form = contact.post(url("request-step", request, 3), typed).context["form"]
    assert [str(line.label) for line in error_lines(form)] == ["Seconda data proposta, giorno"]

    typed |= {"slot_1_day": "", "version": form.data["version"]}
    told = contact.post(url("request-step", request, 3), typed, follow=True).context["messages"]
    check = contact.get(url("request-check", request)).context["warnings"]
    for found in ([str(each) for each in told], [str(task.title) for task in check]):
        assert len([text for text in found if "00:00" in text and "01:00" in text]) == 1
    typed |= {"slot_0_starts_at": "10:00", "slot_0_ends_at": "11:00", "version": MediationRequest.objects.get().version}
    told = contact.post(url("request-step", request, 3), typed, follow=True).context["messages"]
    assert not [text for text in map(str, told) if "10:00" in text]


def test_an_incomplete_step_can_wait(school: World) -> None:
    teacher = signed_in(school, "teacher")
    request = a_request(school)
    answer = teacher.post(
        url("request-step", request, 1), {"contact_name": "", "contact_role": "Docente", "version": 1, "then": "later"}
    )
    assert answer["Location"] == url("request", request)
    request.refresh_from_db()
    assert (request.contact_name, request.contact_role) == ("", "Docente")


def test_a_stale_tab_loses_nothing(school: World) -> None:
    contact = signed_in(school, "school_contact")
    request = a_request(school)
    contact.post(url("request-step", request, 1), WHO | {"version": 1, "then": "on"})
    page = contact.post(url("request-step", request, 1), WHO | {"contact_role": "Vicaria", "version": 1, "then": "on"})
    assert page.status_code == 422
    assert "Vicaria" in page.content.decode()
    request.refresh_from_db()
    assert request.contact_role == "Referente intercultura" or request.contact_role == ""


def test_a_name_must_be_confirmed(school: World) -> None:
    contact = signed_in(school, "school_contact")
    request = a_request(school, reason="Incontro con la mamma di Amina.")
    assert contact.post(url("request-check", request)).status_code == 422
    assert contact.post(url("request-check", request), {"confirmed": "on"}).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED


def test_the_check_leads_to_each_field(school: World) -> None:
    contact = signed_in(school, "school_contact")
    request = a_request(school, place="", interventions=[])
    page = contact.get(url("request-check", request))
    assert page.context["form"] is None
    links = [task.url for task in page.context["blocking"]]
    assert url("request-step", request, 3) + "#id_place" in links
    assert url("request-step", request, 2) + "#id_interventions_0" in links
    assert contact.post(url("request-check", request)).status_code in (200, 422)


def test_the_teacher_prepares_and_does_not_submit(school: World) -> None:
    teacher = signed_in(school, "teacher")
    request = a_request(school)
    page = teacher.get(url("request-check", request))
    assert page.status_code == 200
    assert page.context["form"] is None
    assert teacher.post(url("request-check", request)).status_code == 403
    request.refresh_from_db()
    assert request.state == RequestState.DRAFT


def test_declined_and_cancelled(school: World) -> None:
    contact, head = signed_in(school, "school_contact"), signed_in(school, "school_head")
    request = a_request(school)
    services.submit(request=request, by=school.personas["school_contact"], at=clock.now())
    assert head.post(url("request-decline", request), {"reason": ""}).status_code == 422
    head.post(url("request-decline", request), {"reason": "Già seguito"})
    request.refresh_from_db()
    assert request.state == RequestState.REJECTED
    contact.post(url("request-copy", request))
    copy = MediationRequest.objects.get(state=RequestState.DRAFT)
    assert copy.case_code == request.case_code
    other = a_request(school)
    services.submit(request=other, by=school.personas["school_contact"], at=clock.now())
    assert contact.get(url("request-cancel", other)).status_code == 200
    contact.post(url("request-cancel", other), {"reason": "Non serve più"})
    other.refresh_from_db()
    assert other.state == RequestState.CANCELLED


def test_files_are_added_read_and_removed(school: World) -> None:
    contact = signed_in(school, "school_contact")
    request = a_request(school)
    bad = SimpleUploadedFile("foglio.pdf", b"not a pdf")
    assert contact.post(url("request-attach", request), {"file": bad}).status_code == 422
    good = SimpleUploadedFile("foglio.pdf", b"%PDF-1.4\n%%EOF")
    assert contact.post(url("request-attach", request), {"file": good}).status_code == 302
    document = Document.objects.get(kind=ATTACHMENT)
    assert open_file(contact, document).startswith(b"%PDF")
    assert signed_in(school, "service_operator").get(document.get_absolute_url()).status_code == 404
    assert contact.get(url("request", request)).status_code == 200
    contact.post(url("request-detach", request, document.uuid))
    assert not Document.objects.filter(kind=ATTACHMENT).exists()


def test_a_draft_is_thrown_away_after_a_confirmation(school: World) -> None:
    contact = signed_in(school, "school_contact")
    request = a_request(school)
    assert contact.get(url("request-discard", request)).status_code == 200
    contact.post(url("request-discard", request))
    assert not MediationRequest.objects.exists()


def test_the_list_costs_the_same_for_few_and_many(school: World, django_assert_max_num_queries: Any) -> None:
    contact = signed_in(school, "school_contact")
    for _number in range(3):
        a_request(school)
    page = reverse("mediation:request-list")
    contact.get(page)
    with django_assert_max_num_queries(15) as few:
        assert contact.get(page).status_code == 200
    for _number in range(10):
        a_request(school)
    with django_assert_max_num_queries(15) as many:
        contact.get(page)
    assert len(few) == len(many)


def test_the_list_is_filtered_and_exported(school: World) -> None:
    contact = signed_in(school, "school_contact")
    first, second = a_request(school), a_request(school, case_code="AL-9999")
    services.submit(request=first, by=school.personas["school_contact"], at=clock.now())
    found = contact.get(reverse("mediation:request-list"), {"text": "AL-9999"}).context["page"].object_list
    assert list(found) == [second]
    found = contact.get(reverse("mediation:request-list"), {"state": "submitted"}).context["page"].object_list
    assert list(found) == [first]
    exported = contact.get(reverse("mediation:request-export", args=["csv"]))
    assert first.number in b"".join(exported.streaming_content).decode()
    assert signed_in(school, "evaluator").get(reverse("mediation:request-list")).status_code == 403


def test_who_was_not_asked_sees_no_case(school: World) -> None:
    request = a_request(school, reason="Motivo riservato")
    services.submit(request=request, by=school.personas["school_contact"], at=clock.now())
    assert "Motivo riservato" in signed_in(school, "network_coordinator").get(url("request", request)).content.decode()
    assert "Motivo riservato" not in signed_in(school, "auditor").get(url("request", request)).content.decode()


def test_the_same_page_serves_services(world: World) -> None:
    RequestKindFactory(programme=world.programmes["a"], kind=MediationRequestKind.SERVICE)
    operator = signed_in(world, "service_operator")
    form = operator.get(reverse("mediation:request-new")).context["form"]
    operator.post(reverse("mediation:request-new"), {"place": next(iter(form.places))})
    request = MediationRequest.objects.get()
    assert request.case_code.startswith("CS-")
    fields = operator.get(url("request-step", request, 4)).context["form"].fields
    assert {"case_kind", "judicial"} <= set(fields)
    assert "school_class" not in fields
