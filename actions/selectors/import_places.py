# SPDX-License-Identifier: EUPL-1.2
"""On whose work a file is about: one body of the person in one programme."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.models import Activity, Programme
from fami_portal.core.imports import Place
from fami_portal.core.kept import kept_on
from partners.models import NetworkMember
from partners.permissions import organisations_with


def work_places(user: Any, permission: Permission) -> list[Place]:
    """Return the programmes in which the own bodies work, each body with each; `about` holds both. Three queries."""

    def read() -> list[Place]:
        bodies = {body.pk: body for body in organisations_with(user, permission)}
        stays = NetworkMember.objects.filter(organisation__in=bodies).order_by()
        found = set(stays.values_list("organisation", "network__action_networks__action__programme"))
        hosted = Activity.objects.filter(venue__in=bodies).order_by()
        found |= set(hosted.values_list("venue", "programme"))
        programmes = Programme.objects.in_bulk([programme for _body, programme in found if programme])
        places = [
            Place(
                f"{programme}-{body}",
                _("%(body)s, %(programme)s") % {"body": bodies[body].name, "programme": programmes[programme].title},
                {"programme": programmes[programme], "organisation": bodies[body]},
            )
            for body, programme in found
            if programme
        ]
        return sorted(places, key=lambda place: (place.label, place.code))

    return kept_on(user, f"_portal_places_{permission.value}", read)
