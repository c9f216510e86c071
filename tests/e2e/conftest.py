# SPDX-License-Identifier: EUPL-1.2
"""A real browser on a real server: pages are looked at wide and narrow, by axe and by the content security policy."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


# What decides the colours of a text: the element it stands in, those around it, and their states.
CHAINS = """
() => {
  const chains = new Map([[document.documentElement, ""]]);
  const chain = (element) => {
    if (!chains.has(element)) {
      const states = ["disabled", "open", "type", "style", "aria-current", "aria-selected", "aria-invalid", "aria-disabled"];
      const said = states.filter((name) => element.hasAttribute(name)).map((name) => name + element.getAttribute(name));
      const row = element.tagName === "TR" ? element.sectionRowIndex % 2 : "";
      const own = [element.tagName, ...[...element.classList].sort(), ...said, row].join(" ");
      chains.set(element, chain(element.parentElement) + ">" + own);
    }
    return chains.get(element);
  };
  const written = (element) => ["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName)
    || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  window.portalTexts = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (written(element) && element.checkVisibility({visibilityProperty: true})) {
      window.portalTexts.set(chain(element), element);
    }
  }
  return [...window.portalTexts.keys()];
}
"""
MARK = "(chains) => chains.forEach((chain) => window.portalTexts.get(chain).setAttribute('data-colours', ''))"
UNMARK = "() => document.querySelectorAll('[data-colours]').forEach((one) => one.removeAttribute('data-colours'))"
RUN = "([context, options]) => axe.run(context || document, options).then((results) => results.violations)"


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Return a check of the open page at both widths: nothing serious for axe, nothing for the security policy.

    Colours take four fifths of its time, and are the same wherever the same elements stand in one another: each such
    chain of elements is looked at once for each width.
    """
    script = Axe().axe_script
    coloured: dict[int, set[str]] = {WIDE["width"]: set(), NARROW["width"]: set()}

    def judge(page: Page, width: int) -> list[dict[str, Any]]:
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(script)
        options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
        violations = page.evaluate(RUN, [None, options])
        new = [chain for chain in page.evaluate(CHAINS) if chain not in coloured[width]]
        if new:
            page.evaluate(MARK, new)
            options = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
            violations += page.evaluate(RUN, [{"include": ["[data-colours]"]}, options])
            page.evaluate(UNMARK)
        coloured[width].update(new)
        return violations

    def check(page: Page) -> None:
        found = []
        before = page.viewport_size
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.wait_for_timeout(50)
            for violation in judge(page, size["width"]):
                if violation["impact"] in ("serious", "critical"):
                    places = [node["target"] for node in violation["nodes"]][:5]
                    found.append(f"{size['width']}px {violation['id']}: {violation['help']} {places}")
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if overflow > 0:
                found.append(f"{size['width']}px: the page is {overflow}px wider than the screen")
        page.set_viewport_size(before or WIDE)
        found += [f"security policy: {violation}" for violation in page.violations]  # type: ignore[attr-defined]
        assert not found, f"{page.url}\n" + "\n".join(found)

    return check
