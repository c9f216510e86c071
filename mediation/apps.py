# SPDX-License-Identifier: EUPL-1.2
"""The mediation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediationConfig(AppConfig):
    """Configuration of the app."""

    name = "mediation"

    def ready(self) -> None:
        """Enter the menu, the home page and the registries (imports wait until the models are loaded).

        Each room of the app has its own function below, so that nobody reads all to change one.
        """
        from mediation import workflow  # noqa: F401  enters its tables in the registry

        self._requests()
        self._board()
        self._mediators()
        self._sessions()
        self._hours()
        self._links()
        self._consultations()
        self._figures()
        self._reminders()

    def _requests(self) -> None:
        """Requests: menu, panel, buttons and sections of their page, documents, verbs, expiry."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from fami_portal.core.jobs import register_job
        from mediation import tasks
        from mediation.resources import register_imports
        from mediation.selectors import (
            files,
            partner_pages,
            request_lists,
            request_page,
            request_sections,
            requests,
        )
        from mediation.services import openings
        from partners.selectors import register_body_panel
        from partners.selectors.territory import register_place_figure

        register_imports()
        nav.register_group(nav.NavGroup("mediation", _("Mediation"), order=32))
        nav.register(
            nav.NavItem(
                _("Mediation requests"),
                "mediation:request-list",
                order=32,
                predicate=request_lists.can_list,
                pages=("mediation:access*", "mediation:session*", "mediation:reminder*"),
                group="mediation",
            )
        )
        nav.register_panel(request_lists.requests_panel, order=10)
        register_body_panel(partner_pages.requests_panel)
        register_place_figure(partner_pages.requests_by_place)
        request_page.register_buttons(request_sections.buttons, order=10)
        request_page.register_buttons(request_sections.last_buttons, order=90)
        request_page.register_section(request_sections.signature_section, order=10)
        request_page.register_section(request_sections.files_section, order=60)
        request_page.register_section(request_sections.hours_section, order=70)
        for kind, label, types, file_name in (
            (requests.ATTACHMENT, _("File attached to a request of mediation"), ("pdf", "jpeg", "png"), "allegato"),
            (
                requests.SIGNED_REQUEST,
                _("Request of mediation signed by the head"),
                ("pdf", "p7m"),
                "richiesta-firmata",
            ),
        ):
            register_document_kind(
                kind,
                label=label,
                types=types,
                may_open=request_lists.may_open_file,
                max_bytes=5 * 1024 * 1024,
                identity=True,
                file_name=file_name,
                record_opening=openings.record_opening,
                page_of=files.page_of,
            )
        register_verbs(
            {
                "attached": _("File attached"),
                "detached": _("File removed"),
                "copied": _("Begun as a copy"),
                "discarded": _("Draft deleted"),
                "withdrawn": _("Proposals withdrawn"),
            }
        )
        register_job(
            tasks.EXPIRE_REQUESTS,
            handler=tasks.expire_requests,
            label=_("Requests of mediation that expire"),
            may_see=lambda user, job: False,
            periodic=tasks.days_to_expire,
        )

    def _board(self) -> None:
        """Triage and assignment: panels, buttons of the request, verbs, periodic expiry."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.jobs import register_job
        from mediation import tasks
        from mediation.selectors import board, board_page, request_lists, request_page

        nav.register(
            nav.NavItem(
                _("Board"), "mediation:board", order=33, predicate=request_lists.coordinates_any, group="mediation"
            )
        )
        nav.register_panel(board.triage_panel, order=11)
        nav.register_panel(board.proposals_panel, order=11)
        request_page.register_buttons(board_page.buttons, order=20)
        request_page.register_section(board_page.proposals_section, order=20)
        register_job(
            tasks.EXPIRE_PROPOSALS,
            handler=tasks.expire_proposals,
            label=_("Proposals to mediators that expire"),
            may_see=lambda user, job: False,
            periodic=tasks.overdue_slots,
        )
        register_verbs(
            {
                "proposal_refused": _("Proposal refused"),
                "proposal_withdrawn": _("Proposal withdrawn"),
                "proposal_expired": _("Proposal expired"),
                "marked_unmet": _("No mediator found"),
            }
        )

    def _mediators(self) -> None:
        """The register of mediators and the mediator's own pages."""
        from accounts.permissions import Permission
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from mediation.selectors import mediators, my_work
        from mediation.services import openings
        from partners.permissions import holds

        nav.register(
            nav.NavItem(
                _("My sessions"),
                "mediation:my-day",
                order=31,
                predicate=lambda user: holds(user, Permission.MEDIATE),
                pages=("mediation:proposal*", "mediation:session*", "mediation:sheet-attach"),
            )
        )
        nav.register(
            nav.NavItem(
                _("Mediators"),
                "mediation:mediator-list",
                order=34,
                predicate=lambda user: holds(user, Permission.VIEW_MEDIATORS),
                group="mediation",
            )
        )
        nav.register_panel(my_work.work_panel, order=12)
        register_document_kind(
            mediators.QUALIFICATION_DOCUMENT,
            label=_("Qualification of a mediator"),
            types=("pdf", "jpeg", "png"),
            may_open=mediators.may_open_qualification,
            max_bytes=10 * 1024 * 1024,
            identity=True,
            file_name="titolo",
            record_opening=openings.record_opening,
        )
        register_verbs(
            {
                "mediator_registered": _("Mediator entered in the register"),
                "mediator_updated": _("Facts corrected"),
                "mediator_contacts_changed": _("Contacts changed by the mediator"),
                "mediator_account_linked": _("Account linked"),
                "mediator_account_unlinked": _("Account unlinked"),
                "mediator_deactivated": _("Assignments stopped"),
                "mediator_reactivated": _("Assignments started again"),
                "mediator_confidentiality_signed": _("Confidentiality agreement signed in the portal"),
                "mediator_languages_set": _("Languages written"),
                "mediator_territories_set": _("Places written"),
                "mediator_qualification_added": _("Qualification added"),
                "mediator_qualification_removed": _("Qualification removed"),
                "mediator_week_set": _("Ordinary week written"),
                "mediator_exception_added": _("Exception to the availability added"),
                "mediator_exception_removed": _("Exception to the availability removed"),
                "mediator_calendar_made": _("Address of the private calendar made"),
                "mediator_calendar_stopped": _("Private calendar stopped"),
            }
        )

    def _sessions(self) -> None:
        """Sessions and reports: panels, what the page of a request shows, verbs."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from mediation.selectors import files, request_page, session_pages, sheets
        from mediation.services import openings

        register_document_kind(
            sheets.SIGNED_SHEET,
            label=_("Signed sheet of a session"),
            types=("pdf", "jpeg", "png"),
            may_open=sheets.may_open_sheet,
            max_bytes=10 * 1024 * 1024,
            identity=True,
            file_name="foglio-firmato",
            record_opening=openings.record_opening,
            page_of=files.page_of,
        )
        nav.register_panel(session_pages.mediator_panel, order=12)
        nav.register_panel(session_pages.contact_panel, order=13)
        nav.register_panel(session_pages.coordinator_panel, order=13)
        request_page.register_buttons(session_pages.buttons, order=30)
        request_page.register_section(session_pages.sessions_section, order=30)
        request_page.register_section(session_pages.report_section, order=40)
        register_verbs(
            {
                "session_added": _("Session planned"),
                "report_saved": _("Report saved as a draft"),
                "code_sent": _("Code to sign sent"),
                "sheet_printed": _("Sheet printed"),
                "sheet_attached": _("Photograph of the signed sheet attached"),
            }
        )

    def _hours(self) -> None:
        """Accounts of hours."""
        from accounts.permissions import Permission
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from partners.permissions import holds

        nav.register(
            nav.NavItem(
                _("Mediation hours"),
                "mediation:hour-list",
                order=36,
                predicate=lambda user: holds(user, Permission.VIEW_HOUR_ACCOUNTS),
                group="mediation",
            )
        )
        register_verbs(
            {
                "account opened": _("Account opened"),
                "hours granted": _("Hours granted"),
                "extra hours granted": _("Extra hours granted"),
                "hours moved": _("Hours moved"),
            }
        )

    def _links(self) -> None:
        """Links without account and delegations."""
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from mediation.selectors import link_pages
        from mediation.selectors.request_page import register_buttons
        from mediation.services import openings

        register_document_kind(
            link_pages.DELEGATION_SHEET,
            label=_("Delegation of the head"),
            types=("pdf", "jpeg", "png", "p7m"),
            may_open=link_pages.may_open_delegation,
            max_bytes=5 * 1024 * 1024,
            identity=True,
            file_name="delega",
            record_opening=openings.record_opening,
        )
        register_buttons(link_pages.buttons, order=70)
        register_verbs(
            {
                "link_sent": _("Link sent"),
                "link_used": _("Link used"),
                "link_revoked": _("Link revoked"),
                "delegation_given": _("Delegation given"),
                "delegation_recorded": _("Delegation on paper entered"),
                "delegation_used": _("Passed under a delegation"),
                "delegation_revoked": _("Delegation ended"),
            }
        )

    def _consultations(self) -> None:
        """Ethnoclinical consultations, legal questions, translations, community presences."""
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from mediation.selectors import (
            consulting_access,
            consulting_work,
            facilitation,
            files,
            request_page,
            translations,
        )
        from mediation.services import openings

        nav.register(
            nav.NavItem(
                _("Consultations and questions"),
                "mediation:consultations",
                order=37,
                predicate=consulting_access.has_a_part,
                pages=(
                    "mediation:consultation*",
                    "mediation:legal-*",
                    "mediation:translation*",
                    "mediation:presence*",
                    "mediation:facilitation-create",
                ),
                group="mediation",
            )
        )
        nav.register_panel(consulting_work.consulting_panel, order=16)
        request_page.register_buttons(facilitation.buttons, order=40)
        register_document_kind(
            translations.DOCUMENT,
            label=_("File of a translation"),
            types=("pdf", "docx", "jpeg", "png"),
            may_open=translations.may_open_file,
            identity=True,
            file_name="documento",
            record_opening=openings.record_opening,
            page_of=files.page_of,
        )
        register_verbs(
            {
                "consultation_begun": _("Referral begun"),
                "question_begun": _("Question begun"),
                "sessions_signed": _("Sessions signed by the school"),
                "presences_planned": _("Presences planned"),
                "translation_begun": _("Request of translation begun"),
                "archive_reviewed": _("Text for the archive prepared"),
                "draft_discarded": _("Draft thrown away"),
                "assessment_recorded": _("Session of assessment recorded"),
                "assessment_removed": _("Session taken away"),
                "restitution_corrected": _("Restitution corrected"),
            }
        )

    def _figures(self) -> None:
        """Figures and reminders."""
        from accounts.permissions import Permission
        from fami_portal.core import nav
        from partners.permissions import holds

        nav.register(
            nav.NavItem(
                _("Figures of the mediation service"),
                "mediation:figures",
                order=38,
                predicate=lambda user: holds(user, Permission.VIEW_MEDIATION_FIGURES),
                group="mediation",
            )
        )

    def _reminders(self) -> None:
        """Reminders: the daily job, verbs; no menu entry, the board and the register lead there."""
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.jobs import register_job
        from mediation import tasks

        register_job(
            tasks.SEND_REMINDERS,
            handler=tasks.send_reminders,
            label=_("Reminders of the day"),
            may_see=lambda user, job: False,
            periodic=tasks.days_to_remind,
        )
        register_verbs(
            {
                "reminder_rules_created": _("Usual rules of reminders created"),
                "reminder_rule_added": _("Rule of reminders added"),
                "reminder_rule_changed": _("Rule of reminders changed"),
            }
        )
