# SPDX-License-Identifier: EUPL-1.2
"""What a public body expects of a repository that it may reuse."""

import os
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LICENSED = {".py", ".html", ".txt", ".css", ".js", ".svg", ".typ", ".yaml", ".yml", ".po", ".sh", ".conf", ".service"}
GENERATED = re.compile(r"migrations/\d+_initial\.py$|^requirements(-dev)?\.txt$")


def source_files() -> list[Path]:
    found = []
    for folder, inner, names in os.walk(ROOT):
        top = Path(folder) == ROOT
        # Not even entered: the packages of `.venv` are forty thousand files.
        inner[:] = [
            name
            for name in inner
            if not (name.startswith(".") and name != ".ci")
            and name != "__pycache__"
            and not (top and name in ("var", "test-results"))
        ]
        inside = Path(folder).relative_to(ROOT).parts[:1] == (".ci",)
        for name in names:
            path = Path(folder) / name
            wanted = path.suffix in LICENSED or name == "Makefile" or inside
            if wanted and not name.startswith(".") and path.is_file():
                found.append(path)
    return sorted(found)


# Open data that we reduced; the file names whose they are.
DATA_OF_OTHERS = {"partners/data/municipal_boundaries.txt": "CC-BY-4.0"}


def test_every_source_file_names_its_licence():
    silent = [
        str(path.relative_to(ROOT))
        for path in source_files()
        if not GENERATED.search(str(path.relative_to(ROOT)))
        and f"SPDX-License-Identifier: {DATA_OF_OTHERS.get(str(path.relative_to(ROOT)), 'EUPL-1.2')}"
        not in path.read_text(encoding="utf-8")[:400]
    ]

    assert silent == []


def test_licence_is_the_eupl():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text
    assert len(text) > 13_000


@pytest.fixture(scope="module")
def publiccode() -> dict[str, object]:
    return yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))


def test_publiccode_has_the_mandatory_keys(publiccode):
    mandatory = {
        "publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description",
        "legal", "maintenance", "localisation",
    }  # fmt: skip

    assert mandatory <= set(publiccode)
    assert publiccode["publiccodeYmlVersion"] == "0"
    assert publiccode["legal"]["license"] == "EUPL-1.2"
    assert publiccode["maintenance"]["type"] == "community"
    assert all({"name", "email"} <= set(contact) for contact in publiccode["maintenance"]["contacts"])
    assert set(publiccode["localisation"]) >= {"localisationReady", "availableLanguages"}


def test_publiccode_has_no_deprecated_keys(publiccode):
    deprecated = {"it", "IT", "inputTypes", "outputTypes", "monochromeLogo"}

    assert not deprecated & set(publiccode)
    assert not {"repoOwner", "authorsFile"} & set(publiccode["legal"])
    assert all("genericName" not in texts for texts in publiccode["description"].values())


@pytest.mark.parametrize("language", ["it", "en"])
def test_publiccode_descriptions_have_the_right_length(publiccode, language):
    texts = publiccode["description"][language]

    assert len(texts["shortDescription"]) <= 150
    assert 150 <= len(texts["longDescription"]) <= 10_000
    assert texts["features"]
    assert all(len(feature) <= 100 for feature in texts["features"])


def test_every_variable_of_the_environment_is_documented():
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    sources = [
        ROOT / "fami_portal" / "settings.py",
        ROOT / "fami_portal" / "core" / "management" / "commands" / "run.py",
    ]
    read = {
        name
        for source in sources
        for name in re.findall(r"env\.\w+\(\s*[\"'](\w+)[\"']", source.read_text(encoding="utf-8"))
    } | {"FAMI_VAR"}

    assert {name for name in read if f"`{name}`" not in documented} == set()


def test_every_dependency_has_a_reason():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[tool.", 1)[0].splitlines()
    dependencies = [line for line in lines if re.match(r'\s+"[a-z]', line)]

    assert dependencies
    assert [line for line in dependencies if "#" not in line] == []


def test_templates_name_no_administration():
    """A region that reuses the portal changes its settings and its definition files, never a template."""
    named = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"Piemonte|Lombardia|Torino|Milano", path.read_text(encoding="utf-8"))
    ]

    assert named == []
