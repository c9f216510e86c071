# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of a network: publish an entry, correct it, withdraw it; a school asks, the network answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import OfferState
from actions.models import ActionNetwork, Activity, ActivityType, Offer, OfferRequest
from actions.notifications import answered, asked
from actions.selectors.offers import is_mediation, manages, schools_of
from actions.workflow import OFFER
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from partners.models import Network, Organisation

# What the words of an entry are; each is asked for but the description and the mail address.
WORDS = ("title", "audience", "place", "period", "how_to_ask", "office")


def publish_offer(
    *,
    network: Network,
    activity_type: ActivityType,
    activity: Activity | None,
    by: Any,
    key: UUID | None = None,
    **facts: Any,
) -> Offer:
    """Publish an entry of the catalogue of a network. `facts` are the words and dates of `Offer`.

    `key` is the submission key: the second half of a double click gets the entry of the first. Raises `NotPermitted`,
    `DomainError` at the field.
    """
    offer = Offer(
        network=network,
        programme_id=activity_type.programme_id,
        activity_type=activity_type,
        activity=activity,
        **_checked(facts),
        **({"uuid": key} if key else {}),
    )
    _check_may(by, offer)
    kept = Offer.objects.filter(uuid=key, network=network).first() if key else None
    if kept is not None:
        return kept
    if not ActionNetwork.objects.filter(action=activity_type.action_id, network=network).exists():
        raise DomainError(_("This network does not carry out the action of this activity type."), field="activity_type")
    if activity is not None and (activity.network_id, activity.activity_type_id) != (network.pk, activity_type.pk):
        raise DomainError(_("This activity is of another network or type."), field="activity")
    try:
        with acting(by), transaction.atomic():
            offer.save(force_insert=True)
            record_event(by=by, verb="offer_published", target=offer)
    except IntegrityError:
        kept = Offer.objects.filter(uuid=key, network=network).first() if key else None
        if kept is None:
            raise
        return kept
    return offer


def update_offer(*, offer: Offer, version: int, by: Any, **facts: Any) -> Offer:
    """Correct the words and dates of an entry. Raises `NotPermitted`, `StaleError`, `DomainError` at the field."""
    _check_may(by, offer)
    values = _checked(facts)
    with acting(by):
        locked = Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
        if locked.version != version:
            raise StaleError
        if locked.state != OfferState.PUBLISHED:
            raise TransitionNotAllowed(_("This entry has been withdrawn: publish it again first."))
        Offer.objects.filter(pk=locked.pk).update(**values, version=F("version") + 1)
        record_event(by=by, verb="offer_updated", target=locked)
    offer.refresh_from_db()
    return offer


def withdraw_offer(*, offer: Offer, by: Any) -> None:
    """Take an entry out of the catalogue; who asked stays on record. Raises `NotPermitted`, `TransitionNotAllowed`."""
    _check_may(by, offer)
    with acting(by):
        change_state(instance=offer, workflow=OFFER, transition="withdraw", by=by, comment="", version=F("version") + 1)


def publish_again(*, offer: Offer, by: Any) -> None:
    """Put an entry that was withdrawn back into the catalogue. Raises `NotPermitted`, `TransitionNotAllowed`."""
    _check_may(by, offer)
    with acting(by):
        version = F("version") + 1
        change_state(instance=offer, workflow=OFFER, transition="publish_again", by=by, comment="", version=version)


def ask_offer(
    *,
    offer: Offer,
    organisation: Organisation,
    by: Any,
    at: datetime,
    classes: str = "",
    pupils: int | None = None,
    note: str = "",
) -> OfferRequest:
    """Record that a school is interested, and tell the coordinators of the network.

    A school asks once for an entry: asking again gives the request that is there. Raises `NotPermitted`, `DomainError`
    outside the days of the entry.
    """
    if by is not None and organisation not in schools_of(by):
        raise NotPermitted(_("Only the contact and the head of a school ask for it."))
    with acting(by):
        locked = (
            Offer.objects.select_for_update(of=("self",), no_key=True).select_related("activity_type").get(pk=offer.pk)
        )
        kept = OfferRequest.objects.filter(offer=locked, organisation=organisation).first()
        if kept is not None:
            return kept
        if locked.state != OfferState.PUBLISHED:
            raise TransitionNotAllowed(_("This entry has been withdrawn: it cannot be asked for any more."))
        if is_mediation(locked):
            raise DomainError(_("Mediation is asked for with its own form."))
        today = timezone.localdate(at)
        if not locked.opens_on <= today <= locked.closes_on:
            raise DomainError(
                _("It can be asked for from %(start)s to %(end)s.")
                % {"start": f"{locked.opens_on:%d/%m/%Y}", "end": f"{locked.closes_on:%d/%m/%Y}"}
            )
        request = OfferRequest.objects.create(
            offer=locked,
            organisation=organisation,
            classes=" ".join(classes.split()),
            pupils=pupils,
            note=note.strip(),
            author=by,
            asked_at=at,
        )
        record_event(by=by, verb="offer_asked", target=locked, on_behalf_of=organisation, at=at)
        queue_messages(asked(request))
    return request


def answer_request(*, request: OfferRequest, answer: str, by: Any, at: datetime) -> OfferRequest:
    """Answer a school, once, and tell it. Raises `NotPermitted`, `DomainError` at the field, `TransitionNotAllowed`."""
    _check_may(by, request.offer)
    answer = answer.strip()
    if not answer:
        raise DomainError(_("Write the answer: the school reads it."), field="answer")
    with acting(by):
        locked = (
            OfferRequest.objects.select_for_update(of=("self",))
            .select_related("offer", "organisation")
            .get(pk=request.pk)
        )
        if locked.answered_at is not None:
            if locked.answer == answer:
                return locked
            raise TransitionNotAllowed(_("The school has been answered already."))
        OfferRequest.objects.filter(pk=locked.pk).update(answer=answer, answered_at=at)
        record_event(by=by, verb="offer_answered", target=locked.offer, on_behalf_of=locked.organisation, at=at)
        queue_messages(answered(locked))
    request.refresh_from_db()
    return request


def _check_may(by: Any, offer: Offer) -> None:
    if by is not None and not manages(by, offer):
        raise NotPermitted(_("Only the coordinator of the network, and the Region, write its catalogue."))


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    values = dict(facts)
    for name in WORDS:
        values[name] = " ".join(str(values.get(name, "")).split())
        if not values[name]:
            raise DomainError(_("Write it: schools read it before they ask."), field=name)
    opens, closes = values["opens_on"], values["closes_on"]
    assert isinstance(opens, date)  # noqa: S101  for the type checker
    if closes < opens:
        raise DomainError(_("The end comes before the start."), field="closes_on")
    return values
