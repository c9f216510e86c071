# SPDX-License-Identifier: EUPL-1.2
"""Reading definition files: every problem at once, each with its line and a sentence."""

from pathlib import Path

import pytest

from actions.definition.loading import check, read_definition, rule_of, targets_of
from actions.definition.parsing import DefinitionError, read

SMALL = """\
programme:
  slug: prova
  title: Prova
  fund: FAMI
  lead: Regione Prova
  starts_on: 2019-01-01
  ends_on: 2019-12-31
reporting: {calendar: solar_quarters}
visibility: Cofinanziato
bodies:
  - {name: Regione Prova, kind: region, nature: public, fiscal_code: "80087670016", roles: [lead]}
actions:
  - {code: "01", title: Scuola}
activity_types:
  - {code: LAB, action: "01", title: Laboratori, kind: lab}
  - {code: WEB, action: "01", title: Sito, kind: campaign}
target_groups:
  - {code: ALUNNI, title: Alunni, kind: persons, earned_by: [LAB]}
channels:
  - {code: SITO, title: Sito, metric: unique_users, mode: stock}
indicators:
  - {code: ALUNNI, title: Alunni, kind: target, measure: persons, unit: persons, rule: {target_groups: [ALUNNI]}, target: 10}
  - {code: ORE, title: Ore, kind: output, measure: hours, unit: hours, rule: {activity_types: [LAB]}, target: 1.5}
"""


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """The checks ask what is loaded already."""


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(DefinitionError) as refused:
        check(read(text.encode(), "prova.yaml"))
    return [(problem.line, problem.path, problem.sentence) for problem in refused.value.problems]


def places(text: str) -> list[tuple[int, str]]:
    return [(line, path) for line, path, _sentence in problems(text)]


def replaced(*pairs: tuple[str, str]) -> str:
    text = SMALL
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_a_sound_file_is_read() -> None:
    definition = check(read(SMALL.encode(), "prova.yaml"))
    assert not definition.is_plan
    assert [row["code"] for row in definition.rows("activity_types")] == ["LAB", "WEB"]
    assert definition.rows("cadence_targets") == []


def test_a_wrong_key_is_named_with_its_line_and_a_suggestion() -> None:
    found = problems(replaced(("  fund: FAMI", "  found: FAMI")))
    assert (4, "programme.found") in [(line, path) for line, path, _sentence in found]
    sentence = next(sentence for _line, path, sentence in found if path == "programme.found")
    assert "found" in sentence
    assert "fund" in sentence


def test_all_problems_are_listed_at_once_in_the_order_of_the_lines() -> None:
    text = replaced(
        ("slug: prova", "slug: Prova Uno"),
        ("kind: lab}", "kind: labb}"),
        ("earned_by: [LAB]", "earned_by: [LABO]"),
        ("target: 10", "target: molti"),
    )
    assert places(text) == [
        (2, "programme.slug"),
        (15, "activity_types[LAB].kind"),
        (18, "target_groups[ALUNNI].earned_by[1]"),
        (22, "indicators[ALUNNI].target"),
    ]


def test_the_message_reads_as_file_line_path_sentence() -> None:
    with pytest.raises(DefinitionError) as refused:
        check(read(replaced(("kind: lab}", "kind: labb}")).encode(), "prova.yaml"))
    assert str(refused.value).startswith("prova.yaml:15: activity_types[LAB].kind: ")
    assert "“lab”" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("lead: Regione Prova", "lead: Regione Altra", (5, "programme.lead")),
        ("roles: [lead]", "roles: [partner]", (5, "programme.lead")),
        ("ends_on: 2019-12-31", "ends_on: 2018-12-31", (7, "programme.ends_on")),
        ("ends_on: 2019-12-31", "ends_on: '2019-12-31'", (7, "programme.ends_on")),
        ("ends_on: 2019-12-31", "ends_on: 2019-12-31\n  cup: ABC", (8, "programme.cup")),
        ("80087670016", "80087670017", (11, "bodies[Regione Prova].fiscal_code")),
        ('fiscal_code: "80087670016", ', "", (11, "bodies[Regione Prova]")),
        ('code: "01"', "code: 01", (13, "actions[1].code")),
        ("kind: campaign", 'kind: campaign}\n  - {code: LAB, action: "02", title: X, kind: lab', (17, "activity_types[LAB].action")),
        ("mode: stock", "mode: views", (20, "channels[SITO].mode")),
        ("rule: {target_groups: [ALUNNI]}", "rule: {channels: [SITO]}", (22, "indicators[ALUNNI].rule.channels")),
        ("rule: {target_groups: [ALUNNI]}", "bounds: [ALTRI]", (22, "indicators[ALUNNI].bounds[1]")),
        ("earned_by: [LAB]}", "sheet: operators}", (18, "target_groups[ALUNNI].sheet")),
        ("earned_by: [LAB]}", "sheet: school}", (18, "target_groups[ALUNNI].sheet")),
        ("channels:", "permits: {asylum_application: excluded}\nchannels:", (19, "permits.asylum_application")),
        ("channels:", "permits: {asilo: admitted}\nchannels:", (19, "permits.asilo")),
        ("kind: lab}", "kind: lab, supports: [house]}", (15, "activity_types[LAB].supports[1]")),
        ("target: 10", "target: 10.5", (22, "indicators[ALUNNI].target")),
        ("target: 10", "targets: [{value: 3, valid_from: 2025-01-01}]", (22, "indicators[ALUNNI].targets[1].valid_from")),
        ("unit: hours", "unit: persons", (23, "indicators[ORE].unit")),
        ("rule: {activity_types: [LAB]}", "rule: {target_groups: [ALUNNI]}", (23, "indicators[ORE].rule.target_groups[1]")),
        ("rule: {activity_types: [LAB]}", "rule: {minimum_minutes: 60}", (23, "indicators[ORE].rule.minimum_minutes")),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_at_its_place(old: str, new: str, place: tuple[int, str]) -> None:
    assert place in places(replaced((old, new)))


MEDIATION = """\
  - {code: MED, action: "01", title: Mediazione, kind: mediation}
target_groups:"""
FORM = """\
request_forms:
  - {kind: school, settings: {activity_type: MED, warning_percent: 80, needs: [{code: casa, title: Casa}]}}
indicators:
  - {code: ORE-MED, title: Ore, kind: output, measure: mediation_hours, unit: hours, rule: {activity_types: [MED]}, target: 2.5}
"""


def test_a_mediation_service_is_read() -> None:
    definition = check(read(replaced(("target_groups:", MEDIATION), ("indicators:\n", FORM)).encode(), "prova.yaml"))
    hours = next(row for row in definition.rows("indicators") if row["code"] == "ORE-MED")
    assert targets_of(hours, definition.data["programme"]["starts_on"])[0][1] == 150


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("activity_type: MED", "activity_type: NO", "request_forms[school].settings.activity_type"),
        ("activity_type: MED", "activity_type: LAB", "request_forms[school].settings.activity_type"),
        ("warning_percent: 80", "warning_percent: 101", "request_forms[school].settings.warning_percent"),
        (
            "title: Casa}]",
            "title: Casa}, {code: casa, title: Casa}]",
            "request_forms[school].settings.needs[casa].code",
        ),
        ("[MED]", "[LAB]", "indicators[ORE-MED].rule.activity_types[1]"),
        ("unit: hours, rule: {activity_types: [MED]}", "unit: sessions", "indicators[ORE-MED].unit"),
    ],
)
def test_what_a_mediation_service_cannot_be(old: str, new: str, place: str) -> None:
    text = replaced(("target_groups:", MEDIATION), ("indicators:\n", FORM))
    assert old in text
    assert [path for _line, path in places(text.replace(old, new, 1))] == [place]


def test_a_target_may_not_exceed_the_one_that_bounds_it() -> None:
    bound = (
        "  - {code: PARTE, title: Parte, kind: output, measure: persons, unit: persons, bounds: [ALUNNI], target: 11}\n"
    )
    assert places(SMALL + bound) == [(24, "indicators[PARTE].target")]


def test_overlaps_hold_both_ways() -> None:
    other = "  - {code: ADULTI, title: Adulti, kind: persons, may_overlap: [ALUNNI]}\nchannels:"
    assert places(replaced(("channels:", other))) == [(19, "target_groups[ADULTI].may_overlap[1]")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("- a list", 1),
        ("programme: {slug: [}", 1),
        ("programme:\n  title: A\n  title: B\n", 3),
        ("programme: !!python/object/apply:os.system ['true']", 1),
        ("programme: &a [x]\nplan: *a\n", 2),
        ("programme:\n  starts_on: 2018-02-31\n", 2),
        ("programme: {}\nplan: {}\n", 2),
        ("? [a, b]\n: c\n", 1),
    ],
)
def test_what_is_no_definition_is_refused_with_a_line(text: str, line: int) -> None:
    assert problems(text)[0][0] == line


def test_a_wrong_shape_does_not_hide_what_follows() -> None:
    text = replaced(
        ("earned_by: [LAB]", "earned_by: 5, may_overlap: {a: b}"),
        ("unit: hours", "unit: [hours]"),
        ("target: 10", "target: 0"),
    )
    assert {path for _line, path in places(text)} == {
        "target_groups[ALUNNI].earned_by",
        "target_groups[ALUNNI].may_overlap",
        "indicators[ALUNNI].target",
        "indicators[ORE].unit",
    }


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DefinitionError):
        read(b"\xff\xfe\x00p", "prova.yaml")
    with pytest.raises(DefinitionError):
        read(b"#" * (1024 * 1024 + 1), "prova.yaml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="nessuno"):
        read_definition(tmp_path / "nessuno.yaml")


def test_targets_are_kept_in_the_unit_of_the_ledger() -> None:
    definition = check(read(SMALL.encode(), "prova.yaml"))
    hours = definition.rows("indicators")[1]
    assert targets_of(hours, definition.data["programme"]["starts_on"])[0][1] == 90
    assert rule_of({"rule": {"target_groups": ["B", "A"], "channels": []}}) == {"target_groups": ["A", "B"]}


def test_a_plan_needs_its_programme() -> None:
    plan = """\
plan: {slug: p, under: manca, title: P, carried_out_by: Ente, starts_on: 2019-01-01, ends_on: 2019-02-01}
bodies:
  - {name: Ente, kind: third_sector, nature: private, no_fiscal_code: not_collected}
"""
    assert places(plan) == [(1, "plan.under")]
