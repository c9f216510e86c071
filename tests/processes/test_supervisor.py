# SPDX-License-Identifier: EUPL-1.2
"""The supervisor, with real processes: it ends on a signal, restarts what dies and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import sys
from fami_portal import supervisor
from fami_portal.supervisor import Child, Supervisor
def python(name, code):
    return Child(name, [sys.executable, "-c", code])
def run(*children, **options):
    watch = Supervisor(children, **options)
    watch.install()
    sys.exit(watch.run())
"""
# The newline is part of the text: unbuffered, `print` would write it apart and two processes would mix their lines.
SLEEPER = "import time; print('up\\n', end='', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


def eventually(true: Callable[[], object], seconds: float = 20) -> bool:
    """Tell whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the process and all its descendants."""
    root = psutil.Process(process.pid)
    return [root, *root.children(recursive=True)]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def script() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(code: str, **options: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + code], cwd=ROOT, text=True, stdout=subprocess.PIPE, **options
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            for one in reversed(family(process)):
                one.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_the_tree_even_when_the_shell_ignored_it(script, number):
    process = script(
        f'run(python("one", {SLEEPER!r}), python("two", {SLEEPER!r}))',
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN),
    )
    assert [process.stdout.readline(), process.stdout.readline()] == ["up\n", "up\n"]
    members = family(process)

    process.send_signal(number)

    assert process.wait(20) == 0
    assert len(members) == 3
    assert not alive(members)


def test_child_that_ignores_the_request_is_killed_with_what_it_started(script):
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); " + STUBBORN
    process = script(f'supervisor.GRACE_SECONDS = 0.5; run(python("stubborn", {parent!r}))')
    assert [process.stdout.readline(), process.stdout.readline()] == ["up\n", "up\n"]
    members = family(process)

    process.terminate()

    assert process.wait(20) == 0
    assert len(members) == 3
    assert not alive(members)


def test_second_signal_does_not_wait(script):
    process = script(f'run(python("stubborn", {STUBBORN!r}))')
    process.stdout.readline()

    process.terminate()
    time.sleep(0.3)
    asked_again = time.monotonic()
    process.terminate()

    assert process.wait(20) == 0
    assert time.monotonic() - asked_again < 6


def test_dying_child_is_started_again_ever_more_slowly(script):
    process = script("""run(python("brief", "print('up', flush=True)"))""")
    lines = [process.stdout.readline().strip() for _ in range(6)]

    assert lines[0::2] == ["up", "up", "up"]
    assert lines[1::2] == [f"brief ended; starting it again in {pause} s." for pause in ("0.5", "1", "2")]


def test_vital_child_that_cannot_start_ends_everything(script):
    code = (
        f"""run(python("web", "raise SystemExit(3)"), python("other", {SLEEPER!r}), vital="web", ready=lambda: False)"""
    )
    process = script(code)

    assert process.wait(20) == 1
    assert "web cannot start" in process.stdout.read()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_killed_supervisor_takes_its_children_along(script):
    process = script(f'run(python("one", {SLEEPER!r}))')
    process.stdout.readline()
    members = family(process)

    process.kill()
    process.wait()

    assert eventually(lambda: not alive(members))


class Run:
    """`manage.py run` on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {"FAMI_VAR": str(folder / "var"), "PORT": str(self.port)}
        for name in ("DATABASE_URL", "REDIS_URL", "FAMI_JOBS_INLINE"):
            self.environment.pop(name, None)
        self.process: subprocess.Popen[str] | None = None

    def command(self, **environment: str) -> subprocess.Popen[str]:
        """Start the command with its output in the log."""
        with self.log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", "run"], cwd=ROOT, env=self.environment | environment,
                text=True, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def start(self) -> list[psutil.Process]:
        """Start, wait until the portal is ready, and return its processes."""
        self.log.write_text("")
        self.process = self.command()
        assert eventually(lambda: "The portal is ready" in self.said or self.process.poll() is not None, 120)
        assert self.process.poll() is None, self.said
        return family(self.process)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def child(self, word: str) -> psutil.Process | None:
        """Return the child whose command line has the word."""
        for one in psutil.Process(self.process.pid).children():
            if one.status() != psutil.STATUS_ZOMBIE and word in one.cmdline():
                return one
        return None


@pytest.fixture(scope="module")
def running() -> Iterator[Run]:
    folder = Path(tempfile.mkdtemp(prefix="fami-test-"))
    folder.chmod(0o755)
    run = Run(folder)
    yield run
    if run.process is not None and run.process.poll() is None:
        run.process.terminate()
        run.process.wait(30)
    shutil.rmtree(folder)


def test_portal_serves_revives_refuses_a_second_one_and_ends_clean(running):
    members = running.start()
    names = " ".join(" ".join(one.cmdline()) for one in alive(members))
    assert all(word in names for word in ("gunicorn", "worker", "beat", "postgres", "valkey-server"))
    address = f"http://127.0.0.1:{running.port}/livez"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200

    second = running.command()
    assert second.wait(30) == 1
    assert f"already runs (process {running.process.pid}, http://localhost:{running.port}/)" in running.said

    worker = running.child("worker")
    worker.kill()
    assert eventually(lambda: (again := running.child("worker")) and again.pid != worker.pid)
    members += family(running.process)

    # Again, with nothing left to prepare, after a supervisor that was killed without warning.
    running.process.kill()
    running.process.wait()
    again = running.start()
    running.process.terminate()
    assert running.process.wait(30) == 0, running.said
    assert not alive(again)
    assert eventually(lambda: not alive(members))


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_bad_port_is_refused_by_name(running, port):
    process = running.command(PORT=port)

    assert process.wait(60) == 1
    assert f"PORT: expected a whole number from 1 to 65535 (found: '{port}')" in running.said


def test_taken_port_is_refused_with_advice(running):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = running.command(PORT=str(other.getsockname()[1]))

        assert process.wait(60) == 1
    assert "choose another, as PORT=8010" in running.said
