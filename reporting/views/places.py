# SPDX-License-Identifier: EUPL-1.2
"""What the pages of results share: which programme is open, and the addresses of evidence."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.models import Programme
from actions.permissions import reaches_programme
from partners.permissions import network_ids_with
from reporting.models import CountingScope


def open_programme(request: HttpRequest, slug: str, permission: Permission) -> Programme:
    """Return the programme for those who hold the permission in it; strangers get 404, other insiders 403."""
    programme = get_object_or_404(Programme.objects.select_related("lead"), slug=slug)
    if reaches_programme(request.user, permission, programme.pk):
        return programme
    networks = network_ids_with(request.user, permission)
    if networks and programme.actions.filter(action_networks__network__in=networks).exists():
        return programme
    if not Programme.objects.visible_to(request.user).filter(pk=programme.pk).exists():
        raise Http404
    raise PermissionDenied(_("Your role does not allow this. Ask the coordinator of your programme."))


def open_scope(programme: Programme, uuid: str) -> CountingScope:
    """Return a counting scope of the programme by its address."""
    try:
        return CountingScope.objects.select_related("action", "plan", "network", "organisation").get(
            programme=programme, uuid=uuid
        )
    except (CountingScope.DoesNotExist, ValidationError) as error:  # the second: a text that is no uuid
        raise Http404 from error


def evidence_url(
    programme: str, *, indicator: str, scope: object, part: str = "to_date", period: str = "", posting: int = 0
) -> str:
    """Return the address of the entries under a figure, as of a posting."""
    query = {"indicator": indicator, "scope": str(scope), "part": part}
    if period:
        query["period"] = period
    query["posting"] = str(posting)
    return f"{reverse('reporting:evidence', args=[programme])}?{urlencode(query)}"


def scope_name(scope: CountingScope) -> str:
    """Return how a scope is called on a page."""
    if scope.organisation is not None:
        return scope.organisation.name
    if scope.network is not None:
        return scope.network.name
    if scope.action is not None:
        return f"{scope.action.code} {scope.action.title}"
    if scope.plan is not None:
        return scope.plan.title
    return _("The whole programme")
