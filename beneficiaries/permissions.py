# SPDX-License-Identifier: EUPL-1.2
"""Who may see and write what concerns recipients. Nobody sees names here: there are none."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from actions.enums import ActivityKind, Sheet
from actions.models import Activity, TargetGroup
from actions.permissions import can_keep_register, can_on, reaches_programme
from beneficiaries.models import Beneficiary, Enrolment, Identity
from fami_portal.core.errors import NotPermitted
from partners.enums import SCHOOL_KINDS
from partners.models import Organisation
from partners.permissions import holds, memberships_of, network_ids_with, organisations_with


def can_view_register(user: Any, activity: Activity) -> bool:
    """Whether the person may read who is enrolled (by pseudonym) and who was present."""
    return can_on(
        user,
        Permission.VIEW_BENEFICIARIES,
        programme_id=activity.programme_id,
        network_id=activity.network_id,
        organisation_id=activity.organisation_id,
    ) or any(body.pk == activity.venue_id for body in organisations_with(user, Permission.VIEW_BENEFICIARIES))


def check_can_view_register(user: Any, activity: Activity) -> None:
    """Raise `NotPermitted` when the person may see the activity but not its recipients."""
    if not can_view_register(user, activity):
        raise NotPermitted(_("Your role does not allow you to see the recipients of this activity."))


def registering_bodies(user: Any, activity: Activity) -> list[Organisation]:
    """Return the own bodies in whose name the person may register recipients of an activity: carrier, then host."""
    own = {body.pk: body for body in organisations_with(user, Permission.REGISTER_BENEFICIARIES)}
    return [own[pk] for pk in (activity.organisation_id, activity.venue_id) if pk in own]


def can_enrol(user: Any, activity: Activity) -> bool:
    """Whether the person may enrol recipients in an activity."""
    return can_keep_register(user, activity) and bool(registering_bodies(user, activity))


def check_can_enrol(user: Any, activity: Activity) -> None:
    """Raise `NotPermitted` when the person may not enrol recipients in an activity."""
    if not can_enrol(user, activity):
        raise NotPermitted(_("Only the body that keeps this register can enrol recipients."))


def check_can_register(user: Any, organisation: Organisation) -> None:
    """Raise `NotPermitted` when the person may not register recipients in the name of a body."""
    if organisation not in organisations_with(user, Permission.REGISTER_BENEFICIARIES):
        raise NotPermitted(_("You can register recipients only for your own body."))


def check_can_answer(user: Any, organisation: Organisation) -> None:
    """Raise `NotPermitted` when the person may not answer for a body what its recipients are asked about."""
    if organisation not in organisations_with(user, Permission.REGISTER_BENEFICIARIES):
        raise NotPermitted(_("Only the body that registered this recipient can confirm its data."))


def can_change_beneficiary(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may correct a recipient: only the body that registered it."""
    return any(
        body.pk == beneficiary.registered_by_id for body in organisations_with(user, Permission.REGISTER_BENEFICIARIES)
    )


def check_can_change_beneficiary(user: Any, beneficiary: Beneficiary) -> None:
    """Raise `NotPermitted` when the person may not correct the recipient."""
    if not can_change_beneficiary(user, beneficiary):
        raise NotPermitted(_("Only the body that registered this recipient can change it."))


def can_change_eligibility(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may say if a recipient counts: the body that registered it, and who validates its reports."""
    return can_change_beneficiary(user, beneficiary) or verifies_permits(user, beneficiary)


def check_can_change_eligibility(user: Any, beneficiary: Beneficiary) -> None:
    """Raise `NotPermitted` when the person may not decide on the eligibility of the recipient."""
    if not can_change_eligibility(user, beneficiary):
        raise NotPermitted(_("Only the body that registered this recipient, or the coordinator, decides on this."))


def deciding_body(user: Any, beneficiary: Beneficiary) -> Organisation | None:
    """Return the body in whose name the person decides on the eligibility; None for the portal itself.

    The body that registered the recipient first; then the own body that coordinates.
    """
    if user is None or can_change_beneficiary(user, beneficiary):
        return beneficiary.registered_by
    found = [
        membership.organisation
        for membership in memberships_of(user)
        if Permission.VALIDATE_ACTIVITY_REPORTS in membership.role_definition.permissions
    ]
    return found[0] if found else None


def asks_no_papers(organisation: Organisation) -> bool:
    """Whether a body may not ask for permit, identity card or tax code: schools (domain reference, section 4)."""
    return organisation.kind in SCHOOL_KINDS


def may_ask_papers(bodies: Iterable[Organisation], activity: Activity, group: TargetGroup | None) -> bool:
    """Whether permit and tax code may be asked of the members of a group whom these bodies enrol in an activity.

    A school never asks, and nobody asks a pupil; without a sheet of the group it is the lab that does not.
    """
    if any(asks_no_papers(body) for body in bodies):
        return False
    if group is not None and group.sheet:
        return bool(group.sheet != Sheet.PUPILS)
    return activity.activity_type.kind != ActivityKind.LAB


def verifies_permits(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may verify a permit that the programme does not plainly admit: who validates the reports."""
    permission = Permission.VALIDATE_ACTIVITY_REPORTS
    if reaches_programme(user, permission, beneficiary.programme_id):
        return True
    networks = network_ids_with(user, permission)
    return bool(networks) and beneficiary.enrolments.filter(activity__network__in=networks).exists()


def sees_own_code(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may read the own code, which means something only to the body that gave it."""
    own = {body.pk for body in organisations_with(user, Permission.VIEW_BENEFICIARIES)}
    return bool(beneficiary.code_for(own))


def can_read_restricted(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may read a record whose processing is restricted: the officer, and the head of its body."""
    return reaches_programme(user, Permission.HANDLE_RIGHTS, beneficiary.programme_id) or any(
        body.pk == beneficiary.registered_by_id for body in organisations_with(user, Permission.SEE_READINGS)
    )


def check_can_read(user: Any, beneficiary: Beneficiary) -> None:
    """Raise `NotPermitted` for a record whose processing is restricted, for all but the few who may read it."""
    if beneficiary.restricted_at is not None and not can_read_restricted(user, beneficiary):
        raise NotPermitted(
            _(
                "The processing of this record is restricted, as the person asked: it stays and counts, and only the data"
                " protection officer and the head of the body read it."
            )
        )


def can_withdraw(user: Any, enrolment: Enrolment) -> bool:
    """Whether the person may end an enrolment (reads the activity)."""
    return can_enrol(user, enrolment.activity)


def bodies_opening(user: Any) -> list[Organisation]:
    """Return the own bodies for which the person may open the names that they wrote."""
    return organisations_with(user, Permission.OPEN_IDENTITIES)


def certifying_bodies(user: Any, activity: Activity) -> list[Organisation]:
    """Return the own bodies in whose name the person certifies who attended: those of the activity whose names it opens.

    Of whom an activity follows one by one only the body that carries it out, whose people follow them (`can_follow`).
    """
    keepers = keepers_of(activity)
    if activity.has_supports:
        keepers = {activity.organisation_id} if can_follow(user, activity) else set()
    return [body for body in bodies_opening(user) if body.pk in keepers]


def check_can_certify(user: Any, activity: Activity) -> None:
    """Raise `NotPermitted` when the person may not certify who attended an activity."""
    if not certifying_bodies(user, activity):
        raise NotPermitted(_("Only who opens the names of the body that registered these recipients certifies them."))


def can_open_identities(user: Any, beneficiaries: Iterable[Beneficiary]) -> bool:
    """Whether the person may open who these recipients are: each was registered, or written down, by an own body."""
    bodies = {body.pk for body in bodies_opening(user)}
    others = {one.pk for one in beneficiaries if one.registered_by_id not in bodies}
    if not bodies or not others:
        return bool(bodies)
    written = Identity.objects.filter(beneficiary__in=others, organisation__in=bodies).order_by()
    return written.values("beneficiary").distinct().count() == len(others)


def check_can_open_identities(user: Any, beneficiaries: Iterable[Beneficiary]) -> None:
    """Raise `NotPermitted` when one of the recipients was registered by a body that is not the person's own."""
    if not can_open_identities(user, beneficiaries):
        raise NotPermitted(_("Only the body that registered a recipient can open the name."))


def check_can_hand_out(user: Any, body: Organisation) -> None:
    """Raise `NotPermitted` when the person may not hand in the official sheets of a body, which carry names."""
    if body not in bodies_opening(user):
        raise NotPermitted(_("Only who opens the names of a body hands in its official sheets."))


def can_decide_pair(user: Any, programme_id: int, records: Iterable[int]) -> bool:
    """Whether the person may say if two records are one person: who leads the programme, or coordinates both."""
    permission = Permission.DECIDE_DUPLICATES
    ids = set(records)
    return reaches_programme(user, permission, programme_id) or (
        bool(network_ids_with(user, permission))
        and Beneficiary.objects.visible_to(user, permission).filter(pk__in=ids).count() == len(ids)
    )


def check_can_decide_pair(user: Any, programme_id: int, records: Iterable[int]) -> None:
    """Raise `NotPermitted` when the person may not say if two records are one person."""
    if not can_decide_pair(user, programme_id, records):
        raise NotPermitted(_("Only the coordinator of both recipients decides whether they are one person."))


def can_see_readings(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may see who read a recipient: the head of the body that registered it, and the officer."""
    permission = Permission.SEE_READINGS
    return reaches_programme(user, permission, beneficiary.programme_id) or any(
        body.pk == beneficiary.registered_by_id for body in organisations_with(user, permission)
    )


def check_can_see_readings(user: Any, beneficiary: Beneficiary) -> None:
    """Raise `NotPermitted` when the person may see the recipient but not who read it."""
    if not can_see_readings(user, beneficiary):
        raise NotPermitted(_("Only the head of the body and the data protection officer see who has read these data."))


def keepers_of(activity: Activity) -> set[int]:
    """Return the ids of the bodies that keep the register of an activity: the one that carries it out, its host."""
    return {body for body in (activity.organisation_id, activity.venue_id) if body is not None}


def can_follow(user: Any, activity: Activity) -> bool:
    """Whether the person follows people one by one in an activity: who keeps the registers of the body that carries it out.

    What was said to a person or a family is of nobody else: the body that hosts the activity and the coordinators read
    figures alone.
    """
    return can_keep_register(user, activity) and any(
        body.pk == activity.organisation_id for body in organisations_with(user, Permission.REGISTER_BENEFICIARIES)
    )


def check_can_follow(user: Any, activity: Activity) -> None:
    """Raise `NotPermitted` when the person may see the activity but not whom it follows."""
    if not can_follow(user, activity):
        raise NotPermitted(
            _("Only the body that carries out this activity reads and writes whom it follows; the others see figures.")
        )


def check_can_share(user: Any, organisation: Organisation) -> None:
    """Raise `NotPermitted` when the person may not let others read the names that a body wrote."""
    if organisation not in organisations_with(user, Permission.SHARE_IDENTITIES):
        raise NotPermitted(_("Only the body that registered the recipients decides who reads their names."))


def can_break_glass(user: Any, beneficiary: Beneficiary) -> bool:
    """Whether the person may open this name of another body in an exceptional case: who leads the programme."""
    return reaches_programme(user, Permission.BREAK_GLASS, beneficiary.programme_id)


def check_can_break_glass(user: Any, beneficiary: Beneficiary) -> None:
    """Raise `NotPermitted` when the person may not open a name exceptionally."""
    if not can_break_glass(user, beneficiary):
        raise NotPermitted(_("Only the Region opens a name exceptionally."))


def check_can_examine(user: Any, programme_id: int) -> None:
    """Raise `NotPermitted` when the person is not an officer of data protection of the programme."""
    if not reaches_programme(user, Permission.SEE_READINGS, programme_id):
        raise NotPermitted(_("Only the data protection officer examines the exceptional openings."))


def watches_programmes(user: Any) -> bool:
    """Whether the person sees the readings of whole programmes: the officers of data protection."""
    return any(
        membership.role_definition.scope == Scope.PROGRAMME
        and Permission.SEE_READINGS in membership.role_definition.permissions
        for membership in memberships_of(user)
    )


def sees_sharings(user: Any) -> bool:
    """Whether shared names concern the person: who shares, who keeps registers, who watches."""
    return (
        holds(user, Permission.SHARE_IDENTITIES) or holds(user, Permission.KEEP_REGISTERS) or watches_programmes(user)
    )
