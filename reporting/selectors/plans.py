# SPDX-License-Identifier: EUPL-1.2
"""What the ledger has counted for a plan, for its page in the app below."""

from typing import Any

from django.db.models import Sum
from django.urls import reverse

from accounts.permissions import Permission
from actions.models import Plan
from actions.permissions import coordinates
from actions.selectors.plans import PlanProgress
from partners.permissions import holds
from reporting.enums import ScopeKind
from reporting.models import CountingScope, ResultTotal


def plan_progress(user: Any, plan: Plan) -> PlanProgress:
    """Return the validated figures of a plan by indicator, and the address of its dashboard for who may open it."""
    scope = CountingScope.objects.filter(kind=ScopeKind.PLAN, plan=plan).first()
    if scope is None:
        return PlanProgress()
    sums = ResultTotal.objects.filter(scope=scope).order_by().values("indicator").annotate(sum=Sum("quantity"))
    seen = holds(user, Permission.VIEW_DASHBOARD) and coordinates(user, programme_id=plan.programme_id, network_id=None)
    address = f"{reverse('reporting:dashboard', args=[plan.programme.slug])}?scope={scope.uuid}"
    return PlanProgress({row["indicator"]: row["sum"] for row in sums}, address if seen else "")
