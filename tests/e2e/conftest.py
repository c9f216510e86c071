# SPDX-License-Identifier: EUPL-1.2
"""A real browser on a real server: pages are looked at wide and narrow, by axe and by the content security policy."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import ARGUMENTS, find_or_install

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
FAILED = pytest.StashKey[bool]()
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
LISTENER = """
document.addEventListener("securitypolicyviolation", function (event) {
  window.portalViolation(event.violatedDirective + " " + event.blockedURI + " " + document.location.pathname);
});
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    # The synchronous interface of Playwright keeps an event loop in this thread, which Django would take for ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    program = find_or_install()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@dataclass
class Live:
    """The running portal as somebody meets it."""

    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, user: Any = None, *, size: dict[str, int] | None = None, path: str = "") -> Page:
        """Open a page of a fresh browser, signed in as `user` when one is given."""
        context = self.browser.new_context(
            base_url=self.url, viewport=size or WIDE, locale="it-IT", timezone_id="Europe/Rome", reduced_motion="reduce"
        )
        self.contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}])
        page = context.new_page()
        page.set_default_timeout(30_000)
        violations: list[str] = []
        page.violations = violations  # type: ignore[attr-defined]
        page.expose_function("portalViolation", lambda text: violations.append(text))
        page.add_init_script(LISTENER)
        if path:
            page.goto(path)
        return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Let the fixtures know how the test ended."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def live(live_server: Any, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Live]:
    """The portal on a port of this machine, and a browser to meet it with.

    After a failure the open pages are kept in `test-results/`, as pictures and as the words on them.
    """
    portal = Live(live_server.url, browser)
    yield portal
    if request.node.stash.get(FAILED, False):
        RESULTS.mkdir(exist_ok=True)
        pages = [page for context in portal.contexts for page in context.pages]
        for number, page in enumerate(pages):
            name = f"{request.node.name}-{number}"
            page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
            (RESULTS / f"{name}.txt").write_text(f"{page.url}\n{page.locator('body').inner_text()}")
    for context in portal.contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Return a check of the open page at both widths: nothing serious for axe, nothing for the security policy.

    Colours take four fifths of its time, and are the same at both widths but for the menu: on the narrow page they are
    looked at once for each address, on the wide one in every state.
    """
    checker = Axe()
    coloured: set[str] = set()

    def check(page: Page) -> None:
        found = []
        before = page.viewport_size
        address = re.sub(r"[0-9a-f-]{36}|\d+", "…", urlsplit(page.url).path)
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.wait_for_timeout(50)
            colours = size is WIDE or address not in coloured
            rules = {} if colours else {"color-contrast": {"enabled": False}}
            results = checker.run(page, options={"resultTypes": ["violations"], "rules": rules})
            for violation in results.response["violations"]:
                if violation["impact"] in ("serious", "critical"):
                    places = [node["target"] for node in violation["nodes"]][:5]
                    found.append(f"{size['width']}px {violation['id']}: {violation['help']} {places}")
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if overflow > 0:
                found.append(f"{size['width']}px: the page is {overflow}px wider than the screen")
        coloured.add(address)
        page.set_viewport_size(before or WIDE)
        found += [f"security policy: {violation}" for violation in page.violations]  # type: ignore[attr-defined]
        assert not found, f"{page.url}\n" + "\n".join(found)

    return check
