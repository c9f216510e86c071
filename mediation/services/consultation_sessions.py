# SPDX-License-Identifier: EUPL-1.2
"""Sessions of a consultation, its restitution and its end, where the hours are consumed and become results."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.workflow import closed_period_refusals
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event
from mediation.enums import ConsultationOutcome, ConsultationSessionKind, ConsultationState
from mediation.models import Consultation, ConsultationSession, HourAccount
from mediation.notifications import consultations as notifications
from mediation.permissions import check_coordinates, check_is_clinician
from mediation.selectors.hours import attempt_of, in_hours, reserved_for
from mediation.services import hours
from mediation.services.consultations import KIND, SOURCE, lock, move
from mediation.services.consulting import check_free_text, settings_offered
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import CONSULTATION

Kind = ConsultationSessionKind


def minutes_held(consultation: Consultation) -> int:
    """Return the minutes of all the sessions recorded (one query)."""
    return consultation.sessions.aggregate(total=Sum("minutes"))["total"] or 0


def beyond_planned(consultation: Consultation) -> str:
    """Return what is to be known when more was held than planned, or nothing; closing refuses by the same sum.

    Four queries at most.
    """
    held = minutes_held(consultation)
    if held <= consultation.minutes_planned or consultation.account_id is None:
        return ""
    said = _("%(held)s have been held, and %(planned)s were planned.") % {
        "held": in_hours(held),
        "planned": in_hours(consultation.minutes_planned),
    }
    account = HourAccount.objects.get(pk=consultation.account_id)
    wanted = held - reserved_for(SOURCE, consultation.pk, account_id=account.pk)
    if wanted > account.available:
        refusal = hours.NotEnoughHoursError(wanted=wanted, available=account.available)
        return " ".join([said, _("As it is, the consultation cannot be closed."), str(refusal)])
    return " ".join([said, _("What is beyond is drawn on the account of hours when you close the consultation.")])


def record_assessment(
    *,
    consultation: Consultation,
    held_on: date,
    minutes: int,
    by: Any,
    at: datetime,
    professionals: int = 1,
    with_mediator: bool = False,
    key: UUID | None = None,
) -> ConsultationSession:
    """Record a session of assessment; the first one begins the assessment. `key` is the submission key of the form.

    Raises `DomainError` at the field, `TransitionNotAllowed`, `ClosedPeriodError`, `NotPermitted`.
    """
    check_is_clinician(by, consultation)
    with closed_period_refusals(), acting(by):
        locked = lock(consultation)
        kept = ConsultationSession.objects.filter(uuid=key).first() if key else None
        if kept is not None:
            return kept
        if locked.state not in (ConsultationState.ASSESSMENT, ConsultationState.REOPENED):
            CONSULTATION.check(locked.state, "assess")
        session = _session(
            locked,
            kind=Kind.ASSESSMENT,
            held_on=held_on,
            minutes=minutes,
            professionals=professionals,
            with_mediator=with_mediator,
            by=by,
            at=at,
            key=key,
        )
        if locked.state == ConsultationState.ACCEPTED:
            move(consultation=consultation, transition="assess", by=by, at=at)
        record_event(by=by, verb="assessment_recorded", target=locked, data={"minutes": minutes}, at=at)
    return session


def _session(
    consultation: Consultation,
    *,
    key: UUID | None,
    by: Any,
    at: datetime,
    kept: ConsultationSession | None = None,
    **values: Any,
) -> ConsultationSession:
    held_on: date = values["held_on"]
    if held_on > timezone.localdate(at):
        raise DomainError(_("The day is in the future: record a session after it is held."), field="held_on")
    if consultation.accepted_at and held_on < timezone.localdate(consultation.accepted_at):
        raise DomainError(_("The day comes before the acceptance of the case."), field="held_on")
    if not 1 <= values["minutes"] <= 720:
        raise DomainError(_("Write how many minutes it lasted, from 1 to 720."), field="minutes")
    if values["professionals"] < 1:
        raise DomainError(_("Write how many professionals were there, at least 1."), field="professionals")
    if kept is not None:
        changes = values | {"recorded_at": at, "recorded_by": by}
        ConsultationSession.objects.filter(pk=kept.pk).update(**changes)
        kept.refresh_from_db()
        return kept
    session = ConsultationSession(
        consultation=consultation, recorded_at=at, recorded_by=by, **values, **({"uuid": key} if key else {})
    )
    session.save(force_insert=True)
    return session


def remove_assessment(*, session: ConsultationSession, by: Any, at: datetime) -> None:
    """Take away a session recorded by mistake, while the assessment is open or open again.

    Raises `TransitionNotAllowed`, `ClosedPeriodError`, `NotPermitted`.
    """
    check_is_clinician(by, session.consultation)
    with closed_period_refusals(), acting(by):
        locked = lock(session.consultation)
        if locked.state != ConsultationState.REOPENED:
            CONSULTATION.check(locked.state, "give_back")
        if session.kind != Kind.ASSESSMENT:
            raise DomainError(_("The restitution cannot be taken away."))
        removed, _models = ConsultationSession.objects.filter(pk=session.pk).delete()
        if removed:
            record_event(by=by, verb="assessment_removed", target=locked, data={"minutes": session.minutes}, at=at)


def give_back(
    *,
    consultation: Consultation,
    held_on: date,
    minutes: int,
    text: str,
    by: Any,
    at: datetime,
    professionals: int = 1,
    with_mediator: bool = False,
) -> ConsultationSession:
    """Record the restitution, after at least the sessions of assessment that the programme asks for; while the
    consultation is open again, correct it.

    `text` is for the service and the clinician alone. Raises `DomainError` while assessments are missing or at the
    field, `TransitionNotAllowed`, `ClosedPeriodError`, `NotPermitted`.
    """
    check_is_clinician(by, consultation)
    if not text.strip():
        raise DomainError(_("Write what is given back to the service."), field="text")
    check_free_text({"text": text})
    with closed_period_refusals(), acting(by):
        locked = lock(consultation)
        again = locked.state == ConsultationState.REOPENED
        if not again:
            CONSULTATION.check(locked.state, "give_back")
        _check_assessments(locked)
        kept = locked.sessions.filter(kind=Kind.RESTITUTION).first() if again else None
        session = _session(
            locked,
            kept=kept,
            kind=Kind.RESTITUTION,
            held_on=held_on,
            minutes=minutes,
            professionals=professionals,
            with_mediator=with_mediator,
            text=text.strip(),
            by=by,
            at=at,
            key=None,
        )
        if again:
            record_event(by=by, verb="restitution_corrected", target=locked, data={"minutes": minutes}, at=at)
        else:
            move(consultation=consultation, transition="give_back", by=by, at=at)
        queue_messages(notifications.given_back(consultation, at))
    return session


def _check_assessments(consultation: Consultation) -> None:
    wanted = settings_offered(consultation.programme_id, KIND).minimum_assessments
    held = consultation.sessions.filter(kind=Kind.ASSESSMENT).count()
    if held < wanted:
        raise DomainError(
            ngettext(
                "The restitution follows at least %(wanted)s session of assessment: %(held)s recorded so far.",
                "The restitution follows at least %(wanted)s sessions of assessment: %(held)s recorded so far.",
                wanted,
            )
            % {"wanted": wanted, "held": held}
        )


def close(*, consultation: Consultation, outcome: str, by: Any, at: datetime) -> None:
    """Close the consultation: the minutes held are consumed, the rest is released, the sessions become results.

    Before the restitution the only outcome is that it was interrupted. Raises `NotEnoughHoursError` when more was held
    than reserved and granted, `DomainError` for another outcome, `TransitionNotAllowed`, `NotPermitted`.
    """
    check_is_clinician(by, consultation)
    with closed_period_refusals(), acting(by):
        figures_changing.send(sender=Consultation, programme_id=consultation.programme_id)
        locked = lock(consultation)
        interrupted = outcome == ConsultationOutcome.INTERRUPTED
        if locked.state == ConsultationState.RESTITUTION or is_given_back(locked):
            transition = "close"
            if not interrupted:
                _check_assessments(locked)
        else:
            transition = "interrupt"
            CONSULTATION.check(locked.state, transition)
            if not interrupted:
                raise DomainError(
                    _("Before the restitution a consultation can only end as interrupted."), field="outcome"
                )
        if outcome not in ConsultationOutcome.values:
            raise DomainError(_("Choose how the consultation ended."), field="outcome")
        minutes = minutes_held(locked)
        move(
            consultation=consultation,
            transition=transition,
            by=by,
            at=at,
            data={"minutes": minutes},
            outcome=outcome,
            closed_at=at,
        )
        _settle(locked, minutes, by=by, at=at)
        figures_changed.send(
            sender=Consultation,
            source_type=SOURCE,
            source_id=consultation.pk,
            programme_id=consultation.programme_id,
            by=by,
            at=at,
        )
        queue_messages(notifications.case_ended(consultation, at))


def is_given_back(consultation: Consultation) -> bool:
    """Whether a consultation that is open again has its restitution (one query)."""
    return (
        consultation.state == ConsultationState.REOPENED
        and consultation.sessions.filter(kind=Kind.RESTITUTION).exists()
    )


def reopen(*, consultation: Consultation, reason: str, by: Any, at: datetime) -> None:
    """Open a closed consultation again: its minutes go back into the reserve, the clinician corrects and closes anew.

    Its figures stand until then. The reason is about days and hours, for it is read by all who see the acts. Raises
    `TransitionNotAllowed`, also without reason, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, consultation)
    check_free_text({"note": reason})
    with closed_period_refusals(), acting(by):
        figures_changing.send(sender=Consultation, programme_id=consultation.programme_id)
        locked = lock(consultation)
        CONSULTATION.check(locked.state, "reopen", reason)
        if locked.account is None or locked.consultant_id is None:
            raise TransitionNotAllowed(_("It was closed before it had hours: there is nothing to correct."))
        move(
            consultation=consultation,
            transition="reopen",
            by=by,
            at=at,
            comment=reason,
            outcome="",
            closed_at=None,
        )
        hours.restore(
            account=locked.account,
            source_type=SOURCE,
            source_id=locked.pk,
            by=by,
            at=at,
            attempt=attempt_of(SOURCE, locked.pk),
        )
        queue_messages(notifications.case_reopened(consultation, at))


def _settle(consultation: Consultation, minutes: int, *, by: Any, at: datetime) -> None:
    source: dict[str, Any] = {
        "account": consultation.account,
        "source_type": SOURCE,
        "source_id": consultation.pk,
        "by": by,
        "at": at,
    }
    if minutes:
        hours.consume(minutes=minutes, attempt=attempt_of(SOURCE, consultation.pk), **source)
    else:
        hours.release(**source)
