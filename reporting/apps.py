# SPDX-License-Identifier: EUPL-1.2
"""The reporting app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    """Configuration of the app."""

    name = "reporting"

    def ready(self) -> None:
        """Enter the menu and the home page (imports wait until the models are loaded)."""
        from fami_portal.core import nav
        from reporting import workflow  # noqa: F401  registers the tables of states
        from reporting.selectors import report_pages

        nav.register(
            nav.NavItem(
                _("Activity reports"),
                "reporting:activity-report-list",
                order=40,
                predicate=report_pages.can_list_reports,
            )
        )
        nav.register_panel(report_pages.reports_panel, order=10)
