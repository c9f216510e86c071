# SPDX-License-Identifier: EUPL-1.2
"""Messages about requests of persons: they name the case and the term, never who asks."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import ROLES, Permission, Scope
from actions.models.programmes import REACHING_PARTS, ProgrammeBody
from fami_portal.core.outbox import Draft
from partners.models import Membership
from privacy.models import RightsRequest, RightsTask

NEAR = timedelta(days=7)
TASK_NEAR = timedelta(days=3)


def _people(condition: Q) -> list[Membership]:
    found = Membership.objects.filter(condition, user__is_active=True).valid_on(timezone.localdate())
    return list(found.select_related("user").order_by("user_id", "pk"))


def handlers(programmes: Iterable[int]) -> dict[int, list[Any]]:
    """Return who handles the requests of each programme. Two queries."""
    roles = [r for r in ROLES.values() if r.scope == Scope.PROGRAMME and Permission.HANDLE_RIGHTS in r.permissions]
    parts = ProgrammeBody.objects.filter(programme__in=set(programmes)).order_by("pk")
    rows = list(parts.values_list("programme_id", "organisation_id", "role"))
    members = _people(Q(role__in=[r.code for r in roles], organisation__in={body for _p, body, _r in rows}))
    found: dict[int, list[Any]] = {}
    for programme, body, part in rows:
        for one in members:
            if one.organisation_id == body and REACHING_PARTS[one.role] == part:
                people = found.setdefault(programme, [])
                if one.user not in people:
                    people.append(one.user)
    return found


def answerers(bodies: Iterable[int]) -> dict[int, list[Any]]:
    """Return who answers for each body. One query."""
    roles = [
        r.code for r in ROLES.values() if r.scope == Scope.BODY and Permission.ANSWER_RIGHTS_TASKS in r.permissions
    ]
    found: dict[int, list[Any]] = {}
    for one in _people(Q(role__in=roles, organisation__in=set(bodies))):
        people = found.setdefault(one.organisation_id, [])
        if one.user not in people:
            people.append(one.user)
    return found


def filed(request: RightsRequest, *, by: Any) -> list[Draft]:
    """Tell the others who handle requests that a case was opened."""
    return [
        Draft(
            key=f"rights_filed:{request.pk}:{person.pk}",
            kind="rights_filed",
            recipient=person,
            subject=_("Request of a person: %(number)s") % {"number": request.number},
            body=_("A request of a person was filed (%(kind)s). It is answered by %(day)s.")
            % {"kind": request.get_kind_display(), "day": f"{request.due_on:%d/%m/%Y}"},
            url=request.get_absolute_url(),
        )
        for person in others_who_handle(request, by)
    ]


def others_who_handle(request: RightsRequest, by: Any) -> list[Any]:
    """Return who else handles the case. Two queries."""
    return [person for person in handlers([request.programme_id]).get(request.programme_id, []) if person != by]


def erasure_proposed(request: RightsRequest, *, by: Any, at: datetime) -> list[Draft]:
    """Tell the others that an erasure waits to be confirmed."""
    return [
        Draft(
            key=f"erasure_proposed:{request.pk}:{at:%Y%m%d%H%M%S}:{person.pk}",
            kind="erasure_proposed",
            recipient=person,
            subject=_("Erasure to be confirmed: %(number)s") % {"number": request.number},
            body=_(
                "An erasure was proposed. It cannot be taken back: look at the case again, then confirm it. By %(day)s."
            )
            % {"day": f"{request.due_on:%d/%m/%Y}"},
            url=request.get_absolute_url(),
        )
        for person in others_who_handle(request, by)
    ]


def asked(tasks: Sequence[RightsTask]) -> list[Draft]:
    """Tell the bodies what they are asked."""
    people = answerers(task.organisation_id for task in tasks)
    return [
        Draft(
            key=f"rights_task:{task.pk}:{person.pk}",
            kind="rights_task",
            recipient=person,
            subject=_("To do for a request of a person: %(number)s") % {"number": task.request.number},
            body=_("%(what)s. Answer in the portal by %(day)s: there you find about whom, and what to look at.")
            % {"what": task.get_purpose_display(), "day": f"{task.due_on:%d/%m/%Y}"},
            url=task.get_absolute_url(),
        )
        for task in tasks
        for person in people.get(task.organisation_id, [])
    ]


def answered(task: RightsTask) -> list[Draft]:
    """Tell who handles the case that a body has answered."""
    request = task.request
    return [
        Draft(
            key=f"rights_task_answered:{task.pk}:{person.pk}",
            kind="rights_task_answered",
            recipient=person,
            subject=_("A body answered: %(number)s") % {"number": request.number},
            body=_("%(body)s answered what it was asked for the case %(number)s.")
            % {"body": task.organisation, "number": request.number},
            url=request.get_absolute_url(),
            mail=False,
        )
        for person in handlers([request.programme_id]).get(request.programme_id, [])
    ]


def due_cases(day: date) -> list[Draft]:
    """Remind who handles of cases whose term is near, and once more when it has passed."""
    rows = list(
        RightsRequest.objects.open().filter(due_on__lte=day + NEAR).select_related("programme").order_by("due_on", "pk")
    )
    people = handlers(row.programme_id for row in rows)
    return [
        Draft(
            key=f"rights_due:{row.pk}:{row.due_on}:{'late' if row.due_on < day else 'near'}:{person.pk}",
            kind="rights_due",
            recipient=person,
            subject=_("The term of %(number)s is over") % {"number": row.number}
            if row.due_on < day
            else _("The term of %(number)s is near") % {"number": row.number},
            body=_("The person must have an answer by %(day)s.") % {"day": f"{row.due_on:%d/%m/%Y}"},
            url=row.get_absolute_url(),
        )
        for row in rows
        for person in people.get(row.programme_id, [])
    ]


def due_tasks(day: date) -> list[Draft]:
    """Remind bodies of tasks whose day is near, and once more when it has passed."""
    rows = list(
        RightsTask.objects.open()
        .filter(due_on__lte=day + TASK_NEAR)
        .select_related("request", "organisation")
        .order_by("due_on", "pk")
    )
    people = answerers(row.organisation_id for row in rows)
    return [
        Draft(
            key=f"rights_task_due:{row.pk}:{row.due_on}:{'late' if row.due_on < day else 'near'}:{person.pk}",
            kind="rights_task_due",
            recipient=person,
            subject=_("Still to do for a request of a person: %(number)s") % {"number": row.request.number},
            body=_("%(what)s, by %(day)s. The law gives the person a short term: answer today.")
            % {"what": row.get_purpose_display(), "day": f"{row.due_on:%d/%m/%Y}"},
            url=row.get_absolute_url(),
        )
        for row in rows
        for person in people.get(row.organisation_id, [])
    ]
