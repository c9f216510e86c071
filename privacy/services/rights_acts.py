# SPDX-License-Identifier: EUPL-1.2
"""What a case brings to the records of the person: erased by two people, restricted, or worked on again."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from beneficiaries.models import Beneficiary
from beneficiaries.services import restrictions
from beneficiaries.services.erasure import anonymise
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event
from mediation.selectors.subject import ended_cases
from mediation.services import purging
from partners.models import Organisation
from privacy.enums.requests import WITH_RESTRICTION, WORKED_STATES, RightKind, TaskAnswer, TaskPurpose
from privacy.models import RightsRequest
from privacy.notifications import requests as notifications
from privacy.selectors.requests import bodies_involved, case_codes, matched_records
from privacy.services.request_tasks import make_tasks
from privacy.services.requests import locked_request


def _records(request: RightsRequest) -> list[Beneficiary]:
    if request.state not in WORKED_STATES:
        raise TransitionNotAllowed(_("Verify the identity of who asks first; a case that is over is not worked on."))
    found = matched_records(request)
    if not found:
        raise DomainError(_("No record of the person was found: there is nothing to do here."))
    return found


def _to_erase(request: RightsRequest) -> list[Beneficiary]:
    """Return the records that an erasure takes; refuse while a body has not said what it holds."""
    if request.kind != RightKind.ERASURE:
        raise TransitionNotAllowed(_("This person did not ask for the erasure."))
    records = _records(request)
    waiting = request.tasks.open().filter(purpose=TaskPurpose.SEARCH)
    names = [str(task.organisation) for task in waiting.select_related("organisation").order_by("pk")]
    if names:
        raise DomainError(
            _("First every body must say what it holds. These have not answered: %(bodies)s.")
            % {"bodies": ", ".join(names[:5])}
        )
    return records


def propose_erasure(*, request: RightsRequest, version: int, by: Any, at: datetime) -> None:
    """Say that the case is ready to be erased; somebody else, who is told, looks at it again and confirms.

    A second proposal changes nothing. Raises as `erase` does before anybody confirms.
    """
    with acting(by):
        found = locked_request(request, version, by)
        _to_erase(found)
        if found.erasure_proposed_at is None:
            RightsRequest.objects.filter(pk=found.pk).update(
                erasure_proposed_at=at, erasure_proposed_by=by, version=F("version") + 1
            )
            record_event(by=by, verb="erasure_proposed", target=found, at=at)
            queue_messages(notifications.erasure_proposed(found, by=by, at=at))
    request.refresh_from_db()


def _check_second(request: RightsRequest, by: Any) -> None:
    """Refuse who confirms alone what cannot be taken back."""
    if request.erasure_proposed_at is None:
        raise DomainError(
            _(
                "An erasure is proposed by one person and confirmed by another: propose it first, it cannot be taken back."
            )
        )
    if request.erasure_proposed_by_id != getattr(by, "pk", None):
        return
    if notifications.others_who_handle(request, by):
        raise DomainError(
            _(
                "You proposed this erasure, and it cannot be taken back: another person confirms it. The others who handle "
                "requests were told."
            )
        )
    raise DomainError(
        _(
            "You proposed this erasure, and it cannot be taken back: another person confirms it. Nobody else handles "
            "requests yet: ask the administrator to give a second person the role of data protection officer or of "
            "regional coordinator."
        )
    )


def erase(*, request: RightsRequest, version: int, by: Any, at: datetime) -> int:
    """Make the records of the person anonymous, and ask the bodies to destroy what explains them; figures stay.

    Somebody else than `by` has proposed it. Returns how many records changed; a second time changes nothing. Raises
    `ErasureRefusedError` under a legal hold or a restriction, `DomainError` while bodies have not answered and without a
    proposal of somebody else, and as `locked_request`.
    """
    with acting(by):
        found = locked_request(request, version, by)
        records = _to_erase(found)
        _check_second(found, by)
        # Before the names go: afterwards nobody could tell which bodies wrote them.
        holding = found.tasks.filter(answer=TaskAnswer.HELD).values("organisation")
        bodies = list(
            Organisation.objects.filter(
                Q(pk__in=bodies_involved(one.pk for one in records).order_by().values("pk")) | Q(pk__in=holding)
            ).order_by("name", "pk")
        )
        _destroy_cases(found, by, at)
        changed = anonymise(beneficiaries=records, by=by, at=at, reason=found.number)
        make_tasks(request=found, bodies=bodies, purpose=TaskPurpose.DESTROY, at=at)
        RightsRequest.objects.filter(pk=found.pk, erased_at__isnull=True).update(erased_at=at)
        RightsRequest.objects.filter(pk=found.pk).update(version=F("version") + 1)
        record_event(by=by, verb="rights_erased", target=found, data={"records": len(changed)}, at=at)
    request.refresh_from_db()
    return len(changed)


def _destroy_cases(request: RightsRequest, by: Any, at: datetime) -> None:
    """Take words and files of the cases of mediation that bodies recognised and that are over; the others go with their end."""
    asked, referred = ended_cases(case_codes(request))
    if asked:
        purging.destroy_request_texts(ids=asked, by=by, at=at)
        purging.destroy_request_files(ids=asked, by=by, at=at)
    if referred:
        purging.destroy_consultation_texts(ids=referred, by=by, at=at)


def ask_correction(*, request: RightsRequest, version: int, by: Any, at: datetime) -> int:
    """Ask the bodies that registered the person to correct what is wrong; returns how many are asked anew.

    Raises as `locked_request`, and `DomainError` for a right that is not a rectification.
    """
    with acting(by):
        found = locked_request(request, version, by)
        if found.kind != RightKind.RECTIFICATION:
            raise TransitionNotAllowed(_("This person did not ask for a correction."))
        bodies = Organisation.objects.filter(pk__in={one.registered_by_id for one in _records(found)}).order_by("pk")
        tasks = make_tasks(request=found, bodies=bodies, purpose=TaskPurpose.CORRECT, at=at)
        RightsRequest.objects.filter(pk=found.pk).update(version=F("version") + 1)
        record_event(by=by, verb="bodies_asked", target=found, data={"bodies": len(tasks)}, at=at)
    request.refresh_from_db()
    return len(tasks)


def restrict(*, request: RightsRequest, version: int, by: Any, at: datetime) -> int:
    """Restrict the processing of the records of the person; returns how many were not restricted before.

    Raises as `locked_request`, and `DomainError` for a right that does not lead here.
    """
    with acting(by):
        found = locked_request(request, version, by)
        if found.kind not in WITH_RESTRICTION:
            raise TransitionNotAllowed(_("This right does not lead to a restriction."))
        changed = restrictions.restrict(beneficiaries=_records(found), reason=found.number, by=by, at=at)
        RightsRequest.objects.filter(pk=found.pk).update(version=F("version") + 1)
        record_event(by=by, verb="rights_restricted", target=found, data={"records": len(changed)}, at=at)
    request.refresh_from_db()
    return len(changed)


def lift(*, request: RightsRequest, version: int, by: Any, at: datetime) -> int:
    """Lift the restriction of the records of the person, who was told before (art. 18(3)); returns how many.

    Possible after the case was answered too. Raises as `locked_request`.
    """
    with acting(by):
        found = locked_request(request, version, by)
        changed = restrictions.lift(beneficiaries=matched_records(found), by=by, at=at)
        RightsRequest.objects.filter(pk=found.pk).update(version=F("version") + 1)
        record_event(by=by, verb="rights_lifted", target=found, data={"records": len(changed)}, at=at)
    request.refresh_from_db()
    return len(changed)
