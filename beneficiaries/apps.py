# SPDX-License-Identifier: EUPL-1.2
"""The beneficiaries app."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def followed(user: Any, activity: Any) -> Any:
    """Return the panel of whom an activity follows; its form is loaded with the first page that shows it."""
    from beneficiaries.views.support_quick import followed_panel

    return followed_panel(user, activity)


class BeneficiariesConfig(AppConfig):
    """Configuration of the app."""

    name = "beneficiaries"

    def ready(self) -> None:
        """Show the register on the pages of activities, answer their signals, name the acts of the history."""
        from accounts.permissions import Permission
        from actions.selectors.activities import register_activity_panel
        from beneficiaries import receivers, tasks  # noqa: F401  receivers connects its signals
        from beneficiaries.permissions import sees_sharings, watches_programmes
        from beneficiaries.resources import register_imports
        from beneficiaries.selectors import certificates, register_panel
        from beneficiaries.selectors.exits import problem_of_exit
        from beneficiaries.selectors.outcomes import outcome_panel, outcomes_waiting
        from beneficiaries.selectors.questions import questions_panel
        from beneficiaries.selectors.sharing import openings_waiting
        from beneficiaries.selectors.signed_pages import KIND, may_open, page_of
        from beneficiaries.selectors.support_panels import desk_panel
        from beneficiaries.selectors.supports import follows, supports_waiting
        from beneficiaries.services import certificates as issuing
        from beneficiaries.services.erasure import register_identity_files
        from beneficiaries.services.signed_pages import record_page_opening
        from fami_portal.core import nav
        from fami_portal.core.audit import register_verbs
        from fami_portal.core.documents import register_document_kind
        from fami_portal.core.jobs import register_job
        from partners.permissions import holds
        from partners.selectors.stays import register_exit_check

        register_imports()
        register_exit_check(problem_of_exit)
        register_document_kind(
            KIND,
            label=_("Signed page of a register"),
            types=("pdf", "jpeg", "png"),
            may_open=may_open,
            identity=True,
            file_name="pagina-firmata",
            record_opening=record_page_opening,
            page_of=page_of,
        )
        register_activity_panel(desk_panel)
        register_activity_panel(followed)
        register_activity_panel(register_panel)
        register_activity_panel(outcome_panel)
        register_activity_panel(certificates.certificate_panel)
        register_document_kind(
            certificates.KIND,
            label=_("Certificates of attendance"),
            types=("pdf",),
            may_open=certificates.may_open,
            identity=True,
            file_name="attestati",
            record_opening=issuing.record_certificates_opening,
            page_of=certificates.page_of,
        )
        register_identity_files(issuing.destroy_of_persons)
        register_job(
            certificates.JOB_KIND,
            handler=tasks.make_certificates,
            label=_("Certificates of attendance"),
            may_see=lambda user, job: False,
        )
        register_job(
            tasks.CERTIFICATES_EXPIRED,
            handler=tasks.destroy_certificates,
            label=_("Certificates of attendance whose days are over"),
            may_see=lambda user, job: False,
            periodic=tasks.days,
        )
        nav.register_panel(outcomes_waiting, order=15)
        nav.register_panel(supports_waiting, order=14)
        nav.register(
            nav.NavItem(
                _("Follow-ups"),
                "beneficiaries:support-due",
                order=44,
                predicate=follows,
                pages=("beneficiaries:support*", "beneficiaries:intervention", "beneficiaries:contact*"),
                group="activities",
            )
        )
        register_job(
            tasks.SUPPORTS_DUE,
            handler=tasks.remind_of_supports,
            label=_("Reminders of supports to be followed up"),
            may_see=lambda user, job: holds(user, Permission.MANAGE_PROGRAMME),
            periodic=tasks.days_of_outcomes,
        )
        nav.register(
            nav.NavItem(
                _("Recipients"),
                "beneficiaries:beneficiary-list",
                order=40,
                predicate=lambda user: holds(user, Permission.VIEW_BENEFICIARIES),
                pages=("beneficiaries:enrolment", "beneficiaries:withdraw*"),
                group="activities",
            )
        )
        nav.register(
            nav.NavItem(
                _("Outcomes"),
                "beneficiaries:outcome-list",
                order=41,
                predicate=lambda user: holds(user, Permission.VIEW_BENEFICIARIES),
                pages=("beneficiaries:outcomes",),
                group="activities",
            )
        )
        nav.register(
            nav.NavItem(
                _("Possible duplicates"),
                "beneficiaries:pair-list",
                order=42,
                predicate=lambda user: holds(user, Permission.DECIDE_DUPLICATES),
                pages=("beneficiaries:pair*",),
                group="activities",
            )
        )
        nav.register(
            nav.NavItem(
                _("Who has read"),
                "beneficiaries:reading-list",
                order=492,
                predicate=lambda user: holds(user, Permission.SEE_READINGS),
                pages=("beneficiaries:recipient-readings",),
                group="privacy",
                otherwise=("activities",),
            )
        )
        register_job(
            tasks.OUTCOMES_DUE,
            handler=tasks.remind_of_outcomes,
            label=_("Reminders of outcomes to be recorded"),
            may_see=lambda user, job: holds(user, Permission.MANAGE_PROGRAMME),
            periodic=tasks.days_of_outcomes,
        )
        nav.register(
            nav.NavItem(
                _("Shared names"),
                "beneficiaries:sharing-list",
                order=490,
                predicate=sees_sharings,
                pages=("beneficiaries:sharing*",),
                group="privacy",
                otherwise=("activities",),
            )
        )
        nav.register(
            nav.NavItem(
                _("Exceptional openings"),
                "beneficiaries:break-glass-list",
                order=494,
                predicate=watches_programmes,
                pages=("beneficiaries:break-glass",),
                group="privacy",
                otherwise=("activities",),
            )
        )
        nav.register_panel(openings_waiting, order=30)
        register_job(
            tasks.COMPARE_RECORD,
            handler=tasks.compare_record,
            label=_("Comparison of a new recipient with the programme"),
            may_see=lambda user, job: False,
        )
        register_job(
            tasks.ASK_BODIES,
            handler=tasks.ask_bodies,
            label=_("Questions to the bodies on possible duplicates"),
            may_see=lambda user, job: holds(user, Permission.MANAGE_PROGRAMME),
            periodic=tasks.mornings,
        )
        nav.register_panel(questions_panel, order=15)
        nav.register(
            nav.NavItem(
                _("Data to confirm"),
                "beneficiaries:question-list",
                order=43,
                predicate=lambda user: holds(user, Permission.REGISTER_BENEFICIARIES),
                pages=("beneficiaries:question",),
                group="activities",
            )
        )
        register_job(
            tasks.UNUSUAL_READING,
            handler=tasks.warn_of_unusual_reading,
            label=_("Unusual readings of recipients"),
            may_see=lambda user, job: holds(user, Permission.SEE_READINGS),
            periodic=tasks.quarters_of_an_hour,
        )
        register_verbs(
            {
                "beneficiary_registered": _("Recipient registered"),
                "beneficiaries_registered": _("Recipients registered"),
                "beneficiary_updated": _("Recipient corrected"),
                "eligibility_changed": _("Eligibility changed"),
                "enrolled": _("Recipients enrolled"),
                "enrolment_day_corrected": _("Day of the enrolment corrected"),
                "withdrawn": _("Recipient withdrawn"),
                "withdrawal_cancelled": _("Withdrawal cancelled"),
                "levels_recorded": _("Levels of Italian recorded"),
                "outcomes_recorded": _("Outcomes recorded"),
                "informed_again": _("Informed again with a newer privacy notice"),
                "attendance_recorded": _("Register written"),
                "certificates_issued": _("Certificates of attendance issued"),
                "page_attached": _("Signed page of the register attached"),
                "names_shared": _("Names shared"),
                "sharing_revoked": _("Sharing of names revoked"),
                "opened_exceptionally": _("Name opened exceptionally"),
                "opening_examined": _("Exceptional opening examined"),
                "sheet_written": _("Official sheet of the recipient written"),
                "sheet_handed_out": _("Official sheet handed out, with names"),
                "already_present": _("Already present in the programme"),
                "pair_merged": _("Possible duplicate: one person"),
                "pair_kept_apart": _("Possible duplicate: two persons"),
                "pair_handed_over": _("Possible duplicate: left to the coordinator"),
                "support_opened": _("Person or household taken in charge"),
                "support_joined": _("Somebody added to the household"),
                "support_left": _("Somebody left the household"),
                "support_ended": _("Support ended"),
                "support_reopened": _("Support opened again"),
                "path_recorded": _("School path recorded"),
                "intervention_recorded": _("Intervention recorded"),
                "intervention_updated": _("Intervention corrected"),
                "intervention_removed": _("Intervention taken away"),
                "contact_counted": _("Contact of the desk counted"),
                "contact_corrected": _("Contact of the desk corrected"),
                "contact_removed": _("Contact of the desk taken away"),
                "question_answered": _("Data of a recipient confirmed"),
                "merge_undone": _("Merge of two records undone"),
            }
        )
