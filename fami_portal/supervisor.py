# SPDX-License-Identifier: EUPL-1.2
"""A small supervisor: runs a few programs as one process tree, restarts what dies, leaves nothing behind.

It installs its own handlers for INT, TERM and HUP, because a shell that starts a program in the background has INT
ignored, and Python dies of TERM without a word. Each child leads a session of its own, so a Ctrl-C in the terminal
reaches the supervisor alone, which then asks each child once and in order.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from fami_portal.servers import adopt_orphans

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 12.0
TICK_SECONDS = 0.1
CHECK_SECONDS = 3.0
# A child that lived this long starts again at once the next time it dies.
HEALTHY_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0


class Stopped(SystemExit):
    """A signal asked for the end while nothing was running yet."""


@dataclass
class Child:
    """One program that must always run."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    deaths: int = field(default=0)

    def start(self) -> None:
        """Start the program in a session of its own."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent
        )
        self.started_at = time.monotonic()

    def died(self) -> float:
        """Note a death and return after how many seconds the program is started again."""
        now = time.monotonic()
        self.deaths = 0 if now - self.started_at > HEALTHY_SECONDS else self.deaths + 1
        pause = 0.0 if self.deaths == 0 else min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** (self.deaths - 1))
        self.due_at = now + pause
        return pause

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the program, or to all that it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                (os.killpg if group else os.kill)(self.process.pid, number)


def _die_with_parent() -> None:
    # So that a supervisor that is killed without warning takes its children along (Linux only).
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def say(text: str) -> None:
    """Print one line for whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Supervisor:
    """Runs children until a signal asks for the end.

    `ready` is asked until it is true, and then `welcome` is called once. `check` is called every few seconds. A
    `vital` child that dies before the portal was ever ready ends everything, because it would only die again.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        ready: Callable[[], bool] = lambda: True,
        welcome: Callable[[], None] = lambda: None,
        check: Callable[[], None] = lambda: None,
        vital: str = "",
    ) -> None:
        self.children = children
        self.ready = ready
        self.welcome = welcome
        self.check = check
        self.vital = vital
        self.stopping = False
        self.hurry = False
        self._running = False

    def install(self) -> None:
        """Take over the signals. Before `run`, a signal ends the program by `Stopped`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self._running:
            raise Stopped(0)
        self.hurry = self.stopping
        self.stopping = True

    def run(self) -> int:
        """Run until asked to stop; returns the exit code of the whole."""
        adopt_orphans()
        self._running = True
        code, welcomed, checked_at = 0, False, time.monotonic()
        try:
            for child in self.children:
                child.start()
            while not self.stopping:
                for child in self._collect():
                    if self.stopping:
                        break
                    if child.name == self.vital and not welcomed:
                        say(f"{child.name} cannot start; its reason is above.")
                        code, self.stopping = 1, True
                        break
                    pause = child.died()
                    say(f"{child.name} ended; starting it again{f' in {pause:g} s' if pause else ''}.")
                for child in self.children:
                    if not self.stopping and child.process is None and time.monotonic() >= child.due_at:
                        child.start()
                if not welcomed and not self.stopping and self.ready():
                    welcomed = True
                    self.welcome()
                if time.monotonic() - checked_at > CHECK_SECONDS:
                    checked_at = time.monotonic()
                    self.check()
                time.sleep(TICK_SECONDS)
        finally:
            self._stop()
        return code

    def _collect(self) -> list[Child]:
        """Wait for what ended: children of ours, and orphans of theirs that have become ours."""
        ended = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return ended
            if not pid:
                return ended
            for child in self.children:
                if child.process is not None and child.process.pid == pid:
                    child.process.returncode = os.waitstatus_to_exitcode(status)
                    # What it may have started and left.
                    child.signal(signal.SIGTERM, group=True)
                    child.process = None
                    ended.append(child)

    def _stop(self) -> None:
        """Ask every child to end, insist after a while, and leave no process of theirs."""
        groups = [child.process.pid for child in self.children if child.process is not None]
        for child in self.children:
            child.signal(signal.SIGTERM)
        self._wait(GRACE_SECONDS, patient=True)
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        self._wait(5, patient=False)

    def _wait(self, seconds: float, *, patient: bool) -> None:
        deadline = time.monotonic() + seconds
        self._collect()
        while any(child.process for child in self.children) and time.monotonic() < deadline:
            if patient and self.hurry:
                return
            time.sleep(0.02)
            self._collect()
