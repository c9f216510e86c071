# SPDX-License-Identifier: EUPL-1.2
"""Who may do what in the mediation service. When the state allows it, `workflow.py` says.

What a body asks is seen by the body, by the coordinators of its network and of the programme, by those who check, and
by the mediators to whom it was offered. Nobody else, of whatever role, learns that it exists.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.permissions import can_on, reaches_programme
from fami_portal.core.errors import NotPermitted
from fami_portal.core.kept import kept_on
from mediation.enums import RequestState
from mediation.models import (
    CommunityPresence,
    Consultation,
    HourAccount,
    LegalQuestion,
    MediationRequest,
    Mediator,
    Proposal,
    Translation,
)
from partners.permissions import holds, network_ids_with, organisations_with

P = Permission


def coordinates(
    user: Any, *, programme_id: int, network_id: int, permission: Permission = P.COORDINATE_MEDIATION
) -> bool:
    """Whether the person coordinates the mediation of a network, or of the whole programme."""
    return network_id in network_ids_with(user, permission) or reaches_programme(user, permission, programme_id)


def belongs_to(user: Any, organisation_id: int, permission: Permission) -> bool:
    """Whether the person holds a permission for the body."""
    return any(body.pk == organisation_id for body in organisations_with(user, permission))


def mediator_of(user: Any) -> Mediator | None:
    """Return the mediator that the person is, today (one query, kept on the user object)."""
    if not holds(user, P.MEDIATE):
        return None
    return kept_on(user, "_portal_mediator", lambda: Mediator.objects.filter(user=user.pk).first())


def is_assigned(user: Any, request: MediationRequest) -> bool:
    """Whether the person is the mediator who accepted the request."""
    mediator = mediator_of(user)
    return mediator is not None and request.mediator_id == mediator.pk


def was_offered(user: Any, request: MediationRequest) -> bool:
    """Whether the request was ever offered to the person (one query for a mediator, none for others)."""
    mediator = mediator_of(user)
    return mediator is not None and Proposal.objects.filter(request=request.pk, mediator=mediator.pk).exists()


def can_view_request(user: Any, request: MediationRequest) -> bool:
    """Whether the person may read the request; drafts are the body's alone."""
    if belongs_to(user, request.organisation_id, P.VIEW_MEDIATION_REQUESTS):
        return True
    if request.state == RequestState.DRAFT:
        return False
    return (
        can_on(
            user,
            P.VIEW_MEDIATION_REQUESTS,
            programme_id=request.programme_id,
            network_id=request.network_id,
            organisation_id=request.organisation_id,
        )
        or is_assigned(user, request)
        or was_offered(user, request)
    )


def can_view_case(user: Any, request: MediationRequest) -> bool:
    """Whether the person may read the reason and the block of the case: the body, its coordinators, the mediator who
    accepted. Whoever was only asked sees language, place, time and kind."""
    return (
        belongs_to(user, request.organisation_id, P.VIEW_MEDIATION_REQUESTS)
        or coordinates(user, programme_id=request.programme_id, network_id=request.network_id)
        or is_assigned(user, request)
    )


def can_prepare(user: Any, organisation_id: int) -> bool:
    """Whether the person may write a draft for the body."""
    return belongs_to(user, organisation_id, P.PREPARE_MEDIATION_REQUESTS)


def check_can_prepare(user: Any, organisation_id: int) -> None:
    """Raise `NotPermitted` for whoever does not prepare requests of the body."""
    if not can_prepare(user, organisation_id):
        raise NotPermitted(_("Only those who work for this school or service can write its requests."))


def can_file(user: Any, organisation_id: int) -> bool:
    """Whether the person may submit, complete and cancel the requests of the body, and countersign its reports."""
    return belongs_to(user, organisation_id, P.FILE_MEDIATION_REQUESTS)


def check_can_file(user: Any, organisation_id: int) -> None:
    """Raise `NotPermitted` for whoever does not file requests for the body."""
    if not can_file(user, organisation_id):
        raise NotPermitted(_("Only the contact of this school or service can do this."))


def can_authorise(user: Any, request: MediationRequest) -> bool:
    """Whether the person is the head of the body that asks."""
    return belongs_to(user, request.organisation_id, P.AUTHORISE_MEDIATION_REQUESTS)


def check_can_authorise(user: Any, request: MediationRequest) -> None:
    """Raise `NotPermitted` for others than the head of the body."""
    if not can_authorise(user, request):
        raise NotPermitted(_("Only the head of this school or service authorises its requests."))


def can_coordinate(user: Any, request: MediationRequest) -> bool:
    """Whether the person triages the request, assigns its mediator and validates its report."""
    return coordinates(user, programme_id=request.programme_id, network_id=request.network_id)


def check_can_coordinate(user: Any, request: MediationRequest) -> None:
    """Raise `NotPermitted` for others than the coordinators of the network or of the programme."""
    if not can_coordinate(user, request):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))


def can_mediate(user: Any, request: MediationRequest) -> bool:
    """Whether the person records the sessions of the request and files its report."""
    return is_assigned(user, request)


def check_can_mediate(user: Any, request: MediationRequest) -> None:
    """Raise `NotPermitted` for others than the mediator who accepted the request."""
    if not can_mediate(user, request):
        raise NotPermitted(_("Only the mediator who accepted this request can do this."))


def check_can_answer(user: Any, proposal: Proposal) -> None:
    """Raise `NotPermitted` for others than the mediator to whom the proposal was made."""
    mediator = mediator_of(user)
    if mediator is None or mediator.pk != proposal.mediator_id:
        raise NotPermitted(_("Only the mediator to whom it was made can answer this proposal."))


def can_manage_account(user: Any, account: HourAccount) -> bool:
    """Whether the person grants hours to the account and moves them."""
    return coordinates(
        user,
        programme_id=account.programme_id,
        network_id=account.network_id,
        permission=P.MANAGE_HOUR_ACCOUNTS,
    )


def check_can_manage_account(user: Any, account: HourAccount) -> None:
    """Raise `NotPermitted` for others than the coordinators."""
    if not can_manage_account(user, account):
        raise NotPermitted(_("Only the coordinator of the network or of the programme manages these hours."))


def can_manage_mediator(user: Any, mediator: Mediator) -> bool:
    """Whether the person keeps this entry of the register (its coordinators; the availability is the mediator's own)."""
    return Mediator.objects.filter(pk=mediator.pk).visible_to(user, P.MANAGE_MEDIATORS).exists() and holds(
        user, P.MANAGE_MEDIATORS
    )


def check_can_manage_mediator(user: Any, mediator: Mediator) -> None:
    """Raise `NotPermitted` for others than the coordinators of the networks that the provider serves."""
    if not can_manage_mediator(user, mediator):
        raise NotPermitted(_("Only the coordinators of the networks that this mediator serves keep this entry."))


def can_edit_availability(user: Any, mediator: Mediator) -> bool:
    """Whether the person writes when the mediator is free: the mediator, or who keeps an entry without an account."""
    if mediator.user_id is not None:
        return is_oneself(user, mediator)
    return can_manage_mediator(user, mediator)


def check_can_edit_availability(user: Any, mediator: Mediator) -> None:
    """Raise `NotPermitted` for others than the mediator, once the entry has an account."""
    if not can_edit_availability(user, mediator):
        raise NotPermitted(_("This mediator has an account: only the mediator writes when they are free."))


def is_oneself(user: Any, mediator: Mediator) -> bool:
    """Whether the entry is the person's own, and the person mediates today."""
    return mediator.user_id is not None and mediator.user_id == user.pk and holds(user, P.MEDIATE)


def check_is_oneself(user: Any, mediator: Mediator) -> None:
    """Raise `NotPermitted` for others than the mediator of the entry."""
    if not is_oneself(user, mediator):
        raise NotPermitted(_("Only the mediator of this entry can do this."))


# --- consultations, legal questions, translations, presences ---------------------------------------------------------


def consults(user: Any, consultant_id: int | None) -> bool:
    """Whether the person is the consultant to whom something is assigned, and still is a consultant today."""
    return consultant_id is not None and consultant_id == user.pk and holds(user, P.CONSULT)


def mediates(user: Any, mediator_id: int | None) -> bool:
    """Whether the person is the mediator to whom something is assigned."""
    mediator = mediator_of(user)
    return mediator is not None and mediator.pk == mediator_id


def can_read_case(user: Any, consultation: Consultation) -> bool:
    """Whether the person may read what is written about the case: those who refer for the service, and the clinician
    assigned. Nobody else: not the coordinators, not the head, not other operators of the body."""
    return can_file(user, consultation.organisation_id) or consults(user, consultation.consultant_id)


def check_is_clinician(user: Any, consultation: Consultation) -> None:
    """Raise `NotPermitted` for others than the clinician to whom the case is assigned."""
    if not consults(user, consultation.consultant_id):
        raise NotPermitted(_("Only the clinician to whom the case is assigned can do this."))


def check_coordinates(user: Any, thing: Any) -> None:
    """Raise `NotPermitted` for others than the coordinators of the network or of the programme of a thing."""
    if not coordinates(user, programme_id=thing.programme_id, network_id=thing.network_id):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))


def can_ask(user: Any, organisation_id: int) -> bool:
    """Whether the person asks legal questions for the body."""
    return belongs_to(user, organisation_id, P.ASK_LEGAL_QUESTIONS)


def check_can_ask(user: Any, organisation_id: int) -> None:
    """Raise `NotPermitted` for whoever does not ask legal questions for the body."""
    if not can_ask(user, organisation_id):
        raise NotPermitted(_("Only the operators of the desks and services of this body can do this."))


def check_is_consultant(user: Any, question: LegalQuestion) -> None:
    """Raise `NotPermitted` for others than the consultant to whom the question is assigned."""
    if not consults(user, question.consultant_id):
        raise NotPermitted(_("Only the consultant to whom the question is assigned can do this."))


def can_search_archive(user: Any) -> bool:
    """Whether the person searches the archive of answers: who asks, who answers, who coordinates."""
    return any(holds(user, permission) for permission in (P.ASK_LEGAL_QUESTIONS, P.CONSULT, P.COORDINATE_MEDIATION))


def check_is_translator(user: Any, translation: Translation) -> None:
    """Raise `NotPermitted` for others than the translator to whom the file is assigned."""
    if not mediates(user, translation.mediator_id):
        raise NotPermitted(_("Only the translator to whom this file is assigned can do this."))


def can_read_files(user: Any, translation: Translation) -> bool:
    """Whether the person may open the files of a translation: the body, its coordinators, the translator."""
    return (
        belongs_to(user, translation.organisation_id, P.VIEW_MEDIATION_REQUESTS)
        or coordinates(user, programme_id=translation.programme_id, network_id=translation.network_id)
        or mediates(user, translation.mediator_id)
    )


def check_is_present(user: Any, presence: CommunityPresence) -> None:
    """Raise `NotPermitted` for others than the mediator of the presence."""
    if not mediates(user, presence.mediator_id):
        raise NotPermitted(_("Only the mediator of this presence can do this."))
