# SPDX-License-Identifier: EUPL-1.2
"""The settings of the workers of these tests: jobs are machinery, and no app above them takes part.

A worker with all of them takes three times as long to begin, and sixteen begin.
"""

from fami_portal.settings import *  # noqa: F403, TID251  a settings module
from fami_portal.settings import INSTALLED_APPS as ALL_APPS  # noqa: TID251

ABOVE = {"reporting", "privacy", "mediation", "beneficiaries", "actions", "partners"}
INSTALLED_APPS = [app for app in ALL_APPS if app not in ABOVE]
# No pages either: this module names none.
ROOT_URLCONF = "tests.processes.settings"
urlpatterns: list[object] = []
