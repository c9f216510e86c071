# SPDX-License-Identifier: EUPL-1.2
"""Every variable of the environment is read with a clear refusal of what cannot be meant."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fami_portal import embedded, env

ROOT = Path(__file__).resolve().parents[2]


def test_bad_value_names_the_variable_and_what_it_found(monkeypatch):
    monkeypatch.setenv("EMAIL_PORT", "twenty-five")

    with pytest.raises(env.BadEnvironment, match=r"EMAIL_PORT: expected a whole number .*'twenty-five'"):
        env.number("EMAIL_PORT", 25)


@pytest.mark.parametrize("value", ["-1", "0", "1.5", "70000"])
def test_number_outside_its_bounds_is_refused(monkeypatch, value):
    monkeypatch.setenv("PORT", value)

    with pytest.raises(env.BadEnvironment):
        env.number("PORT", 8000, minimum=1, maximum=65535)


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("Yes", True), (" on ", True), ("0", False), ("no", False), ("", True)]
)
def test_flag_understands_words(monkeypatch, value, meaning):
    monkeypatch.setenv("FAMI_DEBUG", value)

    assert env.flag("FAMI_DEBUG", default=True) is meaning


def test_flag_refuses_other_words(monkeypatch):
    monkeypatch.setenv("FAMI_DEBUG", "maybe")

    with pytest.raises(env.BadEnvironment, match="expected 1 or 0"):
        env.flag("FAMI_DEBUG", default=False)


def test_choice_is_one_of_the_allowed(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert env.choice("LOG_LEVEL", env.LOG_LEVELS, "INFO") == "DEBUG"

    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(env.BadEnvironment, match="LOG_LEVEL: expected one of DEBUG, INFO"):
        env.choice("LOG_LEVEL", env.LOG_LEVELS, "INFO")


@pytest.mark.parametrize(
    ("name", "value"),
    [("FAMI_DEBUG", "maybe"), ("EMAIL_PORT", "smtp"), ("DATABASE_URL", "mysql://x/y"), ("LOG_LEVEL", "LOUD")],
)
def test_bad_value_stops_every_command_with_one_line(name, value):
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=os.environ | {name: value}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{name}: expected ")
    assert len(ended.stderr.splitlines()) == 1


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "portale.example, www.portale.example,")

    assert env.words("ALLOWED_HOSTS", []) == ["portale.example", "www.portale.example"]


def test_database_address_gives_connection_fields(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://fami:p%40ss@db.example:5433/portal")

    assert env.database("DATABASE_URL") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "portal",
        "USER": "fami",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
    }


def test_database_address_may_name_a_socket_folder(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@/fami?host=%2Frun%2Fpostgres")

    assert env.database("DATABASE_URL")["HOST"] == "/run/postgres"


@pytest.mark.parametrize(
    "value", ["", "mysql://x/y", "sqlite:///x", "postgresql://host/", "postgresql://host:abc/name"]
)
def test_database_address_of_another_kind_is_refused(monkeypatch, value):
    monkeypatch.setenv("DATABASE_URL", value)

    with pytest.raises(env.BadEnvironment, match="DATABASE_URL: expected postgresql://"):
        env.database("DATABASE_URL")


def test_bad_database_address_never_shows_its_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://fami:very-secret@db/portal")

    with pytest.raises(env.BadEnvironment) as refusal:
        env.database("DATABASE_URL")

    assert "very-secret" not in str(refusal.value)


def test_redis_address_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "amqp://localhost")

    with pytest.raises(env.BadEnvironment, match="REDIS_URL: expected redis://"):
        env.redis("REDIS_URL")


@pytest.mark.parametrize(
    ("address", "broker"),
    [
        ("unix:///tmp/x/valkey.sock?db=3", "redis+socket:///tmp/x/valkey.sock?virtual_host=3"),
        ("unix:///tmp/x/valkey.sock", "redis+socket:///tmp/x/valkey.sock?virtual_host=0"),
        ("redis://cache.example:6379/1", "redis://cache.example:6379/1"),
    ],
)
def test_broker_address_is_spelled_as_celery_wants(address, broker):
    assert env.broker(address) == broker


def test_secret_is_never_invented_for_a_database_of_ones_own(monkeypatch, tmp_path):
    monkeypatch.setenv("FAMI_VAR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://fami@db.example/portal")
    monkeypatch.delenv("FAMI_TESTING")

    with pytest.raises(SystemExit, match="SECRET_KEY: must be set"):
        embedded.secret("django")


def test_secret_is_made_once_and_kept_to_oneself(monkeypatch, tmp_path):
    monkeypatch.setenv("FAMI_VAR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL")

    first = embedded.secret("django")

    assert len(first) >= 50
    assert embedded.secret("django") == first
    assert (tmp_path / "keys" / "django").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
