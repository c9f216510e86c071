# SPDX-License-Identifier: EUPL-1.2
"""The compiled texts are never older than their sources, whichever command comes first in a fresh clone."""

import contextlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def ensure_compiled() -> None:
    """Compile the message catalogues that changed. Call it before Django is set up: it reads them once.

    Where the code may not be written (a hardened server) nothing happens: there `catalogue compile` is a step of the
    installation.
    """
    for po in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns:
            # Babel takes longer to import than the texts take to be found fresh.
            from fami_portal.core import catalogue  # noqa: PLC0415

            with contextlib.suppress(OSError):
                catalogue.compile_stale()
            return
