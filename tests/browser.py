# SPDX-License-Identifier: EUPL-1.2
"""The browser of the journeys: found on this machine, or installed. It is never silently done without.

Best is Chromium without a window (`chromium-headless-shell`): the same pages, in two thirds of the time, because it
does not draw the frame that nobody sees. Any other Chromium will do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

WINDOWLESS = "chromium-headless-shell"
NAMES = [WINDOWLESS, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
# The package manager is given up after so long: any other browser will do.
PATIENCE_SECONDS = 120
# A quiet browser: nothing of its own on the network, and no sandbox where root runs the tests.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def find() -> str:
    """Return the path of a browser on this machine, empty when there is none. `FAMI_BROWSER` comes first."""
    chosen = os.environ.get("FAMI_BROWSER", "")
    if chosen:
        if not Path(chosen).exists():
            raise SystemExit(f"FAMI_BROWSER: there is no program {chosen}")
        return chosen
    for path in (*filter(None, map(shutil.which, NAMES)), *PLACES, _of_playwright()):
        if path and Path(path).exists():
            return path
    return ""


def _of_playwright() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def install() -> None:
    """Install a browser: the system's own where root may, else Playwright's for this user."""
    if not install_windowless():
        _package("chromium")
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def install_windowless() -> bool:
    """Install the Chromium without a window, beside any other, where root may; tell whether it is there."""
    if os.environ.get("FAMI_BROWSER") or shutil.which(WINDOWLESS):
        return True
    return _package(WINDOWLESS)


def _package(name: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    sys.stderr.write(f"Installing {name} for the journeys, once…\n")
    wanted = ["install", "-y", "--no-install-recommends", name]
    # The lists of packages may be there already.
    return _apt(*wanted) or (_apt("update") and _apt(*wanted))


def _apt(*command: str) -> bool:
    """Tell whether an act of the system's package manager came to a good end; a network that is not there ends it."""
    network = ["Acquire::http::Timeout=10", "Acquire::https::Timeout=10", "Acquire::Retries=0"]
    patience = ["-qq", *(f"-o{option}" for option in network)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        ended = subprocess.run(
            ["apt-get", *patience, *command],
            check=False,
            timeout=PATIENCE_SECONDS,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            **quiet,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def find_or_install() -> str:
    """Return the path of a browser that runs; exits with one clear sentence when none can be had."""
    path = find()
    if not path:
        sys.stderr.write("No browser found: installing Chromium for the journeys…\n")
        install()
        path = find()
    if not path:
        raise SystemExit("The journeys need Chromium: install it, or set FAMI_BROWSER to its program.")
    return path


if __name__ == "__main__":
    if sys.argv[1:] == ["windowless"]:
        install_windowless()
    else:
        sys.stdout.write(f"Browser of the journeys: {find_or_install()}\n")
