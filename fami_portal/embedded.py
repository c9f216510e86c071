# SPDX-License-Identifier: EUPL-1.2
"""The embedded default: real PostgreSQL and Valkey, from wheels, started under `var/` when no address is given.

Every process that relies on these servers holds a shared lock on one file as long as it lives, even when it is
killed without warning, because the kernel lets the lock go. Who leaves last stops the servers. Starting, joining and
leaving happen under a second, exclusive lock, so no two processes ever do it at once.
"""

import atexit
import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fami_portal.server_folders import EmbeddedError, make_folder
from fami_portal.servers import PATIENCE_SECONDS, Postgres, Server, Valkey

# The Monday of the week in which the demonstration lives: its programme ended years ago.
DEMO_WEEK = date(2019, 5, 20)

_presence: int | None = None
_presence_owner = 0
_relied_on: list[Server] = []


def var() -> Path:
    """Return the folder of everything that the portal writes (`FAMI_VAR`, by default `var/` beside manage.py)."""
    return Path(os.environ.get("FAMI_VAR") or Path(__file__).resolve().parent.parent / "var").resolve()


def in_use() -> bool:
    """Tell whether the database address is that of the embedded server of this `var/` folder."""
    address = os.environ.get("DATABASE_URL", "")
    return not address or address == Postgres(var()).address


def secret(name: str, variable: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(50)) -> str:
    """Return the secret kept in `var/keys/<name>`, made at random the first time.

    Only the embedded default, the demonstration and the tests may have such secrets: any other configuration exits
    with the name of `variable`, the one to set.
    """
    made_here = in_use() or os.environ.get("FAMI_DEMO") or os.environ.get("FAMI_TESTING")
    if not made_here:
        raise SystemExit(
            f"{variable}: must be set when the portal runs on a database of your own (docs/operations.md says how)"
        )
    folder = make_folder(var() / "keys", 0o700)
    path = folder / name
    with _exclusive(var()):
        if not path.exists() or not path.read_text().strip():
            draft = folder / f".{name}.new"
            draft.touch(mode=0o600)
            draft.write_text(make())
            draft.replace(path)
    return path.read_text().strip()


def demo_shift() -> timedelta:
    """Return how far the demonstration lives in the past: whole weeks from its own week to the one in which it began.

    Kept in `var/keys/demo-week`, so that every process agrees and the days go by.
    """
    path = make_folder(var() / "keys", 0o700) / "demo-week"
    with _exclusive(var()):
        if not path.exists():
            today = datetime.now(UTC).date()
            path.write_text((today - timedelta(days=today.weekday())).isoformat())
    return date.fromisoformat(path.read_text().strip()) - DEMO_WEEK


def ensure() -> None:
    """Start, or find running, the servers whose addresses are unset, and set `DATABASE_URL` and `REDIS_URL`.

    Addresses that are set are used as given and nothing is started for them. Raises `EmbeddedError` with one clear
    line when a server cannot run.
    """
    folder = var()
    wanted: list[tuple[str, Server]] = []
    if not os.environ.get("DATABASE_URL", "").strip():
        wanted.append(("DATABASE_URL", Postgres(folder)))
    if not os.environ.get("REDIS_URL", "").strip():
        wanted.append(("REDIS_URL", Valkey(folder)))
    if not wanted:
        return
    with _exclusive(folder):
        _join(folder)
        for name, server in wanted:
            server.ensure()
            os.environ[name] = server.address
            _relied_on.append(server)


def revive() -> list[str]:
    """Start again those of our servers that died, and return their names (a supervisor calls this now and then)."""
    dead = [server for server in _relied_on if not server.pid()]
    if dead:
        with _exclusive(var()):
            for server in dead:
                server.ensure()
    return [server.title for server in dead]


def stop() -> None:
    """Leave the servers: they are stopped when no other process uses them. Safe to call twice."""
    global _presence
    # A forked child shares its parent's lock and must not end what the parent still uses.
    if _presence is None or _presence_owner != os.getpid():
        return
    folder = var()
    _relied_on.clear()
    with _exclusive(folder):
        os.close(_presence)
        _presence = None
        alone = os.open(folder / "run" / "users.lock", os.O_RDWR)
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        else:
            Valkey(folder).stop()
            Postgres(folder).stop()
            with contextlib.suppress(OSError):
                Postgres(folder).sockets.rmdir()
        finally:
            os.close(alone)
    for name, server in (("DATABASE_URL", Postgres(folder)), ("REDIS_URL", Valkey(folder))):
        if os.environ.get(name) == server.address:
            del os.environ[name]


def check_unused() -> None:
    """Stop servers that a killed process left behind; exits with a sentence when somebody still uses them."""
    folder = var()
    if not (folder / "run" / "users.lock").exists():
        return
    _join(folder)
    stop()
    if any(server.pid() for server in (Postgres(folder), Valkey(folder))):
        raise SystemExit(f"The portal of {folder} still runs: end it first.")


@contextlib.contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    path = make_folder(folder / "run") / "servers.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise EmbeddedError(f"cannot open {path} ({error.strerror}); does it belong to another user?") from None
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"another process holds {path} for {PATIENCE_SECONDS} s; end it") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(lock)


def _join(folder: Path) -> None:
    global _presence, _presence_owner
    if _presence is not None and _presence_owner == os.getpid():
        return
    _presence = os.open(folder / "run" / "users.lock", os.O_RDWR | os.O_CREAT, 0o666)
    _presence_owner = os.getpid()
    fcntl.flock(_presence, fcntl.LOCK_SH)
    atexit.register(stop)
