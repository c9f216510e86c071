# SPDX-License-Identifier: EUPL-1.2
"""A request of a person: the clock, the comparison, the tasks of the bodies, the acts it leads to."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from beneficiaries.enums import ReadKind
from beneficiaries.models import Beneficiary, ReadEntry
from beneficiaries.services.enrolments import enrol
from beneficiaries.services.erasure import ErasureRefusedError
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.services import acting
from mediation.models import MediationRequest
from mediation.selectors import subject as of_mediation
from privacy.models import RightsRequest, RightsTask
from privacy.selectors.moment import Act, moment_of
from privacy.selectors.requests import matches_of, months_after, timeliness
from privacy.services import request_tasks, requests, rights_acts
from privacy.services.applicants import destroy_applicants, open_for_body, open_for_officer, seal_again
from tests.actions.scene import Scene, build
from tests.beneficiaries import dump
from tests.beneficiaries.people import OTHER_CODE, known
from tests.privacy.cases import AT, CODE, FAMILY, GIVEN, RECEIVED, filed, matched, officer, proposed, reply, search

SECRETS = [GIVEN, FAMILY, CODE, "madre@example.org", "Vorrei sapere"]


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()


def _now(one: Any) -> Any:
    return type(one).objects.get(pk=one.pk)


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2019, 1, 31), 1, date(2019, 2, 28)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2019, 11, 30), 3, date(2020, 2, 29)),
        (date(2019, 12, 15), 1, date(2020, 1, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_one(day: date, months: int, due: date) -> None:
    assert months_after(day, months) == due


def test_the_clock_of_a_case(scene: Scene) -> None:
    by, case = officer(scene), filed(scene)
    assert (case.number, case.due_on) == ("D-2019-0001", date(2019, 3, 27))
    assert filed(scene).number == "D-2019-0002"
    with pytest.raises(TransitionNotAllowed):  # not before the identity is verified
        requests.extend(request=case, version=1, reason="Molti archivi", told_on=RECEIVED, by=by, at=AT)
    requests.ask_identity(request=case, version=1, by=by, at=AT)
    requests.verify_identity(request=case, version=case.version, check="document", by=by, at=AT)
    with pytest.raises(DomainError) as late:
        requests.extend(
            request=case, version=case.version, reason="Molti archivi", told_on=date(2019, 3, 28), by=by,
            at=AT + timedelta(days=28),
        )  # fmt: skip
    assert late.value.field == "told_on"
    requests.extend(request=case, version=case.version, reason="Molti archivi", told_on=date(2019, 3, 1), by=by, at=AT)
    assert (case.state, case.due_on) == ("extended", date(2019, 5, 27))
    with pytest.raises(StaleError):
        requests.refuse(request=case, version=1, reason="Infondata", by=by, at=AT)
    with pytest.raises(TransitionNotAllowed):
        requests.refuse(request=case, version=case.version, reason=" ", by=by, at=AT)
    requests.refuse(request=case, version=case.version, reason="Infondata", by=by, at=AT)
    requests.close(request=case, version=case.version, by=by, at=AT)
    figure = timeliness(RightsRequest.objects.all(), date(2019, 4, 1))
    assert (figure.answered, figure.in_time, figure.open, figure.late) == (1, 1, 1, 1)
    for stranger in (scene.operator, scene.user("data_protection_officer", scene.stranger)):
        with pytest.raises(NotPermitted):
            open_for_officer(request=case, by=stranger, at=AT)
    assert open_for_officer(request=case, by=by, at=AT).full_name == f"{GIVEN} {FAMILY}"
    assert AuditEvent.objects.filter(verb="applicant_opened", target_id=case.pk).count() == 1
    assert dump.in_database(SECRETS) == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"received_on": date(2019, 3, 2)}, "received_on"),
        ({"birth_date": date(2020, 1, 1)}, "birth_date"),
        ({"birth_date": date(1850, 1, 1)}, "birth_date"),
        ({"family_name": " "}, "family_name"),
        ({"applicant_name": ""}, "applicant_name"),
    ],
)
def test_what_is_impossible_is_refused_at_its_field(scene: Scene, values: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        filed(scene, **values)
    assert refused.value.field == field
    assert not RightsRequest.objects.exists()


def test_the_records_are_found_by_code_and_by_names(scene: Scene) -> None:
    by = officer(scene)
    one = known(scene, GIVEN, FAMILY, CODE)
    twin = known(scene, GIVEN, FAMILY, CODE, body=scene.school)
    alike = known(scene, FAMILY, GIVEN, body=scene.stranger)
    known(scene, "Li", "Wu")
    case = filed(scene)
    with pytest.raises(TransitionNotAllowed):
        request_tasks.match(request=case, version=1, tax_code=CODE, by=by, at=AT)
    requests.verify_identity(request=case, version=1, check="known", by=by, at=AT)
    with pytest.raises(DomainError) as malformed:
        request_tasks.match(request=case, version=case.version, tax_code="RSSMRA80A01H501X", by=by, at=AT)
    assert malformed.value.field == "tax_code"
    assert "RSSMRA" not in str(malformed.value)

    # With omocodia; what is the same person comes with it.
    assert request_tasks.match(request=case, version=case.version, tax_code="RSSMRA80A01H5LMX", by=by, at=AT) == 2
    read = ReadEntry.objects.filter(page="privacy:request")
    assert sorted(subject for entry in read for subject in entry.subjects) == sorted([one.pk, twin.pk])
    found = request_tasks.candidates(_now(case))
    assert [candidate.beneficiary_id for candidate in found] == [alike.pk]
    assert (
        request_tasks.match(request=case, version=case.version, tax_code="", chosen=[found[0].token], by=by, at=AT) == 1
    )
    # The same right for the same person, while this one is open.
    second = filed(scene)
    requests.verify_identity(request=second, version=1, check="known", by=by, at=AT)
    with pytest.raises(DomainError, match=case.number):
        request_tasks.match(request=second, version=second.version, tax_code=CODE, by=by, at=AT)
    assert dump.in_database(SECRETS) == {}


def test_bodies_search_and_answer(scene: Scene) -> None:
    one = known(scene, GIVEN, FAMILY, CODE)
    case = matched(scene)
    operator, contact = scene.operator, scene.contact  # the school has a case of its own
    tasks = {task.organisation_id: task for task in search(scene, case, scene.cooperative, scene.school)}
    assert search(scene, case, scene.school) == []
    own, school = tasks[scene.cooperative.pk], tasks[scene.school.pk]
    assert Message.objects.filter(kind="rights_task", recipient=contact).count() == 1
    with pytest.raises(NotPermitted):
        open_for_body(task=own, by=contact, at=AT)
    opened = open_for_body(task=_now(own), by=operator, at=AT)
    assert (opened.full_name, opened.contact, opened.text) == (f"{GIVEN} {FAMILY}", "", "")
    assert ReadEntry.objects.get(page="privacy:task").subjects == [one.pk]
    assert ReadEntry.objects.get(page="privacy:task").kind == ReadKind.OPENING

    with pytest.raises(DomainError, match="Cooperativa Prova"):
        requests.answer(request=case, version=case.version, by=officer(scene), at=AT)
    for answer, codes, held, field in (
        ("held", [], "", "held"),
        ("nothing", ["3B"], "", "answer"),
        ("done", [], "", "answer"),
        ("held", [], f"Faldone di {CODE}", "held"),
    ):
        with pytest.raises(DomainError) as refused:
            reply(school, answer, contact, codes, held)
        assert refused.value.field == field
    reply(school, "held", contact, ["C-12", "C-12", " "], "Faldone 4")
    stale = _now(school)
    reply(school, "held", contact, ["C-12"], "Faldone 4")
    assert _now(school).version == stale.version
    with pytest.raises(StaleError):
        request_tasks.answer_task(task=stale, version=1, answer="nothing", codes=[], held="", by=contact, at=AT)
    assert _now(school).codes == ["C-12"]
    request_tasks.withdraw_task(task=own, version=1, by=officer(scene), at=AT)
    with pytest.raises(StaleError):
        reply(own, "nothing", operator)


def test_an_erasure_is_executed_and_destroys_lists(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one = known(scene, GIVEN, FAMILY, CODE)
    case = matched(scene, "erasure")
    task = search(scene, case, scene.school)[0]
    by = officer(scene)
    for act in (rights_acts.propose_erasure, rights_acts.erase):
        with pytest.raises(DomainError, match="Istituto"):
            act(request=case, version=case.version, by=by, at=AT)
    reply(task, "held", scene.contact, ["C-1"])
    proposed(scene, case)
    with acting(None):
        of_school = {"programme": scene.programme, "network": scene.network, "organisation": scene.school}
        cases = [
            MediationRequest.objects.create(**of_school, kind="school", case_code=code, reason="Colloquio con la madre")
            for code in ("C-1", "C-2")
        ]
    # What is not over keeps its words: they go with its end.
    monkeypatch.setattr(of_mediation, "CASES", dict.fromkeys(of_mediation.CASES, (("draft",), "")))
    with pytest.raises(TransitionNotAllowed):
        rights_acts.restrict(request=case, version=case.version, by=by, at=AT)
    assert rights_acts.erase(request=case, version=case.version, by=by, at=AT) == 1
    assert _now(one).anonymised_at is not None
    assert [_now(case_of).reason for case_of in cases] == ["", "Colloquio con la madre"]
    asked = set(RightsTask.objects.filter(purpose="destroy").values_list("organisation_id", flat=True).order_by("pk"))
    assert asked == {scene.cooperative.pk, scene.school.pk}
    assert rights_acts.erase(request=case, version=case.version, by=by, at=AT) == 0
    for destroying in RightsTask.objects.filter(purpose="destroy").order_by("pk"):
        reply(destroying, "done", None)
    requests.answer(request=case, version=case.version, by=by, at=AT)
    requests.close(request=case, version=case.version, by=by, at=AT)
    assert destroy_applicants(requests=[case], by=None, at=AT, reason="Conservazione") == 1
    assert open_for_officer(request=_now(case), by=by, at=AT) is None
    assert not RightsTask.objects.exclude(codes=[])


def test_an_erasure_needs_two_people(scene: Scene) -> None:
    one = known(scene, GIVEN, FAMILY, CODE)
    case, by = matched(scene, "erasure"), officer(scene)

    def erase(person: Any) -> int:
        return rights_acts.erase(request=case, version=case.version, by=person, at=AT)

    with pytest.raises(DomainError, match="prima proponila"):
        erase(by)
    for _twice in range(2):
        rights_acts.propose_erasure(request=case, version=case.version, by=by, at=AT)
    with pytest.raises(DomainError, match="nessun altro gestisce"):
        erase(by)
    second = scene.user("regional_coordinator", scene.lead)
    assert not Message.objects.filter(kind="erasure_proposed")
    with pytest.raises(DomainError, match="è stato avvisato"):
        erase(by)
    reply(search(scene, case, scene.school)[0], "nothing", scene.contact)
    for person, act in ((by, None), (second, Act.ERASE)):
        tasks = list(case.tasks.order_by("pk"))
        moment = moment_of(_now(case), matches=matches_of(case), tasks=tasks, user=person, day=AT.date())
        assert (moment.act, moment.second) == (act, act is None)
    # What is found since was not proposed.
    known(scene, GIVEN, "Olafsdottir", OTHER_CODE)
    request_tasks.match(request=case, version=case.version, tax_code=OTHER_CODE, by=second, at=AT)
    with pytest.raises(DomainError, match="prima proponila"):
        erase(second)
    rights_acts.propose_erasure(request=case, version=case.version, by=by, at=AT)
    assert list(Message.objects.filter(kind="erasure_proposed").values_list("recipient", flat=True)) == [second.pk]
    assert _now(one).anonymised_at is None
    assert erase(second) == 2
    assert AuditEvent.objects.filter(verb="erasure_proposed").count() == 2


def test_a_restriction_holds_until_it_is_lifted(scene: Scene) -> None:
    one = known(scene, GIVEN, FAMILY, CODE)
    case, by = matched(scene, "restriction"), officer(scene)
    assert rights_acts.restrict(request=case, version=case.version, by=by, at=AT) == 1
    with pytest.raises(DomainError, match=one.pseudonym):
        enrol(
            activity=scene.activity(), beneficiary=one, enrolled_on=date(2019, 2, 1), notice_version="1",
            notice_given_on=date(2019, 1, 1), by=scene.operator,
        )  # fmt: skip
    erasure = proposed(scene, matched(scene, "erasure"))
    with pytest.raises(ErasureRefusedError):
        rights_acts.erase(request=erasure, version=erasure.version, by=by, at=AT)
    assert rights_acts.lift(request=case, version=case.version, by=by, at=AT) == 1
    assert rights_acts.erase(request=erasure, version=erasure.version, by=by, at=AT) == 1


def test_reminders_go_once(scene: Scene) -> None:
    by, contact = officer(scene), scene.contact
    case = matched(scene)
    search(scene, case, scene.school)
    assert requests.remind(at=AT) == 0
    near = AT + timedelta(days=20)
    assert requests.remind(at=near) == requests.remind(at=near) + 2  # the officer and the school, late by now
    late = AT + timedelta(days=40)
    assert requests.remind(at=late) == 1
    assert Message.objects.filter(kind="rights_due", recipient=by).count() == 2
    assert Message.objects.filter(kind="rights_task_due", recipient=contact).count() == 1
    assert timezone.is_aware(late)


def test_an_old_key_is_replaced(scene: Scene, settings: Any) -> None:
    case, by = filed(scene), officer(scene)
    keys = settings.VAULT_KEYS
    settings.VAULT_KEYS = {"new": b"n" * 32} | keys
    assert (seal_again(), seal_again()) == (1, 0)
    settings.VAULT_KEYS = {"new": b"n" * 32}
    assert open_for_officer(request=_now(case), by=by, at=AT).family_name == FAMILY


# --- at the same moment -----------------------------------------------------------------------------------------------


def _together(*acts: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_two_cases_of_one_person_at_once(monkeypatch: pytest.MonkeyPatch, locked: bool) -> None:
    scene = build()
    known(scene, GIVEN, FAMILY, CODE)
    by = officer(scene)
    cases = [filed(scene) for _ in range(2)]
    for case in cases:
        requests.verify_identity(request=case, version=1, check="known", by=by, at=AT)
    looking, looked = request_tasks._check_alone, threading.Barrier(2)

    def look(*args: Any) -> None:
        looking(*args)
        if not locked:
            looked.wait(timeout=20)

    monkeypatch.setattr(request_tasks, "_check_alone", look)
    if not locked:
        # Without the lock on the records both look before either has written.
        monkeypatch.setattr(
            type(Beneficiary.objects.all()), "select_for_update", lambda self, **values: self, raising=True
        )
    results = _together(
        *(
            lambda case=case: request_tasks.match(request=case, version=case.version, tax_code=CODE, by=None, at=AT)  # type: ignore[misc]
            for case in cases
        )
    )
    refused = [one for one in results if isinstance(one, DomainError)]
    assert len(refused) == (1 if locked else 0), results
