# SPDX-License-Identifier: EUPL-1.2
"""The reporting app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    """Configuration of the app."""

    name = "reporting"

    def ready(self) -> None:
        """Enter the menu and the home page (imports wait until the models are loaded)."""
        from actions.selectors.plans import register_plan_progress
        from fami_portal.core import nav
        from partners.selectors import register_body_panel, register_result_links

        # They hear the mediation service; they enter their tables in the registry.
        from reporting import receivers, workflow  # noqa: F401
        from reporting.selectors import partner_pages, report_pages
        from reporting.selectors.plans import plan_progress

        register_plan_progress(plan_progress)
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
        register_body_panel(partner_pages.reports_panel)
        register_result_links(partner_pages.result_links)
        self._report_rounds()
        self._output_reports()
        self._extracts()

    def _report_rounds(self) -> None:
        """Make the calendar of the reports known, the reports of the networks, and the words of their acts."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.jobs import register_job
        from reporting import tasks
        from reporting.selectors import merged_reports, output_reports, report_calendar

        register_job(
            tasks.OPEN_REPORTS,
            handler=tasks.open_reports,
            label=_("Opening of the activity reports of a period"),
            may_see=output_reports.may_see_job,
            periodic=report_calendar.slots,
        )
        register_verbs(
            {
                "reports opened": _("Activity reports opened"),
                "report_commented": _("Comment on an item"),
                "report_comment_answered": _("Comment answered"),
                "report_comment_settled": _("Comment settled"),
                "report_extended": _("More days given"),
                "merged_report_composed": _("Texts of the reports put together"),
            }
        )
        nav.register(
            nav.NavItem(
                _("Reports of the networks"),
                "reporting:merged-report-list",
                order=45,
                predicate=merged_reports.can_list,
                pages=("reporting:merged-report*",),
                group="activities",
            )
        )
        nav.register_panel(merged_reports.merged_panel, order=12)

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
                pages=(
                    "reporting:dashboard",
                    "reporting:evidence",
                    "reporting:persons",
                    "reporting:bodies",
                    "reporting:school-paths",
                ),
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

    def _extracts(self) -> None:
        """Make the extracts for the evaluation known: job, document, verbs, menu, what waits."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from fami_portal.core.jobs import register_job
        from reporting import tasks
        from reporting.selectors import extracts

        register_job(
            extracts.JOB_KIND,
            handler=tasks.produce_extract,
            label=_("Extract for the evaluation"),
            may_see=extracts.may_see_job,
        )
        register_job(
            tasks.END_EXTRACTS,
            handler=tasks.end_extracts,
            label=_("Destruction of the files of expired extracts"),
            may_see=lambda user, job: False,
            periodic=tasks.days,
        )
        register_document_kind(
            extracts.DOCUMENT_KIND,
            label=_("Extract for the evaluation"),
            types=("zip",),
            may_open=extracts.may_open_document,
            max_bytes=200 * 1024 * 1024,
        )
        register_verbs(
            {
                "extract_requested": _("Extract asked for"),
                "extract_extended": _("Last day changed"),
                "extract_produced": _("File made"),
                "extract_opened": _("File opened"),
                "extract_destroyed": _("File destroyed"),
            }
        )
        nav.register(
            nav.NavItem(
                _("Extracts"),
                "reporting:extract-list",
                order=70,
                predicate=extracts.can_see_extracts,
                pages=("reporting:extract*",),
                group="results",
            )
        )
        nav.register_panel(extracts.extracts_panel, order=25)
