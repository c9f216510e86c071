# SPDX-License-Identifier: EUPL-1.2
"""`manage.py run`: the whole portal on one machine, as one process tree."""

import contextlib
import fcntl
import hashlib
import http.client
import os
import socket
import sys
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from fami_portal import embedded, env
from fami_portal.server_folders import make_folder
from fami_portal.supervisor import Child, Supervisor, say


class Command(BaseCommand):
    """Prepare the portal and run web server, worker and clock until INT or TERM."""

    help = (
        "Bring database, static files and texts up to date, then run web server, worker and clock as one process tree. "
        "PORT chooses the port; with FAMI_DEMO=1 the demonstration data are loaded first."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, run, and exit with the supervisor's code."""
        self.host = env.text("HOST", "127.0.0.1")
        self.port = env.number("PORT", 8000, minimum=1, maximum=65535)
        supervisor = Supervisor(
            self._children(), ready=self._answers, welcome=self._welcome, check=self._revive, vital="web"
        )
        supervisor.install()
        with self._alone():
            self._check_port()
            self._prepare()
            connections.close_all()
            code = supervisor.run()
        if code:
            sys.exit(code)

    def _children(self) -> list[Child]:
        python = [sys.executable, "-m"]
        # A container that runs everything as root knows it; the messages are JSON, so nothing is unpickled.
        celery = [
            sys.executable,
            "-W",
            "ignore:You're running the worker",
            "-m",
            "celery",
            "--quiet",
            "-A",
            "fami_portal",
        ]
        level = "--loglevel=WARNING" if settings.DEMO else "--loglevel=INFO"
        return [
            Child(
                "web",
                [
                    *python, "gunicorn", "fami_portal.wsgi", "--bind", f"{self.host}:{self.port}",
                    "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket",
                    "--graceful-timeout", "8", "--log-level", "warning", *(["--reload"] if settings.DEBUG else []),
                ],
            ),
            Child(
                "worker",
                [
                    *celery, "worker", "--pool", "prefork", "--concurrency", "1", "--without-gossip",
                    "--without-mingle", level,
                ],
            ),
            # No pid file: two clocks are harmless, a stale file is not.
            Child("beat", [*celery, "beat", "--pidfile=", level]),
        ]  # fmt: skip

    @contextlib.contextmanager
    def _alone(self) -> Any:
        """Hold the lock of the one supervisor that a `var/` folder may have."""
        lock: IO[str] = (make_folder(settings.VAR_DIR / "run") / "supervisor.lock").open("a+")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise CommandError(
                    f"the portal of {settings.VAR_DIR} already runs ({lock.read().strip() or 'starting'})"
                ) from None
            lock.truncate(0)
            lock.write(f"process {os.getpid()}, {self._address}")
            lock.flush()
            yield

    @property
    def _address(self) -> str:
        return f"http://localhost:{self.port}/"

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise CommandError(
                    f"cannot listen on {self.host} port {self.port} ({error.strerror}); choose another, as PORT=8010"
                ) from None

    def _prepare(self) -> None:
        say("Bringing the database up to date…")
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        self._collect_static()
        if settings.DEMO and "load_demo" in get_commands():
            say("Loading the demonstration data…")
            call_command("load_demo", stdout=self.stdout)

    def _collect_static(self) -> None:
        """Compress and fingerprint the static files, unless nothing changed since the last time."""
        digest = hashlib.sha256()
        for finder in get_finders():
            for name, storage in finder.list([]):
                found = Path(storage.path(name)).stat()
                digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
        digest.update(settings.STORAGES["staticfiles"]["BACKEND"].encode())
        stamp = Path(settings.STATIC_ROOT) / ".stamp"
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        say("Collecting the static files…")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0, stdout=self.stdout)
        stamp.write_text(digest.hexdigest())

    def _answers(self) -> bool:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        line = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            # Any answer is one: behind HTTPS it is a redirect.
            line.request("GET", "/livez")
            line.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
        return True

    def _welcome(self) -> None:
        say(f"\nThe portal is ready: {self._address}   (Ctrl-C ends it)\n")
        if settings.DEMO and "demo_users" in get_commands():
            call_command("demo_users", stdout=self.stdout)
            connections.close_all()
        self.stdout.flush()

    def _revive(self) -> None:
        for name in embedded.revive():
            say(f"{name} had died; it runs again.")
