# SPDX-License-Identifier: EUPL-1.2
"""Drafts of requests: begun, saved step by step, copied from an earlier request, thrown away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event
from mediation.enums import INTERVENTIONS, RequestState
from mediation.models import MediationRequest, RequestLanguage, RequestSlot
from mediation.permissions import can_coordinate, can_file, check_can_prepare, coordinates
from mediation.selectors.free_text import refusals
from mediation.selectors.request_rules import FREE_TEXT
from mediation.selectors.requests import ATTACHMENT, carries, is_member, new_case_code
from mediation.selectors.settings import settings_of
from mediation.services.requests.common import lock_request
from partners.models import Network, Organisation

# What a draft holds, beside its languages and times.
_EDITABLE = """
contact_name contact_role contact_email contact_phone field_contact_name field_contact_role field_contact_email
field_contact_phone interventions reason mode video_link place municipality urgency urgency_reason minutes_asked
sessions_asked mediator_gender mediator_gender_reason same_mediator operator_present series_until channel
outside_reason family_informed_on notice_version is_group families case_code school_class birth_year sex citizenship
mother_tongue other_language arrived_on italian_level case_kind judicial
"""
EDITABLE = frozenset(_EDITABLE.split())
# What describes a single case: a group has none of it.
CASE = (
    "case_code",
    "school_class",
    "birth_year",
    "sex",
    "citizenship",
    "mother_tongue",
    "other_language",
    "arrived_on",
    "italian_level",
    "case_kind",
)
# What a new request takes over from an earlier one: the rest (days, urgency, family told) is of that time.
COPIED = (
    *(f"{side}_{part}" for side in ("contact", "field_contact") for part in ("name", "role", "email", "phone")),
    "interventions",
    "mode",
    "place",
    "municipality",
    "minutes_asked",
    "sessions_asked",
    "mediator_gender",
    "mediator_gender_reason",
    "is_group",
    "families",
    *CASE,
    "judicial",
)
WRITABLE_STATES = (RequestState.DRAFT, RequestState.TO_COMPLETE)
MOST_SLOTS = 3
Slot = tuple[date, time | None, time | None]


def start_draft(
    *,
    kind: str,
    programme: Programme,
    network: Network,
    organisation: Organisation,
    by: Any,
    at: datetime,
    key: UUID | None = None,
    on_behalf_of: str = "",
) -> MediationRequest:
    """Begin a request of a body in a network of a programme; the same `key` again returns the same draft.

    `by` is None for a body that files by a link; `on_behalf_of` names the body when a coordinator types for it. The
    case gets a code of its own. Raises `NotPermitted` for whoever does not prepare requests of the body, `DomainError`
    when the programme does not offer the kind there.
    """
    if by is not None and not (on_behalf_of and coordinates(by, programme_id=programme.pk, network_id=network.pk)):
        check_can_prepare(by, organisation.pk)
    known = _by_key(key, organisation)
    if known is not None:
        return known
    if settings_of(programme.pk, kind) is None or kind not in INTERVENTIONS:
        raise DomainError(
            _("The programme does not offer this kind of request. Ask the coordinator of the network which one to use.")
        )
    if not carries(programme, network) or not is_member(network, organisation):
        raise DomainError(_("This school or service is not in the network: ask its coordinator to add it."))
    values: dict[str, Any] = {"case_code": new_case_code(kind, organisation.pk)}
    if by is not None and can_file(by, organisation.pk):
        values |= {"contact_name": by.get_full_name(), "contact_email": by.email}
    if kind == "facilitation":
        values["interventions"] = [str(code) for code in INTERVENTIONS[MediationRequestKind(kind)]]
    try:
        with acting(by):
            return MediationRequest.objects.create(
                kind=kind,
                programme=programme,
                network=network,
                organisation=organisation,
                created_by=by,
                state_since=at,
                submission_key=key,
                **values,
            )
    except IntegrityError:
        # The other half of a double click was faster.
        known = _by_key(key, organisation)
        if known is None:
            raise
        return known


def _by_key(key: UUID | None, organisation: Organisation) -> MediationRequest | None:
    if key is None:
        return None
    return MediationRequest.objects.with_parts().filter(submission_key=key, organisation=organisation.pk).first()


def save_draft(
    *,
    request: MediationRequest,
    values: Mapping[str, Any],
    version: int,
    step: int,
    by: Any,
    languages: Sequence[tuple[Any, str]] | None = None,
    slots: Sequence[Slot] | None = None,
    on_behalf_of: str = "",
) -> None:
    """Save part of a draft, or of a request that was sent back to be completed; it may stay incomplete.

    `values` holds some of `EDITABLE`; `languages` are pairs (language, variety), the one needed most first; `slots` are
    (day, from, until), without times for a day whose hour is to be agreed; None leaves either as it is. Minutes are the
    sum over all sessions. Raises `StaleError` when it was saved meanwhile, `TransitionNotAllowed` when it is no longer
    the body's turn, `NotPermitted`, `DomainError` for tax codes, phone numbers and addresses in free text.
    """
    if by is not None and not (on_behalf_of and can_coordinate(by, request)):
        check_can_prepare(by, request.organisation_id)
    unknown = set(values) - EDITABLE
    if unknown:
        raise ValueError(f"not fields of a draft: {sorted(unknown)}")
    values = dict(values)
    if values.get("is_group", request.is_group):
        values |= _no_case()
    _refuse_private(values, languages or ())
    with acting(by):
        locked = lock_request(request)
        if locked.state not in WRITABLE_STATES:
            raise TransitionNotAllowed(_("The request has been submitted: it cannot be changed until it is sent back."))
        if locked.version != version:
            raise StaleError
        if locked.state != RequestState.DRAFT and not values.get("minutes_asked", locked.minutes_asked):
            raise DomainError(_("Ask for some time: the hours asked are zero."), field="minutes_asked")
        MediationRequest.objects.filter(pk=locked.pk).update(
            **values, step=max(locked.step, step), version=F("version") + 1
        )
        if languages is not None:
            _write_languages(locked, languages)
        if slots is not None:
            _write_slots(locked, slots)
        request.refresh_from_db()


def _no_case() -> dict[str, Any]:
    fields = MediationRequest._meta
    return {name: None if fields.get_field(name).null else "" for name in CASE}


def _refuse_private(values: Mapping[str, Any], languages: Sequence[tuple[Any, str]]) -> None:
    for name in FREE_TEXT:
        for sentence in refusals(str(values.get(name) or "")):
            raise DomainError(sentence, field=name)
    for _language, variety in languages:
        for sentence in refusals(variety):
            raise DomainError(sentence, field="languages")


def _write_languages(request: MediationRequest, languages: Sequence[tuple[Any, str]]) -> None:
    wanted = {language.pk: variety.strip() for language, variety in languages}
    if len(wanted) != len(languages):
        raise DomainError(_("The same language is there twice: keep one."), field="languages")
    request.languages.all().delete()
    RequestLanguage.objects.bulk_create(
        RequestLanguage(request=request, language_id=pk, variety=variety, position=place)
        for place, (pk, variety) in enumerate(wanted.items())
    )


def _write_slots(request: MediationRequest, slots: Sequence[Slot]) -> None:
    if len(slots) > MOST_SLOTS:
        raise DomainError(_("Propose three times at most."), field="slot_0_day")
    for place, (_day, starts_at, ends_at) in enumerate(slots):
        if (starts_at is None) != (ends_at is None):
            raise DomainError(
                _("Write both hours, or neither when the hour is to be agreed."), field=f"slot_{place}_ends_at"
            )
        if starts_at is not None and ends_at is not None and ends_at <= starts_at:
            raise DomainError(
                _("The end comes before the start. A meeting ends on the day on which it begins."),
                field=f"slot_{place}_ends_at",
            )
    request.slots.all().delete()
    RequestSlot.objects.bulk_create(
        RequestSlot(request=request, position=place, day=day, starts_at=starts_at, ends_at=ends_at)
        for place, (day, starts_at, ends_at) in enumerate(slots)
    )


def copy_request(
    *, request: MediationRequest, by: Any, at: datetime, same_mediator: bool = False, key: UUID | None = None
) -> MediationRequest:
    """Begin a new draft with what an earlier request of the body says; days and declarations are asked anew.

    With `same_mediator` the mediator who held it is asked for again. Raises as `start_draft`.
    """
    with acting(by):
        draft = start_draft(
            kind=request.kind,
            programme=request.programme,
            network=request.network,
            organisation=request.organisation,
            by=by,
            at=at,
            key=key,
        )
        if draft.languages.exists():  # the other half of a double click
            return draft
        values: dict[str, Any] = {name: getattr(request, name) for name in COPIED}
        if same_mediator:
            values["same_mediator"] = request.mediator
        save_draft(
            request=draft,
            values=values,
            version=draft.version,
            step=0,
            by=by,
            languages=[
                (row.language, row.variety) for row in request.languages.select_related("language").order_by("position")
            ],
        )
        record_event(by=by, verb="copied", target=draft, data={"from": request.pk}, at=at)
    return draft


def discard_draft(*, request: MediationRequest, by: Any) -> None:
    """Throw a draft away with its files; what has been submitted once is never deleted.

    Raises `TransitionNotAllowed` when it has been submitted, `NotPermitted`.
    """
    if by is not None:
        check_can_prepare(by, request.organisation_id)
    with acting(by):
        locked = lock_request(request)
        if locked.state != RequestState.DRAFT:
            raise TransitionNotAllowed(
                _("The request has been submitted: it cannot be deleted. Cancel it if it is no longer needed.")
            )
        record_event(by=by, verb="discarded", target=locked)
        for document in Document.objects.filter(kind=ATTACHMENT, subject_id=locked.pk):
            transaction.on_commit(_remover(document))
            document.delete()
        locked.delete()


def _remover(document: Document) -> Any:
    storage, name = document.file.storage, str(document.file.name)
    return lambda: storage.delete(name)
