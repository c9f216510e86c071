# SPDX-License-Identifier: EUPL-1.2
"""The actions app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    """Configuration of the app."""

    name = "actions"

    def ready(self) -> None:
        """Say how far roles reach, show programmes and activities in the menu, name documents and acts of the history."""
        from accounts.permissions import Permission
        from actions.permissions import reach_of
        from actions.resources import register_imports
        from actions.selectors import partner_pages
        from actions.selectors.activities import EVIDENCE, may_open_evidence, register_activity_panel
        from actions.selectors.tables import MINUTES, decisions_waiting, may_open_minutes
        from actions.selectors.teaching import teachers_panel
        from actions.services.school_calendar import load_school_years
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from partners.permissions import holds, register_reach
        from partners.selectors import register_body_panel, register_network_panel
        from partners.selectors.stays import register_entry_check, register_exit_check
        from partners.selectors.territory import register_place_figure, register_programmes_of_networks
        from partners.services.reference_lists import register_reference_list

        register_reach(reach_of)
        register_imports()
        for panel in (
            partner_pages.parts_panel,
            partner_pages.activities_panel,
            partner_pages.targets_panel,
            partner_pages.processing_panel,
        ):
            register_body_panel(panel)
        register_network_panel(partner_pages.actions_panel)
        register_network_panel(partner_pages.decisions_panel)
        register_exit_check(partner_pages.problem_of_exit)
        register_entry_check(partner_pages.problem_of_entry)
        register_programmes_of_networks(partner_pages.programmes_of)
        register_place_figure(partner_pages.activities_by_place)
        nav.register_group(nav.NavGroup("activities", _("Activities and recipients"), order=30))
        nav.register(
            nav.NavItem(
                _("Programmes"),
                "actions:programme-list",
                order=20,
                predicate=lambda user: holds(user, Permission.VIEW_PROGRAMME),
                pages=(
                    "actions:notice*",
                    "actions:processing*",
                    "actions:budget*",
                    "actions:programme-territory",
                    "actions:plan*",
                    "actions:target*",
                ),
            )
        )
        nav.register(
            nav.NavItem(
                _("Activities"),
                "actions:activity-list",
                order=30,
                predicate=lambda user: holds(user, Permission.VIEW_ACTIVITIES),
                pages=(
                    "actions:meeting*",
                    "actions:teacher*",
                    "actions:campaign*",
                    "actions:measure-*",
                    "actions:deliverable*",
                    "actions:decision*",
                    "actions:minutes*",
                    "actions:service*",
                ),
                group="activities",
            )
        )
        nav.register(
            nav.NavItem(
                _("Calendar"),
                "actions:calendar",
                order=32,
                predicate=lambda user: holds(user, Permission.VIEW_ACTIVITIES),
                group="activities",
            )
        )
        nav.register(
            nav.NavItem(
                _("Catalogue for schools"),
                "actions:offer-list",
                order=34,
                predicate=lambda user: holds(user, Permission.VIEW_ACTIVITIES),
                pages=("actions:offer*",),
                group="activities",
            )
        )
        register_reference_list("school years", load_school_years)
        register_document_kind(
            EVIDENCE,
            label=_("Evidence of a product or a content"),
            types=("pdf", "png", "jpeg", "docx", "xlsx"),
            may_open=may_open_evidence,
        )
        register_activity_panel(teachers_panel)
        register_document_kind(
            MINUTES, label=_("Minutes of a meeting"), types=("pdf", "docx"), may_open=may_open_minutes
        )
        nav.register_panel(decisions_waiting, order=60)
        register_verbs(
            {
                "teacher_added": _("Teacher added"),
                "teacher_corrected": _("Teacher corrected"),
                "teacher_retired": _("Teacher retired"),
                "teacher_assigned": _("Teacher planned"),
                "teacher_substituted": _("Substitute recorded"),
                "teacher_removed": _("Teacher taken away"),
                "definition_loaded": _("Definition loaded"),
                "budget_saved": _("New version of the budget"),
                "plan_created": _("Plan created"),
                "plan_updated": _("Plan corrected"),
                "plan_removed": _("Plan taken away"),
                "target_changed": _("New version of a target"),
                "programme_extended": _("Programme extended"),
                "activity_created": _("Activity created"),
                "offer_published": _("Entry of the catalogue published"),
                "offer_updated": _("Entry of the catalogue corrected"),
                "offer_asked": _("Asked for from the catalogue"),
                "offer_answered": _("School answered"),
                "activity_copied": _("Activity copied from another one"),
                "activity_updated": _("Activity corrected"),
                "meetings_added": _("Meetings added"),
                "meeting_updated": _("Meeting corrected"),
                "hold": _("Meeting held"),
                "bodies_recorded": _("Bodies present recorded"),
                "body_removed": _("Body taken away from those present"),
                "association_registered": _("Association registered"),
                "campaign_published": _("Content recorded"),
                "campaign_updated": _("Content corrected"),
                "measure_recorded": _("Value recorded"),
                "measure_corrected": _("Value corrected"),
                "deliverable_recorded": _("Product recorded"),
                "deliverable_updated": _("Product corrected"),
                "product_removed": _("Product taken away"),
                "content_removed": _("Content taken away"),
                "service_removed": _("Service taken away"),
                "decision_removed": _("Decision taken away"),
                "decision_corrected": _("Decision corrected"),
                "call_written": _("Call written"),
                "call_sent": _("Call sent"),
                "minutes_written": _("Minutes written"),
                "minutes_approved": _("Minutes approved"),
                "decision_added": _("Decision recorded"),
                "carry_out": _("Decision carried out"),
                "decision_reopen": _("Decision opened again"),
                "network_added": _("Network added to the table"),
                "network_removed": _("Network taken away from the table"),
                "service_recorded": _("Service recorded"),
                "service_corrected": _("Service corrected"),
                "notice_published": _("Privacy notice published"),
                "notice_corrected": _("Privacy notice corrected"),
                "notice_language_added": _("Language of a privacy notice added"),
                "processing_role_recorded": _("Part in the processing recorded"),
            }
        )
