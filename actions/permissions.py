# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with programmes and activities."""

from typing import Any

from django.db.models import IntegerField, Value
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.models import ActionNetwork, Activity, Decision, ProgrammeBody, Teacher
from actions.models.programmes import REACHING_PARTS
from fami_portal.core.errors import NotPermitted
from fami_portal.core.kept import kept_on
from partners.permissions import ProgrammeReach, memberships_of, network_ids_with, organisations_with


def reaches_programme(user: Any, permission: Permission, programme_id: int) -> bool:
    """Whether the person holds a permission for the whole programme.

    The rule of `ProgrammeQuerySet.reached_by`, from what is kept on the user object: one query whatever is asked.
    """
    wide = [
        membership
        for membership in memberships_of(user)
        if membership.role_definition.scope == Scope.PROGRAMME and permission in membership.role_definition.permissions
    ]
    if not wide:
        return False

    def read() -> set[tuple[int, int, str]]:
        bodies = {membership.organisation_id for membership in memberships_of(user)}
        found = ProgrammeBody.objects.filter(organisation__in=bodies).order_by("pk")
        return set(found.values_list("programme", "organisation", "role"))

    parts = kept_on(user, "_portal_parts", read)
    return any(
        (programme_id, membership.organisation_id, REACHING_PARTS.get(membership.role)) in parts for membership in wide
    )


def can_on(user: Any, permission: Permission, *, programme_id: int, network_id: int, organisation_id: int) -> bool:
    """Whether the person holds a permission on the work of a body in a network of a programme."""
    return (
        any(body.pk == organisation_id for body in organisations_with(user, permission))
        or network_id in network_ids_with(user, permission)
        or reaches_programme(user, permission, programme_id)
    )


def can_keep_register(user: Any, activity: Activity) -> bool:
    """The body that carries out the activity keeps its register; the school that hosts it may too."""
    bodies = {body.pk for body in organisations_with(user, Permission.KEEP_REGISTERS)}
    return activity.organisation_id in bodies or activity.venue_id in bodies


def check_can_keep_register(user: Any, activity: Activity) -> None:
    """Raise `NotPermitted` with the reason when the person may not write in the register."""
    if not can_keep_register(user, activity):
        raise NotPermitted(_("Only the body that carries out this activity can change its register."))


def check_can_keep_teacher(user: Any, teacher: Teacher) -> None:
    """Raise `NotPermitted` when the person may not correct or retire a teacher: that is for its own body."""
    if teacher.organisation_id not in {body.pk for body in organisations_with(user, Permission.KEEP_REGISTERS)}:
        raise NotPermitted(_("Only the body of this teacher can correct or retire it."))


def can_close_decision(user: Any, decision: Decision) -> bool:
    """Whoever keeps the registers of the table, or of the body that carries the decision out, says that it is done."""
    bodies = closes_decisions_for(user)
    return decision.organisation_id in bodies or can_keep_register(user, decision.meeting.activity)


def closes_decisions_for(user: Any) -> set[int]:
    """Return the ids of the bodies whose decisions the person closes. No query of its own."""
    return {body.pk for body in organisations_with(user, Permission.KEEP_REGISTERS)}


def check_can_close_decision(user: Any, decision: Decision) -> None:
    """Raise `NotPermitted` with the reason when the person may not close or reopen the decision."""
    if not can_close_decision(user, decision):
        raise NotPermitted(
            _("Only the body that holds the table and the one that carries out the decision can close it.")
        )


def can_view_activity(user: Any, activity: Activity) -> bool:
    """Whether the person may read the activity and its meetings."""
    if can_on(
        user,
        Permission.VIEW_ACTIVITIES,
        programme_id=activity.programme_id,
        network_id=activity.network_id,
        organisation_id=activity.organisation_id,
    ):
        return True
    coordinated = network_ids_with(user, Permission.VIEW_ACTIVITIES)
    if coordinated and activity.participations.filter(network__in=coordinated).exists():
        return True
    return activity.venue_id is not None and any(
        body.pk == activity.venue_id for body in organisations_with(user, Permission.VIEW_ACTIVITIES)
    )


def reach_of(user: Any, permission: Permission) -> ProgrammeReach:
    """Say to the app below which networks and bodies belong to the programmes that the person leads, and to others."""
    rows = kept_on(user, "_portal_land", _parts_of_everybody)
    reaching = {
        (membership.organisation_id, REACHING_PARTS.get(membership.role))
        for membership in memberships_of(user)
        if membership.role_definition.scope == Scope.PROGRAMME and permission in membership.role_definition.permissions
    }
    led = {programme for programme, _network, body, role in rows if (body, role) in reaching}
    return ProgrammeReach(
        networks=frozenset(network for programme, network, _body, _role in rows if network and programme in led),
        organisations=frozenset(body for programme, _network, body, _role in rows if body and programme in led),
        foreign_networks=frozenset(network for programme, network, *_rest in rows if network and programme not in led),
        foreign_organisations=frozenset(
            body for programme, _network, body, _role in rows if body and programme not in led
        ),
    )


def _parts_of_everybody() -> list[tuple[int, int | None, int | None, str]]:
    """Return programme and network, or programme, body and part, of all programmes: they are few. One query."""
    networks = ActionNetwork.objects.order_by().values_list(
        "action__programme", "network", Value(None, IntegerField()), Value("")
    )
    bodies = ProgrammeBody.objects.order_by().values_list(
        "programme", Value(None, IntegerField()), "organisation", "role"
    )
    return list(networks.union(bodies, all=True).order_by("action__programme"))


def can_manage_privacy(user: Any, programme_id: int) -> bool:
    """Whether the person publishes notices and records parts in the processing: who leads the programme, its officer."""
    return reaches_programme(user, Permission.MANAGE_PROGRAMME, programme_id) or reaches_programme(
        user, Permission.SEE_READINGS, programme_id
    )


def check_can_manage_privacy(user: Any, programme_id: int) -> None:
    """Raise `NotPermitted` when the person may read the notices of the programme but not publish them."""
    if not can_manage_privacy(user, programme_id):
        raise NotPermitted(
            _("Only the regional coordinator and the data protection officer publish notices and record parts.")
        )


def coordinates(user: Any, *, programme_id: int, network_id: int | None) -> bool:
    """Whether the person leads a programme, or coordinates this network of it."""
    permission = Permission.VALIDATE_ACTIVITY_REPORTS
    if reaches_programme(user, Permission.MANAGE_PROGRAMME, programme_id):
        return True
    return network_id is not None and network_id in network_ids_with(user, permission)


def budget_networks(user: Any, programme_id: int) -> set[int] | None:
    """Return the networks whose share the person divides; None for who leads the programme and decides of all."""
    if reaches_programme(user, Permission.MANAGE_PROGRAMME, programme_id):
        return None
    own = network_ids_with(user, Permission.VALIDATE_ACTIVITY_REPORTS)
    carried = ActionNetwork.objects.filter(action__programme=programme_id, network__in=own)
    return set(carried.order_by("network").values_list("network", flat=True))


# Who answers for the work of a body or of a network, and who checks it, reads how the money is divided.
READING_BUDGETS = (Permission.VIEW_ACTIVITY_REPORTS, Permission.VIEW_EVIDENCE)


def can_read_budget(user: Any) -> bool:
    """Whether the person may read the budget of the programmes in which it has a part. No query of its own."""
    return any(
        permission in membership.role_definition.permissions
        for membership in memberships_of(user)
        for permission in READING_BUDGETS
    )


def check_can_read_budget(user: Any) -> None:
    """Raise `NotPermitted` when the person only works in the programme."""
    if not can_read_budget(user):
        raise NotPermitted(
            _(
                "The budget is read by those who answer for the work of a body or of a network, and by those who check it."
            )
        )


def check_can_budget(user: Any, programme_id: int) -> None:
    """Raise `NotPermitted` when the person decides of no share of the programme."""
    if budget_networks(user, programme_id) == set():
        raise NotPermitted(_("Only the Region, and the coordinator of a network for its own share, change the budget."))
