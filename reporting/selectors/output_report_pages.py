# SPDX-License-Identifier: EUPL-1.2
"""Who sees results and output reports, and what of them waits for a person."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.models import ActionNetwork, Programme
from fami_portal.core.nav import Waiting
from partners.permissions import holds, network_ids_with
from reporting.enums import OutputReportState
from reporting.models import OutputReport


def can_see_results(user: Any) -> bool:
    """Whether the menu shows the results."""
    return holds(user, Permission.VIEW_DASHBOARD)


def can_see_reports(user: Any) -> bool:
    """Whether the menu shows the output reports."""
    return holds(user, Permission.VIEW_OUTPUT_REPORTS)


def programmes_with(user: Any, permission: Permission) -> Any:
    """Return the programmes that a person sees with a permission, as a whole or through coordinated networks."""
    networks = network_ids_with(user, permission)
    return Programme.objects.filter(
        Q(pk__in=Programme.objects.reached_by(user, permission).values("pk"))
        | Q(pk__in=ActionNetwork.objects.filter(network__in=networks).values("action__programme"))
    ).order_by("title", "pk")


def output_reports_panel(user: Any) -> Iterator[Waiting]:
    """The newest versions that are ready to be checked and transmitted (two queries)."""
    if not holds(user, Permission.TRANSMIT_OUTPUT_REPORTS):
        return
    newer = OutputReport.objects.filter(period=OuterRef("period"), version__gt=OuterRef("version"))
    ready = (
        OutputReport.objects.filter(
            state=OutputReportState.GENERATED,
            programme__in=Programme.objects.reached_by(user, Permission.TRANSMIT_OUTPUT_REPORTS).values("pk"),
        )
        .exclude(Exists(newer))
        .select_related("programme", "period")
        .order_by("period__starts_on", "pk")[:10]
    )
    for report in ready:
        yield Waiting(
            _("Check and transmit the output report of %(period)s") % {"period": report.period},
            report.get_absolute_url(),
            status=_("Ready"),
            colour="info",
            context=report.programme.title,
        )
