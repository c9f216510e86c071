# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with activity reports. When the state allows it, `workflow.py` says."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.permissions import can_on, reaches_programme
from fami_portal.core.errors import NotPermitted
from partners.permissions import memberships_of, network_ids_with, organisations_with
from reporting.models import ActivityReport, Extract, LedgerHead, MergedReport


def _coordinates(user: Any, report: ActivityReport, permission: Permission) -> bool:
    return report.network_id in network_ids_with(user, permission) or reaches_programme(
        user, permission, report.programme_id
    )


def is_transmitted(report: ActivityReport) -> bool:
    """Whether the figures of the report's period have been transmitted (one query)."""
    return LedgerHead.objects.filter(
        programme=report.programme_id, transmitted_until__gte=report.period.ends_on
    ).exists()


def can_view_report(user: Any, report: ActivityReport) -> bool:
    """Whether the person may read the report: the body itself, its coordinators, those who check."""
    return can_on(
        user,
        Permission.VIEW_ACTIVITY_REPORTS,
        programme_id=report.programme_id,
        network_id=report.network_id,
        organisation_id=report.organisation_id,
    )


def can_edit_report(user: Any, report: ActivityReport) -> bool:
    """Only the body that files the report writes in it."""
    return any(body.pk == report.organisation_id for body in organisations_with(user, Permission.FILE_ACTIVITY_REPORTS))


def check_can_edit_report(user: Any, report: ActivityReport) -> None:
    """Raise `NotPermitted` when the person does not file reports for the body."""
    if not can_edit_report(user, report):
        raise NotPermitted(_("Only those who file the reports of this body can write in it."))


def can_submit_report(user: Any, report: ActivityReport) -> bool:
    """Whoever may write the report may submit it."""
    return can_edit_report(user, report)


def check_can_submit_report(user: Any, report: ActivityReport) -> None:
    """Raise `NotPermitted` when the person does not file reports for the body."""
    if not can_submit_report(user, report):
        raise NotPermitted(_("Only those who file the reports of this body can submit it."))


def can_validate_report(user: Any, report: ActivityReport) -> bool:
    """Coordinators of the network or of the programme; never the person who submitted it (four eyes)."""
    return report.submitted_by_id != user.pk and _coordinates(user, report, Permission.VALIDATE_ACTIVITY_REPORTS)


def check_can_validate_report(user: Any, report: ActivityReport) -> None:
    """Raise `NotPermitted` with the reason when the person may not decide on the report."""
    if not _coordinates(user, report, Permission.VALIDATE_ACTIVITY_REPORTS):
        raise NotPermitted(_("Only the coordinator of the network or of the programme decides on this report."))
    if report.submitted_by_id == user.pk:
        raise NotPermitted(_("You submitted this report: another person must check it."))


def can_reopen_report(user: Any, report: ActivityReport) -> bool:
    """Coordinators; once the period has been transmitted only the regional one (rettifica)."""
    permission = Permission.REOPEN_ACTIVITY_REPORTS if is_transmitted(report) else Permission.VALIDATE_ACTIVITY_REPORTS
    return _coordinates(user, report, permission)


def check_can_reopen_report(user: Any, report: ActivityReport) -> None:
    """Raise `NotPermitted` with the reason when the person may not reopen the report."""
    if not _coordinates(user, report, Permission.VALIDATE_ACTIVITY_REPORTS):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can reopen this report."))
    if not can_reopen_report(user, report):
        raise NotPermitted(
            _("The figures of this period have been transmitted: only the regional coordinator can reopen the report.")
        )


def can_open_figures(user: Any, report: ActivityReport) -> bool:
    """Whether the person may open a figure of the report down to what it counts: persons by their pseudonym."""
    place: dict[str, Any] = {
        "programme_id": report.programme_id,
        "network_id": report.network_id,
        "organisation_id": report.organisation_id,
    }
    return can_on(user, Permission.VIEW_BENEFICIARIES, **place) or can_on(user, Permission.VIEW_EVIDENCE, **place)


def check_can_extend_report(user: Any, report: ActivityReport) -> None:
    """Raise `NotPermitted` when the person does not coordinate the report."""
    if not coordinates_report(user, report):
        raise NotPermitted(_("Only the coordinator of the network or of the programme gives more days."))


def coordinates_report(user: Any, report: ActivityReport) -> bool:
    """Whether deciding on the report is ever this person's: then a refused button says why, else it is not shown."""
    return _coordinates(user, report, Permission.VALIDATE_ACTIVITY_REPORTS)


def _writes_merged(user: Any, report: MergedReport) -> bool:
    permission = Permission.VALIDATE_ACTIVITY_REPORTS
    return reaches_programme(user, permission, report.programme_id) or (
        report.network_id is not None and report.network_id in network_ids_with(user, permission)
    )


def can_write_merged(user: Any, report: MergedReport) -> bool:
    """The coordinator of the network writes its report; that of the region, who leads the programme."""
    return _writes_merged(user, report)


def check_can_write_merged(user: Any, report: MergedReport) -> None:
    """Raise `NotPermitted` when the report is not the person's to write."""
    if not _writes_merged(user, report):
        raise NotPermitted(_("Only the coordinator writes this report."))


def check_can_decide_merged(user: Any, report: MergedReport) -> None:
    """Raise `NotPermitted` for others than who leads the programme, and for who submitted the report (four eyes)."""
    if not reaches_programme(user, Permission.VALIDATE_ACTIVITY_REPORTS, report.programme_id):
        raise NotPermitted(_("Only the regional coordinator decides on the report of a network."))
    if report.submitted_by_id == user.pk:
        raise NotPermitted(_("You submitted this report: another person must check it."))


def can_conclude_merged(user: Any, report: MergedReport) -> bool:
    """Whether the person leads the programme."""
    return reaches_programme(user, Permission.VALIDATE_ACTIVITY_REPORTS, report.programme_id)


def check_can_conclude_merged(user: Any, report: MergedReport) -> None:
    """Raise `NotPermitted` for others than who leads the programme."""
    if not can_conclude_merged(user, report):
        raise NotPermitted(_("Only the regional coordinator concludes the report of the region."))


def can_produce(user: Any, programme_id: int) -> bool:
    """Whether the person may have the output reports of the programme produced."""
    return reaches_programme(user, Permission.PRODUCE_OUTPUT_REPORTS, programme_id)


def check_can_produce(user: Any, programme_id: int) -> None:
    """Raise `NotPermitted` when the person does not produce the reports of the programme."""
    if not can_produce(user, programme_id):
        raise NotPermitted(_("Only the regional coordinator and the technical assistance produce this report."))


def can_transmit(user: Any, programme_id: int) -> bool:
    """Whether the person may transmit the output reports of the programme."""
    return reaches_programme(user, Permission.TRANSMIT_OUTPUT_REPORTS, programme_id)


def check_can_transmit(user: Any, programme_id: int) -> None:
    """Raise `NotPermitted` when the person does not transmit the reports of the programme."""
    if not can_transmit(user, programme_id):
        raise NotPermitted(_("Only the regional coordinator transmits this report."))


def can_decide_extract(user: Any, extract: Extract) -> bool:
    """Whoever leads the programme decides, never the person who asked (four eyes)."""
    return extract.requested_by_id != user.pk and reaches_programme(
        user, Permission.MANAGE_PROGRAMME, extract.programme_id
    )


def check_can_decide_extract(user: Any, extract: Extract) -> None:
    """Raise `NotPermitted` when the person may not decide on the request."""
    if not can_decide_extract(user, extract):
        raise NotPermitted(_("Only the regional coordinator decides on an extract, never who asked for it."))


def can_open_extract(user: Any, extract: Extract) -> bool:
    """The file is for the evaluator: those of the body who may ask for extracts."""
    return reaches_programme(user, Permission.EXTRACT_DATA, extract.programme_id) and any(
        membership.organisation_id == extract.organisation_id
        and Permission.EXTRACT_DATA in membership.role_definition.permissions
        for membership in memberships_of(user)
    )


def check_can_open_extract(user: Any, extract: Extract) -> None:
    """Raise `NotPermitted` when the file is not for the person."""
    if not can_open_extract(user, extract):
        raise NotPermitted(_("Only the evaluator for whom the extract was approved opens its file."))


def sees_small_numbers(user: Any, programme_id: int) -> bool:
    """Whether characteristics of fewer than five persons may be shown: not to evaluators, who see no recipient."""
    return not reaches_programme(user, Permission.EXTRACT_DATA, programme_id) or reaches_programme(
        user, Permission.VIEW_BENEFICIARIES, programme_id
    )
