# SPDX-License-Identifier: EUPL-1.2
"""Rows of activities, their meetings, contents and products, and of the registers of recipients."""

from datetime import date
from typing import Any

from accounts.permissions import Permission
from actions.enums import ActivityKind, MeetingState
from tests.factories.actions import (
    ActivityFactory,
    ActivityTypeFactory,
    CampaignFactory,
    CampaignMeasureFactory,
    DeliverableFactory,
    MeetingBodyFactory,
    MeetingFactory,
    ReachChannelFactory,
)
from tests.factories.beneficiaries import BeneficiaryFactory, EnrolmentFactory
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.personas import World

# Who sees what the cooperative of network n1 carries out, in its own rooms and in the school.
ABOVE = frozenset({"regional_coordinator", "technical_assistance", "auditor"})
OWN = ABOVE | {"network_coordinator", "partner_operator"}
HOSTED = OWN | {"teacher", "school_contact", "school_head"}
KEEPS = frozenset({"partner_operator"})
KEEPS_HOSTED = KEEPS | {"school_contact"}
# Who may read who is enrolled, by pseudonym.
READS = having(Permission.VIEW_BENEFICIARIES)
KEEPERS = having(Permission.KEEP_REGISTERS)

# After the quarters that the rows of reporting close: work still open there would hold their reports back.
BEGIN, DAY = date(2020, 1, 1), date(2020, 2, 4)
WHERE = {"own": ("coop_1", "n1", "a"), "sibling": ("coop_2", "n2", "a"), "foreign": ("coop_3", "n3", "b")}


def prepare(world: World) -> None:
    """Add an activity of each kind to three bodies, with one thing of each sort, and one lab held in the school."""
    for place, (body, network, programme) in WHERE.items():
        carried = {"network": world.networks[network], "organisation": world.bodies[body], "starts_on": BEGIN}
        action = world.actions[programme]
        for kind in (ActivityKind.INFORMATION_MEETING, ActivityKind.CAMPAIGN, ActivityKind.LAB):
            activity_type = ActivityTypeFactory(action=action, kind=kind)
            activity = ActivityFactory(activity_type=activity_type, **carried)
            world.objects[f"{kind.value}_{place}"] = activity
            _contents(world, place, kind, activity)
    lab = world.objects["lab_own"]
    hosted = ActivityFactory(
        activity_type=lab.activity_type,
        network=lab.network,
        organisation=lab.organisation,
        venue=world.bodies["school_1"],
        starts_on=BEGIN,
    )
    world.objects["lab_hosted"] = hosted
    _contents(world, "hosted", ActivityKind.LAB, hosted)


def _contents(world: World, place: str, kind: str, activity: Any) -> None:
    if kind == ActivityKind.CAMPAIGN:
        channel = ReachChannelFactory(programme=activity.programme)
        campaign = CampaignFactory(activity=activity, channel=channel, published_on=DAY)
        world.objects[f"content_{place}"] = campaign
        world.objects[f"measure_{place}"] = CampaignMeasureFactory(campaign=campaign, measured_on=DAY)
        world.objects[f"product_{place}"] = DeliverableFactory(activity=activity, delivered_on=DAY)
        return
    meeting = MeetingFactory(activity=activity, held_on=DAY, state=MeetingState.SCHEDULED)
    if kind == ActivityKind.INFORMATION_MEETING:
        world.objects[f"meeting_{place}"] = meeting
        MeetingBodyFactory(meeting=meeting, organisation=world.bodies["near"])
        return
    world.objects[f"lesson_{place}"] = meeting
    beneficiary = BeneficiaryFactory(programme=activity.programme, registered_by=activity.organisation)
    world.objects[f"beneficiary_{place}"] = beneficiary
    world.objects[f"enrolment_{place}"] = EnrolmentFactory(activity=activity, beneficiary=beneficiary, enrolled_on=DAY)


def _uuid(name: str) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid}


def _pk(name: str) -> Any:
    return lambda world, role: {"pk": world.objects[name].pk}


def _read(name: str, target: Any = _uuid) -> dict[str, On]:
    """A page that all who see the activity may open."""
    return {
        "own": On(OWN, target=target(f"{name}_own")),
        "sibling": On(ABOVE, target=target(f"{name}_sibling")),
        "foreign": On(NOBODY, target=target(f"{name}_foreign")),
    }


def _write(name: str, target: Any = _uuid) -> dict[str, On]:
    """A page for the body that keeps the register; the others who see the activity are refused."""
    return {
        "own": On(KEEPS, OWN - KEEPS, target=target(f"{name}_own")),
        "sibling": On(NOBODY, ABOVE, target=target(f"{name}_sibling")),
        "foreign": On(NOBODY, target=target(f"{name}_foreign")),
    }


def _both(url: str, places: dict[str, On]) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post")]


def _measure(place: str) -> Any:
    return lambda world, role: {
        "uuid": world.objects[f"content_{place}"].uuid,
        "pk": world.objects[f"measure_{place}"].pk,
    }


def _present(place: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"meeting_{place}"].uuid, "body": world.bodies["near"].uuid}


def _pair(target: Any) -> dict[str, On]:
    """Like `_write`, for addresses with two parameters."""
    return {
        "own": On(KEEPS, OWN - KEEPS, target=target("own")),
        "sibling": On(NOBODY, ABOVE, target=target("sibling")),
        "foreign": On(NOBODY, target=target("foreign")),
    }


def _register(name: str, target: Any = _uuid) -> dict[str, On]:
    """A page that names recipients by pseudonym: seeing the activity is not enough."""
    return {
        "own": On(OWN & READS, OWN - READS, target=target(f"{name}_own")),
        "hosted": On(HOSTED & READS, HOSTED - READS, target=target(f"{name}_hosted")),
        "sibling": On(ABOVE & READS, ABOVE - READS, target=target(f"{name}_sibling")),
        "foreign": On(NOBODY, target=target(f"{name}_foreign")),
    }


def _enrolling(name: str, target: Any = _uuid) -> dict[str, On]:
    """A page for those who enrol: the body that carries out the activity, and the school that hosts it."""
    return {
        "own": On(KEEPS, OWN - KEEPS, target=target(f"{name}_own")),
        "hosted": On(KEEPS_HOSTED, HOSTED - KEEPS_HOSTED, target=target(f"{name}_hosted")),
        "sibling": On(NOBODY, ABOVE, target=target(f"{name}_sibling")),
        "foreign": On(NOBODY, target=target(f"{name}_foreign")),
    }


def _recipient(allowed: frozenset[str], above: frozenset[str]) -> dict[str, On]:
    """A recipient: seen with the activity by those who may see recipients, changed by some of them."""
    seen = OWN & READS
    return {
        "own": On(allowed, seen - allowed, target=_uuid("beneficiary_own")),
        "sibling": On(above, (ABOVE & READS) - above, target=_uuid("beneficiary_sibling")),
        "foreign": On(NOBODY, target=_uuid("beneficiary_foreign")),
    }


MEETING_POST = {
    "own": On(KEEPS, OWN - KEEPS, target=_uuid("meeting_own")),
    "sibling": On(NOBODY, ABOVE, target=_uuid("meeting_sibling")),
    "foreign": On(NOBODY, target=_uuid("meeting_foreign")),
}
DECIDES = frozenset({"regional_coordinator"})
CSV = {"fmt": "csv"}

ROWS = [
    Row("actions:activity-list", {"": On(SIGNED_IN)}),
    Row("actions:activity-export", {"": On(SIGNED_IN, target=lambda world, role: CSV)}),
    *_both("actions:activity-create", {"": On(KEEPERS, SIGNED_IN - KEEPERS)}),
    Row(
        "actions:activity",
        _read("information_meeting")
        | {"hosted": On(HOSTED, target=_uuid("lab_hosted")), "contents": On(OWN, target=_uuid("campaign_own"))},
    ),
    *_both(
        "actions:activity-edit",
        _write("information_meeting") | {"hosted": On(KEEPS_HOSTED, HOSTED - KEEPS_HOSTED, target=_uuid("lab_hosted"))},
    ),
    *_both("actions:activity-copy", _write("information_meeting")),
    Row("actions:activity-start", _write("information_meeting"), method="post"),
    Row("actions:activity-conclude", _write("information_meeting"), method="post"),
    *_both("actions:activity-cancel", _write("information_meeting")),
    *_both("actions:activity-resume", _write("information_meeting")),
    *_both("actions:meeting-create", _write("information_meeting")),
    *_both("actions:campaign-create", _write("campaign")),
    *_both("actions:deliverable-create", _write("campaign")),
    Row("actions:meeting", _read("meeting")),
    *_both("actions:meeting-edit", _write("meeting")),
    *_both("actions:meeting-hold", _write("meeting")),
    *_both("actions:meeting-cancel", _write("meeting")),
    # Their forms are on the page of the meeting: a GET goes back there.
    Row("actions:meeting-body", _read("meeting")),
    Row("actions:meeting-body", MEETING_POST, method="post"),
    *_both("actions:meeting-association", _write("meeting")),
    Row("actions:meeting-body-remove", _pair(_present), method="post"),
    Row("actions:campaign", _read("content")),
    *_both("actions:campaign-edit", _write("content")),
    Row("actions:measure-create", _read("content")),
    Row("actions:measure-create", _write("content"), method="post"),
    *_both("actions:measure-edit", _pair(_measure)),
    Row("actions:deliverable", _read("product")),
    *_both("actions:deliverable-edit", _write("product")),
    Row("beneficiaries:register", _register("lab")),
    Row("beneficiaries:register", _enrolling("lab"), method="post"),
    Row("beneficiaries:register-cells", _enrolling("lab"), method="post"),
    *_both("beneficiaries:enrol", _enrolling("lab")),
    *_both("beneficiaries:enrol-new", _enrolling("lab")),
    *_both("beneficiaries:enrolment", _enrolling("enrolment", _pk)),
    *_both("beneficiaries:withdraw", _enrolling("enrolment", _pk)),
    Row("beneficiaries:withdrawal-cancel", _enrolling("enrolment", _pk), method="post"),
    Row("beneficiaries:beneficiary-list", {"": On(READS, SIGNED_IN - READS)}),
    Row("beneficiaries:beneficiary-export", {"": On(READS, SIGNED_IN - READS, target=lambda world, role: CSV)}),
    Row("beneficiaries:not-counted-list", {"": On(READS, SIGNED_IN - READS)}),
    Row("beneficiaries:not-counted-export", {"": On(READS, SIGNED_IN - READS, target=lambda world, role: CSV)}),
    Row("beneficiaries:beneficiary", _recipient(OWN & READS, ABOVE & READS)),
    *_both("beneficiaries:beneficiary-edit", _recipient(KEEPS, NOBODY)),
    *_both("beneficiaries:eligibility", _recipient(KEEPS | DECIDES | {"network_coordinator"}, DECIDES)),
]
assert READS < ALL
