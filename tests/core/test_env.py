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
        embedded.secret("django", "SECRET_KEY")


def test_secret_is_made_once_and_kept_to_oneself(monkeypatch, tmp_path):
    monkeypatch.setenv("FAMI_VAR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL")

    first = embedded.secret("django", "SECRET_KEY")

    assert len(first) >= 50
    assert embedded.secret("django", "SECRET_KEY") == first
    assert (tmp_path / "keys" / "django").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("variable", ["SECRET_KEY", "FAMI_VAULT_KEYS", "FAMI_FINGERPRINT_KEY"])
def test_portal_on_a_database_of_ones_own_does_not_start_without(variable, tmp_path):
    given = {
        "SECRET_KEY": "s" * 50,
        "FAMI_VAULT_KEYS": env.new_key("k1"),
        "FAMI_FINGERPRINT_KEY": "f" * 50,
    }
    del given[variable]

    ended = _settings_of(tmp_path, given)

    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        f"{variable}: must be set when the portal runs on a database of your own (docs/operations.md says how)"
    )
    assert not (tmp_path / "keys").exists()


def test_portal_on_a_database_of_ones_own_starts_with_its_keys(tmp_path):
    given = {"SECRET_KEY": "s" * 50, "FAMI_VAULT_KEYS": env.new_key("k1"), "FAMI_FINGERPRINT_KEY": "f" * 50}

    assert _settings_of(tmp_path, given).returncode == 0


def _settings_of(folder, given):
    return subprocess.run(
        [sys.executable, "-c", "import fami_portal.settings"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "FAMI_VAR": str(folder),
            "DATABASE_URL": "postgresql://fami@db.example/portal",
            "REDIS_URL": "redis://cache.example:6379/0",
            **given,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_key_ring_keeps_the_order_in_which_it_is_written():
    ring = env.keys("FAMI_VAULT_KEYS", f"{env.new_key('k2')}, {env.new_key('k1')}")

    assert list(ring) == ["k2", "k1"]
    assert {len(key) for key in ring.values()} == {32}


SHORT_KEY = "c2hvcnQgc2VjcmV0"


@pytest.mark.parametrize("ring", [SHORT_KEY, f"k1:{SHORT_KEY}", f":{'A' * 43}=", f"K 1:{'A' * 43}=", "k1:not base64!"])
def test_key_ring_that_cannot_be_meant_is_refused_without_showing_it(ring):
    with pytest.raises(SystemExit, match="FAMI_VAULT_KEYS: entry 1 is not id:base64") as refused:
        env.keys("FAMI_VAULT_KEYS", ring)

    assert SHORT_KEY not in str(refused.value)


def test_key_ring_with_one_id_twice_is_refused():
    with pytest.raises(SystemExit, match="entry 2 has an id that is there already"):
        env.keys("FAMI_VAULT_KEYS", f"{env.new_key('k1')},{env.new_key('k1')}")


def test_short_fingerprint_key_is_refused_without_showing_it():
    with pytest.raises(SystemExit, match="FAMI_FINGERPRINT_KEY: expected a random text of at least 32") as refused:
        env.long_text("FAMI_FINGERPRINT_KEY", "password1")

    assert "password1" not in str(refused.value)
