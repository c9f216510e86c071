# SPDX-License-Identifier: EUPL-1.2
"""What the pages of bodies and networks show of reports and results."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from fami_portal.core.components import Column, Link, Pill
from partners.models import Network, Organisation
from partners.permissions import holds
from partners.selectors import BodyPanel
from reporting.enums import ScopeKind
from reporting.models import ActivityReport, CountingScope
from reporting.selectors.output_report_pages import programmes_with
from reporting.workflow import ACTIVITY_REPORT

PANEL_SIZE = 8


def reports_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the latest activity reports of a body, those that the person sees."""
    if not holds(user, Permission.VIEW_ACTIVITY_REPORTS):
        return None
    found = (
        ActivityReport.objects.visible_to(user)
        .filter(organisation=body)
        .select_related("period", "network")
        .order_by("-period__starts_on", "network__name", "-pk")[: PANEL_SIZE + 1]
    )
    rows = [
        [
            Link(report.period.code, report.get_absolute_url(), report.network.name),
            report.network.name,
            report.due_on,
            Pill(report.get_state_display(), ACTIVITY_REPORT.colours[report.state]),
        ]
        for report in found
    ]
    if not rows:
        return None
    columns = [Column(_("Period")), Column(_("Network")), Column(_("Due on"), nowrap=True), Column(_("State"))]
    more = Link(_("All the reports"), reverse("reporting:activity-report-list"))
    return BodyPanel(
        "reports", _("Activity reports"), columns, rows[:PANEL_SIZE], more if len(rows) > PANEL_SIZE else None
    )


def result_links(user: Any, networks: Sequence[Network]) -> dict[int, Link]:
    """Return where the person reads the results of each network: the dashboard of its programme, in its scope."""
    if not networks or not holds(user, Permission.VIEW_DASHBOARD):
        return {}
    scopes = CountingScope.objects.filter(
        kind=ScopeKind.NETWORK,
        network__in=[network.pk for network in networks],
        programme__in=programmes_with(user, Permission.VIEW_DASHBOARD).values("pk"),
    )
    names = {network.pk: network.name for network in networks}
    return {
        scope.network_id: Link(
            _("Results"),
            f"{reverse('reporting:dashboard', args=[scope.programme.slug])}?scope={scope.uuid}",
            names[scope.network_id],
        )
        for scope in scopes.select_related("programme").order_by("programme__starts_on", "pk")
        if scope.network_id is not None
    }
