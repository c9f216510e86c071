# SPDX-License-Identifier: EUPL-1.2
"""Rows of persons and households followed, of the contacts of desks, and of the figures of school paths."""

from accounts.permissions import Permission
from actions.enums import ActivityKind
from beneficiaries.models import DeskContact, Intervention, InterventionPerson, Support, SupportMember
from fami_portal.core.services import acting
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.beneficiaries import EnrolmentFactory
from tests.matrix import SIGNED_IN, On, Row, having
from tests.matrix.registers import BEGIN, DAY, WHERE, _both, _pk, _write
from tests.matrix.reporting import EVIDENCE, _programme
from tests.personas import World

# Who hosts an activity, and who coordinates it, reads whom it follows no more than anybody else.
FOLLOWS = having(Permission.KEEP_REGISTERS, Permission.REGISTER_BENEFICIARIES)


def prepare(world: World) -> None:
    """Let each of the three bodies follow a household, and count a contact at its desk."""
    for place, (body, network, programme) in WHERE.items():
        carried = {"network": world.networks[network], "organisation": world.bodies[body], "starts_on": BEGIN}
        for kind in (ActivityKind.SUPPORT, ActivityKind.DESK):
            activity_type = ActivityTypeFactory(action=world.actions[programme], kind=kind)
            world.objects[f"{kind.value}_{place}"] = ActivityFactory(activity_type=activity_type, **carried)
        _fill(world, place)


def _fill(world: World, place: str) -> None:
    operator = world.personas["partner_operator"]
    person = world.objects[f"beneficiary_{place}"]
    activity, desk = world.objects[f"support_{place}"], world.objects[f"desk_{place}"]
    with acting(None):
        support = Support.objects.create(activity=activity, kind="school_path", code="N-1", opened_on=DAY)
        enrolment = EnrolmentFactory(activity=activity, beneficiary=person, enrolled_on=DAY)
        member = SupportMember.objects.create(support=support, enrolment=enrolment, since=DAY)
        row = Intervention.objects.create(
            support=support, held_on=DAY, minutes=30, operator=operator, kind="interview", outcome="done"
        )
        InterventionPerson.objects.create(intervention=row, enrolment=enrolment)
        contact = DeskContact.objects.create(
            activity=desk,
            held_on=DAY,
            channel="phone",
            topics=["work"],
            outcome="informed",
            minutes=5,
            operator=operator,
        )
    world.objects |= {
        f"followed_{place}": support,
        f"follow_member_{place}": member,
        f"intervention_{place}": row,
        f"contact_{place}": contact,
    }


ROWS: list[Row] = [
    *_both("beneficiaries:supports", _write("support")),
    *_both("beneficiaries:support-new", _write("support")),
    *_both("beneficiaries:support", _write("followed")),
    *_both("beneficiaries:support-end", _write("followed")),
    Row("beneficiaries:support-reopen", _write("followed"), method="post"),
    *_both("beneficiaries:support-member", _write("followed")),
    *_both("beneficiaries:support-path", _write("followed")),
    *_both("beneficiaries:support-leave", _write("follow_member", _pk)),
    *_both("beneficiaries:intervention", _write("intervention")),
    *_both("beneficiaries:contacts", _write("desk")),
    *_both("beneficiaries:contact", _write("contact")),
    Row("beneficiaries:support-due", {"": On(FOLLOWS, SIGNED_IN - FOLLOWS)}),
    Row("reporting:school-paths", _programme(EVIDENCE)),
]
