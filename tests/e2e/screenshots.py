# SPDX-License-Identifier: EUPL-1.2
"""Takes the pictures of the README and of the guide from a running demonstration.

make demo                                     # in one terminal
PYTHONPATH=. .venv/bin/python tests/e2e/screenshots.py http://localhost:8000
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import ARGUMENTS, find_or_install

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
SIZES = {"": {"width": 1280, "height": 1280}, "-narrow": {"width": 390, "height": 844}}
# Pages made for the phone: their narrow picture is the one of the guide.
ON_A_PHONE = {"my-day"}


def addresses() -> dict[str, tuple[str, str]]:
    """Return picture name to (demo user, path), looked up in the demonstration's own database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")
    os.environ.setdefault("FAMI_DEMO", "1")
    from fami_portal import embedded

    embedded.ensure()
    import django

    django.setup()
    from django.urls import reverse

    from actions.models import Activity
    from beneficiaries.models import Support
    from mediation.models import HourAccount, MediationRequest
    from privacy.models import RightsRequest
    from reporting.demo import world
    from reporting.models import ActivityReport, OutputReport

    lab = Activity.objects.filter(organisation__name=world.BEHIND, activity_type__code="LAB-L2").order_by("pk")[0]
    report = ActivityReport.objects.get(
        organisation__name=world.BEHIND, network__code="ATS-1-TO", period__code=world.OPEN_PERIOD
    )
    output = OutputReport.objects.filter(period__code=world.CLOSED_PERIODS[-1]).order_by("-version")[0]
    school = "Istituto comprensivo I Tigli - Torino"
    account = HourAccount.objects.filter(organisation__name=school).order_by("pk")[0]
    request = MediationRequest.objects.filter(organisation__name=school, state="reported").order_by("pk")[0]
    home = Support.objects.filter(kind="housing").order_by("pk")[0]
    rights = RightsRequest.objects.order_by("pk")[0]
    return {
        "mediation-request": ("scuola", request.get_absolute_url()),
        "mediation-board": ("rete", reverse("mediation:board")),
        "my-day": ("mediatrice", reverse("mediation:my-day")),
        "hour-account": ("rete", account.get_absolute_url()),
        "register": ("partner", reverse("beneficiaries:register", args=[lab.uuid])),
        "supports": ("sportello", reverse("beneficiaries:supports", args=[home.activity.uuid])),
        "activity-report": ("partner", report.get_absolute_url()),
        "dashboard": ("regione", reverse("reporting:dashboard", args=[world.PROGRAMME])),
        "output-report": ("regione", output.get_absolute_url()),
        "recipients": ("scuola", reverse("beneficiaries:beneficiary-list")),
        "rights": ("privacy", rights.get_absolute_url()),
        "retention": ("privacy", reverse("privacy:retention", args=[world.PROGRAMME])),
        "network": ("regione", lab.network.get_absolute_url()),
        "territory": ("regione", reverse("partners:territory", args=[lab.network.uuid])),
        "budget": ("regione", reverse("actions:budget", args=[world.PROGRAMME])),
        "calendar": ("rete", reverse("actions:calendar")),
        "imports": ("regione", reverse("core:import-list")),
    }


def sign_in(page: Page, name: str) -> None:
    """Sign in as a demo user."""
    from reporting.demo.world import DOMAIN, PASSWORD

    page.goto("/account/login/")
    page.locator("input[name=login]").fill(f"{name}{DOMAIN}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/")


def main(base: str) -> None:
    """Write the pictures of the documents; with LOOK_AT=folder also those at the other width, to be looked at."""
    pages = addresses()
    FOLDER.mkdir(exist_ok=True)
    looked_at = Path(os.environ.get("LOOK_AT", ""))
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    program = find_or_install()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for suffix, size in SIZES.items():
            for name, (user, path) in pages.items():
                kept = (name in ON_A_PHONE) == bool(suffix)
                if not kept and not looked_at.name:
                    continue
                context = chromium.new_context(base_url=base, viewport=size, locale="it-IT")
                page = context.new_page()
                sign_in(page, user)
                page.goto(path)
                target = FOLDER if kept else looked_at
                page.screenshot(path=target / f"{name}{suffix}.png", full_page=bool(suffix) and not kept)
                sys.stdout.write(f"{name}{suffix}: {page.title()}\n")
                context.close()
        chromium.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
