# SPDX-License-Identifier: EUPL-1.2
"""What a report says, in words: its page, its check, its printed sheet."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.permissions import Permission
from mediation.enums import Intervention
from mediation.models import InterventionReport, MediationRequest
from mediation.permissions import belongs_to, can_mediate
from mediation.selectors.reports import is_service
from mediation.selectors.settings import RequestSettings, settings_of


def title_of_report(request: MediationRequest) -> str:
    """Return what the report is called: by the form that it is."""
    return _("Report %(form)s") % {"form": "A.4" if is_service(request) else "A.2"}


def needs_of(request: MediationRequest) -> tuple[tuple[str, str], ...]:
    """Return the programme's list of needs, code and title. One query."""
    return (settings_of(request.programme_id, request.kind) or RequestSettings(kind=request.kind)).needs


def reads_culture(user: Any, request: MediationRequest) -> bool:
    """Whether the person reads the cultural elements: the service that asked, and the mediator."""
    return can_mediate(user, request) or belongs_to(user, request.organisation_id, Permission.VIEW_MEDIATION_REQUESTS)


def facts_of(user: Any, request: MediationRequest, report: InterventionReport) -> list[tuple[Any, Any]]:
    """Return what the report says, in words."""
    offered = dict(Intervention.choices)
    rows: list[tuple[Any, Any]] = [
        (_("What was done"), ", ".join(str(offered.get(code, code)) for code in report.interventions)),
        (_("Teacher or operator who was there"), _joined(report.operator_name, report.operator_role)),
        (_("Summary of the intervention"), report.summary),
        (_("Topics"), report.topics),
        (_("How well people understood one another"), _of_five(report.communication)),
        (_("Needs that emerged"), report.needs),
    ]
    if is_service(request):
        titles = dict(needs_of(request))
        rows.append(
            (_("Needs, from the list of the programme"), ", ".join(titles.get(c, c) for c in report.need_codes))
        )
        if reads_culture(user, request):
            rows.append((_("Cultural elements useful to read the case"), report.cultural_elements))
    rows.append((_("What comes next"), _joined(str(report.get_follow_up_display()), report.follow_up_note)))
    if report.rating is not None:
        rows.append((_("Evaluation of the school or service"), _joined(f"{report.rating}/10", report.rating_note)))
    return rows


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _of_five(value: int | None) -> str:
    return f"{value}/5" if value is not None else ""
