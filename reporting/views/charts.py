# SPDX-License-Identifier: EUPL-1.2
"""Pictures with axes, served as images: drawn once for each posting and kept in the cache."""

import hashlib

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from reporting.rendering import charts
from reporting.rendering.reading import Chart
from reporting.selectors import dashboard as selectors
from reporting.views.places import open_programme, open_scope

DAY = 24 * 3600


@require_safe
def trend(request: HttpRequest, slug: str) -> HttpResponse:
    """The trend of one indicator in one scope, as it is after the last posting."""
    programme = open_programme(request, slug, Permission.VIEW_DASHBOARD)
    scope = open_scope(programme, request.GET.get("scope", ""))
    board = selectors.board(
        request.user, programme, scope_uuid=str(scope.uuid), indicator_code=request.GET.get("indicator", "")
    )
    if board.detail is None or board.scope is None or board.scope.pk != scope.pk or not board.trend:
        raise Http404
    steps = [(step.label, step.new, step.to_date) for step in board.trend]
    chart = Chart(
        "trend",
        _("Trend by period"),
        "",
        trend=steps,
        unit=board.detail.unit,
        target=board.figure(board.detail, scope).target,
    )
    return picture(chart, f"{programme.pk}:{board.posting.number if board.posting else 0}:{scope.pk}:{board.detail.pk}")


def picture(chart: Chart, name: str) -> HttpResponse:
    """Answer with the picture, drawn or from the cache; `name` holds the posting number that it shows."""
    content = hashlib.sha256(repr((chart.trend, chart.unit, chart.target)).encode()).hexdigest()[:16]
    key = f"reporting.trend:{name}:{content}"
    svg = cache.get(key)
    if svg is None:
        svg = charts.trend_svg(chart)
        cache.set(key, svg, DAY)
    response = HttpResponse(svg, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
