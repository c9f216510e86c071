# SPDX-License-Identifier: EUPL-1.2
"""Who decides how long data are kept, and who follows incidents."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Programme
from fami_portal.core.errors import NotPermitted
from partners.permissions import holds


def can_manage_retention(user: Any, programme: Programme | None) -> bool:
    """Whether the person decides how long data of a programme are kept; None: data of the whole portal."""
    if programme is None:
        return holds(user, Permission.MANAGE_RETENTION)
    return Programme.objects.reached_by(user, Permission.MANAGE_RETENTION).filter(pk=programme.pk).exists()


def check_can_manage_retention(by: Any, programme: Programme | None) -> None:
    """Raise `NotPermitted` unless the person, or the portal itself (None), decides on this retention."""
    if by is not None and not can_manage_retention(by, programme):
        raise NotPermitted(
            _("The retention is decided by the coordinator and by the data protection officer of the programme.")
        )


def check_can_follow_incidents(by: Any, programme: Programme) -> None:
    """Raise `NotPermitted` unless the person follows the incidents of the programme."""
    reached = Programme.objects.reached_by(by, Permission.FOLLOW_INCIDENTS)
    if by is not None and not reached.filter(pk=programme.pk).exists():
        raise NotPermitted(_("Incidents are followed by the data protection officer of the programme."))
