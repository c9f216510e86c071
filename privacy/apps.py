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
            nav.register(nav.NavItem(label, name, order=order, predicate=predicate, pages=pages, group="privacy"))
        nav.register_panel(rights_waiting, order=15)
        register_job(
            tasks.COPY,
            handler=tasks.make_copy,
            label=_("Copy of the data of a person"),
            may_see=lambda user, job: handles(user),
        )
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
        """Retention: menu, jobs, verbs."""
