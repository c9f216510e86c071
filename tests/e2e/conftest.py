# SPDX-License-Identifier: EUPL-1.2
"""A real browser on a real server: pages are looked at wide and narrow, by axe and by the content security policy."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser import ARGUMENTS, find_or_install

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
FAILED = pytest.StashKey[bool]()
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
# Read by the browser with the page, and run when the page is first judged.
AXE = f"window.portalAxe = function () {{ {Axe().axe_script} }};"
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
    """The running portal as somebody meets it.

    A browser that nobody uses any more is handed on without cookies and with an empty page: to open another, which has
    to fetch and read the style sheets again, takes a second.
    """

    url: str
    browser: Browser
    idle: list[Page]
    pages: list[Page] = field(default_factory=list)

    def page(self, user: Any = None, *, size: dict[str, int] | None = None, path: str = "") -> Page:
        """Open a page of a browser that knows nobody, signed in as `user` when one is given."""
        page = self.idle.pop() if self.idle else self._opened()
        self.pages.append(page)
        if page.viewport_size != (size or WIDE):
            page.set_viewport_size(size or WIDE)
        if user is not None:
            client = Client()
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}])
        if path:
            page.goto(path)
        return page

    def _opened(self) -> Page:
        context = self.browser.new_context(
            base_url=self.url, viewport=WIDE, locale="it-IT", timezone_id="Europe/Rome", reduced_motion="reduce"
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        violations: list[str] = []
        page.violations = violations  # type: ignore[attr-defined]
        page.expose_function("portalViolation", lambda text: violations.append(text))
        page.add_init_script(LISTENER)
        page.add_init_script(AXE)
        return page

    def hand_on(self) -> None:
        """Leave every browser as if nobody had used it."""
        for page in self.pages:
            try:
                page.goto("about:blank")
            except Error:  # still on its way to another page
                page.context.close()
                continue
            for other in page.context.pages:
                if other is not page:
                    other.close()
            page.context.clear_cookies()
            page.violations.clear()  # type: ignore[attr-defined]
            self.idle.append(page)

    def give_up(self) -> None:
        """Close every browser: after a failure nobody knows what state it is in."""
        for page in self.pages:
            page.context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Let the fixtures know how the test ended."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def idle() -> list[Page]:
    """Return the browsers that are open and that nobody uses."""
    return []


@pytest.fixture
def live(live_server: Any, browser: Browser, idle: list[Page], request: pytest.FixtureRequest) -> Iterator[Live]:
    """The portal on a port of this machine, and a browser to meet it with.

    After a failure the open pages are kept in `test-results/`, as pictures and as the words on them.
    """
    portal = Live(live_server.url, browser, idle)
    yield portal
    if not request.node.stash.get(FAILED, False):
        portal.hand_on()
        return
    RESULTS.mkdir(exist_ok=True)
    pages = [page for first in portal.pages for page in first.context.pages]
    for number, page in enumerate(pages):
        name = f"{request.node.name}-{number}"
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
        (RESULTS / f"{name}.txt").write_text(f"{page.url}\n{page.locator('body').inner_text()}")
    portal.give_up()


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


def _view(page: Page) -> str:
    """Return the name of what answered the open page, empty for an address that leads nowhere."""
    try:
        return resolve(urlsplit(page.url).path).view_name
    except Resolver404:
        return ""


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Return a check of the open page at both widths: nothing serious for axe, nothing for the security policy.

    Colours take four fifths of its time, and are the same wherever the same elements stand in one another: each such
    chain of elements is looked at once for each width. The other width of a page shows the same elements in another
    order: it is judged once for each kind of page, and once for each that is in error.
    """
    coloured: dict[int, set[str]] = {WIDE["width"]: set(), NARROW["width"]: set()}
    judged: set[tuple[int, str, bool]] = set()

    def judge(page: Page, width: int, *, again: bool) -> list[dict[str, Any]]:
        page.evaluate("typeof axe === 'object' || portalAxe()")
        kind = (width, _view(page), page.title().startswith("Errore:"))
        violations = []
        if again or kind not in judged:
            options = {"preload": False, "resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
            violations += page.evaluate(RUN, [None, options])
            judged.add(kind)
        new = [chain for chain in page.evaluate(CHAINS) if chain not in coloured[width]]
        if new:
            page.evaluate(MARK, new)
            options = {"preload": False, "resultTypes": ["violations"], "runOnly": ["color-contrast"]}
            violations += page.evaluate(RUN, [{"include": ["[data-colours]"]}, options])
            page.evaluate(UNMARK)
        coloured[width].update(new)
        return violations

    def check(page: Page) -> None:
        found = []
        before = page.viewport_size or WIDE
        # The width at which it is open first, which spares two changes.
        own, other = (NARROW, WIDE) if before == NARROW else (WIDE, NARROW)
        for size in (own, other):
            if page.viewport_size != size:
                page.set_viewport_size(size)
            page.wait_for_timeout(50)
            for violation in judge(page, size["width"], again=size == own):
                if violation["impact"] in ("serious", "critical"):
                    places = [node["target"] for node in violation["nodes"]][:5]
                    found.append(f"{size['width']}px {violation['id']}: {violation['help']} {places}")
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if overflow > 0:
                found.append(f"{size['width']}px: the page is {overflow}px wider than the screen")
        page.set_viewport_size(before)
        found += [f"security policy: {violation}" for violation in page.violations]  # type: ignore[attr-defined]
        assert not found, f"{page.url}\n" + "\n".join(found)

    return check
