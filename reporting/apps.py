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

        # They hear the mediation service; they enter their tables in the registry.
        from reporting import receivers, workflow  # noqa: F401
        from reporting.selectors import report_pages

        nav.register(
            nav.NavItem(
                _("Activity reports"),
                "reporting:activity-report-list",
                order=40,
                predicate=report_pages.can_list_reports,
                group="activities",
            )
        )
        nav.register_panel(report_pages.reports_panel, order=10)
        self._output_reports()

    def _output_reports(self) -> None:
        """Make the job, the document and the pages of the output report known."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from fami_portal.core.jobs import register_job
        from reporting import tasks
        from reporting.selectors import output_report_pages, output_reports

        register_job(
            output_reports.JOB_KIND,
            handler=tasks.produce_output_report,
            label=_("Output report of a period"),
            may_see=output_reports.may_see_job,
            periodic=output_reports.due_slots,
        )
        register_document_kind(
            output_reports.DOCUMENT_KIND,
            label=_("Output report"),
            types=("pdf", "xlsx", "csv", "json"),
            may_open=output_reports.may_open_document,
            max_bytes=100 * 1024 * 1024,
        )
        register_verbs(
            {
                "output_report_requested": _("Output report asked for"),
                "output_report_generated": _("Output report produced"),
                "transmit": _("Report transmitted"),
            }
        )
        nav.register_group(nav.NavGroup("results", _("Results and reports"), order=50))
        nav.register(
            nav.NavItem(
                _("Results"),
                "reporting:dashboard-list",
                order=50,
                predicate=output_report_pages.can_see_results,
                pages=("reporting:dashboard", "reporting:evidence"),
                group="results",
            )
        )
        nav.register(
            nav.NavItem(
                _("Output reports"),
                "reporting:output-report-overview",
                order=60,
                predicate=output_report_pages.can_see_reports,
                pages=("reporting:output-report*",),
                group="results",
            )
        )
        nav.register_panel(output_report_pages.output_reports_panel, order=20)
