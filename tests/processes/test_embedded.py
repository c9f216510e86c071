# SPDX-License-Identifier: EUPL-1.2
"""The embedded servers, with real processes: shared, stopped by the last to leave, and surviving every kill."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fami_portal import embedded, servers

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import os, sys
from fami_portal import embedded
embedded.ensure()
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
sys.stdin.read()
"""


class Portal:
    """One private `var/` folder and the processes that a test starts on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"FAMI_VAR": str(folder)}
        for name in ("DATABASE_URL", "REDIS_URL"):
            self.environment.pop(name, None)
        self.started: list[subprocess.Popen[str]] = []

    def start(self, code: str = HOLD) -> subprocess.Popen[str]:
        """Start a process that uses the servers until its input ends."""
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.started.append(process)
        return process

    def holder(self) -> subprocess.Popen[str]:
        """Start a user of the servers and wait until they answer."""
        process = self.start()
        assert "host=" in process.stdout.readline(), process.stderr.read()
        return process

    def leave(self, process: subprocess.Popen[str]) -> None:
        """End a user as a command ends."""
        process.communicate("", timeout=60)
        assert process.returncode == 0

    def pids(self) -> tuple[int | None, int | None]:
        """Return the process ids of the two servers, None for one that does not run."""
        return servers.Postgres(self.folder).pid(), servers.Valkey(self.folder).pid()

    def refusal(self) -> str:
        """Return the one line with which a user gives up."""
        process = self.start()
        _output, said = process.communicate("", timeout=60)
        assert process.returncode == 1
        assert len(said.strip().splitlines()) == 1, said
        return said

    def kill(self, *pids: int) -> None:
        """Kill servers, and wait until they are gone: a process outlives its signal by a moment."""
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while set(pids) & set(self.pids()) and time.monotonic() < deadline:
            time.sleep(0.02)

    def end(self) -> None:
        """Leave nothing running."""
        for process in self.started:
            process.kill()
            process.communicate()
        self.kill(*filter(None, self.pids()))
        self.started.clear()
        shutil.rmtree(servers.Postgres(self.folder).sockets, ignore_errors=True)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="fami-test-"))
    # Root's servers run as a system user, who must be able to pass.
    made.chmod(0o755)
    yield made / "var"
    shutil.rmtree(made)


@pytest.fixture
def portal(folder: Path) -> Iterator[Portal]:
    portal = Portal(folder)
    yield portal
    portal.end()


@pytest.fixture
def empty_portal() -> Iterator[Portal]:
    made = Path(tempfile.mkdtemp(prefix="fami-test-"))
    # Root's servers run as a system user, who must be able to pass.
    made.chmod(0o755)
    portal = Portal(made / "var")
    yield portal
    portal.end()
    shutil.rmtree(made)


def test_servers_are_shared_and_the_last_to_leave_stops_them(portal):
    first, second = portal.holder(), portal.holder()
    shared = portal.pids()

    portal.leave(first)
    assert portal.pids() == shared

    portal.leave(second)
    assert portal.pids() == (None, None)
    assert not servers.Postgres(portal.folder).sockets.exists()


def test_servers_started_at_the_same_moment_are_the_same(portal):
    processes = [portal.start() for _ in range(4)]
    addresses = {process.stdout.readline() for process in processes}

    assert len(addresses) == 1
    assert "fami?host=" in addresses.pop()
    for process in processes:
        portal.leave(process)
    assert portal.pids() == (None, None)


def test_servers_of_a_killed_process_are_found_and_then_stopped(portal):
    killed = portal.holder()
    before = portal.pids()
    killed.kill()
    killed.wait()

    following = portal.holder()

    assert portal.pids() == before
    portal.leave(following)
    assert portal.pids() == (None, None)


def test_killed_servers_are_started_again(portal):
    killed = portal.holder()
    killed.kill()
    killed.wait()
    portal.kill(*portal.pids())

    portal.leave(portal.holder())

    assert portal.pids() == (None, None)


def test_pid_files_that_name_a_stranger_are_not_believed(portal):
    portal.leave(portal.holder())
    (portal.folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")
    (portal.folder / "valkey" / "server.pid").write_text(str(os.getpid()))

    process = portal.holder()

    assert os.getpid() not in portal.pids()
    assert all(portal.pids())
    portal.leave(process)


def test_swept_sockets_are_made_again(portal):
    first = portal.holder()
    shutil.rmtree(servers.Postgres(portal.folder).sockets)

    second = portal.holder()

    assert all(portal.pids())
    portal.leave(first)
    portal.leave(second)
    assert portal.pids() == (None, None)


def test_dead_server_is_revived_for_those_who_rely_on_it(portal):
    process = portal.start(HOLD.replace("sys.stdin.read()", "input(); print(embedded.revive(), flush=True); input()"))
    process.stdout.readline()
    portal.kill(portal.pids()[1])

    process.stdin.write("\n")
    process.stdin.flush()

    assert process.stdout.readline().strip() == "['Valkey']"
    assert all(portal.pids())


def test_terminated_command_stops_its_servers(portal):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", "print('up', flush=True); import time; time.sleep(60)"],
        cwd=ROOT, env=portal.environment, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    portal.started.append(process)
    assert process.stdout.readline() == "up\n"
    assert all(portal.pids())

    process.terminate()

    assert process.wait(30) == 128 + signal.SIGTERM
    assert portal.pids() == (None, None)


def test_half_made_database_is_made_again(empty_portal):
    draft = empty_portal.folder / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    empty_portal.leave(empty_portal.holder())

    assert (empty_portal.folder / "postgres" / "global").is_dir()
    assert not draft.exists()


def test_given_addresses_are_used_and_nothing_is_started(empty_portal, monkeypatch):
    monkeypatch.setenv("FAMI_VAR", str(empty_portal.folder))
    monkeypatch.setenv("DATABASE_URL", "postgresql://fami@db.example/portal")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/0")

    embedded.ensure()

    assert os.environ["DATABASE_URL"] == "postgresql://fami@db.example/portal"
    assert os.environ["REDIS_URL"] == "redis://cache.example/0"
    assert not empty_portal.folder.exists()


def test_folder_that_cannot_be_written_is_named(empty_portal):
    empty_portal.folder.parent.joinpath("file").touch()
    empty_portal.environment["FAMI_VAR"] = str(empty_portal.folder.parent / "file" / "var")

    assert "cannot create the folder" in empty_portal.refusal()


def test_data_of_another_version_are_left_alone(empty_portal):
    data = empty_portal.folder / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9.6\n")

    assert "was made by PostgreSQL 9.6" in empty_portal.refusal()
    assert (data / "PG_VERSION").read_text() == "9.6\n"


def test_folder_of_something_else_is_left_alone(empty_portal):
    data = empty_portal.folder / "postgres"
    data.mkdir(parents=True)
    (data / "diary.txt").write_text("dear")

    assert "is not a PostgreSQL folder" in empty_portal.refusal()
    assert (data / "diary.txt").exists()


def test_missing_package_is_named():
    with pytest.raises(SystemExit, match="the package no_such_wheel is not installed; run `make setup`"):
        servers._package("no_such_wheel")


def test_long_folder_names_still_give_short_sockets(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/" + "deep/" * 40)

    assert len(str(servers.Valkey(Path("/x" * 100)).socket)) < 104
