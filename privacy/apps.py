# SPDX-License-Identifier: EUPL-1.2
"""The privacy app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """Configuration of the app."""

    name = "privacy"

    def ready(self) -> None:
        """Enter the menu and the registries (imports wait until the models are loaded).

        Each room of the app has its own function below, so that nobody reads all to change one.
        """
        self._requests()
        self._retention()

    def _requests(self) -> None:
        """Rights requests of persons: menu, panel, verbs, reminders."""
        from accounts.permissions import Permission
        from beneficiaries.services.erasure import register_identity_files
        from beneficiaries.services.rotation import OTHERS
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from fami_portal.core.jobs import register_job
        from partners.permissions import holds
        from privacy import workflow  # noqa: F401  registers the lives of what the app keeps
        from privacy.selectors.requests import rights_waiting
        from privacy.services import copies
        from privacy.services.applicants import seal_all_again
        from privacy.tasks import requests as tasks

        def handles(user: object) -> bool:
            return holds(user, Permission.HANDLE_RIGHTS)

        for label, name, order, predicate, pages in (
            (_("Requests of persons"), "privacy:request-list", 480, handles, ("privacy:request*",)),
            (
                _("Tasks for requests of persons"),
                "privacy:task-list",
                481,
                lambda user: holds(user, Permission.ANSWER_RIGHTS_TASKS),
                ("privacy:task*",),
            ),
        ):
            nav.register(
                nav.NavItem(
                    label,
                    name,
                    order=order,
                    predicate=predicate,
                    pages=pages,
                    group="privacy",
                    otherwise=("activities", "mediation"),
                )
            )
        nav.register_panel(rights_waiting, order=15)
        register_job(
            tasks.COPY,
            handler=tasks.make_copy,
            label=_("Copy of the data of a person"),
            may_see=lambda user, job: handles(user),
        )
        register_identity_files(copies.destroy_of_persons)
        OTHERS["requests of persons"] = seal_all_again
        register_document_kind(
            copies.COPY_KIND,
            label=_("Copy of the data of a person"),
            types=("pdf", "json"),
            may_open=copies.may_open_copy,
            identity=True,
            file_name="copia-dati",
            record_opening=copies.record_copy_opening,
            page_of=copies.page_of_copy,
        )
        register_job(
            tasks.DAILY,
            handler=tasks.daily,
            label=_("Terms of the requests of persons"),
            may_see=lambda user, job: handles(user),
            periodic=tasks.days,
        )
        register_verbs(
            {
                "rights_request_filed": _("Case opened"),
                "applicant_opened": _("Names opened"),
                "applicant_destroyed": _("Names of who asked destroyed"),
                "rights_matched": _("Compared with the records"),
                "bodies_asked": _("Bodies asked"),
                "rights_task_answered": _("A body answered"),
                "rights_task_withdrawn": _("Task of a body withdrawn"),
                "erasure_proposed": _("Erasure proposed"),
                "rights_erased": _("Data erased"),
                "rights_restricted": _("Processing restricted"),
                "rights_lifted": _("Restriction lifted"),
                "copy_asked": _("Copy of the data asked"),
                "copy_made": _("Copy of the data made"),
                "copy_delivered": _("Copy of the data delivered"),
                "copy_destroyed": _("Copy of the data destroyed"),
                "identities_destroyed": _("Name destroyed"),
                "anonymised": _("Made anonymous"),
                "processing_restricted": _("Processing restricted"),
                "restriction_lifted": _("Restriction lifted"),
            }
        )

    def _retention(self) -> None:
        """Retention, register of processing, incidents: menu, jobs, verbs, what a legal hold keeps from erasure."""
        from accounts.permissions import Permission
        from beneficiaries.services.erasure import register_hold
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from fami_portal.core.jobs import register_job
        from partners.permissions import holds
        from privacy.selectors import retention_reports
        from privacy.selectors.retention_holds import held_records
        from privacy.services import retention_runs
        from privacy.tasks import retention as tasks

        def manages(user: object) -> bool:
            return holds(user, Permission.MANAGE_RETENTION)

        def follows(user: object) -> bool:
            return holds(user, Permission.FOLLOW_INCIDENTS)

        register_hold(held_records)
        nav.register_group(nav.NavGroup("privacy", _("Data protection"), order=48))
        for label, name, order, predicate, pages in (
            (_("Retention"), "privacy:retention-list", 482, manages, ("privacy:hold*", "privacy:run*")),
            (_("Register of processing"), "privacy:processing", 484, manages, ()),
            (_("Incidents"), "privacy:incident-list", 486, follows, ()),
            (_("Who opened what"), "privacy:breach", 488, follows, ()),
        ):
            nav.register(nav.NavItem(label, name, order=order, predicate=predicate, pages=pages, group="privacy"))
        register_job(
            retention_runs.JOB,
            handler=tasks.destroy,
            label=_("Destruction of data"),
            may_see=lambda user, job: manages(user),
        )
        register_job(
            tasks.DAILY,
            handler=tasks.look_at_retention,
            label=_("Notices and destructions of the night"),
            may_see=lambda user, job: manages(user),
            periodic=tasks.every_night,
        )
        register_document_kind(
            retention_reports.DOCUMENT,
            label=_("Report of a destruction"),
            types=("pdf",),
            may_open=retention_reports.may_open_report,
        )
        register_verbs(
            {
                "signed_in": _("Signed in"),
                "texts_destroyed": _("Texts and contacts destroyed"),
                "draft_expired": _("Old draft destroyed"),
                "retention_dates_set": _("Dates of the retention set"),
                "retention_rule_changed": _("Rule of retention changed"),
                "destruction_announced": _("Destruction announced"),
                "destruction_begun": _("Destruction begun"),
                "destruction_done": _("Destruction done"),
                "hold_placed": _("Legal hold placed"),
                "hold_lifted": _("Legal hold lifted"),
                "incident_recorded": _("Incident recorded"),
                "incident_corrected": _("Incident corrected"),
                "breach_list_taken": _("List of the recipients of a breach taken"),
            }
        )
