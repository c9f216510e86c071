# SPDX-License-Identifier: EUPL-1.2
"""Ethnoclinical consultations (A.5): referral, assignment, triage, and the ways in which a referral ends early.

The texts of the case are written in fields of the consultation only: no act carries them in its comment or its data.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import ConsultationState, Urgency
from mediation.models import Consultation
from mediation.notifications import consultations as notifications
from mediation.permissions import check_can_file, check_coordinates, check_is_clinician
from mediation.selectors.consulting import consultants_for
from mediation.services import hours
from mediation.services.consulting import (
    account_of,
    activity_of,
    check_free_text,
    check_place,
    settings_offered,
)
from mediation.services.requests.common import next_number
from mediation.workflow import CONSULTATION
from partners.models import Network, Organisation

KIND = MediationRequestKind.ETHNOCLINICAL
SOURCE = "consultation"
EDITABLE = (
    "contact_name",
    "contact_email",
    "case_code",
    "age_range",
    "language",
    "area",
    "question",
    "services_involved",
    "consent_given",
    "consent_on",
    "urgency",
    "urgency_reason",
    "availability",
)
FREE_TEXT = ("case_code", "question", "services_involved", "urgency_reason", "availability")
OPEN = (ConsultationState.DRAFT, ConsultationState.TO_COMPLETE)


def lock(consultation: Consultation) -> Consultation:
    """Take the row lock and return the consultation as it is now, with its parts."""
    return Consultation.objects.select_for_update(of=("self",)).with_parts().get(pk=consultation.pk)


def move(
    *, consultation: Consultation, transition: str, by: Any, at: datetime, comment: str = "", **fields: Any
) -> None:
    """Move a consultation along its workflow; no comment of those who read the case: others read the log of the acts."""
    change_state(
        instance=consultation,
        workflow=CONSULTATION,
        transition=transition,
        by=by,
        at=at,
        comment=comment,
        state_since=at,
        version=F("version") + 1,
        **fields,
    )


def start_referral(
    *,
    programme: Programme,
    network: Network,
    organisation: Organisation,
    values: Mapping[str, Any],
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> Consultation:
    """Begin a referral as a draft of the body. `key` is the submission key: a double click begins one.

    Raises `DomainError` at the field, `NotPermitted` for whoever does not file for the body.
    """
    check_can_file(by, organisation.pk)
    with acting(by):
        kept = Consultation.objects.filter(uuid=key).first() if key else None
        if kept is not None:
            return kept
        check_place(
            programme=programme, network=network, organisation=organisation, kind=KIND, day=timezone.localdate(at)
        )
        consultation = Consultation(
            programme=programme,
            network=network,
            organisation=organisation,
            created_at=at,
            created_by=by,
            state_since=at,
            **_checked(values),
            **({"uuid": key} if key else {}),
        )
        consultation.save(force_insert=True)
        record_event(by=by, verb="consultation_begun", target=consultation, at=at)
    return consultation


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not fields of a referral: {sorted(unknown)}")
    check_free_text({name: values[name] for name in FREE_TEXT if name in values})
    return dict(values)


def save_referral(*, consultation: Consultation, values: Mapping[str, Any], version: int, by: Any) -> None:
    """Save a draft, or a referral that was sent back to complete.

    Raises `StaleError`, `TransitionNotAllowed` once it is with the clinician, `DomainError` at the field, `NotPermitted`.
    """
    check_can_file(by, consultation.organisation_id)
    with acting(by):
        locked = lock(consultation)
        if locked.state not in OPEN:
            raise TransitionNotAllowed(_("The referral is with the clinician: it cannot be changed now."))
        if locked.version != version:
            raise StaleError
        Consultation.objects.filter(pk=locked.pk).update(**_checked(values), version=F("version") + 1)
    consultation.refresh_from_db()


def discard_referral(*, consultation: Consultation, by: Any) -> None:
    """Throw a draft away. Raises `TransitionNotAllowed` once it was referred, `NotPermitted`."""
    check_can_file(by, consultation.organisation_id)
    with acting(by):
        locked = lock(consultation)
        if locked.state != ConsultationState.DRAFT:
            raise TransitionNotAllowed(_("Only a draft can be thrown away: withdraw the referral instead."))
        record_event(by=by, verb="draft_discarded", target=locked)
        locked.delete()


def missing(consultation: Consultation) -> list[tuple[str, str]]:
    """Return what a referral lacks: pairs of field and sentence."""
    wanted = {
        "contact_name": _("Write who refers."),
        "contact_email": _("Write an e-mail address for the answer."),
        "case_code": _("Write the code of the case that your service uses."),
        "age_range": _("Choose the age."),
        "language_id": _("Choose the language."),
        "area": _("Choose the geographic area."),
        "question": _("Write the question."),
        "availability": _("Write days and times at which the first session is possible."),
    }
    found = [(name, sentence) for name, sentence in wanted.items() if not getattr(consultation, name)]
    if not consultation.consent_given or consultation.consent_on is None:
        found.append(("consent_given", _("The informed consent is needed, with its date, before a case is referred.")))
    if consultation.urgency != Urgency.ORDINARY and not consultation.urgency_reason:
        found.append(("urgency_reason", _("Write the reason of the urgency.")))
    return found


def refer(*, consultation: Consultation, by: Any, at: datetime) -> None:
    """Refer the case, or send it again completed: it gets its number and the clinician (or the coordinator) is told.

    Raises `DomainError` with all that is missing, `TransitionNotAllowed`, `NotPermitted`.
    """
    check_can_file(by, consultation.organisation_id)
    with acting(by):
        locked = lock(consultation)
        again = locked.state == ConsultationState.TO_COMPLETE
        CONSULTATION.check(locked.state, "complete" if again else "refer")
        settings_offered(locked.programme_id, KIND)
        if locked.consent_on and locked.consent_on > timezone.localdate(at):
            raise DomainError(_("The consent is dated in the future: correct its date."), field="consent_on")
        lacking = missing(locked)
        if lacking:
            raise DomainError(
                _("The referral is not complete: %(reasons)s")
                % {"reasons": " ".join(sentence for _field, sentence in lacking)}
            )
        if again:
            move(consultation=consultation, transition="complete", by=by, at=at)
        else:
            move(
                consultation=consultation,
                transition="refer",
                by=by,
                at=at,
                number=next_number(KIND, at),
                submitted_at=at,
                submitted_by=by,
            )
        queue_messages(notifications.referred(consultation, at))


def assign(*, consultation: Consultation, consultant: Any, by: Any, at: datetime) -> None:
    """Give the case to a clinician (or to another one): from now on they can read it, the earlier one no longer.

    Raises `DomainError` for somebody who is not a consultant of the network, `TransitionNotAllowed`, `NotPermitted` for
    others than the coordinators.
    """
    check_coordinates(by, consultation)
    with acting(by):
        locked = lock(consultation)
        CONSULTATION.check(locked.state, "assign")
        fitting = consultants_for(programme_id=locked.programme_id, network_id=locked.network_id)
        if not fitting.filter(pk=consultant.pk).exists():
            raise DomainError(_("Choose a consultant of this network or of this programme."), field="consultant")
        move(consultation=consultation, transition="assign", by=by, at=at, consultant=consultant)
        queue_messages(notifications.case_assigned(consultation, at))


def ask_to_complete(*, consultation: Consultation, note: str, by: Any, at: datetime) -> None:
    """Send the referral back with what is missing. Raises `DomainError` without a note, `NotPermitted`,
    `TransitionNotAllowed`."""
    _answer(consultation, "ask_to_complete", note=note, by=by, at=at)


def turn_down(*, consultation: Consultation, note: str, by: Any, at: datetime) -> None:
    """Say that the case is not pertinent, and why. Raises as `ask_to_complete`."""
    _answer(consultation, "turn_down", note=note, by=by, at=at)


def _answer(consultation: Consultation, transition: str, *, note: str, by: Any, at: datetime) -> None:
    check_is_clinician(by, consultation)
    if not note.strip():
        raise DomainError(_("Write the reason: whoever receives it must know what to do."), field="note")
    check_free_text({"note": note})
    with acting(by):
        move(consultation=consultation, transition=transition, by=by, at=at, triage_note=note.strip())
        queue_messages(notifications.triaged(consultation, at))


def accept(*, consultation: Consultation, minutes: int, by: Any, at: datetime, note: str = "") -> None:
    """Accept the case and reserve its hours in the account of the network (or of the body).

    `minutes` are those planned for all sessions. Raises `NotEnoughHoursError`, `DomainError` without an account,
    `TransitionNotAllowed`, `NotPermitted` for others than the clinician.
    """
    check_is_clinician(by, consultation)
    check_free_text({"note": note})
    with acting(by):
        locked = lock(consultation)
        CONSULTATION.check(locked.state, "accept")
        settings = settings_offered(locked.programme_id, KIND)
        if not 0 < minutes <= settings.maximum_request_minutes:
            raise DomainError(_("Write how many minutes are planned in all."), field="minutes")
        day = timezone.localdate(at)
        account = account_of(
            programme_id=locked.programme_id,
            network_id=locked.network_id,
            organisation_id=locked.organisation_id,
            kind=KIND,
            day=day,
        )
        activity = activity_of(programme=locked.programme, network=locked.network, kind=KIND, last_day=day)
        move(
            consultation=consultation,
            transition="accept",
            by=by,
            at=at,
            accepted_at=at,
            account=account,
            activity=activity,
            minutes_planned=minutes,
            triage_note=note.strip(),
        )
        hours.reserve(account=account, source_type=SOURCE, source_id=consultation.pk, minutes=minutes, by=by, at=at)
        queue_messages(notifications.triaged(consultation, at))


def cancel(*, consultation: Consultation, by: Any, at: datetime) -> None:
    """Withdraw a referral before its assessment begins; what was reserved is released.

    Raises `TransitionNotAllowed`, `NotPermitted` for whoever does not file for the body.
    """
    check_can_file(by, consultation.organisation_id)
    with acting(by):
        move(consultation=consultation, transition="cancel", by=by, at=at)
        if consultation.account is not None:
            hours.release(account=consultation.account, source_type=SOURCE, source_id=consultation.pk, by=by, at=at)
        queue_messages(notifications.case_ended(consultation, at))
