# SPDX-License-Identifier: EUPL-1.2
"""The message catalogue: extraction, filling, and what makes it incomplete."""

import json
from gettext import GNUTranslations
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fami_portal.core import catalogue

TEMPLATE = """{% load i18n %}
  {% translate "A title" %}
 {{ value|default:_("nothing yet") }}
{% blocktranslate trimmed count number=rows|length %}
  One pupil of {{ school }}
{% plural %}
  {{ number }} pupils of {{ school }}
{% endblocktranslate %}
{% translate "May" context "month" %} it's 5 o'clock
"""
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext
LABEL = _("From the code")
def f(n):
    return ngettext("%(n)s hour", "%(n)s hours", n)
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "app" / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "app" / "code.py").write_text(CODE)
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    monkeypatch.setattr(catalogue, "SOURCES", ("app",))
    monkeypatch.setattr(catalogue, "PO", tmp_path / "locale" / "it" / "LC_MESSAGES" / "django.po")
    return tmp_path


FILLED = {
    "A title": "Un titolo",
    "nothing yet": "ancora nulla",
    "One pupil of %(school)s": ["Un alunno di %(school)s", "%(number)s alunni di %(school)s"],
    "month\x04May": "Maggio",
    "From the code": "Dal codice",
    "%(n)s hour": ["%(n)s ora", "%(n)s ore"],
}


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("catalogue", *arguments, stdout=out)
    return out.getvalue()


def fill(tree: Path, texts: object) -> str:
    (tree / "it.json").write_text(json.dumps(texts))
    return command("fill", str(tree / "it.json"))


def test_messages_of_code_and_templates_are_found(tree):
    assert catalogue.missing() == {
        key: text if isinstance(text, str) and not text else ([""] * 2 if isinstance(text, list) else "")
        for key, text in sorted(FILLED.items())
    }


def test_missing_can_be_asked_for_one_folder(tree):
    assert list(json.loads(command("missing", "--path", "app/code.py"))) == ["%(n)s hour", "From the code"]


def test_filled_catalogue_is_complete_and_compiles(tree):
    assert "6 filled, 0 still to translate" in fill(tree, FILLED)
    assert "complete" in command("check")

    command("compile")

    with catalogue.PO.with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    assert compiled.gettext("A title") == "Un titolo"
    assert compiled.pgettext("month", "May") == "Maggio"
    assert compiled.ngettext("%(n)s hour", "%(n)s hours", 2) == "%(n)s ore"
    assert command("compile") == ""


def test_writing_again_changes_nothing(tree):
    fill(tree, FILLED)
    before = catalogue.PO.read_text()

    command("extract")

    assert catalogue.PO.read_text() == before
    assert "#:" not in before
    assert "Date" not in before


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("%(n)s hour", ["%(m)s ora", "%(n)s ore"]),
        ("%(n)s hour", ["%(n)s ora", "ore"]),
        ("%(n)s hour", "una forma"),
        ("A title", "Un %s titolo"),
        ("No such message", "Nessuno"),
    ],
)
def test_wrong_translation_is_refused_and_the_others_kept(tree, key, text):
    with pytest.raises(CommandError, match="not filled"):
        fill(tree, {"From the code": "Dal codice", key: text})

    assert "From the code" not in catalogue.missing()


def test_singular_may_leave_its_number_out(tree):
    fill(tree, FILLED | {"%(n)s hour": ["Un'ora", "%(n)s ore"]})

    assert catalogue.problems() == []


def test_untranslated_message_is_a_problem_that_names_its_file(tree):
    fill(tree, {key: text for key, text in FILLED.items() if key != "A title"})

    with pytest.raises(CommandError, match=r"app/templates/page.html: not translated: 'A title'"):
        command("check")


def test_translation_of_a_removed_message_is_kept_aside_until_pruned(tree):
    fill(tree, FILLED)
    (tree / "app" / "code.py").write_text(CODE.replace("From the code", "Another text"))
    command("extract")
    assert "Dal codice" in catalogue.PO.read_text()
    with pytest.raises(CommandError, match="obsolete"):
        command("check")

    (tree / "app" / "code.py").write_text(CODE)
    command("extract")
    assert catalogue.problems() == []

    (tree / "app" / "code.py").write_text(CODE.replace("From the code", "Another text"))
    command("extract", "--prune")
    assert "Dal codice" not in catalogue.PO.read_text()


def test_broken_template_is_named(tree):
    (tree / "app" / "templates" / "page.html").write_text("{% blocktranslate %}{% if x %}{% endblocktranslate %}")

    with pytest.raises(CommandError, match=r"page\.html"):
        command("extract")
