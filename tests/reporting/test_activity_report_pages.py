# SPDX-License-Identifier: EUPL-1.2
"""Pages of the activity report: who sees what, what is missing, each act and each refusal in words."""

import csv
import io
from datetime import date, time
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import BodyRole, MeetingState
from actions.models import Meeting
from fami_portal.core import nav
from fami_portal.core.models import TransitionLog
from fami_portal.core.services import acting
from reporting.enums import ActivityReportState
from reporting.models import ActivityReport, LedgerHead
from reporting.services import activity_reports as services
from tests.factories.actions import PeriodFactory, ProgrammeBodyFactory
from tests.factories.partners import MembershipFactory, NetworkFactory, OrganisationFactory
from tests.factories.reporting import ActivityReportFactory
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db
ACTS = ("narrative", "submit", "validate", "return", "reopen")
MAY = date(2019, 5, 7)


def prepare() -> World:
    """One lab meeting with three pupils in the second quarter, in the first network; its report is open."""
    world = build()
    world.meet(0, MAY, [world.person() for _number in range(3)])
    world.report(0, 1)
    world.report(1, 1)
    return world


@pytest.fixture
def made(fresh: World) -> World:
    return fresh


def somebody(world: World, role: str, *networks: Any) -> Any:
    """Return a person with a role in the programme: in the body of the first network, or across it."""
    parts = {"auditor": BodyRole.AUDIT, "technical_assistance": BodyRole.TECHNICAL_ASSISTANCE}
    body = OrganisationFactory() if role in parts else world.bodies[0]
    if role in parts:
        ProgrammeBodyFactory(programme=world.programme, organisation=body, role=parts[role])
    return MembershipFactory(organisation=body, role=role, networks=networks).user


def url(name: str, report: ActivityReport | None = None) -> str:
    return reverse(f"reporting:activity-report{name}", args=[report.uuid] if report else [])


def ask(user: Any, address: str, data: dict[str, Any] | None = None, status: int = 200) -> BeautifulSoup:
    """Open or post an address as a person, follow to where it leads, and read the page."""
    client = Client()
    client.force_login(user)
    response = client.get(address) if data is None else client.post(address, data, follow=status == 200)
    assert response.status_code == status, response.content.decode()[:2000]
    return BeautifulSoup(response.content, "html.parser")


def text(soup: Any) -> str:
    return " ".join(soup.get_text(" ").split())


def bodies(soup: BeautifulSoup) -> list[str]:
    return [row.td.a.contents[0] for row in soup.select("main tbody tr")]


def tasks(soup: BeautifulSoup) -> dict[str, Any]:
    """Return the lines of the task list: the words, and the address or None."""
    names = soup.select(".task-list .task-name")
    return {text(name.a or name): name.a["href"] if name.a else None for name in names}


def summary(soup: BeautifulSoup) -> str:
    found = soup.select_one(".error-summary, .alert-danger")
    assert found is not None
    return text(found)


# --- list ----------------------------------------------------------------------------------------------------------


def test_each_role_lists_its_own_reports(made: World) -> None:
    seen = {
        "operator": bodies(ask(made.operators[0], url("-list"))),
        "head": bodies(ask(somebody(made, "school_head"), url("-list"))),
        "network": bodies(ask(somebody(made, "network_coordinator", made.networks[1]), url("-list"))),
        "region": bodies(ask(made.region, url("-list"))),
        "auditor": bodies(ask(somebody(made, "auditor"), url("-list"))),
    }

    first, second = (body.name for body in made.bodies)
    assert seen["operator"] == seen["head"] == [first]
    assert seen["network"] == [second]
    assert sorted(seen["region"]) == sorted(seen["auditor"]) == sorted([first, second])


def test_who_reads_no_report_is_told_so(made: World) -> None:
    page = ask(somebody(made, "teacher"), url("-list"), status=403)

    assert "Il tuo ruolo non legge le schede di attività" in text(page)


def test_list_is_filtered_by_address(made: World) -> None:
    made.submit(0, 1)
    made.report(0, 0)
    first, second = (body.name for body in made.bodies)

    def found(query: str) -> list[str]:
        return bodies(ask(made.region, url("-list") + query))

    assert found("?state=submitted") == [first]
    assert found("?period=2019-Q1") == [first]
    assert found(f"?network={made.networks[1].code}") == [second]
    assert found(f"?body={second[-4:]}") == [second]
    assert len(found(f"?programme={made.programme.slug}")) == 3
    assert found("?state=validated") == []
    assert "Nessuna scheda qui" in text(ask(made.region, url("-list") + "?state=validated"))


def test_list_costs_the_same_whatever_its_length(made: World) -> None:
    client = Client()
    client.force_login(made.region)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(url("-list"))
        assert response.status_code == 200
        return len(queries)

    made.report(0, 0)
    cost()
    few = cost()
    for _number in range(27):
        ActivityReportFactory(period=made.periods[2], network=NetworkFactory())
    assert ActivityReport.objects.count() == 30
    assert cost() == few


def test_list_is_handed_out_as_it_is_filtered(made: World) -> None:
    made.submit(0, 1)
    client = Client()
    client.force_login(made.region)
    links = [link["href"] for link in ask(made.region, url("-list") + "?state=submitted").select(".filter-exports a")]

    assert links == [f"/activity-reports/export.{fmt}?state=submitted" for fmt in ("csv", "xlsx")]
    answer = b"".join(client.get(links[0]).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(answer), delimiter=";"))
    assert len(rows) == 2
    assert rows[0][:2] == ["Programma", "Codice della rete"]
    assert rows[0][-2:] == ["Giorni di ritardo", "Completezza (millesimi)"]
    assert rows[1][3:6] == [made.bodies[0].name, "2019-Q2", "Inviata"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(links[1]).streaming_content)))
    assert [row[3] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [made.bodies[0].name]


def test_export_gives_each_person_what_the_list_shows(made: World) -> None:
    client = Client()
    client.force_login(made.operators[1])
    answer = b"".join(client.get("/activity-reports/export.csv").streaming_content).decode()

    assert made.bodies[1].name in answer
    assert made.bodies[0].name not in answer
    ask(somebody(made, "teacher"), "/activity-reports/export.csv", status=403)


# --- one report ----------------------------------------------------------------------------------------------------


def test_page_says_what_is_missing_and_where_to_mend_it(made: World) -> None:
    made.meet(0, MAY, hour=17)
    report = made.report(0, 1)
    with acting(None):
        Meeting.objects.filter(starts_at=time(17)).update(state=MeetingState.SCHEDULED)
        ActivityReport.objects.filter(pk=report.pk).update(done="")
    activity = made.activity(0)

    page = ask(made.operators[0], url("", report))

    found = tasks(page)
    assert found["Descrivi le attività svolte e che cosa ne è uscito."] == url("-narrative", report) + "#id_done"
    sentence = next(words for words in found if activity.title in words)
    assert "1 incontro" in sentence
    scheduled = Meeting.objects.get(state=MeetingState.SCHEDULED)
    assert found[sentence] == reverse("actions:meeting", args=[scheduled.uuid])
    assert text(page).count("Da correggere") == 2
    assert "Chi tiene il registro" in text(page)
    assert "0 riquadri scritti su 6" in text(page)


def test_page_says_what_is_in_order(made: World) -> None:
    report = made.report(0, 1)
    values = dict.fromkeys(ActivityReport.NARRATIVE, "Nulla da segnalare") | {"problem_origins": ["context"]}
    services.save_narrative(report=report, values=values, version=report.version, by=made.operators[0])

    page = ask(made.operators[0], url("", report))

    assert set(tasks(page)) == {"Descrivi il trimestre", "Completa i registri del periodo"}
    assert "6 riquadri scritti su 6" in text(page)
    assert "Il contesto" in text(page)
    assert "Da correggere" not in text(page)


def test_page_says_whose_turn_it_is_and_what_the_person_can_do(made: World) -> None:
    report = made.report(0, 1)
    auditor = somebody(made, "auditor")

    def buttons(user: Any) -> list[str]:
        return [text(button) for button in ask(user, url("", report)).select(".action-buttons .btn")]

    assert buttons(made.operators[0]) == ["Controlla e invia"]
    assert buttons(auditor) == []
    page = ask(made.region, url("", report))
    assert "L’ente che la compila" in text(page)
    assert page.select(".action-refused li") == []  # submitting is never theirs

    made.submit(0, 1)
    assert buttons(made.operators[0]) == []
    assert buttons(made.region) == ["Controlla e valida", "Restituisci per correzioni"]
    assert "Il coordinatore" in text(ask(auditor, url("", report)))

    made.validate(0, 1)
    assert buttons(made.region) == ["Riapri"]
    assert ask(auditor, url("", report)).select(".action-bar .btn, .action-refused li") == []


def test_figures_stand_beside_those_of_the_period_before(made: World) -> None:
    report = made.report(0, 1)
    heads = [text(cell) for cell in ask(made.region, url("", report)).select("#figures ~ .table-frame th")]
    assert heads == ["Dato", "Unità", "In questa scheda", "Somma delle attività (lordo)"]

    made.meet(0, date(2019, 2, 5), [made.person()], minutes=60)
    made.report(0, 0)
    page = ask(made.region, url("", report))

    assert "Periodo precedente (2019-Q1)" in text(page)
    rows = {
        text(row.td).split()[-1]: [text(cell) for cell in row.find_all("td")[2:]]
        for row in page.select("#figures ~ .table-frame tbody tr")
    }
    assert rows["pupils"] == ["3", "3", "1", "+2 +200,0%"]
    assert rows["hours"] == ["1,5", "— nessuno", "1", "+0,5 +50,0%"]


def test_narrative_keeps_its_lines_and_says_what_is_not_written(made: World) -> None:
    report = made.report(0, 1)
    with acting(None):
        ActivityReport.objects.filter(pk=report.pk).update(done="Prima riga\nSeconda <b>riga</b>")

    boxes = ask(made.region, url("", report)).select("#narrative ~ dl dd")

    assert len(boxes[0].find_all("br")) == 1
    assert boxes[0].b is None
    assert [text(box) for box in boxes[1:]] == ["Non scritto"] * 5
    assert boxes[1].span["class"] == ["text-secondary"]


def test_history_tells_every_act_with_its_comment(made: World) -> None:
    report = made.submit(0, 1)
    services.return_for_changes(report=report, comment="Mancano le ore\ndi maggio", by=made.region, at=NOW)

    page = ask(made.operators[0], url("", report))

    assert [text(entry) for entry in page.select(".history-title")] == [
        "Scheda restituita Restituita",
        "Scheda inviata Inviata",
    ]
    assert "Che cosa chiede il coordinatore" in text(page.select_one(".alert-warning"))
    assert page.select_one(".alert-warning br") is not None


def test_page_costs_the_same_whatever_the_register_holds(made: World) -> None:
    client = Client()
    client.force_login(made.operators[0])

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url("", made.report(0, 1))).status_code == 200
        return len(queries)

    cost()
    few = cost()
    for day in range(1, 20):
        made.meet(0, date(2019, 6, day), [made.person() for _number in range(3)])
    assert cost() == few


# --- narrative -----------------------------------------------------------------------------------------------------


def test_draft_is_saved_incomplete(made: World) -> None:
    report = made.report(0, 1)
    page = ask(made.operators[0], url("-narrative", report))
    version = page.find("input", {"name": "version"})["value"]

    after = ask(made.operators[0], url("-narrative", report), {"done": "", "team_changes": "Due", "version": version})

    assert "Bozza salvata." in text(after)
    report.refresh_from_db()
    assert (report.done, report.team_changes, report.version) == ("", "Due", 2)


@pytest.mark.parametrize("version", ["1", "", "x", "²", "9" * 5000])
def test_stale_draft_keeps_the_words_and_can_be_saved_again(made: World, version: str) -> None:
    report = made.report(0, 1)
    services.save_narrative(report=report, values={"done": "Di un collega"}, version=1, by=made.operators[0])

    page = ask(made.operators[0], url("-narrative", report), {"done": "Le mie parole", "version": version}, status=422)

    assert "Qualcuno ha modificato" in summary(page)
    assert page.title.string.strip().startswith("Errore:")
    assert page.find("textarea", {"name": "done"}).string.strip() == "Le mie parole"
    assert ActivityReport.objects.get(pk=report.pk).done == "Di un collega"

    shown = page.find("input", {"name": "version"})["value"]
    ask(made.operators[0], url("-narrative", report), {"done": "Le mie parole", "version": shown})
    assert ActivityReport.objects.get(pk=report.pk).done == "Le mie parole"


def test_submitted_report_takes_no_draft(made: World) -> None:
    report = made.submit(0, 1)
    client = Client()
    client.force_login(made.operators[0])

    assert client.get(url("-narrative", report))["Location"] == url("", report)
    page = ask(made.operators[0], url("-narrative", report), {"done": "Altro", "version": report.version}, status=422)

    assert "è stata inviata" in summary(page)
    assert page.find("textarea", {"name": "done"}).string.strip() == "Altro"
    assert ActivityReport.objects.get(pk=report.pk).done == "Laboratori svolti come previsto."


# --- submit --------------------------------------------------------------------------------------------------------


def test_blocking_problems_are_said_at_once_and_nothing_changes(made: World) -> None:
    report = made.report(0, 1)
    with acting(None):
        Meeting.objects.update(state=MeetingState.SCHEDULED)
        ActivityReport.objects.filter(pk=report.pk).update(done="  ")

    page = ask(made.operators[0], url("-submit", report), {}, status=422)

    assert "non si può ancora inviare" in summary(page)
    found = tasks(page)
    assert len(found) == 3  # with the boxes that are empty
    assert url("-narrative", report) + "#id_done" in found.values()
    assert reverse("actions:meeting", args=[Meeting.objects.get().uuid]) in found.values()
    report.refresh_from_db()
    assert report.state == ActivityReportState.OPEN
    assert not TransitionLog.objects.exists()


def test_a_report_submitted_twice_is_submitted_once(made: World) -> None:
    report = made.report(0, 1)
    page = ask(made.operators[0], url("-submit", report))
    data = {"submission_key": page.find("input", {"name": "submission_key"})["value"]}

    first = ask(made.operators[0], url("-submit", report), data)
    before = ActivityReport.objects.values().get(pk=report.pk)
    second = ask(made.operators[0], url("-submit", report), data)

    assert "Scheda inviata" in text(first.select_one(".alert-success"))
    assert "“Inviata”" in text(second.select_one(".alert-danger"))
    assert ActivityReport.objects.values().get(pk=report.pk) == before
    assert before["state"] == ActivityReportState.SUBMITTED
    assert TransitionLog.objects.count() == 1


@pytest.mark.parametrize("act", ["submit", "validate", "return", "reopen"])
def test_an_old_link_leads_to_the_report(made: World, act: str) -> None:
    made.submit(0, 1)
    if act in ("validate", "return"):
        made.validate(0, 1)
    client = Client()
    client.force_login(made.operators[0] if act == "submit" else made.region)

    assert client.get(url(f"-{act}", made.report(0, 1)))["Location"] == url("", made.report(0, 1))


# --- return, validate, reopen --------------------------------------------------------------------------------------


def test_return_needs_its_reason(made: World) -> None:
    report = made.submit(0, 1)

    refused = ask(made.region, url("-return", report), {"comment": "  "}, status=422)
    assert "Scrivi che cosa va corretto" in summary(refused)
    report.refresh_from_db()
    assert report.state == ActivityReportState.SUBMITTED

    after = ask(made.region, url("-return", report), {"comment": "Mancano le ore."})
    assert "Mancano le ore." in text(after)
    report.refresh_from_db()
    assert report.state == ActivityReportState.RETURNED


def test_a_return_that_comes_too_late_keeps_its_words(made: World) -> None:
    made.validate(0, 1)

    page = ask(made.region, url("-return", made.report(0, 1)), {"comment": "Mancano le ore."}, status=422)

    assert "“Validata”" in summary(page)
    assert page.find("textarea", {"name": "comment"}).string.strip() == "Mancano le ore."


def test_who_submitted_does_not_validate(made: World) -> None:
    both = made.operators[0]
    MembershipFactory(user=both, organisation=made.bodies[0], role="network_coordinator", networks=[made.networks[0]])
    report = made.submit(0, 1)

    page = ask(both, url("", report))
    assert "deve controllarla un’altra persona" in text(page.select_one(".action-refused"))
    for act in ("validate", "return"):
        refused = ask(both, url(f"-{act}", report), {"comment": "x"}, status=403)
        assert "deve controllarla un’altra persona" in text(refused)
    report.refresh_from_db()
    assert report.state == ActivityReportState.SUBMITTED

    after = ask(made.region, url("-validate", report), {})
    assert "Scheda validata" in text(after.select_one(".alert-success"))


def test_changed_registers_are_not_validated(made: World) -> None:
    report = made.submit(0, 1)
    made.meet(0, date(2019, 6, 4), [made.person()])

    page = ask(made.region, url("-validate", report), {}, status=422)

    assert "I registri sono cambiati dopo l’invio" in summary(page)
    report.refresh_from_db()
    assert report.state == ActivityReportState.SUBMITTED


def test_reopening_needs_its_reason(made: World) -> None:
    made.validate(0, 1)
    coordinator = somebody(made, "network_coordinator", made.networks[0])
    report = made.report(0, 1)

    refused = ask(coordinator, url("-reopen", report), {"reason": ""}, status=422)
    assert "Scrivi il motivo" in summary(refused)

    after = ask(coordinator, url("-reopen", report), {"reason": "Due presenze sbagliate"})
    assert "Due presenze sbagliate" in text(after)
    report.refresh_from_db()
    assert report.state == ActivityReportState.REOPENED


def test_after_the_transmission_only_the_region_reopens(made: World) -> None:
    made.validate(0, 1)
    with acting(None):
        LedgerHead.objects.filter(programme=made.programme).update(transmitted_until=date(2019, 6, 30))
    coordinator = somebody(made, "network_coordinator", made.networks[0])
    report = made.report(0, 1)

    assert "solo il coordinatore regionale" in text(ask(coordinator, url("", report)))
    ask(coordinator, url("-reopen", report), {"reason": "Errore"}, status=403)
    assert made.report(0, 1).state == ActivityReportState.VALIDATED
    ask(made.region, url("-reopen", report), {"reason": "Rettifica"})
    assert made.report(0, 1).state == ActivityReportState.REOPENED


# --- who, on every page --------------------------------------------------------------------------------------------


def test_strangers_find_nothing_and_insiders_are_told(made: World) -> None:
    report = made.report(0, 1)
    far = OrganisationFactory()
    ProgrammeBodyFactory(programme=PeriodFactory().programme, organisation=far, role=BodyRole.LEAD)
    foreign = MembershipFactory(organisation=far, role="regional_coordinator").user
    auditor = somebody(made, "auditor")

    for name in ("", *(f"-{act}" for act in ACTS)):
        for user in (made.operators[1], foreign, somebody(made, "teacher")):
            ask(user, url(name, report), status=404)
        if name:
            ask(user=auditor, address=url(name, report), status=403)
            ask(auditor, url(name, report), {"reason": "x", "comment": "x"}, status=403)
    assert TransitionLog.objects.count() == 0


def test_opening_a_page_writes_nothing(made: World, settings: Any) -> None:
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    submitted, opened = made.submit(1, 1), made.report(0, 1)
    pages = [
        (made.region, url("-list")),
        (made.region, url("", submitted)),
        (made.region, url("-validate", submitted)),
        (made.region, url("-return", submitted)),
        *((made.operators[0], url(name, opened)) for name in ("", "-narrative", "-submit")),
    ]
    for user, address in pages:
        client = Client()
        client.force_login(user)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            assert client.get(address).status_code == 200
            transaction.set_rollback(True)


# --- home ----------------------------------------------------------------------------------------------------------


def waiting(user: Any) -> list[tuple[str, str]]:
    return [(str(row.title), str(row.status)) for row in nav.waiting_for(user) if "activity-reports" in row.url]


def test_home_says_what_waits_for_each(made: World) -> None:
    coordinator = somebody(made, "network_coordinator", made.networks[0])
    operator = made.operators[0]
    assert waiting(operator) == [("Compila la scheda di attività 2019-Q2", "Da compilare")]
    assert waiting(coordinator) == []

    report = made.submit(0, 1)
    assert waiting(operator) == []
    assert waiting(coordinator) == waiting(made.region) == [("Valida la scheda di attività 2019-Q2", "Inviata")]

    services.return_for_changes(report=report, comment="Mancano le ore", by=coordinator, at=NOW)
    assert waiting(operator) == [("Compila la scheda di attività 2019-Q2", "Restituita")]
    assert waiting(coordinator) == []
