# SPDX-License-Identifier: EUPL-1.2
"""Recipients with their enrolments, imported."""

from datetime import date
from typing import Any

import pytest
from django.utils.translation import gettext

from actions.enums import ActivityKind
from actions.enums import Support as Given
from beneficiaries.models import (
    Beneficiary,
    EligibilityCheck,
    Enrolment,
    Fingerprint,
    Identity,
    Merge,
    Pair,
    Support,
    SupportMember,
)
from beneficiaries.services.identities import typed_of
from fami_portal.core.models import AuditEvent, Document, RowHistory
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.followed import followed_by
from tests.beneficiaries.people import known
from tests.core.importing import bring, counts, problems, send

pytestmark = pytest.mark.django_db


def row(number: int, **values: Any) -> dict[str, Any]:
    """Return a row of somebody invented."""
    return {
        "local_code": f"A-{number}",
        "given_name": f"Zahratul{'abcdefghij'[number % 10]}",
        "family_name": "Quasimodi",
        "sex": "Donna",
        "birth_date": date(2009, 5, 1 + number % 28),
        "citizenship": "Marocco",
        "target_group": "pupils",
        "declared": "sì",
        "activity": "Laboratorio 1",
        "enrolled_on": date(2019, 2, 1),
        "notice_version": "1",
        "notice_given_on": date(2019, 1, 20),
        "notice_given_to": "La famiglia",
    } | values


def test_rows_become_recipients_enrolled_named_and_counted_once(scene: Scene) -> None:
    lab, other = scene.activity(), scene.activity()
    twin = known(scene, "Zahratulb", "Quasimodi", body=scene.school, birth_date=date(2009, 5, 2))
    rows = [row(number) for number in range(1, 6)] + [row(1, activity=other.title, entry_level="A1")]
    assert lab.title == "Laboratorio 1"

    done = bring("recipients", rows, scene.operator)

    assert (done.state, counts(done)) == ("done", (6, 0, 0, 0))
    people = Beneficiary.objects.filter(registered_by=scene.cooperative)
    assert people.count() == 5
    assert Enrolment.objects.filter(beneficiary__in=people).count() == 6
    assert EligibilityCheck.objects.filter(beneficiary__in=people, outcome="declared").count() == 5
    typed = typed_of(identities=Identity.objects.filter(beneficiary__in=people))
    assert {words[1:3] for words in typed.values()} >= {("Zahratulb", "Quasimodi")}
    assert Fingerprint.objects.filter(beneficiary__in=people).count() == 15
    assert Pair.objects.filter(first=twin).count() == 1
    assert not Merge.objects.exists()
    # The file is gone; the result is sealed, and nothing of a name is anywhere else.
    sent, result = Document.objects.get(pk=done.file_id), Document.objects.get(pk=done.result_id)
    assert sent.destroyed_at is not None
    assert result.is_sealed
    written = str(list(RowHistory.objects.values_list("changes", flat=True))) + str(
        list(AuditEvent.objects.values_list("data", flat=True))
    )
    assert "Zahratul" not in written + str(done.report)

    again = send("recipients", rows, scene.operator)
    assert (again.state, counts(again)) == ("ready", (0, 0, 6, 0))


def test_what_differs_is_shown_without_names_and_written(scene: Scene) -> None:
    scene.activity()
    bring("recipients", [row(1), row(2), row(3)], scene.operator)
    before = Beneficiary.objects.get(local_code="A-1").version

    changed = [row(1, sex="Uomo"), row(2, given_name="Zuleikha"), row(3, birth_date=date(2008, 7, 9), entry_level="A2")]
    run = send("recipients", changed, scene.operator)
    assert (run.state, counts(run)) == ("ready", (0, 3, 0, 0))
    assert "Zuleikha" not in str(run.report)
    shown = [pair for *_row, pairs in run.report["changes"] for pair in pairs]
    assert ["Livello di italiano in ingresso", "", "A2"] in shown
    done = bring("recipients", changed, scene.operator)

    assert done.state == "done"
    first, second, third = (Beneficiary.objects.get(local_code=f"A-{number}") for number in (1, 2, 3))
    assert (first.sex, first.version) == ("male", before + 1)
    assert typed_of(identities=Identity.objects.filter(beneficiary=second))[second.pk][1] == "Zuleikha"
    assert (third.birth_date, third.enrolments.get().entry_level) == (date(2008, 7, 9), "a2")
    assert counts(send("recipients", changed, scene.operator)) == (0, 0, 3, 0)


def test_every_problem_of_every_row_is_told_and_nothing_is_written(scene: Scene) -> None:
    lab = scene.activity()
    scene.activity(title="Doppio", starts_on=date(2019, 1, 10))
    scene.activity(title="Doppio", starts_on=date(2019, 3, 1))
    bad = [
        row(1),
        row(2, local_code="RSSMRA80A01H501U", sex="forse", citizenship="Atlantide"),
        row(3, activity="Nessuno"),
        row(4, activity="Doppio"),
        row(5, enrolled_on=date(2018, 1, 1)),
        row(6, notice_version="9"),
        row(7, tax_code="RSSMRA80A01H501U"),
        row(8, birth_date="ieri"),
        row(1, sex="Uomo"),
        row(9, family_name=""),
        row(10, birth_date=date(2030, 1, 1)),
        # A cell that cannot be read hides nothing of the others.
        row(11, birth_date="ieri", sex="forse", enrolled_on=date(2018, 1, 1), family_name="1"),
        row(1, citizenship="Atlantide", enrolled_on=date(2018, 1, 1)),
    ]

    run = send("recipients", bad, scene.operator)

    told = problems(run)
    assert run.state == "refused"
    assert counts(run) == (1, 0, 0, 12)
    assert {number for number, _column in told} == set(range(3, 15))
    names = ("Gender", "Birth date", "Surname", "Enrolled on", "Notice given on")
    assert {column for number, column in told if number == 13} == {gettext(name) for name in names}
    names = ("Citizenship", "Enrolled on", "Notice given on")
    assert {column for number, column in told if number == 14} == {"", *(gettext(name) for name in names)}
    assert len(run.report["problems"]) == len(told)
    assert {(3, "Genere"), (3, "Cittadinanza"), (4, "Attività"), (5, gettext("Start of the activity"))} <= told.keys()
    assert "RSSMRA" not in str(run.report)
    assert not Beneficiary.objects.exists()
    assert lab.enrolments.count() == 0
    assert run.result is not None
    assert Document.objects.get(pk=run.file_id).destroyed_at is not None


def test_rows_of_a_support_take_in_charge_and_say_what_stands_in_the_way(scene: Scene) -> None:
    guidance = followed_by(scene, supports=[Given.WORK_GUIDANCE], title="Orientamento")
    desk = followed_by(scene, ActivityKind.DESK, title="Sportello")
    adult = {"target_group": "adults", "birth_date": date(1985, 6, 1), "tax_code_missing": "not_shown"}
    wanted = [
        row(1, activity="Orientamento", **adult),
        row(2, activity="Orientamento", support_kind="work", **adult),
        row(1, activity="Sportello", **adult),
    ]

    done = bring("recipients", wanted, scene.operator)

    assert (done.state, counts(done)) == ("done", (3, 0, 0, 0)), problems(done)
    for activity, kind, number in ((guidance, "work", 2), (desk, "case", 1)):
        found = Support.objects.filter(activity=activity, kind=kind, opened_on=date(2019, 2, 1), ended_on=None)
        assert (
            found.count() == SupportMember.objects.filter(support__in=found, since=date(2019, 2, 1)).count() == number
        )
    assert counts(send("recipients", wanted, scene.operator)) == (0, 0, 3, 0)
    # Whoever was enrolled and followed by nobody is taken in charge by the same file.
    with acting(None):
        member = SupportMember.objects.filter(support__activity=desk).get()
        member.delete()
        Support.objects.filter(activity=desk).delete()
    again = bring("recipients", wanted, scene.operator)
    assert (again.state, counts(again)) == ("done", (0, 1, 2, 0))
    assert Support.objects.filter(activity=desk).count() == 1

    followed_by(scene, supports=[Given.SCHOOL_INCLUSION], title="Scuola")
    told = problems(send("recipients", [row(1, activity="Scuola", **adult)], scene.operator))
    assert "“Orientamento nel percorso scolastico”" in told[2, gettext("Followed for")]
    followed_by(scene, supports=[Given.HOUSING], title="Casa")
    scene.activity(title="Lab")
    told = problems(
        send(
            "recipients",
            [
                row(1, activity="Casa", **adult),
                row(2, activity="Lab", support_kind="work"),
                row(3, activity="Casa", support_kind="work", **adult),
            ],
            scene.operator,
        )
    )
    assert "nucleo" in told[2, gettext("Activity")]
    assert {(3, gettext("Followed for")), (4, gettext("Followed for"))} <= told.keys()
