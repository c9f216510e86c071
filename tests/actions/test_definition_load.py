# SPDX-License-Identifier: EUPL-1.2
"""Loading definitions: idempotent, all or nothing, the difference shown before it is written."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from actions.definition.loading import check
from actions.definition.parsing import DefinitionError, read
from actions.models import (
    Action,
    Activity,
    ActivityType,
    CadenceTarget,
    Indicator,
    IndicatorTarget,
    Period,
    Plan,
    Programme,
    TargetGroup,
)
from actions.services.definitions import Outcome, load_definition
from actions.services.periods import add_months, generate_periods
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent, RowHistory
from fami_portal.core.services import acting
from partners.models import Network, Organisation
from tests.actions.test_definition_file import SMALL, replaced

FOLDER = Path(__file__).resolve().parent.parent.parent / "definitions"
FILES = [
    "interazioni-in-piemonte-2.yaml",
    "labimpact.yaml",
    "labimpact-2-lodi.yaml",
    "lab-impact-offertasociale.yaml",
]
PLAN = """\
plan: {slug: piano, under: prova, title: Piano, carried_out_by: Ente, starts_on: 2019-03-01, ends_on: 2019-12-31, budget: 100.50}
bodies:
  - {name: Ente, kind: third_sector, nature: private, no_fiscal_code: not_collected}
activity_types:
  - {code: PIANO-LAB, action: "01", title: Laboratori del piano, kind: lab, earns: [ALUNNI]}
targets:
  - {indicator: ORE, value: 2}
cadence_targets:
  - {code: PIANO-MESE, title: Ogni mese, activity_type: LAB, cadence: monthly}
"""

pytestmark = pytest.mark.django_db


def load(text: str = SMALL, *, dry_run: bool = False) -> Outcome:
    return load_definition(definition=check(read(text.encode(), "prova.yaml")), by=None, dry_run=dry_run)


def shown(outcome: Outcome) -> list[str]:
    return [str(change) for change in outcome.changes]


def command(*arguments: Any) -> str:
    out = StringIO()
    call_command("load_programme", *arguments, stdout=out)
    return out.getvalue()


def written() -> int:
    return RowHistory.objects.count() + AuditEvent.objects.count()


def test_all_four_definitions_load_and_a_second_time_change_nothing() -> None:
    paths = [FOLDER / name for name in FILES]
    command(*paths)
    assert set(Programme.objects.values_list("slug", flat=True)) == {
        "interazioni-in-piemonte-2",
        "labimpact",
        "labimpact-2-lodi",
    }
    assert Plan.objects.get().programme.slug == "labimpact"
    before = written()
    again = command(*paths)
    assert written() == before
    assert len(again.splitlines()) == 4
    assert all("→" not in line for line in again.splitlines())


def test_interazioni_has_its_five_targets_and_its_extension() -> None:
    command(FOLDER / FILES[0])
    programme = Programme.objects.get()
    assert (programme.starts_on, programme.ends_on, programme.extended_to) == (
        date(2018, 7, 1),
        date(2020, 12, 31),
        date(2022, 12, 31),
    )
    targets = IndicatorTarget.objects.filter(indicator__kind="target").order_by("pk").values_list("value", flat=True)
    assert list(targets) == [960, 500, 672, 22000, 30]
    assert Action.objects.count() == 4
    assert Period.objects.count() == 18
    assert {str(period) for period in Period.objects.all()} >= {"2018-Q3", "2019-Q3", "2022-Q4"}


def test_a_definition_says_the_sheets_the_permits_and_the_supports() -> None:
    command(FOLDER / "labimpact-2-lodi.yaml")
    programme = Programme.objects.get()
    sheets = dict(TargetGroup.objects.exclude(sheet="").values_list("code", "sheet"))
    assert sheets == {"CPT": "third_country", "OPERATORI": "operators"}
    excluded = [kind for kind, admission in programme.permits.items() if admission == "excluded"]
    assert (excluded, programme.permits["family"]) == (["na_forced_return", "na_origin_country"], "admitted")
    assert "asylum_application" not in programme.permits
    assert ActivityType.objects.get(code="ORIENTAMENTO-LAVORO").supports == ["work_guidance"]


def test_lodi_counts_its_quarters_from_its_first_day() -> None:
    command(FOLDER / "labimpact-2-lodi.yaml")
    periods = list(Period.objects.order_by("starts_on"))
    assert len(periods) == 12
    assert (periods[0].code, periods[0].starts_on, periods[0].ends_on) == ("P01", date(2025, 9, 25), date(2025, 12, 24))
    assert periods[-1].ends_on == date(2028, 9, 24)
    assert list(Indicator.objects.get(code="O.2.43.s").bounds) == ["O.2.3"]
    listed = {row["code"] for row in Programme.objects.get().unmeasured_indicators}
    assert "R.2.11.s" in listed
    assert Indicator.objects.get(code="O.2.38.s").measure == "mediators"
    assert not listed & set(Indicator.objects.values_list("code", flat=True))


def test_a_load_writes_one_event_and_the_fingerprint_of_the_file() -> None:
    outcome = load()
    event = AuditEvent.objects.get(verb="definition_loaded")
    assert event.data["sha256"] == outcome.owner.definition_sha256
    assert event.data["added"] == len(outcome.changes)
    assert outcome.rules == []  # nothing has been counted by other rules


def test_a_dry_run_shows_the_difference_and_writes_nothing() -> None:
    load()
    before = written()
    outcome = load(replaced(("title: Scuola", "title: Scuole"), ("target: 10", "target: 12")), dry_run=True)
    assert [line.partition(":")[0] for line in shown(outcome)] == ["~ actions[01]", "~ targets[ALUNNI 2019-01-01]"]
    assert "Scuola → Scuole" in shown(outcome)[0]
    assert "10 → 12" in shown(outcome)[1]
    assert written() == before
    assert Action.objects.get().title == "Scuola"


def test_a_dry_run_of_a_new_programme_writes_nothing() -> None:
    outcome = load(dry_run=True)
    assert "+ programme" in shown(outcome)
    assert not Programme.objects.exists()
    assert not Organisation.objects.exists()


def test_a_change_of_the_rules_is_named_and_one_of_words_is_not() -> None:
    load()
    assert load(replaced(("title: Alunni, kind: target", "title: Allievi, kind: target"))).rules == []
    assert load(replaced(("rule: {activity_types: [LAB]}", "rule: {activity_types: [WEB]}"))).rules == ["ORE"]
    assert load(replaced(("earned_by: [LAB]", "earned_by: [LAB, WEB]"))).rules == ["ALUNNI", "ORE"]


def test_a_comment_changes_only_the_version_of_the_file() -> None:
    load()
    outcome = load("# corretto\n" + SMALL)
    assert len(outcome.changes) == 1
    assert load("# corretto\n" + SMALL).changes == []


def test_targets_have_versions() -> None:
    load()
    load(replaced(("target: 10", "targets: [{value: 10}, {value: 15, valid_from: 2019-06-01}]")))
    values = IndicatorTarget.objects.filter(indicator__code="ALUNNI").order_by("valid_from")
    assert [(target.value, target.valid_from) for target in values] == [(10, date(2019, 1, 1)), (15, date(2019, 6, 1))]


def test_what_the_file_drops_is_removed_when_nothing_uses_it() -> None:
    load()
    outcome = load(replaced(('  - {code: WEB, action: "01", title: Sito, kind: campaign}\n', "")))
    assert shown(outcome) == ["- activity_types[WEB]"]
    assert not ActivityType.objects.filter(code="WEB").exists()


def _an_activity() -> None:
    programme, kind = Programme.objects.get(), ActivityType.objects.get(code="WEB")
    with acting(None):
        Activity.objects.create(
            programme=programme,
            action=kind.action,
            activity_type=kind,
            network=Network.objects.create(code="R", name="Rete", kind="single_body"),
            organisation=programme.lead,
            title="Sito",
            starts_on=date(2019, 1, 1),
            ends_on=date(2019, 12, 31),
        )


def test_what_is_in_use_is_not_removed_and_nothing_else_is_written() -> None:
    load()
    _an_activity()
    before = written()
    text = replaced(
        ('  - {code: WEB, action: "01", title: Sito, kind: campaign}\n', ""), ("title: Prova", "title: Altro")
    )
    with pytest.raises(DomainError, match=r"activity_types\[WEB\]"):
        load(text)
    with pytest.raises(DomainError, match=r"activity_types\[WEB\]"):
        load(text, dry_run=True)
    assert written() == before
    assert Programme.objects.get().title == "Prova"


def test_an_extension_adds_periods_and_touches_none() -> None:
    load(replaced(("ends_on: 2019-12-31", "ends_on: 2019-11-15")))
    with acting(None):
        Period.objects.filter(code="2019-Q1").update(due_on=date(2019, 6, 30))
    before = list(Period.objects.order_by("pk").values_list("code", "starts_on", "ends_on", "due_on"))
    outcome = load(replaced(("ends_on: 2019-12-31", "ends_on: 2019-11-15\n  extended_to: 2020-02-29")))
    after = list(Period.objects.order_by("pk").values_list("code", "starts_on", "ends_on", "due_on"))
    assert after[: len(before)] == before
    assert [row[:3] for row in after[len(before) :]] == [
        ("2019-Q4-bis", date(2019, 11, 16), date(2019, 12, 31)),
        ("2020-Q1", date(2020, 1, 1), date(2020, 2, 29)),
    ]
    assert "+ periods[2020-Q1]" in shown(outcome)
    with acting(None):
        assert generate_periods(programme=Programme.objects.get(), by=None) == []


def test_a_change_of_calendar_makes_new_periods_while_none_has_reports() -> None:
    load()
    load(replaced(("solar_quarters", "project_quarters")))
    assert list(Period.objects.order_by("pk").values_list("code", flat=True)) == ["P01", "P02", "P03", "P04"]


def test_months_end_where_the_month_ends() -> None:
    assert add_months(date(2019, 11, 30), 3) == date(2020, 2, 29)
    assert add_months(date(2019, 12, 31), 12) == date(2020, 12, 31)


def test_bodies_are_found_by_code_or_name_and_never_changed() -> None:
    with acting(None):
        Organisation.objects.create(name="La Regione", kind="region", nature="public", fiscal_code="80087670016")
        Organisation.objects.create(name="ENTE", kind="cooperative", nature="private", informal_reason="being_founded")
    load()
    load(PLAN)
    assert set(Organisation.objects.values_list("name", flat=True)) == {"La Regione", "ENTE"}
    assert Programme.objects.get().lead.name == "La Regione"


def test_a_body_known_with_another_code_is_refused() -> None:
    with acting(None):
        Organisation.objects.create(name="Regione Prova", kind="region", nature="public", fiscal_code="80050050154")
    with pytest.raises(DomainError, match="Regione Prova"):
        load()


def test_a_plan_adds_its_own_and_leaves_the_programme_alone() -> None:
    load()
    load(PLAN)
    plan = Plan.objects.get()
    assert plan.budget_cents == 10050
    assert CadenceTarget.objects.get().plan == plan
    assert IndicatorTarget.objects.get(plan=plan).value == 120
    assert set(TargetGroup.objects.get().earned_by.values_list("code", flat=True)) == {"LAB", "PIANO-LAB"}
    assert load(PLAN).changes == []
    assert load().changes == []
    assert set(TargetGroup.objects.get().earned_by.values_list("code", flat=True)) == {"LAB", "PIANO-LAB"}


def test_a_plan_may_not_redefine_its_programme_nor_the_programme_take_its_codes() -> None:
    load()
    for old, new, path in (
        ("code: PIANO-LAB", "code: LAB", "activity_types[LAB].code"),
        ('action: "01"', 'action: "07"', "activity_types[PIANO-LAB].action"),
        ("indicator: ORE", "indicator: ORA", "targets[1].indicator"),
        ("ends_on: 2019-12-31", "ends_on: 2021-12-31", "plan.ends_on"),
        ("earns: [ALUNNI]", "earns: [ADULTI]", "activity_types[PIANO-LAB].earns[1]"),
        ("targets:", "indicators:", "indicators"),
    ):
        with pytest.raises(DefinitionError) as refused:
            load(PLAN.replace(old, new, 1))
        assert path in [problem.path for problem in refused.value.problems]
    assert not Plan.objects.exists()
    load(PLAN)
    with pytest.raises(DefinitionError):
        load(replaced(("code: WEB", "code: PIANO-LAB")))


def test_the_command_lists_problems_and_differences(tmp_path: Path) -> None:
    path = tmp_path / "prova.yaml"
    path.write_text(SMALL.replace("kind: lab}", "kind: labb}"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"prova\.yaml:15: activity_types\[LAB\]\.kind: "):
        command(path)
    path.write_text(SMALL, encoding="utf-8")
    assert "+ programme" in command(path, "--dry-run")
    assert not Programme.objects.exists()
    command(path)
    path.write_text(SMALL.replace("[LAB]}, target: 1.5", "[WEB]}, target: 1.5"), encoding="utf-8")
    assert "rebuild_ledger prova" in command(path)


def test_only_who_manages_programmes_may_load(django_user_model: Any) -> None:
    with acting(None):
        user = django_user_model.objects.create(email="a@example.org")
    with pytest.raises(NotPermitted):
        load_definition(definition=check(read(SMALL.encode(), "x")), by=user)
