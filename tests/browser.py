# SPDX-License-Identifier: EUPL-1.2
"""The browser of the journeys: found on this machine, or installed. It is never silently done without."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
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
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {
            "check": False,
            "stdout": subprocess.DEVNULL,
            "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], **quiet)
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


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
    sys.stdout.write(f"Browser of the journeys: {find_or_install()}\n")
