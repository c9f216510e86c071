# SPDX-License-Identifier: EUPL-1.2
"""The folders of the embedded servers: made, and opened to the system user that runs PostgreSQL for root."""

import contextlib
import os
import stat
import sys
from pathlib import Path

SYSTEM_USER = "pgserver"


class EmbeddedError(SystemExit):
    """The embedded servers cannot run; the message is the one line that says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Embedded servers: {reason}")


def make_folder(path: Path, mode: int = 0o755) -> Path:
    """Make a folder of ours, or say in one line why that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if mode != 0o755:
            path.chmod(mode)
    except OSError as error:
        raise EmbeddedError(
            f"cannot create the folder {path} ({error.strerror}); set FAMI_VAR to one that is yours"
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise EmbeddedError(f"the folder {path} is not writable; set FAMI_VAR to one that is yours")
    return path


def open_way(path: Path, uid: int) -> None:
    """Let the system user walk through the folders above a path: traverse only, never list."""
    for folder in reversed(path.parents):
        mode = folder.stat()
        if mode.st_mode & stat.S_IXOTH or mode.st_uid == uid:
            continue
        try:
            folder.chmod(stat.S_IMODE(mode.st_mode) | stat.S_IXOTH)
        except OSError as error:
            raise EmbeddedError(
                f"the system user {SYSTEM_USER} cannot pass through {folder} ({error.strerror}); "
                "run the portal as an ordinary user or set FAMI_VAR"
            ) from None
        sys.stderr.write(
            f"Embedded servers: {folder} may now be traversed, so that PostgreSQL can run as {SYSTEM_USER}\n"
        )


def open_tree(root: Path) -> None:
    """Let the system user read a package that was installed with a strict umask."""
    for path in (
        root,
        *root.rglob("*"),
        *root.parent.glob(f"{root.name}.libs"),
        *root.parent.glob(f"{root.name}.libs/*"),
    ):
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        needed = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if needed != mode:
            with contextlib.suppress(OSError):
                path.chmod(needed)
