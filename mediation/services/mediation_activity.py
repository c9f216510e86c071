# SPDX-License-Identifier: EUPL-1.2
"""The activity of the programme to which the sessions of a request belong: one of a network for each type."""

from django.utils.translation import gettext as _

from actions.enums import ActivityKind, ActivityState
from actions.models import ActionNetwork, Activity, ActivityType
from actions.services.activities import create_activity, start_activity
from fami_portal.core import clock
from fami_portal.core.errors import DomainError
from mediation.models import MediationRequest
from mediation.selectors.settings import settings_of
from partners.enums import NetworkRole
from partners.models import NetworkMember


def activity_for(request: MediationRequest) -> Activity:
    """Return the running mediation activity of the network, begun here if need be; inside a service transaction.

    Its type is the one that the settings of the request name or, without a name, the first of kind mediation among the
    actions that the network carries out; the lead of the network carries it out; it lasts as long as the programme,
    from the day on which the lead entered the network.
    Raises `DomainError` when the definition or the network lacks what is needed.
    """
    activity_type = _type_for(request)
    # Whoever comes second waits here and finds the activity of the first.
    ActionNetwork.objects.select_for_update(of=("self",), no_key=True).get(
        action=activity_type.action_id, network=request.network_id
    )
    stay = _stay_of_lead(request)
    lead = stay.organisation
    kept = Activity.objects.filter(
        activity_type=activity_type, network=request.network_id, organisation=lead, ends_on__gte=request.last_day
    ).exclude(state=ActivityState.CANCELLED)
    found = kept.exclude(state=ActivityState.CONCLUDED).order_by("starts_on", "pk").first()
    if found is None:
        if kept.exists():
            raise DomainError(
                _("The mediation activity of the network is concluded: ask %(body)s to resume it.")
                % {"body": lead.name}
            )
        found = create_activity(
            activity_type=activity_type,
            network=request.network,
            organisation=lead,
            title=activity_type.title[:200],
            starts_on=max(request.programme.starts_on, stay.entered_on),
            ends_on=request.programme.last_day,
            by=None,
        )
    if found.state == ActivityState.PLANNED:
        start_activity(activity=found, by=None)
    return found


def _type_for(request: MediationRequest) -> ActivityType:
    offered = settings_of(request.programme_id, request.kind)
    carried = ActivityType.objects.filter(
        programme=request.programme_id,
        kind=ActivityKind.MEDIATION,
        action__in=ActionNetwork.objects.filter(network=request.network_id).values("action"),
    ).order_by("action__position", "action__code", "position", "pk")
    if offered is not None and offered.activity_type:
        carried = carried.filter(code=offered.activity_type)
    found = carried.first()
    if found is None:
        raise DomainError(
            _(
                "The programme has no activity of mediation that this network carries out: tell the regional coordinator."
            )
        )
    return found


def _stay_of_lead(request: MediationRequest) -> NetworkMember:
    stays = NetworkMember.objects.on(clock.today()).filter(network=request.network_id, role=NetworkRole.LEAD)
    stay = stays.select_related("organisation").order_by("entered_on", "pk").first()
    if stay is None:
        raise DomainError(_("The network has no lead body: tell the regional coordinator."))
    return stay
