# SPDX-License-Identifier: EUPL-1.2
"""Who handles the requests of persons: the officer and the lead of the programme; each body answers its own tasks."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.permissions import reaches_programme
from fami_portal.core.errors import NotPermitted
from partners.permissions import organisations_with
from privacy.models import RightsRequest, RightsTask


def can_handle(user: Any, programme_id: int) -> bool:
    """Whether the person handles the requests of a programme."""
    return reaches_programme(user, Permission.HANDLE_RIGHTS, programme_id)


def check_can_handle(user: Any, request: RightsRequest) -> None:
    """Raise `NotPermitted` when the person does not handle the requests of this programme; None is the portal."""
    if user is not None and not can_handle(user, request.programme_id):
        raise NotPermitted(
            _("Only the data protection officer and the lead of the programme handle requests of persons.")
        )


def can_answer(user: Any, task: RightsTask) -> bool:
    """Whether the person answers for the body that was asked."""
    own = organisations_with(user, Permission.ANSWER_RIGHTS_TASKS)
    return any(body.pk == task.organisation_id for body in own)


def check_can_answer(user: Any, task: RightsTask) -> None:
    """Raise `NotPermitted` for whoever does not answer for the body."""
    if user is not None and not can_answer(user, task):
        raise NotPermitted(_("Only the body that was asked can answer."))
