# SPDX-License-Identifier: EUPL-1.2
"""The officer handles a request of a person: a case, the comparison, the answer of a body, the copy, the erasure."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from actions.enums import Measure, Unit
from beneficiaries.models import Beneficiary
from privacy.models import RightsRequest
from reporting.models import ResultTotal
from reporting.services import activity_reports
from tests.actions.scene import Scene, build
from tests.beneficiaries import dump
from tests.beneficiaries.people import known
from tests.e2e.conftest import NARROW, Live
from tests.factories.actions import IndicatorFactory, MeetingFactory
from tests.factories.beneficiaries import AttendanceFactory, EnrolmentFactory
from tests.factories.reporting import ActivityReportFactory
from tests.privacy.cases import CODE, FAMILY, GIVEN, matched, officer, reply, search
from tests.reporting.ledger_world import NOW

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def _confirm(page: Page, link: str, button: str) -> None:
    page.get_by_role("link", name=link, exact=True).click()
    page.get_by_role("button", name=button, exact=True).click()


def test_a_request_of_a_person_is_answered(live: Live, axe: Callable[[Page], None], tmp_path: Path) -> None:
    scene = build()
    one, operator = known(scene, GIVEN, FAMILY, CODE, local_code="3B-777"), scene.operator
    _counted_in_a_report(scene, one)
    page = live.page(officer(scene), path="/rights/")
    expect(page.get_by_text("Ancora nessuna richiesta")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Apri una pratica").click()
    page.get_by_label("Accesso: copia dei dati").check(force=True)
    page.get_by_role("button", name="Apri la pratica").click()
    axe(page)  # with its errors
    page.get_by_label("Nome della persona", exact=False).first.fill(GIVEN)
    page.get_by_label("Cognome della persona").fill(FAMILY)
    page.get_by_label("Data di nascita della persona").fill("2009-05-17")
    page.get_by_label("La persona", exact=True).check(force=True)
    page.get_by_label("Dove rispondere").fill("madre@example.org")
    page.get_by_role("button", name="Apri la pratica").click()
    case = RightsRequest.objects.get()
    page.get_by_role("link", name="Verifica l’identità").click()
    page.get_by_label("Documento d’identità mostrato").check(force=True)
    page.get_by_role("button", name="Verifica l’identità").click()
    page.get_by_role("link", name="Confronta con le registrazioni").click()
    page.get_by_label("Codice fiscale").fill(CODE)
    page.get_by_role("button", name="Confronta e conserva ciò che si trova").click()
    expect(page.get_by_text(one.pseudonym)).to_be_visible()
    _confirm(page, "Chiedi agli enti", "Chiedi agli enti")
    page.get_by_text("Altre operazioni").click()
    expect(page.get_by_role("link", name="Proroga il termine")).to_be_visible()
    axe(page)

    body = live.page(operator, size=NARROW, path="/rights/tasks/")
    axe(body)
    body.get_by_role("link", name=case.number).click()
    axe(body)
    _confirm(body, "Di chi si tratta", "Apri il nome")
    expect(body.get_by_text(FAMILY)).to_be_visible()
    body.get_by_role("link", name="Indietro").click()
    body.get_by_label("Abbiamo qualcosa").check(force=True)
    body.get_by_label("Che cos’altro hai").fill("Registro cartaceo, faldone 4")
    body.get_by_role("button", name="Rispondi").click()
    expect(body.get_by_text("Grazie: il responsabile")).to_be_visible()

    reply(case.tasks.get(organisation=scene.school), "nothing", scene.contact)
    page.goto(live.url + case.get_absolute_url())
    _confirm(page, "Produci la copia", "Produci la copia")
    page.goto(live.url + case.get_absolute_url())
    page.get_by_role("link", name="Apri la copia: JSON").click()
    axe(page)
    assert FAMILY in _downloaded(page, tmp_path)
    page.goto(live.url + case.get_absolute_url())
    _confirm(page, "Copia consegnata", "Copia consegnata")
    _confirm(page, "La persona ha avuto risposta", "La persona ha avuto risposta")
    _confirm(page, "Chiudi la pratica", "Chiudi la pratica")

    _erase(scene, page, live)
    axe(page)
    assert Beneficiary.objects.get(pk=one.pk).anonymised_at is not None
    assert dump.in_database([GIVEN, FAMILY, CODE, "3B-777"]) == {}


def _downloaded(page: Page, folder: Path) -> str:
    page.locator("input[type=radio]").first.check(force=True)
    with page.expect_download() as found:
        page.locator("form.portal-form button[type=submit]").click()
    target = folder / "copia.json"
    found.value.save_as(target)
    return target.read_text()


def _counted_in_a_report(scene: Scene, one: Beneficiary) -> None:
    """Make the person count: present once, in a report that was validated."""
    IndicatorFactory(programme=scene.programme, code="people", measure=Measure.PERSONS, unit=Unit.PERSONS, rule={})
    meeting = MeetingFactory(activity=scene.activity(), held_on=date(2019, 2, 5))
    AttendanceFactory(meeting=meeting, enrolment=EnrolmentFactory(activity=meeting.activity, beneficiary=one))
    report: Any = ActivityReportFactory(
        period=scene.quarters[0], network=scene.network, organisation=scene.cooperative, programme=scene.programme
    )
    activity_reports.submit(report=report, by=scene.operator, at=NOW)
    activity_reports.validate(report=report, by=scene.region, at=NOW)


def _figures() -> list[tuple[int, int]]:
    return list(ResultTotal.objects.order_by("pk").values_list("pk", "quantity"))


def _erase(scene: Scene, page: Page, live: Live) -> None:
    """A second case asks for the erasure, which takes two people: figures stay as they were."""
    case = matched(scene, "erasure")
    task = search(scene, case, scene.cooperative)[0]
    reply(task, "nothing", scene.operator)
    before = _figures()
    assert sum(quantity for _pk, quantity in before) > 0
    page.goto(live.url + case.get_absolute_url())
    _confirm(page, "Proponi la cancellazione", "Proponi la cancellazione")
    expect(page.get_by_text("Hai proposto la cancellazione")).to_be_visible()
    expect(page.get_by_role("link", name="Cancella i dati")).to_have_count(0)
    second = live.page(scene.region, path="/")
    second.get_by_role("link", name=case.number).click()
    _confirm(second, "Cancella i dati", "Cancella i dati")
    expect(second.get_by_text("I dati sono cancellati")).to_be_visible()
    expect(second.get_by_text("anonimo", exact=True)).to_be_visible()
    assert _figures() == before
