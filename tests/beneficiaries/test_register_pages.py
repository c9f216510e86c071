# SPDX-License-Identifier: EUPL-1.2
"""Pages of registers, enrolments and recipients: with and without script, for whom, and what they keep."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Activity, Meeting
from beneficiaries.enums import Eligibility
from beneficiaries.forms.registers import read_cell, write_cell
from beneficiaries.models import Attendance, Beneficiary, Enrolment
from beneficiaries.selectors import mark_of
from beneficiaries.services.registers import Cell, record_attendance
from partners.models import Language
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of, enrolled, pupil

DAY = date(2019, 2, 5)


def sign_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


@pytest.fixture
def pupils(scene: Scene, lab: Activity) -> list[Enrolment]:
    return class_of(scene, lab, 3)


@pytest.fixture
def meeting(scene: Scene, lab: Activity) -> Meeting:
    return scene.meeting(lab)


def marks() -> list[str]:
    return [mark_of(cell) for cell in Attendance.objects.order_by("meeting__held_on", "enrolment")]


def cell_name(meeting: Meeting, enrolment: Enrolment) -> str:
    return f"cell-{meeting.pk}-{enrolment.pk}"


@pytest.mark.parametrize(
    ("text", "state", "minutes"),
    [
        ("", "", None),
        (" p ", "present", None),
        ("P45", "present", 45),
        ("p 45", "present", 45),
        ("45", "present", 45),
        ("a", "absent", None),
        ("G", "justified", None),
    ],
)
def test_what_is_typed_in_a_cell(text: str, state: str, minutes: int | None) -> None:
    assert read_cell(text) == (state, minutes)
    again = write_cell(state, minutes, 90)
    assert read_cell(again) == (state, minutes)


@pytest.mark.parametrize("text", ["X", "A45", "P-1", "PP", "45P", "presente"])
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="P45"):
        read_cell(text)


def test_own_codes_are_read_by_the_own_body_alone(
    client: Client, scene: Scene, lab: Activity, pupils: list[Enrolment], meeting: Meeting
) -> None:
    address = reverse("beneficiaries:register", args=[lab.uuid])

    own = sign_in(client, scene.operator).get(address).content.decode()
    school = sign_in(client, scene.contact).get(address).content.decode()

    assert "3B-01" in own
    assert "3B-01" not in school
    assert pupils[0].beneficiary.pseudonym in school


def test_the_grid_is_a_plain_form(
    client: Client, scene: Scene, lab: Activity, pupils: list[Enrolment], meeting: Meeting
) -> None:
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:register", args=[lab.uuid])
    names = [cell_name(meeting, one) for one in pupils]
    data = dict(zip(names, ["P", "p45", "A"], strict=True)) | {f"was-{name}": "" for name in names}

    answer = client.post(address, data)

    assert answer.status_code == 302
    assert marks() == ["present:90", "present:45", "absent"]
    page = client.get(address).content.decode()
    assert f'name="{names[1]}" value="P45"' in page


def test_the_grid_keeps_what_was_typed_and_saves_nothing(
    client: Client, scene: Scene, lab: Activity, pupils: list[Enrolment], meeting: Meeting
) -> None:
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:register", args=[lab.uuid])
    names = [cell_name(meeting, one) for one in pupils]

    for texts, wrong in ((["P", "Z9", "A"], names[1]), (["P", "P91", "A"], names[1])):
        page = client.post(address, dict(zip(names, texts, strict=True)))
        content = page.content.decode()
        assert page.status_code == 200
        assert marks() == []
        assert f'value="{texts[1]}"' in content
        assert f'href="#{wrong}"' in content
        assert f'id="{wrong}-error"' in content


def test_the_form_of_one_meeting(
    client: Client, scene: Scene, lab: Activity, pupils: list[Enrolment], meeting: Meeting
) -> None:
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:register", args=[lab.uuid]) + f"?meeting={meeting.uuid}"
    names = [cell_name(meeting, one) for one in pupils]

    assert client.get(address).status_code == 200
    wrong = client.post(address, {f"state-{names[0]}": "present", f"minutes-{names[0]}": "molti"})
    assert wrong.status_code == 200
    assert 'value="molti"' in wrong.content.decode()
    client.post(
        address,
        {f"state-{names[0]}": "present", f"minutes-{names[0]}": "30", f"state-{names[1]}": "justified"},
    )
    assert marks() == ["present:30", "justified"]
    client.post(
        address,
        {
            f"state-{names[0]}": "present",
            f"minutes-{names[0]}": "30",
            f"state-{names[1]}": "justified",
            "everybody": "present",
        },
    )
    assert marks() == ["present:30", "justified", "present:90"]


def test_cells_are_saved_while_they_are_typed(
    client: Client, scene: Scene, lab: Activity, pupils: list[Enrolment], meeting: Meeting
) -> None:
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:register-cells", args=[lab.uuid])
    names = [cell_name(meeting, one) for one in pupils]

    def post(texts: list[str], was: list[str]) -> list[dict[str, Any]]:
        data = dict(zip(names, texts, strict=False)) | dict(zip([f"was-{n}" for n in names], was, strict=False))
        answer = client.post(address, data)
        assert answer.status_code == 200
        return list(answer.json()["cells"])

    # One request for a row: what can be written is, what cannot says why and keeps what was typed.
    one, two, three = post(["p", "Q", "p45"], ["", "", ""])
    assert (one["text"], one["was"], one["error"]) == ("P", "present:90", "")
    assert (two["text"], two["was"], "P45" in two["error"]) == ("Q", "", True)
    assert (three["text"], three["was"]) == ("P45", "present:45")
    assert marks() == ["present:90", "present:45"]

    # Somebody else was faster: who, what, and both values to choose from.
    record_attendance(activity=lab, cells=[Cell(meeting.pk, pupils[0].pk, "absent")], by=scene.contact)
    [stale] = post(["G"], ["present:90"])
    assert (stale["text"], stale["theirs"], stale["was"]) == ("G", "A", "absent")
    assert scene.contact.full_name in stale["error"]
    assert marks() == ["absent", "present:45"]
    assert post(["G"], [stale["was"]])[0]["error"] == ""
    assert post([""], ["justified"])[0] == {
        "name": names[0], "text": "", "was": "", "theirs": None, "error": "",
    }  # fmt: skip
    assert marks() == ["present:45"]
    assert sign_in(client, scene.coordinator).post(address, {names[0]: "P"}).status_code == 403
    assert sign_in(client, scene.outsider).post(address, {names[0]: "P"}).status_code == 404


def test_closed_cells_are_shown_and_not_written(
    client: Client, scene: Scene, lab: Activity, pupils: list[Enrolment], meeting: Meeting
) -> None:
    later = scene.meeting(lab, date(2019, 4, 9))
    record_attendance(activity=lab, cells=[Cell(meeting.pk, pupils[0].pk, "present")], by=scene.operator)
    scene.close(0)
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:register", args=[lab.uuid])

    page = client.get(address).content.decode()
    client.post(address, {cell_name(meeting, pupils[0]): "A", cell_name(later, pupils[0]): "A"})
    cell = client.post(
        reverse("beneficiaries:register-cells", args=[lab.uuid]),
        {cell_name(meeting, pupils[0]): "A"},
    )

    assert f'name="{cell_name(meeting, pupils[0])}"' not in page
    assert f'name="{cell_name(later, pupils[0])}"' in page
    assert marks() == ["present:90", "absent"]
    assert "2019-Q1" in cell.content.decode()


def test_the_register_opens_with_twelve_queries_and_the_list_costs_the_same(
    client: Client, scene: Scene, django_assert_max_num_queries: Any
) -> None:
    sign_in(client, scene.operator)
    begun, known = False, 0
    for number, days in ((3, 1), (25, 30)):
        lab = scene.activity()
        enrolments = class_of(scene, lab, number, name=f"{days}B")
        meetings = [scene.meeting(lab, DAY + timedelta(days=day)) for day in range(days)]
        cells = [Cell(one.pk, pupil.pk, "present") for one in meetings for pupil in enrolments]
        record_attendance(activity=lab, cells=cells, by=scene.operator)
        if not begun:  # the first reading of a body begins its chain
            client.get(reverse("beneficiaries:register", args=[lab.uuid]))
            begun = True
        with django_assert_max_num_queries(12):
            client.get(reverse("beneficiaries:register", args=[lab.uuid]))
        with django_assert_max_num_queries(18):
            page = client.get(reverse("beneficiaries:beneficiary-list"))
        known += number
        assert page.context["page"].paginator.count == known


def test_the_list_filters_and_exports(client: Client, scene: Scene) -> None:
    one, other = pupil(scene, "A-1"), pupil(scene, "B-2", eligibility=Eligibility.UNVERIFIED)
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:beneficiary-list")

    def found(**query: Any) -> list[Beneficiary]:
        return sorted(client.get(address, query).context["page"], key=lambda row: row.pk)

    assert found() == [one, other]
    assert found(text=one.pseudonym.replace("-", "").lower()) == [one]
    assert found(text="b-2") == [other]
    assert found(eligibility="unverified") == [other]
    export = client.get(reverse("beneficiaries:beneficiary-export", args=["csv"]), {"text": "A-1"})
    text = b"".join(export.streaming_content).decode()
    assert one.pseudonym in text
    assert other.pseudonym not in text
    assert "2009" not in text
    region = sign_in(client, scene.region).get(address).content.decode()
    assert one.pseudonym in region
    assert "A-1" not in region
    assert sign_in(client, scene.teacher).get(address).status_code == 403


def new_pupil(scene: Scene, **values: Any) -> dict[str, Any]:
    return {
        "local_code": "3B-07",
        "target_group": scene.pupils.pk,
        "sex": "female",
        "birth_date": "03/05/2010",
        "citizenship": scene.morocco.pk,
        "declared": "on",
        "enrolled_on": "15/01/2019",
        "notice_version": "1",
        "notice_given_on": "10/01/2019",
        "notice_given_to": "family",
        "notice_language": Language.objects.get(code="it").pk,
        "submission_key": "6a1c9d2e-8f7b-4a53-9c55-0d6c8c4f3b11",
    } | values


def test_a_new_recipient_is_registered_and_enrolled_once(client: Client, scene: Scene, lab: Activity) -> None:
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:enrol-new", args=[lab.uuid])
    assert client.get(address).status_code == 200

    for _click in range(2):
        answer = client.post(address, new_pupil(scene))
        assert answer.status_code == 302, answer.context["form"].errors

    one = Beneficiary.objects.get()
    assert (one.eligibility, one.registered_by) == (Eligibility.DECLARED, scene.cooperative)
    assert lab.enrolments.get().notice_version == "1"


def test_a_wrong_registration_writes_nothing(client: Client, scene: Scene, lab: Activity) -> None:
    sign_in(client, scene.operator)

    for values, field in [
        ({"local_code": "Mario Rossi"}, "local_code"),
        ({"local_code": "RSSMRA80A01H501U"}, "local_code"),
        ({"notice_version": ""}, "notice_version"),
        ({"notice_given_on": "16/01/2019"}, "notice_given_on"),
        ({"notice_given_on": ""}, "notice_given_on"),
        ({"enrolled_on": "01/01/2018", "notice_given_on": "01/01/2018"}, "enrolled_on"),
        ({"citizenship": "999999"}, "citizenship"),
        ({"sex": "x"}, "sex"),
    ]:
        page = client.post(reverse("beneficiaries:enrol-new", args=[lab.uuid]), new_pupil(scene, **values))

        assert page.status_code == 200
        assert page.context["form"].errors[field]
        assert not Beneficiary.objects.exists()


def test_who_is_not_counted_is_said_at_once(client: Client, scene: Scene, lab: Activity) -> None:
    sign_in(client, scene.operator)

    page = client.post(
        reverse("beneficiaries:enrol-new", args=[lab.uuid]), new_pupil(scene, birth_date="03/05/1990"), follow=True
    )

    assert lab.enrolments.count() == 1
    assert [message.level_tag for message in page.context["messages"]] == ["success", "warning"]


def test_a_known_recipient_is_enrolled_by_code_or_pseudonym(client: Client, scene: Scene, lab: Activity) -> None:
    one, other = pupil(scene, "A-1"), pupil(scene, "A-2")
    address = reverse("beneficiaries:enrol", args=[lab.uuid])
    data = {name: value for name, value in new_pupil(scene).items() if name.startswith(("notice", "enrolled"))}
    sign_in(client, scene.operator)

    assert client.post(address, data | {"code": "a-1"}).status_code == 302
    nobody = client.post(address, data | {"code": "Z-9"})
    assert nobody.context["form"].errors["code"]
    sign_in(client, scene.contact)
    assert client.post(address, data | {"code": "A-2"}).status_code == 200
    assert client.post(address, data | {"code": other.pseudonym}).status_code == 302

    assert {row.beneficiary for row in lab.enrolments.select_related("beneficiary").order_by("pk")} == {one, other}


def test_levels_and_withdrawal(client: Client, scene: Scene, lab: Activity) -> None:
    one = enrolled(scene, lab, pupil(scene))
    sign_in(client, scene.operator)
    address = reverse("beneficiaries:enrolment", args=[one.pk])

    wrong = client.post(address, {"entry_level": "a1", "exit_level": "a2", "certificate_number": "12/2019"})
    assert wrong.context["form"].errors["certificate_on"]
    assert 'value="12/2019"' in wrong.content.decode()
    client.post(address, {"entry_level": "a1", "exit_level": "a2"})
    wrong = client.post(
        reverse("beneficiaries:withdraw", args=[one.pk]), {"withdrawn_on": "2018-01-01", "code": "moved"}
    )
    client.post(reverse("beneficiaries:withdraw", args=[one.pk]), {"withdrawn_on": "2019-03-01", "code": "moved"})
    one.refresh_from_db()
    assert wrong.context["form"].errors["withdrawn_on"]
    assert (one.exit_level, one.withdrawn_on) == ("a2", date(2019, 3, 1))
    assert client.get(address).status_code == 200
    client.post(reverse("beneficiaries:withdrawal-cancel", args=[one.pk]))
    one.refresh_from_db()
    assert one.withdrawn_on is None
    assert sign_in(client, scene.coordinator).get(address).status_code == 403
    assert sign_in(client, scene.outsider).get(address).status_code == 404


def test_the_page_of_a_recipient(client: Client, scene: Scene, lab: Activity) -> None:
    one = pupil(scene)
    enrolled(scene, lab, one)
    answers = {
        person: sign_in(client, getattr(scene, person)).get(one.get_absolute_url())
        for person in ("operator", "contact", "coordinator", "region", "teacher", "outsider")
    }

    assert {person: answer.status_code for person, answer in answers.items()} == {
        "operator": 200, "contact": 200, "coordinator": 200, "region": 200, "teacher": 404, "outsider": 404,
    }  # fmt: skip
    assert [len(answers[person].context["buttons"]) for person in ("operator", "contact", "coordinator", "region")] == [
        2, 0, 1, 2,
    ]  # fmt: skip


def test_correction_and_eligibility(client: Client, scene: Scene, lab: Activity) -> None:
    one = pupil(scene)
    enrolled(scene, lab, one)
    sign_in(client, scene.operator)
    person = {
        "local_code": "3B-99", "target_group": scene.pupils.pk, "sex": "male", "birth_date": "2010-05-05",
        "citizenship": scene.morocco.pk, "version": "1",
    }  # fmt: skip

    client.post(reverse("beneficiaries:beneficiary-edit", args=[one.uuid]), person)
    stale = client.post(reverse("beneficiaries:beneficiary-edit", args=[one.uuid]), person | {"local_code": "3B-98"})
    one.refresh_from_db()
    assert one.local_code == "3B-99"
    assert 'value="3B-98"' in stale.content.decode()
    sign_in(client, scene.coordinator)
    address = reverse("beneficiaries:eligibility", args=[one.uuid])
    refused = client.post(address, {"eligibility": "not_eligible", "version": "2"})
    assert refused.context["form"].errors["reason"]
    client.post(address, {"eligibility": "verified", "seen": "permit", "kept_at": "Fascicolo 3", "version": "2"})
    one.refresh_from_db()
    assert one.eligibility == Eligibility.VERIFIED
    assert client.get(reverse("beneficiaries:beneficiary-edit", args=[one.uuid])).status_code == 403
