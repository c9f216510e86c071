# SPDX-License-Identifier: EUPL-1.2
"""Written translations: asked with a file, assigned, returned, accepted, validated.

A file travels as a `CheckedFile` (the form checked it); it is kept in the transaction of the act.
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
from actions.workflow import closed_period_refusals
from fami_portal.core.documents import CheckedFile, destroy_document, store_document
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import TranslationState
from mediation.models import HourAccount, Mediator, Translation
from mediation.notifications import consultations as notifications
from mediation.permissions import check_can_file, check_coordinates, check_is_translator
from mediation.selectors.consulting import translators_for
from mediation.selectors.hours import attempt_of
from mediation.selectors.translations import DOCUMENT
from mediation.services import hours
from mediation.services.consulting import (
    account_of,
    activity_of,
    check_free_text,
    check_place,
    settings_offered,
)
from mediation.services.requests.common import next_number
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import TRANSLATION
from partners.models import Network, Organisation

KIND = MediationRequestKind.TRANSLATION
SOURCE = "translation"
S = TranslationState
EDITABLE = ("title", "source_language", "target_language", "pages", "due_on", "note")


def _lock(translation: Translation) -> Translation:
    return Translation.objects.select_for_update(of=("self",)).with_parts().get(pk=translation.pk)


def _move(
    *, translation: Translation, transition: str, by: Any, at: datetime, comment: str = "", **fields: Any
) -> None:
    change_state(
        instance=translation,
        workflow=TRANSLATION,
        transition=transition,
        by=by,
        at=at,
        comment=comment,
        state_since=at,
        version=F("version") + 1,
        **fields,
    )


def _account(translation: Translation) -> HourAccount:
    # The database keeps a submitted request with its account.
    assert translation.account is not None  # noqa: S101  for the type checker
    return translation.account


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValueError(f"not fields of a translation: {sorted(unknown)}")
    check_free_text({name: values[name] for name in ("title", "note") if name in values})
    if values["source_language"] == values["target_language"]:
        raise DomainError(_("The two languages must be different."), field="target_language")
    if not 1 <= values["pages"] <= 500:
        raise DomainError(_("Write how many pages, from 1 to 500."), field="pages")
    return dict(values)


def start_translation(
    *,
    programme: Programme,
    network: Network,
    organisation: Organisation,
    values: Mapping[str, Any],
    file: CheckedFile | None,
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> Translation:
    """Begin a request of translation as a draft. `key` is the submission key: a double click begins one.

    Raises `DomainError` at the field, `DocumentRefused`, `NotPermitted` for whoever does not file for the body.
    """
    check_can_file(by, organisation.pk)
    with acting(by):
        kept = Translation.objects.filter(uuid=key).first() if key else None
        if kept is not None:
            return kept
        check_place(
            programme=programme, network=network, organisation=organisation, kind=KIND, day=timezone.localdate(at)
        )
        translation = Translation(
            programme=programme,
            network=network,
            organisation=organisation,
            created_at=at,
            created_by=by,
            state_since=at,
            **_checked(values),
            **({"uuid": key} if key else {}),
        )
        translation.save(force_insert=True)
        record_event(by=by, verb="translation_begun", target=translation, at=at)
        _keep_original(translation, file, by, at)
    return translation


def _keep_original(translation: Translation, file: CheckedFile | None, by: Any, at: datetime) -> None:
    if file is not None:
        if translation.original is not None:
            destroy_document(document=translation.original, by=by, at=at, reason="replaced")
        document = store_document(kind=DOCUMENT, name=file.name, content=file, by=by, subject_id=translation.pk)
        Translation.objects.filter(pk=translation.pk).update(original=document)
        translation.refresh_from_db()


def save_translation(
    *,
    translation: Translation,
    values: Mapping[str, Any],
    version: int,
    by: Any,
    at: datetime,
    file: CheckedFile | None = None,
) -> None:
    """Save a draft; the file stays when none is given, and is destroyed when another takes its place.

    Raises `StaleError`, `TransitionNotAllowed` once it was submitted, `DomainError`, `NotPermitted`.
    """
    check_can_file(by, translation.organisation_id)
    with acting(by):
        locked = _lock(translation)
        if locked.state != S.DRAFT:
            raise TransitionNotAllowed(_("The request has been submitted: it cannot be changed any more."))
        if locked.version != version:
            raise StaleError
        Translation.objects.filter(pk=locked.pk).update(**_checked(values), version=F("version") + 1)
        _keep_original(locked, file, by, at)
    translation.refresh_from_db()


def discard_translation(*, translation: Translation, by: Any, at: datetime) -> None:
    """Throw a draft away; its file is destroyed. Raises `TransitionNotAllowed` once it was submitted, `NotPermitted`."""
    check_can_file(by, translation.organisation_id)
    with acting(by):
        locked = _lock(translation)
        if locked.state != S.DRAFT:
            raise TransitionNotAllowed(_("Only a draft can be thrown away: cancel the request instead."))
        record_event(by=by, verb="draft_discarded", target=locked)
        if locked.original is not None:
            destroy_document(document=locked.original, by=by, at=at, reason="discarded")
        locked.delete()


def submit(*, translation: Translation, by: Any, at: datetime) -> None:
    """Submit the request: it gets its number, and the minutes estimated from the pages are reserved.

    Raises `DomainError` without a file, for a day that has passed or without an account, `NotEnoughHoursError`,
    `TransitionNotAllowed`, `NotPermitted`.
    """
    check_can_file(by, translation.organisation_id)
    with acting(by):
        locked = _lock(translation)
        TRANSLATION.check(locked.state, "submit")
        settings = settings_offered(locked.programme_id, KIND)
        if locked.original is None:
            raise DomainError(_("Attach the file to translate."), field="file")
        if locked.due_on < timezone.localdate(at):
            raise DomainError(_("The day by which it is needed has passed: choose another one."), field="due_on")
        account = account_of(
            programme_id=locked.programme_id,
            network_id=locked.network_id,
            organisation_id=locked.organisation_id,
            kind=KIND,
            day=timezone.localdate(at),
        )
        minutes = locked.pages * settings.minutes_per_page
        _move(
            translation=translation,
            transition="submit",
            by=by,
            at=at,
            number=next_number(KIND, at),
            submitted_at=at,
            submitted_by=by,
            account=account,
            minutes_asked=minutes,
        )
        hours.reserve(account=account, source_type=SOURCE, source_id=translation.pk, minutes=minutes, by=by, at=at)
        queue_messages(notifications.translation_waits(translation, at))


def assign(*, translation: Translation, mediator: Mediator, by: Any, at: datetime) -> None:
    """Give the file to a translator of the network who has both languages (Italian is everybody's), or to another one.

    Raises `DomainError` for one who has not, `TransitionNotAllowed`, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, translation)
    with acting(by):
        locked = _lock(translation)
        TRANSLATION.check(locked.state, "assign")
        if not translators_for(locked).filter(pk=mediator.pk).exists():
            raise DomainError(_("Choose a translator of the network who knows both languages."), field="person")
        activity = activity_of(
            programme=locked.programme, network=locked.network, kind=KIND, last_day=timezone.localdate(at)
        )
        _move(
            translation=translation,
            transition="assign",
            by=by,
            at=at,
            mediator=mediator,
            assigned_at=at,
            activity=activity,
        )
        queue_messages(notifications.translation_assigned(translation, at))


def give_back(*, translation: Translation, reason: str, by: Any, at: datetime) -> None:
    """Give an assignment back, as the translator: the coordinator finds another. Raises `TransitionNotAllowed`, also
    without reason, `NotPermitted`."""
    check_is_translator(by, translation)
    with acting(by):
        _move(
            translation=translation,
            transition="give_back",
            by=by,
            at=at,
            comment=reason,
            mediator=None,
            assigned_at=None,
        )
        queue_messages(notifications.translation_waits(translation, at))


def return_file(*, translation: Translation, file: CheckedFile, minutes: int, by: Any, at: datetime) -> None:
    """Return the translated file with the minutes that it took in all, revisions included.

    Once a translation was accepted its day stays, also when it is opened again. Raises `DomainError` at the field,
    `DocumentRefused`, `TransitionNotAllowed`, `ClosedPeriodError`, `NotPermitted`.
    """
    check_is_translator(by, translation)
    with closed_period_refusals(), acting(by):
        locked = _lock(translation)
        TRANSLATION.check(locked.state, "return")
        if not 1 <= minutes <= 30_000:
            raise DomainError(_("Write how many minutes it took, at least 1."), field="minutes")
        document = store_document(kind=DOCUMENT, name=file.name, content=file, by=by, subject_id=locked.pk)
        _move(
            translation=translation,
            transition="return",
            by=by,
            at=at,
            translated=document,
            minutes=minutes,
            returned_at=locked.returned_at if locked.accepted_at else at,
            data={"minutes": minutes},
        )
        queue_messages(notifications.translation_turned(translation, at))


def ask_to_revise(*, translation: Translation, comment: str, by: Any, at: datetime) -> None:
    """Ask the translator to revise. Raises `TransitionNotAllowed`, also without a comment, `NotPermitted`."""
    check_can_file(by, translation.organisation_id)
    check_free_text({"note": comment})
    with acting(by):
        _move(translation=translation, transition="revise", by=by, at=at, comment=comment)
        queue_messages(notifications.translation_assigned(translation, at))


def accept(*, translation: Translation, by: Any, at: datetime) -> None:
    """Accept the translated file. Raises `TransitionNotAllowed`, `NotPermitted`."""
    check_can_file(by, translation.organisation_id)
    with acting(by):
        _move(translation=translation, transition="accept", by=by, at=at, accepted_at=at)
        queue_messages(notifications.translation_waits(translation, at))


def validate(*, translation: Translation, by: Any, at: datetime) -> None:
    """Validate: the minutes worked are consumed, the rest is released, the hours become results.

    Raises `NotEnoughHoursError`, `TransitionNotAllowed`, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, translation)
    with closed_period_refusals(), acting(by):
        figures_changing.send(sender=Translation, programme_id=translation.programme_id)
        locked = _lock(translation)
        _move(
            translation=translation,
            transition="validate",
            by=by,
            at=at,
            data={"minutes": locked.minutes},
            validated_at=at,
            validated_by=by,
        )
        hours.consume(
            account=_account(locked),
            source_type=SOURCE,
            source_id=locked.pk,
            minutes=locked.minutes or 0,
            by=by,
            at=at,
            attempt=attempt_of(SOURCE, locked.pk),
        )
        figures_changed.send(
            sender=Translation,
            source_type=SOURCE,
            source_id=locked.pk,
            programme_id=locked.programme_id,
            by=by,
            at=at,
        )


def reopen(*, translation: Translation, reason: str, by: Any, at: datetime) -> None:
    """Open an accepted or validated translation again, as the translator is to correct file or minutes.

    The minutes of a validated one go back into the reserve; its figures stand until it is validated anew. Raises
    `TransitionNotAllowed`, also without reason, `NotPermitted` for others than the coordinators.
    """
    check_coordinates(by, translation)
    check_free_text({"note": reason})
    with closed_period_refusals(), acting(by):
        figures_changing.send(sender=Translation, programme_id=translation.programme_id)
        locked = _lock(translation)
        _move(
            translation=translation,
            transition="reopen",
            by=by,
            at=at,
            comment=reason,
            validated_at=None,
            validated_by=None,
        )
        hours.restore(
            account=_account(locked),
            source_type=SOURCE,
            source_id=locked.pk,
            by=by,
            at=at,
            attempt=attempt_of(SOURCE, locked.pk),
        )
        queue_messages(notifications.translation_reopened(translation, at))


def reject(*, translation: Translation, reason: str, by: Any, at: datetime) -> None:
    """Reject a request before it is assigned; its minutes are released. Raises `TransitionNotAllowed`, `NotPermitted`."""
    check_coordinates(by, translation)
    _end(translation, "reject", reason=reason, by=by, at=at)


def cancel(*, translation: Translation, reason: str, by: Any, at: datetime) -> None:
    """Cancel a request before the file is returned; its minutes are released. Raises as `reject`."""
    check_can_file(by, translation.organisation_id)
    _end(translation, "cancel", reason=reason, by=by, at=at)


def _end(translation: Translation, transition: str, *, reason: str, by: Any, at: datetime) -> None:
    check_free_text({"note": reason})
    with acting(by):
        _move(translation=translation, transition=transition, by=by, at=at, comment=reason)
        hours.release(account=_account(translation), source_type=SOURCE, source_id=translation.pk, by=by, at=at)
        told = notifications.translation_turned if transition == "reject" else notifications.translation_assigned
        queue_messages(told(translation, at))
